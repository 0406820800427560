"""The methods that are compared: the experiments this project descends from, and its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from inspector.baselines.autoencoder import Autoencoder, load_autoencoder
from inspector.baselines.autoencoder_network import Shape
from inspector.baselines.autoencoder_training import TrainingOptions, train
from inspector.baselines.full_bank import ORIGINAL_THRESHOLD, full_bank
from inspector.baselines.global_feature import global_feature
from inspector.baselines.nearest_good import NearestGood
from inspector.config import ScoringConfig
from inspector.errors import RecipeError
from inspector.messages import Image
from inspector.scoring.features import FeatureSpec
from inspector.scoring.fit import FitOptions, feature_spec, fit
from inspector.scoring.presets import PRESETS
from inspector.scoring.progress import Progress
from inspector.scoring.scorer import open_scorer
from inspector.scoring.weights import weights_of
from tools.measure import Method
from tools.report import About

STAND_IN = "efficientnet_lite0"
"""Takes the place of a backbone whose weights cannot be had."""

THREE_BLOCKS = FitOptions(backbone="wide_resnet50_2", blocks=(1, 2, 3), stride=16, side=256)
"""Strides 4, 8 and 16: 1792 channels of a Wide-ResNet-50; at 256² a grid of 16 × 16."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What every method is built from."""

    good: Sequence[Image]
    folder: Path
    """For recipes; emptied afterwards."""
    threads: int
    checkpoints: dict[bool, Path | None]
    """A trained autoencoder to use again, by whether it is variational."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A method ready to score, and what its row says of it."""

    method: Method
    about: About
    lacking: str | None = None
    """Why it is not on its own backbone; None if it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A row of the table."""

    key: str
    """What it is asked for by, and found again by among rows that were measured before."""
    name: str
    backbone: str | None
    """The one it is meant for; None for a network of the method's own."""
    build: Callable[[Means, Progress], Built]
    reported: str
    """What the original work reported on MVTec AD bottle."""
    reported_auroc: float | None = None
    reported_threshold: float | None = None
    """τ of the original, on its own backbone."""


def _autoencoder(variational: bool) -> Callable[[Means, Progress], Built]:
    def build(means: Means, progress: Progress) -> Built:
        checkpoint = means.checkpoints[variational]
        if checkpoint is not None:
            autoencoder = _of_kind(load_autoencoder(checkpoint), variational, checkpoint)
        else:
            options = TrainingOptions(shape=Shape(variational=variational))
            autoencoder = train(means.good, options, progress).autoencoder
        kind = "variational autoencoder" if variational else "autoencoder"
        size = autoencoder.settings.input_size
        return Built(method=autoencoder, about=About(method=kind, backbone=None, input_size=size, bank_size=None))

    return build


def _of_kind(autoencoder: Autoencoder, variational: bool, path: Path) -> Autoencoder:
    if autoencoder.settings.shape.variational != variational:
        raise RecipeError(
            f"{path} holds {'a plain' if variational else 'a variational'} autoencoder, not the other one"
        )
    return autoencoder


def _nearest(
    make: Callable[[Sequence[Image], FeatureSpec, int, Progress], NearestGood], name: str
) -> Callable[[Means, Progress], Built]:
    def build(means: Means, progress: Progress) -> Built:
        options, lacking = _at_hand(THREE_BLOCKS)
        height, width = means.good[0].shape[:2]
        spec = feature_spec(options, (width, height))
        method = make(means.good, spec, means.threads, progress)
        about = About(method=name, backbone=spec.backbone, input_size=spec.input_size, bank_size=len(method.bank))
        return Built(method=method, about=about, lacking=lacking)

    return build


def _patches(wanted: FitOptions) -> Callable[[Means, Progress], Built]:
    def build(means: Means, progress: Progress) -> Built:
        options, lacking = _at_hand(replace(wanted, threads=means.threads))
        folder = means.folder / f"{wanted.backbone}-{wanted.side}"
        recipe = fit(means.good, folder, options, progress).recipe
        about = About(
            method=f"patch, {recipe.bank.method}",
            backbone=recipe.features.backbone,
            input_size=recipe.features.input_size,
            bank_size=recipe.bank.size,
        )
        scoring = ScoringConfig(recipe=str(folder), device="cpu", threads=means.threads)
        return Built(method=open_scorer(scoring), about=about, lacking=lacking)

    return build


def _at_hand(wanted: FitOptions) -> tuple[FitOptions, str | None]:
    """The options with a backbone whose weights are here, and why it is not the wanted one."""
    try:
        weights_of(wanted.backbone, wanted.weights)
    except RecipeError as error:
        return replace(wanted, backbone=STAND_IN, weights=None), str(error)
    return wanted, None


EXPERIMENTS = (
    Experiment(
        key="autoencoder",
        name="1 Autoencoder, L1",
        backbone=None,
        build=_autoencoder(variational=False),
        reported="image AUROC 0.6447, partial pixel AUROC 0.5693",
        reported_auroc=0.6447,
    ),
    Experiment(
        key="variational",
        name="1b its variational twin",
        backbone=None,
        build=_autoencoder(variational=True),
        reported="no figures",
    ),
    Experiment(
        key="global",
        name="2 Global feature",
        backbone="wide_resnet50_2",
        build=_nearest(global_feature, "global feature, nearest good"),
        reported="0.9913, 0.3770",
        reported_auroc=0.9913,
    ),
    Experiment(
        key="full-bank",
        name="3 Patches, 16 × 16, full bank",
        backbone="wide_resnet50_2",
        build=_nearest(full_bank, "patch, full bank"),
        reported="1.0000, 0.9455; F1 1.0 at τ = 64.8 (its 4202.09 was the square); 1033 ms on a GTX 1650",
        reported_auroc=1.0,
        reported_threshold=ORIGINAL_THRESHOLD,
    ),
    Experiment(
        key="resnet18",
        name="4 Patches, ResNet-18",
        backbone="resnet18",
        build=_patches(FitOptions(backbone="resnet18", side=224)),
        reported="276 ms",
    ),
    Experiment(
        key="mobilenet",
        name="5 Patches, MobileNetV3-Large at 128²",
        backbone="mobilenet_v3_large",
        build=_patches(FitOptions(backbone="mobilenet_v3_large", side=128)),
        reported="0.9984, 0.9333; 38.6 ms",
        reported_auroc=0.9984,
    ),
    Experiment(
        key="default",
        name="This project's default recipe",
        backbone=PRESETS["fast"].backbone,
        build=_patches(PRESETS["fast"]),
        reported="its target: under 100 ms",
    ),
    Experiment(
        key="accurate",
        name="This project's preset `accurate`",
        backbone=PRESETS["accurate"].backbone,
        build=_patches(PRESETS["accurate"]),
        reported="–",
    ),
)
"""In the order of the table."""
