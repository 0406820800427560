"""What each thread of a station does: plain loops over the parts they are given.

    capture_loop   source (inspector.line.seeing), trigger ──▶ register, ring
    inspect_loop   ring ──▶ scorer, decide ──▶ register
    publish_loop   register ──▶ wire; the heartbeat, the events, recovery

The pictures for people are drawn in inspector.line.pictures, commands carried out in inspector.line.orders.
Nothing from capture to publication waits for a subscriber, a picture for people, a disk or a log.
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from inspector.config import WireConfig
from inspector.line import report
from inspector.line.decide import Judgement, not_inspected
from inspector.line.exhibits import Exhibits
from inspector.line.identity import Identity
from inspector.line.journal import Journal
from inspector.line.judging import judge
from inspector.line.mailbox import Pace
from inspector.line.overlay import Preview, Shown
from inspector.line.pictures import View
from inspector.line.register import Register, Taken
from inspector.line.ring import FrameRing
from inspector.line.scorer import InForce, Scorer
from inspector.line.summary import Summary
from inspector.line.watch import Freshness, Pulse
from inspector.messages import Frame, Health, LostPart, Missed, Part, Seen, Silence
from inspector.triggers import Trigger, scene_of
from inspector.wire.publish import Publisher

HEARTBEAT_S: Final = 0.25
POLL_S: Final = 0.1
"""How often a loop with nothing to do looks whether it is over."""
BATCH: Final = 100
"""Most verdicts sent before the heartbeat and the subscribers get their turn."""


def capture_loop(
    stream: Iterable[Seen],
    trigger: Trigger,
    in_force: InForce,
    ring: FrameRing,
    register: Register,
    journal: Journal,
    view: View,
    preview_fps: float,
    taking: threading.Event,
    stop: threading.Event,
) -> None:
    """Take parts from what the source gives until it ends; each is in the register before it can be lost.

    A part is taken under the scorer in force at that moment. While the source is lost the line is not ready; while it
    is not `taking`, pictures pass by unseen by the trigger. A frame of which nothing went into the ring is a preview.
    """
    previews = Pace(preview_fps)
    for seen in stream:
        if isinstance(seen, Silence):
            journal.hinder("source", seen.lost)
        elif isinstance(seen, Missed) and seen.detail:
            journal.note("lost_frames", seen.detail, once=True)
        queued = False
        for part in trigger.parts(seen) if taking.is_set() else ():
            queued |= _take(part, in_force.scorer, ring, register, journal, stop)
        if not isinstance(seen, Frame):
            continue
        journal.hinder("source")  # after the trigger: one that raises with each picture is not ready
        if not queued and previews.due(seen.arrived_ns):
            scene = scene_of(trigger) if taking.is_set() else None
            view.post(Preview(image=seen.image.copy(), scene=scene), preview=True)
    if taking.is_set():
        for part in trigger.end():
            _take(part, in_force.scorer, ring, register, journal, stop)


def inspect_loop(
    ring: FrameRing,
    register: Register,
    journal: Journal,
    view: View,
    exhibits: Exhibits,
    overlay_fps: float,
    pulse: Pulse,
) -> None:
    """Judge the parts in the ring until it is closed and drained; what a scorer raises costs one part, not the run.

    While the scorer has a part the pulse says so.
    """
    pictures = Pace(overlay_fps)
    while not ring.drained:
        with ring.take(POLL_S) as part:
            if part is None:
                continue
            taken = register.waiting(part.seq)
            if taken is None:
                continue  # late before its turn came: scoring it would make those behind it late as well
            pulse.begin()
            judged = judge(part, taken)
            pulse.end()
            in_time = register.close(part.seq, judged.judgement, judged.stages_ms)
            if judged.examined.unfit:
                readings = {name: f"{value:.4g}" for name, value in judged.examined.readings.items()}
                journal.note("health", judged.examined.unfit, seq=part.seq, facts=readings)
            journal.warn("health", judged.examined.drifting)
            if judged.trouble:
                journal.note("score_error", judged.trouble, seq=part.seq, once=True)
            elif judged.scored is not None and not in_time:
                _note_late(journal, taken, judged.judgement)
            kept, due = exhibits.wants(part.seq, judged.judgement.outcome), pictures.due(time.monotonic_ns())
            if not (kept or due):
                continue
            shown = Shown(
                seq=part.seq,
                part=part.part,
                image=part.image.copy(),
                to_source=part.to_source,
                judgement=judged.judgement,
                scorer=taken.scorer,
                scored=judged.scored,
            )
            if due:
                view.post(shown)
            if kept and not exhibits.picture(shown):
                journal.note("evidence_dropped", "pictures come faster than they can be drawn", once=True)


def publish_loop(
    wire: WireConfig,
    identity: Identity,
    ring: FrameRing,
    register: Register,
    journal: Journal,
    summary: Summary,
    exhibits: Exhibits,
    heard: threading.Event,
    finish: threading.Event,
    fresh: Freshness,
    on_beat: Callable[[Health], None],
) -> None:
    """Send each verdict as soon as it can be released, a late one at its deadline; the heartbeat; the events.

    Sets `heard` once everybody in wire.wait_for has subscribed. Ends when `finish` is set and every part is out.
    """
    publisher = Publisher(wire, identity.station, identity.run)
    register.on_change = publisher.wake
    next_beat_ns = 0
    try:
        while True:
            if publisher.greeted.issuperset(wire.wait_for):
                heard.set()
            finishing = finish.is_set()  # read first: whatever was closed or noted before it was set goes out
            all_out = _publish_released(publisher, identity, register, journal, summary, exhibits)
            for event in journal.events_for_wire():
                publisher.event(event)
            over = finishing and not len(register)
            now_ns = time.monotonic_ns()
            fresh.tick(now_ns)
            if now_ns >= next_beat_ns or over:
                next_beat_ns = now_ns + int(HEARTBEAT_S * 1e9)
                health = report.heartbeat(identity, ring, register, journal, summary, time.time_ns())
                publisher.health(health)
                on_beat(health)
            if over:
                return
            wake_ns = register.sleep_until(next_beat_ns) if all_out else now_ns
            publisher.serve(max(0.0, (wake_ns - time.monotonic_ns()) / 1e9))
    finally:
        register.on_change = _nobody
        publisher.close()


def _take(
    part: Part | LostPart, scorer: Scorer, ring: FrameRing, register: Register, journal: Journal, stop: threading.Event
) -> bool:
    """Register a part and put it into the ring, or close it; whether it is in the ring."""
    register.open(part, scorer)
    if isinstance(part, LostPart):
        register.close(part.seq, not_inspected(part.reason))
        return False
    if misfit := _misfit(part, scorer, ring):
        register.close(part.seq, not_inspected("size"))
        journal.note("size", misfit, seq=part.seq, once=True)
        return False
    try:
        displaced = ring.put(part, stop)
    except Exception:
        register.close(part.seq, not_inspected("camera"))  # else it holds up for ever those that come after it
        raise
    if displaced is not None:
        register.close(displaced, not_inspected("stopped" if stop.is_set() else "overrun"))
    return displaced != part.seq


def _publish_released(
    publisher: Publisher,
    identity: Identity,
    register: Register,
    journal: Journal,
    summary: Summary,
    exhibits: Exhibits,
) -> bool:
    """Send what can be released, a batch of it at most; whether that was all."""
    for _ in range(BATCH):
        now_ns = time.monotonic_ns()
        register.expire(now_ns)
        closed = register.release(now_ns)
        if closed is None:
            return True
        verdict = report.verdict(closed, identity, time.monotonic_ns())
        publisher.verdict(verdict)
        summary.add(verdict)
        exhibits.verdict(verdict)
        if closed.overtaken is not None:
            _note_late(journal, closed.taken, closed.overtaken)
    return False


def _misfit(part: Part, scorer: Scorer, ring: FrameRing) -> str:
    """Why the picture's size keeps it from being judged, in words; empty when nothing does."""
    height, width = part.image.shape[:2]
    if scorer.frame_size is not None and scorer.frame_size != (width, height):
        return f"a picture is {width} × {height}, the recipe expects {scorer.frame_size[0]} × {scorer.frame_size[1]}"
    if part.image.nbytes > ring.slot_bytes:
        return f"a picture is {width} × {height}; the largest taken has {ring.slot_bytes / 3e6:.3g} megapixels"
    return ""


def _note_late(journal: Journal, taken: Taken, late: Judgement) -> None:
    detail = f"{late.outcome}, score {late.score:.6g} at threshold {taken.threshold:.6g}"
    journal.note("late_score", detail, seq=taken.seq)


def _nobody() -> None:
    """Listens to the register when no publisher does."""
