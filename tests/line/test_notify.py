"""The life sign, on real sockets: heard, missed, and not missed for reasons of the listener's own."""

import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from inspector.line import notify
from inspector.line.notify import Listener, Notifier


@pytest.fixture
def listener() -> Iterator[Listener]:
    with closing(Listener()) as listening:
        yield listening


@pytest.fixture
def notifier(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notifier]:
    monkeypatch.setenv("NOTIFY_SOCKET", listener.environment["NOTIFY_SOCKET"])
    with closing(Notifier()) as notifying:
        yield notifying


def test_silence_counts_from_the_last_word(listener: Listener, notifier: Notifier):
    assert listener.silent_s() == 0, "nothing was said yet: it is starting"
    notifier.say("WATCHDOG=1")
    assert listener.silent_s() == 0
    time.sleep(0.03)
    assert 0.03 <= listener.silent_s() < 10
    notifier.say("WATCHDOG=1")
    assert listener.silent_s() == 0


def test_a_program_started_anew_has_not_been_silent(listener: Listener, notifier: Notifier):
    notifier.say("WATCHDOG=1")
    listener.silent_s()
    notifier.say("WATCHDOG=1")  # a last word of the one before
    listener.restart()
    time.sleep(0.01)
    assert listener.silent_s() == 0


def test_a_listener_that_was_frozen_itself_counts_anew(
    listener: Listener, notifier: Notifier, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(notify, "GRACE_S", 0.02)
    notifier.say("WATCHDOG=1")
    listener.silent_s()
    time.sleep(0.05)
    assert listener.silent_s() == 0


def test_who_is_supervised_by_nobody_says_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    Notifier().say("WATCHDOG=1")


def test_a_listener_that_does_not_read_or_is_gone_holds_nobody_up(listener: Listener, notifier: Notifier):
    began = time.monotonic()
    for _ in range(5000):
        notifier.say("WATCHDOG=1")
    listener.close()
    notifier.say("WATCHDOG=1")
    assert time.monotonic() - began < 5
