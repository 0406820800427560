"""The real thing: `inspector bridge` as a process, pyrung's ladder as the PLC behind a cable that is cut, and faults.

    python -m tests.plc.real_faults --faults 30 --seed 1 --json out/real_faults.json
    python -m tests.plc.real_faults --faults 30 --seed 1 --mode pulse

Needs .pyrung/bin/python with pyrung in it, and for the cable root (a network namespace with a link of its own). The
parts, and when they are at the ejector, are this program's; what the gate did then is in the PLC's own log.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal, TypeAlias

from inspector.config import WireConfig
from tests.plc.stations import LiveStation
from tests.wire.samples import free_port, local_wire

ROOT: Final = Path(__file__).parents[2]
PYRUNG: Final = ROOT / ".pyrung" / "bin" / "python"
DELAY_S: Final = 1.0
APART_S: Final = (0.13, 0.22)
SHARE_BAD: Final = 0.3
BOUND_S: Final = 60.0
PLC_ADDRESS: Final = "10.251.77.2"
OURS: Final = "10.251.77.1"


def possible() -> str:
    """What is missing to run this; empty: nothing."""
    return "" if PYRUNG.exists() else f"pyrung in {PYRUNG.relative_to(ROOT)}"


def cable_possible() -> bool:
    """Whether this process may make a network namespace: then the cable can be cut."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"try{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode == 0
    subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    return made


Mode: TypeAlias = Literal["permit", "pulse"]


@dataclass(slots=True)
class Part:
    exposed: float
    bad: bool


class Cable:
    """A link between this machine and the PLC's own namespace."""

    def __init__(self) -> None:
        self.name = f"plc{os.getpid()}"
        self._ours = f"v{os.getpid()}"

    def lay(self) -> None:
        theirs = "eth7"
        for command in (
            f"netns add {self.name}",
            f"link add {self._ours} type veth peer name {theirs} netns {self.name}",
            f"addr add {OURS}/30 dev {self._ours}",
            f"link set {self._ours} up",
            f"-n {self.name} addr add {PLC_ADDRESS}/30 dev {theirs}",
            f"-n {self.name} link set {theirs} up",
            f"-n {self.name} link set lo up",
        ):
            subprocess.run(["ip", *command.split()], check=True)

    def set(self, up: bool) -> None:
        subprocess.run(["ip", "link", "set", self._ours, "up" if up else "down"], check=True)

    def remove(self) -> None:
        for command in (["link", "del", self._ours], ["netns", "del", self.name]):
            subprocess.run(["ip", *command], check=False)


class Trial:
    """Feeds parts and makes trouble."""

    def __init__(self, seed: int, wire: WireConfig, config: Path, cable: Cable | None) -> None:
        self._kinds = ["bridge_killed", "bridge_stopped", "station_restarted", *(["cable_cut"] if cable else [])]
        self._chance = random.Random(seed)
        self._wire = wire
        self._config = config
        self._cable = cable
        self._runs = 0
        self.station = LiveStation(wire, "r0")
        self.parts: list[Part] = []
        self.faults: Counter[str] = Counter()
        self._bridge: subprocess.Popen[bytes] | None = None
        self._next = 0.0

    def start_bridge(self) -> None:
        self._bridge = subprocess.Popen(
            [sys.executable, "-m", "inspector", "bridge", "-c", str(self._config)],
            cwd=self._config.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def feed(self, seconds: float) -> None:
        """Parts on the belt, for so long."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            if now >= self._next:
                bad = self._chance.random() < SHARE_BAD
                self._on_belt(Part(self.station.expose("fail" if bad else "pass"), bad))
            self.station.publish(0.002)

    def feed_until_open(self, log: Path, since: float) -> bool:
        """Parts on the belt until the gate has opened for one that came later; false where it does not in BOUND_S."""
        end = time.monotonic() + BOUND_S
        while time.monotonic() < end:
            self.feed(0.5)
            if any(is_open and moment > since for moment, is_open in gate(log)):
                return True
        return False

    def make_trouble(self) -> None:
        """One fault, its end, and a while in which it is over, or not quite."""
        kind = self._chance.choice(self._kinds)
        seconds = self._chance.uniform(0.1, 1.5)
        self.faults[kind] += 1
        bridge = self._bridge
        assert bridge is not None
        if kind == "bridge_killed":
            bridge.kill()
            bridge.wait()
            self.feed(seconds)
            self.start_bridge()
            self.feed(1.5)  # it has to start
        elif kind == "bridge_stopped":
            bridge.send_signal(signal.SIGSTOP)
            self.feed(seconds)
            bridge.send_signal(signal.SIGCONT)
        elif kind == "cable_cut" and self._cable is not None:
            self._cable.set(up=False)
            self.feed(seconds)
            self._cable.set(up=True)
        else:
            self.station.close()
            self._unseen(seconds)
            self._runs += 1
            self.station = LiveStation(self._wire, f"r{self._runs}")
        self.feed(self._chance.uniform(0.5, 3.0))

    def close(self) -> None:
        self.station.close()
        if self._bridge is not None:
            self._bridge.send_signal(signal.SIGCONT)
            self._bridge.terminate()
            self._bridge.wait()

    def _unseen(self, seconds: float) -> None:
        """Parts that pass while no station looks."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            if now >= self._next:
                self._on_belt(Part(now, self._chance.random() < 0.5))
            time.sleep(0.002)

    def _on_belt(self, part: Part) -> None:
        """The next one is further behind it than a window is wide, however late this one came."""
        self.parts.append(part)
        self._next = part.exposed + self._chance.uniform(*APART_S)


def configure(folder: Path, wire: WireConfig, host: str, port: int, mode: Mode) -> Path:
    """The bridge's configuration."""
    (folder / "x").mkdir()
    path = folder / "config.yaml"
    ends = {key: getattr(wire, key) for key in ("verdicts", "recovery", "overlays", "bridge", "commands", "evidence")}
    path.write_text(json.dumps({  # JSON is YAML
        "source": {"type": "folder", "path": "x"},
        "scoring": {"recipe": "x"},
        "station": {"name": "line1", "log_folder": "."},
        "line": {"deadline_ms": 100},
        "wire": ends,
        "plc": {"type": "modbus", "host": host, "port": port, "word_order": "low_first", "actuate": mode,
                "delay_ms": 1000 * DELAY_S, "width_ms": 100, "timeout_ms": 500, "write_ms": 150, "scan_ms": 12,
                "ledger": "ledger.jsonl"},
    }))  # fmt: skip
    return path


@contextmanager
def pyrung(cable: Cable | None, host: str, port: int, log: Path, mode: str) -> Iterator[None]:
    """The PLC, in the namespace at the other end of the cable, if there is one."""
    with log.open("wb") as out:
        there = ["ip", "netns", "exec", cable.name] if cable else []
        program = str(Path(__file__).with_name("pyrung_plc.py"))
        plc = subprocess.Popen([*there, str(PYRUNG), program, host, str(port), mode], stdout=out)
        try:
            yield
        finally:
            plc.terminate()
            plc.wait()


def gate(log: Path) -> list[tuple[float, bool]]:
    """When the gate shut or opened, by the PLC's own log; monotonic seconds."""
    lines = log.read_text().split("\n")[:-1]  # the last may not be whole yet
    return [(int(line.split()[0]) / 1e9, line.split()[1] == "1") for line in lines]


def bins(parts: list[Part], log: Path) -> Counter[str]:
    """Where each part fell."""
    changes = gate(log)
    moments = [moment for moment, _ in changes]
    out: Counter[str] = Counter()
    for part in parts:
        index = bisect_right(moments, part.exposed + DELAY_S)
        passed = index > 0 and changes[index - 1][1]
        out[f"{'bad' if part.bad else 'good'}_{'passed' if passed else 'rejected'}"] += 1
    return out


def run(faults: int, seed: int, mode: Mode = "permit") -> dict[str, object]:
    """Everything together; what the oracle counted."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        wire, port, log = local_wire(), free_port(), folder / "gate.log"
        cable, host = (Cable(), PLC_ADDRESS) if cable_possible() else (None, "127.0.0.1")
        if cable is not None:
            stack.callback(cable.remove)
            cable.lay()
        stack.enter_context(pyrung(cable, host, port, log, mode))
        trial = Trial(seed, wire, configure(folder, wire, host, port, mode), cable)
        stack.callback(lambda: trial.close())
        trial.start_bridge()
        came_up = trial.feed_until_open(log, 0.0)
        trial.feed(1.0)
        for _ in range(faults):
            trial.make_trouble()
        recovered = came_up and trial.feed_until_open(log, time.monotonic() + DELAY_S)
        time.sleep(DELAY_S + 0.2)
        fell = bins(trial.parts, log)
        lines = [json.loads(line) for line in (folder / "ledger.jsonl").read_text().splitlines()]
        lines = [line for line in lines if "run" in line]
    decided = Counter((line["run"], line["seq"] + n) for line in lines for n in range(line["parts"]))
    return {
        "seed": seed,
        "mode": mode,
        "parts": len(trial.parts),
        "faults": dict(trial.faults),
        "recovered": recovered,
        "defective_passed": fell["bad_passed"],
        "defective_rejected": fell["bad_rejected"],
        "good_passed": fell["good_passed"],
        "good_rejected": fell["good_rejected"],
        "decided_twice": sum(count > 1 for count in decided.values()),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.plc.real_faults", description=__doc__.partition("\n")[0])
    parser.add_argument("--faults", type=int, default=30)
    parser.add_argument("--mode", choices=("permit", "pulse"), default="permit")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    if missing := possible():
        print(f"needs {missing}", file=sys.stderr)
        return 2
    result = run(options.faults, options.seed, options.mode)
    text = json.dumps(result, indent=2)
    if options.json:
        Path(options.json).parent.mkdir(parents=True, exist_ok=True)
        Path(options.json).write_text(text + "\n")
    print(text)
    return 0 if result["defective_passed"] == 0 and result["decided_twice"] == 0 and result["recovered"] else 5


if __name__ == "__main__":
    sys.exit(main())
