"""What a run came to: counts, latencies and, where the truth is known, how often the line was wrong."""

from collections import Counter
from collections.abc import Mapping

from rich.table import Table

from inspector.line.latency import Latencies
from inspector.messages import Verdict
from inspector.scoring.metrics import auroc


class Summary:
    """Grows with the truth, not with the run: 2.6 million parts a day leave it as small as it was.

    Belongs to the thread that publishes until the run is over.
    """

    def __init__(self, truth: Mapping[str, bool] | None = None) -> None:
        """truth: part id → whether the part is defective; a looped source shows each of them many times."""
        self.latencies = Latencies()
        self.ready_s = 0.0
        """From the start of the process to the first part it could take."""
        self.lost = 0
        """Parts taken and never published; anything but 0 is a fault."""
        self.misses = 0
        """Defective parts that passed."""
        self.false_rejects = 0
        """Good parts that failed; those not inspected are neither."""
        self._truth = truth
        self._outcomes: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._scores: dict[str, float] = {}

    @property
    def parts(self) -> int:
        """Verdicts published."""
        return self._outcomes.total()

    @property
    def counts(self) -> dict[str, int]:
        """Verdicts by outcome, and those not inspected by reason as well: `not_inspected.late`."""
        outcomes = {outcome: self._outcomes[outcome] for outcome in ("pass", "fail", "not_inspected")}
        return outcomes | {f"not_inspected.{reason}": count for reason, count in sorted(self._reasons.items())}

    @property
    def image_auroc(self) -> float | None:
        """Over the parts whose truth and score are known; None where there are not both good and defective ones."""
        labels = [self._truth[part] for part in self._scores] if self._truth else []
        return auroc(list(self._scores.values()), labels) if 0 < sum(labels) < len(labels) else None

    def add(self, verdict: Verdict) -> None:
        """Count a verdict that was published."""
        self._outcomes[verdict.outcome] += 1
        self.latencies.add(verdict.latency_ms)
        if verdict.reason is not None:
            self._reasons[verdict.reason] += 1
        defective = self._truth.get(verdict.part) if self._truth else None
        if defective is not None:
            self.misses += defective and verdict.outcome == "pass"
            self.false_rejects += not defective and verdict.outcome == "fail"
            if verdict.score is not None:
                self._scores[verdict.part] = verdict.score

    def as_json(self) -> dict[str, object]:
        """The same for programs; `truth` is null where none is known."""
        area = self.image_auroc
        truth = {"misses": self.misses, "false_rejects": self.false_rejects,
                 "image_auroc": None if area is None else round(area, 4)}  # fmt: skip
        return {
            "parts": self.parts,
            "pass": self._outcomes["pass"],
            "fail": self._outcomes["fail"],
            "not_inspected": dict(sorted(self._reasons.items())),
            "truth": None if self._truth is None else truth,
            "latency_ms": self.latencies.as_json(),
            "ready_s": round(self.ready_s, 3),
            "lost": self.lost,
        }

    def table(self) -> Table:
        """The same for people."""
        table = Table(title="Run", show_header=False, title_justify="left")
        table.add_column(style="bold")
        table.add_column(justify="right")
        table.add_row("parts", str(self.parts))
        table.add_row("pass", str(self._outcomes["pass"]), style="green")
        table.add_row("fail", str(self._outcomes["fail"]), style="red")
        table.add_row("not inspected", str(self._outcomes["not_inspected"]), style="yellow")
        for reason, count in sorted(self._reasons.items()):
            table.add_row(f"  {reason}", str(count), style="yellow")
        if self._truth is not None:
            area = self.image_auroc
            table.add_row("defective, but passed", str(self.misses), style="red" if self.misses else "")
            table.add_row("good, but rejected", str(self.false_rejects))
            table.add_row("image AUROC", "–" if area is None else f"{area:.4f}")
        for name, value in self.latencies.as_json().items():
            table.add_row(f"latency {name}", f"{value:.1f} ms")
        table.add_row("ready after", f"{self.ready_s:.1f} s")
        table.add_row("taken, never published", str(self.lost), style="bold red" if self.lost else "")
        return table
