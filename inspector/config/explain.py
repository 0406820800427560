"""From plain values to sections; what is wrong is named by its dotted path, its value and what is allowed."""

import difflib
import re
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import yaml

from inspector.config.section import Section
from inspector.config.station import Config
from inspector.errors import ConfigError


def parsed(document: Any, strict: bool = True) -> Config:
    """Turn msgspec's error into one that names the key's dotted path, its value and what is allowed."""
    if isinstance(document, dict) and isinstance(plc := document.get("plc"), dict) and plc.get("type", "") is None:
        document = {**document, "plc": {**plc, "type": "null"}}  # YAML reads a bare null as nothing
    try:
        return msgspec.convert(document, Config, strict=strict)
    except msgspec.ValidationError as error:
        text, _, place = str(error).partition(" - at `$")
        raise ConfigError(_explain(text, place.strip(".`"), document)) from None


def _explain(text: str, place: str, document: Any) -> str:
    keys = re.findall(r"[^.\[\]]+", place)
    kind, value = _at(keys, document)
    inner = f"{place}." if place else ""
    if named := re.match(r"Object contains unknown field `(.*)`$", text):
        allowed = _keys(_chosen(kind, value))
        near = difflib.get_close_matches(named[1], allowed, 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        told = f"{inner}{named[1]} is {_shown(value[named[1]])}, but there is no such key{hint}"
        return f"{told}; allowed: {', '.join(allowed)}"
    if named := re.match(r"Object missing required field `(.*)`$", text):
        return f"{inner}{named[1]} is missing; allowed: {words(_at([*keys, named[1]], document)[0])}"
    return f"{place or 'the file'} is {_shown(value)}; allowed: {words(kind)}"


def _at(keys: list[str], document: Any) -> tuple[Any, Any]:
    """The declared type and the value at a path."""
    kind: Any = Config
    value = document
    for key in keys:
        if key == "type":
            kind = Literal[tuple(_tags(kind))]
        else:
            kind = _chosen(kind, value)
            kind = get_type_hints(kind, include_extras=True)[key] if _is_section(kind) else get_args(kind)[0]
        value = value[int(key)] if isinstance(value, list) else value.get(key)
    return kind, value


def _chosen(kind: Any, value: Any) -> Any:
    """The member of a union of sections that the value's `type:` names; anything else unchanged."""
    tag = value.get("type") if isinstance(value, dict) else None
    return next((m for m in _members(kind) if _is_section(m) and m.__struct_config__.tag == tag), kind)


def words(kind: Any) -> str:
    """What a key takes, for people."""
    if get_origin(kind) is Annotated:
        base, meta = get_args(kind)
        if meta.description:
            return str(meta.description)
        bounds = {"at least": meta.ge, "above": meta.gt, "at most": meta.le}
        limits = [f"{word} {limit}" for word, limit in bounds.items() if limit is not None]
        return f"{words(base)}, {' and '.join(limits)}"
    if get_origin(kind) is Literal:
        return ", ".join(map(str, get_args(kind)))
    if get_origin(kind) is tuple:
        return f"a list of: {words(get_args(kind)[0])}"
    if _is_section(kind):
        return f"a section with the keys {', '.join(_keys(kind))}"
    members = _members(kind)
    if all(map(_is_section, members)):
        return f"a section with the key type ({', '.join(_tags(kind))}) and those of that type"
    plain = {bool: "true or false", int: "a whole number", float: "a number", str: "text", types.NoneType: "null"}
    return ", or ".join(plain.get(member) or words(member) for member in members)


def _members(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)


def _keys(section: Any) -> list[str]:
    config = section.__struct_config__
    return [name for name in (config.tag_field, *section.__struct_fields__) if name]


def _tags(kind: Any) -> list[str]:
    return [str(member.__struct_config__.tag) for member in _members(kind)]


def _shown(value: Any) -> str:
    """A value as it might stand in the file, on one line."""
    text = " ".join(yaml.safe_dump(value, default_flow_style=True, allow_unicode=True).removesuffix("...\n").split())
    return text if len(text) <= 60 else f"{text[:57]}..."
