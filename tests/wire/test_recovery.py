import sys

import pytest

from inspector.wire.codec import RecoveryAnswer, RecoveryRequest, decode_recovery_answer
from inspector.wire.recovery import AGAIN_S, ANSWER_LIMIT, ATTEMPTS, HISTORY, UNSENT_S, Asking, GiveUp, History


def ask(history: History, first: int, last: int, run: str = "r1") -> tuple[RecoveryAnswer, list[bytes]]:
    header, *payloads = history.answer(RecoveryRequest(run=run, first=first, last=last))
    return decode_recovery_answer(header), payloads


def history_of(count: int) -> History:
    history = History("r1")
    for seq in range(1, count + 1):
        history.keep(seq, b"%d" % seq)
    return history


def test_it_answers_with_what_it_holds() -> None:
    answer, payloads = ask(history_of(5), 2, 4)
    assert (answer.first, answer.last, answer.lost) == (2, 4, ())
    assert payloads == [b"2", b"3", b"4"]


def test_it_holds_the_last_ten_thousand() -> None:
    answer, payloads = ask(history_of(HISTORY + 3), 1, 5)
    assert answer.lost == ((1, 3),)
    assert payloads == [b"4", b"5"]


def test_it_lets_go_of_what_is_older() -> None:
    history, payload = History("r1"), bytes(100)
    unheld = sys.getrefcount(payload)
    history.keep(1, payload)
    for seq in range(2, HISTORY + 1):
        history.keep(seq, b"")
    assert sys.getrefcount(payload) > unheld
    history.keep(HISTORY + 1, b"")
    assert sys.getrefcount(payload) == unheld


def test_an_answer_is_short_and_says_how_far_it_goes() -> None:
    answer, payloads = ask(history_of(1200), 101, 1200)
    assert (len(payloads), answer.last) == (ANSWER_LIMIT, 100 + ANSWER_LIMIT)
    assert payloads[-1] == b"%d" % answer.last
    assert answer.lost == ()


def test_a_million_lost_ones_cost_one_pair_and_do_not_shorten_the_answer() -> None:
    history = History("r1")
    for seq in range(1_000_000 - 3, 1_000_001):
        history.keep(seq, b"%d" % seq)
    answer, payloads = ask(history, 1, 1_000_000)
    assert answer.lost == ((1, 999_996),)
    assert len(payloads) == 4


def test_what_is_not_published_yet_is_not_lost() -> None:
    answer, payloads = ask(history_of(5), 4, 9)
    assert (answer.last, answer.lost, len(payloads)) == (5, (), 2)
    answer, payloads = ask(history_of(5), 8, 9)
    assert (answer.lost, payloads) == ((), [])


def test_of_another_run_all_is_lost() -> None:
    answer, payloads = ask(history_of(5), 2, 4, run="r0")
    assert (answer.run, answer.lost, payloads) == ("r0", ((2, 4),), [])


@pytest.mark.parametrize(("first", "last"), [(0, 3), (5, 4), (-1, 1)])
def test_a_request_is_a_range(first: int, last: int) -> None:
    with pytest.raises(ValueError, match=f"{first} to {last}"):
        RecoveryRequest(run="r1", first=first, last=last)


def test_it_asks_at_once_and_again_and_then_gives_up() -> None:
    asking, now, asked = Asking(), 100.0, 0
    while isinstance(step := asking.next("r1", (3, 7), now), RecoveryRequest):
        assert step == RecoveryRequest(run="r1", first=3, last=7)
        assert asking.next("r1", (3, 7), now) is None, "it waits for the answer"
        assert asking.wait_s(now, 60) == pytest.approx(AGAIN_S)
        now += AGAIN_S
        asked += 1
    assert asked == ATTEMPTS
    assert step == GiveUp("r1", 3, 7)


def test_when_something_came_it_asks_on_at_once() -> None:
    asking = Asking()
    asking.next("r1", (1, 900), 5.0)
    assert asking.next("r1", (501, 900), 5.01) == RecoveryRequest(run="r1", first=501, last=900)


def test_with_nothing_missing_there_is_nothing_to_wait_for() -> None:
    asking = Asking()
    asking.next("r1", (1, 1), 5.0)
    assert asking.next("r1", None, 5.0) is None
    assert asking.wait_s(5.0, 60) == 60


def test_what_could_not_be_sent_is_tried_again_soon_and_given_up_at_the_same_time() -> None:
    asking, now = Asking(), 100.0
    while isinstance(asking.next("r1", (3, 7), now), RecoveryRequest):
        asking.unsent(now)
        assert asking.wait_s(now, 60) == pytest.approx(UNSENT_S)
        now += UNSENT_S
    assert now - 100.0 == pytest.approx(ATTEMPTS * AGAIN_S, abs=2 * UNSENT_S)
