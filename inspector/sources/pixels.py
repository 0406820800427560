"""From a camera's pixel format to BGR, in one conversion. Formats have their GenICam names."""

import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image

Convert: TypeAlias = Callable[[NDArray[Any]], Image]
"""From the driver's buffer, uint8 or uint16, flat or [H, W] or [H, W, C], to a picture with memory of its own."""

READ: Final = (
    "Mono8/10/12/14/16, BayerRG/GR/GB/BG8/10/12/14/16, RGB8, BGR8, RGBa8, BGRa8, YUV422_8, YUV422_8_UYVY; "
    "no packed ones but those of 8 bit"
)
"""For people."""

_GREY: Final = cv2.COLOR_GRAY2BGR
_BAYER: Final = {  # GenICam names a mosaic by the first two pixels of its first row
    "RG": cv2.COLOR_BayerRGGB2BGR,
    "GR": cv2.COLOR_BayerGRBG2BGR,
    "GB": cv2.COLOR_BayerGBRG2BGR,
    "BG": cv2.COLOR_BayerBGGR2BGR,
}
_COLOUR: Final[dict[str, tuple[int, int | None]]] = {  # channels, conversion
    "RGB8": (3, cv2.COLOR_RGB2BGR),
    "RGB8Packed": (3, cv2.COLOR_RGB2BGR),
    "BGR8": (3, None),
    "BGR8Packed": (3, None),
    "RGBa8": (4, cv2.COLOR_RGBA2BGR),
    "RGBA8Packed": (4, cv2.COLOR_RGBA2BGR),
    "BGRa8": (4, cv2.COLOR_BGRA2BGR),
    "BGRA8Packed": (4, cv2.COLOR_BGRA2BGR),
    "YUV422_8": (2, cv2.COLOR_YUV2BGR_YUYV),
    "YCbCr422_8": (2, cv2.COLOR_YUV2BGR_YUYV),
    "YUV422_YUYV_Packed": (2, cv2.COLOR_YUV2BGR_YUYV),
    "YUV422_8_UYVY": (2, cv2.COLOR_YUV2BGR_UYVY),
    "YUV422Packed": (2, cv2.COLOR_YUV2BGR_UYVY),
}


def converter(pixel_format: str, size: tuple[int, int]) -> Convert:
    """What turns buffers of a format and size (width, height) into BGR; deeper pixels keep their upper 8 bits.

    Raises ValueError for a format that is not read, naming those that are.
    """
    width, height = size
    if pixel_format in _COLOUR:
        channels, conversion = _COLOUR[pixel_format]
        return lambda data: _coloured(data.reshape(height, width, channels), conversion)
    named = re.fullmatch(r"(?:Mono|Bayer(RG|GR|GB|BG))(8|10|12|14|16)", pixel_format)
    if named is None:
        raise ValueError(f"pixel format {pixel_format} is not read; those that are: {READ}")
    conversion = _BAYER[named[1]] if named[1] else _GREY
    excess = int(named[2]) - 8
    return lambda data: _coloured(_in_8_bit(data, excess).reshape(height, width), conversion)


def _in_8_bit(data: NDArray[Any], excess: int) -> NDArray[Any]:
    """Before the colours are made, of which there are three times as many."""
    if excess and data.dtype == np.uint8:
        data = data.view("<u2")  # as it came over the network
    return (data >> excess).astype(np.uint8) if excess else data


def _coloured(data: NDArray[Any], conversion: int | None) -> Image:
    if conversion is None:
        return np.array(data, np.uint8)
    return np.asarray(cv2.cvtColor(data, conversion), np.uint8)
