import numpy as np
import pytest
from numpy.typing import NDArray

from inspector.sources.pixels import converter

WIDTH, HEIGHT = 16, 12
BLUE, GREEN, RED = 40, 100, 220
"""A flat colour, so that demosaicing has nothing to guess."""


def mosaic(order: str, depth: int) -> NDArray[np.uint16]:
    """What a sensor whose first row begins with `order` sees of that colour."""
    value = {"R": RED, "G": GREEN, "B": BLUE}
    second = {"RG": "GB", "GR": "BG", "GB": "RG", "BG": "GR"}[order]
    cell = np.array([[value[letter] for letter in row] for row in (order, second)], np.uint16)
    return np.tile(cell << (depth - 8), (HEIGHT // 2, WIDTH // 2))


@pytest.mark.parametrize("depth", [8, 10, 12, 16])
@pytest.mark.parametrize("order", ["RG", "GR", "GB", "BG"])
def test_a_mosaic_becomes_the_colour_it_saw(order: str, depth: int) -> None:
    data = mosaic(order, depth) if depth > 8 else mosaic(order, depth).astype(np.uint8)
    image = converter(f"Bayer{order}{depth}", (WIDTH, HEIGHT))(data)
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert (image == (BLUE, GREEN, RED)).all()


@pytest.mark.parametrize("depth", [8, 10, 12, 14, 16])
def test_grey_keeps_its_upper_bits_in_all_three_colours(depth: int) -> None:
    grey = np.linspace(0, 2**depth - 1, WIDTH * HEIGHT).astype(np.uint8 if depth == 8 else np.uint16)
    image = converter(f"Mono{depth}", (WIDTH, HEIGHT))(grey)
    np.testing.assert_array_equal(image, np.dstack([(grey >> (depth - 8)).reshape(HEIGHT, WIDTH)] * 3))
    as_bytes = grey.astype("<u2" if depth > 8 else np.uint8).view(np.uint8)
    np.testing.assert_array_equal(converter(f"Mono{depth}", (WIDTH, HEIGHT))(as_bytes), image)


@pytest.mark.parametrize(
    ("pixel_format", "pixel"),
    [
        ("RGB8", (RED, GREEN, BLUE)),
        ("RGB8Packed", (RED, GREEN, BLUE)),
        ("BGR8", (BLUE, GREEN, RED)),
        ("RGBa8", (RED, GREEN, BLUE, 255)),
        ("BGRA8Packed", (BLUE, GREEN, RED, 255)),
    ],
)
def test_colours_end_up_in_their_channels(pixel_format: str, pixel: tuple[int, ...]) -> None:
    data = np.tile(np.array(pixel, np.uint8), HEIGHT * WIDTH)
    image = converter(pixel_format, (WIDTH, HEIGHT))(data)
    assert (image == (BLUE, GREEN, RED)).all()
    assert image.flags.c_contiguous
    assert not np.shares_memory(image, data)  # the driver fills its buffer again


@pytest.mark.parametrize(("pixel_format", "luma"), [("YUV422_8", 0), ("YUV422_YUYV_Packed", 0), ("YUV422Packed", 1)])
def test_luma_is_found_where_the_format_has_it(pixel_format: str, luma: int) -> None:
    data = np.full((HEIGHT, WIDTH, 2), 128, np.uint8)
    data[..., luma] = 235  # white
    assert (converter(pixel_format, (WIDTH, HEIGHT))(data) >= 254).all()


@pytest.mark.parametrize("pixel_format", ["Mono12p", "BayerRG12Packed", "Mono9", "RGB16Packed", "Coord3D_ABC32f"])
def test_a_format_that_is_not_read_is_named_with_those_that_are(pixel_format: str) -> None:
    with pytest.raises(ValueError, match=f"pixel format {pixel_format} is not read; those that are: Mono8/10/12"):
        converter(pixel_format, (WIDTH, HEIGHT))
