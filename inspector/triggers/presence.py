"""A part is judged once, as it passes the trigger line, from the picture in which it stands best, cut out around it.

    frame ──▶ small picture ──▶ Belt: which pixels are parts ──▶ stretches ──▶ Tracks: which part is where ──▶ the line

Nothing here depends on time or on the direction of travel: a belt may stand, back up, or run at any speed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Final

import cv2
import numpy as np

from inspector.config import PresenceTrigger
from inspector.errors import ConfigError
from inspector.messages import PART_ID_LIMIT, Frame, Image, LostPart, Part, Scene, Seen
from inspector.triggers.belt import Belt, Mask
from inspector.triggers.crop import Crop, cut, fits
from inspector.triggers.following import Following
from inspector.triggers.profile import Stretch, across, place, spread, stretches
from inspector.triggers.silhouette import filled, silhouette
from inspector.triggers.tracks import Track, Tracks

SMALL: Final = 300
"""The small picture is at least so many pixels along the travel, and less than twice as many."""
STARTING: Final = 2.5
"""Part widths after which parts have passed everywhere."""
NEAR: Final = 0.06
"""So many part widths from the line are as good as on it: there the sharpest picture is taken."""
AWAY: Final = 0.1
"""A part has been at its best when it is so many part widths farther away."""
SETTLING: Final = 0.4
"""The same while the belt is not known yet: a part that stands there at the start uncovers what is behind it."""
APART: Final = 0.08
"""So many part widths lie between two views of one part to learn from, up to HALFWAY from the line."""
HALFWAY: Final = 0.25
"""A part that came so near (in part widths) and went back has been judged; one that only touched the line has not."""
SIZES: Final = (0.5, 1.7)
"""A part's length and height, in those configured; beyond it is not understood."""
FRESH_NS: Final = 200_000_000
"""A standing part's picture is not older than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """How well a part stands in a frame, and where."""

    offset: float
    sharpness: float
    frame: Frame
    small: Image
    stretch: Stretch | None
    """None when the part is not understood: part-sized, but touching another, too small, too large, or cut off."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Passage:
    """A track's way over the line."""

    came_from: int = 0
    """-1 or 1: the side of the line it was first seen on; 0 when it was first seen on the line."""
    nearest: float = float("inf")
    best: _View | None = None
    views: list[tuple[float, _View]] = field(default_factory=list)
    """More to learn from, and where the part stood."""
    over: bool = False
    """It has its verdict."""
    following: Following = field(default_factory=Following)
    """For people."""


