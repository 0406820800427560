"""The halves that choose and report, the rule that picks a preset, and the page that says so."""

from dataclasses import replace
from pathlib import Path

import pytest

from inspector.errors import SourceError
from tools.benchmarks import scorer as benchmark
from tools.benchmarks.chart import picture
from tools.choosing import LIMITS, Lever, choosing, picked
from tools.dataset import Sample
from tools.levers import LEVERS, load_rows, save_rows
from tools.levers_page import page

ROW = Lever(
    name="a recipe", choosing=0.91, choosing_auroc=1.0, reporting=0.92, whole=0.93, image_auroc=0.94,
    bundled_auroc=0.95, ms_p50=4.0, ms_p99=5.0, others=0.0, date="d", machine="m", versions="v",
)  # fmt: skip


def test_each_kind_is_shared_alike_between_choosing_and_reporting() -> None:
    kinds = ["good"] * 5 + ["hole"] * 4 + ["dent"]
    half = choosing([Sample(picture=Path(f"{n}.png"), kind=kind, mask=None) for n, kind in enumerate(kinds)])
    assert half.tolist() == [True, False, True, False, True, True, False, True, False, True]


def test_the_rule_takes_the_highest_within_the_time_and_of_equals_the_quickest() -> None:
    rows = {
        "slow": replace(ROW, choosing=0.99, ms_p50=50),
        "best": replace(ROW, choosing=0.9712, ms_p50=9),
        "equal": replace(ROW, choosing=0.9708, ms_p50=6),
        "less": replace(ROW, choosing=0.9706, ms_p50=3),
    }
    assert picked(rows, 100) == "slow"
    assert picked(rows, 10) == "equal"
    assert picked(rows, 5) == "less"
    assert picked(rows, 2) is None


def test_the_rule_takes_none_that_sorts_pictures_worse() -> None:
    rows = {
        "worse on the choosing half": replace(ROW, choosing=0.99, choosing_auroc=0.999),
        "worse on the bundled recording": replace(ROW, choosing=0.98, bundled_auroc=0.94),
        "as good": replace(ROW, bundled_auroc=0.948),
        "best there": replace(ROW, choosing=0.90, bundled_auroc=0.951),
    }
    assert picked(rows, 10) == "as good"


def test_the_page_states_the_rule_what_it_picks_and_every_row() -> None:
    fast, accurate = replace(ROW, choosing=0.97), replace(ROW, ms_p50=LIMITS["accurate"].ms, choosing=0.98)
    names = {"fast": "the quick one", "accurate": "the slow one", "other": "one to come"}
    text = page({"fast": fast, "accurate": accurate}, names, "some/data")
    assert "No parameter is ever fitted on a defect." in text
    assert "picks **the quick one**: 0.9700 on the choosing half, 4.0 ms. The preset is that one." in text
    assert "| the quick one | 0.9700 | 0.9200 | 0.9300 | 0.9400 | 0.9500 | 4.0 | 5.0 |" in text
    assert "| one to come | not measured |" in text
    assert "Other work" not in text
    assert "nobody has said why" in page({"fast": fast, "other": replace(accurate, ms_p50=5.0)}, names, "some/data")
    assert "took up to 50% of it" in page({"fast": replace(fast, others=0.5)}, names, "some/data")


def test_rows_are_kept_in_the_order_of_the_tool_and_damage_is_told(tmp_path: Path) -> None:
    path = tmp_path / "levers.json"
    assert load_rows(path) == {}
    save_rows(path, {"accurate": ROW, "fast": ROW})
    assert list(load_rows(path)) == ["fast", "accurate"] == list(LEVERS)[:2]
    assert load_rows(path)["fast"] == ROW
    path.write_text('{"fast": {"name": 1}}')
    with pytest.raises(SourceError, match=r"levers\.json holds no rows of this tool"):
        load_rows(path)


BUSY = {"busy_ms_p50": 20.0, "busy_ms_p99": 90.0}


def test_the_benchmarks_page_says_that_weights_and_banks_are_random_and_that_no_gpu_was_used() -> None:
    ours = [
        {"name": name, "aupro": aupro, "image_auroc": 1.0, "ms_p50": ms, "ms_p99": 2 * ms} | BUSY
        for name, aupro, ms in (("fast", 0.96, 10.0), ("accurate", 0.97, 30.0))
    ]
    row = {"backbone": "resnet18", "side": 256, "share": 0.1, "bank": 21401}
    others = [{**row, "runtime": "torch", "ms_p50": 200.0}, {**row, "runtime": "OpenVINO", "failed": "no"}]
    found = {"machine": "m", "versions": "v", "used_by_others": 0.0, "data": "d", "ours": ours, "anomalib": others,
             "goals": [goal for mine in ours for goal in benchmark.goals(mine, others)]}  # fmt: skip
    text = benchmark.page(found)
    assert "| resnet18, 256², 10% | torch | 21,401 | 200 | 20.0 | 6.7 |" in text
    assert "not exported: no" in text
    assert "| fast: times faster than resnet18 10% >= 15 | 20 | yes |" in text
    assert "| fast: true AUPRO >= 0.967 | 0.96 | **no** |" in text
    assert "| accurate: p99 / p50 <= 2 | 2 | yes |" in text
    assert "filled at random" in text
    assert "No GPU was at hand" in text
    assert "resnet18, 10% bank, torch: 200 ms" in picture(ours, others)
