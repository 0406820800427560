"""What holds for the tests of the line in this process."""

import pytest

from inspector.line import watch


@pytest.fixture(autouse=True)
def _a_busy_machine_freezes_nobody(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where many programs want the cores a thread may wait for seconds, and its pictures would be stale.

    test_watch.py is about that, in times of its own, and so is test_hangs.py, with a station in another process.
    """
    if request.path.name != "test_watch.py":
        monkeypatch.setattr(watch, "FROZEN_S", 60.0)
