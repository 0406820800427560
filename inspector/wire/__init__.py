"""How verdicts, heartbeats, events and overlays travel over ZeroMQ: docs/wire.md."""