class Presence:
    """One run over one line. Raises ConfigError at the first frame when line or part do not fit into it."""

    def __init__(self, config: PresenceTrigger, all_views: bool = False, first: int = 1) -> None:
        """all_views: after each part more pictures of it from around the line, with its seq: to learn from."""
        self._config = config
        self._all_views = all_views
        self._seq = count(first)
        self._passages: dict[Track, _Passage] = {}
        self._scene: _Scene | None = None

    def parts(self, seen: Seen) -> Iterator[Part | LostPart]:
        """The parts that have just been at their best; frames missed between two are nothing to a part."""
        if not isinstance(seen, Frame):
            return
        if self._scene is None:
            self._scene = _Scene(self._config, seen.image)
        scene = self._scene
        small = scene.small(seen.image)
        mask, gone = scene.follow(small)
        for track in scene.tracks.all:
            passage = self._passages.setdefault(track, _Passage())
            passage.following.look(track, scene.tracks.step)
            if not passage.over:
                self._watch(track, passage, seen, small, mask, scene)
                if self._is_through(track, passage, scene):
                    yield from self._close(passage, seen, scene)
        for track in gone:
            passage = self._passages.pop(track, _Passage())
            if not passage.over and passage.best is not None and track.furthest > HALFWAY * scene.width:
                yield from self._close(passage, seen, scene)

    def end(self) -> Iterator[Part | LostPart]:
        """The parts that the footage leaves on the line, if they have moved at all."""
        for track, passage in self._passages.items():
            if self._scene and passage.best and not passage.over and track.furthest > AWAY * self._scene.width:
                yield from self._close(passage, passage.best.frame, self._scene)

    def anew(self, first: int) -> "Presence":
        """See Trigger. It learns the belt again; what is before the line then is a part, what is past it is not."""
        return Presence(self._config, self._all_views, first)

    def scene(self) -> Scene | None:
        """See FollowingTrigger."""
        if self._scene is None:
            return None
        told = (passage.following.told(track, *self._scene.scale) for track, passage in self._passages.items())
        return Scene(line=self._config.line, travel=self._config.travel, parts=tuple(each for each in told if each))

    def _watch(self, track: Track, passage: _Passage, frame: Frame, small: Image, mask: Mask, scene: "_Scene") -> None:
        """Keep the part's view in this frame if it is the best so far."""
        offset = abs(track.x - scene.line)
        side = -1 if track.x < scene.line else 1
        if offset > track.width / 2:
            if passage.best is None or passage.came_from == side:  # it touched the line, and went back
                passage.came_from, passage.best, passage.nearest = side, None, float("inf")
                passage.views.clear()
            return
        passage.nearest = min(passage.nearest, offset)
        if track.missing:
            return
        view = scene.view(track, offset, frame, small, mask)
        if passage.best is None or _is_better(view, passage.best, scene.width):
            passage.best = view
            passage.following.stands_best(track)
        wanted = self._all_views and view.stretch is not None and offset <= HALFWAY * scene.width
        if wanted and all(abs(track.x - place) >= APART * scene.width for place, _ in passage.views):
            passage.views.append((track.x, view))

    def _is_through(self, track: Track, passage: _Passage, scene: "_Scene") -> bool:
        if passage.best is None or track.furthest < AWAY * scene.width:
            return False
        offset = abs(track.x - scene.line)
        side = -1 if track.x < scene.line else 1
        if offset > track.width / 2:
            return True
        passed = passage.came_from != side or passage.nearest <= HALFWAY * scene.width
        return passed and passage.best.stretch is not None and offset > passage.nearest + scene.away

    def _close(self, passage: _Passage, now: Frame, scene: "_Scene") -> Iterator[Part | LostPart]:
        passage.over = True
        best, views = passage.best, [view for _, view in passage.views]
        assert best is not None
        passage.best = None
        passage.views.clear()
        seq, crop = next(self._seq), scene.cut_out(best)
        passage.following.taken(seq, scene.window(crop))
        if crop is None:
            yield LostPart(seq=seq, part=_name(best.frame), exposed_ns=now.exposed_ns, arrived_ns=now.arrived_ns,
                           reason="unlocated")  # fmt: skip
            return
        yield _part(seq, best.frame, crop)
        for view in views:
            if view.frame is not best.frame and (crop := scene.cut_out(view)) is not None:
                yield _part(seq, view.frame, crop)


