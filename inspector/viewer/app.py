"""The viewer's web application: the page, its WebSocket, what it may ask, and what it may change."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from loguru import logger
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from inspector.config import WireConfig
from inspector.messages import Command
from inspector.viewer.access import LASTS_S, Access, Role, Tries, bearer
from inspector.viewer.asking import (
    UnfitError,
    acknowledged,
    ask,
    fields,
    mark_in,
    name_in,
    take_back_in,
    threshold_in,
)
from inspector.viewer.gallery import filter_of
from inspector.viewer.guard import Guard
from inspector.viewer.hub import Hub
from inspector.viewer.past import Past
from inspector.viewer.reports import Reports

PAGE = Path(__file__).with_name("page")

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewed:
    """What the application serves: a station's state, its past, and the way to ask it something."""

    hub: Hub
    past: Past
    reports: Reports
    access: Access
    wire: WireConfig
    station: str


def create_app(viewed: Viewed, loopback: bool) -> Starlette:
    """The application. `loopback`: it is served on loopback only, and refuses to be called otherwise.

    GET  /                      the page
    GET, POST, DELETE /session  what I may do; here is a token; forget me
    WS   /live                  JSON updates (text) and overlay packets (binary); answer each once it is shown
    GET  /rows /figures         verdicts from a place on; hours, histogram, drift
    GET  /rejects /part         the gallery; what is known of one part
    GET  /overlay /nearest      ?run=R&seq=N: overlay packet; JPEG of the nearest good patch; 404 where there is none
    GET  /marks.csv             the marks, for tools.optimize_threshold
    POST /mark /acknowledge     {by, …}: what somebody says of a part; an alarm somebody has seen
    POST /threshold /take-back  {by, why, value}: an engineer's
    """
    pages = _Pages(viewed)
    return Starlette(
        routes=[*pages.routes(), Mount("/", StaticFiles(directory=PAGE, html=True))],
        middleware=[Middleware(Guard, loopback=loopback)],
    )


