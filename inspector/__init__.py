"""inspector: real-time anomaly scoring for industrial pass/fail control."""

import time

__version__ = "0.1.0"

STARTED = time.monotonic()
"""When this process began to import inspector: the time until ready counts from here."""
