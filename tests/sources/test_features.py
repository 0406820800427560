import pytest

from inspector.config import GenicamSettings
from inspector.errors import SourceError
from inspector.sources.features import Value, apply, is_triggered


class Camera:
    """Keeps what is set, in the order it is set; has no other features than those it starts with."""

    def __init__(self, **features: Value) -> None:
        self.features = features
        self.order: list[tuple[str, Value]] = []

    def has(self, name: str) -> bool:
        return name in self.features

    def get(self, name: str) -> Value:
        return self.features[name]

    def set(self, name: str, value: Value) -> None:
        if value == "refused":
            raise RuntimeError("not writable : AccessException thrown (file 'x.cpp', line 3)")
        self.order.append((name, value))
        self.features[name] = round(value, 1) if isinstance(value, float) else value

    def allowed(self, name: str) -> str:
        raise RuntimeError


EVERYTHING = {
    "PixelFormat": "Mono8", "Width": 1, "Height": 1, "OffsetX": 9, "OffsetY": 9, "ExposureAuto": "Continuous",
    "ExposureTime": 1.0, "GainAuto": "Continuous", "Gain": 0.0, "AcquisitionFrameRateEnable": False,
    "AcquisitionFrameRate": 1.0, "TriggerSelector": "AcquisitionStart", "TriggerMode": "On", "TriggerSource": "Line0",
    "GevSCPSPacketSize": 1500,
}  # fmt: skip


def test_each_setting_is_made_room_for_by_those_before_it() -> None:
    camera = Camera(**EVERYTHING)
    settings = GenicamSettings(pixel_format="BayerRG8", width=640, height=480, offset_x=16, offset_y=8, gain=3.0,
                               exposure_us=99.97, fps=50.0, trigger="Line1", packet_size=8192)  # fmt: skip
    apply(camera, settings, "camera X")
    assert camera.order == [
        ("TriggerSelector", "FrameStart"), ("TriggerMode", "Off"),
        ("GevSCPSPacketSize", 8192), ("PixelFormat", "BayerRG8"),
        ("OffsetX", 0), ("OffsetY", 0), ("Width", 640), ("Height", 480), ("OffsetX", 16), ("OffsetY", 8),
        ("ExposureAuto", "Off"), ("ExposureTime", 99.97), ("GainAuto", "Off"), ("Gain", 3.0),
        ("AcquisitionFrameRateEnable", True), ("AcquisitionFrameRate", 50.0),
        ("TriggerSource", "Line1"), ("TriggerMode", "On"),
    ]  # fmt: skip
    assert is_triggered(camera)


def test_what_is_null_is_left_as_the_camera_has_it() -> None:
    camera = Camera(**EVERYTHING)
    apply(camera, GenicamSettings(), "camera X")
    assert camera.order == [("TriggerSelector", "FrameStart")]  # which trigger is looked at, not what it does
    assert is_triggered(camera)


def test_free_ends_the_trigger() -> None:
    camera = Camera(TriggerMode="On")
    apply(camera, GenicamSettings(trigger="free"), "camera X")
    assert not is_triggered(camera)
    assert not is_triggered(Camera())


def test_older_cameras_have_older_names() -> None:
    camera = Camera(ExposureTimeAbs=1.0, GainRaw=3, AcquisitionFrameRateAbs=1.0)
    apply(camera, GenicamSettings(exposure_us=50.0, gain=7.0, fps=10.0), "camera X")
    assert camera.features == {"ExposureTimeAbs": 50.0, "GainRaw": 7.0, "AcquisitionFrameRateAbs": 10.0}


@pytest.mark.parametrize(
    ("camera", "settings", "fault"),
    [
        (Camera(), GenicamSettings(gain=1.0), "source.gain is 1.0, but camera X has no Gain to set; null leaves it"),
        (
            Camera(ExposureTime=0.0),
            GenicamSettings(exposure_us=0.04),
            "source.exposure_us is 0.04, but .* stays at 0",
        ),
        (Camera(PixelFormat="Mono8"), GenicamSettings(pixel_format="refused"), "camera X refuses it; not writable$"),
    ],
)
def test_a_setting_that_does_not_take_is_named(camera: Camera, settings: GenicamSettings, fault: str) -> None:
    with pytest.raises(SourceError, match=fault):
        apply(camera, settings, "camera X")
