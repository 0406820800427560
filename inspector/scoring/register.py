"""How a part is turned against the usual look of its kind, to a fraction of a pixel and of a degree. Pure.

First the turn: both looks as rings around the centroid, correlated over all turns at once by their Fourier transforms,
so that a heavy end, a tooth unlike the others or a mark decides, whatever the part has. A part is only ever turned,
never mirrored: one that lies on its wrong face stays unlike the usual look. Then the place, by maximising the
correlation itself (G. D. Evangelidis and E. Z. Psarakis, "Parametric image alignment using enhanced correlation
coefficient maximization", 2008); the turn is left as the rings have it, since lamps that stand still pull it astray.
"""

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

TURNS: Final = 256
"""Steps of a whole turn that the rings are read at."""
RINGS: Final = 48
STEPS: Final = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 12, 1e-4)
"""Of the fine registration: at most so many, or until the correlation gains less."""
ASTRAY: Final = 0.12
"""A fine registration that moves the part by more than this share of its reach is not believed."""

Look = NDArray[np.float32]
"""float32[h, w]: brightness against the ground."""
Move = NDArray[np.float64]
"""Affine float64[2, 3] between pixels counted from their corners."""


def rings(look: Look, centre: tuple[float, float], reach: float) -> NDArray[np.complex64]:
    """The Fourier transform along the turn of RINGS rings around a centre, complex64[RINGS, TURNS / 2 + 1]."""
    turns, radii = _ring_places(reach)
    x = (np.cos(turns) * radii + (centre[0] - 0.5)).astype(np.float32)
    y = (np.sin(turns) * radii + (centre[1] - 0.5)).astype(np.float32)
    read = cv2.remap(look, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    read = (read - read.mean(axis=1, keepdims=True)) * np.sqrt(radii)  # outer rings are longer
    return np.fft.rfft(read, axis=1).astype(np.complex64)


def turn_between(usual: NDArray[np.complex64], seen: NDArray[np.complex64]) -> float:
    """The turn in radians that takes one look's rings best to the other's."""
    across = np.fft.irfft((np.conj(usual) * seen).sum(axis=0), TURNS)
    best = int(across.argmax())
    before, at, after = (float(across[(best + n) % TURNS]) for n in (-1, 0, 1))
    bend = before - 2 * at + after
    fraction = 0.0 if bend >= 0 else (before - after) / (2 * bend)
    return (best + fraction) * 2 * math.pi / TURNS


def refined(usual: Look, look: Look, to_look: Move) -> Move:
    """The place improved so that `usual` laid into `look` correlates best; unchanged where that goes astray."""
    start = _between_centres(to_look, -0.5).astype(np.float32)
    try:
        _, moved = cv2.findTransformECC(usual, look, start, cv2.MOTION_TRANSLATION, STEPS)
    except cv2.error:  # it does not converge
        return to_look
    fine = _between_centres(moved.astype(np.float64), 0.5)
    corners = np.array([(0, 0, 1), (usual.shape[1], 0, 1), (0, usual.shape[0], 1), (*usual.shape[::-1], 1)])
    astray = np.abs(corners @ (fine - to_look).T).max()
    return fine if astray <= ASTRAY * max(usual.shape) else to_look


def placing(angle: float, at: tuple[float, float], origin: tuple[float, float]) -> Move:
    """The move that turns by an angle and brings `origin` to `at`."""
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return np.hstack([turn, (np.array(at) - turn @ origin)[:, None]])


def laid(look: Look, move: Move, size: tuple[int, int]) -> Look:
    """What `move` brings from a look into a picture (width, height): the picture's pixels are read through it."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    read = cv2.warpAffine(look, _between_centres(move, -0.5), size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return read.astype(np.float32, copy=False)


def _between_centres(move: Move, half: float) -> Move:
    """OpenCV counts from pixel centres, we from corners: by -0.5 to theirs, by 0.5 to ours."""
    moved = move.copy()
    moved[:, 2] += half - move[:, :2] @ (half, half)
    return moved


def _ring_places(reach: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    turns = np.arange(TURNS, dtype=np.float32)[None] * np.float32(2 * math.pi / TURNS)
    radii = (np.arange(RINGS, dtype=np.float32)[:, None] + 0.5) * np.float32(reach / RINGS)
    return turns, radii