class _Scene:
    """The belt as seen in small pictures, in which the travel is horizontal."""

    def __init__(self, config: PresenceTrigger, picture: Image) -> None:
        height, width = picture.shape[:2]
        self._upright = config.travel == "vertical"
        along, across = (height, width) if self._upright else (width, height)
        part = config.part[::-1] if self._upright else config.part
        if not config.line < along:
            raise ConfigError(f"trigger.line is {config.line:g}, but the picture ends at {along}")
        if part[0] >= along or part[1] > across:
            raise ConfigError(f"trigger.part is {config.part[0]} × {config.part[1]}; "
                              f"the picture of {width} × {height} is smaller")  # fmt: skip
        self._factor = 1
        while along / (2 * self._factor) >= SMALL:
            self._factor *= 2
        self._size = (width // self._factor, height // self._factor)
        self._part = config.part
        self._margin = config.margin
        self._grey = config.behind == "grey"
        self.line = config.line / self._factor
        self.width, self.height = part[0] / self._factor, part[1] / self._factor
        self._belt = Belt(config.looks, config.contrast, (self.width, self.height))
        self.tracks = Tracks((self.width, self.height), along / self._factor)

    def small(self, picture: Image) -> Image:
        """The picture made small, in the light of the belt."""
        small = cv2.resize(picture, self._size, interpolation=cv2.INTER_AREA)
        return self._belt.evened(np.asarray(cv2.transpose(small) if self._upright else small, np.uint8))

    def follow(self, small: Image) -> tuple[Mask, list[Track]]:
        """The pixels of parts, and the tracks given up with this picture."""
        mask, told = self._belt.look(small, self._starting)
        return mask, self.tracks.update(stretches(mask, told, (self.width, self.height)))

    def view(self, track: Track, offset: float, frame: Frame, small: Image, mask: Mask) -> _View:
        stretch = track.alone
        if stretch is None or not self._is_part_sized(stretch):
            return _View(offset=offset, sharpness=0.0, frame=frame, small=small, stretch=None)
        first, last = int(stretch.start), int(stretch.end)
        y = place(across(mask, first, last, stretch.row), self.height)
        top, bottom = max(0, round(y - self.height / 2)), round(y + self.height / 2)
        _, spread_out = cv2.meanStdDev(cv2.Laplacian(small[top:bottom, first:last], cv2.CV_16S).reshape(-1, 1))
        sharpness = float(spread_out[0, 0])
        whole = fits(frame.image, self._in_frame(stretch.centre, y), self._part)
        return _View(offset=offset, sharpness=sharpness, frame=frame, small=small, stretch=stretch if whole else None)

    def cut_out(self, view: _View) -> Crop | None:
        """The part's picture, by what is known of the belt now: it may have uncovered more since. None for a part that
        is not understood."""
        if view.stretch is None:
            return None
        window = view.stretch.around()
        stretch = view.stretch.moved(-window.start)
        guessed, _ = self._belt.tell(view.small, self._starting, window)
        outlined = self._belt.outlined(view.small, window)
        whole = outlined if stretch.open else filled(outlined, guessed, stretch)
        stretch = spread(whole, stretch, self.height)
        shape = silhouette(whole, stretch)
        if shape is None or not self._is_part_sized(stretch):
            return None
        y = place(across(whole, int(stretch.start), int(stretch.end), stretch.row), self.height)
        crop = cut(view.frame.image, self._in_frame(window.start + stretch.centre, y), self._part, self._margin)
        if crop is not None and self._grey:
            alone = np.zeros_like(view.small[:, :, 0])
            alone[:, window] = shape
            crop = crop.before_grey(alone.T.copy() if self._upright else alone, self._factor)
        return crop

    def window(self, crop: Crop | None) -> tuple[float, float] | None:
        """See Following.taken."""
        if crop is None:
            return None
        middle = crop.centre[0 if self._upright else 1] / self._factor
        return middle - self.height / 2, middle + self.height / 2

    @property
    def scale(self) -> tuple[tuple[float, float], int, bool]:
        """A usual part's size, how much larger the frame is, and whether the travel is vertical in it."""
        return (self.width, self.height), self._factor, self._upright

    @property
    def away(self) -> float:
        """How much farther than it was a part must be for its view to be final."""
        return (SETTLING if self._starting and self._grey else AWAY) * self.width

    @property
    def _starting(self) -> bool:
        return self.tracks.travelled < STARTING * self.width

    def _in_frame(self, along: float, across: float) -> tuple[float, float]:
        x, y = along * self._factor, across * self._factor
        return (y, x) if self._upright else (x, y)

    def _is_part_sized(self, stretch: Stretch) -> bool:
        least, most = SIZES
        return (
            least * self.width <= stretch.length <= most * self.width
            and least * self.height <= stretch.bottom - stretch.top <= most * self.height
        )


def _part(seq: int, frame: Frame, crop: Crop) -> Part:
    return Part(seq=seq, part=_name(frame), exposed_ns=frame.exposed_ns, arrived_ns=frame.arrived_ns, image=crop.image,
                to_source=crop.to_source)  # fmt: skip


def _name(frame: Frame) -> str:
    return frame.name[-PART_ID_LIMIT:]


def _is_better(new: _View, best: _View, width: float) -> bool:
    """Understood before not, then near the line, then sharp; of equals the newer, for it is the fresher."""
    if (new.stretch is None) != (best.stretch is None):
        return best.stretch is None
    near = NEAR * width
    farther = max(new.offset, near) - max(best.offset, near)
    if farther < 0:
        return True
    old = new.frame.arrived_ns - best.frame.arrived_ns > FRESH_NS
    return farther <= 0.01 * width and (old or new.sharpness >= best.sharpness)
