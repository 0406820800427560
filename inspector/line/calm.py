"""How a process is set while it judges parts, so that nothing in it holds up a verdict longer than need be."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import cv2

SWITCH_S: Final = 0.0005
"""A thread that has work for Python waits no longer for another than this; Python's own 5 ms is most of a delay."""


@contextmanager
def calm() -> Iterator[None]:
    """Set it so, for the whole process, for as long as the block takes.

    OpenCV works in the thread that asks, without its helpers: on pictures of 640 × 512 they save nothing, and where the
    cores are taken the thread that asked waits for a helper that has none.
    """
    switch_s, threads = sys.getswitchinterval(), cv2.getNumThreads()
    sys.setswitchinterval(SWITCH_S)
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        sys.setswitchinterval(switch_s)
        cv2.setNumThreads(threads)
