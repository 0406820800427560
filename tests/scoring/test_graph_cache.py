"""A graph is kept where it can be, believed while it is whole, and never worth a station that does not start."""

import json
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from inspector.scoring.graph_cache import cached

BYTES = 4 * 300 * 300


class Builds:
    """Builds a small graph, and counts how often."""

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.count, self._meanwhile = 0, meanwhile

    def __call__(self) -> ov.Model:
        self.count += 1
        self._meanwhile()
        given = ops.parameter([1, 300], np.float32)
        weights = np.random.default_rng(0).random((300, 300), np.float32)
        return ov.Model([ops.matmul(given, ops.constant(weights), False, False)], [given], "small")


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may be as large as the graph: as on a disk that is nearly full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (BYTES // 2, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def runs(model: ov.Model) -> bool:
    return ov.Core().compile_model(model, "CPU")(np.ones((1, 300), np.float32))[0].shape == (1, 300)


def test_it_is_built_once_and_read_from_then_on(tmp_path: Path) -> None:
    build = Builds()
    assert runs(cached([tmp_path], {}, build))
    assert runs(cached([tmp_path], {}, build))
    assert build.count == 1


@pytest.mark.usefixtures("small_files")
def test_where_it_cannot_be_written_it_is_built_each_time(tmp_path: Path) -> None:
    build = Builds()
    for _ in range(2):
        assert runs(cached([tmp_path], {}, build))
    assert build.count == 2
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_a_folder_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    build = Builds()
    for _ in range(2):
        cached([tmp_path / "file", tmp_path / "other"], {}, build)
    assert build.count == 1


def test_one_that_was_written_damaged_is_built_again_and_replaced(tmp_path: Path) -> None:
    build = Builds()
    cached([tmp_path], {}, build)
    graph = next(tmp_path.glob("graph-*/graph.xml"))
    digests = json.loads((graph.parent / "sha256.json").read_text())
    del digests["graph.xml"]
    (graph.parent / "sha256.json").write_text(json.dumps(digests))
    graph.write_text("half of a gr")
    assert runs(cached([tmp_path], {}, build))
    assert runs(cached([tmp_path], {}, build))
    assert build.count == 2


def test_one_that_another_program_has_built_meanwhile_is_left_to_those_who_read_it(tmp_path: Path) -> None:
    theirs = list[int]()

    def meanwhile() -> None:
        cached([tmp_path], {}, Builds())
        theirs.extend(folder.stat().st_ino for folder in tmp_path.iterdir())

    assert runs(cached([tmp_path], {}, Builds(meanwhile)))
    assert [folder.stat().st_ino for folder in tmp_path.iterdir()] == theirs
