"""The `trigger` section: which frames are parts, one struct per type."""

from typing import Annotated, Literal, TypeAlias

import msgspec

from inspector.config.section import NotNegative, Positive, Section


class EveryFrame(Section, frozen=True, kw_only=True, tag_field="type", tag="every_frame"):
    """Each frame is a part: triggered cameras, folders, recordings."""


class HardwareTrigger(Section, frozen=True, kw_only=True, tag_field="type", tag="hardware"):
    """The line triggers the camera: each frame is a part, and what the camera's counter skips are missed parts."""


class SoftwareTrigger(Section, frozen=True, kw_only=True, tag_field="type", tag="software"):
    """A command on the wire asks for a picture of one part, by its id: the first taken after the request."""

    timeout_ms: Positive = 1000.0
    """A request that no picture answers for so long is `not_inspected: missed`."""


Pixels: TypeAlias = Annotated[int, msgspec.Meta(ge=8, le=20_000)]


class PresenceTrigger(Section, frozen=True, kw_only=True, tag_field="type", tag="presence"):
    """Free-running footage of a belt: each part is judged once, as it passes the trigger line. See docs/triggers.md."""

    line: NotNegative
    """Where along the belt, in pixels from the left edge (travel: vertical: from the top)."""
    part: tuple[Pixels, Pixels]
    """Width and height of a usual part, in pixels; what is far from it in size is no part."""
    travel: Literal["horizontal", "vertical"] = "horizontal"
    """How parts move in the picture; left or right, up or down is all the same."""
    looks: Literal["brighter", "darker", "different"] = "different"
    """Parts are brighter than all behind them, or darker: the belt need never be seen empty. Or only different:
    then all of the belt must be empty at the start."""
    contrast: Annotated[int, msgspec.Meta(ge=3, le=128)] = 25
    """Levels (of 255) in a colour by which a part differs at least from what is behind it."""
    margin: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.125
    """What is cut out around a part, on each side, in part widths and heights."""
    behind: Literal["keep", "grey"] = "keep"
    """What is seen behind and beside a part: kept as it is, or grey, so that only the part is judged."""


TriggerConfig: TypeAlias = EveryFrame | HardwareTrigger | SoftwareTrigger | PresenceTrigger
