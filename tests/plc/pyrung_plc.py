"""A soft PLC with a real scan cycle: docs/plc.md's ladder in pyrung, served as a CLICK over Modbus TCP.

    python pyrung_plc.py HOST PORT permit|pulse      in an environment that has pyrung; not part of the tests' own

It writes a line `<monotonic ns> <0 or 1>` whenever its gate has shut or opened: opened from the scan's beginning, shut
from its end. An output keeps its state while the program stands, so a PLC has a watchdog that switches them off. This
one's needs no processor, as hardware needs none: it is reckoned afterwards, from when the outputs were last set.
"""

import asyncio
import sys
import time

from pyclickplc.server import ClickServer
from pyrung import PLC, Block, Bool, Dint, Int, Or, Program, TagType, calc, copy, latch, out, pack_words, reset, rung
from pyrung.click import ClickBlocks, ClickDataProvider, TagMap

SLOTS, STALE_MS, SCAN_S = 8, 250, 0.005
WATCHDOG_NS = 50_000_000
HEARTBEAT, READY, EPOCH_ECHO, VALID, OUTCOME, RESULT_ID, CHECK = 1, 2, 9, 12, 13, 14, 19
WINDOWS, PLC_HEARTBEAT, EPOCH, POSITION, RESULT_ACK = 30, 100, 101, 102, 104

Words = Block("Image", TagType.INT, 1, 112)
Now, Last, First, Id, Check, Ahead, Behind, Beaten, Age = (
    Dint(name) for name in ("Now", "Last", "First", "Id", "Check", "Ahead", "Behind", "Beaten", "Age")
)
Beat, LowId = Int("Beat"), Int("LowId")
Fresh, Within, Gate = Bool("Fresh"), Bool("Within"), Bool("Gate")


def word(address: int) -> object:
    """A register of the image; CLICK counts from 1."""
    return Words[address + 1]


def two(address: int) -> object:
    return Words.select(address + 1, address + 2)


def ladder(pulse: bool) -> Program:
    with Program(strict=False) as program:
        # POSITION and the PLC's heartbeat
        with rung():
            calc(word(PLC_HEARTBEAT) + 1, word(PLC_HEARTBEAT))
        # Is the bridge alive, and is its table for this numbering of positions?
        with rung(word(HEARTBEAT) != Beat):
            copy(word(HEARTBEAT), Beat)
            copy(Now, Beaten)
        with rung():
            calc(Now - Beaten, Age)
        with rung(Age < STALE_MS, word(EPOCH_ECHO) == word(EPOCH)):
            out(Fresh)
        # Is what is at the ejector within a window that is whole?
        with rung():
            reset(Within)
        for slot in range(SLOTS):
            base = WINDOWS + 8 * slot
            with rung():
                pack_words(two(base + 2), First)
                pack_words(two(base + 4), Last)
                calc(Now - First, Ahead)  # wraps, as a DINT does: right across the counter's roll-over
                calc(Last - Now, Behind)
            with rung(
                Or(word(base) != 0, word(base + 1) != 0),
                word(base) == word(base + 7),  # low word of the id = its check
                word(base + 6) == word(EPOCH),
                Ahead >= 0,
                Behind >= 0,
            ):
                latch(Within)
        # The gate
        with rung(Fresh, ~Within if pulse else Within):
            out(Gate)
        # The result: whole, and new? Then it is taken over and acknowledged.
        with rung():
            pack_words(two(RESULT_ID), Id)
            pack_words(two(CHECK), Check)
        with rung(word(VALID) == 0):
            copy(0, word(RESULT_ACK))
            copy(0, word(RESULT_ACK + 1))
        with rung(word(VALID) == 1, word(OUTCOME) != 0, Id == Check):
            copy(word(RESULT_ID), word(RESULT_ACK))
            copy(word(RESULT_ID + 1), word(RESULT_ACK + 1))
    return program


def signed(value: int, bits: int) -> int:
    return (value + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1)


async def run(host: str, port: int, pulse: bool) -> None:
    plc = PLC(ladder(pulse))
    ds = ClickBlocks().ds
    server = ClickServer(ClickDataProvider(plc, TagMap({Words: ds.select(1, 112)})), host=host, port=port)
    plc.patch({word(EPOCH).name: time.monotonic_ns() // 1_000_000_000 % 30_000 + 1})  # another at each start
    async with server:
        was, set_ns = None, time.monotonic_ns()
        while True:
            now_ns = time.monotonic_ns()
            count = now_ns // 1_000_000 % (1 << 32)
            plc.patch(
                {
                    "Now": signed(count, 32),
                    word(POSITION).name: signed(count & 0xFFFF, 16),
                    word(POSITION + 1).name: signed(count >> 16, 16),
                }
            )
            plc.step()
            is_open, done_ns = bool(plc.current_state.tags.get("Gate", False)), time.monotonic_ns()
            if done_ns - set_ns > WATCHDOG_NS:
                if was is not False:  # the first scan, too, which may well be late
                    print(set_ns + WATCHDOG_NS, 0, flush=True)
                is_open = was = False  # what this scan says is old: outputs come back with the next one
            set_ns = done_ns
            if is_open != was:
                was = is_open
                print(now_ns if is_open else done_ns, int(is_open), flush=True)
            await asyncio.sleep(max(0.001, SCAN_S - (time.monotonic_ns() - now_ns) / 1e9))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], int(sys.argv[2]), sys.argv[3] == "pulse"))
