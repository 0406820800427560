"""Which frames are parts; one file per type."""

from inspector import config
from inspector.triggers.every_frame import EveryFrameTrigger
from inspector.triggers.hardware import HardwareTrigger
from inspector.triggers.presence import Presence
from inspector.triggers.software import Requests, SoftwareTrigger
from inspector.triggers.trigger import Trigger, all_parts, scene_of

__all__ = ["Requests", "Trigger", "all_parts", "open_trigger", "scene_of"]


def open_trigger(described: config.TriggerConfig, requests: Requests | None = None, all_views: bool = False) -> Trigger:
    """The trigger that a configuration describes, at the start of a run.

    requests: where a software trigger looks for them; without them each frame is a part to it, as in teaching.
    all_views: after a part more pictures of the same part, with its seq, where the trigger sees it more than once.
    """
    match described:
        case config.HardwareTrigger():
            return HardwareTrigger()
        case config.PresenceTrigger():
            return Presence(described, all_views)
        case config.SoftwareTrigger() if requests is not None:
            return SoftwareTrigger(requests, described.timeout_ms)
        case _:
            return EveryFrameTrigger()
