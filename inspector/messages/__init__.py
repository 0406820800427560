"""What flows through the line: frozen messages, from the camera's frame to the verdict on the wire.

Two clocks, never mixed: `arrived_ns` is monotonic (ages and deadlines), `exposed_ns` is Unix time (tracking the part).
An affine `to_source` is float32[2, 3] and maps (x, y, 1) of the thing it belongs to onto pixels of the source's frame.
Pixel coordinates are continuous: the frame's top left corner is (0, 0), the centre of its first pixel (0.5, 0.5).
"""

from inspector.messages.commands import (
    Acknowledge,
    Command,
    Mark,
    Reply,
    ReportLogHead,
    SetRecipe,
    SetThreshold,
    Start,
    Stop,
    TakeBack,
    TriggerPart,
)
from inspector.messages.footage import Frame, LostPart, Missed, Part, Seen, Silence
from inspector.messages.shown import Evidence, Followed, Overlay, Scene
from inspector.messages.standing import BridgeHealth, Event, Health
from inspector.messages.terms import (
    NAME_LIMIT,
    PART_ID_LIMIT,
    WHY_LIMIT,
    Affine,
    Box,
    Image,
    Level,
    Mode,
    OperatorMark,
    Outcome,
    Reason,
    State,
)
from inspector.messages.verdict import Defect, ScoreMap, Verdict

__all__ = [
    "NAME_LIMIT",
    "PART_ID_LIMIT",
    "WHY_LIMIT",
    "Acknowledge",
    "Affine",
    "Box",
    "BridgeHealth",
    "Command",
    "Defect",
    "Event",
    "Evidence",
    "Followed",
    "Frame",
    "Health",
    "Image",
    "Level",
    "LostPart",
    "Mark",
    "Missed",
    "Mode",
    "OperatorMark",
    "Outcome",
    "Overlay",
    "Part",
    "Reason",
    "Reply",
    "ReportLogHead",
    "Scene",
    "ScoreMap",
    "Seen",
    "SetRecipe",
    "SetThreshold",
    "Silence",
    "Start",
    "State",
    "Stop",
    "TakeBack",
    "TriggerPart",
    "Verdict",
]