class _Pages:
    """The endpoints."""

    def __init__(self, viewed: Viewed) -> None:
        self._viewed = viewed
        self._tries = Tries()

    def routes(self) -> list[BaseRoute]:
        view = [("/rows", self._rows), ("/figures", self._figures), ("/rejects", self._rejects), ("/part", self._part),
                ("/overlay", self._overlay), ("/nearest", self._nearest), ("/marks.csv", self._marks)]  # fmt: skip
        tell = [("/mark", self._mark), ("/acknowledge", self._acknowledge)]
        change = [("/threshold", self._threshold), ("/take-back", self._take_back)]
        return [
            WebSocketRoute("/live", self._live),
            Route("/session", self._session, methods=["GET", "POST", "DELETE"]),
            *(Route(path, self._for("view", endpoint)) for path, endpoint in view),
            *(Route(path, self._for("view", _checked(endpoint)), methods=["POST"]) for path, endpoint in tell),
            *(Route(path, self._for("engineer", _checked(endpoint)), methods=["POST"]) for path, endpoint in change),
        ]

    def _role(self, connection: HTTPConnection) -> Role:
        """What a request may do. A wrong token in it counts as tried: one must not be found by asking this way."""
        authorization, now = connection.headers.get("authorization"), time.monotonic()
        if authorization is not None and self._viewed.access.role_of_token(bearer(authorization)) == "none":
            self._tries.wrong(now)
        if self._tries.wait_s(now) > 0:
            authorization = None
        return self._viewed.access.role(connection.cookies, authorization, time.time())

    def _for(self, least: Role, endpoint: Endpoint) -> Endpoint:
        async def allowed(request: Request) -> Response:
            role = self._role(request)
            if role == "none" or (least == "engineer" and role != "engineer"):
                token = "viewer.engineer_token" if least == "engineer" else "viewer.view_token"
                return _refused(401, f"this needs the token that {token} names")
            return await endpoint(request)

        return allowed

    async def _live(self, browser: WebSocket) -> None:
        if self._role(browser) == "none":
            await browser.close(1008, "this needs the token that viewer.view_token names")
            return
        await self._viewed.hub.follow(browser)

    async def _session(self, request: Request) -> Response:
        access = self._viewed.access
        if request.method == "DELETE":
            answer = Response(status_code=204)
            for role in LASTS_S:
                answer.delete_cookie(access.cookie(role), samesite="strict")  # type: ignore[arg-type]
            return answer
        if request.method == "GET":
            return _json({"role": self._role(request), "open": access.open, "changes": access.changes})
        if wait_s := self._tries.wait_s(time.monotonic()):
            return _refused(429, f"too many wrong tokens; try again in {wait_s:.0f} s")
        try:
            token = (await fields(request)).get("token")
        except UnfitError as error:
            return _refused(400, str(error))
        told = access.role_of_token(token) if isinstance(token, str) else "none"
        if told == "none":
            self._tries.wrong(time.monotonic())
            logger.warning("a wrong token was given by {}", request.client.host if request.client else "somebody")
            return _refused(403, "this is no token of this station")
        lasts_s = LASTS_S[told]
        answer = _json({"role": told, "open": access.open, "changes": access.changes})
        value = access.seal(told, int(time.time()) + lasts_s)
        answer.set_cookie(access.cookie(told), value, max_age=lasts_s, httponly=True, samesite="strict")
        return answer

    async def _rows(self, request: Request) -> Response:
        place = request.query_params.get("place", "0")
        epoch = request.query_params.get("epoch", "")
        return _json(self._viewed.hub.records.rows(epoch, int(place) if place.isdecimal() and len(place) < 16 else 0))

    async def _figures(self, _: Request) -> Response:
        return _json(self._viewed.hub.records.figures())

    async def _rejects(self, request: Request) -> Response:
        recent = self._viewed.hub.records.newest_first()
        try:
            wanted = filter_of(request.query_params)
        except ValueError as error:
            return _refused(400, f"a filter that is none: {error}")
        return _json(await asyncio.to_thread(self._viewed.past.rejects, recent, wanted))

    async def _part(self, request: Request) -> Response:
        part = _part_in(request)
        return _nothing() if part is None else _json(await asyncio.to_thread(self._viewed.past.part, *part))

    async def _overlay(self, request: Request) -> Response:
        part = _part_in(request)
        piece = await asyncio.to_thread(self._viewed.past.piece, *part) if part else None
        return _nothing() if piece is None else _bytes(piece.packet, "application/octet-stream")

    async def _nearest(self, request: Request) -> Response:
        part = _part_in(request)
        piece = await asyncio.to_thread(self._viewed.past.piece, *part) if part else None
        return _nothing() if piece is None or piece.nearest is None else _bytes(piece.nearest.jpeg, "image/jpeg")

    async def _marks(self, _: Request) -> Response:
        table = await asyncio.to_thread(self._viewed.past.marks, self._viewed.hub.records.newest_first())
        name = f'attachment; filename="marks-{self._viewed.station}.csv"'
        return Response(table, media_type="text/csv", headers={"Content-Disposition": name})

    async def _mark(self, request: Request) -> Response:
        return await self._asked(mark_in(await fields(request), self._viewed.station))

    async def _threshold(self, request: Request) -> Response:
        return await self._asked(threshold_in(await fields(request), self._viewed.station))

    async def _take_back(self, request: Request) -> Response:
        return await self._asked(take_back_in(await fields(request), self._viewed.station))

    async def _asked(self, command: Command) -> Response:
        reply = await ask(self._viewed.wire, command)
        return JSONResponse({"done": reply.done, "detail": reply.detail}, 200 if reply.done else 409)

    async def _acknowledge(self, request: Request) -> Response:
        read = await fields(request)
        number, by = read.get("number"), name_in(read)
        waited = self._viewed.hub.acknowledge(number, by) if isinstance(number, int) else None
        if waited is None:
            return _refused(409, "this alarm does not wait for that any more")
        alarm, ago_s = waited
        self._viewed.reports.put(acknowledged(alarm, ago_s, self._viewed.station, by))
        logger.info("alarm acknowledged by {}: {}: {}", by, alarm.source, alarm.text)
        return _json({"done": True, "detail": f"acknowledged by {by}"})


def _checked(endpoint: Endpoint) -> Endpoint:
    async def checked(request: Request) -> Response:
        try:
            return await endpoint(request)
        except UnfitError as error:
            return _refused(400, str(error))

    return checked


def _part_in(request: Request) -> tuple[str, int] | None:
    run, seq = request.query_params.get("run", ""), request.query_params.get("seq", "")
    return (run, int(seq)) if seq.isdecimal() and len(seq) < 16 else None


def _json(content: Any) -> Response:
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


def _bytes(content: bytes, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers={"Cache-Control": "no-store"})


def _refused(status: int, why: str) -> Response:
    return JSONResponse({"done": False, "detail": why}, status)


def _nothing() -> Response:
    return PlainTextResponse("no picture of this part\n", status_code=404)
