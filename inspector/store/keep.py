"""`inspector store`: hear the station, keep the log and the pictures, tell how far the log goes.

A process of its own beside the verdict path: a slow or full disk holds up this loop and nothing else.
"""

import hashlib
import json
import math
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from loguru import logger

from inspector import __version__
from inspector.config import Config, StoreConfig, as_json
from inspector.messages import Evidence
from inspector.store.album import Album
from inspector.store.chain import Entry, Head
from inspector.store.clerk import Clerk
from inspector.store.found import found
from inspector.store.log import PRUNED_AT_ONCE, Log
from inspector.store.pictures import PICTURES
from inspector.store.tell import HeadTeller
from inspector.wire.evidence import EvidenceSubscriber
from inspector.wire.subscribe import HealthReceived, Subscriber

LOOP_S: Final = 0.1
"""How long the store waits for a message, at most, before it looks at the clock and at `stop`."""
COMMIT_S: Final = 0.5
"""A crash loses at most this, and the moment that writing takes."""
RETAIN_S: Final = 60.0
"""How often what has become too old or too much is removed."""
LAST_S: Final = 0.5
"""Told to stop, it keeps what has already come, for so long at most: a station's last verdicts, say."""


def run_store(config: Config, stop: threading.Event) -> int:
    """Keep log and pictures until `stop` is set; returns the exit code. Raises ConfigError where it cannot write."""
    if config.store is None:
        print("inspector store: there is nothing to keep, since config.yaml has no section store")
        return 0
    folder = Path(config.store.folder)
    with closing(Log(folder)) as log:
        album = Album(config.store)
        logger.info("log of {} in {}, at entry {}; pictures of {} parts", config.station.name, folder, log.head.id,
                    len(album))  # fmt: skip
        _begin(log, config, folder / PICTURES)
        keep(config, config.store, log, album, stop)
        log.add(_entry("store_stopped", {"version": __version__}))
        if not log.commit(time.time_ns()):
            logger.error("the log was not finished: {}", log.trouble)
        logger.info("log ends with {}", log.head)
    return 0


def keep(config: Config, limits: StoreConfig, log: Log, album: Album, stop: threading.Event) -> None:
    """The store's loop. It outlives the station, and stays for its next run."""
    wire, station = config.wire, config.station.name
    clerk = _clerk(log)
    commit_at, retain_at, stop_by, over, compared = 0.0, 0.0, math.inf, False, False
    with (
        closing(EvidenceSubscriber(wire, station)) as pictures,
        closing(Subscriber(wire, station, "store")) as subscriber,
        closing(HeadTeller(wire, station)) as teller,
    ):
        while not over:
            stopping = stop.is_set()
            received = subscriber.receive(LOOP_S)
            now_ns, now = time.time_ns(), time.monotonic()
            for item in received:
                if isinstance(item, HealthReceived) and not compared:
                    compared = True  # later on it is our own head that comes back
                    _compare(log, Head.parse(item.health.log_head))
                for entry in clerk.take(item, now_ns, now):
                    log.add(entry)
            for entry in clerk.tick(now_ns, now):
                log.add(entry)
            seen = pictures.receive(0)
            for evidence in seen:
                _keep_pictures(log, album, evidence, now_ns)
            if now >= commit_at:
                commit_at = now + COMMIT_S
                _commit(log, now_ns)
                teller.tell(log.head, _trouble(log, album))
            if now >= retain_at:
                retain_at = now + RETAIN_S
                _retain(log, album, limits, now_ns)
            stop_by = min(stop_by, now + LAST_S) if stopping else stop_by
            over = stopping and (not (received or seen) or now >= stop_by)


def _begin(log: Log, config: Config, pictures: Path) -> None:
    """Say that the store starts, whether it had stopped in good order, and what is configured if that is new."""
    last = log.newest()
    if last is not None and last[0] != "store_stopped":
        why = f"the log ends with entry {log.head.id}, of kind {last[0]}, not with store_stopped"
        logger.warning("the store did not stop in good order last time: {}", why)
        log.add(_entry("unclean_end", {"last": log.head.id, "why": why}))
        for entry in found(log, pictures, time.time_ns()):
            log.add(entry)
    log.add(_entry("store_started", {"version": __version__, "station": config.station.name}))
    configured = json.dumps({"config": json.loads(as_json(config))}, ensure_ascii=False, separators=(",", ":"))
    before = log.newest("config")
    if before is None or before[1] != configured:
        log.add(Entry(at_ns=time.time_ns(), kind="config", content=configured))
    if not log.commit(time.time_ns()):
        logger.error("the log takes nothing: {}", log.trouble)


def _clerk(log: Log) -> Clerk:
    """Who goes on where the log ends."""
    run = log.newest("run_started", "run_ended")
    terms = log.newest("recipe")
    told = json.loads(terms[1]) if terms else {}
    return Clerk(
        log,
        run=json.loads(run[1])["run"] if run else None,
        ended=run is not None and run[0] == "run_ended",
        terms=(told["recipe"], told["threshold"]) if told else None,
    )


def _commit(log: Log, now_ns: int) -> None:
    before = log.trouble
    if log.commit(now_ns):
        if before:
            logger.info("the log is written again")
    elif log.trouble != before:
        logger.error("the log is not written, {} entries wait: {}", len(log), log.trouble)


def _trouble(log: Log, album: Album) -> str:
    """What cannot be kept, in words for the station's heartbeat; empty while all can."""
    refused = {"the log is not written": log.trouble, "pictures are refused": album.trouble}
    return "; ".join(f"{what}: {why}" for what, why in refused.items() if why)


def _compare(log: Log, told: Head | None) -> None:
    """The station remembers how far the log went before this store was started: what is missing was cut off."""
    if told is not None and not log.has(told):
        why = (
            f"the station was told of entry {told.id}, which this log does not have: it was cut off, or is another log"
        )
        logger.error("{}", why)
        log.add(_entry("tail_cut", {"told": str(told), "why": why}))


def _keep_pictures(log: Log, album: Album, evidence: Evidence, now_ns: int) -> None:
    before = album.trouble
    files = album.keep(evidence, now_ns)
    if files is not None:
        verdict = evidence.verdict
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        told = {"run": verdict.run, "seq": verdict.seq, "outcome": verdict.outcome, "files": hashes}
        log.add(Entry(at_ns=now_ns, kind="evidence", content=json.dumps(told)))
    elif album.trouble != before:
        logger.error("pictures are not kept, {} so far: {}", album.refused, album.trouble)
        log.add(_entry("pictures_refused", {"parts": album.refused, "why": album.trouble}))


def _retain(log: Log, album: Album, limits: StoreConfig, now_ns: int) -> None:
    if gone := album.retain(now_ns):
        logger.info("the pictures of {} parts were removed", gone)
    before_ns = now_ns - round(limits.log_days * 86400e9)
    removed = 0
    while (count := log.prune(before_ns, limits.log_mb * 1e6, now_ns)) == PRUNED_AT_ONCE:
        removed += count
    if removed := removed + count:
        logger.info("{} old entries have left the log", removed)


def _entry(kind: str, content: dict[str, object]) -> Entry:
    return Entry(at_ns=time.time_ns(), kind=kind, content=json.dumps(content, ensure_ascii=False))
