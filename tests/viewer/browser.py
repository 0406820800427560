"""The page in Debian's Chromium, and how to wait for what it shows."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.needs import needs

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]  # fmt: skip
BOUND_MS = 15_000
EVIL = "<img src=x onerror=\"document.title='owned'\">"


@contextmanager
def launched() -> "Iterator[Browser]":
    """Chromium; skips the test, saying so, where there is none."""
    needs(importlib.util.find_spec("playwright") is not None, "playwright")
    needs(Path(CHROMIUM).exists(), CHROMIUM)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@contextmanager
def opened(chromium: "Browser") -> "Iterator[Page]":
    """A page that must not complain: not of an error, not of something that its policy forbids."""
    complaints: list[str] = []
    with chromium.new_context(viewport={"width": 1280, "height": 800}) as context:
        context.set_default_timeout(BOUND_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        yield page
    # That a server cannot be reached, or refuses, is what Chromium says of the network, and no fault of the page.
    fine = ("WebSocket connection", "Failed to load resource")
    assert [each for each in complaints if not any(words in each for words in fine)] == []


def reads(page: "Page", name: str, text: str) -> None:
    """Wait until the element of that id reads so."""
    page.wait_for_function("([id, text]) => document.getElementById(id).innerText === text", arg=[name, text])


def tells(page: "Page", name: str, text: str) -> None:
    """Wait until the element of that id contains a text."""
    page.wait_for_function("([id, text]) => document.getElementById(id).innerText.includes(text)", arg=[name, text])


def lamp(page: "Page", kind: str) -> None:
    """Wait until the lamp says so, by its shape, too."""
    page.wait_for_function(
        """(kind) => document.getElementById("lamp").dataset.kind === kind
            && document.getElementById("shape").getAttribute("href") === `#shape-${kind}`""",
        arg=kind,
    )
