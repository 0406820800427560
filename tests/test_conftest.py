"""The leak check can fail: each kind of leak is tried, in a pytest of its own."""

from pathlib import Path

import pytest

LEAKS = """
import socket, subprocess, threading
import pytest

keep = []

def test_a_thread():
    release = threading.Event()
    keep.append(release)
    threading.Thread(target=release.wait, args=(60,), name="forgotten", daemon=True).start()

def test_a_process():
    keep.append(subprocess.Popen(["sleep", "60"]))

def test_a_socket():
    keep.append(socket.socket())

def test_that_ended_what_it_started():
    with socket.socket():
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
    subprocess.run(["true"], check=True)

def test_that_fails_is_told_nothing_more():
    keep.append(socket.socket())
    assert False

@pytest.fixture(scope="module")
def shared():
    with socket.socket() as one:
        yield one

def test_that_uses_what_outlives_it(shared):
    assert shared.fileno() >= 0

def test_the_end():
    keep[0].set()
    for each in keep[1:]:
        each.kill() if isinstance(each, subprocess.Popen) else each.close()
    keep[1].wait()
"""


def test_a_passing_test_that_leaves_something_running_fails(pytester: pytest.Pytester) -> None:
    conftest = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")
    pytester.makeconftest(conftest.replace("PATIENCE_S = 3.0", "PATIENCE_S = 0.1"))
    pytester.makepyfile(LEAKS)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-v")
    result.assert_outcomes(passed=6, failed=1, errors=3)
    result.stdout.fnmatch_lines_random(
        ["*left behind: thread forgotten*", "*left behind: process * (sleep 60)*", "*left behind: socket:*"]
    )
