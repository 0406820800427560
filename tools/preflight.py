"""Before anything is installed: what does this machine lack, and how is it cured?

    python3 tools/preflight.py

Prints the OpenCV extra to install (`opencv`, or `opencv-headless` where the system's libGL or GLib is missing) to
stdout, and all it has to say to stderr, one line a thing. Exits 1 when something must be cured first.
The system's own Python runs it, however old, so: the standard library, and no syntax newer than Python 3.6.
"""

import ctypes
import importlib.util
import os
import shutil
import sys

PYTHON = (3, 11)
DISK_GB = 9
"""torch with its CUDA libraries takes 6 installed, and 3 more while pip unpacks it."""
OPENCV_NEEDS = ("libGL.so.1", "libglib-2.0.so.0")


def missing() -> "list[str]":
    """What has to be cured before the set-up can work, each with its cure."""
    found = []
    if sys.version_info < PYTHON:
        has, wanted = (".".join(map(str, version[:2])) for version in (sys.version_info, PYTHON))
        found.append(f"Python {wanted} (this is {has}); name a newer one: make PYTHON=/path/to/python{wanted} demo")
    if importlib.util.find_spec("ensurepip") is None:  # Debian ships it apart
        found.append("Python's venv package; apt install python3-venv")
    free_gb = shutil.disk_usage(os.getcwd()).free / 1e9
    if free_gb < DISK_GB:
        found.append(f"{DISK_GB} GB of disk ({free_gb:.1f} GB are free in {os.getcwd()}); free some, or work elsewhere")
    return found


def opencv() -> "tuple[str, str]":
    """The extra that works here, and why it is not the usual one (else empty)."""
    for library in OPENCV_NEEDS if sys.platform == "linux" else ():
        try:
            ctypes.CDLL(library)
        except OSError:
            cure = "apt install libgl1 libglib2.0-0"
            return "opencv-headless", f"no {library}: installing opencv-python-headless, all here works with it; {cure}"
    return "opencv", ""


if __name__ == "__main__":
    extra, remark = opencv()
    faults = missing()
    for fault in faults:
        print(f"missing: {fault}", file=sys.stderr)
    if remark:
        print(f"note: {remark}", file=sys.stderr)
    print(extra)
    sys.exit(1 if faults else 0)
