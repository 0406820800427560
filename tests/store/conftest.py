"""What the store writes to, for tests of a disk that is full."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.needs import needs
from tools.benchmarks.small_disk import small_disk as mounted


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    with ExitStack() as stack:
        try:
            disk = stack.enter_context(mounted(tmp_path / "disk", 2))
        except PermissionError:
            needs(False, "the right to mount a small tmpfs")
            raise
        yield disk
