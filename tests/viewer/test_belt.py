"""The belt in a real browser: each part is followed by a frame that carries its verdict, once it has one."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from inspector.messages import Followed, Scene
from tests.viewer.browser import launched, opened, reads, tells
from tests.viewer.conftest import Viewer
from tests.viewer.stations import BLUE, Station, overlay, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PASS, FAIL, NEUTRAL = (149, 199, 53), (61, 106, 255), (255, 255, 255)
"""Colours of the frames, BGR."""


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    with launched() as browser:
        yield browser


@pytest.fixture
def page(chromium: "Browser", viewer: Viewer) -> "Iterator[Page]":
    with opened(chromium) as page:
        page.goto(viewer.url)
        yield page


@pytest.fixture
def station(viewer: Viewer) -> Iterator[Station]:
    with running(viewer.wire) as station:
        yield station


def box(x: float, seq: int | None, moved: float = 0.0) -> Followed:
    """A part, 40 wide, in the previews' source of 160 × 120 pixels."""
    return Followed(x=x, y=40.0, width=40.0, height=50.0, seq=seq, moved=None if seq is None else (moved, 0.0))


def belt(*parts: Followed) -> Scene:
    return Scene(line=70.0, travel="horizontal", parts=parts)


def framed(page: "Page", x: float, colour: tuple[int, int, int], there: bool = True) -> None:
    """Wait until the left edge of a frame around a box at that x is of that colour in its middle, or no longer."""
    page.wait_for_function(
        """([x, [blue, green, red], there]) => {
            const canvas = document.getElementById("picture");
            const at = [(x * canvas.width) / 160 - 5 * devicePixelRatio, (65 * canvas.height) / 120];
            const seen = canvas.getContext("2d").getImageData(Math.floor(at[0]) - 1, at[1], 3, 1).data;
            const off = (i) => Math.abs(seen[i] - red) + Math.abs(seen[i + 1] - green) + Math.abs(seen[i + 2] - blue);
            return [0, 4, 8].some((i) => off(i) < 90) === there;
        }""",
        arg=[x, colour, there],
    )


def glows(page: "Page", x: float, hot: bool = True) -> None:
    """Wait until there is heat over the blue at that x, half way down, or no longer."""
    page.wait_for_function(
        """([x, hot]) => {
            const canvas = document.getElementById("picture");
            const [at, middle] = [(x * canvas.width) / 160, canvas.height / 2];
            return canvas.getContext("2d").getImageData(at, middle, 1, 1).data[0] > 90 === hot;
        }""",
        arg=[x, hot],
    )


def belt_says(page: "Page", text: str) -> None:
    page.wait_for_function("(text) => document.getElementById('picture').ariaLabel === text", arg=text)


def test_a_frame_is_neutral_until_the_verdict_and_then_carries_it(page: "Page", station: Station) -> None:
    station.scene = belt(box(20, None), box(100, 1))
    belt_says(page, "The belt: a part before the line, #1 being judged")
    framed(page, 100, NEUTRAL)
    framed(page, 20, NEUTRAL, there=False)  # of this one only the corners
    station.judge("pass")
    framed(page, 100, PASS)
    station.scene = belt(box(20, 2), box(100, 1))
    station.judge("fail")
    framed(page, 20, FAIL)
    framed(page, 100, PASS)
    belt_says(page, "The belt: #2 fail, #1 pass")


def test_a_frame_goes_with_its_part_and_its_heat_with_it(page: "Page", station: Station) -> None:
    station.scene = belt(box(60, 1))
    belt_says(page, "The belt: #1 being judged")
    station.judge("fail", seen=True)  # the hot patches are around 80, 60 of the source
    framed(page, 60, FAIL)
    station.scene = belt(box(100, 1, moved=40))
    framed(page, 100, FAIL)
    framed(page, 60, FAIL, there=False)
    glows(page, 120)
    glows(page, 80, hot=False)


def test_a_page_opened_late_has_the_heat_of_rejects_that_are_still_on_the_belt(page: "Page", station: Station) -> None:
    station.scene = belt(box(100, 1, moved=40), box(20, 2))
    belt_says(page, "The belt: #1 being judged, #2 being judged")
    station.judge("fail", seen=True)
    page.wait_for_selector("#rejects button canvas:visible")
    station.judge("pass", seen=True)
    page.reload()
    framed(page, 100, FAIL)
    glows(page, 120)


