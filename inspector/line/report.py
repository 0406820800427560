"""What the line knows, as messages for the wire. Pure."""

from inspector.line.identity import Identity
from inspector.line.journal import Journal
from inspector.line.register import Closed, Register
from inspector.line.ring import FrameRing
from inspector.line.summary import Summary
from inspector.messages import Health, Verdict


def verdict(closed: Closed, identity: Identity, now_ns: int) -> Verdict:
    """The verdict of a part that is sent now (monotonic); the stage `publish` is what no other stage accounts for."""
    taken, judgement = closed.taken, closed.judgement
    latency_ms = (now_ns - taken.arrived_ns) / 1e6
    stages_ms = dict(closed.stages_ms)
    if stages_ms:
        stages_ms["publish"] = latency_ms - sum(stages_ms.values())
    return Verdict(
        station=identity.station,
        run=identity.run,
        mode=identity.mode,
        seq=taken.seq,
        part=taken.part,
        outcome=judgement.outcome,
        reason=judgement.reason,
        score=judgement.score,
        threshold=taken.threshold,
        recipe=taken.recipe,
        exposed_ns=taken.exposed_ns,
        latency_ms=round(latency_ms, 3),
        stages_ms={stage: round(duration_ms, 3) for stage, duration_ms in stages_ms.items()},
        defects=judgement.defects,
    )


def heartbeat(
    identity: Identity, ring: FrameRing, register: Register, journal: Journal, summary: Summary, now_ns: int
) -> Health:
    """The state of the line now (Unix time)."""
    standing = journal.standing
    return Health(
        station=identity.station,
        run=identity.run,
        mode=identity.mode,
        now_ns=now_ns,
        taken=register.taken,
        published=summary.parts,
        state=standing.state,
        reasons=standing.reasons,
        counts={**journal.counts, **summary.counts},
        queues={"ring": len(ring), "open": len(register)},
        log_head=journal.log_head,
    )
