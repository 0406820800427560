"""Live cameras, all of them: what may be judged, what is lost, and how a lost one comes back."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

from inspector.errors import SourceError
from inspector.messages import Frame, Image, Missed, Seen, Silence
from inspector.sources import live
from inspector.sources.frame_ids import FrameIds
from inspector.sources.live import Broken, CameraAbsent, DeviceLost, Grabbed, LiveSource, Setting
from tests.sources.footage import HEIGHT, WIDTH, number_of, picture

Step: TypeAlias = Grabbed | Broken | Exception | Callable[[], Grabbed] | None


class ScriptedDevice:
    """A camera that gives what its script gives, raises the errors in it, and then is silent."""

    name = "camera X"

    def __init__(self, *script: Step, size: tuple[int, int] = (WIDTH, HEIGHT), patience_s: float | None = 0.05) -> None:
        self.script: Iterator[Step] = iter(script)
        self.frame_size = size
        self.patience_s = patience_s
        self.closed = 0

    @property
    def ids(self) -> FrameIds:
        return FrameIds()

    def settings(self) -> list[Setting]:
        return [Setting(key="gain", value="3")]

    def start(self) -> None:
        assert not self.closed

    def grab(self, wait_s: float) -> Grabbed | Broken | None:
        step = next(self.script, None)
        if isinstance(step, Exception):
            raise step
        if step is None:
            time.sleep(0.01)
        return step() if callable(step) else step

    def close(self) -> None:
        self.closed += 1


class Bench:
    """Opens one device after the other; then there is none."""

    def __init__(self, *devices: ScriptedDevice | SourceError) -> None:
        self.waiting = list(devices)
        self.opened: list[ScriptedDevice] = []

    def __call__(self) -> ScriptedDevice:
        device = self.waiting.pop(0) if self.waiting else SourceError("there is no camera X")
        if isinstance(device, SourceError):
            raise device
        self.opened.append(device)
        return device


class Waits(threading.Event):
    """A stop event that waits for nothing."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


def given(*devices: ScriptedDevice | SourceError, until: Callable[[list[Seen]], bool]) -> list[Seen]:
    """What comes, up to and with the first for which `until` holds."""
    bench, stop, seen = Bench(*devices), Waits(), []
    source = LiveSource(bench)
    for each in source.frames(stop):
        seen.append(each)
        if until(seen):
            stop.set()
        assert len(seen) < 500, seen[-10:]
    source.close()
    assert all(device.closed for device in bench.opened)
    return seen


def grabbed(value: int, number: int | None = None, camera_ns: int | None = None, image: Image | None = None) -> Grabbed:
    return Grabbed(image=picture(value) if image is None else image, arrived_ns=time.monotonic_ns(), number=number,
                   camera_ns=camera_ns)  # fmt: skip


def frames(count: int) -> Callable[[list[Seen]], bool]:
    return lambda seen: sum(isinstance(each, Frame) for each in seen) == count


def told(seen: list[Seen]) -> list[str]:
    """Each in a word: the frame's picture, the loss with its count, or what the silence says; repeats left out."""
    words: list[str] = []
    for each in seen:
        match each:
            case Frame():
                word = str(number_of(each.image))
            case Missed():
                word = f"{each.reason} {each.count}"
            case Silence():
                word = each.lost or "-"
        if not (words and isinstance(each, Silence) and words[-1] == word):
            words.append(word)
    return words


def test_numbers_left_out_and_broken_pictures_are_missed_and_the_counter_shows_them() -> None:
    broken = Broken(arrived_ns=time.monotonic_ns(), number=16, detail="packets are missing")
    seen = given(
        ScriptedDevice(grabbed(1, 10), grabbed(2, 13), grabbed(3, 14), broken, grabbed(4, 17)), until=frames(4)
    )
    assert told(seen) == ["1", "missed 2", "2", "3", "missed 1", "missed 1", "4"]
    assert [each.counter for each in seen if isinstance(each, Frame)] == [1, 4, 5, 8]
    assert [each.detail for each in seen if isinstance(each, Missed)][-1] == "packets are missing"


def test_a_frame_number_that_came_before_is_stale() -> None:
    seen = given(ScriptedDevice(grabbed(1, 10), grabbed(2, 10), grabbed(3, 9), grabbed(4, 11)), until=frames(2))
    assert told(seen) == ["1", "stale 1", "stale 1", "4"]


def test_without_numbers_the_same_bytes_again_are_stale() -> None:
    seen = given(ScriptedDevice(grabbed(1), grabbed(1), grabbed(2), grabbed(1)), until=frames(3))
    assert told(seen) == ["1", "stale 1", "2", "1"]
    assert [each.detail for each in seen if isinstance(each, Missed)] == ["camera X gave the same picture again"]


