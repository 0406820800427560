"""What the programs print: named lines, and progress bars with the time left."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text


class Terminal(Console):
    """Standard output, where a reader that has gone (`| head`, a closed window) stops no program.

    `is_interactive` only where this program has the terminal to itself, so that it may redraw lines: the programs
    beside a station write to the same one.
    """

    def __init__(self, soft_wrap: bool = False) -> None:
        super().__init__(highlight=False, soft_wrap=soft_wrap, force_interactive=None if _in_foreground() else False)

    def on_broken_pipe(self) -> None:
        """What is printed from now on is lost; rich would end the process here."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(console: Console, lines: Mapping[str, str]) -> None:
    """Print named lines: on a terminal the names in a column of their own, elsewhere one plain line each."""
    if not console.is_terminal:
        for name, text in lines.items():
            console.print(Text(f"{name}: {text}"), soft_wrap=True)
        return
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


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """Gives a function to be called with how many there are so far, from any thread; shown on a terminal only."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(what) as status:
        yield lambda count: status.update(f"{what}: {count}")


def _in_foreground() -> bool:
    try:
        return os.tcgetpgrp(sys.stdout.fileno()) == os.getpgrp()
    except (OSError, ValueError):  # no terminal, or not this session's
        return False
