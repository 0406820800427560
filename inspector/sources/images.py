"""One picture, from whatever OpenCV knows to uint8[H, W, 3] BGR.

What OpenCV and FFmpeg print on their own about a damaged file is silenced here: the error says it, once. (libpng's
own line about a damaged PNG cannot be.)
"""

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # read when the first video is opened; there is no other way
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


class UnreadablePicture(ValueError):  # noqa: N818 (it says what the picture is)
    """A file is not a whole picture; the text names it and says why."""


def read_picture(path: Path) -> Image:
    """The picture in a PNG, JPEG, WebP, BMP or TIFF file, turned as its EXIF orientation says.

    uint8[H, W, 3] BGR, C-contiguous: grey becomes BGR, alpha is dropped, 16 bit become 8 by their upper byte
    (`>> 8`, no stretching, so that equal light stays equal). Raises UnreadablePicture when the file is missing,
    empty, cut short, not a picture, or of another depth.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadablePicture(f"{path}: {error.strerror or error}") from error
    if not data:
        raise UnreadablePicture(f"{path} is empty (0 bytes)")
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    except cv2.error as error:
        raise UnreadablePicture(f"{path} cannot be decoded: {error.err}") from error
    if picture is None:
        raise UnreadablePicture(f"{path} is damaged, cut short, or not a picture of 8 or 16 bit ({len(data)} bytes)")
    try:
        return as_bgr(picture)
    except ValueError as error:
        raise UnreadablePicture(f"{path}: {error}") from error


def as_bgr(picture: NDArray[Any]) -> Image:
    """Any picture of 8 or 16 bit (grey, BGR or BGRA) as uint8[H, W, 3] BGR, C-contiguous; copied only if it must be.

    Raises ValueError on other depths and shapes.
    """
    if picture.dtype == np.uint16:
        picture = (picture >> 8).astype(np.uint8)
    if picture.dtype != np.uint8:
        raise ValueError(f"pixels are {picture.dtype}; 8 and 16 bit are read")
    channels = 1 if picture.ndim == 2 else picture.shape[-1]
    if picture.ndim not in (2, 3) or channels not in (1, 3, 4) or picture.size == 0:
        raise ValueError(f"a picture of shape {picture.shape}; grey, BGR and BGRA are read")
    if channels == 1:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    return np.ascontiguousarray(picture[..., :3])


def write_png(path: Path, image: Image) -> None:
    """Raises OSError when it cannot be written."""
    _, data = cv2.imencode(".png", image)
    path.write_bytes(data.tobytes())
