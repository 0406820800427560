"""What each way of driving a PLC implements."""

from typing import Protocol

from inspector.plc.decisions import Decision, Readiness


class Output(Protocol):
    """Made and called by the bridge's one thread. What fails in it must leave the ejector rejecting."""

    def ready(self, readiness: Readiness) -> None:
        """READY changed, or why it is off."""

    def decide(self, decision: Decision) -> None:
        """Act on a decision; called once for each, in the order of result_id."""

    def close(self) -> None:
        """Safe state: READY off. Called once, whatever happened before."""
