"""The parts rejected last and their pictures."""

from inspector.viewer.rejects import Rejects
from inspector.viewer.shelf import Piece
from tests.viewer.stations import verdict


def listed(rejects: Rejects) -> list[tuple[str, int, int]]:
    return [(each.verdict.run, each.verdict.seq, each.parts) for each in rejects.newest_first()]


def test_the_newest_rejects_come_first_and_the_oldest_go() -> None:
    rejects = Rejects(room=2)
    for seq in (1, 2, 3):
        rejects.add(verdict(seq, "fail"))
    assert listed(rejects) == [("r1", 3, 1), ("r1", 2, 1)]


def test_a_flood_of_parts_not_inspected_pushes_no_defect_off() -> None:
    rejects = Rejects(room=2)
    rejects.add(verdict(1, "fail"))
    for seq in range(2, 102):
        rejects.add(verdict(seq, "not_inspected", reason="overrun"))
    assert listed(rejects) == [("r1", 101, 100), ("r1", 1, 1)]


def test_parts_not_inspected_for_other_reasons_stay_apart() -> None:
    rejects = Rejects()
    rejects.add(verdict(1, "not_inspected", reason="late"))
    rejects.add(verdict(2, "not_inspected", reason="camera"))
    assert listed(rejects) == [("r1", 2, 1), ("r1", 1, 1)]


def test_a_recovered_reject_finds_its_place() -> None:
    rejects = Rejects()
    for seq in (3, 9, 5):
        rejects.add(verdict(seq, "fail"))
    assert listed(rejects) == [("r1", 9, 1), ("r1", 5, 1), ("r1", 3, 1)]


def test_the_rejects_of_an_earlier_run_stay_and_come_after() -> None:
    rejects = Rejects()
    rejects.add(verdict(70, "fail", run="r1"))
    rejects.new_run()
    rejects.add(verdict(1, "fail", run="r2"))
    assert listed(rejects) == [("r2", 1, 1), ("r1", 70, 1)]


def test_a_part_contradicted_is_listed_once() -> None:
    rejects = Rejects()
    rejects.add(verdict(1, "not_inspected"))
    rejects.add(verdict(1, "fail"))
    assert [each.verdict.outcome for each in rejects.newest_first()] == ["fail"]


def test_only_the_newest_pictures_are_kept() -> None:
    rejects = Rejects(room=2)
    for seq in (1, 2, 3):
        rejects.keep("r1", seq, Piece(packet=bytes([seq])))
    kept = [rejects.piece("r1", seq) for seq in (1, 2, 3)]
    assert [piece and piece.packet for piece in kept] == [None, b"\2", b"\3"]
    assert rejects.piece("r2", 3) is None
