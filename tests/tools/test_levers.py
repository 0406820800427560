"""The halves that choose and report, and the page that says by which rule."""

from pathlib import Path

import numpy as np

from tools.benchmarks import scorer as benchmark
from tools.dataset import Sample
from tools.levers import Lever, choosing, page


def test_each_kind_is_shared_alike_between_choosing_and_reporting() -> None:
    kinds = ["good"] * 5 + ["hole"] * 4 + ["dent"]
    half = choosing([Sample(picture=Path(f"{n}.png"), kind=kind, mask=None) for n, kind in enumerate(kinds)])
    assert half.tolist() == [True, False, True, False, True, True, False, True, False, True]


def test_the_page_states_the_rule_and_every_figure() -> None:
    lever = Lever(
        name="a recipe", choosing=0.91, reporting=0.92, whole=0.93, image_auroc=0.94, bundled_auroc=0.95,
        milliseconds=np.array([3.0, 5.0, 4.0]),
    )  # fmt: skip
    text = page([lever], "some/data", 0.5)
    assert "| a recipe | 0.9100 | 0.9200 | 0.9300 | 0.9400 | 0.9500 | 4.0 |" in text
    assert "No parameter is ever fitted on a defect." in text
    assert "other work took 50%" in text


def test_the_benchmarks_page_says_that_weights_and_banks_are_random_and_that_no_gpu_was_used() -> None:
    ours = [
        {"name": name, "aupro": aupro, "image_auroc": 1.0, "ms_p50": ms, "ms_p99": 2 * ms}
        for name, aupro, ms in (("fast", 0.96, 10.0), ("accurate", 0.97, 30.0))
    ]
    row = {"backbone": "resnet18", "side": 256, "share": 0.1, "bank": 21401}
    others = [{**row, "runtime": "torch", "ms_p50": 200.0}, {**row, "runtime": "OpenVINO", "failed": "no"}]
    found = {"machine": "m", "versions": "v", "used_by_others": 0.0, "data": "d", "ours": ours, "anomalib": others}
    text = benchmark.page(found)
    assert "| resnet18, 256², 10% | torch | 21,401 | 200 | 20.0 | 6.7 |" in text
    assert "not exported: no" in text
    assert "filled at random" in text
    assert "No GPU was at hand" in text
    assert benchmark.picture(ours, others).startswith("<svg")
