"""Which writes bring a result to the PLC, and which acknowledgement counts."""

from inspector.plc.handshake import Handshake, Result
from inspector.plc.registers import Outcome, Values


def a_result(result_id: int) -> Result:
    return Result(result_id, Outcome.PASS, True, 12.5)


def after(image: dict[str, int | float], writes: list[Values]) -> dict[str, int | float]:
    for values in writes:
        image.update(values)
    return image


def test_a_result_stands_until_its_own_acknowledgement() -> None:
    handshake = Handshake()
    image = after({}, handshake.present(a_result(7), 0))
    assert (image["RESULT_VALID"], image["RESULT_ID"], image["OUTCOME"]) == (1, 7, Outcome.PASS)
    assert handshake.acknowledged(6) == []
    assert after(image, handshake.acknowledged(7))["RESULT_VALID"] == 0
    assert handshake.acknowledged(7) == [], "it is acknowledged once"


def test_an_acknowledgement_that_was_there_before_the_result_acknowledges_nothing() -> None:
    handshake = Handshake()
    image = after({}, handshake.present(a_result(7), ack=7))
    assert image["RESULT_VALID"] == 0
    assert (handshake.acknowledged(7), handshake.taken_back(7)) == ([], [])
    assert after(image, handshake.taken_back(0))["RESULT_VALID"] == 1
    assert handshake.taken_back(0) == []
    assert after(image, handshake.acknowledged(7))["RESULT_VALID"] == 0
    assert handshake.overruns == 0


def test_a_plc_that_never_takes_its_acknowledgement_back_loses_that_result_counted_and_no_other() -> None:
    handshake = Handshake()
    handshake.present(a_result(7), ack=7)
    image = after({}, handshake.present(a_result(8), ack=7))
    assert (image["RESULT_VALID"], image["RESULT_ID"], image["RESULT_OVERRUN"]) == (1, 8, 1)
    assert handshake.overruns == 1
    assert after(image, handshake.acknowledged(8))["RESULT_OVERRUN"] == 0


def test_a_new_connection_forgets_what_was_held_back() -> None:
    handshake = Handshake()
    handshake.present(a_result(7), ack=7)
    handshake.reconnected()
    assert handshake.taken_back(0) == []
    assert handshake.acknowledged(7) == []
