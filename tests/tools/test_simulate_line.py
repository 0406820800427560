"""The bridge's ledger on the model of a line: no bad part passes, whatever happens; and a wrong ledger is found out."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tools.line_model.line import FAULTS, Line
from tools.line_model.mutations import MUTATIONS
from tools.simulate_line import main


@pytest.mark.parametrize("mode", ["permit", "pulse"])
def test_without_faults_no_good_part_is_rejected_and_every_reject_is_in_its_window(mode) -> None:
    result = Line(seed=3, parts=1500, faulty=False, mode=mode).run()
    assert result.good_rejected == {}
    assert result.faults == {}
    assert result.rejects_in_window == result.rejects_due > 100
    assert (result.decided_once, result.defective_passed) == (1500, 0)


@pytest.mark.parametrize("mode", ["permit", "pulse"])
@pytest.mark.parametrize("seed", [11, 12])
def test_with_faults_no_bad_part_passes_and_good_ones_are_rejected_only_where_a_fault_explains_it(seed, mode) -> None:
    result = Line(seed=seed, parts=1500, mode=mode, rate=1.5, bad=0.3).run()
    assert len(result.faults) >= 12
    assert result.defective_passed == 0
    assert result.rejects_in_window == result.rejects_due
    assert result.decided_once == result.parts
    assert result.unexplained == 0
    assert sum(result.good_rejected.values()) < 0.8 * result.parts, "it still lets pass what is certain"


@pytest.mark.parametrize("name", sorted(MUTATIONS))
def test_a_wrong_ledger_lets_bad_parts_pass_on_this_model(name: str) -> None:
    mutation = MUTATIONS[name]
    passed = (
        Line(seed=seed, parts=400, mode=mutation.mode, rate=6, bad=0.3, bridge=mutation.parts).run().defective_passed
        for seed in range(40)
    )
    assert any(passed)


@pytest.mark.parametrize(("watchdog_s", "passed"), [(0.05, False), (10.0, True)])
def test_a_permit_outlives_its_part_only_where_the_plc_stands_and_has_no_watchdog(watchdog_s, passed) -> None:
    line = Line(seed=1, parts=1_000_000, faulty=False, bad=0.4, watchdog_s=watchdog_s)
    line.advance(6.0)
    for _ in range(100):
        line.inject("plc_stands", 0.35)
        line.advance(0.6)
    result = line.result()
    assert (result.defective_passed > 0) == passed, "the gate stays open until the program goes on"
    assert result.rejects_due > 50


def test_the_same_seed_gives_the_same_line() -> None:
    assert Line(seed=5, parts=200).run() == Line(seed=5, parts=200).run()


def test_the_tool_writes_what_the_oracle_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "out" / "line.json"
    assert main(["--parts", "200", "--seed", "7", "--json", str(file)]) == 0
    written = json.loads(file.read_text())
    assert written["parts"] == written["decided_once"] == 200
    keys = "seed parts decided_once rejects_due rejects_in_window defective_passed good_rejected faults"
    assert " ".join(written) == keys
    assert "defective_passed: 0" in capsys.readouterr().out


def test_the_tool_sums_many_seeds_and_names_the_worst(tmp_path: Path) -> None:
    file = tmp_path / "seeds.json"
    assert main(["--parts", "60", "--seeds", "3-6", "--rate", "4", "--json", str(file)]) == 0
    written = json.loads(file.read_text())
    each = [Line(seed=seed, parts=60, rate=4).run() for seed in range(3, 7)]
    assert (written["seeds"], written["parts"], written["failed_seeds"]) == (4, 240, [])
    assert written["rejects_due"] == written["rejects_in_window"] == sum(result.rejects_due for result in each)
    assert sum(written["faults"].values()) == sum(sum(result.faults.values()) for result in each)
    assert written["worst"]["seed"] == max(each, key=lambda result: sum(result.good_rejected.values())).seed


@pytest.mark.parametrize("which", [["--seed", "1"], ["--seeds", "1-2"]])
def test_the_tool_fails_where_bad_parts_pass(which: list[str], tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    assert main(["--parts", "600", *which, "--rate", "6", "--mutation", "skip_blind", "--json", str(file)]) == 5
    assert json.loads(file.read_text())["defective_passed"] > 0


class AnyLine(RuleBasedStateMachine):
    """Faults in any order, of any length, at any moment; after each step all that have fallen are in the right bin."""

    @initialize(seed=st.integers(0, 1 << 32), mode=st.sampled_from(["permit", "pulse"]))
    def begin(self, seed: int, mode) -> None:
        self.line = Line(seed, 1_000_000, rate=2, bad=0.4, mode=mode)
        self.line.advance(6.0)

    @rule(kind=st.sampled_from(FAULTS), seconds=st.floats(0.01, 4.0))
    def fault(self, kind: str, seconds: float) -> None:
        self.line.inject(kind, seconds)

    @rule(seconds=st.floats(0.01, 3.0))
    def time_passes(self, seconds: float) -> None:
        self.line.advance(seconds)

    @invariant()
    def no_bad_part_has_passed(self) -> None:
        if hasattr(self, "line"):
            result = self.line.result()
            assert result.defective_passed == 0
            assert result.decided_once == result.parts


TestAnyLine = AnyLine.TestCase
TestAnyLine.settings = settings(
    max_examples=40, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
