"""GigE Vision cameras of any maker through Aravis, opened at their address: nothing is looked for on the network.

Aravis comes with the system (Debian: gir1.2-aravis-0.8, python3-gi), since its bindings are no wheel.
"""

import importlib
import socket
import sys
import threading
import time
from typing import Any, Final

import numpy as np

from inspector.config import GigeSource, source_words
from inspector.errors import SourceError
from inspector.sources.features import Value, apply, first_line, is_triggered, settings_of, span
from inspector.sources.frame_ids import FrameIds
from inspector.sources.live import Broken, CameraAbsent, DeviceLost, Grabbed, LiveSource, Setting, misfit
from inspector.sources.pixels import converter

SYSTEM_PACKAGES: Final = "/usr/lib/python3/dist-packages"
"""Debian's, which a virtual environment does not see; its bindings fit any Python of the same version."""
CONTROL_PORT: Final = 3956
SOCKET_BYTES: Final = 4 << 20
"""Between the network and the reader; smaller ones lose packets. The system must allow it (net.core.rmem_max)."""
BUFFERS: Final = 8


def _bindings() -> tuple[Any, Any, Any]:
    """Aravis, Gio and GLib, through PyGObject."""
    try:
        gi = importlib.import_module("gi")
    except ImportError:
        sys.path.append(SYSTEM_PACKAGES)
        try:
            gi = importlib.import_module("gi")
        finally:
            sys.path.remove(SYSTEM_PACKAGES)
    gi.require_version("Aravis", "0.8")
    aravis, gio, glib = (importlib.import_module(f"gi.repository.{name}") for name in ("Aravis", "Gio", "GLib"))
    return aravis, gio, glib


try:
    Aravis, Gio, GLib = _bindings()
except (ImportError, ValueError) as error:
    raise SourceError("source.type gige needs Aravis: apt install gir1.2-aravis-0.8 python3-gi") from error


class GigeFeatures:
    """See Features."""

    def __init__(self, device: Any) -> None:
        self._device = device

    def has(self, name: str) -> bool:
        return bool(self._device.is_feature_available(name))

    def get(self, name: str) -> Value:
        value: Value = getattr(self._device, f"get_{self._kind(name)}_feature_value")(name)
        return value

    def set(self, name: str, value: Value) -> None:
        kind = self._kind(name)
        typed = {"integer": int, "float": float, "boolean": bool, "string": str}[kind](value)
        getattr(self._device, f"set_{kind}_feature_value")(name, typed)

    def allowed(self, name: str) -> str:
        kind = self._kind(name)
        if kind == "string":
            return ", ".join(self._device.dup_available_enumeration_feature_values_as_strings(name))
        if kind == "boolean":
            return "true or false"
        lowest, highest = getattr(self._device, f"get_{kind}_feature_bounds")(name)
        return span(lowest, highest)

    def forget(self) -> None:
        """Let go of the camera."""
        self._device = None

    def _kind(self, name: str) -> str:
        node = type(self._device.get_feature(name)).__name__
        return next((kind for kind in ("integer", "float", "boolean") if kind in node.lower()), "string")


class GigeDevice:
    """A camera opened with its settings; raises SourceError when it does not answer, or refuses one."""

    def __init__(self, config: GigeSource) -> None:
        self.name = source_words(config)
        self._stream: Any = None
        self._gone = threading.Event()
        self._device = self._opened(config.address)
        self.features = GigeFeatures(self._device)
        try:
            apply(self.features, config, self.name)
            self.patience_s = None if is_triggered(self.features) else config.timeout_s
            self._camera = Aravis.Camera.new_with_device(self._device)
            _, _, width, height = self._camera.get_region()
            self.frame_size = (width, height)
            self._convert = converter(str(self.features.get("PixelFormat")), self.frame_size)
        except (SourceError, ValueError) as error:
            self.close()
            raise SourceError(str(error)) from error
        except GLib.Error as error:
            self.close()
            raise SourceError(f"{self.name} cannot be set up: {first_line(error)}") from error

    @property
    def ids(self) -> FrameIds:
        return FrameIds(65535)

    def settings(self) -> list[Setting]:
        return settings_of(self.features)

    def start(self) -> None:
        try:
            self._stop()
            self._camera.gv_set_stream_options(Aravis.GvStreamOption.PACKET_SOCKET_DISABLED)  # it needs root
            self._stream = self._camera.create_stream(None, None)
            self._stream.set_property("socket-buffer", Aravis.GvStreamSocketBuffer.FIXED)
            self._stream.set_property("socket-buffer-size", SOCKET_BYTES)
            for _ in range(BUFFERS):
                self._stream.push_buffer(Aravis.Buffer.new_allocate(self._camera.get_payload()))
            self._camera.start_acquisition()
        except GLib.Error as error:
            raise DeviceLost(f"does not start: {first_line(error)}") from error

    def grab(self, wait_s: float) -> Grabbed | Broken | None:
        buffer = self._stream.timeout_pop_buffer(round(wait_s * 1e6))
        arrived_ns = time.monotonic_ns()
        if self._gone.is_set():
            raise DeviceLost("does not answer any more")
        if buffer is None:
            return None
        try:
            number, status = buffer.get_frame_id(), buffer.get_status()
            if status != Aravis.BufferStatus.SUCCESS:
                why = f"{self.name} gave a broken picture: {status.value_nick}"
                return Broken(arrived_ns=arrived_ns, number=number, detail=why)
            if (buffer.get_image_width(), buffer.get_image_height()) != self.frame_size:
                return misfit(arrived_ns, number, self.name, self.frame_size)
            image = self._convert(np.frombuffer(buffer.get_data(), np.uint8))
            camera_ns = buffer.get_timestamp() or None
            return Grabbed(image=image, arrived_ns=arrived_ns, number=number, camera_ns=camera_ns)
        finally:
            self._stream.push_buffer(buffer)

    def close(self) -> None:
        try:
            self._stop()
            if self._device is not None:
                self._device.leave_control()
        except GLib.Error:
            pass  # it does not answer
        self.features.forget()
        self._camera = self._device = None  # Aravis ends its threads with the last reference

    def _stop(self) -> None:
        if self._stream is not None:
            self._stream = None
            self._camera.stop_acquisition()

    def _opened(self, address: str) -> Any:
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.connect((address, CONTROL_PORT))  # sends nothing; says by which of our addresses it is reached
                here = probe.getsockname()[0]
            there = Gio.InetAddress.new_from_string(address)
            device = Aravis.GvDevice.new(Gio.InetAddress.new_from_string(here), there)
        except (OSError, TypeError, GLib.Error) as error:
            hint = "is the address right, and has no other program the camera?"
            raise CameraAbsent(f"{self.name} cannot be opened: {first_line(error)}; {hint}") from error
        device.connect("control-lost", lambda _: self._gone.set())
        return device


def open_gige(config: GigeSource, waits: bool = False) -> LiveSource:
    """Raises SourceError when the camera cannot be opened."""
    return LiveSource(lambda: GigeDevice(config), waits)
