"""From a section of the configuration, or a word on the command line, to a source."""

from pathlib import Path

from inspector.config import (
    CameraSource,
    FolderSource,
    GenicamSource,
    GigeSource,
    PylonSource,
    RecordingSource,
    RtspSource,
    SourceConfig,
    VideoSource,
)
from inspector.errors import SourceError
from inspector.sources.names import PICTURES
from inspector.sources.source import Source


def open_source(config: SourceConfig, waits: bool = False) -> Source:
    """The source that a configuration describes, ready to give frames.

    With `waits` a USB or network camera that is not there yet is lost at first, not an error: after a power cut the
    computer is there before the camera. Raises SourceError when it cannot be opened or holds no picture. Only the file
    of the chosen type is imported.
    """
    match config:
        case CameraSource():
            from inspector.sources.camera import open_camera

            return open_camera(config, waits)
        case RtspSource():
            from inspector.sources.rtsp import open_rtsp

            return open_rtsp(config, waits)
        case GenicamSource():
            from inspector.sources.genicam import open_genicam

            return open_genicam(config)
        case PylonSource():
            from inspector.sources.pylon import open_pylon

            return open_pylon(config, waits)
        case GigeSource():
            from inspector.sources.gige import open_gige

            return open_gige(config, waits)
        case VideoSource():
            from inspector.sources.video import Video

            return Video(config)
        case FolderSource():
            from inspector.sources.folder import Folder

            return Folder(config)
        case RecordingSource():
            from inspector.sources.recording import Recording

            return Recording(config)


def source_from_argument(text: str) -> SourceConfig:
    """What `--source` means: a recording, a folder of pictures, a video file, a camera's index, /dev/videoN, rtsp://….

    Raises SourceError when it is none of these.
    """
    if text.isdecimal():
        return CameraSource(device=int(text))
    if text.startswith("/dev/"):
        return CameraSource(device=text)
    if text.startswith(("rtsp://", "rtsps://")):
        return RtspSource(url=text)
    path = Path(text).expanduser()
    if path.is_dir():
        if (path / "index.jsonl").is_file():
            return RecordingSource(path=str(path))
        if inside := sorted(index.parent.name for index in path.glob("*/index.jsonl")):
            raise SourceError(f"{text} holds {len(inside)} recordings ({', '.join(inside)}); give one of them")
        return FolderSource(path=str(path))
    if not path.exists():
        raise SourceError(f"there is no {text}; give a recording, a folder of pictures, a video file, "
                          "a camera's number, /dev/videoN or rtsp://…")  # fmt: skip
    if path.suffix.lower() in PICTURES:
        raise SourceError(f"{text} is a single picture; give the folder it is in")
    return VideoSource(path=str(path))
