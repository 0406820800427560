"""What the commands have in common: their options, and the configuration that comes of them."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from inspector.config import Config, load, lossless, override
from inspector.errors import ConfigError

DEFAULT_CONFIG: Final = "config.yaml"

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  it has no other name
Run: TypeAlias = Callable[[argparse.Namespace], int]


def command(commands: Commands, name: str, run: Run, says: str) -> argparse.ArgumentParser:
    """Add a command to `commands`: what it does, and the options that each has."""
    added = commands.add_parser(name, help=says, description=says)
    added.set_defaults(command=run)
    added.add_argument("-c", "--config", metavar="FILE", default=DEFAULT_CONFIG, help=f"default: {DEFAULT_CONFIG}")
    added.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    return added


def with_source(added: argparse.ArgumentParser) -> None:
    """Let a command take another source."""
    added.add_argument("--source", metavar="S", help="a camera's number or rtsp://…, a video, folder or recording")


def with_recipe(added: argparse.ArgumentParser) -> None:
    """Let a command take another recipe."""
    added.add_argument("--recipe", metavar="FOLDER", help="instead of the configured one")


def configuration(options: argparse.Namespace) -> Config:
    """The configuration with the command line's overrides."""
    config = load(Path(options.config))
    if getattr(options, "recipe", None) is not None:
        config = override(config, recipe=options.recipe)
    if getattr(options, "source", None) is not None:
        from inspector.sources.choose import source_from_argument

        config = override(config, source=source_from_argument(options.source))
    if getattr(options, "replay", None) is not None:
        config = lossless(config, options.replay)
    return config


def require_ports(config: Config, viewer: bool) -> None:
    """Raise ConfigError for a port that is in use, before anything starts."""
    from inspector.line.ports import require_free
    from inspector.viewer.listen import bind

    require_free(config.wire)
    if viewer:
        bind(config.viewer).close()


def require_folder(file: str | None) -> None:
    """Raise ConfigError before the work for what could not be written after it."""
    if file is not None and not Path(file).absolute().parent.is_dir():
        raise ConfigError(f"cannot write {file}: there is no folder {Path(file).parent}")


def write(path: Path, text: str) -> None:
    """Write a result; raises ConfigError where that is not possible."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error


def pair(text: str) -> tuple[str, str]:
    """KEY=VALUE."""
    key, equals, value = text.partition("=")
    if not (equals and key.isidentifier()):
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: KEY=VALUE, such as exposure_us=5000")
    return key, value


def rectangle(text: str) -> tuple[int, int, int, int]:
    """X,Y,WIDTH,HEIGHT in pixels."""
    numbers = [int(number) if number.strip().isdecimal() else -1 for number in text.split(",")]
    if len(numbers) != 4 or min(numbers) < 0 or 0 in numbers[2:]:
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: X,Y,WIDTH,HEIGHT in pixels, such as 100,50,640,480")
    x, y, width, height = numbers
    return x, y, width, height


def count(text: str) -> int:
    """A whole number, at least 1."""
    if not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: a whole number, at least 1")
    return int(text)


def numbers(text: str) -> frozenset[int]:
    """N,N: whole numbers, each at least 1."""
    parts = text.split(",")
    if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: numbers of parts from 1 on, such as 2,7")
    return frozenset(map(int, parts))


def not_negative(text: str) -> float:
    """A finite number, at least 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: a number, at least 0")
    return number
