import io
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from inspector.baselines.autoencoder import load_autoencoder
from inspector.errors import RecipeError, SourceError
from inspector.scoring.metrics import auroc, f1_max, partial_auroc
from inspector.scoring.pixel_metrics import aupro
from tests.washers import SIZE, burnt, fit_small, quiet, washer, washers, write_pictures
from tools import evaluate, evaluate_pixel, train_pixel
from tools.command import run
from tools.dataset import Sample, test_samples
from tools.measure import FIGURES, measure

samples_of = test_samples  # pytest would take it for a test
del test_samples


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pictures of washers where the bundled recording lies, and what train_pixel makes of them."""
    room = tmp_path_factory.mktemp("room")
    flange = room / "recordings" / "flange"
    write_pictures(flange / "teach" / "frames", washers(12))
    shown = [*(washer(seed) for seed in range(50, 54)), *(burnt(seed) for seed in range(60, 64))]
    write_pictures(flange / "inspect" / "frames", shown)
    mask = cv2.circle(np.zeros(SIZE[::-1], np.uint8), (100, 120), 9, 255, -1)
    write_pictures(flange / "inspect" / "masks", [mask])
    truth = {
        f"{n:02d}.png": {"defect": "burn", "mask": "00.png"} if n >= 4 else {"defect": None} for n in range(len(shown))
    }
    (flange / "inspect" / "truth.json").write_text(json.dumps(truth))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(room)
        patch.setattr(sys, "argv", ["train_pixel", "--epochs", "25", "--side", "64"])
        train_pixel.main()
    return room


@pytest.fixture(scope="module")
def out(room: Path) -> Path:
    """All that one evaluate_pixel writes: table.txt, figures/figures.json, raw/arrays.npz, maps/."""
    out = room / "out"
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as table:
        patch.chdir(room)
        arguments = "--json out/figures/figures.json --raw out/raw/arrays.npz --maps out/maps"
        patch.setattr(sys, "argv", ["evaluate_pixel", *arguments.split()])
        evaluate_pixel.main()
    (out / "table.txt").write_text(table.getvalue())
    return out


@pytest.fixture
def at(room: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.chdir(room)
    return monkeypatch


def call(at: pytest.MonkeyPatch, *arguments: str) -> None:
    """Run a tool by its name as the command line does."""
    module = {"train_pixel": train_pixel, "evaluate_pixel": evaluate_pixel, "evaluate": evaluate}[arguments[0]]
    at.setattr(sys, "argv", list(arguments))
    run(module.main)


def refused(at: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit code and the last line of a tool that ends with an error."""
    with pytest.raises(SystemExit) as ended:
        call(at, *arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code, capsys.readouterr().err.splitlines()[-1]


def value(figure: float | dict[str, float]) -> float:
    """A figure with or without its interval."""
    return figure["value"] if isinstance(figure, dict) else figure


def test_training_and_measuring_find_their_files_by_themselves(room: Path, out: Path) -> None:
    assert [path.name for path in (room / "banks").iterdir()] == ["flange-autoencoder.safetensors"]
    table = (out / "table.txt").read_text()
    for name in ("image AUROC", "pixel AUROC", "AUPRO", "partial pixel AUROC", "F1-max", "false rejects", "misses"):
        assert name in table


def test_training_says_what_it_made_where_and_what_to_do_next(
    at: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "twin.safetensors"
    call(at, "train_pixel", "--variational", "--epochs", "1", "--side", "32", "--seed", "5", "--out", str(out))
    told = " ".join(capsys.readouterr().out.split())
    made = load_autoencoder(out)
    assert made.settings.shape.variational
    assert made.settings.seed == 5
    assert made.settings.input_size == (32, 32)
    assert f"{made.recipe_id} in" in told
    assert "12 good pictures, 2 of them held out, at 32 × 32" in told
    assert "next: python -m tools.evaluate_pixel --data recordings/flange --weights" in told


def test_the_twin_does_not_overwrite_the_plain_one() -> None:
    plain, twin = (train_pixel.weights_path(Path("recordings/flange"), variational) for variational in (False, True))
    assert plain == Path("banks/flange-autoencoder.safetensors")
    assert twin == Path("banks/flange-variational-autoencoder.safetensors")


def test_every_method_is_reported_under_the_same_names(at: pytest.MonkeyPatch, out: Path, tmp_path: Path) -> None:
    recipe = fit_small(tmp_path / "recipe").recipe
    config = tmp_path / "config.yaml"
    config.write_text(f"source: {{type: folder, path: .}}\nscoring: {{recipe: {recipe.folder}, device: cpu}}\n")
    call(at, "evaluate", "-c", str(config), "--json", str(tmp_path / "patch.json"))
    patch, pixel = (json.loads(file.read_text()) for file in (tmp_path / "patch.json", out / "figures/figures.json"))
    assert list(patch) == list(pixel)
    assert {*FIGURES, "threshold", "method", "recipe", "ms_per_picture", "runtime"} <= patch.keys()
    assert (patch["method"], patch["bank_size"], patch["recipe"]) == ("patch, both", recipe.bank.size, recipe.id)
    assert (pixel["method"], pixel["bank_size"], pixel["backbone"]) == ("autoencoder", None, None)
    assert patch["pictures"] == {**pixel["pictures"], "fitted_on": 0}  # an autoencoder does not record its pictures
    assert (pixel["pictures"]["good"], pixel["pictures"]["defective"]) == (4, 4)


def test_every_figure_can_be_computed_again_from_the_arrays(out: Path) -> None:
    told = json.loads((out / "figures/figures.json").read_text())
    with np.load(out / "raw/arrays.npz", allow_pickle=False) as arrays:
        scores, labels, maps, masks = (arrays[name] for name in ("scores", "labels", "maps", "masks"))
    assert maps.shape == masks.shape == (8, 256, 256)
    assert labels.tolist() == [False] * 4 + [True] * 4
    assert value(told["image_auroc"]) == auroc(scores, labels) == 1.0
    assert value(told["f1_max"]) == f1_max(scores, labels)[0]
    assert value(told["pixel_auroc"]) == auroc(maps, masks) > 0.9
    assert value(told["aupro"]) == aupro(maps, masks, 0.3)
    assert value(told["partial_pixel_auroc"]) == partial_auroc(maps, masks, 0.3)
    assert value(told["misses"]) == float((scores[labels] <= told["threshold"]).mean()) == 0.0


def test_there_is_a_picture_of_each_map_and_a_sheet_of_the_worst(out: Path) -> None:
    names = sorted(path.name for path in (out / "maps").iterdir())
    assert names == [*(f"burn-{n:02d}.jpg" for n in range(4, 8)), *(f"good-{n:02d}.jpg" for n in range(4)), "worst.jpg"]


def test_full_measures_at_the_pictures_own_size(at: pytest.MonkeyPatch, tmp_path: Path) -> None:
    call(at, "evaluate_pixel", "--full", "--raw", str(tmp_path / "raw.npz"), "--json", str(tmp_path / "told.json"))
    assert json.loads((tmp_path / "told.json").read_text())["pixel_size"] == list(SIZE)
    with np.load(tmp_path / "raw.npz", allow_pickle=False) as arrays:
        assert arrays["maps"].shape == (8, *SIZE[::-1])


def test_missing_weights_are_one_line_that_says_how_to_make_them(
    at: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, line = refused(at, capsys, "evaluate_pixel", "--weights", "banks/none.safetensors")
    assert code == 4
    assert line == (
        "evaluate_pixel: no autoencoder at banks/none.safetensors; "
        "train one with: python -m tools.train_pixel --out banks/none.safetensors"
    )


def test_a_folder_without_pictures_is_one_line(
    at: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, line = refused(at, capsys, "train_pixel", "--data", str(tmp_path))
    assert code == 3
    assert line.startswith(f"train_pixel: {tmp_path} holds no good pictures")


def test_too_few_pictures_are_one_line_and_no_file(
    at: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = write_pictures(tmp_path / "few", washers(3))
    code, line = refused(at, capsys, "train_pixel", "--data", str(data), "--out", str(tmp_path / "w.safetensors"))
    assert code == 4
    assert line == "train_pixel: too few good pictures to train an autoencoder: 3; at least 8 are needed"
    assert not (tmp_path / "w.safetensors").exists()


def test_a_damaged_picture_among_the_good_ones_is_one_line(
    at: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = write_pictures(tmp_path / "good", washers(9))
    (data / "04.png").write_bytes((data / "04.png").read_bytes()[:40])
    code, line = refused(at, capsys, "train_pixel", "--data", str(data), "--out", str(tmp_path / "w.safetensors"))
    assert code == 3
    assert line.startswith(f"train_pixel: {data / '04.png'} is damaged, cut short")


@pytest.mark.parametrize(("name", "value", "least"), [("epochs", "0", 1), ("side", "8", 32), ("seed", "-1", 0)])
def test_an_impossible_argument_is_named_with_its_limit(
    at: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, least: int
) -> None:
    code, line = refused(at, capsys, "train_pixel", f"--{name}", value)
    assert code == 2
    assert line.endswith(f"--{name} is {value}; it must be at least {least}")


def test_a_picture_of_another_size_is_named(room: Path, tmp_path: Path) -> None:
    autoencoder = load_autoencoder(room / "banks" / "flange-autoencoder.safetensors")
    small = write_pictures(tmp_path / "small", [washer(0, (64, 48))]) / "00.png"
    with pytest.raises(SourceError, match=r"00\.png: picture of 64 × 48, the autoencoder was trained on 200 × 160"):
        measure(autoencoder, [Sample(picture=small, kind="good", mask=None)], False, quiet)


def test_an_unreadable_picture_is_named(room: Path, tmp_path: Path) -> None:
    autoencoder = load_autoencoder(room / "banks" / "flange-autoencoder.safetensors")
    (tmp_path / "empty.png").touch()
    with pytest.raises(SourceError, match=r"empty\.png is empty \(0 bytes\)"):
        measure(autoencoder, [Sample(picture=tmp_path / "empty.png", kind="good", mask=None)], False, quiet)


def test_a_score_that_is_not_finite_comes_to_no_figure(room: Path) -> None:
    autoencoder = load_autoencoder(room / "banks" / "flange-autoencoder.safetensors")
    with torch.no_grad():
        autoencoder.network.from_code.bias.fill_(float("nan"))
    with pytest.raises(RecipeError, match=r"00\.png scores nan, by [0-9a-f]{12}; no figure can come of it"):
        measure(autoencoder, samples_of(room / "recordings" / "flange"), False, quiet)
