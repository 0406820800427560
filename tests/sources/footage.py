"""Small real footage for the tests of the sources: pictures and videos whose content says which frame they are."""

import threading
from pathlib import Path

import cv2
import numpy as np

from inspector.messages import Frame, Image, Missed, Seen
from inspector.sources import Source

WIDTH, HEIGHT = 64, 48


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> Image:
    """Noise that no codec folds away, and a level that `number_of` reads back."""
    noise = np.random.default_rng(number).integers(-6, 7, (height, width, 3))
    return np.clip(20 + 8 * number + noise, 0, 255).astype(np.uint8)


def number_of(image: Image) -> int:
    """Which `picture` this was, before lossy compression."""
    return round((float(image.mean()) - 20) / 8)


def write_picture(path: Path, image: Image) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)
    return path


def write_video(path: Path, fourcc: str, frames: int, fps: float = 25.0) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*fourcc), fps, (WIDTH, HEIGHT))
    assert writer.isOpened()
    for number in range(frames):
        writer.write(picture(number))
    writer.release()
    return path


def take(source: Source, at_most: int | None = None) -> list[Seen]:
    """What a source gives, up to its end or so many."""
    stop = threading.Event()
    taken: list[Seen] = []
    for seen in source.frames(stop):
        taken.append(seen)
        if len(taken) == at_most:
            stop.set()
    source.close()
    source.close()  # may be called twice
    return taken


def account(seen: list[Seen]) -> int:
    """How many frames are accounted for, seen or lost."""
    return sum(each.count if isinstance(each, Missed) else isinstance(each, Frame) for each in seen)
