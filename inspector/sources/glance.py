"""What a look at one picture says about its light and its focus: for somebody who sets up a camera. Pure."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from inspector.messages import Image

BLACK: Final = 5
WHITE: Final = 250
"""Pixels up to the one and from the other have lost what they showed."""
LOST: Final = 0.02
"""Share of them that is worth a word."""
DIM: Final = 40
"""A mean below it wastes most of the range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """Figures of one picture."""

    mean: float
    """0 to 255."""
    black: float
    white: float
    """Shares of pixels, 0 to 1."""
    sharpness: float
    """Standard deviation of its Laplacian: says nothing by itself, and is highest where the focus is best."""

    @property
    def words(self) -> str:
        """The figures, and what to do about them."""
        figures = (
            f"mean brightness {self.mean:.0f} of 255, {self.black:.1%} black, {self.white:.1%} white, "
            f"sharpness {self.sharpness:.1f}"
        )
        return f"{figures}; {advice}" if (advice := self._advice) else figures

    @property
    def _advice(self) -> str:
        if self.white > LOST:
            return "white that is not the background has lost what it showed: shorten the exposure, or move the light"
        if self.mean < DIM:
            return "dark: more light, else a longer exposure (mind motion blur), else gain"
        return ""


def glance(image: Image) -> Glance:
    """image: uint8[H, W, 3] BGR."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return Glance(
        mean=float(grey.mean()),
        black=float(np.mean(grey <= BLACK)),
        white=float(np.mean(grey >= WHITE)),
        sharpness=float(cv2.Laplacian(grey, cv2.CV_32F).std()),
    )
