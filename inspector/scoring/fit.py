"""From good pictures to a recipe: features, memory bank, threshold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.errors import RecipeError
from inspector.messages import Image
from inspector.scoring.bank import Method, index_bytes, use_threads
from inspector.scoring.calibrate import MANY, highest_good
from inspector.scoring.features import FeatureSpec
from inspector.scoring.fill import Fill, hidden_pixels
from inspector.scoring.health_files import as_files
from inspector.scoring.ignore import check_ignore, inside
from inspector.scoring.layout import layout_of
from inspector.scoring.learn_bank import Drawing, Extractor, highest_of, score_without, size_of, taught_from
from inspector.scoring.lengths import usual_lengths
from inspector.scoring.locating import Locating, decided
from inspector.scoring.mirrored import AndMirrored, is_symmetric
from inspector.scoring.pictures import Some, spread
from inspector.scoring.prepare import Rectangle, halvings, input_size
from inspector.scoring.progress import Progress
from inspector.scoring.recipe import DIGEST_BYTES, BankFacts, Recipe, array_bytes, save_recipe
from inspector.scoring.region import check_area, checked_region
from inspector.scoring.trace import trace
from inspector.scoring.view import UNMOVED, View
from inspector.scoring.weights import weights_of

FEWEST_PICTURES = 4
PATCHES, PATCHES_LOCATED = 400, 800
"""Sampled from each picture; of parts that are turned to one pose (tools.measure_locating)."""
MOST_SIDE = 4096
"""Of the network's input, in pixels."""
LENGTH_PICTURES = 32
"""Good pictures, spread evenly over all, that the usual length of features is taken from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitOptions:
    """How to fit; the defaults are the `inspector teach` of a part that stands roughly still."""

    backbone: str = "efficientnet_lite0"
    weights: Path | None = None
    """A file of weights instead of the backbone's usual ones."""
    blocks: tuple[int, ...] | None = None
    pools: tuple[int, ...] | None = None
    """Side of the neighbourhood that each block is averaged over, in its own cells."""
    one_length: tuple[int, ...] = ()
    """Those of the blocks whose features are brought to their usual length at each patch, so that their direction alone
    counts (inspector.scoring.lengths)."""
    stride: int | None = None
    """Pixels of the network's input a patch."""
    side: int | None = None
    """The network's input has the area of a square of this side, in pixels. Blocks, pools, stride and side left out are
    those of inspector.scoring.layout."""
    region: Rectangle | None = None
    ignore: NDArray[np.bool_] | None = None
    """bool[H, W] over the picture, true where a difference is no defect (a date code)."""
    min_defect_area: float = 0.0
    """In pixels² of the picture."""
    any_size: bool = False
    locate: bool | None = None
    """Turn parts to one pose before they are judged. None: where the good pictures show that they lie turned and are
    alike once turned back; never with an ignore mask or pictures of any size, which are of places in the picture."""
    method: Method | None = None
    """None: k-means from k-center's choice, but that choice itself for parts that are turned to one pose: lamps stay
    where they are, so that each turn has a look of its own (tools.measure_locating)."""
    bank_size: int = 1000
    patches_per_picture: int | None = None
    """None: 400, but 800 of parts that are turned to one pose: k-center keeps what it has seen."""
    seed: int = 0
    threads: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A new recipe, and the out-of-sample score of each good picture."""

    recipe: Recipe
    scores: tuple[float, ...]
    """Infinite for a picture in which no part was found."""
    locating: str
    """Whether parts are turned to one pose, and why, in words; and whether their mirror pictures were taught too."""


def fit(
    pictures: Sequence[Image],
    folder: Path,
    options: FitOptions,
    progress: Progress,
    shown: Sequence[int] | None = None,
) -> Fitted:
    """Fit a recipe from good pictures uint8[H, W, 3] BGR and write it to `folder`.

    `pictures` may read them lazily: they are asked for twice. Same pictures, options, machine and versions: same id.
    shown: the number of the part that each picture shows, where some show the same one, as the same picture twice does:
    such are left out together, and a part's score is the highest of its pictures'. Raises RecipeError when parts are
    too few, pictures of different sizes (unless any_size), when they show nothing to learn from, and for options that
    do not go with them.
    """
    parts = np.unique(np.arange(len(pictures)) if shown is None else shown, return_inverse=True)[1].astype(np.int32)
    count = int(parts.max(initial=-1)) + 1
    _check_enough("good pictures" if count == len(pictures) else "good parts", count)
    use_threads(options.threads)
    frame_size = size_of(pictures[0])
    region = checked_region(options.region, frame_size)
    check_ignore(options.ignore, frame_size)
    locating = _locating(pictures, region, options, progress)
    finder = locating.finder
    seen = np.setdiff1d(np.arange(len(pictures)), locating.unlocated)
    whole, pictures = len(pictures), Some(pictures, seen.tolist())
    parts = np.unique(parts[seen], return_inverse=True)[1].astype(np.int32)
    judged = region if finder is None else (0, 0, *finder.locator.size)
    check_area(options.min_defect_area, judged)
    spec = feature_spec(options, judged[2:])
    hidden = None if options.ignore is None else hidden_pixels(inside(options.ignore, region), spec.input_size)
    fill = None if hidden is None or hidden.all() else Fill(hidden)
    view = View(region=options.region, finder=finder, features=spec, fill=fill)
    extract = _extractor(view, frame_size, options)
    if options.one_length:
        some = np.concatenate([extract(pictures[n]) for n in spread(len(pictures), LENGTH_PICTURES)])
        spec = replace(spec, length=usual_lengths(some, extract.channels, spec.blocks, options.one_length))
        view = replace(view, features=spec)
        extract = _extractor(view, frame_size, options)

    per_picture = options.patches_per_picture or (PATCHES if finder is None else PATCHES_LOCATED)
    method = options.method or ("both" if finder is None else "kcenter")
    drawing = Drawing(per_picture=per_picture, bank_size=options.bank_size, method=method, seed=options.seed)
    taught = taught_from(pictures, parts, extract, drawing, progress)
    _check_enough("good parts that are not the same picture, pixel by pixel,", taught.parts)
    parts = taught.shown
    digests, health = taught.sample.digests, taught.sample.health.norm(taught.parts)
    if health.limits["clipped"].usual == 1:
        raise RecipeError("the good pictures are black or white from edge to edge; is the lens covered, the lamp off?")
    mirrored = False
    if finder is None and options.ignore is None and taught.parts < MANY:
        both = AndMirrored(pictures)
        theirs = [score_without(extract(both[len(pictures) + n]), part, extract, taught.leave_out)
                  for n, part in enumerate(parts.tolist())]  # fmt: skip
        if mirrored := is_symmetric(taught.of_parts, highest_of(theirs, parts)):
            pictures, parts = both, np.tile(parts, 2)
            taught = taught_from(pictures, parts, extract, drawing, progress)
    bank, sample = taught.leave_out.bank, taught.sample
    kept, origins = trace(bank, sample.features, taught.rows, sample.origins)
    of_pictures = np.full(whole, np.inf)
    of_pictures[seen] = np.reshape(taught.scores, (-1, len(seen))).max(axis=0)

    contents = {
        "bank.faiss": index_bytes(bank),
        "origins.npy": array_bytes(origins),
        "good_scores.npy": array_bytes(taught.of_parts),
        "fitted.npy": array_bytes(np.frombuffer(b"".join(digests), np.uint8).reshape(-1, DIGEST_BYTES)),
    }
    contents["health.json"], arrays = as_files(health)
    contents |= {name: array_bytes(array) for name, array in arrays.items()}
    if finder is not None:
        contents["look.npy"] = array_bytes(finder.look)
    if extract.ignore is not None and hidden is not None:
        contents["ignore.npy"] = array_bytes(extract.ignore)
        contents["hidden.npy"] = array_bytes(hidden)
    for n, picture in enumerate(kept):
        contents[f"good/{n:03d}.png"] = _png(view.look(pictures[picture], UNMOVED)[0])
    recipe = Recipe(
        id="",
        folder=folder,
        frame_size=frame_size,
        any_size=options.any_size,
        region=options.region,
        features=spec,
        min_defect_area=options.min_defect_area,
        threshold=highest_good(taught.of_parts),
        bank=BankFacts(
            method=method,
            size=bank.shape[0],
            dimension=bank.shape[1],
            pictures=len(seen),
            patches=len(sample.features),
            seed=options.seed,
            mirrored=mirrored,
        ),
        files={},
        locator=None if finder is None else finder.locator,
    )
    lying = "located" if finder else "as they lie"
    too = "; taught from their mirror pictures too, which look as good" if mirrored else ""
    return Fitted(
        recipe=save_recipe(folder, recipe, contents),
        scores=tuple(of_pictures.tolist()),
        locating=f"{lying}: {locating.why}{too}",
    )


def feature_spec(options: FitOptions, region: tuple[int, int]) -> FeatureSpec:
    """The features that the options ask for, of a region (width, height). Raises RecipeError without the weights."""
    layout = layout_of(options.backbone)
    weights = weights_of(options.backbone, options.weights)
    blocks = options.blocks or layout.blocks
    side, stride = options.side or layout.side, options.stride or layout.stride
    size = input_size(region, side, layout.multiple)
    if side > MOST_SIDE or stride > min(size):
        raise RecipeError(
            f"side {side} and stride {stride} give no patches that could be computed; allowed: a side of up to "
            f"{MOST_SIDE}, and a stride of up to {min(size)} pixels"
        )
    return FeatureSpec(
        backbone=options.backbone,
        weights=weights.sha256,
        weights_file=str(weights.path) if weights.own else None,
        blocks=blocks,
        pools=options.pools or (layout.pools if blocks == layout.blocks else None),
        shift=layout.shift,
        stride=stride,
        input_size=size,
        halvings=0 if options.any_size else halvings(region, size),
    )


def _check_enough(what: str, count: int) -> None:
    if count < FEWEST_PICTURES:
        raise RecipeError(f"too few {what} to fit from: {count}; at least {FEWEST_PICTURES} are needed")


def _extractor(view: View, frame_size: tuple[int, int], options: FitOptions) -> Extractor:
    return Extractor(view, frame_size, options.ignore, options.min_defect_area, options.any_size, options.threads)


def _locating(pictures: Sequence[Image], region: Rectangle, options: FitOptions, progress: Progress) -> Locating:
    """Whether to locate. Raises RecipeError where it has to be and cannot."""
    if not options.any_size and options.ignore is None:
        return decided(pictures, region, options.locate, progress)
    places = "the pictures are of any size" if options.any_size else "there is an ignore mask, which is of places"
    if options.locate:
        raise RecipeError(f"the parts cannot be located: {places}")
    return Locating(finder=None, why=places)


def _png(picture: Image) -> bytes:
    return bytes(cv2.imencode(".png", picture)[1])
