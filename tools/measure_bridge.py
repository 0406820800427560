"""How long it takes from a published verdict, or from a part's arrival, to the registers of a Modbus PLC on loopback.

    python -m tools.measure_bridge --verdicts 400 --json out/bridge.json
    python -m tools.measure_bridge --line --json out/line.json        # the whole line, with the bundled recording

PLC and bridge are processes of their own. `register_ms` ends when RESULT_VALID is set, after the whole handshake.
`starting_ms` is the same of the parts before the first that was accepted, which are apart.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from inspector.config import WireConfig
from inspector.messages import Health, Verdict
from inspector.plc.modbus_server import RegisterServer
from inspector.plc.registers import BRIDGE_FIELDS, BRIDGE_SIZE, FIELDS, PLC, PLC_SIZE, read_back, runs, words
from inspector.wire.publish import Publisher
from tools.soft_plc import SoftPlc

PORTS: Final = {"verdicts": 25550, "recovery": 25551, "overlays": 25552, "commands": 25553, "evidence": 25554,
                "bridge": 25555}  # fmt: skip
MODBUS: Final = 25502
STATION: Final = "measured"
PACE_S: Final = 0.04


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.measure_bridge", description=__doc__.partition("\n")[0])
    parser.add_argument("--verdicts", type=int, default=400, metavar="N", help="default: 400")
    parser.add_argument("--line", action="store_true", help="the whole line: recording, scorer, station, bridge")
    parser.add_argument("--parts", type=int, default=1000, metavar="N", help="with --line; default: 1000")
    parser.add_argument("--speed", type=float, default=6.5, help="of the recording, with --line; default: 6.5")
    parser.add_argument("--json", metavar="FILE", help="write the figures")
    parser.add_argument("--plc", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.plc:
        _be_the_plc()
        return 0
    with TemporaryDirectory() as folder:
        place = Path(folder)
        with _plc(place / "plc.log"):
            begun = (
                _run_line(place, options.speed, options.parts) if options.line else _publish(place, options.verdicts)
            )
        figures = _figures(place, begun)
    text = json.dumps({"from": "arrival" if options.line else "published", **figures}, indent=2)
    if options.json:
        Path(options.json).parent.mkdir(parents=True, exist_ok=True)
        Path(options.json).write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


class _LoggingServer(RegisterServer):
    """Says when a result is valid: `<unix ns> <id>`."""

    def set(self, address: int, registers: Sequence[int]) -> None:
        super().set(address, registers)
        if address == FIELDS["RESULT_VALID"].address and registers[0]:
            image = read_back(BRIDGE_FIELDS, 0, self.get(0, BRIDGE_SIZE), "high_first")
            print(time.time_ns(), int(image["RESULT_ID"]), flush=True)


def _be_the_plc() -> None:
    def count() -> None:
        server.set(FIELDS["POSITION"].address, words(FIELDS["POSITION"], _position(), "high_first"))

    program = SoftPlc()
    server = _LoggingServer("127.0.0.1", MODBUS, PLC + PLC_SIZE, range(BRIDGE_SIZE), count)
    print("listening", flush=True)
    while True:
        image = read_back(BRIDGE_FIELDS, 0, server.get(0, BRIDGE_SIZE), "high_first")
        for address, registers in runs(program.scan(image, _position(), time.monotonic()), "high_first"):
            server.set(address, registers)
        time.sleep(0.01)


def _position() -> int:
    return time.monotonic_ns() // 1_000_000 % (1 << 32)


@contextmanager
def _plc(log: Path) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "tools.measure_bridge", "--plc"], stdout=out)
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def _configure(folder: Path, speed: float) -> Path:
    root = Path(__file__).parents[1]
    path = folder / "config.yaml"
    path.write_text(json.dumps({  # JSON is YAML
        "station": {"name": STATION, "log_folder": None, "state_folder": str(folder)},
        "source": {"type": "recording", "path": str(root / "recordings/flange/inspect"), "speed": speed,
                   "loop": True},
        "scoring": {"recipe": str(root / "recordings/flange/recipe")},
        "line": {"deadline_ms": 500},
        "wire": {name: f"tcp://127.0.0.1:{port}" for name, port in PORTS.items()} | {"wait_for": ["bridge"]},
        "plc": {"type": "modbus", "host": "127.0.0.1", "port": MODBUS, "delay_ms": 2000, "width_ms": 80,
                "timeout_ms": 1000, "accept_replay": True, "rejects_in_a_row": None, "ledger": "ledger.jsonl"},
        "viewer": {"start": False},
    }), encoding="utf-8")  # fmt: skip
    return path


def _run_line(folder: Path, speed: float, parts: int) -> dict[int, int]:
    """Run it for so many parts; when each part arrived (Unix ns), by seq, from the verdicts."""
    from inspector.wire.subscribe import Subscriber, VerdictReceived

    config = _configure(folder, speed)
    wire = WireConfig(**{name: f"tcp://127.0.0.1:{port}" for name, port in PORTS.items()})  # type: ignore[arg-type]
    arrived = {}
    with closing(Subscriber(wire, STATION, "measure")) as ear:
        process = subprocess.Popen([sys.executable, "-m", "inspector", "run", "-c", str(config)], stdout=sys.stderr)
        while process.poll() is None:
            for item in ear.receive(0.1):
                if isinstance(item, VerdictReceived):
                    arrived[item.verdict.seq] = item.verdict.exposed_ns
            if len(arrived) >= parts:
                process.terminate()
    return arrived


def _publish(folder: Path, count: int) -> dict[int, int]:
    """Be the station; when each verdict was published (Unix ns), by seq."""
    config = _configure(folder, 1.0)
    wire = WireConfig(**{name: f"tcp://127.0.0.1:{port}" for name, port in PORTS.items()})  # type: ignore[arg-type]
    bridge = subprocess.Popen([sys.executable, "-m", "inspector", "bridge", "-c", str(config)], stdout=sys.stderr)
    published: dict[int, int] = {}
    try:
        with closing(Publisher(wire, STATION, "measured")) as publisher:
            next_beat = 0.0
            begin = None
            while len(published) < count:
                now = time.monotonic()
                if now >= next_beat:
                    next_beat = now + 0.25
                    publisher.health(_health(len(published)))
                if begin is None and "bridge" in publisher.greeted:
                    begin = now + 1.0
                if begin is not None and now >= begin + PACE_S * len(published):
                    seq = len(published) + 1
                    verdict = _verdict(seq, time.time_ns() - 10_000_000)
                    published[seq] = time.time_ns()
                    publisher.verdict(verdict)
                publisher.serve(0.002)
            time.sleep(0.5)
    finally:
        bridge.terminate()
        bridge.wait()
    return published


def _figures(folder: Path, begun: dict[int, int]) -> dict[str, object]:
    """Milliseconds from what began to what the PLC saw; the ledger says which id is which part."""
    ids, accepted = {}, []
    for line in (folder / "ledger.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry.get("parts") == 1:
            ids[entry["id"]] = entry["seq"]
            accepted += [entry["seq"]] if entry["accept"] else []
    seen: dict[int, float] = {}
    for line in (folder / "plc.log").read_text(encoding="utf-8").splitlines()[1:]:
        moment, result_id = line.split()
        seq = ids.get(int(result_id))
        if seq is not None and seq in begun:
            seen.setdefault(seq, (int(moment) - begun[seq]) / 1e6)
    in_step = min(accepted, default=0)
    return {
        "register_ms": _spread([ms for seq, ms in seen.items() if seq >= in_step]),
        "starting_ms": _spread([ms for seq, ms in seen.items() if seq < in_step]),
    }


def _spread(values: list[float]) -> dict[str, float]:
    if not values:
        return {"count": 0}
    p50, p95, p99 = np.percentile(values, [50, 95, 99])
    return {"count": len(values), "p50": round(float(p50), 2), "p95": round(float(p95), 2),
            "p99": round(float(p99), 2), "max": round(max(values), 2)}  # fmt: skip


_PASS: Final = Verdict(
    station=STATION, run="measured", mode="live", seq=1, part="", outcome="pass", reason=None, score=1.0, threshold=2.0,
    recipe="r", exposed_ns=0, latency_ms=10.0, stages_ms={},
)  # fmt: skip


def _verdict(seq: int, exposed_ns: int) -> Verdict:
    return replace(_PASS, seq=seq, exposed_ns=exposed_ns)


def _health(published: int) -> Health:
    return Health(station=STATION, run="measured", mode="live", now_ns=time.time_ns(), taken=published,
                  published=published, state="ready", reasons=(), counts={}, queues={})  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
