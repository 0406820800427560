"""GenTL cameras: harvesters for real, on the producer that the genicam wheel brings."""

import sys
import threading
import time
from statistics import median
from typing import Any

import pytest

from inspector.config import GenicamSource
from inspector.errors import SourceError
from inspector.messages import Frame, Missed
from inspector.sources import Source, open_source
from inspector.sources.live import LiveSource
from tests.sources.cameras import producer
from tests.sources.footage import take


def opened(**settings: Any) -> Source:
    return open_source(GenicamSource(producer=producer(), **settings))


@pytest.mark.parametrize("device", ["1", "VikyTL_DEV_blue"])
@pytest.mark.parametrize("pixel_format", ["RGBa8", "Mono8"])
def test_a_camera_is_found_by_serial_number_or_id(device: str, pixel_format: str) -> None:
    source = opened(device=device, fps=20, pixel_format=pixel_format)  # none is lost on a busy machine
    assert source.frame_size == (400, 400)
    frames = [each for each in take(source, 5) if isinstance(each, Frame)]
    assert [frame.counter for frame in frames] == [1, 2, 3, 4, 5]
    assert (frames[0].image.max(axis=(0, 1)) > 0).any()


def test_frames_for_which_no_buffer_was_free_are_missed() -> None:
    source, stop, seen = opened(device="0", fps=100), threading.Event(), []
    for each in source.frames(stop):
        seen.append(each)
        if len(seen) == 2:
            time.sleep(0.3)  # the reader falls behind
        if any(isinstance(one, Missed) for one in seen) and isinstance(each, Frame):
            stop.set()
    source.close()
    (lost,) = (each for each in seen if isinstance(each, Missed))
    assert lost.reason == "missed"
    assert 10 < lost.count < 60
    assert lost.detail == "frame numbers of genicam camera 0 were left out"


def test_a_picture_of_another_size_than_the_camera_said_is_missed() -> None:
    from inspector.sources.genicam import GenicamDevice

    device = GenicamDevice(GenicamSource(producer=producer(), device="0", fps=100))
    device.frame_size = (400, 300)  # somebody sets the camera anew, behind the station
    seen = take(LiveSource(lambda: device), 3)
    lost = [each for each in seen if isinstance(each, Missed) and each.reason == "size"]
    assert lost
    assert lost[0].detail == "genicam camera 0 gave a picture that is not 400 × 300, as it said"
    assert not any(isinstance(each, Frame) for each in seen)


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({}, "source.device must say which; cameras of .*viky.cti: VikyTL_DEV_red / 0, VikyTL_DEV_green / 1"),
        ({"device": "nope"}, "source.device nope is the name of 0; cameras of .*: VikyTL_DEV_red / 0"),
        (
            {"device": "0", "exposure_us": 10},
            "source.exposure_us is 10, but .* has no ExposureTime to set; null",
        ),
        ({"device": "0", "pixel_format": "Mono12"}, "source.pixel_format is Mono12, but .*; allowed: RGBa8, Mono8"),
    ],
)
def test_what_does_not_fit_is_named_with_what_there_is(settings: dict[str, Any], fault: str) -> None:
    with pytest.raises(SourceError, match=fault):
        opened(**settings)
    opened(device="0").close()  # and nothing of the failed attempt holds the camera


def test_a_producer_that_is_not_there_is_named() -> None:
    producer()
    with pytest.raises(SourceError, match="source.producer /nowhere.cti does not exist; it is the .cti file"):
        open_source(GenicamSource(producer="/nowhere.cti"))


def test_no_gige_interface_is_asked_for_its_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listing them would broadcast on the network."""
    producer()
    from inspector.sources import genicam

    asked = []

    class Info:
        def __init__(self, info: Any, kind: str) -> None:
            self.tl_type, self.display_name, self._info = kind, f"{kind} card", info

        def create_interface(self) -> Any:
            asked.append(self.tl_type)
            return self._info.create_interface()

    class System:
        def __init__(self, system: Any) -> None:
            self._system = system

        def __getattr__(self, name: str) -> Any:
            return getattr(self._system, name)

        @property
        def interface_info_list(self) -> list[Info]:
            (info, *_) = self._system.interface_info_list
            return [Info(info, "GEV"), Info(info, "U3V")]

    real = genicam.Producers._open_systems  # noqa: SLF001

    def opened_systems(self: Any) -> None:
        real(self)
        self._systems[:] = map(System, self._systems)

    monkeypatch.setattr(genicam.Producers, "_open_systems", opened_systems)
    with pytest.raises(SourceError, match="not asked: GEV card"):
        opened(device="nope")
    assert asked == ["U3V"]


def test_waiting_for_a_picture_holds_up_no_other_thread() -> None:
    """harvesters waits inside Python's lock; whoever wants it meanwhile gets it after Python's switch interval."""
    producer()
    from inspector.sources.genicam import GenicamDevice

    device, pauses, over = GenicamDevice(GenicamSource(producer=producer(), device="0", fps=1)), [], threading.Event()

    def sleep_lightly() -> None:
        while not over.is_set():
            begun = time.perf_counter()
            time.sleep(0.001)
            pauses.append(time.perf_counter() - begun)

    device.start()
    sleeper = threading.Thread(target=sleep_lightly)
    sleeper.start()
    for _ in range(4):
        device.grab(0.2)
    over.set()
    sleeper.join()
    device.close()
    assert median(pauses) < 0.7 * sys.getswitchinterval()