def test_the_last_part_is_shown_beside_the_belt_and_neither_waits_for_the_other(page: "Page", station: Station) -> None:
    station.scene = belt()
    belt_says(page, "The belt: no part on it")
    page.wait_for_selector("#last .empty:visible")
    station.judge("fail", seen=True)
    reads(page, "last-part", "#1 · fail")
    page.wait_for_selector("#part:visible")
    station.scene = belt(box(20, None))
    belt_says(page, "The belt: a part before the line")  # though a reject's picture stays a while
    reads(page, "last-part", "#1 · fail")


def test_a_pass_right_behind_a_reject_waits_its_turn_and_is_then_the_last_part(page: "Page", station: Station) -> None:
    station.scene = belt()
    belt_says(page, "The belt: no part on it")
    page.evaluate(
        """() => {
            window.said = [];
            const last = document.getElementById("last-part");
            const note = () => window.said.push([last.textContent, performance.now()]);
            new MutationObserver(note).observe(last, { childList: true, characterData: true, subtree: true });
        }"""
    )
    station.judge("fail", seen=True)
    reads(page, "last-part", "#1 · fail")
    station.judge("pass", seen=True)
    reads(page, "last-part", "#2 · pass")
    came = dict(page.evaluate("window.said"))
    assert came["#2 · pass"] - came["#1 · fail"] > 1000


def test_frozen_on_a_reject_the_belt_makes_room_for_it(page: "Page", station: Station) -> None:
    station.scene = belt(box(20, None))
    belt_says(page, "The belt: a part before the line")
    station.judge("fail", part="bottle 7", seen=True)
    page.wait_for_selector("#rejects button canvas:visible")
    page.keyboard.press("f")
    tells(page, "frozen", "bottle 7")
    page.wait_for_selector("#last", state="hidden")
    framed(page, 20, BLUE, there=False)
    page.keyboard.press("Escape")
    page.wait_for_selector("#last:visible")
    belt_says(page, "The belt: a part before the line")


def test_a_line_that_is_stopped_shows_its_belt_without_frames(page: "Page", station: Station) -> None:
    station.scene = belt(box(20, 1))
    station.judge("pass")
    framed(page, 20, PASS)
    station.scene = None
    belt_says(page, "The belt: no part on it")
    framed(page, 20, PASS, there=False)
    page.wait_for_selector("#last:visible")


def test_another_station_in_its_place_that_follows_nothing_looks_as_ever(page: "Page", viewer: Viewer) -> None:
    with running(viewer.wire, "r1") as station:
        station.scene = belt()
        page.wait_for_selector("#last:visible")
    with running(viewer.wire, "r2") as station:
        page.wait_for_selector("#last", state="hidden")
        station.beating = False
        station.show(overlay(1, "pass", run="r2"))
        tells(page, "caption", "#1")


def test_a_pass_is_green_only_on_the_part_that_has_it(page: "Page", viewer: Viewer) -> None:
    with running(viewer.wire, "r1") as station:
        station.scene = belt(box(20, 1))
        station.judge("pass")
        framed(page, 20, PASS)
    with running(viewer.wire, "r2") as station:  # its part 1 is another
        station.scene = belt(box(20, 1))
        belt_says(page, "The belt: #1 being judged")
        framed(page, 20, NEUTRAL)


def test_nothing_sticks_out_beside_the_belt(page: "Page", station: Station) -> None:
    station.scene = belt(box(20, 1))
    belt_says(page, "The belt: #1 being judged")
    station.judge("fail", part="W" * 64, seen=True)
    page.wait_for_selector("#part:visible")
    for width, height in ((1920, 1080), (1280, 720), (820, 1180), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(
            """([width, height]) => {
                const { scrollWidth, scrollHeight } = document.documentElement;
                return innerWidth === width && scrollWidth === width && (width < 901 || scrollHeight === height);
            }""",
            arg=[width, height],
        )
        shown, last = page.locator("#picture").bounding_box(), page.locator("#part").bounding_box()
        assert shown is not None
        assert last is not None
        assert shown["width"] > last["width"] > 60
