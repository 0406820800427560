"""What `inspector run` tells the person who started it: where to look, how it goes, what it came to."""

import time
from pathlib import Path

from rich.console import Console

from inspector.config import Config, NoPlc, source_words
from inspector.console import say
from inspector.line.summary import Summary
from inspector.messages import Health
from inspector.scoring.recipe import load_recipe

EVERY_S = 10.0


class Presenter:
    """Prints to a console; belongs to the main thread. Raises RecipeError, as load_recipe does."""

    def __init__(self, config: Config, console: Console) -> None:
        self._config = config
        self._console = console
        self._threshold = load_recipe(Path(config.scoring.recipe)).threshold  # now: a run may outlive its file
        self._next_line: float | None = None

    def heartbeat(self, health: Health) -> None:
        """Say where to look once the station is ready, then every ten seconds how it goes."""
        now = time.monotonic()
        if self._next_line is None and health.state == "ready":
            self._next_line = now + EVERY_S
            self._say("ready", f"station {self._config.station.name} on {source_words(self._config.source)}")
            if self._config.viewer.start:
                viewer = self._config.viewer
                self._say("look", f"http://{viewer.host}:{viewer.port} shows every part as it passes; Ctrl-C stops")
            if not isinstance(self._config.plc, NoPlc) and self._config.plc.start:
                self._say("rejects", "the bridge prints each one below")
        elif self._next_line is not None and now >= self._next_line:
            self._next_line = now + EVERY_S
            counts = health.counts
            self._say(
                "so far",
                f"{health.published} parts: {counts.get('pass', 0)} pass, {counts.get('fail', 0)} fail, "
                f"{counts.get('not_inspected', 0)} not inspected",
            )

    def summary(self, summary: Summary) -> None:
        """How the threshold came about, and the table at the end."""
        threshold = self._threshold
        self._say("threshold", f"{threshold.value:.2f}, chosen by the rule {threshold.rule}: {threshold.basis}")
        self._console.print(summary.table())

    def _say(self, what: str, text: str) -> None:
        say(self._console, {what: text})
