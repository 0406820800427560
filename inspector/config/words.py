"""The configuration said again: for people, for the log, and as it may stand in the file."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from inspector.config.plc import OpcUaPlc
from inspector.config.sources import CameraSource, GenicamSource, GigeSource, PylonSource, RtspSource, SourceConfig
from inspector.config.station import Config


def keys_of(source: SourceConfig) -> dict[str, Any]:
    """The `source` section that describes it, without what is as it would be anyway."""
    values = {field.name: (getattr(source, field.name), field.default) for field in msgspec.structs.fields(source)}
    changed = {key: value for key, (value, default) in values.items() if value != default}
    return {"type": source.__struct_config__.tag, **changed}


def yaml_line(key: str, section: Mapping[str, Any]) -> str:
    """A section as it may stand in the file, in one line."""
    text = yaml.safe_dump(dict(section), default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000)
    return f"{key}: {text.strip()}"


def source_words(source: SourceConfig) -> str:
    """The source in a few words."""
    match source:
        case CameraSource():
            return f"camera {source.device}"
        case RtspSource():
            return f"rtsp camera {without_password(source.url)}"
        case GenicamSource():
            return f"genicam camera {source.device or f'of {Path(source.producer).name}'}"
        case PylonSource():
            return f"pylon camera {source.address or source.serial or source.interface}"
        case GigeSource():
            return f"gige camera {source.address}"
        case _:
            return f"{source.__struct_config__.tag} {source.path}"


def without_password(url: str) -> str:
    """A URL that may be shown: `rtsp://user:***@host/…`."""
    return re.sub(r"(?<=://)([^/:@]*):[^/]*@", r"\1:***@", url)


def as_json(config: Config) -> str:
    """The whole configuration, defaults included, on one line; of a token or password only whether there is one."""
    replace, source, plc = msgspec.structs.replace, config.source, config.plc
    tokens = {key: "set" for key in ("view_token", "engineer_token") if getattr(config.viewer, key) is not None}
    config = replace(config, viewer=replace(config.viewer, **tokens))
    if isinstance(source, RtspSource):
        config = replace(config, source=replace(source, url=without_password(source.url)))
    if isinstance(plc, OpcUaPlc) and plc.password is not None:
        config = replace(config, plc=replace(plc, password="set"))
    return msgspec.json.encode(config).decode()
