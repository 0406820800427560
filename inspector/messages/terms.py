"""The words and limits that messages share."""

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Outcome: TypeAlias = Literal["pass", "fail", "not_inspected"]
Reason: TypeAlias = Literal[
    "late", "overrun", "missed", "camera", "stale", "size", "health", "unlocated", "error", "stopped"
]
Mode: TypeAlias = Literal["live", "replay"]
State: TypeAlias = Literal["starting", "ready", "not_ready", "stopping", "ended"]
Level: TypeAlias = Literal["ok", "warning", "fault"]
OperatorMark: TypeAlias = Literal["confirmed", "false_reject"]

Image: TypeAlias = NDArray[np.uint8]
"""uint8[H, W, 3], BGR."""
Affine: TypeAlias = NDArray[np.float32]
"""float32[2, 3]; maps (x, y, 1) to (x, y)."""
Box: TypeAlias = tuple[float, float, float, float]
"""x, y, width, height in pixels."""

MOST_PARTS = 1 << 48
"""Of one run. A larger `seq` is that of a broken message; sums over many runs stay within 64 bits."""
PART_ID_LIMIT = 64
"""Longest part id, in characters."""
NAME_LIMIT = 64
"""Longest name of who asks for something, in characters."""
WHY_LIMIT = 400
"""Longest reason given with a command, in characters."""
