"""Commands to a running line: carried out at a part boundary, answered, told; never on the verdict path."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import zmq

from inspector.config import SoftwareTrigger
from inspector.errors import RecipeError, SourceError
from inspector.line import station as station_module
from inspector.line.orders import UNDER_WAY
from inspector.messages import (
    Acknowledge,
    Command,
    Evidence,
    Frame,
    Mark,
    Part,
    Reply,
    ReportLogHead,
    SetRecipe,
    SetThreshold,
    Start,
    Stop,
    TakeBack,
    TriggerPart,
)
from inspector.scoring.recipe import Threshold, load_recipe, save_threshold
from inspector.triggers import Requests
from inspector.wire.codec import decode_reply, encode_command
from inspector.wire.command import CommandClient
from inspector.wire.evidence import EvidenceSubscriber
from tests.fakes import ScriptedScorer, ScriptedSource, frame
from tests.line.lines import PATIENCE_S, Heard, Line
from tests.washers import fit_small

WHO = {"station": "line1", "by": "anna", "why": "a test"}
GOOD, BAD = 50, 150


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_small(tmp_path_factory.mktemp("recipes") / "washer").recipe.folder


@pytest.fixture
def line(tmp_path: Path, fitted: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    """Its recipes are real, on disk; its scorers are scripted, with the recipe's own threshold and id."""
    line = Line(tmp_path)
    line.recipe = Path(shutil.copytree(fitted, tmp_path / "recipe"))
    save_threshold(load_recipe(line.recipe), Threshold(value=100.0, rule="by_hand", basis="a test"))
    monkeypatch.setattr(station_module, "open_scorer", lambda config, like=None: scorer_of(Path(config.recipe)))
    return line


def scorer_of(folder: Path, score: Callable[[Part], float] | None = None) -> ScriptedScorer:
    recipe = load_recipe(folder)
    given = {} if score is None else {"score": score}
    return ScriptedScorer(**given, threshold=recipe.threshold.value, recipe_id=recipe.id)


def during(line: Line, script: Callable[[Callable[[Command], Reply]], Iterator[Frame]], **more: object) -> None:
    """Run the line on a script that gives commands between its frames."""

    def frames() -> Iterator[Frame]:
        with closing(CommandClient(line.wire, "line1")) as client:
            yield from script(lambda command: client.ask(command, PATIENCE_S))

    source = ScriptedSource(frames(), live=True)
    scorer = more.pop("scorer", None) or scorer_of(line.recipe)
    line.run(source, scorer, **more)  # type: ignore[arg-type]


def test_a_threshold_holds_from_the_next_part_on_and_every_verdict_names_its_recipe(line: Line):
    before = load_recipe(line.recipe).id

    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        yield frame(BAD)
        line.heard.wait_for_verdict(1)
        reply = ask(SetThreshold(**WHO, value=200.0))
        assert reply.done
        assert reply.detail.startswith("the threshold is 200 (it was 100), the recipe ")
        yield frame(BAD)

    during(line, script)
    first, second = line.heard.verdicts
    assert (first.outcome, first.threshold, first.recipe) == ("fail", 100.0, before)
    assert (second.outcome, second.threshold) == ("pass", 200.0)
    assert second.recipe not in ("", before)
    [event] = [event for event in line.heard.events if event.kind == "threshold"]
    assert event.facts == {"by": "anna", "why": "a test", "threshold": "200.0", "recipe": second.recipe,
                           "threshold_before": "100.0", "recipe_before": before}  # fmt: skip
    assert event.detail.endswith("; by anna (a test)")
    assert load_recipe(line.recipe).id == before, "the configured recipe was written to"


def test_parts_already_in_the_ring_keep_the_recipe_they_were_taken_under(line: Line):
    entered, go_on = threading.Event(), threading.Event()

    def slow(part: Part) -> float:
        if part.seq == 1:
            entered.set()
            assert go_on.wait(PATIENCE_S)
        return float(part.image[0, 0, 0])

    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        for _ in range(3):
            yield frame(BAD)
        assert entered.wait(PATIENCE_S)
        assert ask(SetThreshold(**WHO, value=200.0)).done
        yield frame(BAD)
        go_on.set()

    during(line, script, scorer=scorer_of(line.recipe, slow))
    assert line.heard.outcomes == ["fail", "fail", "fail", "pass"]
    assert [v.threshold for v in line.heard.verdicts] == [100.0, 100.0, 100.0, 200.0]


