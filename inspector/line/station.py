"""A station: builds the line, starts it, supervises it, stops it. No pixels, no policy."""

import gc
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from loguru import logger

from inspector.config import Config, SoftwareTrigger, override
from inspector.errors import HangError, InspectorError
from inspector.line.calm import calm
from inspector.line.exhibits import Exhibits
from inspector.line.identity import Identity, new_run_id
from inspector.line.journal import Journal
from inspector.line.judging import first_score
from inspector.line.lasting import lasting
from inspector.line.mailbox import Mailbox
from inspector.line.notify import Notifier
from inspector.line.orders import Orders, command_loop
from inspector.line.pictures import View, overlay_loop
from inspector.line.recipes import Changes, versions, with_recipe_in_force
from inspector.line.record import Recorder
from inspector.line.recorded import RecordedTrigger, trigger_of
from inspector.line.register import Register
from inspector.line.ring import FrameRing
from inspector.line.scorer import InForce, Opening, Scorer
from inspector.line.seeing import seen
from inspector.line.stopped import Stopped
from inspector.line.summary import Summary
from inspector.line.watch import Freshness, Pulse
from inspector.line.worker import Worker
from inspector.line.workers import capture_loop, inspect_loop, publish_loop
from inspector.log import LogFile
from inspector.messages import Health
from inspector.scoring import scorer as scoring
from inspector.scoring.scorer import open_scorer
from inspector.sources import Source, open_source
from inspector.sources.truth import load_truth
from inspector.triggers import Requests, Trigger

SUPERVISE_S: Final = 0.05
"""How often the station looks after its workers and the stop event."""
STOP_S: Final = 2.0
"""Parts already taken are judged for so long after a stop; those left are `stopped`."""
HANG_S: Final = 3.0
"""A worker that has not ended so long after it was told to hangs."""
QUIET_S: Final = 3.0
"""A live source that says not even Silence for so long may have lost its camera: the line is not ready."""
DRIVER_HANG_S: Final = 30.0
"""One that has said nothing for so long does not come back; opening a camera may take a while."""

Progress = Callable[[Health], None]


def run_station(
    config: Config,
    stop: threading.Event,
    started: float,
    progress: Progress,
    recorder: Recorder | None = None,
    log: LogFile | None = None,
) -> Summary:
    """Run the configured station until its source ends or `stop` is set.

    started: time.monotonic() at the start of the process; progress: called with each new heartbeat, in this thread;
    recorder: records what the source gives; log: the program's log file, of which the heartbeat tells when it fails.
    Raises ConfigError, SourceError or RecipeError for what cannot be used, InspectorError when the line broke.
    """
    truth = load_truth(config.source)
    scorer = open_scorer(with_recipe_in_force(config).scoring)
    first_score(scorer)
    source = open_source(config.source, waits=True)  # last, so that a camera has no backlog when the line is ready
    source = recorder.tap(source) if recorder is not None else source
    requests = Requests() if isinstance(config.trigger, SoftwareTrigger) else None
    trigger = trigger_of(config, requests)
    taking_requests = None if isinstance(trigger, RecordedTrigger) else requests
    station = Station(config, source, trigger, scorer, truth, taking_requests)
    # A full collection over what the libraries left behind would hold up a verdict by tens of milliseconds.
    gc.collect()
    gc.freeze()

    def beat(health: Health) -> None:
        station.warn("recording", recorder.trouble if recorder is not None else "")
        station.warn("log file", log.trouble if log is not None else "")
        progress(health)

    try:
        return station.run(stop, started, beat)
    finally:
        gc.unfreeze()


