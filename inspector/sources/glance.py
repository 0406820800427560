"""What a look at one picture says about its light and its focus: for somebody who sets up a camera. Pure."""

from collections.abc import Collection
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

    def words(self, settings: Collection[str] = ()) -> str:
        """The figures, and what to do about them; settings: keys that the camera takes, advice names no others."""
        figures = (
            f"mean brightness {self.mean:.0f} of 255, {self.black:.1%} black, {self.white:.1%} white, "
            f"sharpness {self.sharpness:.1f}"
        )
        return f"{figures}; {advice}" if (advice := self._advice(settings)) else figures

    def _advice(self, settings: Collection[str]) -> str:
        exposure = next((key for key in settings if key in ("exposure_us", "exposure")), "")
        if self.white > LOST:
            shorter = f"a smaller {exposure}, or " if exposure else ""
            return f"white that is not the background has lost what it showed: {shorter}less light, or from elsewhere"
        if self.mean < DIM:
            longer = f", else a larger {exposure} (mind motion blur)" if exposure else ""
            return f"dark: more light{longer}{', else gain' if 'gain' in settings else ''}"
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
