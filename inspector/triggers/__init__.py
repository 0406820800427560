"""Which frames are parts; one file per type."""

from inspector.config import EveryFrame, TriggerConfig
from inspector.triggers.every_frame import EveryFrameTrigger
from inspector.triggers.trigger import Trigger

__all__ = ["Trigger", "open_trigger"]


def open_trigger(config: TriggerConfig) -> Trigger:
    """The trigger that a configuration describes, at the start of a run."""
    match config:
        case EveryFrame():
            return EveryFrameTrigger()
