"""The server over real sockets: what a browser is sent, and who is turned away."""

import json
import socket as sockets
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from inspector.config import ViewerConfig
from inspector.errors import ConfigError, InspectorError
from inspector.viewer import patience
from inspector.viewer.feed import Feed
from inspector.viewer.hub import WINDOW
from inspector.viewer.view import bind, run_viewer
from inspector.wire.codec import decode_overlay
from tests.viewer.conftest import Viewer, config, viewing
from tests.viewer.stations import running
from tests.wire.samples import BOUND_S, free_port, local_wire

Update = dict[str, Any]


def browser(viewer: Viewer) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{viewer.port}/live", open_timeout=BOUND_S, origin=f"http://127.0.0.1:{viewer.port}")


def until(socket: ClientConnection, found: Callable[[Update | bytes], bool], bound: int = 1000) -> Any:
    """Read and acknowledge until a message is as wanted; returns it."""
    for _ in range(bound):
        message = socket.recv(timeout=BOUND_S)
        socket.send("")
        read = json.loads(message) if isinstance(message, str) else message
        if found(read):
            return read
    raise AssertionError(f"not among {bound} messages")


def ended(socket: ClientConnection) -> int | None:
    """Read until the server closes; returns its close code."""
    try:
        while True:
            socket.recv(timeout=BOUND_S)
    except ConnectionClosed:
        return socket.close_code


def rows(message: Update | bytes) -> list[Update]:
    """The verdicts in a message, be they all there are or those to append."""
    return [] if isinstance(message, bytes) else message.get("verdicts") or message.get("trend") or []


def newest_seq(message: Update | bytes) -> int:
    return max((row["seq"] for row in rows(message)), default=0)


def test_verdicts_and_pictures_reach_a_browser(viewer: Viewer) -> None:
    with running(viewer.wire) as station, browser(viewer) as socket:
        until(socket, lambda message: isinstance(message, bytes))  # a preview: both sockets are joined
        station.judge("fail", part="bottle 7", seen=True)
        seen: list[Update | bytes] = []  # the two come over sockets of their own: either may be first

        def both(message: Update | bytes) -> bool:
            if newest_seq(message) == 1 or (isinstance(message, bytes) and decode_overlay(message).seq == 1):
                seen.append(message)
            return len({type(each) for each in seen}) == 2

        until(socket, both)
        row = next(rows(each)[0] for each in seen if isinstance(each, dict))
        assert (row["part"], row["outcome"], row["score"]) == ("bottle 7", "fail", 31.0)
        picture = next(each for each in seen if isinstance(each, bytes))
        with urlopen(f"{viewer.url}/overlay?run=r1&seq=1", timeout=BOUND_S) as answer:
            assert answer.read() == picture


def test_a_late_browser_gets_what_was_before(viewer: Viewer) -> None:
    with running(viewer.wire) as station:
        with browser(viewer) as first:
            until(first, lambda message: isinstance(message, bytes))
            for _ in range(4):
                station.judge("pass")
            station.judge("fail", seen=True)
            until(
                first,
                lambda message: (
                    isinstance(message, dict) and any(each["picture"] for each in message.get("rejects", []))
                ),
            )
        with browser(viewer) as late:
            snapshot = json.loads(late.recv(timeout=BOUND_S))
    assert [row["seq"] for row in snapshot["trend"]] == [1, 2, 3, 4, 5]
    assert [(row["seq"], row["picture"]) for row in snapshot["rejects"]] == [(5, True)]
    assert snapshot["about"]["station"] == "line1"


def test_a_browser_that_does_not_read_delays_nobody_and_then_gets_the_newest(viewer: Viewer) -> None:
    with running(viewer.wire) as station, browser(viewer) as idle, browser(viewer) as awake:
        until(awake, lambda message: isinstance(message, bytes))
        for _ in range(400):
            station.judge("pass", seen=True)
        until(awake, lambda message: newest_seq(message) == 400)
        # The idle one was sent its window, and nothing of what came after.
        first = [idle.recv(timeout=BOUND_S) for _ in range(WINDOW)]
        assert max(newest_seq(json.loads(message)) for message in first if isinstance(message, str)) < 400
        idle.send("")
        rest = until(idle, lambda message: newest_seq(message) == 400, bound=WINDOW + 2)
        assert len(rows(rest)) == 300
        # Pictures come over a socket of their own: an older one may still stand when the last verdict comes.
        until(idle, lambda message: isinstance(message, bytes) and decode_overlay(message).seq in (400, None))


def test_twenty_browsers_all_get_every_verdict(viewer: Viewer) -> None:
    with ExitStack() as stack:
        sockets = [stack.enter_context(browser(viewer)) for _ in range(20)]
        station = stack.enter_context(running(viewer.wire))
        for _ in range(10):
            station.judge("pass")
        for socket in sockets:
            until(socket, lambda message: newest_seq(message) == 10)


