"""Real cameras for the tests, as far as a machine without one has them: real SDKs with their own emulation."""

import importlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from inspector.errors import SourceError
from tests.needs import needs

DEBIAN_PYTHON = "/usr/bin/python3"
"""Sees Debian's GObject bindings, which a virtual environment does not."""
FAKE_CAMERA = "arv-fake-gv-camera-0.8"


def needs_rtsp() -> None:
    """PyAV, and a network camera."""
    needs(find_spec("av") is not None, "PyAV (the extra rtsp)")
    code = """if True:
        import gi
        gi.require_version("GstRtspServer", "1.0")
        from gi.repository import Gst, GstRtspServer
        Gst.init(None)
        assert Gst.ElementFactory.find("x264enc") and Gst.ElementFactory.find("rtpjpegpay")
    """
    there = (
        Path(DEBIAN_PYTHON).exists() and not subprocess.run([DEBIAN_PYTHON, "-c", code], capture_output=True).returncode
    )
    needs(there, "GStreamer's RTSP server (python3-gi, gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good, -ugly)")


def needs_pylon() -> None:
    needs(find_spec("pypylon") is not None, "pypylon (the extra pylon)")


def producer() -> str:
    """The GenTL producer that the genicam wheel brings, with three cameras that show a game."""
    spec = find_spec("genicam")
    needs(spec is not None and find_spec("harvesters") is not None, "harvesters (the extra genicam)")
    assert spec is not None
    assert spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0]) / "viky.cti"
    needs(path.exists(), "the genicam wheel's viky.cti")
    return str(path)


class RtspCamera:
    """A network camera that can be switched off and on: a process that runs rtsp_server.py."""

    def __init__(self, codec: str = "h264", drop: int = 0) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.url = f"rtsp://127.0.0.1:{port}/camera"
        script = Path(__file__).with_name("rtsp_server.py")
        self._command = [DEBIAN_PYTHON, str(script), str(port)]
        self._settings = [codec, str(drop)]
        self.on()

    def on(self, *settings: str) -> None:
        """With other settings (codec, drop, width) than before, if they are given."""
        command = [*self._command, *(settings or self._settings)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"

    def off(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def rtsp_camera(codec: str = "h264", drop: int = 0) -> Iterator[RtspCamera]:
    needs_rtsp()
    camera = RtspCamera(codec, drop)
    try:
        yield camera
    finally:
        camera.off()


class GigeCamera:
    """A GigE Vision camera on loopback that can be switched off and on: Aravis' fake one."""

    def __init__(self, lost_per_thousand: int = 0) -> None:
        self._command = [FAKE_CAMERA, "-i", "127.0.0.1", "-s", "GV01", "-r", str(lost_per_thousand)]
        self.on()

    def on(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        limit = time.monotonic() + 10
        while not _answers() and time.monotonic() < limit:
            time.sleep(0.02)  # it does not say when it listens

    def off(self) -> None:
        self.process.kill()
        self.process.wait()


def _answers() -> bool:
    """Whether a camera answers a read of its first register."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        control.settimeout(0.05)
        try:
            control.connect(("127.0.0.1", 3956))
            control.send(bytes.fromhex("42010080 0004 0001 00000000".replace(" ", "")))
            return bool(control.recv(64))
        except OSError:
            return False


@contextmanager
def gige_camera(lost_per_thousand: int = 0) -> Iterator[GigeCamera]:
    needs(shutil.which(FAKE_CAMERA) is not None, "Aravis' fake camera (aravis-tools)")
    try:
        importlib.import_module("inspector.sources.gige")
    except SourceError as error:
        needs(False, str(error))
    needs(not _answers(), "port 3956 on 127.0.0.1, where another fake camera answers")
    camera = GigeCamera(lost_per_thousand)
    try:
        yield camera
    finally:
        camera.off()
