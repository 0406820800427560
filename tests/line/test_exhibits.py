"""What becomes evidence: picture and verdict find each other in either order, bounded, loss counted."""

from itertools import pairwise

import numpy as np
import pytest

from inspector.line.decide import Judgement
from inspector.line.exhibits import PICTURES, VERDICTS, Exhibits, sampled
from inspector.line.overlay import Shown
from tests.fakes import ScriptedScorer
from tests.wire.samples import verdict

SCORER = ScriptedScorer()


def picture(seq: int) -> Shown:
    return Shown(seq=seq, part="", image=np.zeros((4, 4, 3), np.uint8), to_source=np.eye(2, 3, dtype=np.float32),
                 judgement=Judgement(outcome="fail", score=1.0), scorer=SCORER, scored=None)  # fmt: skip


def wanted(passes: float = 0.0) -> Exhibits:
    exhibits = Exhibits(passes)
    exhibits.wanted = True
    return exhibits


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 1.0])
def test_passes_are_sampled_evenly(share: float):
    kept = [seq for seq in range(1, 10_001) if sampled(seq, share)]
    assert len(kept) == round(10_000 * share)
    assert len(kept) < 2 or max(b - a for a, b in pairwise(kept)) <= 1 / share + 1


def test_rejects_are_evidence_passes_seldom_and_nothing_while_nobody_listens():
    exhibits = wanted()
    assert exhibits.wants(1, "fail")
    assert exhibits.wants(1, "not_inspected")
    assert not exhibits.wants(1, "pass")
    assert wanted(1.0).wants(1, "pass")
    exhibits.wanted = False
    assert not exhibits.wants(1, "fail")


@pytest.mark.parametrize("picture_first", [True, False])
def test_picture_and_verdict_find_each_other(picture_first: bool):
    exhibits = wanted()
    steps = [lambda: exhibits.picture(picture(2)), lambda: exhibits.verdict(verdict(2, "fail"))]
    for step in steps if picture_first else reversed(steps):
        assert exhibits.take() is None
        step()
    found = exhibits.take()
    assert found is not None
    assert (found[0].seq, found[1].seq) == (2, 2)
    assert exhibits.take() is None


def test_pictures_that_nobody_draws_are_dropped_and_that_is_said():
    exhibits = wanted()
    kept = [exhibits.picture(picture(seq)) for seq in range(1, PICTURES + 3)]
    assert kept == [True] * PICTURES + [False] * 2
    for seq in range(1, PICTURES + 3):
        exhibits.verdict(verdict(seq, "fail"))
    assert [found[0].seq for found in iter(exhibits.take, None)] == list(range(3, PICTURES + 3))


def test_verdicts_without_a_picture_do_not_pile_up():
    exhibits = wanted()
    for seq in range(1, 3 * VERDICTS):
        exhibits.verdict(verdict(seq, "not_inspected"))
    assert len(exhibits._verdicts) == VERDICTS  # noqa: SLF001  there is no other sign of it
