"""inspector: real-time anomaly scoring for industrial pass/fail control."""

__version__ = "0.1.0"
