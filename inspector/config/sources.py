"""The `source` section: where pictures come from, one struct per type."""

from typing import Annotated, Final, Literal, TypeAlias, get_args

import msgspec

from inspector.config.section import Count, Natural, NotNegative, Positive, Section

RtspUrl: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"^rtsps?://[^/]+", description="rtsp://HOST/…, as the camera's page or manual gives it")
]
FourCC: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[ -~]{4}$", description="four letters, such as MJPG")]


class CameraSource(Section, frozen=True, kw_only=True, tag_field="type", tag="camera"):
    """A USB or V4L2 camera through OpenCV. What is null stays as the camera has it."""

    device: int | str = 0
    """Index, or a path such as /dev/video0."""
    width: Count | None = None
    height: Count | None = None
    fps: Positive | None = None
    exposure: float | None = None
    """In the driver's own unit."""
    gain: float | None = None
    """In the driver's own unit."""
    pixel_format: FourCC | None = None
    """Such as MJPG."""
    timeout_s: Positive = 2.0
    """A camera silent for so long is lost, and opened anew."""


class VideoSource(Section, frozen=True, kw_only=True, tag_field="type", tag="video"):
    """A video file."""

    path: str
    speed: NotNegative = 1.0
    """1: in real time; 2: twice as fast; 0: as fast as it can be judged."""
    loop: bool = False


class FolderSource(Section, frozen=True, kw_only=True, tag_field="type", tag="folder"):
    """Pictures in a folder and its subfolders, in the order of their names."""

    path: str
    fps: NotNegative = 0.0
    """Pictures per second; 0: as fast as they can be judged."""
    loop: bool = False


class RecordingSource(Section, frozen=True, kw_only=True, tag_field="type", tag="recording"):
    """A recording: index.jsonl and frames/, with their times."""

    path: str
    speed: NotNegative = 1.0
    """1: in real time; 2: twice as fast; 0: as fast as it can be judged."""
    loop: bool = False


class RtspSource(Section, frozen=True, kw_only=True, tag_field="type", tag="rtsp"):
    """A network camera's stream, through PyAV; what it shows is set in the camera itself."""

    url: RtspUrl
    transport: Literal["tcp", "udp"] = "tcp"
    """udp is a little quicker, and loses pictures on a busy network."""
    timeout_s: Annotated[float, msgspec.Meta(gt=0, le=2.5)] = 2.0
    """A stream silent for so long is lost, and opened anew; a stop waits as long for it."""


class GenicamSettings(Section, frozen=True, kw_only=True):
    """What GenICam cameras have in common. What is null stays as the camera has it."""

    pixel_format: str | None = None
    """Such as Mono8, BayerRG8, BGR8; the camera's own names."""
    width: Count | None = None
    height: Count | None = None
    offset_x: Natural | None = None
    offset_y: Natural | None = None
    exposure_us: Positive | None = None
    """In microseconds; ends its automatic exposure."""
    gain: float | None = None
    """In dB, or in the unit of older cameras; ends its automatic gain."""
    fps: Positive | None = None
    trigger: str | None = None
    """What makes it take a picture: free (it runs by itself), or an input by the camera's own name, such as Line1."""
    packet_size: Annotated[int, msgspec.Meta(ge=220, le=16384)] | None = None
    """Of a GigE camera, in bytes; with jumbo frames 8192 or so."""
    timeout_s: Positive = 2.0
    """A camera that runs free and is silent for so long is lost, and opened anew."""


class GenicamSource(GenicamSettings, frozen=True, kw_only=True, tag_field="type", tag="genicam"):
    """A camera behind its maker's GenTL producer, through harvesters. Not for GigE: listing those broadcasts."""

    producer: str
    """The .cti file that the maker's software brought."""
    device: str | None = None
    """Its id, serial number or user-defined name; null: the only one there is."""


class PylonSource(GenicamSettings, frozen=True, kw_only=True, tag_field="type", tag="pylon"):
    """A Basler camera, through pypylon."""

    interface: Literal["usb", "gige", "emulation"] = "usb"
    serial: str | None = None
    """Of a USB camera; null: the first one."""
    address: str | None = None
    """Of a GigE camera, such as 192.168.1.20; it is opened there, never looked for."""
    pictures: str | None = None
    """The emulation shows the pictures in this folder; null: its test picture."""


class GigeSource(GenicamSettings, frozen=True, kw_only=True, tag_field="type", tag="gige"):
    """A GigE Vision camera of any maker, through Aravis, opened at its address and never looked for."""

    address: str
    """Such as 192.168.1.20."""


SourceConfig: TypeAlias = (
    CameraSource | RtspSource | GenicamSource | PylonSource | GigeSource | VideoSource | FolderSource | RecordingSource
)
LiveConfig: TypeAlias = CameraSource | RtspSource | GenicamSource | PylonSource | GigeSource
CAMERAS: Final = tuple(str(section.__struct_config__.tag) for section in get_args(LiveConfig))
