"""How a desk tool starts: an InspectorError is one line on stderr and its exit code, as at the line."""

import argparse
import sys
from collections.abc import Callable

from inspector.errors import InspectorError
from inspector.scoring.prepare import Rectangle


def run(main: Callable[[], None]) -> None:
    """Run a tool and exit."""
    try:
        main()
    except InspectorError as error:
        print(f"{sys.argv[0].rsplit('/', 1)[-1].removesuffix('.py')}: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def parser(module: str, doc: str | None) -> argparse.ArgumentParser:
    """A parser for `python -m <module>`, described by the module's docstring."""
    return argparse.ArgumentParser(
        prog=f"python -m {module}", description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def rectangle(text: str) -> Rectangle:
    """The type of an argument that is a part of a picture."""
    try:
        x, y, width, height = (int(number) for number in text.split(","))
    except ValueError:
        x = y = width = height = -1
    if min(x, y) < 0 or min(width, height) < 1:
        raise argparse.ArgumentTypeError(f"is {text!r}; it must be X,Y,WIDTH,HEIGHT in pixels, such as 100,50,640,480")
    return x, y, width, height