class Station:
    """One camera, one recipe, one run."""

    def __init__(
        self,
        config: Config,
        source: Source,
        trigger: Trigger,
        scorer: Scorer,
        truth: Mapping[str, bool] | None = None,
        requests: Requests | None = None,
    ) -> None:
        """Takes over the source, and closes it at the end of the run.

        requests: where a software trigger looks for the ids of parts; None for other triggers.
        """
        line, wire = config.line, config.wire
        deadline_ns = int(line.deadline_ms * 1e6) if line.deadline_ms and source.paced else None
        overflow = line.overflow or ("drop_oldest" if source.live else "block")
        self._wire = wire
        self._source = source
        self.identity = Identity(config.station.name, new_run_id(), "live" if source.live else "replay")
        self._journal = Journal(self.identity)
        self._summary = Summary(truth)
        self._register = Register(deadline_ns)
        self._ring = FrameRing(line.slots, _slot_bytes(line.max_megapixels, scorer, source), overflow)
        self._view: View = Mailbox()
        self._exhibits = Exhibits(config.store.passes if config.store else 0.0)
        self._in_force = InForce(scorer)
        self._health: Health | None = None
        self._hang_s = line.hang_s
        self._driver, self._judging, fresh = Pulse(), Pulse(), Freshness()
        self._hung = ""
        self._notifier = Notifier()
        self._halt, self._heard, self._finish, self._ended, taking = (threading.Event() for _ in range(5))
        self._stopped = Stopped(
            Path(config.station.state_folder, f"{config.station.name}.stopped") if source.live else None
        )
        if words := self._stopped.words():
            self._journal.hinder("stopped", f"{words}, before a fault ended the station; start takes parts again")
        else:
            taking.set()
        changes = Changes(versions(config), self._in_force, _opening(config), self._ring.slot_bytes)
        orders = Orders(self.identity, self._in_force, changes, self._register, self._journal, taking,
                        self._stopped, requests)  # fmt: skip

        def capture(trigger: Trigger) -> None:
            with closing(seen(source, self._journal, self._driver, fresh, self._halt)) as stream:
                capture_loop(stream, trigger, self._in_force, self._ring, self._register, self._journal, self._view,
                             line.preview_fps, taking, self._halt)  # fmt: skip

        self._capture = Worker(
            "capture",
            lambda: lasting(capture, trigger, source, self._register, self._journal, self._halt),
            self._ended,
        )
        self._inspection = Worker(
            "inspection",
            lambda: inspect_loop(self._ring, self._register, self._journal, self._view, self._exhibits,
                                 line.overlay_fps, self._judging),
            self._ended,
        )  # fmt: skip
        self._publication = Worker(
            "publication",
            lambda: publish_loop(wire, self.identity, self._ring, self._register, self._journal, self._summary,
                                 self._exhibits, self._heard, self._finish, fresh, self._beat),
            self._ended,
        )  # fmt: skip
        self._overlays = Worker(
            "overlays",
            lambda: overlay_loop(wire, self.identity, self._journal, self._view, self._exhibits),
            self._ended,
        )
        self._commands = Worker(
            "commands", lambda: command_loop(wire, self.identity.station, orders, self._finish), self._ended
        )
        self._workers = (self._publication, self._overlays, self._commands, self._inspection, self._capture)

    @property
    def exhibits_wanted(self) -> bool:
        """Whether somebody listens to the evidence, as far as was heard."""
        return self._exhibits.wanted

    def warn(self, what: str, why: str) -> None:
        """Say in the heartbeat what maintenance should know, in words; empty: it is no longer so."""
        self._journal.warn(what, [f"{what}: {why}"] if why else [])

    def run(self, stop: threading.Event, started: float, progress: Progress) -> Summary:
        """Judge parts until the source ends or `stop` is set; every part taken has its verdict on the wire by then.

        started: time.monotonic() from which the time until ready counts; progress: called with each new heartbeat.
        Raises InspectorError (exit code 70, or that of a worker's own InspectorError) when a worker died or hangs.
        """
        with calm():
            try:
                for worker in (self._publication, self._overlays, self._commands, self._inspection):
                    worker.start()
                self._await_listeners(stop)
                if not self._must_stop(stop):
                    self._summary.ready_s = time.monotonic() - started
                    self._journal.stand("ready")
                    self._notifier.say("READY=1")
                    self._capture.start()
                while self._capture.is_alive and not self._must_stop(stop):
                    self._supervise(progress)
            finally:
                self._wind_up(stop, progress)
        self._complain()
        self._stopped.forget()
        return self._summary

    def _await_listeners(self, stop: threading.Event) -> None:
        """Wait, within bounds, for those without whom the first verdicts would be said to nobody."""
        limit = time.monotonic() + self._wire.wait_s
        while not self._heard.is_set() and not self._must_stop(stop):
            if self._wire.wait_for and time.monotonic() > limit:
                self._journal.note("unheard", f"not all of {', '.join(self._wire.wait_for)} subscribed within "
                                              f"{self._wire.wait_s:g} s (wire.wait_s); going on")  # fmt: skip
                return
            self._heard.wait(SUPERVISE_S)

    def _must_stop(self, stop: threading.Event) -> bool:
        return stop.is_set() or any(worker.error for worker in self._workers) or bool(self._hung)

    def _beat(self, health: Health) -> None:
        """With each heartbeat, in the thread that publishes, which waits for nobody: see whether something hangs, and
        give the life sign only while nothing does."""
        live_s = self._driver.busy_s() if self._source.live else 0.0
        quiet = f"the source's driver has said nothing for {QUIET_S:g} s"
        self._journal.hinder("driver", quiet if live_s > QUIET_S else "")
        if self._judging.busy_s() > self._hang_s:
            self._hung = f"the scorer hangs: it has not come back for {self._hang_s:g} s (line.hang_s)"
        elif live_s > DRIVER_HANG_S:
            self._hung = f"the source's driver hangs: it has not come back for {DRIVER_HANG_S:g} s"
        self._health = health
        if not self._hung:
            self._notifier.say("WATCHDOG=1")

    def _supervise(self, progress: Progress) -> None:
        """Wait a little for a worker to end; pass on what is new, from here, since a terminal or a disk may block."""
        self._ended.wait(SUPERVISE_S)
        self._ended.clear()
        for event in self._journal.events_for_log():
            fine = event.kind == "state" and not event.detail.startswith("not_ready")
            level = "INFO" if fine else "WARNING"
            logger.log(level, "{}{}: {}", event.kind, f" (part {event.seq})" if event.seq else "", event.detail)
        health, self._health = self._health, None
        if health is not None:
            try:
                progress(health)
            except Exception as error:  # a terminal that went away stops no line
                self._journal.note("progress_error", f"{type(error).__name__}: {error}", once=True)

    def _wind_up(self, stop: threading.Event, progress: Progress) -> None:
        """Stop from the front to the back, so that what was taken comes out: capture, inspection, publication."""
        early = self._must_stop(stop) or self._capture.is_alive
        if early:
            self._journal.stand("stopping")
        self._halt.set()
        self._capture.join(0.0 if self._hung else HANG_S)
        self._ring.close()
        limit = time.monotonic() + STOP_S if early else None
        while self._inspection.is_alive and not self._hung and (limit is None or time.monotonic() < limit):
            self._supervise(progress)
            if limit is None and self._must_stop(stop):
                limit = time.monotonic() + STOP_S
        failures = [worker.failure for worker in self._workers if worker.error]
        self._register.close_all("error" if failures or self._hung else "stopped")
        self._inspection.join(0.0 if self._hung else HANG_S)
        alive = [f"the {worker.name} thread hangs" for worker in (self._capture, self._inspection) if worker.is_alive]
        hung = [self._hung] if self._hung else alive
        self._journal.stand("ended", *failures, *hung)
        self._finish.set()
        self._register.on_change()  # wakes the publication
        self._publication.join(HANG_S)
        self._view.close()  # after the last verdict, which may be evidence
        self._overlays.join(HANG_S)
        self._commands.join(HANG_S)
        self._summary.lost = self._register.taken - self._summary.parts
        self._supervise(progress)
        self._notifier.close()
        if not self._capture.is_alive:  # a driver must not be closed under a thread that is inside it
            self._source.close()

    def _complain(self) -> None:
        """Raise for the first worker that died or hangs."""
        for worker in self._workers:
            if isinstance(worker.error, InspectorError):
                raise worker.error
            if worker.error is not None:
                raise InspectorError(worker.failure) from worker.error
        if self._hung:
            raise HangError(f"{self._hung}; the parts it held up were published as not inspected")
        if hung := [worker.name for worker in self._workers if worker.is_alive]:
            raise HangError(f"{' and '.join(hung)} did not stop within {HANG_S:g} s; what that held up was "
                                 "published as not inspected")  # fmt: skip


def _opening(config: Config) -> Opening:
    """How another recipe's scorer is opened while the station runs."""

    def opening(folder: Path, like: Scorer) -> Scorer:
        asked = override(config, recipe=str(folder)).scoring
        return open_scorer(asked, like if isinstance(like, scoring.Scorer) else None)

    return opening


def _slot_bytes(max_megapixels: float, scorer: Scorer, source: Source) -> int:
    """Bytes of the largest picture that may come."""
    size = scorer.frame_size or source.frame_size
    return size[0] * size[1] * 3 if size else int(max_megapixels * 1e6) * 3
