"""The viewer's web application: the page, its WebSocket, and the pictures of rejected parts."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from inspector.viewer.guard import Guard
from inspector.viewer.hub import Hub

PAGE = Path(__file__).with_name("page")


def create_app(hub: Hub, loopback: bool) -> Starlette:
    """The application over a hub. `loopback`: it is served on loopback only, and refuses to be called otherwise.

    GET /                       the page
    WS  /live                   JSON updates (text) and overlay packets (binary); answer each once it is shown
    GET /overlay?run=R&seq=N    the overlay packet of a rejected part; 404 when it was not seen, or is gone
    """

    async def overlay(request: Request) -> Response:
        run, seq = request.query_params.get("run", ""), request.query_params.get("seq", "")
        packet = hub.live.packet(run, int(seq)) if seq.isdecimal() and len(seq) < 20 else None
        if packet is None:
            return PlainTextResponse("no picture of this part\n", status_code=404)
        return Response(packet, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})

    return Starlette(
        routes=[
            WebSocketRoute("/live", hub.follow),
            Route("/overlay", overlay),
            Mount("/", StaticFiles(directory=PAGE, html=True)),
        ],
        middleware=[Middleware(Guard, loopback=loopback)],
    )
