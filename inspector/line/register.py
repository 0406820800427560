"""The open parts: each closed once, by whoever is first, and released in the order they were taken, without gap.

open ──▶ close ─ the scorer, a loss, the deadline or a stop: the first one counts, the rest are told they were late
           └───▶ release ─ only from the head of the line, so that seq 7 never overtakes seq 6
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from inspector.line.decide import Judgement, not_inspected
from inspector.line.scorer import Scorer
from inspector.messages import LostPart, Part, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What is known of a part when it is taken, and stays so: also the recipe it is judged by."""

    seq: int
    part: str
    exposed_ns: int
    arrived_ns: int
    scorer: Scorer
    """The one whose recipe was in force when the part was taken."""
    recipe: str
    threshold: float
    deadline_ns: int | None
    """Monotonic; None when no deadline is enforced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A part with its one judgement."""

    taken: Taken
    judgement: Judgement
    stages_ms: Mapping[str, float] = field(default_factory=dict)
    overtaken: Judgement | None = None
    """The pass that the deadline came before."""


class Register:
    """All parts taken and not yet released. Any thread may call any method; all return at once.

    Times are monotonic nanoseconds and given by the caller.
    """

    def __init__(self, deadline_ns: int | None = None) -> None:
        self.on_change: Callable[[], None] = lambda: None
        """Called, outside the lock, when a part can be released, or is late before who looks after that wakes up."""
        self._asleep_until_ns = 0
        self._deadline_ns = deadline_ns
        self._line: deque[int] = deque()
        self._open: dict[int, Taken] = {}
        self._closed: dict[int, Closed] = {}
        self._taken = 0
        self._final: Reason | None = None
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """How many parts were opened so far: the newest seq."""
        return self._taken

    def __len__(self) -> int:
        """How many parts are not yet released."""
        return len(self._line)

    def sleep_until(self, latest_ns: int) -> int:
        """When who releases parts has to look again though nothing changes: at `latest_ns`, or the next deadline."""
        with self._lock:
            deadlines = (taken.deadline_ns for taken in self._open.values() if taken.deadline_ns is not None)
            self._asleep_until_ns = min(latest_ns, min(deadlines, default=latest_ns))
            return self._asleep_until_ns

    def waiting(self, seq: int) -> Taken | None:
        """The part, while it waits for its judgement."""
        with self._lock:
            return self._open.get(seq)

    def open(self, part: Part | LostPart, scorer: Scorer) -> None:
        """Take a part in, with the scorer whose recipe is in force.

        Raises ValueError when its seq is not the next one, RuntimeError after close_all().
        """
        deadline_ns = None if self._deadline_ns is None else part.arrived_ns + self._deadline_ns
        taken = Taken(seq=part.seq, part=part.part, exposed_ns=part.exposed_ns, arrived_ns=part.arrived_ns,
                      scorer=scorer, recipe=scorer.recipe_id, threshold=scorer.threshold,
                      deadline_ns=deadline_ns)  # fmt: skip
        with self._lock:
            if self._final is not None:
                raise RuntimeError(f"part {part.seq} came after the register was closed ({self._final})")
            if part.seq != self._taken + 1:
                raise ValueError(f"part {part.seq} follows part {self._taken}; the trigger must count by one")
            self._taken = part.seq
            self._line.append(part.seq)
            self._open[part.seq] = taken
            oversleeps = deadline_ns is not None and deadline_ns < self._asleep_until_ns
        if oversleeps:
            self.on_change()

    def close(self, seq: int, judgement: Judgement, stages_ms: Mapping[str, float] | None = None) -> bool:
        """Judge a part; False when somebody was first, and nothing changes.

        stages_ms: how long each stage of the part took, for its verdict. Raises ValueError for a part never taken.
        """
        with self._lock:
            if not 1 <= seq <= self._taken:
                raise ValueError(f"part {seq} was never taken; the newest is {self._taken}")
            done = self._close(seq, judgement, stages_ms or {})
            ready = done and self._line[0] == seq
        if ready:
            self.on_change()
        return done

    def expire(self, now_ns: int) -> int:
        """Close every open part whose deadline has come as late; how many."""
        with self._lock:
            late = [t.seq for t in self._open.values() if _is_late(t, now_ns)]
            for seq in late:
                self._close(seq, not_inspected("late"), {})
        return len(late)

    def release(self, now_ns: int) -> Closed | None:
        """The part at the head of the line, once, when it is closed; None while it is open or nothing is left.

        A pass that comes out after its deadline, because an earlier part held it up, comes out as late.
        """
        with self._lock:
            if not self._line or self._line[0] not in self._closed:
                return None
            closed = self._closed.pop(self._line.popleft())
        if closed.judgement.outcome == "pass" and _is_late(closed.taken, now_ns):
            return Closed(taken=closed.taken, judgement=not_inspected("late"), stages_ms=closed.stages_ms,
                          overtaken=closed.judgement)  # fmt: skip
        return closed

    def close_all(self, reason: Reason) -> int:
        """Close what is still open, for good: no part can be opened any more. How many were closed."""
        with self._lock:
            self._final = reason
            left = list(self._open)
            for seq in left:
                self._close(seq, not_inspected(reason), {})
        self.on_change()
        return len(left)

    def _close(self, seq: int, judgement: Judgement, stages_ms: Mapping[str, float]) -> bool:
        taken = self._open.pop(seq, None)
        if taken is None:
            return False
        self._closed[seq] = Closed(taken=taken, judgement=judgement, stages_ms=stages_ms)
        return True


def _is_late(taken: Taken, now_ns: int) -> bool:
    return taken.deadline_ns is not None and now_ns >= taken.deadline_ns
