"""Basler cameras: pypylon for real, on the camera that pylon emulates."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.config import PylonSource
from inspector.errors import SourceError
from inspector.messages import Frame, Missed, Silence
from inspector.sources.live import LiveSource
from tests.sources.cameras import needs_pylon
from tests.sources.footage import number_of, picture, take, write_picture


@pytest.fixture(autouse=True)
def _pylon() -> None:
    needs_pylon()


def device(**settings: Any) -> Any:
    from inspector.sources.pylon import PylonDevice

    return PylonDevice(PylonSource(interface="emulation", **{"width": 64, "height": 48, "fps": 200, **settings}))


def test_settings_reach_the_camera() -> None:
    opened = device(pixel_format="BayerGB12", offset_x=8, offset_y=4, exposure_us=2500, gain=6, trigger="free")
    try:
        features = opened.features
        names = ("PixelFormat", "Width", "Height", "OffsetX", "OffsetY", "ExposureTime", "AcquisitionFrameRate")
        assert [features.get(name) for name in names] == ["BayerGB12", 64, 48, 8, 4, 2500, 200]
        assert features.get("Gain") == pytest.approx(6, rel=0.01)
        assert opened.patience_s == 2
    finally:
        opened.close()


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"pixel_format": "Mono9"}, "source.pixel_format is Mono9, but .* refuses it; allowed: Mono8, Mono10"),
        ({"width": 5000}, "source.width is 5000, but pylon camera emulation refuses it; allowed: 1 to 4096"),
        ({"exposure_us": 1e9}, r"source.exposure_us is 1000000000.0, but .* refuses it; allowed: 1 to 10000000"),
        ({"trigger": "Line9"}, "source.trigger is Line9, but .* refuses it; allowed: Software, Line1"),
        ({"pixel_format": "RGB16Packed"}, "pixel format RGB16Packed is not read; those that are: Mono8"),
        ({"serial": "77"}, r"pylon camera 77 cannot be opened: .*; emulation cameras here: .*0815-0000"),
    ],
)
def test_a_refused_setting_is_named_with_what_the_camera_takes(settings: dict[str, Any], fault: str) -> None:
    with pytest.raises(SourceError, match=fault):
        device(**settings)


def test_pictures_from_a_folder_come_through_with_their_pixels(tmp_path: Path) -> None:
    for number in range(1, 4):
        write_picture(tmp_path / f"{number}.png", picture(number))
    seen = take(LiveSource(lambda: device(pictures=str(tmp_path), pixel_format="BGR8Packed")), 6)
    frames = [each for each in seen if isinstance(each, Frame)]
    assert [number_of(frame.image) for frame in frames] == [1, 2, 3, 1, 2, 3]
    np.testing.assert_array_equal(frames[0].image, picture(1))


def test_the_emulation_is_opened_in_the_size_of_its_pictures(tmp_path: Path) -> None:
    for number in (1, 2):
        write_picture(tmp_path / f"{number}.png", picture(number, 80, 40))
    opened = device(pictures=str(tmp_path), width=None, height=None)
    assert opened.frame_size == (80, 40)
    frames = [each for each in take(LiveSource(lambda: opened), 4) if isinstance(each, Frame)]
    assert [frame.image.shape for frame in frames] == [(40, 80, 3)] * 4


def test_a_picture_of_another_size_than_the_camera_said_is_missed(tmp_path: Path) -> None:
    for number in (1, 2):
        write_picture(tmp_path / f"{number}.png", picture(number, 80, 40))
    seen = take(LiveSource(lambda: device(pictures=str(tmp_path))), 3)
    lost = [each for each in seen if isinstance(each, Missed)]
    assert [each.reason for each in lost] == ["size"] * 3
    assert lost[0].detail == "pylon camera emulation gave a picture that is not 64 × 48, as it said"


def test_a_folder_with_one_picture_is_a_still_scene(tmp_path: Path) -> None:
    write_picture(tmp_path / "1.png", picture(1))
    seen = take(LiveSource(lambda: device(pictures=str(tmp_path))), 4)
    assert all(isinstance(each, Frame) for each in seen)


def test_pictures_the_driver_gave_up_on_are_missed() -> None:
    opened = device()
    stop, seen = threading.Event(), []
    source = LiveSource(lambda: opened)
    for each in source.frames(stop):
        seen.append(each)
        if len(seen) == 3:
            opened.features.set("ForceFailedBufferCount", 2)
            opened.features.run("ForceFailedBuffer")
        if sum(isinstance(one, Missed) for one in seen) == 2 and isinstance(each, Frame):
            stop.set()
    source.close()
    lost = [each for each in seen if isinstance(each, Missed)]
    assert [(each.count, each.reason) for each in lost] == [(1, "missed")] * 2
    assert lost[0].detail.startswith("pylon camera emulation gave a broken picture: ")
    counters = [each.counter for each in seen if isinstance(each, Frame)]
    assert counters[-1] == len(seen)  # their numbers are not given to others


def test_a_triggered_camera_is_silent_and_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.sources.live.QUIET_S", 0.05)
    opened = device(trigger="Software", timeout_s=0.01)
    stop = threading.Event()

    def script() -> Iterator[str]:
        for each in source.frames(stop):
            if isinstance(each, Frame):
                stop.set()
            elif isinstance(each, Silence):
                yield each.lost
                opened.features.run("TriggerSoftware")

    source = LiveSource(lambda: opened)
    said = list(script())
    source.close()
    assert said
    assert set(said) == {""}
