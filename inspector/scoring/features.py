"""What patch features depend on: a value that fitting, recipes and caches share."""

from dataclasses import asdict, dataclass
from typing import Any, Final

POOL: Final = 3
"""The usual side of the neighbourhood that features are averaged over: PatchCore's."""
SHORT: Final = 1e-3
"""Features shorter than this are nothing, and are not brought to a length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSpec:
    """A backbone's blocks on one grid."""

    backbone: str
    weights: str
    """sha256 of the weights file."""
    weights_file: str | None = None
    """Where that file lay, if it was given as a file; None for the backbone's usual weights."""
    blocks: tuple[int, ...]
    stride: int
    """Pixels of the network's input a patch."""
    input_size: tuple[int, int]
    """Width and height of the network's input, in pixels."""
    pools: tuple[int, ...] | None = None
    """Side of the neighbourhood that each block's features are averaged over, in its own cells; None: POOL for all."""
    halvings: int = 0
    """How often a picture is halved before it is brought to the input's size: quicker than all at once."""
    shift: int = 0
    """How far right and down the picture is moved, in pixels of the input: features look so far from their middle."""
    length: float | tuple[float, ...] = 0.0
    """What each block's features are brought to at each patch, so that their direction alone counts (a distance between
    two is then one between their cosines); 0: they are left as they are. One for all blocks, or one for each."""

    @property
    def lengths(self) -> tuple[float, ...]:
        """Of each block."""
        return self.length if isinstance(self.length, tuple) else (self.length,) * len(self.blocks)

    @property
    def grid(self) -> tuple[int, int]:
        """Width and height of the patch grid."""
        return self.input_size[0] // self.stride, self.input_size[1] // self.stride

    def identity(self) -> dict[str, Any]:
        """All that the features depend on; not where the weights lie, since their sha256 says what is in them."""
        return {name: value for name, value in asdict(self).items() if name != "weights_file"}
