"""What the programs print: named lines, and progress bars with the time left."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text


def say(console: Console, lines: Mapping[str, str]) -> None:
    """Print named lines, the names in a column of their own."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", style="bold cyan", min_width=10, no_wrap=True)
    grid.add_column()
    for name, text in lines.items():
        grid.add_row(name, Text(text))
    console.print(grid)


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """Gives a function to be called with what is being done, how much of it is done, and how much there is.

    The bars go to stderr; where that is no terminal, each thing is one line when it is finished.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:>16}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks = {}

        def show(what: str, done: int, whole: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=whole)
            bars.update(tasks[what], completed=done, total=whole)
            if done == whole and not console.is_terminal:
                console.print(f"{what}: {whole} done", highlight=False)

        yield show
