"""Whether what is asked of a picture lies in it. Pure."""

from inspector.errors import RecipeError
from inspector.scoring.prepare import Rectangle


def misplaced(region: Rectangle, size: tuple[int, int]) -> str:
    """Why a region does not lie inside a picture of `size` (width, height), in words; empty where it does."""
    x, y, width, height = region
    if x < 0 or y < 0 or width < 1 or height < 1 or x + width > size[0] or y + height > size[1]:
        return f"region x={x} y={y} {width} × {height} does not lie inside the picture of {size[0]} × {size[1]}"
    return ""


def checked_region(region: Rectangle | None, size: tuple[int, int]) -> Rectangle:
    """The region judged in a picture of `size`, all of it for None. Raises RecipeError when it does not lie inside."""
    if region is None:
        return (0, 0, *size)
    if why := misplaced(region, size):
        raise RecipeError(why)
    return region


def check_area(area: float, judged: Rectangle) -> None:
    """Raises RecipeError for a least defect area, in pixels², that is none, or that no defect could have."""
    *_, width, height = judged
    if not 0 <= area <= width * height:
        raise RecipeError(
            f"the least defect's area is {area:g} pixels²; allowed: 0 to {width * height}, all of the "
            f"{width} × {height} that is judged"
        )
