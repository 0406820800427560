"""Basler cameras through pypylon, and pylon's camera emulation.

A camera is looked for in one device class (USB, emulation) or opened at its address (GigE): pylon's plain device list
would broadcast on every network.
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from inspector.config import PylonSource, source_words
from inspector.errors import SourceError
from inspector.sources.features import Value, apply, first_line, is_triggered, settings_of, span
from inspector.sources.frame_ids import FrameIds
from inspector.sources.images import UnreadablePicture, read_picture
from inspector.sources.live import Broken, CameraAbsent, DeviceLost, Grabbed, LiveSource, Setting, misfit
from inspector.sources.pixels import converter

_CLASSES = {"usb": "BaslerUsb", "gige": "BaslerGigE", "emulation": "BaslerCamEmu"}
_NO_NUMBER = 2**64 - 1

os.environ.setdefault("PYLON_CAMEMU", "1")  # read as pylon is loaded; there is no other way to one emulated camera

try:
    from pypylon import genicam, pylon
except ImportError as error:
    raise SourceError('source.type pylon needs pypylon: pip install "inspector[pylon]"') from error


class PylonFeatures:
    """See Features."""

    def __init__(self, nodes: Any) -> None:
        self._nodes = nodes

    def has(self, name: str) -> bool:
        node = self._nodes.GetNode(name)
        return node is not None and genicam.IsWritable(node)

    def get(self, name: str) -> Value:
        node = self._nodes.GetNode(name)
        value: Value = node.GetValue()
        return value

    def set(self, name: str, value: Value) -> None:
        node = self._nodes.GetNode(name)
        node.SetValue(int(value) if isinstance(node, genicam.IInteger) else value)

    def run(self, name: str) -> None:
        """Carry out a command of the camera."""
        self._nodes.GetNode(name).Execute()

    def allowed(self, name: str) -> str:
        node = self._nodes.GetNode(name)
        if hasattr(node, "GetSymbolics"):
            return ", ".join(node.GetSymbolics())
        return span(node.GetMin(), node.GetMax()) if hasattr(node, "GetMin") else ""


class PylonDevice:
    """A Basler camera opened with its settings; raises SourceError when it cannot be, or refuses one."""

    def __init__(self, config: PylonSource) -> None:
        self.name = source_words(config)
        self._gige = config.interface == "gige"
        self._camera = _opened(config, self.name)
        try:
            nodes = self._camera.GetNodeMap()
            self.features = PylonFeatures(nodes)
            _show_pictures(self.features, config)
            apply(self.features, config, self.name)
            self.patience_s = None if is_triggered(self.features) else config.timeout_s
            self.frame_size = (int(self.features.get("Width")), int(self.features.get("Height")))
            self._convert = converter(str(self.features.get("PixelFormat")), self.frame_size)
            ticks = nodes.GetNode("GevTimestampTickFrequency")
            self._ns_a_tick = 1e9 / ticks.GetValue() if ticks is not None and genicam.IsReadable(ticks) else 1.0
        except (SourceError, ValueError) as error:
            self.close()
            raise SourceError(str(error)) from error
        except genicam.GenericException as error:
            self.close()
            raise SourceError(f"{self.name} cannot be set up: {first_line(error)}") from error

    @property
    def ids(self) -> FrameIds:
        return FrameIds(65535) if self._gige else FrameIds()

    def settings(self) -> list[Setting]:
        return settings_of(self.features)

    def start(self) -> None:
        try:
            self._camera.StopGrabbing()
            self._camera.StartGrabbing(pylon.GrabStrategy_OneByOne)
        except genicam.GenericException as error:
            raise DeviceLost(f"does not start: {first_line(error)}") from error

    def grab(self, wait_s: float) -> Grabbed | Broken | None:
        try:
            result = self._camera.RetrieveResult(round(wait_s * 1000), pylon.TimeoutHandling_Return)
            arrived_ns = time.monotonic_ns()
            if not result.IsValid():
                if self._camera.IsCameraDeviceRemoved():
                    raise DeviceLost("was unplugged")
                return None
            try:
                number = None if result.BlockID == _NO_NUMBER else result.BlockID
                if not result.GrabSucceeded():
                    why = f"{self.name} gave a broken picture: {result.ErrorDescription or 'incomplete'}"
                    return Broken(arrived_ns=arrived_ns, number=number, detail=why)
                if (result.Width, result.Height) != self.frame_size:
                    return misfit(arrived_ns, number, self.name, self.frame_size)
                with result.GetArrayZeroCopy() as array:
                    image = self._convert(array)
                camera_ns = round(result.TimeStamp * self._ns_a_tick) or None
                return Grabbed(image=image, arrived_ns=arrived_ns, number=number, camera_ns=camera_ns)
            finally:
                result.Release()
        except genicam.GenericException as error:
            raise DeviceLost(f"is lost: {first_line(error)}") from error

    def close(self) -> None:
        try:
            self._camera.Close()
            self._camera.DestroyDevice()
        except genicam.GenericException:
            pass  # it is gone already


def open_pylon(config: PylonSource, waits: bool = False) -> LiveSource:
    """Raises SourceError when the camera cannot be opened."""
    return LiveSource(lambda: PylonDevice(config), waits)


def _opened(config: PylonSource, name: str) -> Any:
    info = pylon.DeviceInfo()
    info.SetDeviceClass(_CLASSES[config.interface])
    if config.address is not None:
        info.SetIpAddress(config.address)
    if config.serial is not None:
        info.SetSerialNumber(config.serial)
    factory = pylon.TlFactory.GetInstance()
    try:
        # at an address nothing is listed: the device is made from what is known of it
        device = factory.CreateDevice(info) if config.interface == "gige" else factory.CreateFirstDevice(info)
        camera = pylon.InstantCamera(device)
        camera.Open()
    except genicam.GenericException as error:
        kind = CameraAbsent if config.interface == "gige" else SourceError
        raise kind(f"{name} cannot be opened: {first_line(error)}; {_others(config)}") from error
    return camera


def _show_pictures(features: PylonFeatures, config: PylonSource) -> None:
    """Have the emulation show the pictures in a folder instead of its test picture.

    It gives each in the picture's own size, whatever its Width and Height say: they are set to the first one's.
    """
    if config.pictures is None:
        return
    if (size := _first_size(Path(config.pictures))) is not None:
        features.set("Width", size[0])
        features.set("Height", size[1])
    features.set("TestImageSelector", "Off")
    features.set("ImageFilename", config.pictures)
    features.set("ImageFileMode", "On")


def _first_size(folder: Path) -> tuple[int, int] | None:
    """Width and height of the first picture in a folder that can be read; None where there is none."""
    for path in sorted(folder.glob("*")):
        with suppress(UnreadablePicture):
            height, width = read_picture(path).shape[:2]
            return width, height
    return None


def _others(config: PylonSource) -> str:
    """Which cameras there are instead, where looking does not broadcast."""
    if config.interface == "gige":
        return "is the address right, and on the same network as this machine?"
    info = pylon.DeviceInfo()
    info.SetDeviceClass(_CLASSES[config.interface])
    found = [device.GetFriendlyName() for device in pylon.TlFactory.GetInstance().EnumerateDevices([info])]
    return f"{config.interface} cameras here: {', '.join(found) or 'none'}"


def usb_and_emulated() -> Iterator[tuple[str, dict[str, str]]]:
    """Basler's USB cameras and the emulated one: in words, and the keys of `source` that stand for them."""
    for interface in ("usb", "emulation"):
        info = pylon.DeviceInfo()
        info.SetDeviceClass(_CLASSES[interface])
        for device in pylon.TlFactory.GetInstance().EnumerateDevices([info]):
            yield device.GetFriendlyName(), {"interface": interface, "serial": device.GetSerialNumber()}
