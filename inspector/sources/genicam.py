"""Any camera whose maker brings a GenTL producer, through harvesters; not for GigE Vision (see GenicamSource)."""

import time
from pathlib import Path
from typing import Any, Final

from inspector.config import GenicamSource, source_words
from inspector.errors import SourceError
from inspector.sources.features import Value, apply, first_line, is_triggered, settings_of, span
from inspector.sources.frame_ids import FrameIds
from inspector.sources.live import Broken, DeviceLost, Grabbed, LiveSource, Setting, misfit
from inspector.sources.pixels import converter

try:
    from genicam.genapi import EAccessMode
    from genicam.genapi import GenericException as ApiError
    from genicam.gentl import GenericException as TransportError
    from harvesters.core import DeviceInfo, Harvester, Interface, ParameterKey, ParameterSet
except ImportError as error:
    raise SourceError('source.type genicam needs harvesters: pip install "inspector[genicam]"') from error

FAULTS = (ApiError, TransportError)
ASK_S: Final = 1e-4
POLL_S: Final = 1e-3
"""How long a new picture may lie there before it is seen."""
WRITABLE = (EAccessMode.RW, EAccessMode.WO)


class GenicamFeatures:
    """See Features."""

    def __init__(self, nodes: Any) -> None:
        self._nodes = nodes

    def has(self, name: str) -> bool:
        return self._nodes.has_node(name) and self._nodes.get_node(name).get_access_mode() in (
            EAccessMode.RW,
            EAccessMode.WO,
        )

    def get(self, name: str) -> Value:
        value: Value = self._nodes.get_node(name).value
        return value

    def set(self, name: str, value: Value) -> None:
        self._nodes.get_node(name).value = value

    def allowed(self, name: str) -> str:
        node = self._nodes.get_node(name)
        if hasattr(node, "symbolics"):
            return ", ".join(node.symbolics)
        return span(node.min, node.max) if hasattr(node, "min") else ""


class Producers(Harvester):  # type: ignore[misc]  # it has no types
    """A Harvester that asks no GigE interface for its devices: they answer to a broadcast on the whole network."""

    def update(self) -> None:
        """List the devices of all other interfaces; `left_out` are the names of those not asked."""
        self.left_out: list[str] = []
        self._open_gentl_producers()
        self._open_systems()
        for system in self._systems:
            system.update_interface_info_list(self.timeout_for_update)
            for info in system.interface_info_list:
                if info.tl_type == "GEV":
                    self.left_out.append(info.display_name)
                    continue
                opened = info.create_interface()
                opened.open()
                interface = Interface(module=opened, parent=system)
                self._ifaces.append(interface)
                opened.update_device_info_list(self.timeout_for_update)
                self.device_info_list.extend(
                    DeviceInfo(module=each, parent=interface) for each in opened.device_info_list
                )


class GenicamDevice:
    """A camera opened with its settings; raises SourceError when it cannot be, or refuses one."""

    def __init__(self, config: GenicamSource) -> None:
        self.name = source_words(config)
        self._producers = Producers()
        self._acquirer: Any = None
        try:
            self._acquirer = self._opened(config)
            self.features = GenicamFeatures(self._acquirer.remote_device.node_map)
            apply(self.features, config, self.name)
            self.patience_s = None if is_triggered(self.features) else config.timeout_s
            self.frame_size = (int(self.features.get("Width")), int(self.features.get("Height")))
            self._convert = converter(str(self.features.get("PixelFormat")), self.frame_size)
        except (SourceError, ValueError) as error:
            self.close()
            raise SourceError(str(error)) from error
        except FAULTS as error:
            self.close()
            raise SourceError(f"{self.name} cannot be opened: {first_line(error)}") from error

    @property
    def ids(self) -> FrameIds:
        return FrameIds()

    def settings(self) -> list[Setting]:
        return settings_of(self.features)

    def start(self) -> None:
        try:
            self._acquirer.stop()
            self._acquirer.start()
        except FAULTS as error:
            raise DeviceLost(f"does not start: {first_line(error)}") from error

    def grab(self, wait_s: float) -> Grabbed | Broken | None:
        """See Device. Incomplete pictures are thrown away by harvesters: they show as frame numbers left out."""
        try:
            buffer = self._fetched(wait_s)
            arrived_ns = time.monotonic_ns()
            if buffer is None:
                self._require_link()
                return None
            try:
                (component, *_) = buffer.payload.components
                number = buffer.module.frame_id
                if (component.width, component.height) != self.frame_size:
                    return misfit(arrived_ns, number, self.name, self.frame_size)
                image = self._convert(component.data)
                return Grabbed(image=image, arrived_ns=arrived_ns, number=number, camera_ns=_stamp(buffer.module))
            finally:
                buffer.queue()
        except FAULTS as error:
            raise DeviceLost(f"is lost: {first_line(error)}") from error

    def close(self) -> None:
        try:
            if self._acquirer is not None:
                self._acquirer.destroy()
            self._producers.reset()
        except FAULTS:
            pass  # it is gone already
        self._acquirer = None

    def _fetched(self, wait_s: float) -> Any:
        """The next buffer; None when none came.

        harvesters waits inside Python's lock, and the line's other threads would get their turn 5 ms late: so it is
        asked again and again.
        """
        until = time.monotonic() + wait_s
        while (buffer := self._acquirer.try_fetch(timeout=ASK_S)) is None and time.monotonic() < until:
            time.sleep(POLL_S)
        return buffer

    def _require_link(self) -> None:
        """Ask the camera itself for something: a triggered one that is silent may be unplugged."""
        nodes = self._acquirer.remote_device.node_map
        nodes.get_node("Width").node.invalidate_node()
        self.features.get("Width")

    def _opened(self, config: GenicamSource) -> Any:
        if not Path(config.producer).is_file():
            told = "does not exist; it is the .cti file that the camera's software brought"
            raise SourceError(f"source.producer {config.producer} {told}")
        self._producers.add_file(config.producer)
        self._producers.update()
        found = self._producers.device_info_list
        wanted = [each for each in found if config.device in (None, *_names(each))]
        if len(wanted) == 1:
            at_once = ParameterSet({ParameterKey.TIMEOUT_PERIOD_ON_UPDATE_EVENT_DATA_CALL: 0})
            return self._producers.create(wanted[0], config=at_once)
        here = ", ".join(" / ".join(_names(each)) for each in found) or "none"
        left_out = f"; not asked: {', '.join(self._producers.left_out)}" if self._producers.left_out else ""
        if config.device is not None:
            fault = f"{config.device} is the name of {len(wanted)}"
        else:
            fault = "must say which" if found else "finds none"
        raise SourceError(f"source.device {fault}; cameras of {config.producer}: {here}{left_out}")


def open_genicam(config: GenicamSource) -> LiveSource:
    """Raises SourceError when the camera cannot be opened."""
    return LiveSource(lambda: GenicamDevice(config))


def _stamp(buffer: Any) -> int | None:
    """The camera's time of a picture in nanoseconds; None where its producer knows none."""
    try:
        return buffer.timestamp_ns or None
    except TransportError:
        pass
    try:
        return round(buffer.timestamp * 1e9 / buffer.parent.parent.timestamp_frequency) or None
    except (TransportError, ZeroDivisionError):
        return None


def _names(info: Any) -> list[str]:
    """What a camera may be called in the configuration; not every producer knows all of them."""
    names = []
    for key in ("id_", "serial_number", "user_defined_name"):
        try:
            names.append(getattr(info, key))
        except TransportError:
            continue
    return [name for name in names if name]
