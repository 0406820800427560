"""The settings of a GenICam camera, by their names in the standard (SFNC), set in an order that cameras take."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from inspector.config import GenicamSettings
from inspector.errors import SourceError
from inspector.sources.live import Setting

Value: TypeAlias = str | int | float | bool

TOLERANCE: Final = 0.01
"""By which a camera may round a time, a gain or a rate."""


class Features(Protocol):
    """A camera's features, however its SDK gives them."""

    def has(self, name: str) -> bool:
        """Whether there is such a feature and it can be set now."""

    def get(self, name: str) -> Value:
        """Its value."""

    def set(self, name: str, value: Value) -> None:
        """Set it; raises whatever the SDK does when it is refused."""

    def allowed(self, name: str) -> str:
        """What it takes, for people: `1 to 4096`, `Mono8, BayerRG8`; empty when that is not known."""


_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "pixel_format": ("PixelFormat",),
    "width": ("Width",),
    "height": ("Height",),
    "offset_x": ("OffsetX",),
    "offset_y": ("OffsetY",),
    "exposure_us": ("ExposureTime", "ExposureTimeAbs"),
    "gain": ("Gain", "GainRaw"),
    "fps": ("AcquisitionFrameRate", "AcquisitionFrameRateAbs"),
    "packet_size": ("GevSCPSPacketSize",),
}
"""Key in the configuration -> the feature, its newest name first."""


@dataclass(frozen=True, slots=True)
class _Wish:
    key: str
    """In the configuration; empty for what only makes way for another setting, and may be missing."""
    names: tuple[str, ...]
    """The feature, newest name first."""
    value: Value


def apply(features: Features, settings: GenicamSettings, camera: str) -> None:
    """Set what is not null, then read it back. Raises SourceError, naming the key, its value and what is allowed."""
    for wish in _wishes(settings):
        asked = f"source.{wish.key} is {wish.value}, but {camera}"
        name = next((name for name in wish.names if features.has(name)), None)
        if name is None:
            if wish.key:
                raise SourceError(f"{asked} has no {wish.names[0]} to set; null leaves it")
            continue
        try:
            features.set(name, wish.value)
            got = features.get(name)
        except Exception as error:
            if wish.key:
                raise SourceError(f"{asked} refuses it; {_hint(features, name, error)}") from error
            continue
        if wish.key and not _is(got, wish.value):
            raise SourceError(f"{asked} stays at {got}; {_hint(features, name)}")


def is_triggered(features: Features) -> bool:
    """Whether the camera waits for a trigger, so that its silence is no loss."""
    return features.has("TriggerMode") and features.get("TriggerMode") == "On"


def settings_of(features: Features) -> list[Setting]:
    """What can be configured of this camera, as it is now."""
    found = []
    for key, names in _NAMES.items():
        name = next((name for name in names if features.has(name)), None)
        with suppress(Exception):  # what cannot be read now is left out: this is for people
            if name is not None:
                found.append(Setting(key=key, value=_plain(features.get(name)), allowed=features.allowed(name)))
    if features.has("TriggerMode"):
        source = str(features.get("TriggerSource")) if features.has("TriggerSource") else "On"
        allowed = f"free, {features.allowed('TriggerSource')}" if features.has("TriggerSource") else ""
        found.append(Setting(key="trigger", value=source if is_triggered(features) else "free", allowed=allowed))
    return found


def span(lowest: float, highest: float) -> str:
    """From where to where, without exponents."""
    return f"{lowest:.10g} to {highest:.10g}"


def _plain(value: Value) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _wishes(settings: GenicamSettings) -> Iterator[_Wish]:
    """In the order in which one setting makes room for the next: the format before the size, the size before its place,
    the exposure before the rate it limits, the trigger last."""
    yield _Wish("", ("TriggerSelector",), "FrameStart")
    if settings.trigger is not None:
        yield _Wish("", ("TriggerMode",), "Off")
    yield from _asked(settings, "packet_size")
    yield from _asked(settings, "pixel_format")
    if settings.width is not None:
        yield _Wish("", ("OffsetX",), 0)
    if settings.height is not None:
        yield _Wish("", ("OffsetY",), 0)
    yield from _asked(settings, "width")
    yield from _asked(settings, "height")
    yield from _asked(settings, "offset_x")
    yield from _asked(settings, "offset_y")
    if settings.exposure_us is not None:
        yield _Wish("", ("ExposureAuto",), "Off")
    yield from _asked(settings, "exposure_us")
    if settings.gain is not None:
        yield _Wish("", ("GainAuto",), "Off")
    yield from _asked(settings, "gain")
    if settings.fps is not None:
        yield _Wish("", ("AcquisitionFrameRateEnable",), True)
    yield from _asked(settings, "fps")
    if settings.trigger == "free":
        yield _Wish("", ("TriggerMode",), "Off")
    elif settings.trigger is not None:
        yield _Wish("trigger", ("TriggerSource",), settings.trigger)
        yield _Wish("trigger", ("TriggerMode",), "On")


def _asked(settings: GenicamSettings, key: str) -> Iterator[_Wish]:
    value = getattr(settings, key)
    if value is not None:
        yield _Wish(key, _NAMES[key], value)


def _is(got: Value, wanted: Value) -> bool:
    if isinstance(wanted, int | float) and isinstance(got, float):
        return abs(got - wanted) <= TOLERANCE * abs(wanted)
    return got == wanted


def _hint(features: Features, name: str, error: Exception | None = None) -> str:
    """What would be taken, or else what the SDK says."""
    try:
        allowed = features.allowed(name)
    except Exception:
        allowed = ""
    if allowed:
        return f"allowed: {allowed}"
    return "give a value it has, or null to leave it as it is" if error is None else first_line(error)


def first_line(error: BaseException) -> str:
    """An SDK's error without its stack of files and lines."""
    text = " ".join(str(getattr(error, "message", error)).split("\n")[0].split())
    return text.partition(" : ")[0].partition(" (file ")[0] or type(error).__name__
