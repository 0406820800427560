"""The same configuration with something else in it."""

from collections.abc import Mapping

import msgspec

from inspector.config.explain import words
from inspector.config.section import Name
from inspector.config.sources import FolderSource, LiveConfig, RecordingSource, SourceConfig, VideoSource
from inspector.config.station import Config, WireConfig
from inspector.config.words import source_words
from inspector.errors import ConfigError


def override(
    config: Config,
    source: SourceConfig | None = None,
    recipe: str | None = None,
    wire: WireConfig | None = None,
) -> Config:
    """The configuration with another source, recipe (as `--source` and `--recipe` ask for) or wire."""
    replace = msgspec.structs.replace
    if source is not None:
        config = replace(config, source=source)
    if wire is not None:
        config = replace(config, wire=wire)
    if recipe is not None:
        config = replace(config, scoring=replace(config.scoring, recipe=recipe))
    return config


def elsewhere(config: Config, endpoints: Mapping[str, str], name: str | None) -> Config:
    """The configuration of who looks at a station elsewhere: its endpoints, to connect to, and its name.

    Raises ConfigError for a name that is none.
    """
    replace = msgspec.structs.replace
    station = config.station
    if name is not None:
        try:
            station = replace(station, name=msgspec.convert(name, Name))
        except msgspec.ValidationError:
            raise ConfigError(f"the station's name is {name!r}; allowed: {words(Name)}") from None
    return replace(config, wire=replace(config.wire, **endpoints), station=station)


def unpaced(source: SourceConfig) -> SourceConfig:
    """A file read once, as fast as it can be; a camera as it is."""
    replace = msgspec.structs.replace
    if isinstance(source, LiveConfig):
        return source
    if isinstance(source, FolderSource):
        return replace(source, fps=0.0, loop=False)
    return replace(source, speed=0.0, loop=False)


def lossless(config: Config, speed: float) -> Config:
    """The configuration for a replay: footage once, every frame of it, however long judging takes.

    speed: 1 in real time, 2 twice as fast, 0 as fast as it can be judged; of a folder, pictures per second. Raises
    ConfigError for a camera.
    """
    replace = msgspec.structs.replace
    source = unpaced(config.source)
    if isinstance(source, FolderSource):
        source = replace(source, fps=speed)
    elif isinstance(source, VideoSource | RecordingSource):
        source = replace(source, speed=speed)
    else:
        raise ConfigError(f"{source_words(source)} cannot be replayed; give a recording, a video or a folder")
    line = replace(config.line, overflow="block", deadline_ms=None)
    return replace(config, source=source, line=line)
