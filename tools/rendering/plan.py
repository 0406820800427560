"""What passes the camera, decided before anything is drawn: which parts, when, under which light, with which defect."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.rendering import belt, defects
from tools.rendering.surface import Pose

SECOND = 1_000_000_000
PITCH_NS = SECOND // 2
"""Two parts a second."""
SHARE = 0.25
"""Defective parts among those inspected."""
FAINTEST = 0.2
"""Lowest severity: what people still call a defect when it is pointed out to them."""
GOOD_START = 4
"""So many parts at the start are good, so that who watches sees what good looks like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What differs from frame to frame besides the part itself."""

    pose: Pose
    gain: float
    """Brightness relative to the nominal one."""
    warmth: float
    """Tint of the leading lamps, -1 to 1: cooler to warmer."""
    sway: float
    """How far the lamps stand from their place, in pixels."""
    belt_offset: int
    """Pixels of belt that have gone by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """A defect to come: its name (defects.NAMES) and severity, 0 to 1."""

    name: str
    severity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One frame to be drawn. Its seed is its own: what one part looks like depends on no other part."""

    counter: int
    exposed_ns: int
    conditions: Conditions
    flaw: Flaw | None
    seed: tuple[int, int, int]


def plan(seed: int, pass_number: int, count: int, first_ns: int, with_flaws: bool) -> list[Order]:
    """`count` parts of one pass of the line (0: teach, 1: inspect), the first at the Unix time `first_ns`."""
    rng = np.random.default_rng((seed, pass_number))
    flaws = _flaws(rng, count) if with_flaws else {}
    reach = 0.85 if with_flaws else 1.0  # good parts are taught over a longer time than a check of the line sees
    gain = _drift(rng, count, 0.11 * reach, 0.01)
    warmth = _drift(rng, count, 0.8 * reach, 0.1)
    sway = _drift(rng, count, 30 * reach, 4)
    offset = int(rng.integers(belt.LENGTH))
    orders = []
    for n in range(count):
        offset += 1100 + int(rng.integers(-25, 26))
        pose = Pose(
            x=belt.WIDTH / 2 + rng.uniform(-12, 12),
            y=belt.HEIGHT / 2 + rng.uniform(-10, 10),
            angle=rng.uniform(-0.05, 0.05),
            scale=rng.uniform(0.988, 1.012),
        )
        conditions = Conditions(
            pose=pose, gain=1 + gain[n], warmth=warmth[n], sway=sway[n], belt_offset=offset % belt.LENGTH
        )
        jitter = int(rng.integers(-8_000_000, 8_000_001))
        orders.append(
            Order(
                counter=n + 1,
                exposed_ns=first_ns + n * PITCH_NS + jitter,
                conditions=conditions,
                flaw=flaws.get(n),
                seed=(seed, pass_number, n),
            )
        )
    return orders


def _flaws(rng: np.random.Generator, count: int) -> dict[int, Flaw]:
    """Which of `count` parts are defective: every kind about as often, severities spread evenly over their range."""
    first = min(GOOD_START, count - 1)
    wanted = max(1, round(SHARE * count))
    places = np.sort(rng.choice(np.arange(first, count), min(wanted, count - first), replace=False))
    spread = (rng.permutation(len(places)) + rng.uniform(0, 1, len(places))) / len(places)
    severities = FAINTEST + (1 - FAINTEST) * spread
    names = [name for _ in range(0, len(places), len(defects.NAMES)) for name in rng.permutation(defects.NAMES)]
    return {
        int(n): Flaw(name=str(name), severity=float(s)) for n, name, s in zip(places, names, severities, strict=False)
    }


def _drift(rng: np.random.Generator, count: int, reach: float, jitter: float) -> NDArray[np.float64]:
    """A slow swing that a pass sees about once and a half, at any phase, and a little of its own in every frame."""
    phase = rng.uniform(0, 2 * np.pi)
    swing = reach * np.sin(np.arange(count) * (3 * np.pi / max(count, 8)) + phase)
    return swing + jitter * rng.standard_normal(count)