def test_the_viewer_follows_a_station_that_starts_again(viewer: Viewer) -> None:
    with browser(viewer) as socket:
        with running(viewer.wire, "r1") as station:
            station.judge("fail")
            until(socket, lambda message: newest_seq(message) == 1)
        with running(viewer.wire, "r2"):
            told = until(socket, lambda message: isinstance(message, dict) and message.get("trend") == [])
    assert told["status"]["run"] == "r2"


def test_another_sites_page_cannot_connect(viewer: Viewer) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{viewer.port}/live", origin="http://evil.example")  # type: ignore[arg-type]
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("path", ["/", "/app.js", "/overlay?run=r1&seq=1"])
def test_a_name_that_was_made_to_resolve_to_loopback_is_refused(viewer: Viewer, path: str) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(viewer.url + path, headers={"Host": "evil.example"}), timeout=BOUND_S)
    assert refused.value.code == 403
    assert b"loopback" in refused.value.read()


@pytest.mark.parametrize("path", ["/overlay", "/overlay?run=r1&seq=x", "/overlay?run=r1&seq=-1",
                                  f"/overlay?run=r1&seq={'9' * 5000}", "/../app.py", "/%2e%2e/app.py"])  # fmt: skip
def test_what_is_not_there_is_not_found(viewer: Viewer, path: str) -> None:
    with pytest.raises(HTTPError) as missing:
        urlopen(viewer.url + path, timeout=BOUND_S)
    with missing.value:
        assert missing.value.code == 404


def test_every_answer_forbids_foreign_content(viewer: Viewer) -> None:
    for path in ("/", "/app.js", "/live.css"):
        with urlopen(viewer.url + path, timeout=BOUND_S) as answer:
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_browser_that_says_too_much_is_cut_off(viewer: Viewer) -> None:
    with browser(viewer) as socket:
        socket.send("x" * 100_000)
        assert ended(socket) == 1009


def test_a_page_hears_from_us_every_second_though_the_station_is_away(viewer: Viewer) -> None:
    """Else it takes us for dead, says so, and connects again and again."""
    with browser(viewer) as socket:
        for _ in range(3):
            until(socket, lambda message: isinstance(message, dict) and "status" in message)


def closes(viewer: Viewer, said: bytes) -> bool:
    """Whether a connection that says this, and no more, is closed without an answer."""
    with sockets.create_connection(("127.0.0.1", viewer.port), BOUND_S) as connection:
        try:
            connection.sendall(said)
            return connection.recv(1) == b""
        except ConnectionError:
            return True


BODY = b"Host: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nX-", b"POST /session HTTP/1.1\r\n" + BODY])
def test_a_connection_that_keeps_us_waiting_is_closed(
    monkeypatch: pytest.MonkeyPatch, viewer: Viewer, said: bytes
) -> None:
    for name in ("LOOK_S", "ASK_S", "ANSWER_S"):
        monkeypatch.setattr(patience, name, 0.05)
    assert closes(viewer, said)


def test_more_connections_than_there_may_be_are_turned_away_and_cost_those_that_look_nothing(
    monkeypatch: pytest.MonkeyPatch, viewer: Viewer
) -> None:
    with browser(viewer) as socket:
        until(socket, lambda message: isinstance(message, dict) and "about" in message)
        monkeypatch.setattr(patience, "CONNECTIONS", 1)
        assert all(closes(viewer, b"") for _ in range(20))
        until(socket, lambda message: isinstance(message, dict) and "status" in message)  # every second
        monkeypatch.undo()
        with urlopen(viewer.url, timeout=BOUND_S) as answer:
            assert answer.status == 200


def test_stopping_ends_it_with_browsers_still_connected() -> None:
    with ExitStack() as stack:
        with viewing(local_wire()) as viewer:
            socket = stack.enter_context(browser(viewer))
        assert ended(socket) == 1012


def test_a_port_in_use_is_named() -> None:
    port = free_port()
    with (
        bind(ViewerConfig(port=port)),
        pytest.raises(ConfigError, match=rf"^viewer\.port is {port}, but another program"),
    ):
        bind(ViewerConfig(port=port))


def test_a_host_that_is_none_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^viewer\.host is 'no such host'"):
        bind(ViewerConfig(host="no such host"))


def test_a_viewer_that_cannot_go_on_listening_says_so_instead_of_showing_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the wire is cut")

    monkeypatch.setattr(Feed, "_verdicts", broken)
    with pytest.raises(InspectorError, match="the wire is cut"):
        run_viewer(
            config(local_wire(), free_port()),
            threading.Event(),
        )


def test_the_viewer_starts_without_torch_and_cv2() -> None:
    code = "import sys, inspector.viewer.view; print(sorted({'torch', 'cv2', 'openvino', 'faiss'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"
