"""A viewer on a free port, listening to a wire on free ports."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from inspector.config import CameraSource, Config, LineConfig, ScoringConfig, ViewerConfig, WireConfig
from inspector.viewer.view import bind, serve
from tests.wire.samples import local_wire


@dataclass(frozen=True)
class Viewer:
    """A viewer that runs, and where."""

    wire: WireConfig
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def config(wire: WireConfig, port: int = 8000) -> Config:
    """A configuration of which the viewer uses station, wire, line.deadline_ms and viewer."""
    return Config(source=CameraSource(), scoring=ScoringConfig(recipe="none"), wire=wire,
                  line=LineConfig(deadline_ms=40.0), viewer=ViewerConfig(port=port))  # fmt: skip


@contextmanager
def viewing(wire: WireConfig, port: int = 0) -> Iterator[Viewer]:
    """A viewer, until the context ends; it must then have returned 0."""
    stop, codes = threading.Event(), []
    # The port is 0 or free, which config.yaml could not say: so the two halves of run_viewer(), one by one.
    with bind(ViewerConfig(port=port)) as listener:
        thread = threading.Thread(target=lambda: codes.append(serve(config(wire), listener, stop)), name="test-viewer")
        thread.start()
        try:
            yield Viewer(wire, listener.getsockname()[1])
        finally:
            stop.set()
            thread.join()
    assert codes == [0]


@pytest.fixture
def viewer() -> Iterator[Viewer]:
    with viewing(local_wire()) as running:
        yield running
