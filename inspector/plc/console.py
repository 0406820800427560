"""No PLC: READY and the reject signal for a person to see."""

from rich.console import Console
from rich.live import Live
from rich.text import Text

from inspector.console import Terminal
from inspector.plc.decisions import CAUSES, Decision, Readiness


class ConsoleOutput:
    """On a terminal of its own a lamp line, and a line for each rejection; elsewhere plain lines, none for a pass."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Terminal(soft_wrap=True)
        self._readiness = Readiness(on=False, why="starting")
        self._last: Decision | None = None
        self._accepted = 0
        self._rejected = 0
        self._lamp: Live | None = None
        if self._console.is_interactive:
            self._lamp = Live(
                get_renderable=self._line,
                console=self._console,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._lamp.start()

    def ready(self, readiness: Readiness) -> None:
        """Show READY."""
        self._readiness = readiness
        if self._lamp is not None:
            self._lamp.refresh()
        else:
            self._console.print(f"READY {'on' if readiness.on else f'off: {readiness.why}'}", markup=False)

    def decide(self, decision: Decision) -> None:
        """Show a rejection; a pass shows in the lamp only."""
        self._last = decision
        if decision.accept:
            self._accepted += decision.parts
            return
        self._rejected += decision.parts
        self._console.print(Text.assemble(("REJECT", "bold white on red"), f" {described(decision)}"))

    def close(self) -> None:
        """Put the lamp out."""
        self._readiness = Readiness(on=False, why="the bridge has stopped")
        if self._lamp is not None:
            self._lamp.stop()

    def _line(self) -> Text:
        ready, last = self._readiness, self._last
        line = Text("● READY ", "bold green") if ready.on else Text(f"● NOT READY: {ready.why} ", "bold yellow")
        if last is not None:
            lamp = (" ACCEPT ", "bold white on green") if last.accept else (" REJECT ", "bold white on red")
            line.append(*lamp)
        return line.append(f" {self._accepted} accepted, {self._rejected} rejected")


def described(decision: Decision) -> str:
    """A decision in one line: its result, its part and why."""
    last_id, last = decision.result_id + decision.parts - 1, decision.seq + decision.parts - 1
    many = decision.parts > 1
    which = f"#{decision.result_id}-{last_id} parts {decision.seq} to {last}" if many else f"#{last_id} part {last}"
    verdict = decision.verdict
    name = f" ({verdict.part})" if verdict and verdict.part else ""
    score = f", score {verdict.score:.4g} of {verdict.threshold:.4g}" if verdict and verdict.score is not None else ""
    why = f" ({CAUSES[decision.cause]})" if decision.cause in CAUSES else ""
    return f"{which}{name} of run {decision.run}: {decision.cause}{why}{score}"
