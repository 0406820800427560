"""How a desk tool starts: an InspectorError is one line on stderr and its exit code, as at the line."""

import argparse
import sys
from collections.abc import Callable

from inspector.errors import InspectorError


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
