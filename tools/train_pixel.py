"""Train an autoencoder, plain or variational, from a folder of good pictures.

python -m tools.train_pixel --data ../shared/data/mvtec_ad/bottle --variational
python -m tools.train_pixel            # the bundled recording's teach/ part, to banks/flange-autoencoder.safetensors
"""

import argparse
from pathlib import Path

from rich.console import Console

from inspector.baselines.autoencoder_network import Shape
from inspector.baselines.autoencoder_training import TrainingOptions, train
from inspector.console import progress_bars, say
from tools.command import make_room, parser, run, with_data, writing
from tools.dataset import Pictures, good_pictures


def weights_path(data: Path, variational: bool) -> Path:
    """Where the weights for the pictures in a folder lie, unless told otherwise."""
    kind = "variational-autoencoder" if variational else "autoencoder"
    return Path("banks", f"{data.resolve().name}-{kind}.safetensors")


def main() -> None:
    options = _arguments()
    make_room(options.out)
    pictures = Pictures(good_pictures(options.data), one_size=True)
    with progress_bars() as progress:
        trained = train(
            pictures,
            TrainingOptions(
                shape=Shape(variational=options.variational),
                side=options.side,
                epochs=options.epochs,
                seed=options.seed,
            ),
            progress,
        )
    autoencoder = trained.autoencoder
    with writing(options.out):
        autoencoder.save(options.out)
    settings = autoencoder.settings
    say(
        Console(),
        {
            "weights": f"{autoencoder.recipe_id} in {options.out}: {settings.pictures} good pictures, "
            f"{settings.held_out} of them held out, at {settings.input_size[0]} × {settings.input_size[1]}",
            "stopped": f"after epoch {len(trained.losses)}; kept epoch {settings.epochs}, which rebuilds the held-out "
            f"pictures to within {settings.loss * 255:.2f} grey levels a pixel",
            "threshold": f"{settings.threshold.value:.2f} by the rule {settings.threshold.rule}: "
            f"{settings.threshold.basis}",
            "next": f"python -m tools.evaluate_pixel --data {options.data} --weights {options.out}",
        },
    )


def _arguments() -> argparse.Namespace:
    default = TrainingOptions()
    add = parser("tools.train_pixel", __doc__)
    with_data(add)
    add.add_argument("--out", type=Path, metavar="FILE", help=f"default: {weights_path(Path('NAME'), False)}")
    add.add_argument("--variational", action="store_true", help="the code is drawn from a distribution that is learnt")
    add.add_argument(
        "--epochs",
        type=int,
        default=default.epochs,
        metavar="N",
        help="at most; it stops earlier; default: %(default)s",
    )
    add.add_argument(
        "--side",
        type=int,
        default=default.side,
        metavar="PX",
        help="the input's area is this, squared; default: %(default)s",
    )
    add.add_argument("--seed", type=int, default=default.seed, metavar="N", help="of all that is drawn; default: 0")
    options = add.parse_args()
    for name, lowest in (("epochs", 1), ("side", 32), ("seed", 0)):
        if getattr(options, name) < lowest:
            add.error(f"--{name} is {getattr(options, name)}; it must be at least {lowest}")
    options.out = options.out or weights_path(options.data, options.variational)
    return options


if __name__ == "__main__":
    run(main)
