"""What a browser is sent."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from inspector.messages import Evidence, Scene, Verdict
from inspector.viewer.live import About, Cursor, Live
from inspector.wire.codec import decode_overlay, encode_overlay
from inspector.wire.received import Contradiction, Gap, HealthReceived, NewRun, Received, VerdictReceived
from tests.viewer.stations import overlay, verdict
from tests.wire.samples import health

ABOUT = About(version="1", station="line1", endpoint="tcp://127.0.0.1:5550", deadline_ms=40.0)


def live(*received: Received, now: float = 100.0) -> Live:
    state = Live(ABOUT)
    state.hear([NewRun(run="r1", previous=None), *received], now)
    return state


def judged(*verdicts: Verdict, recovered: bool = False) -> Iterable[VerdictReceived]:
    return [VerdictReceived(verdict=each, recovered=recovered) for each in verdicts]


def update(state: Live, cursor: Cursor, now: float = 100.0) -> tuple[dict[str, Any], Cursor]:
    """What that browser is told, which must be JSON, and where it then stands."""
    news = state.news(cursor, now)
    assert news is not None
    assert news.update is not None
    decoded: dict[str, Any] = json.loads(json.dumps(news.update, allow_nan=False))
    return decoded, news.cursor


def test_a_browser_that_comes_late_gets_the_whole_picture() -> None:
    state = live(HealthReceived(health=health(2)), *judged(verdict(1), verdict(2, "fail", part="<b>")))
    packet = overlay(2, "fail")
    state.see(packet)
    news = state.news(Cursor(), 100.5)
    assert news is not None
    assert news.update is not None
    assert news.picture == encode_overlay(packet)
    told = news.update
    assert told["about"] == {"version": "1", "station": "line1", "endpoint": "tcp://127.0.0.1:5550",
                             "deadline_ms": 40, "changes": False}  # fmt: skip
    assert [row["seq"] for row in told["trend"]] == [1, 2]
    assert [(row["seq"], row["part"], row["picture"]) for row in told["rejects"]] == [(2, "<b>", True)]
    assert told["status"]["counts"] == {"pass": 2}
    assert told["status"]["age_ms"] == 500
    assert state.news(news.cursor, 100.5) is None


def test_a_browser_that_lags_gets_verdicts_in_one_batch_and_the_newest_picture_only() -> None:
    state = live(*judged(verdict(1)))
    _, cursor = update(state, Cursor())
    for seq in range(2, 12):
        state.hear(judged(verdict(seq)), 100.0)
        state.see(overlay(seq, "pass"))
    news = state.news(cursor, 100.0)
    assert news is not None
    assert news.update is not None
    assert news.picture is not None
    assert [row["seq"] for row in news.update["verdicts"]] == list(range(2, 12))
    assert decode_overlay(news.picture).seq == 11
    assert state.news(news.cursor, 100.0) is None


def test_a_preview_never_displaces_a_part_that_a_browser_has_not_seen() -> None:
    state = live()
    _, cursor = update(state, Cursor())
    state.see(overlay(1, "pass"))
    state.see(overlay(None))
    kinds = []
    while news := state.news(cursor, 100.0):
        assert news.picture is not None
        kinds.append(decode_overlay(news.picture).kind)
        cursor = news.cursor
    assert kinds == ["part", "preview"]


def test_a_part_makes_older_previews_worthless() -> None:
    state = live()
    _, cursor = update(state, Cursor())
    state.see(overlay(None))
    state.see(overlay(1, "pass"))
    news = state.news(cursor, 100.0)
    assert news is not None
    assert state.news(news.cursor, 100.0) is None


def test_beside_the_belt_a_part_takes_the_place_of_no_preview() -> None:
    state = live()
    _, cursor = update(state, Cursor())
    state.see(replace(overlay(None), scene=Scene(line=80.0, travel="horizontal", parts=())))
    state.see(overlay(1, "pass"))
    kinds = []
    while news := state.news(cursor, 100.0):
        assert news.picture is not None
        kinds.append(decode_overlay(news.picture).kind)
        cursor = news.cursor
    assert kinds == ["part", "preview"]


def test_the_picture_of_a_reject_is_told_of_when_it_comes_before_and_when_after_its_verdict() -> None:
    state = live()
    state.see(overlay(1, "fail"))
    state.hear(judged(verdict(1, "fail"), verdict(2, "fail")), 100.0)
    told, cursor = update(state, Cursor())
    assert [(row["seq"], row["picture"]) for row in told["rejects"]] == [(2, False), (1, True)]
    state.see(overlay(2, "fail"))
    told, _ = update(state, cursor)
    assert [(row["seq"], row["picture"]) for row in told["rejects"]] == [(2, True), (1, True)]


def test_the_picture_of_a_pass_is_kept_only_where_a_lower_threshold_might_have_rejected_it() -> None:
    state = live()
    state.see(replace(overlay(1, "pass"), score=14.0))
    state.see(replace(overlay(2, "pass"), score=16.0))
    assert state.piece("r1", 1) is None
    assert state.piece("r1", 2) is not None


def test_evidence_brings_the_nearest_good_patch_and_no_later_picture_takes_it_away() -> None:
    state = live()
    shown = overlay(1, "fail")
    state.see(shown)
    nearest = b"\xff\xd8good"
    state.prove(Evidence(verdict=verdict(1, "fail"), overlay=shown, nearest=nearest, suspect_box=(1.0, 2.0, 3.0, 4.0)))
    state.see(shown)
    piece = state.piece("r1", 1)
    assert piece is not None
    assert piece.nearest is not None
    assert (piece.nearest.jpeg, piece.nearest.suspect_box) == (nearest, (1.0, 2.0, 3.0, 4.0))


def test_another_stations_pictures_are_ignored() -> None:
    state = live()
    state.see(replace(overlay(1, "fail"), station="line2"))
    news = state.news(Cursor(), 100.0)
    assert news is not None
    assert news.picture is None
    assert state.piece("r1", 1) is None


def test_silence_shows_as_the_age_of_the_last_heartbeat_whatever_else_comes() -> None:
    state = live(HealthReceived(health=health(1)), now=100.0)
    state.hear(judged(verdict(2)), 104.0)
    told, _ = update(state, Cursor(), now=105.0)
    assert told["status"]["age_ms"] == 5000


def test_a_station_never_heard_has_no_age() -> None:
    told, _ = update(Live(ABOUT), Cursor())
    assert told["status"]["age_ms"] is None
    assert told["status"]["run"] is None


def test_the_state_keeps_its_beginning_over_heartbeats() -> None:
    state = live(HealthReceived(health=health(1, state="not_ready")), now=100.0)
    state.hear([HealthReceived(health=health(1, state="not_ready"))], 103.0)
    told, _ = update(state, Cursor(), now=103.5)
    assert (told["status"]["state"], told["status"]["state_ms"]) == ("not_ready", 3500)
    assert told["status"]["reasons"] == ["camera unplugged"]


def test_what_was_published_before_we_listened_is_not_just_judged() -> None:
    state = live(HealthReceived(health=health(7)), *judged(verdict(6), verdict(7), recovered=True))
    told, cursor = update(state, Cursor())
    assert [row["seq"] for row in told["trend"]] == [6, 7]
    assert told["judged_ms"] is None
    state.hear(judged(verdict(8), recovered=True), 101.0)  # lost on its way since then: news, though late
    told, _ = update(state, cursor, now=101.5)
    assert told["judged_ms"] == 500


def test_a_new_run_begins_anew_and_keeps_the_rejects() -> None:
    state = live(HealthReceived(health=health(1)), *judged(verdict(1, "fail")))
    state.see(overlay(1, "fail"))
    _, cursor = update(state, Cursor())
    state.hear([NewRun(run="r2", previous="r1")], 101.0)
    told, _ = update(state, cursor, now=101.0)
    assert told["trend"] == []
    assert (told["status"]["run"], told["status"]["age_ms"]) == ("r2", None)
    assert "rejects" not in told
    assert state.piece("r1", 1) is not None


def test_the_verdict_that_stands_takes_the_place_of_the_refused_one() -> None:
    state = live(*judged(verdict(1, "pass")))
    _, cursor = update(state, Cursor())
    state.hear([Contradiction(stands=verdict(1, "fail"), refused=verdict(1, "pass")),
                HealthReceived(health=health(1))], 100.0)  # fmt: skip
    told, _ = update(state, cursor)
    assert [row["outcome"] for row in told["trend"]] == ["fail"]
    assert [row["seq"] for row in told["rejects"]] == [1]
    assert told["status"]["contradictions"] == 1


def test_verdicts_lost_for_good_are_counted() -> None:
    state = live(HealthReceived(health=health(2)), Gap(run="r1", first=3, last=5), HealthReceived(health=health(5)))
    told, _ = update(state, Cursor())
    assert told["status"]["lost"] == 3


def test_what_the_station_no_longer_holds_when_we_come_is_no_loss() -> None:
    state = live(HealthReceived(health=health(90)), Gap(run="r1", first=1, last=60), Gap(run="r1", first=90, last=91),
                 HealthReceived(health=health(91)))  # fmt: skip
    told, _ = update(state, Cursor())
    assert told["status"]["lost"] == 1
