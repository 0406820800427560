"""What a driver's frame numbers say about the frames in between. Pure."""

from typing import Final

LEAP: Final = 1000
"""More frames than that are not lost in one go: the camera counts anew."""


class CountsAnew(ValueError):  # noqa: N818 (it says what the camera does)
    """The numbers leapt further than frames can be lost; the text says from where to where."""


class FrameIds:
    """Follows the frame numbers of one connection.

    highest: the number after which a short counter goes back to `lowest`; None for one that does not in practice.
    """

    def __init__(self, highest: int | None = None, lowest: int = 1) -> None:
        self._highest = highest
        self._period = None if highest is None else highest - lowest + 1
        self._before: int | None = None

    @property
    def begun(self) -> bool:
        """Whether there was a number: the next says whether its frame is a new one."""
        return self._before is not None

    def lost_before(self, number: int | None) -> int | None:
        """How many frames are missing before this one; None when it is no new one. 0 for a camera without numbers.

        A number a little below the one before is an old frame; one far away is a camera that counts anew, whose losses
        nobody knows. Raises CountsAnew for that.
        """
        if number is None:
            return 0
        before, self._before = self._before, number
        if before is None:
            return 0
        step = number - before
        if self._period is not None:
            step = (step + self._period // 2) % self._period - self._period // 2
        if abs(step) > LEAP:
            raise CountsAnew(f"counts its frames anew, from {before} to {number}")
        if step <= 0:
            self._before = before
            return None
        return step - 1
