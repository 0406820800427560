"""A viewer that asks who looks: over real sockets, and in a browser."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import msgspec
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from inspector.config import ViewerConfig
from inspector.viewer.access import TRIES
from inspector.viewer.view import bind, serve
from tests.viewer.browser import launched, opened, tells
from tests.viewer.conftest import Viewer, config, viewing
from tests.viewer.stations import running
from tests.wire.samples import BOUND_S, local_wire

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VIEW, ENGINEER = "who-may-look-here", "who-may-change-this"


@contextmanager
def guarded() -> Iterator[Viewer]:
    """A viewer that shows nothing to those who do not know a token."""
    stop, wire = threading.Event(), local_wire()
    keys = ViewerConfig(view_token=VIEW, engineer_token=ENGINEER)
    asked = msgspec.structs.replace(config(wire), viewer=keys)
    with bind(msgspec.structs.replace(keys, port=0)) as listener:
        thread = threading.Thread(target=serve, args=(asked, listener, stop), name="test-viewer")
        thread.start()
        try:
            yield Viewer(wire, listener.getsockname()[1])
        finally:
            stop.set()
            thread.join()


@pytest.fixture
def viewer() -> Iterator[Viewer]:
    with guarded() as running_:
        yield running_


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    with launched() as browser:
        yield browser


def told(viewer: Viewer, path: str, body: object = None, **headers: str) -> tuple[int, str, str]:
    """Status, body and cookie that a request gets."""
    data = None if body is None else json.dumps(body).encode()
    kind = {"Content-Type": "application/json"} if body is not None else {}
    request = Request(viewer.url + path, data, {**kind, **{k.replace("_", "-"): v for k, v in headers.items()}})
    try:
        with urlopen(request, timeout=BOUND_S) as answer:
            return answer.status, answer.read().decode(errors="replace"), answer.headers.get("Set-Cookie", "")
    except HTTPError as error:
        with error:
            return error.code, error.read().decode(), ""


@pytest.mark.parametrize("path", ["/rows", "/figures", "/rejects", "/part?run=r1&seq=1", "/overlay?run=r1&seq=1",
                                  "/nearest?run=r1&seq=1", "/marks.csv"])  # fmt: skip
def test_nothing_is_told_without_the_token(viewer: Viewer, path: str) -> None:
    assert told(viewer, path)[0] == 401
    assert told(viewer, path, Authorization=f"Bearer {VIEW}")[0] in (200, 404)


def test_the_stream_is_closed_to_those_without_a_token(viewer: Viewer) -> None:
    with pytest.raises(InvalidStatus):
        connect(f"ws://127.0.0.1:{viewer.port}/live")
    allowed = {"Authorization": f"Bearer {VIEW}"}
    with connect(f"ws://127.0.0.1:{viewer.port}/live", additional_headers=allowed) as socket:
        assert "about" in str(socket.recv(timeout=BOUND_S))


def test_a_token_told_once_is_remembered_in_a_cookie_that_no_script_reads_and_no_other_site_sends(
    viewer: Viewer,
) -> None:
    status, _, cookie = told(viewer, "/session", {"token": VIEW})
    assert status == 200
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert VIEW not in cookie
    assert told(viewer, "/rows", Cookie=cookie.partition(";")[0])[0] == 200
    assert json.loads(told(viewer, "/session", Cookie=cookie.partition(";")[0])[1])["role"] == "view"


def test_who_may_look_may_say_what_they_saw_and_change_nothing(viewer: Viewer) -> None:
    allowed = f"Bearer {VIEW}"
    assert told(viewer, "/threshold", {"by": "a", "why": "b", "value": 1}, Authorization=allowed)[0] == 401
    assert told(viewer, "/take-back", {"by": "a"}, Authorization=allowed)[0] == 401
    assert told(viewer, "/acknowledge", {"by": "a", "number": 1}, Authorization=allowed)[0] == 409  # there is none


@pytest.mark.parametrize(
    "body",
    [
        "not an object",
        {"by": ""},
        {"by": "x" * 65},
        {"by": "a", "number": "1"},
        {},
        {"by": "\ud800"},
        {"by": "a", "number": 10**20},
    ],
)
def test_a_request_that_is_none_is_refused(viewer: Viewer, body: object) -> None:
    status, text, _ = told(viewer, "/acknowledge", body, Authorization=f"Bearer {ENGINEER}")
    assert status in (400, 409)
    assert json.loads(text)["done"] is False


def test_a_form_of_another_site_changes_nothing(viewer: Viewer) -> None:
    """It could send a cookie only where SameSite is not kept; but not JSON, and its origin shows."""
    allowed = {"Authorization": f"Bearer {ENGINEER}"}
    change = {"by": "a", "why": "b", "value": 1}
    assert told(viewer, "/threshold", change, Origin="http://evil.example", **allowed)[0] == 403
    plain = Request(f"{viewer.url}/threshold", json.dumps(change).encode(), {"Content-Type": "text/plain", **allowed})
    with pytest.raises(HTTPError) as refused:
        urlopen(plain, timeout=BOUND_S)
    with refused.value:
        assert refused.value.code == 400


def test_wrong_tokens_are_slowed_down_and_so_is_the_right_one_then(viewer: Viewer) -> None:
    for number in range(TRIES):
        assert told(viewer, "/session", {"token": f"wrong {number}"})[0] == 403
    assert told(viewer, "/session", {"token": VIEW})[0] == 429


def test_a_token_is_not_found_by_asking_as_a_program_either(viewer: Viewer) -> None:
    for number in range(TRIES):
        assert told(viewer, "/rows", Authorization=f"Bearer wrong {number}")[0] == 401
    assert told(viewer, "/rows", Authorization=f"Bearer {VIEW}")[0] == 401
    assert told(viewer, "/session", {"token": VIEW})[0] == 429


def test_a_long_body_is_not_read(viewer: Viewer) -> None:
    assert told(viewer, "/session", {"token": "x" * 100_000})[0] == 400


def test_the_page_asks_who_looks_and_then_shows(chromium: "Browser", viewer: Viewer) -> None:
    with running(viewer.wire) as station, opened(chromium) as page:
        page.goto(viewer.url)
        page.wait_for_selector("#ask[open]")
        page.fill("#ask-input", "a guess")
        page.keyboard.press("Enter")
        tells(page, "ask-told", "no token of this station")
        assert page.get_attribute("#lamp", "data-kind") == "no_signal"
        page.fill("#ask-input", VIEW)
        page.keyboard.press("Enter")
        page.wait_for_selector("#ask", state="hidden")
        station.judge("pass")
        page.wait_for_selector("#lamp[data-kind=pass]")
        page.reload()  # it is remembered
        page.wait_for_selector("#lamp[data-kind=pass]")
        assert page.is_hidden("#ask")


def test_on_loopback_without_tokens_nobody_is_asked_and_nothing_can_be_changed() -> None:
    with viewing(local_wire()) as unguarded:
        assert json.loads(told(unguarded, "/session")[1]) == {"role": "view", "open": True, "changes": False}
        assert told(unguarded, "/threshold", {"by": "a", "why": "b", "value": 1})[0] == 401
