"""Stand-ins that keep the contracts of what they stand for, so that a test decides what comes, when, and how it ends.

They are for the streaming core, whose tests are about order, time and failure; pictures and scores have tests with real
sources and the real scorer.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from inspector.messages import Frame, Missed, Part, Reason, ScoreMap, Seen, Silence
from inspector.scoring.examine import Examination
from inspector.scoring.nearest import Nearest

SIZE = (40, 32)
"""Width and height of a fake frame."""


def frame(value: int = 0, size: tuple[int, int] = SIZE) -> Frame:
    """A frame that arrives now, all its pixels `value`; its name is `value` too."""
    return Frame(exposed_ns=time.time_ns(), arrived_ns=time.monotonic_ns(), counter=value, name=str(value),
                 image=np.full((size[1], size[0], 3), value % 256, np.uint8))  # fmt: skip


def missed(count: int, reason: Reason = "camera") -> Missed:
    """A loss that is noticed now."""
    return Missed(exposed_ns=time.time_ns(), arrived_ns=time.monotonic_ns(), count=count, reason=reason)


def silence(lost: str = "") -> Silence:
    """A live source without a picture, said now."""
    return Silence(arrived_ns=time.monotonic_ns(), lost=lost)


class ScriptedSource:
    """A Source that gives what its script gives. A script may be a generator that waits, or raises, like a driver.

    With `endless` it then waits for `stop`, like a camera before an empty belt.
    """

    def __init__(
        self,
        script: Iterable[Seen],
        *,
        live: bool = False,
        paced: bool = False,
        endless: bool = False,
        frame_size: tuple[int, int] | None = SIZE,
    ) -> None:
        self.live = live
        self.paced = paced
        self.frame_size = frame_size
        self.closed = False
        self._script = script
        self._endless = endless

    def frames(self, stop: threading.Event) -> Iterator[Seen]:
        for seen in self._script:
            if stop.is_set():
                return
            yield seen
        if self._endless:
            stop.wait()

    def close(self) -> None:
        self.closed = True


class ScriptedScorer:
    """A scorer whose score is a function of the part; the function may wait, or raise, like a GPU.

    The map is 4 × 5 patches of 8 pixels, one of which has the score.
    """

    def __init__(
        self,
        score: Callable[[Part], float] = lambda part: float(part.image[0, 0, 0]),
        *,
        threshold: float = 100.0,
        recipe_id: str = "fake-recipe",
        frame_size: tuple[int, int] | None = SIZE,
    ) -> None:
        self.recipe_id = recipe_id
        self.threshold = threshold
        self.min_patches = 1
        self.frame_size = frame_size
        self._score = score

    def nearest_good(self, scored: ScoreMap) -> Nearest | None:
        return None

    def examine(self, part: Part) -> Examination:
        return Examination()

    def score(self, part: Part) -> ScoreMap:
        score = self._score(part)
        patch_scores = np.zeros((4, 5), np.float32)
        patch_scores[1, 2] = score
        to_source = np.array([[8, 0, 0], [0, 8, 0]], np.float32)
        return ScoreMap(seq=part.seq, patch_scores=patch_scores, score=score, nearest=np.zeros((4, 5), np.int32),
                        to_source=to_source)  # fmt: skip