def test_one_pixel_is_enough_to_be_another_picture() -> None:
    other = picture(1)
    other[30, 20, 1] += 1
    assert told(given(ScriptedDevice(grabbed(1), grabbed(1, image=other)), until=frames(2))) == ["1", "1"]


@pytest.mark.parametrize("number", [None, 7])
def test_a_picture_from_before_the_loss_is_not_judged_after_it(number: int | None) -> None:
    """Whatever its number: those of another opening say nothing of it."""
    again = ScriptedDevice(grabbed(1, number), grabbed(2, number and number + 1))
    seen = given(ScriptedDevice(grabbed(1, number), DeviceLost("is gone")), again, until=frames(2))
    assert told(seen) == ["1", "camera X is gone; opening it again", "stale 1", "2"]


def test_a_picture_that_the_driver_kept_back_is_stale() -> None:
    now = time.monotonic_ns()
    old = Grabbed(image=picture(3), arrived_ns=now + 3_000_000_000, camera_ns=60_000_000)
    fresh = [Grabbed(image=picture(n), arrived_ns=now + n * 20_000_000, camera_ns=n * 20_000_000) for n in (1, 2)]
    caught_up = Grabbed(image=picture(4), arrived_ns=now + 3_010_000_000, camera_ns=3_010_000_000)
    assert told(given(ScriptedDevice(*fresh, old, caught_up), until=frames(3))) == ["1", "2", "stale 1", "4"]


def test_the_exposure_is_the_cameras_time_where_it_has_a_clock() -> None:
    now = time.monotonic_ns()
    late = Grabbed(image=picture(2), arrived_ns=now + 90_000_000, camera_ns=20_000_000)
    seen = given(ScriptedDevice(Grabbed(image=picture(1), arrived_ns=now, camera_ns=0), late), until=frames(2))
    assert (seen[1].exposed_ns - seen[0].exposed_ns) / 1e6 == pytest.approx(20, abs=1)
    assert seen[1].arrived_ns - seen[0].arrived_ns == 90_000_000


def test_a_lost_camera_says_so_until_it_gives_a_picture() -> None:
    gone = SourceError("there is no camera X")
    dumb = ScriptedDevice()  # it opens, and gives nothing
    seen = given(ScriptedDevice(grabbed(1), DeviceLost("is gone")), gone, gone, dumb, ScriptedDevice(grabbed(2)),
                 until=frames(2))  # fmt: skip
    assert told(seen) == [
        "1",
        "camera X is gone; opening it again",
        "there is no camera X; opening it again",
        "camera X gave no picture for 0.05 s; opening it again",
        "2",
    ]


def test_the_back_off_grows_until_a_picture_came_not_until_the_camera_opens() -> None:
    source = LiveSource(
        Bench(ScriptedDevice(grabbed(1)), *(ScriptedDevice() for _ in range(3)), ScriptedDevice(grabbed(2)))
    )
    stop, waited = Waits(), []
    stop.wait = lambda timeout=None: waited.append(timeout) or stop.is_set()  # type: ignore[method-assign, func-returns-value]
    for each in source.frames(stop):
        if isinstance(each, Frame) and number_of(each.image) == 2:
            break
    source.close()
    assert sum(waited) == pytest.approx(0.2 + 0.4 + 0.8 + 1.6)


def test_a_triggered_camera_may_be_silent_and_is_back_when_it_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "QUIET_S", 0.02)
    lost = ScriptedDevice(None, None, None, DeviceLost("lost its link"), patience_s=None)
    back = ScriptedDevice(None, None, None, None, grabbed(5), patience_s=None)
    assert told(given(lost, back, until=frames(1))) == ["-", "camera X lost its link; opening it again", "-", "5"]


def test_a_free_running_camera_says_no_more_that_it_waits_while_it_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "QUIET_S", 0.02)
    slow = ScriptedDevice(*[None] * 8, grabbed(2), patience_s=1.0)
    seen = given(ScriptedDevice(grabbed(1), DeviceLost("is gone")), slow, until=frames(2))
    assert told(seen) == ["1", "camera X is gone; opening it again", "2"]


def test_a_line_that_takes_its_time_is_not_the_cameras_silence() -> None:
    device, stop, seen = ScriptedDevice(grabbed(1), None, grabbed(2), patience_s=0.05), threading.Event(), []
    source = LiveSource(Bench(device))
    for each in source.frames(stop):
        seen.append(each)
        time.sleep(0.1)
        if frames(2)(seen):
            stop.set()
    source.close()
    assert told(seen) == ["1", "2"]


def test_a_camera_frozen_on_one_picture_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "FROZEN_S", 0.05)

    def frozen() -> Grabbed:
        time.sleep(0.01)
        return grabbed(1)

    seen = given(ScriptedDevice(*[frozen] * 100), ScriptedDevice(grabbed(2)), until=frames(2))
    assert told(seen)[0] == "1"
    assert told(seen)[-2:] == ["camera X repeats one picture for 0.05 s; opening it again", "2"]
    assert set(told(seen)[1:-2]) == {"stale 1"}


