import json
import struct
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from inspector.baselines.autoencoder import HEADER, Autoencoder, anomaly_map, load_autoencoder
from inspector.baselines.autoencoder_network import AutoencoderNetwork, Shape
from inspector.baselines.autoencoder_training import FEWEST_PICTURES, Trained, TrainingOptions, loss, train
from inspector.errors import RecipeError
from inspector.messages import Image, Part
from tests.washers import SIZE, burnt, quiet, washer, washers

PLAIN = Shape(channels=(8, 16, 16), code=4)
TWIN = replace(PLAIN, variational=True)
SHAPES = pytest.mark.parametrize("shape", [PLAIN, TWIN], ids=["plain", "variational"])
QUICK = TrainingOptions(shape=PLAIN, side=64, epochs=6, learning_rate=5e-3)


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(washers(16), replace(QUICK, epochs=40), quiet)


@pytest.fixture
def file(trained: Trained, tmp_path: Path) -> Path:
    trained.autoencoder.save(tmp_path / "folder" / "washer.safetensors")
    return tmp_path / "folder" / "washer.safetensors"


def weights(autoencoder: Autoencoder) -> dict[str, bytes]:
    return {name: tensor.numpy().tobytes() for name, tensor in autoencoder.network.state_dict().items()}


def part(image: Image) -> Part:
    return Part(seq=1, part="", exposed_ns=0, arrived_ns=0, image=image, to_source=np.eye(2, 3, dtype=np.float32))


@SHAPES
@pytest.mark.parametrize("size", [(64, 64), (96, 40), (33, 71), (8, 8), (5, 1)])
def test_a_reconstruction_is_as_large_as_its_picture(shape: Shape, size: tuple[int, int]) -> None:
    width, height = size
    pictures = torch.rand(2, 3, height, width)
    with torch.no_grad():
        made = AutoencoderNetwork(shape)(pictures).pictures
    assert made.shape == pictures.shape
    assert 0 <= made.min() <= made.max() <= 1


