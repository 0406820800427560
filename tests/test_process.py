import signal
import subprocess
import sys

import pytest

from inspector.process import start

BOUND_S = 60.0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_while_a_program_still_imports_waits_until_it_can_be_answered(
    number: signal.Signals,
) -> None:
    """Sent at once, it comes long before the program's own first line."""
    program = "import sys; from inspector.process import Stop; stop = Stop(); sys.exit(stop.code(0))"
    process = start((sys.executable, "-c", program))
    process.send_signal(number)
    assert process.wait(BOUND_S) == 128 + number


def test_the_first_signal_gives_the_exit_code_unless_something_else_went_wrong() -> None:
    program = (
        "import os, signal, sys\n"
        "from inspector.process import Stop\n"
        "stop = Stop()\n"
        "assert stop.code(0) == 0\n"
        "os.kill(os.getpid(), signal.SIGTERM); os.kill(os.getpid(), signal.SIGINT)\n"
        "assert stop.wait(10)\n"
        "assert stop.code(70) == 70\n"
        "sys.exit(stop.code(0))"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=BOUND_S, check=False).returncode == 143


def test_a_program_whose_parent_died_before_it_could_ask_ends_at_once() -> None:
    program = "from inspector.process import die_with; die_with(1); print('it goes on')"
    done = subprocess.run([sys.executable, "-c", program], timeout=BOUND_S, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (143, b"")