def test_a_still_scene_is_judged_while_the_numbers_go_on_and_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "FROZEN_S", 0.0)
    seen = given(ScriptedDevice(grabbed(1, 1), grabbed(1, 2), grabbed(1, 3)), until=frames(3))
    assert told(seen) == ["1", "1", "1"]


def test_a_camera_that_counts_anew_is_opened_anew() -> None:
    seen = given(ScriptedDevice(grabbed(1, 90_000), grabbed(2, 3)), ScriptedDevice(grabbed(3, 4)), until=frames(2))
    assert told(seen) == ["1", "camera X counts its frames anew, from 90000 to 3; opening it again", "3"]


def test_a_camera_that_comes_back_with_other_frames_is_not_back() -> None:
    other, right = ScriptedDevice(grabbed(2), size=(WIDTH, 8)), ScriptedDevice(grabbed(3))
    seen = given(ScriptedDevice(grabbed(1), DeviceLost("is gone")), other, right, until=frames(2))
    assert told(seen)[-2:] == ["camera X came back with frames of 64 × 8, not 64 × 48; opening it again", "3"]
    assert other.closed


def test_a_stop_is_heard_while_a_driver_takes_its_time_and_what_it_opens_then_is_closed() -> None:
    stop, may_open, late = threading.Event(), threading.Event(), ScriptedDevice()
    first = ScriptedDevice(DeviceLost("is gone"))
    bench = Bench(first)

    def opened() -> ScriptedDevice:
        if bench.waiting:
            return bench()
        stop.set()
        assert may_open.wait(10)
        return late

    source = LiveSource(opened)
    assert told(list(source.frames(stop))) == ["camera X is gone; opening it again"]
    source.close()
    (opening,) = (thread for thread in threading.enumerate() if thread.name == "opening")
    may_open.set()
    opening.join(10)
    assert first.closed
    assert late.closed


def test_a_stop_before_it_is_opened_again_closes_the_lost_one() -> None:
    lost, stop = ScriptedDevice(DeviceLost("is gone")), threading.Event()
    source = LiveSource(Bench(lost))
    for _ in source.frames(stop):
        stop.set()
    source.close()
    assert lost.closed


def test_a_source_that_was_closed_opens_its_camera_again_when_it_is_asked_again() -> None:
    first, second = ScriptedDevice(grabbed(1), RuntimeError("an SDK's own")), ScriptedDevice(grabbed(1), grabbed(2))
    source, stop, seen = LiveSource(Bench(first, second)), Waits(), []
    with pytest.raises(RuntimeError):
        seen.extend(source.frames(stop))
    source.close()
    for each in source.frames(stop):
        seen.append(each)
        if isinstance(each, Frame):
            stop.set()
    source.close()
    assert told(seen) == ["1", "camera X was closed; opening it again", "stale 1", "2"]
    assert [each.counter for each in seen if isinstance(each, Frame)] == [1, 3]


def test_what_a_driver_raises_unawares_costs_one_attempt() -> None:
    raises = iter([RuntimeError("an SDK's own"), None])

    def opened() -> ScriptedDevice:
        if error := next(raises, None):
            raise error
        return ScriptedDevice(grabbed(7))

    device = ScriptedDevice(DeviceLost("is gone"))
    source, stop, seen = LiveSource(Bench(device)), Waits(), []
    source._opened = opened  # noqa: SLF001
    for each in source.frames(stop):
        seen.append(each)
        if isinstance(each, Frame):
            stop.set()
    source.close()
    assert told(seen)[1:] == ["RuntimeError: an SDK's own; opening it again", "7"]


def test_a_camera_that_is_not_there_at_the_start_is_an_error() -> None:
    with pytest.raises(SourceError, match="there is no camera X"):
        LiveSource(Bench())
    with pytest.raises(CameraAbsent, match="nobody answers"):
        LiveSource(Bench(CameraAbsent("nobody answers")))
    with pytest.raises(SourceError, match="gain is refused"):  # waiting mends no settings
        LiveSource(Bench(SourceError("gain is refused")), waits=True)


def test_a_camera_that_is_waited_for_is_lost_until_it_is_there() -> None:
    absent = CameraAbsent("nobody answers")
    source, stop, seen = LiveSource(Bench(absent, absent, ScriptedDevice(grabbed(1))), waits=True), Waits(), []
    assert source.frame_size is None
    for each in source.frames(stop):
        seen.append(each)
        if isinstance(each, Frame):
            stop.set()
    assert told(seen) == ["nobody answers; opening it again", "1"]
    assert source.frame_size == (WIDTH, HEIGHT)
    source.close()
