import io

from rich.console import Console

from inspector.plc.console import ConsoleOutput, described
from inspector.plc.decisions import Decision, Readiness
from tests.wire.samples import verdict

PASSED = Decision(result_id=1, run="r1", seq=1, parts=1, accept=True, cause="pass", verdict=verdict(1))
FAILED = Decision(
    result_id=2, run="r1", seq=2, parts=1, accept=False, cause="fail", verdict=verdict(2, "fail", part="B[17]")
)
LOST = Decision(result_id=3, run="r1", seq=3, parts=4, accept=False, cause="gap", verdict=None)


def shown(terminal: bool) -> str:
    text = io.StringIO()
    environment = {"TERM": "xterm-256color"}  # whatever the terminal is that the tests run in
    output = ConsoleOutput(
        Console(file=text, force_terminal=terminal, width=200, highlight=False, _environ=environment)
    )
    output.ready(Readiness(on=False, why="no station heard yet"))
    output.ready(Readiness(on=True))
    for decision in (PASSED, PASSED, FAILED, LOST):
        output.decide(decision)
    output.close()
    return text.getvalue()


def test_off_a_terminal_each_rejection_is_a_plain_line_and_a_pass_is_none() -> None:
    assert shown(terminal=False).splitlines() == [
        "READY off: no station heard yet",
        "READY on",
        "REJECT #2 part 2 (B[17]) of run r1: fail, score 31 of 20",
        "REJECT #3-6 parts 3 to 6 of run r1: gap (no verdict came in time)",
    ]


def test_on_a_terminal_the_lamp_shows_ready_and_the_last_decision() -> None:
    text = shown(terminal=True)
    assert "\x1b[" in text
    assert "● READY" in text
    assert "REJECT" in text
    assert "2 accepted, 5 rejected" in text


def test_a_part_that_was_not_inspected_says_why() -> None:
    late = Decision(
        result_id=9,
        run="r2",
        seq=1,
        parts=1,
        accept=False,
        cause="not_inspected.late",
        verdict=verdict(1, "not_inspected"),
    )
    assert described(late) == "#9 part 1 of run r2: not_inspected.late"
