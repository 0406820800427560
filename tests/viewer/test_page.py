"""The page in a real browser: what stands beside the line says what is so, and never more."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.viewer.browser import EVIL, lamp, launched, opened, reads, tells
from tests.viewer.conftest import Viewer, viewing
from tests.viewer.stations import GREEN, RED, Station, overlay, running
from tests.wire.samples import free_port, local_wire

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    with launched() as browser:
        yield browser


@pytest.fixture
def page(chromium: "Browser") -> "Iterator[Page]":
    with opened(chromium) as page:
        yield page


@pytest.fixture
def station(viewer: Viewer) -> Iterator[Station]:
    with running(viewer.wire) as station:
        yield station


def open_page(page: "Page", viewer: Viewer) -> None:
    """Open it, and wait until a picture is there."""
    page.goto(viewer.url)
    page.wait_for_selector("#empty", state="hidden")


def showing(page: "Page", colour: tuple[int, int, int], at: float = 0.1) -> None:
    """Wait until the picture is of that colour, at a share of its height: near the top is neither heat nor outline."""
    page.wait_for_function(
        """([[blue, green, red], at]) => {
            const canvas = document.getElementById("picture");
            const [x, y] = [canvas.width / 2, canvas.height * at];
            const seen = canvas.getContext("2d").getImageData(x, y, 1, 1).data;
            return Math.abs(seen[0] - red) + Math.abs(seen[1] - green) + Math.abs(seen[2] - blue) < 30;
        }""",
        arg=[colour, at],
    )


def glowing(page: "Page") -> None:
    """Wait until the middle of a red picture is yellow: there the heat is, twice the threshold."""
    page.wait_for_function(
        """() => {
            const canvas = document.getElementById("picture");
            const [x, y] = [canvas.width / 2, canvas.height / 2];
            return canvas.getContext("2d").getImageData(x, y, 1, 1).data[1] > 60;
        }"""
    )


def test_the_counters_move_with_the_line(page: "Page", viewer: Viewer, station: Station) -> None:
    open_page(page, viewer)
    for outcome in ("pass", "pass", "fail", "not_inspected"):
        station.judge(outcome)
    for name, count in (("parts", "4"), ("passed", "2"), ("failed", "1"), ("uninspected", "1"), ("yield", "50.0")):
        reads(page, name, count)
    reads(page, "reasons", "late 1")


def test_a_reject_appears_with_its_picture(page: "Page", viewer: Viewer, station: Station) -> None:
    open_page(page, viewer)
    station.judge("fail", part="bottle 7", seen=True)
    lamp(page, "fail")
    for name, text in (("word", "FAIL"), ("lamp-part", "#1"), ("lamp-name", "bottle 7"), ("score", "31.00")):
        reads(page, name, text)
    page.wait_for_selector("#rejects button canvas:visible")
    showing(page, RED)


def test_a_reject_is_held_long_enough_to_be_seen(page: "Page", viewer: Viewer, station: Station) -> None:
    open_page(page, viewer)
    page.evaluate(
        """() => {
            window.changes = [];
            const lamp = document.getElementById("lamp");
            const note = () => window.changes.push([lamp.dataset.kind, performance.now()]);
            new MutationObserver(note).observe(lamp, { attributeFilter: ["data-kind"] });
        }"""
    )
    station.judge("fail", seen=True)
    showing(page, RED)
    for _ in range(5):
        station.judge("pass")
    lamp(page, "pass")
    reads(page, "lamp-part", "#6")
    first = dict(reversed(page.evaluate("window.changes")))
    assert first["pass"] - first["fail"] > 1000


def test_freeze_on_a_reject_and_return(page: "Page", viewer: Viewer, station: Station) -> None:
    open_page(page, viewer)
    station.judge("fail", part="bottle 7", seen=True)
    page.click("#rejects button")
    tells(page, "frozen", "bottle 7")
    assert page.get_attribute("#rejects button", "aria-pressed") == "true"
    for _ in range(3):
        station.judge("pass", seen=True)
    lamp(page, "pass")  # the line goes on, and the lamp with it
    showing(page, RED)
    page.keyboard.press("Escape")
    page.wait_for_selector("#frozen", state="hidden")
    station.judge("pass", seen=True)
    showing(page, GREEN)


def test_rejects_are_within_reach_of_the_keyboard(page: "Page", viewer: Viewer, station: Station) -> None:
    open_page(page, viewer)
    station.judge("fail", part="first", seen=True)
    station.judge("fail", part="second", seen=True)
    page.wait_for_selector("#rejects li:nth-child(2)")
    page.focus("#rejects li:first-child button")
    page.keyboard.press("Enter")
    tells(page, "frozen-part", "second")
    page.keyboard.press("ArrowRight")
    tells(page, "frozen-part", "first")
    page.keyboard.press("ArrowLeft")
    tells(page, "frozen-part", "second")


def test_the_heat_map_can_be_turned_off(page: "Page", viewer: Viewer, station: Station) -> None:
    open_page(page, viewer)
    station.judge("fail", seen=True)
    page.wait_for_selector("#rejects button canvas:visible")
    page.click("#rejects button")
    showing(page, RED)
    glowing(page)
    page.keyboard.press("h")
    page.wait_for_selector("#heat[aria-pressed=false]")
    showing(page, RED, at=0.5)


def test_silence_is_no_signal_and_never_a_pass(page: "Page", viewer: Viewer, station: Station) -> None:
    open_page(page, viewer)
    station.judge("pass")
    lamp(page, "pass")
    station.beating = False
    lamp(page, "no_signal")
    reads(page, "word", "NO SIGNAL")
    tells(page, "detail", "Silent since ")
    page.wait_for_selector("#stale:visible")
    station.judge("pass")  # a verdict without a heart that beats
    reads(page, "score-name", "Score of the last part, #2")
    assert page.get_attribute("#lamp", "data-kind") == "no_signal"
    station.beating = True
    lamp(page, "pass")
    page.wait_for_selector("#stale", state="hidden")


def test_a_station_that_is_not_ready_says_why(page: "Page", viewer: Viewer, station: Station) -> None:
    open_page(page, viewer)
    station.judge("pass")
    station.reasons = ("camera unplugged",)
    station.state = "not_ready"
    lamp(page, "not_ready")
    tells(page, "detail", "camera unplugged")
    station.reasons = ()
    station.state = "ended"
    lamp(page, "ended")
    reads(page, "state", "Run ended")


def test_a_run_that_ended_stays_ended_when_the_station_is_gone(page: "Page", viewer: Viewer) -> None:
    with running(viewer.wire) as station:
        open_page(page, viewer)
        station.judge("pass")
        station.state = "ended"
        lamp(page, "ended")
    page.wait_for_timeout(1500)  # longer than what is silence else
    lamp(page, "ended")


def test_it_follows_a_station_that_starts_again(page: "Page", viewer: Viewer) -> None:
    with running(viewer.wire, "r1") as station:
        open_page(page, viewer)
        for _ in range(3):
            station.judge("fail", seen=True)
        reads(page, "parts", "3")
    lamp(page, "no_signal")
    with running(viewer.wire, "r2") as station:
        station.judge("pass")
        lamp(page, "pass")
        reads(page, "parts", "1")
        assert page.locator("#rejects li").count() == 3  # still to be looked at


def test_it_connects_again_to_a_viewer_that_starts_again(page: "Page") -> None:
    wire, port = local_wire(), free_port()
    with running(wire, greeted=False) as station:
        with viewing(wire, port) as viewer:
            station.wait_for_viewer()
            open_page(page, viewer)
            station.judge("pass")
            lamp(page, "pass")
        lamp(page, "no_signal")
        tells(page, "detail", "viewer does not answer")
        with viewing(wire, port):
            page.wait_for_selector("#lamp:not([data-kind=no_signal])")
            station.judge("pass")
            lamp(page, "pass")
            reads(page, "lamp-part", "#2")


def test_what_comes_from_the_wire_is_only_ever_text(page: "Page", viewer: Viewer, station: Station) -> None:
    open_page(page, viewer)
    station.judge("fail", part=EVIL, seen=True)
    lamp(page, "fail")
    reads(page, "lamp-name", EVIL)
    page.wait_for_selector("#rejects button canvas:visible")
    page.click("#rejects button")
    tells(page, "frozen", EVIL)
    station.reasons = (EVIL,)
    station.state = "not_ready"
    lamp(page, "not_ready")
    tells(page, "detail", EVIL)
    assert page.locator("img:not([id=sheet-nearest])").count() == 1  # the brand's
    assert "owned" not in page.title()


def test_names_and_reasons_of_a_change_are_only_ever_text_either(
    page: "Page", viewer: Viewer, station: Station
) -> None:
    open_page(page, viewer)
    station.judge("fail", part=EVIL)
    station.tell("threshold", by=EVIL, why=EVIL, threshold=EVIL, threshold_before="1", recipe=EVIL, recipe_before=EVIL)
    station.tell(EVIL, anything=EVIL)
    page.goto(f"{viewer.url}#/whatif")
    tells(page, "change-who", EVIL)
    page.goto(f"{viewer.url}#/health")
    page.wait_for_function("(evil) => document.getElementById('events').innerText.split(evil).length > 7", arg=EVIL)
    assert page.locator("img:not([id=sheet-nearest])").count() == 1  # the brand's
    assert "owned" not in page.title()


def test_a_picture_that_is_none_stops_none_of_those_after_it(page: "Page", viewer: Viewer, station: Station) -> None:
    open_page(page, viewer)
    station.beating = False  # no preview shall take their place
    flat = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for broken in (
        replace(overlay(7), jpeg=b"no picture"),
        replace(overlay(8), picture_to_source=flat, map_to_source=flat),
    ):
        station.show(broken)
    station.show(overlay(9, "fail"))
    showing(page, RED)
    tells(page, "caption", "#9")


def test_a_page_opened_late_shows_what_was_before(page: "Page", viewer: Viewer, station: Station) -> None:
    open_page(page, viewer)
    station.judge("fail", seen=True)
    station.judge("pass")
    page.wait_for_selector("#rejects button canvas:visible")
    page.reload()
    page.wait_for_selector("#rejects button canvas:visible")
    lamp(page, "pass")
    tells(page, "trend-note", "last 2 parts")


STANDINGS: list[tuple[dict[str, Any], int | None, int, str]] = [
    ({"age_ms": 0, "state": "ready"}, 0, 0, "pass"),
    ({"age_ms": 0, "state": "ready"}, 0, 900, "pass"),
    ({"age_ms": 0, "state": "ready"}, 0, 1100, "no_signal"),
    ({"age_ms": 900, "state": "ready"}, 0, 200, "no_signal"),
    ({"age_ms": None}, 0, 0, "no_signal"),
    ({"age_ms": 0, "state": "ready"}, 9500, 600, "waiting"),
    ({"age_ms": 0, "state": "ready"}, None, 0, "waiting"),
    ({"age_ms": 0, "state": "starting"}, 0, 0, "starting"),
    ({"age_ms": 0, "state": "not_ready"}, 0, 0, "not_ready"),
    ({"age_ms": 0, "state": "stopping"}, 0, 0, "stopping"),
    ({"age_ms": 60_000, "state": "ended"}, 0, 0, "ended"),
    ({"age_ms": 60_000, "state": "ended"}, 0, 3000, "no_signal"),  # the viewer is gone: who knows what runs now
]
"""What the server said of the station, the age of the newest verdict (a pass), how long ago that was; the lamp then."""


def test_a_pass_is_shown_only_of_a_station_heard_and_ready_and_a_part_just_judged(page: "Page", viewer: Viewer) -> None:
    page.goto(viewer.url)
    found = page.evaluate(
        """async (standings) => {
            const { Model } = await import("/model.js");
            return standings.map(([status, judged_ms, later]) => {
                const model = new Model();
                model.take({ status, judged_ms, trend: [{ seq: 1, outcome: "pass" }] }, 1000);
                return model.standing(1000 + later).kind;
            });
        }""",
        STANDINGS,
    )
    assert found == [kind for *_, kind in STANDINGS]


def test_a_picture_is_upright_and_its_map_where_it_belongs(page: "Page", viewer: Viewer, station: Station) -> None:
    open_page(page, viewer)
    station.beating = False  # no preview shall take its place
    station.show(overlay(9, "fail"))
    showing(page, RED)
    glowing(page)  # the hot patches are in the middle, in source pixels; the picture is half as large


def test_nothing_sticks_out(page: "Page", viewer: Viewer, station: Station) -> None:
    open_page(page, viewer)
    station.judge("fail", part="W" * 64, seen=True)
    page.wait_for_selector("#rejects button canvas:visible")
    for width, height in ((1920, 1080), (1280, 800), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function("(width) => innerWidth === width", arg=width)
        size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert size[0] == width
        if width > 760:
            assert size[1] == height
            shown = page.locator("#well").bounding_box()
            assert shown is not None
            assert shown["width"] * shown["height"] > 0.36 * width * height
            assert page.locator(".side").evaluate("(side) => side.scrollHeight <= side.clientHeight")


def test_nothing_sticks_out_of_the_other_views_either(page: "Page", viewer: Viewer, station: Station) -> None:
    page.goto(f"{viewer.url}#/health")
    page.wait_for_selector("#mini:not([data-kind=no_signal])")
    station.reasons = ("W" * 300,)
    station.state = "not_ready"
    station.judge("fail", part="W" * 64, seen=True)
    page.wait_for_selector("#alarm:visible")  # the longest text there is
    for key in "2345":
        page.keyboard.press(key)
        for width, height in ((1920, 1080), (1280, 800), (820, 1180), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_function(
                """([width, height]) => {
                    const { scrollWidth, scrollHeight } = document.documentElement;
                    return innerWidth === width && scrollWidth === width && (width < 901 || scrollHeight === height);
                }""",
                arg=[width, height],
            )


def test_views_are_reached_by_keyboard_by_link_and_by_going_back(page: "Page", viewer: Viewer) -> None:
    page.goto(f"{viewer.url}#/trend")
    page.wait_for_selector("main[data-view=trend]:visible")
    page.keyboard.press("5")
    page.wait_for_selector("main[data-view=health]:visible")
    assert page.get_attribute(".views a >> text=Health", "aria-current") == "page"
    assert page.locator("main:visible").count() == 1
    page.go_back()
    page.wait_for_selector("main[data-view=trend]:visible")
    page.keyboard.press("?")
    page.wait_for_selector("#help[open]")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.wait_for_selector("main[data-view=live]:visible")


PARTS = [(10.0, "pass"), (19.0, "pass"), (20.0, "pass"), (21.0, "fail"), (40.0, "fail"), (None, "not_inspected")]
FLIPS: list[tuple[float, list[float], list[float]]] = [
    (20.0, [], []), (21.0, [21.0], []), (20.99, [], []), (50.0, [40.0, 21.0], []), (19.0, [], [20.0]),
    (9.0, [], [10.0, 19.0, 20.0]),
]  # fmt: skip
"""A threshold to try: the scores that would pass with it, and those that would be rejected."""


def test_what_if_gives_the_verdicts_anew(page: "Page", viewer: Viewer) -> None:
    page.goto(viewer.url)
    found = page.evaluate(
        """async ([parts, thresholds]) => {
            const { comparable, flips } = await import("/flips.js");
            const verdicts = comparable(parts.map(([score, outcome]) => ({ score, outcome })));
            return thresholds.map((threshold) => {
                const { toPass, toFail } = flips(verdicts, threshold);
                return [threshold, ...[toPass, toFail].map((found) => found.map(({ score }) => score))];
            });
        }""",
        [PARTS, [threshold for threshold, *_ in FLIPS]],
    )
    assert [tuple(each) for each in found] == FLIPS


def test_the_histogram_puts_no_part_on_the_wrong_side_of_the_threshold(page: "Page", viewer: Viewer) -> None:
    page.goto(viewer.url)
    scores = [20.0 + (step - 50) * 0.037 for step in range(100)]
    below, above, counted = page.evaluate(
        """async (scores) => {
            const { bars } = await import("/flips.js");
            const made = bars(scores.map((score) => ({ score })), 20.0);
            const middle = ([from]) => from + made.width / 2;
            const sum = (some) => some.reduce((all, [, number]) => all + number, 0);
            const below = made.bars.filter((bar) => middle(bar) < 20);
            return [sum(below), sum(made.bars.filter((bar) => middle(bar) > 20)), sum(made.bars)];
        }""",
        scores,
    )
    assert (below, above, counted) == (sum(s <= 20 for s in scores), sum(s > 20 for s in scores), 100)


def test_light_and_dark_follow_the_system_until_chosen(page: "Page", viewer: Viewer, station: Station) -> None:
    page.emulate_media(color_scheme="dark")
    open_page(page, viewer)
    assert page.get_attribute("html", "data-theme") == "dark"
    page.emulate_media(color_scheme="light")
    page.wait_for_selector("html[data-theme=light]")
    page.click("#theme")
    page.click("#theme")
    page.wait_for_selector("html[data-theme=dark]")
    page.reload()
    assert page.get_attribute("html", "data-theme") == "dark"
