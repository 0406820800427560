"""What a browser is allowed: only pages that we served talk to us, and they load nothing from elsewhere.

Loopback binding alone does not keep foreign web pages out: any page open on the same machine can reach 127.0.0.1, by a
WebSocket of its own (stopped by Origin) or by a name that it makes resolve to 127.0.0.1 (stopped by Host).
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inspector.config import is_loopback

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def refusal(host: str | None, origin: str | None, loopback: bool) -> str | None:
    """Why a request with these headers is refused; None when it is not. `loopback`: we listen there only.

    A request without Origin is not a web page's: programs on this machine may listen on the wire as well.
    """
    if host is None:
        return "a request without a Host"
    try:
        if loopback and not is_loopback(host):
            return f"Host {host!r}, but this viewer listens on loopback only"
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return f"Origin {origin!r}, but the page lives at {host!r}"
    except ValueError as error:
        return f"a Host or an Origin that is none: {error}"
    return None


class Guard:
    """ASGI middleware: turns strangers away, and puts HEADERS on every answer."""

    def __init__(self, app: ASGIApp, loopback: bool) -> None:
        self._app = app
        self._loopback = loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        why = refusal(headers.get("host"), headers.get("origin"), self._loopback)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.update(HEADERS)
                answer.setdefault("Cache-Control", "no-cache")
            await send(message)

        if why is None:
            await self._app(scope, receive, guarded)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": why[:120]})
        else:
            await PlainTextResponse(f"refused: {why}\n", status_code=403)(scope, receive, guarded)
