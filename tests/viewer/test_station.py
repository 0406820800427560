"""The page beside a real station on the bundled recording: station, bridge, store and viewer as at a line."""

import json
import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from websockets.sync.client import connect

from inspector.config import Config
from tests.programs import Program, beside, eventually, write_config
from tests.programs import running as started
from tests.viewer.browser import EVIL, launched, opened, reads, tells

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLANGE = Path(__file__).parents[2] / "recordings" / "flange"
TOKEN = "the-engineer-of-line-7"
DEFECTIVE = "000006.webp"
"""The first part that fails."""


@dataclass(frozen=True)
class Line:
    """A line that runs."""

    folder: Path
    config: Config
    program: Program

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.config.viewer.port}"

    def post(self, path: str, body: dict[str, object], token: str = "") -> int:
        """The status that a program's request gets."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        try:
            with urlopen(Request(self.url + path, json.dumps(body).encode(), headers), timeout=60) as answer:
                return int(answer.status)
        except HTTPError as error:
            with error:
                return error.code


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """Eight parts a second, for ever; one of them has a name that means harm."""
    folder = tmp_path_factory.mktemp("line")
    (folder / "frames").mkdir()
    lines = (FLANGE / "inspect" / "index.jsonl").read_text().splitlines()
    with (folder / "index.jsonl").open("w") as index:
        for each in map(json.loads, lines[:24]):
            name = f"{EVIL}.webp" if each["file"] == DEFECTIVE else each["file"]
            shutil.copy(FLANGE / "inspect" / "frames" / each["file"], folder / "frames" / name)
            index.write(json.dumps({**each, "file": name}) + "\n")
    config = write_config(
        folder,
        FLANGE / "recipe",
        station={"name": "line7", "log_folder": None},
        source={"type": "recording", "path": str(folder), "speed": 4, "loop": True},
        line={"deadline_ms": 5000},
        store={"folder": "store", "free_mb": 0},
        viewer={"engineer_token": TOKEN},
    )
    with started("run", folder=folder) as program:
        program.until("viewer of line7")
        yield Line(folder, config, program)
        program.send(signal.SIGINT)


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    with launched() as browser:
        yield browser


@pytest.fixture
def page(chromium: "Browser", line: Line) -> "Iterator[Page]":
    with opened(chromium) as page:
        page.goto(line.url)
        page.wait_for_selector("#empty", state="hidden", timeout=60_000)
        yield page


def number(page: "Page", name: str) -> int:
    return int(page.inner_text(f"#{name}").replace("\u202f", "").lstrip("#"))


def more_than(page: "Page", name: str, least: int) -> None:
    """Wait until a counter is above that."""
    page.wait_for_function(
        "([id, least]) => Number(document.getElementById(id).innerText.replaceAll('\u202f', '')) > least",
        arg=[name, least],
    )


def test_the_counters_move_and_a_reject_appears_with_its_picture(page: "Page") -> None:
    page.wait_for_function("() => document.getElementById('parts').innerText !== '–'")
    before = number(page, "parts")
    more_than(page, "parts", before + 5)
    page.wait_for_selector("#rejects button[data-outcome=fail] canvas:visible")
    assert page.get_attribute("#mode", "hidden") is None  # it is a recording, and says so


def test_freeze_on_the_last_reject_and_step_through_those_before(page: "Page") -> None:
    page.wait_for_selector("#rejects li:nth-child(3) canvas:visible")
    page.keyboard.press("f")
    page.wait_for_selector("#frozen:visible")
    frozen = [page.inner_text("#frozen-part")]
    for _ in range(2):
        page.keyboard.press("ArrowRight")
        page.wait_for_function("(last) => document.getElementById('frozen-part').innerText !== last", arg=frozen[-1])
        frozen.append(page.inner_text("#frozen-part"))
    parts = [int(each.split(" ")[0].lstrip("#")) for each in frozen]
    assert parts == sorted(parts, reverse=True)
    assert len(set(parts)) == 3
    before = number(page, "parts")
    more_than(page, "parts", before + 2)  # the line goes on
    assert page.inner_text("#frozen-part") == frozen[-1]
    page.keyboard.press("Escape")
    page.wait_for_selector("#frozen", state="hidden")


def test_why_was_it_rejected_is_answered_beside_the_nearest_good_patch(page: "Page") -> None:
    page.click(".views a >> text=Rejects")
    page.select_option("#filters [name=kind]", "fail")  # a slow machine may have others
    page.wait_for_selector("#gallery li:nth-child(2) canvas:visible")
    page.click("#gallery li:nth-child(2) button")
    page.wait_for_selector("#sheet[open] #sheet-nearest:visible")
    page.wait_for_function("() => document.getElementById('sheet-nearest').naturalWidth > 20")
    assert "fail" in page.inner_text("#sheet-title")
    coloured = page.evaluate(
        """() => ["sheet-picture", "sheet-crop"].map((id) => {
            const canvas = document.getElementById(id);
            const { data } = canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height / 2, 1, 1);
            return data[3];
        })"""
    )
    assert coloured == [255, 255]


def test_a_mark_goes_to_the_station_and_comes_back_exported(page: "Page", line: Line) -> None:
    page.click(".views a >> text=Rejects")
    page.select_option("#filters [name=kind]", "fail")
    page.click("#gallery li:nth-child(1) button:has-text('×')")
    page.fill("#sheet-by", "Anna <b>")
    part = page.inner_text("#sheet-title").split(" ")[0].lstrip("#")
    page.click("#sheet-false")
    reads(page, "sheet-mark", "False reject, says Anna <b>")
    page.click("#sheet-close")
    page.select_option("#filters [name=mark]", "false_reject")
    page.wait_for_selector("#gallery .flag:visible")
    eventually(lambda: f",{part}," in _text(f"{line.url}/marks.csv"), "the mark is exported")
    row = next(each for each in _text(f"{line.url}/marks.csv").splitlines() if f",{part}," in each)
    assert row.endswith(",false_reject,Anna <b>")


def test_what_if_changes_nothing_until_confirmed_outlives_a_restart_and_is_taken_back_by_one_click(
    page: "Page", line: Line
) -> None:
    page.click(".views a >> text=What if")
    page.wait_for_function("() => document.getElementById('whatif-now').innerText !== '–'")
    in_force = page.inner_text("#whatif-now")
    tried = page.evaluate(
        """() => {
            const slider = document.getElementById("whatif-value");
            slider.valueAsNumber = 2 * Number(document.getElementById("whatif-now").innerText);
            slider.dispatchEvent(new Event("input"));
            return slider.valueAsNumber;
        }"""
    )
    assert tried > float(in_force)
    more_than(page, "to-pass", 0)
    page.wait_for_selector("#flipped li canvas:visible")
    page.fill("#confirm-by", "Anna")
    page.fill("#confirm-why", "it rejects fingerprints")
    page.click("#confirm-go")
    page.fill("#ask-input", "a token that is wrong")
    page.keyboard.press("Enter")
    tells(page, "ask-told", "no token of this station")
    assert page.inner_text("#whatif-now") == in_force
    page.fill("#ask-input", TOKEN)
    page.keyboard.press("Enter")
    page.wait_for_function("(before) => document.getElementById('whatif-now').innerText !== before", arg=in_force,
                           timeout=60_000)  # fmt: skip
    tells(page, "change-who", "Anna: «it rejects fingerprints»")
    tells(page, "change-force", "judges since part #")
    recipe = page.inner_text("#change-force").split(" ")[1]
    raised, run = page.inner_text("#whatif-now"), page.text_content("#run")
    os.kill(beside(line.program)["run"], signal.SIGKILL)
    # A station that starts again judges by the version that was put into force, and its verdicts name it.
    page.wait_for_function(
        """([run, recipe]) => document.getElementById("run").textContent !== run
            && document.getElementById("recipe").textContent === `recipe ${recipe}`""",
        arg=[run, recipe],
        timeout=60_000,
    )
    assert page.inner_text("#whatif-now") == raised
    page.click("#take-back")
    page.wait_for_function("(before) => document.getElementById('whatif-now').innerText === before", arg=in_force,
                           timeout=60_000)  # fmt: skip
    tells(page, "change-detail", "Taken back")


def test_nothing_is_changed_without_the_token(line: Line) -> None:
    change = {"by": "Eve", "why": "because", "value": 1e9}
    assert line.post("/threshold", change) == 401
    assert line.post("/threshold", change, "wrong") == 401
    assert line.post("/take-back", {"by": "Eve"}) == 401
    assert line.post("/threshold", {**change, "why": " "}, TOKEN) == 400
    assert line.post("/threshold", {**change, "value": -1}, TOKEN) == 400
    assert line.post("/take-back", {"by": "Anna"}, TOKEN) == 409  # the station refuses: there is nothing to take back


def test_the_trend_has_every_part_and_opens_one(page: "Page") -> None:
    page.click(".views a >> text=Trend")
    page.wait_for_function("() => /[1-9][0-9]* parts/.test(document.getElementById('history-note').innerText)")
    page.wait_for_selector("#hours tr td:nth-child(3)")
    tells(page, "shift-note", "parts inspected since")
    page.focus("#history")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_selector("#sheet[open]")


def test_a_bridge_that_hangs_is_an_alarm_until_somebody_has_seen_it(page: "Page", line: Line) -> None:
    bridge = beside(line.program)["bridge"]
    page.click(".views a >> text=Health")
    os.kill(bridge, signal.SIGSTOP)
    try:
        tells(page, "alarms", "the bridge has fallen silent")  # a slow machine may have raised others besides
        assert page.is_visible("#alarm")
        assert page.inner_text("#badge") != ""
    finally:
        os.kill(bridge, signal.SIGCONT)
    page.wait_for_selector("#components li:nth-child(4)[data-level=ok]")
    page.click("#alarms li:has-text('fallen silent') button")  # it is over, but nobody has seen it
    page.fill("#ask-input", "Anna")
    page.keyboard.press("Enter")
    tells(page, "alarms", "seen by Anna")
    page.wait_for_selector("#alarms li:has-text('fallen silent') button", state="detached")
    page.wait_for_selector("#alarm:has-text('fallen silent')", state="hidden")
    tells(page, "events", "alarm seen: plc fault")
    eventually(lambda: "Anna" in _logged(line, "acknowledge"), "it is in the store's log")


def test_the_page_follows_the_station_through_a_restart(page: "Page", line: Line) -> None:
    more_than(page, "parts", 5)
    before = page.inner_text("#run")
    os.kill(beside(line.program)["run"], signal.SIGKILL)
    page.wait_for_function(
        "(before) => document.getElementById('run').innerText !== before", arg=before, timeout=60_000
    )
    page.wait_for_selector("#lamp:is([data-kind=pass], [data-kind=fail])", timeout=60_000)
    more_than(page, "parts", 3)
    assert page.locator("#rejects li").count() > 1  # those before it are still to be looked at


def test_part_ids_that_mean_harm_are_only_text_in_every_view(page: "Page") -> None:
    page.click(".views a >> text=Rejects")
    page.wait_for_function("(evil) => document.getElementById('gallery').innerText.includes(evil)", arg=EVIL)
    page.click(f"#gallery button:has-text({json.dumps(EVIL)}) >> nth=0")
    tells(page, "sheet-title", EVIL)
    page.click("#sheet-close")
    for view in ("Trend", "What if", "Health", "Live"):
        page.click(f".views a >> text={view}")
        page.wait_for_timeout(50)
    assert page.locator("img:not(#sheet-nearest)").count() == 1
    assert "owned" not in page.title()


def test_one_browser_and_nineteen_sockets_are_all_served(page: "Page", line: Line) -> None:
    before = number(page, "parts") if page.inner_text("#parts") != "–" else 0
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(connect(f"{line.url.replace('http', 'ws')}/live", origin=line.url, max_size=None))  # type: ignore[arg-type]
            for _ in range(19)
        ]
        for socket in sockets:
            pictures = 0
            while pictures < 3:
                pictures += isinstance(socket.recv(timeout=60), bytes)
                socket.send("")
        more_than(page, "parts", before + 3)


def _logged(line: Line, kind: str) -> str:
    """Who asked for events of that kind, as the store's log has it."""
    log = sqlite3.connect(f"file:{line.folder / 'store' / 'log.sqlite'}?mode=ro", uri=True)
    with closing(log):
        told = [json.loads(content) for (content,) in log.execute("SELECT content FROM log WHERE kind = 'event'")]
    return " ".join(each["facts"]["by"] for each in told if each["kind"] == kind)


def _text(url: str) -> str:
    with urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())
