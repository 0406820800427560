"""Whether the station can be heard, asked before anything starts: one clear error instead of a line half started."""

from inspector.config import WireConfig
from inspector.wire.command import CommandServer
from inspector.wire.evidence import EvidencePublisher
from inspector.wire.publish import OverlayPublisher, Publisher


def require_free(wire: WireConfig) -> None:
    """Bind every endpoint for a moment. Raises ConfigError, naming the key and the endpoint that cannot be bound."""
    Publisher(wire, station="", run="").close()
    OverlayPublisher(wire).close()
    CommandServer(wire, station="").close()
    EvidencePublisher(wire, station="").close()