@SHAPES
def test_every_layer_takes_part_in_the_reconstruction(shape: Shape) -> None:
    torch.manual_seed(0)
    network = AutoencoderNetwork(shape)
    torch.autograd.backward(loss(network, torch.rand(4, 3, 40, 48)))
    silent = [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert silent == []


def test_every_pixel_depends_on_the_picture() -> None:
    torch.manual_seed(0)
    network = AutoencoderNetwork(PLAIN).eval()
    with torch.no_grad():
        one, other = (network(torch.rand(1, 3, 37, 51)).pictures for _ in range(2))
    assert (one != other).any(dim=1).all()


@SHAPES
def test_the_loss_falls(shape: Shape) -> None:
    losses = train(washers(16), replace(QUICK, shape=shape, epochs=20), quiet).losses
    assert losses[-1] < 0.5 * losses[0]


def test_only_the_twin_draws_its_code_and_only_in_training() -> None:
    pictures = torch.rand(1, 3, 32, 32)

    def twice(network: AutoencoderNetwork) -> bool:
        with torch.no_grad():
            return bool((network(pictures).pictures == network(pictures).pictures).all())

    assert twice(AutoencoderNetwork(PLAIN).train())
    assert not twice(AutoencoderNetwork(TWIN).train())
    assert twice(AutoencoderNetwork(TWIN).eval())


def test_the_divergence_is_that_of_the_codes_from_the_normal_distribution() -> None:
    torch.manual_seed(0)
    network = AutoencoderNetwork(TWIN)
    pictures = torch.rand(2, 3, 24, 32)
    with torch.no_grad():
        mean, log_variance = network.to_code(network.down(pictures)).chunk(2, dim=1)
        codes = torch.distributions.Normal(mean, (0.5 * log_variance).exp())
        expected = torch.distributions.kl_divergence(codes, torch.distributions.Normal(0.0, 1.0)).sum()
        assert network(pictures).divergence.item() == pytest.approx(expected.item(), rel=1e-5)
        assert AutoencoderNetwork(PLAIN)(pictures).divergence.item() == 0


def test_the_same_seed_gives_the_same_weights_and_another_gives_others() -> None:
    options = replace(QUICK, shape=TWIN, epochs=2)
    pictures = washers(10)
    made = []
    for seed in (3, 3, 4):
        torch.rand(7)  # what others draw meanwhile changes nothing
        made.append(train(pictures, replace(options, seed=seed), quiet).autoencoder)
    first, again, other = made
    assert weights(first) == weights(again)
    assert first.recipe_id == again.recipe_id
    assert weights(first) != weights(other)


def test_training_leaves_the_random_numbers_and_the_threads_of_others_alone() -> None:
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    train(washers(8), replace(QUICK, epochs=1), quiet)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


def test_training_stops_when_the_held_out_loss_falls_no_more() -> None:
    stuck = train(washers(10), replace(QUICK, epochs=50, patience=3, learning_rate=0.0), quiet)
    assert stuck.losses == (stuck.losses[0],) * 4
    assert stuck.autoencoder.settings.epochs == 1


def test_the_weights_of_the_best_epoch_are_kept() -> None:
    restless = replace(QUICK, epochs=12, patience=12, learning_rate=0.1)
    whole = train(washers(10), restless, quiet)
    best = whole.autoencoder.settings.epochs
    assert best == 1 + int(np.argmin(whole.losses))
    assert best < len(whole.losses) == 12
    ended_there = train(washers(10), replace(restless, epochs=best), quiet)
    assert weights(whole.autoencoder) == weights(ended_there.autoencoder)


def test_a_defect_scores_above_every_good_part_and_shows_where_it_is(trained: Trained) -> None:
    good = [trained.autoencoder.score(part(washer(seed))).score for seed in range(100, 105)]
    scored = trained.autoencoder.score(part(burnt(200)))
    assert max(*good, trained.autoencoder.threshold) < 0.7 * scored.score
    row, column = np.unravel_index(scored.patch_scores.argmax(), scored.patch_scores.shape)
    place = scored.to_source @ (column + 0.5, row + 0.5, 1)
    assert np.abs(place - (100, 120)).max() < 9
    assert scored.score == scored.patch_scores.max()
    assert (scored.nearest == -1).all()


def test_the_threshold_is_the_highest_score_of_a_good_part_that_was_held_out(trained: Trained) -> None:
    settings = trained.autoencoder.settings
    scores = sorted(trained.autoencoder.score(part(picture)).score for picture in washers(16))
    assert trained.autoencoder.threshold in scores
    assert (settings.pictures, settings.held_out, settings.threshold.rule) == (16, 2, "highest_good")
    assert "at most 77.64% false rejects" in settings.threshold.basis


def test_the_map_has_the_pictures_shape_and_covers_all_of_it(trained: Trained) -> None:
    scored = trained.autoencoder.score(part(washer(1)))
    height, width = scored.patch_scores.shape
    assert (width, height) == trained.autoencoder.settings.input_size == (64, 64 * SIZE[1] // SIZE[0] // 32 * 32 + 32)
    np.testing.assert_allclose(scored.to_source @ (width, height, 1), SIZE, rtol=1e-5)


def test_the_map_is_the_smoothed_l1_distance_in_grey_levels(trained: Trained) -> None:
    network = trained.autoencoder.network
    width, height = trained.autoencoder.settings.input_size
    picture = cv2.resize(burnt(7), (width, height))
    batch = torch.from_numpy(picture.transpose(2, 0, 1)[None] / np.float32(255))
    with torch.no_grad():
        made = network(batch).pictures[0].numpy().transpose(1, 2, 0) * 255
    apart = np.abs(picture - made).mean(axis=2)
    reach = 2 * int(np.ceil(4 * width * 4 / 256)) + 1
    expected = cv2.GaussianBlur(apart, (reach, reach), width * 4 / 256, borderType=cv2.BORDER_REPLICATE)
    np.testing.assert_allclose(anomaly_map(network, picture), expected, rtol=1e-3, atol=1e-3)


def test_a_picture_of_another_size_is_named_with_the_size_it_should_have(trained: Trained) -> None:
    with pytest.raises(ValueError, match=r"picture of 80 × 50, the autoencoder was trained on 200 × 160"):
        trained.autoencoder.score(part(washer(0, (80, 50))))


def test_what_is_loaded_is_what_was_saved_bit_for_bit(trained: Trained, file: Path) -> None:
    loaded = load_autoencoder(file)
    assert weights(loaded) == weights(trained.autoencoder)
    assert loaded.settings == trained.autoencoder.settings
    assert loaded.recipe_id == trained.autoencoder.recipe_id
    before, after = (which.score(part(burnt(9))) for which in (trained.autoencoder, loaded))
    assert before.patch_scores.tobytes() == after.patch_scores.tobytes()
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"no autoencoder at .*none\.safetensors; train one with: python -m tools"):
        load_autoencoder(tmp_path / "none.safetensors")


def test_a_flipped_bit_in_the_weights_is_noticed(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    file.write_bytes(content)
    with pytest.raises(RecipeError, match=r"washer\.safetensors was changed or damaged"):
        load_autoencoder(file)


def rewritten(file: Path, change: dict[str, object]) -> None:
    """Change settings in the file's header and leave the weights as they are."""
    content = file.read_bytes()
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    header["__metadata__"][HEADER] = json.dumps({**json.loads(header["__metadata__"][HEADER]), **change})
    packed = json.dumps(header).encode()
    file.write_bytes(struct.pack("<Q", len(packed)) + packed + content[8 + length :])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": 77}, "was changed or damaged"),
        ({"v": 2}, "is not an autoencoder of version 1"),
        ({"colour": "red"}, "is not an autoencoder: .*colour"),
        ({"shape": {"variational": False, "channels": [8, 16, 32], "code": 4}}, "size mismatch"),
        ({"shape": {"variational": False, "channels": [8, 16, 15], "code": 4}}, r"channels \(8, 16, 15\)"),
        ({"shape": None}, "is not an autoencoder"),
    ],
)
def test_settings_that_do_not_belong_to_the_weights_are_refused(
    file: Path, change: dict[str, object], told: str
) -> None:
    rewritten(file, change)
    with pytest.raises(RecipeError, match=told) as caught:
        load_autoencoder(file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\x80\x04K\x01.", b"\xff" * 300, b"PK\x03\x04" + bytes(200)])
def test_a_file_that_is_no_safetensors_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign.safetensors"
    path.write_bytes(content)
    with pytest.raises(RecipeError, match=r"foreign\.safetensors is damaged or not a safetensors file") as caught:
        load_autoencoder(path)
    assert "\n" not in str(caught.value)


def test_a_file_cut_short_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(RecipeError, match=r"is damaged or not a safetensors file"):
        load_autoencoder(file)


def test_weights_of_something_else_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"layer": torch.zeros(3)}, path)
    with pytest.raises(RecipeError, match=r"other\.safetensors holds weights, but not those of an autoencoder"):
        load_autoencoder(path)


def test_too_few_pictures_say_how_many_are_needed() -> None:
    with pytest.raises(RecipeError, match=rf"too few good pictures .*: 7; at least {FEWEST_PICTURES} are needed"):
        train(washers(7), QUICK, quiet)


def test_pictures_of_different_sizes_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"differ in size: 90 × 60 after 200 × 160"):
        train([*washers(8), washer(9, (90, 60))], QUICK, quiet)


def test_a_frozen_camera_is_named() -> None:
    with pytest.raises(RecipeError, match=r"all 9 good pictures are the same"):
        train([washer(1)] * 9, QUICK, quiet)


def test_a_diverging_training_says_so() -> None:
    with pytest.raises(RecipeError, match=r"training diverged: the held-out loss is nan after epoch 1 \(learning rate"):
        train(washers(8), replace(QUICK, learning_rate=1e35), quiet)
