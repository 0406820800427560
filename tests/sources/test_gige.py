"""GigE Vision cameras: Aravis for real, on its fake camera on loopback, opened at its address."""

import threading
import time
from typing import Any

import pytest

from inspector.config import GigeSource
from inspector.errors import SourceError
from inspector.messages import Frame, Missed, Silence
from inspector.sources import Source, open_source
from inspector.sources.live import LiveSource
from tests.sources.cameras import gige_camera
from tests.sources.footage import take

SMALL = {"width": 256, "height": 128, "packet_size": 1400}


def opened(**settings: Any) -> Source:
    return open_source(GigeSource(**{"address": "127.0.0.1", **SMALL, **settings}))


def test_settings_reach_the_camera_and_bayer_becomes_colour() -> None:
    with gige_camera():
        source = opened(pixel_format="BayerRG8", exposure_us=3000, gain=3, fps=50, trigger="free")
        assert source.frame_size == (256, 128)
        frames = [each for each in take(source, 6) if isinstance(each, Frame)]
        assert len(frames) >= 5  # the first may have begun before it was listened to
        assert (frames[-1].image[..., 0] != frames[-1].image[..., 2]).any()
        from inspector.sources.gige import GigeDevice

        device = GigeDevice(GigeSource(address="127.0.0.1"))
        assert device.features.get("PixelFormat") == "BayerRG8"
        assert device.features.get("ExposureTimeAbs") == 3000
        device.close()


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"pixel_format": "Mono9"}, "source.pixel_format is Mono9, but gige camera .*; allowed: BayerBG8, BayerGB8"),
        ({"exposure_us": 1e12}, r"source.exposure_us is 1000000000000.0, but .*; allowed: 10 to 10000000"),
        ({"trigger": "Line77"}, "source.trigger is Line77, but .* refuses it; allowed: Line0, Software"),
    ],
)
def test_a_refused_setting_is_named_with_what_the_camera_takes(settings: dict[str, Any], fault: str) -> None:
    with gige_camera(), pytest.raises(SourceError, match=fault):
        opened(**settings)


def test_pictures_with_packets_missing_are_missed() -> None:
    with gige_camera(lost_per_thousand=20):
        seen = take(opened(), 40)
    lost = {(each.reason, each.detail) for each in seen if isinstance(each, Missed)}
    assert ("missed", "gige camera 127.0.0.1 gave a broken picture: missing-packets") in lost


def test_a_picture_of_another_size_than_the_camera_said_is_missed() -> None:
    from inspector.sources.gige import GigeDevice

    with gige_camera():
        device = GigeDevice(GigeSource(address="127.0.0.1", **SMALL))
        device.frame_size = (256, 100)  # somebody sets the camera anew, behind the station
        seen = take(LiveSource(lambda: device), 3)
    lost = [each for each in seen if isinstance(each, Missed) and each.reason == "size"]
    assert lost
    assert lost[0].detail == "gige camera 127.0.0.1 gave a picture that is not 256 × 100, as it said"
    assert not any(isinstance(each, Frame) for each in seen)


def test_a_camera_whose_cable_is_pulled_is_lost_and_comes_back() -> None:
    stop, lost, begun = threading.Event(), [], time.monotonic()
    with gige_camera() as camera:
        source = opened(timeout_s=0.5)
        for seen in source.frames(stop):
            assert time.monotonic() - begun < 60
            if isinstance(seen, Frame) and not lost and camera.process.poll() is None:
                camera.off()
            elif isinstance(seen, Frame) and lost:
                stop.set()
            elif isinstance(seen, Silence) and seen.lost and not lost:
                lost.append(seen.lost)
                camera.on()
        source.close()
    assert lost == ["gige camera 127.0.0.1 gave no picture for 0.5 s; opening it again"]


def test_nobody_at_the_address_is_said_with_what_to_look_at() -> None:
    with (
        gige_camera(),
        pytest.raises(SourceError, match=r"gige camera 127\.0\.0\.9 cannot be opened: .*is the add"),
    ):
        opened(address="127.0.0.9")
    with pytest.raises(SourceError, match="gige camera nonsense cannot be opened: .*is the address right"):
        opened(address="nonsense")
