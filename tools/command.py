"""How a desk tool starts: an InspectorError is one line on stderr and its exit code, as at the line."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from inspector.errors import ConfigError, InspectorError, unwritable
from inspector.scoring.prepare import Rectangle


def run(main: Callable[[], None]) -> None:
    """Run a tool and exit."""
    try:
        main()
    except InspectorError as error:
        print(f"{_name()}: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:  # of a file that is written: reading has errors of its own
        print(f"{_name()}: {unwritable(error)}", file=sys.stderr)
        sys.exit(ConfigError.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """Write a file or folder meanwhile. Raises ConfigError that names it where that fails; a full disk names none."""
    try:
        yield
    except OSError as error:
        raise ConfigError(f"cannot write {file}: {error.strerror or error}") from error


def make_room(*files: Path | None) -> None:
    """Make the folders that files will be written to, before minutes of work rather than after them.

    Raises ConfigError for a file that cannot be written there.
    """
    for file in files:
        if file is None:
            continue
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"cannot write {file}: there can be no folder {file.parent} ({error.strerror})") from None
        if not os.access(file.parent, os.W_OK):
            raise ConfigError(f"cannot write {file}: the folder {file.parent} may not be written to")


def _name() -> str:
    return sys.argv[0].rsplit("/", 1)[-1].removesuffix(".py")


def parser(module: str, doc: str | None) -> argparse.ArgumentParser:
    """A parser for `python -m <module>`, described by the module's docstring."""
    return argparse.ArgumentParser(
        prog=f"python -m {module}", description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def with_data(
    add: argparse._ActionsContainer, kinds: str = "MVTec AD's layout, a recording, or a folder of good pictures"
) -> None:
    """Add `--data DIR`, the pictures to work on; kinds: what the folder may be."""
    default = Path("recordings/flange")
    add.add_argument("--data", type=Path, default=default, metavar="DIR", help=f"{kinds}; default: {default}")


def rectangle(text: str) -> Rectangle:
    """The type of an argument that is a part of a picture."""
    try:
        x, y, width, height = (int(number) for number in text.split(","))
    except ValueError:
        x = y = width = height = -1
    if min(x, y) < 0 or min(width, height) < 1:
        raise argparse.ArgumentTypeError(f"is {text!r}; it must be X,Y,WIDTH,HEIGHT in pixels, such as 100,50,640,480")
    return x, y, width, height
