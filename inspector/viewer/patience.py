"""How many connections there may be, and how long one may keep us waiting.

Anybody who reaches the port can open connections and say nothing. Without an end to that they use up the file
descriptors of this process, and asyncio then tries in vain to accept more, on a core that the line needs.
"""

import asyncio
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

CONNECTIONS: Final = 512
"""At once, the browsers' streams among them: 64 browsers with seven each, and some to spare."""
WAITING: Final = 64
"""Accepted at a time, and waiting to be."""
ASK_S: Final = 10.0
"""A connection that has asked for nothing in this time is closed."""
ANSWER_S: Final = 90.0
"""So is one whose request does not end, or whose answer is not read. A change may take a minute."""
LOOK_S: Final = 2.0


class Patient(H11Protocol):
    """One connection of the server, as long as it is no WebSocket."""

    _seen: RequestResponseCycle | None = None
    _since: float

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            transport.abort()
            return
        self._since = self.loop.time()
        self.loop.call_later(LOOK_S, self._look)

    def _look(self) -> None:
        """Whether it still asks, or is answered; again and again until it is closed, or a WebSocket."""
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return
        now = self.loop.time()
        if self.cycle is not self._seen:
            self._seen, self._since = self.cycle, now
        asked = self.cycle is not None and not self.cycle.response_complete
        if now - self._since >= (ANSWER_S if asked else ASK_S):
            self.transport.abort()
        else:
            self.loop.call_later(LOOK_S, self._look)
