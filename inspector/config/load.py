"""From the file to the configuration: strict, and every error in words."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from inspector.config.checks import checked
from inspector.config.explain import parsed
from inspector.config.plc import TrackedPlc
from inspector.config.sources import (
    CameraSource,
    FolderSource,
    GenicamSource,
    PylonSource,
    RecordingSource,
    SourceConfig,
    VideoSource,
)
from inspector.config.station import Config
from inspector.errors import ConfigError


def load(path: Path) -> Config:
    """The configuration in a file; relative paths in it are taken from the file's folder.

    Raises ConfigError, naming the file, the key's dotted path, its value and what is allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"no configuration at {path}; give one with -c FILE") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from error
    try:
        document = yaml.load(text, _UniqueKeys)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigError(f"{path}{line}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    try:
        return _rooted(checked(parsed(document)), path.resolve().parent)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def source_section(section: Mapping[str, Any]) -> SourceConfig:
    """The source that these keys describe, whose values may be text, as on a command line; raises ConfigError."""
    config = checked(parsed({"source": dict(section), "scoring": {"recipe": "none"}}, strict=False))
    source = config.source
    if isinstance(source, CameraSource) and str(source.device).isdecimal():
        source = msgspec.structs.replace(source, device=int(source.device))
    return source


def _rooted(config: Config, root: Path) -> Config:
    """The same with its relative paths taken from `root`."""
    replace = msgspec.structs.replace
    source, station = config.source, config.station
    match source:
        case VideoSource() | FolderSource() | RecordingSource():
            source = replace(source, path=str(root / source.path))
        case GenicamSource():
            source = replace(source, producer=str(root / source.producer))
        case PylonSource(pictures=str(pictures)):
            source = replace(source, pictures=str(root / pictures))
    if station.log_folder is not None:
        station = replace(station, log_folder=str(root / station.log_folder))
    station = replace(station, state_folder=str(root / station.state_folder))
    scoring = replace(config.scoring, recipe=str(root / config.scoring.recipe))
    wire = config.wire
    if wire.keys is not None:
        wire = replace(wire, keys=str(root / wire.keys))
    store = config.store and replace(config.store, folder=str(root / config.store.folder))
    plc = config.plc
    if isinstance(plc, TrackedPlc):
        recipes = tuple(replace(recipe, folder=str(root / recipe.folder)) for recipe in plc.recipes)
        plc = replace(plc, recipes=recipes, ledger=plc.ledger and str(root / plc.ledger))
    return replace(config, plc=plc, source=source, station=station, scoring=scoring, wire=wire, store=store)


class _UniqueKeys(yaml.SafeLoader):
    """YAML lets the second of two equal keys win in silence; here it is an error. All keys are text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                raise yaml.MarkedYAMLError(problem=f"{name} is given twice", problem_mark=key.start_mark)
            seen.add(name)
        return {str(key): value for key, value in super().construct_mapping(node, deep).items()}
