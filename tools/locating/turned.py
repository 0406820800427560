"""Photographs and the bundled recording's parts, laid anywhere; what a turn uncovers repeats the picture's edge."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from tools.dataset import Sample, good_pictures, load_picture, test_samples
from tools.rendering.noise import clouds, grain
from tools.rendering.part import draw
from tools.rendering.plan import Order, plan
from tools.rendering.scene import Stage

Pair = tuple[Image, NDArray[np.bool_]]
"""A picture uint8[H, W, 3], and where it is defective, bool[H, W]."""


def turned(picture: Image, mask: NDArray[np.bool_], turn: float, shift: tuple[float, float]) -> Pair:
    """Turned by so many radians about its middle, then moved by so many pixels."""
    height, width = picture.shape[:2]
    move = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), math.degrees(turn), 1.0)
    move[:, 2] += np.array(shift)
    moved = cv2.warpAffine(picture, move, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    where = cv2.warpAffine(mask.astype(np.uint8), move, (width, height), flags=cv2.INTER_NEAREST)
    return moved.astype(np.uint8), where.astype(bool)


def good_and_labelled(data: Path) -> tuple[list[Path], list[Sample]]:
    """Of a data set on disk; of a folder with `images/normal` and others, the first 100 of `normal` are taught."""
    if not (data / "images" / "normal").is_dir():
        return good_pictures(data), test_samples(data)
    found = {
        kind.name: [picture for picture in sorted(kind.iterdir()) if picture.suffix == ".jpg"]
        for kind in sorted((data / "images").iterdir())
        if kind.is_dir()
    }
    good = found.pop("normal")
    samples = [Sample(picture=picture, kind="good", mask=None) for picture in good[100:]]
    samples += [Sample(picture=p, kind=kind, mask=None) for kind, pictures in found.items() for p in pictures]
    return good[:100], samples


def laid_anywhere(path: Path, sample: Sample | None, turn: bool, shift: float, random: np.random.Generator) -> Pair:
    """A photograph and its mask, turned any way or not, moved by up to a share of its width."""
    picture = load_picture(path)
    size = picture.shape[1], picture.shape[0]
    mask = None if sample is None else sample.read_mask(size)
    x, y = random.uniform(-shift, shift, 2) * size[0]
    angle = random.uniform(-math.pi, math.pi) if turn else 0.0
    return turned(picture, np.zeros(size[::-1], bool) if mask is None else mask, angle, (float(x), float(y)))


def flange_orders(seed: int, taught: bool, count: int) -> Sequence[Order]:
    """As the bundled recording's, but each part turned any way and strewn wider."""
    random = np.random.default_rng((seed, int(taught)))
    orders = plan(seed, 0 if taught else 1, count, 0, with_flaws=not taught)
    angles, xs, ys = random.uniform(-math.pi, math.pi, count), *random.uniform(-1, 1, (2, count))
    poses = [replace(o.conditions.pose, angle=float(a), x=o.conditions.pose.x + 40 * x, y=o.conditions.pose.y + 12 * y)
             for o, a, x, y in zip(orders, angles, xs, ys, strict=True)]  # fmt: skip
    return [replace(o, conditions=replace(o.conditions, pose=pose)) for o, pose in zip(orders, poses, strict=True)]


def flange(stage: Stage, order: Order, left_out: int) -> Pair:
    """left_out: rows above and below."""
    picture, mask = draw(stage, order)
    rows = slice(left_out, picture.shape[0] - left_out)
    return picture[rows], np.zeros(picture[rows].shape[:2], bool) if mask is None else mask[rows]


def weave(seed: tuple[int, ...], defect: str | None) -> Pair:
    """A cloth that fills the picture, its threads running any way; defect: a soiled or a pulled spot."""
    random = np.random.default_rng(seed)
    side, angle = 384, random.uniform(-math.pi, math.pi)
    at = np.arange(side, dtype=np.float32)
    u = at[None] * np.float32(math.cos(angle)) + at[:, None] * np.float32(math.sin(angle))
    v = at[:, None] * np.float32(math.cos(angle)) - at[None] * np.float32(math.sin(angle))
    u, v = (a + 1.5 * clouds(random, (side, side), 60) for a in (u, v))
    mask = np.zeros((side, side), bool)
    if defect is not None:
        x, y = random.uniform(60, side - 60, 2)
        mask = np.hypot(at[None] - x, 1.6 * (at[:, None] - y)) < random.uniform(12, 22)
    if defect == "pulled":
        u = u + 4 * cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 4)
    threads = np.sin(u * 0.9) * np.cos(v * 0.9) + 0.5 * grain(random, (side, side), (1, 1))
    light = 120 + 28 * threads + 5 * clouds(random, (side, side), 150)
    if defect == "soiled":
        light = light - 30 * cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 3)
    tinted = light[..., None] * np.array([0.85, 0.95, 1.0], np.float32)
    return np.clip(tinted, 0, 255).astype(np.uint8), mask