def test_a_change_is_in_force_in_the_next_run_and_can_be_taken_back(line: Line, tmp_path: Path):
    def change(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        assert ask(SetThreshold(**WHO, value=200.0)).done
        assert ask(SetThreshold(**WHO, value=300.0)).done
        yield frame(BAD)

    during(line, change)
    again = Line(tmp_path)
    again.recipe = line.recipe

    def take_back(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        yield frame(BAD)
        for _ in range(2):
            assert ask(TakeBack(**WHO)).done
            yield frame(BAD)
        assert ask(TakeBack(**WHO)) == Reply(
            done=False, detail="there is no change to take back: the configured recipe is in force"
        )

    in_force = station_module.with_recipe_in_force(again.config()).scoring.recipe
    during(again, take_back, scorer=scorer_of(Path(in_force)))
    assert [v.threshold for v in again.heard.verdicts] == [300.0, 200.0, 100.0]
    assert again.heard.verdicts[-1].recipe == load_recipe(line.recipe).id
    assert [kind for event in again.heard.events if (kind := event.kind) != "state"] == ["take_back"] * 2 + ["refused"]


def test_another_recipe_is_loaded_beside_the_line_while_parts_go_on(line: Line, monkeypatch: pytest.MonkeyPatch):
    other = Path(shutil.copytree(line.recipe, line.recipe.parent / "other"))
    save_threshold(load_recipe(other), Threshold(value=10.0, rule="by_hand", basis="another"))
    loading, loaded = threading.Event(), threading.Event()

    def slowly(config: object, like: object = None) -> ScriptedScorer:
        loading.set()
        assert loaded.wait(PATIENCE_S)
        return scorer_of(Path(config.recipe))  # type: ignore[attr-defined]

    monkeypatch.setattr(station_module, "open_scorer", slowly)
    replies: list[Reply] = []

    def set_recipe() -> None:
        with closing(CommandClient(line.wire, "line1")) as client:
            replies.append(client.ask(SetRecipe(**WHO, recipe=str(other)), PATIENCE_S))

    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        asking = threading.Thread(target=set_recipe)
        asking.start()
        assert loading.wait(PATIENCE_S)
        yield frame(GOOD)
        line.heard.wait_for_verdict(1)
        assert ask(Mark(**WHO, run=line.heard.verdicts[0].run, seq=1, mark="confirmed")).done, "others need not wait"
        loaded.set()
        asking.join(PATIENCE_S)
        yield frame(GOOD)

    during(line, script)
    assert [v.outcome for v in line.heard.verdicts] == ["pass", "fail"]
    assert line.heard.verdicts[1].recipe == load_recipe(other).id
    assert replies[0].done


def test_changes_that_come_faster_than_they_can_be_made_are_refused(line: Line, monkeypatch: pytest.MonkeyPatch):
    loaded = threading.Event()

    def slowly(config: object, like: object = None) -> ScriptedScorer:
        assert loaded.wait(PATIENCE_S)
        return scorer_of(Path(config.recipe))  # type: ignore[attr-defined]

    monkeypatch.setattr(station_module, "open_scorer", slowly)
    replies: list[Reply] = []

    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        context = zmq.Context()
        client = context.socket(zmq.DEALER)
        client.connect(line.wire.commands)
        for number in range(UNDER_WAY + 1):
            client.send(encode_command(SetThreshold(**WHO, value=20.0 + number)))
        while len(replies) <= UNDER_WAY:
            assert client.poll(PATIENCE_S * 1000)
            replies.append(decode_reply(client.recv()))
            loaded.set()
        context.destroy(linger=0)
        yield frame(GOOD)

    during(line, script)
    assert [reply.done for reply in replies] == [False] + [True] * UNDER_WAY
    assert "changes are under way" in replies[0].detail
    assert line.heard.verdicts[0].threshold == 20.0 + UNDER_WAY - 1


@pytest.mark.parametrize("trouble", ["missing", "size", "large", "runtime"])
def test_a_recipe_that_cannot_be_used_changes_nothing(line: Line, trouble: str, monkeypatch: pytest.MonkeyPatch):
    def fail(config: object, like: object = None) -> ScriptedScorer:
        if trouble == "runtime":
            raise RuntimeError("out of memory")
        return ScriptedScorer(frame_size={"size": (64, 48), "large": (9000, 9000)}.get(trouble))

    if trouble != "missing":
        monkeypatch.setattr(station_module, "open_scorer", fail)
    folder = line.recipe.parent / "none" if trouble == "missing" else line.recipe

    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        reply = ask(SetRecipe(**WHO, recipe=str(folder)))
        assert not reply.done
        assert {"missing": "no recipe at", "size": "expects pictures of 64 × 48, the one in force 40 × 32",
                "large": "9000 × 9000", "runtime": "RuntimeError: out of memory"}[trouble] in reply.detail  # fmt: skip
        yield frame(GOOD)

    during(line, script)
    [verdict] = line.heard.verdicts
    assert (verdict.outcome, verdict.recipe) == ("pass", load_recipe(line.recipe).id)
    assert [event.kind for event in line.heard.events if event.kind != "state"] == ["refused"]
    assert station_module.with_recipe_in_force(line.config()).scoring.recipe == str(line.recipe)


def test_a_stopped_line_takes_no_parts_says_so_and_goes_on_when_started(line: Line):
    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        yield frame(GOOD)
        assert ask(Stop(**WHO)).done
        for _ in range(5):
            yield frame(BAD)
        line.heard.wait_for(lambda: any(health.state == "not_ready" for health in line.heard.healths))
        assert ask(Start(**WHO)).done
        yield frame(GOOD)

    during(line, script)
    assert line.heard.outcomes == ["pass", "pass"]
    stopped = next(health for health in line.heard.healths if health.state == "not_ready")
    assert stopped.reasons == ("stopped by anna (a test)",)
    kinds = [(event.kind, event.detail) for event in line.heard.events]
    assert [kind for kind, _ in kinds if kind in ("stop", "start")] == ["stop", "start"]


def test_a_line_that_breaks_while_it_is_stopped_starts_again_stopped_until_it_is_told_to_start(line: Line):
    def breaks(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        assert ask(Stop(**WHO)).detail == "takes no parts until told to start"
        raise SourceError("the camera's cable burnt")

    def goes_on(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        for _ in range(5):
            yield frame(BAD)
        line.heard.wait_for_state("not_ready")
        assert ask(Start(**WHO)).done
        yield frame(GOOD)

    for _ in range(2):  # and once more: what it says does not grow
        with pytest.raises(SourceError):
            during(line, breaks)
    line.heard = Heard()
    during(line, goes_on)
    assert line.heard.outcomes == ["pass"]
    reasons = ("stopped by anna (a test), before a fault ended the station; start takes parts again",)
    assert next(health for health in line.heard.healths if health.state == "not_ready").reasons == reasons
    line.heard = Heard()
    line.run(ScriptedSource([frame(GOOD)], live=True))
    assert line.heard.outcomes == ["pass"], "it was started"


def test_a_line_that_ended_in_good_order_takes_parts_when_it_is_started_again(line: Line):
    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        assert ask(Stop(**WHO)).done
        yield frame(BAD)

    during(line, script)
    assert line.heard.outcomes == []
    line.heard = Heard()
    line.run(ScriptedSource([frame(GOOD)], live=True))
    assert line.heard.outcomes == ["pass"]


def test_a_stop_that_cannot_be_kept_holds_all_the_same_and_says_so(line: Line):
    (line.folder / "state").write_text("in the way")

    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        said = ask(Stop(**WHO)).detail
        assert said.startswith("takes no parts until told to start; after a fault it would take parts again, since ")
        yield frame(BAD)

    during(line, script)
    assert line.heard.outcomes == []


def test_a_part_is_requested_only_of_a_software_trigger_that_takes_parts(line: Line):
    line.requests = Requests()
    line.trigger = SoftwareTrigger()

    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        yield frame(GOOD)
        assert ask(TriggerPart(**WHO, part="B-17")).done
        yield frame(BAD)
        line.heard.wait_for_verdict(1)
        yield frame(GOOD)
        assert ask(Stop(**WHO)).done
        assert not ask(TriggerPart(**WHO, part="B-18")).done

    during(line, script)
    assert [(verdict.part, verdict.outcome) for verdict in line.heard.verdicts] == [("B-17", "fail")]


def test_other_triggers_take_no_requests(line: Line):
    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        reply = ask(TriggerPart(**WHO, part="B-17"))
        assert reply == Reply(done=False, detail="the trigger is not `software`: only that one takes requests")
        yield frame(GOOD)

    during(line, script)


def test_a_mark_is_an_event_and_one_of_a_part_that_is_not_there_is_refused(line: Line):
    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        yield frame(BAD)
        line.heard.wait_for_verdict(1)
        run = line.heard.verdicts[0].run
        assert ask(Mark(**WHO, run=run, seq=1, mark="false_reject")).done
        assert ask(Mark(**WHO, run="an earlier run", seq=99, mark="confirmed")).done
        assert not ask(Mark(**WHO, run=run, seq=2, mark="confirmed")).done

    during(line, script)
    marks = [event for event in line.heard.events if event.kind == "mark"]
    assert [(event.seq, event.facts["mark"]) for event in marks] == [(1, "false_reject"), (99, "confirmed")]
    assert line.heard.outcomes == ["fail"], "a mark changes no verdict"


def test_an_acknowledged_alarm_is_an_event_that_says_who_when_and_which(line: Line):
    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        yield frame(GOOD)
        assert ask(Acknowledge(**WHO, source="plc", level="fault", text="it fell silent", began_ns=17, seen_ns=18)).done

    during(line, script)
    (event,) = [event for event in line.heard.events if event.kind == "acknowledge"]
    assert "alarm seen: plc fault, it fell silent; by" in event.detail
    assert event.facts == {"by": WHO["by"], "why": WHO.get("why", ""), "source": "plc", "level": "fault",
                           "text": "it fell silent", "began_ns": "17", "seen_ns": "18"}  # fmt: skip


def test_what_the_store_cannot_keep_is_in_the_heartbeat_while_the_line_stays_ready(line: Line):
    trouble = "the log is not written: database or disk is full"

    def said(reasons: tuple[str, ...]) -> bool:
        last = line.heard.healths[-1]
        return (last.state, last.reasons) == ("ready", reasons)

    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        for told in (trouble, ""):
            assert ask(ReportLogHead(station="line1", by="store", head="9f86d081", trouble=told)).done
            line.heard.wait_for(lambda told=told: said((told,) if told else ()))
        yield frame(GOOD)

    during(line, script)
    assert line.heard.told("maintenance") == [(None, trouble)]


def test_the_heartbeat_carries_the_logs_head_and_no_event_tells_of_it(line: Line):
    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        assert ask(ReportLogHead(station="line1", by="store", head="9f86d081")).done
        line.heard.wait_for(lambda: any(health.log_head == "9f86d081" for health in line.heard.healths))
        yield frame(GOOD)

    during(line, script)
    assert {event.kind for event in line.heard.events} == {"state"}


def test_rejects_and_sampled_passes_are_evidence_with_their_verdicts_as_published(line: Line):
    kept: list[Evidence] = []
    listening, over = threading.Event(), threading.Event()

    def listen() -> None:
        with closing(EvidenceSubscriber(line.wire, "line1")) as subscriber:
            listening.set()
            while not over.is_set() or (more := subscriber.receive(0.3)):
                kept.extend(more if over.is_set() else subscriber.receive(0.05))

    listener = threading.Thread(target=listen)
    listener.start()
    assert listening.wait(PATIENCE_S)

    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        until = time.monotonic() + PATIENCE_S
        while not line.built[-1].exhibits_wanted and time.monotonic() < until:
            time.sleep(0.01)  # a subscription that arrives gives no sign here
        for number in range(20):
            yield frame(BAD if number in (3, 7) else GOOD)

    try:
        during(line, script, overlay_fps=0, passes=0.1, overflow="block")
    finally:
        over.set()
        listener.join(PATIENCE_S)
    published = {v.seq: v for v in line.heard.verdicts}
    assert sorted(piece.verdict.seq for piece in kept) == [4, 8, 10, 20]
    for piece in kept:
        assert piece.verdict == published[piece.verdict.seq]
        assert (piece.overlay.seq, piece.overlay.outcome) == (piece.verdict.seq, piece.verdict.outcome)
        assert piece.overlay.jpeg.startswith(b"\xff\xd8")


def test_a_second_program_that_takes_evidence_is_said_for_as_long_as_it_does(line: Line):
    crowded = "2 programs take the evidence: what the slowest has no room for is lost to the store, too"

    def told() -> tuple[str, ...]:
        return line.heard.healths[-1].reasons if line.heard.healths else ()

    def script(ask: Callable[[Command], Reply]) -> Iterator[Frame]:
        with closing(EvidenceSubscriber(line.wire, "line1")):
            with closing(EvidenceSubscriber(line.wire, "line1")):
                line.heard.wait_for(lambda: told() == (crowded,))
            line.heard.wait_for(lambda: told() == ())
        yield frame(GOOD)

    during(line, script)
    assert line.heard.told("maintenance") == [(None, crowded)]
    assert {health.state for health in line.heard.healths} <= {"starting", "ready", "ended"}


def test_nothing_is_drawn_while_nobody_keeps_evidence(line: Line):
    during(line, lambda ask: (frame(BAD) for _ in range(5)), overlay_fps=0)
    assert "evidence_dropped" not in line.healths[-1].counts


def test_a_note_of_what_is_in_force_that_cannot_be_read_stops_the_station(line: Line, tmp_path: Path):
    (tmp_path / "state" / "line1").mkdir(parents=True)
    (tmp_path / "state" / "line1" / "in_force.json").write_text("{")
    with pytest.raises(RecipeError, match="remove it to judge by the configured recipe"):
        station_module.with_recipe_in_force(line.config())
