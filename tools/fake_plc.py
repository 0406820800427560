"""A PLC to try the bridge with: a Modbus TCP server with the program of docs/plc.md, a view of it, and a reject lamp.

    python -m tools.fake_plc --port 1502                                  # then `inspector bridge` with type: modbus
    python -m tools.fake_plc --port 1502 --beside inspector run -c demo.yaml

It has a belt that runs at one speed: POSITION is its clock, in milliseconds.
"""

import argparse
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Final

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from inspector.console import Terminal
from inspector.plc.modbus_server import RegisterServer
from inspector.plc.registers import (
    BRIDGE_FIELDS,
    BRIDGE_SIZE,
    FIELDS,
    PLC,
    PLC_FIELDS,
    PLC_SIZE,
    WINDOWS,
    Values,
    read_back,
    runs,
    words,
)
from inspector.process import Stop
from tools.soft_plc import SoftPlc

SCAN_S: Final = 0.01


def main(arguments: Sequence[str] | None = None) -> int:
    """Be a PLC until Ctrl-C, or until the command beside it ends; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.fake_plc", description=__doc__.partition("\n")[0])
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    parser.add_argument("--port", type=int, default=1502, help="default: 1502")
    parser.add_argument("--beside", nargs=argparse.REMAINDER, metavar="COMMAND", help="run this, and end with it")
    options = parser.parse_args(arguments)
    stop, console = Stop(), Terminal(soft_wrap=True)
    try:
        server = RegisterServer(options.host, options.port, PLC + PLC_SIZE, range(BRIDGE_SIZE), lambda: _count(server))
    except OSError as error:
        print(f"fake PLC: {error}", file=sys.stderr)
        return 2
    with closing(server):
        if not options.beside:
            console.print(f"PLC: Modbus TCP at {options.host}:{options.port}, Ctrl-C ends it", markup=False)
            _scan(server, _program(), stop, console, live=console.is_interactive)
            return stop.code(0)
        done = threading.Event()
        scanning = threading.Thread(target=_scan, args=(server, _program(), done, console, False))
        scanning.start()
        try:
            return _beside(options.beside, stop)
        finally:
            done.set()
            scanning.join()


def _program() -> SoftPlc:
    """Another epoch at each start, as the windows of before mean nothing now."""
    return SoftPlc(epoch=int(time.time()) % 65535 + 1)


def _count(server: RegisterServer) -> None:
    """POSITION is a hardware counter: right whenever it is read, however late this program scans."""
    server.set(FIELDS["POSITION"].address, words(FIELDS["POSITION"], _position(), "high_first"))


def _position() -> int:
    return time.monotonic_ns() // 1_000_000 % (1 << 32)


def _beside(command: Sequence[str], stop: Stop) -> int:
    """Run it, passing on what asks us to stop; returns its exit code."""
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait(0.1)
        except subprocess.TimeoutExpired:
            # Ctrl-C reaches it in the terminal without us; what was sent to this process alone does not
            if stop.is_set() and stop.signal == signal.SIGTERM:
                process.terminate()


def _scan(server: RegisterServer, plc: SoftPlc, stop: threading.Event, console: Console, live: bool) -> None:
    """Scan until `stop` is set; show the view, or what is new as lines."""
    view = Live(console=console, transient=True, refresh_per_second=10) if live else None
    if view is not None:
        view.start()
    try:
        while not stop.wait(SCAN_S):
            now = time.monotonic()
            image = read_back(BRIDGE_FIELDS, 0, server.get(0, BRIDGE_SIZE), "high_first")
            out = plc.scan(image, _position(), now)
            for address, registers in runs(out, "high_first"):
                server.set(address, registers)
            for line in plc.news:
                style = "bold white on red" if line.startswith("REJECT") else "bold"
                console.print(Text.assemble("PLC ", (line, style)))
            plc.news.clear()
            if view is not None:
                view.update(picture(plc, image, read_back(PLC_FIELDS, PLC, server.get(PLC, PLC_SIZE), "high_first")))
    finally:
        if view is not None:
            view.stop()


def picture(plc: SoftPlc, image: Values, own: Values) -> Group:
    """The lamps and the registers."""
    ready = ("● READY ", "bold green") if plc.ready else ("● NOT READY ", "bold yellow")
    gate = (" gate open ", "white on green") if plc.gate else (" gate shut ", "white on red")
    lamps = Text.assemble(ready, gate, f" {plc.accepted} accepted, {plc.rejected} rejected; last: {plc.lamp or '-'}")
    table = Table("register", "the bridge writes", "", "register", "the PLC writes", "", box=None, padding=(0, 1))
    left = [field for field in BRIDGE_FIELDS if field.address < WINDOWS + 16]
    for row, field in enumerate(left):
        right = PLC_FIELDS[row] if row < len(PLC_FIELDS) else None
        cells = [str(field.address), field.name, f"{image[field.name]:.6g}"]
        cells += [str(right.address), right.name, str(own[right.name])] if right else ["", "", ""]
        table.add_row(*cells)
    return Group(lamps, table)


if __name__ == "__main__":
    sys.exit(main())
