"""What patch features depend on: a value that fitting, recipes and caches share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSpec:
    """A backbone's blocks on one grid."""

    backbone: str
    weights: str
    """sha256 of the weights file."""
    blocks: tuple[int, ...]
    stride: int
    """Pixels of the network's input a patch."""
    input_size: tuple[int, int]
    """Width and height of the network's input, in pixels."""

    @property
    def grid(self) -> tuple[int, int]:
        """Width and height of the patch grid."""
        return self.input_size[0] // self.stride, self.input_size[1] // self.stride
