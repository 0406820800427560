"""How a backbone is looked at unless told otherwise: which of its blocks, on which grid, at which size."""

from dataclasses import dataclass

from inspector.scoring.prepare import MULTIPLE
from inspector.scoring.weights import BUNDLED, TIMM, TORCHVISION, unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Blocks count from 0, the first that halves the picture or, of a transformer, its first layer."""

    blocks: tuple[int, ...]
    stride: int
    """Pixels of the network's input a patch."""
    side: int
    """The network's input has the area of a square of this side, in pixels."""
    multiple: int = MULTIPLE
    """Width and height of the input are multiples of this."""
    pools: tuple[int, ...] | None = None
    """Side of the neighbourhood that each block is averaged over, in its own cells; None: the usual for all."""
    shift: int = 0
    """How far right and down of its patch's middle a feature looks, in pixels of the input."""


_MIDDLE = (1, 2, 3)
"""Strides 4, 8 and 16."""

_LITE = Layout(blocks=_MIDDLE, stride=8, side=320, pools=(5, 3, 3), shift=1)
_LITE0 = Layout(blocks=_MIDDLE, stride=8, side=352, shift=1)
"""docs/levers.md says what each of these is worth. Of the shift: strided convolutions
padded on one side only would move their maps by (stride - 1) / 2 pixels, and what they learnt takes nearly all of it
back. The pixel that is left was found on bottle's defects; the networks' gradients agree with it."""

_KNOWN = {
    **dict.fromkeys(BUNDLED, _LITE),
    "efficientnet_lite0": _LITE0,
    # layer2 and layer3 at 224: what PatchCore was published with
    **dict.fromkeys(TORCHVISION, Layout(blocks=(2, 3), stride=8, side=224)),
    "mobilenet_v3_large": Layout(blocks=_MIDDLE, stride=8, side=224),
}


def layout_of(backbone: str) -> Layout:
    """The usual layout of a backbone. Raises RecipeError for one that does not exist."""
    if backbone.startswith(TIMM):
        from inspector.scoring.timm_maps import timm_layout  # torch and timm: seconds of import

        return timm_layout(backbone)
    if backbone not in _KNOWN:
        raise unknown(backbone)
    return _KNOWN[backbone]
