"""The evidence of one part as plain files, in a folder of its own.

pictures/<run>/<seq>-<outcome>/
    frame.jpg       the part
    map.pgm         its score map, uint8: 128 stands for the threshold
    nearest.jpg     the nearest good patch; only where there is one
    evidence.json   the verdict, the outlines, and how the pictures lie in the source's frame
"""

import json
import shutil
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from inspector.durable import rename_folder
from inspector.messages import Evidence, Overlay
from inspector.wire.codec import CodecError, decode_verdict, encode

PICTURES: Final = "pictures"
"""The folder of them all, within the store's."""
UNFINISHED: Final = "."
"""How the name of a folder begins that is being written."""


def files_of(evidence: Evidence) -> dict[str, bytes]:
    """The files of a piece of evidence, by name."""
    overlay = asdict(evidence.overlay)
    del overlay["jpeg"], overlay["score_map"]
    width, height = evidence.overlay.map_size
    told = {
        "verdict": json.loads(encode(evidence.verdict)),
        "overlay": overlay,
        "nearest_picture": evidence.nearest_picture,
        "nearest_box": evidence.nearest_box,
        "suspect_box": evidence.suspect_box,
    }
    files = {
        "evidence.json": json.dumps(told, ensure_ascii=False, indent=1).encode(),
        "frame.jpg": evidence.overlay.jpeg,
        "map.pgm": b"P5 %d %d 255\n" % (width, height) + evidence.overlay.score_map,
        "nearest.jpg": evidence.nearest,
    }
    return {name: content for name, content in files.items() if content and (name != "map.pgm" or width * height)}


def folder_of(pictures: Path, run: str, seq: int, outcome: str) -> Path:
    """Where a part's evidence is; a run may be called anything, a folder may not."""
    return pictures / _safe(run) / f"{seq:06d}-{outcome}"


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write the files, all of them or none, and on the disk when it returns: the log, which has their hashes, must not
    outlive them in a power cut. Raises OSError."""
    unfinished = folder.with_name(UNFINISHED + folder.name)
    try:
        unfinished.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (unfinished / name).write_bytes(content)
        rename_folder(unfinished, folder)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def read(pictures: Path, run: str, seq: int) -> Evidence | None:
    """The evidence of a part; None where there is none (any more), or none that this version can read."""
    for folder in (pictures / _safe(run)).glob(f"{seq:06d}-*"):
        with suppress(OSError, ValueError, KeyError, TypeError, CodecError):
            return _read(folder)
    return None


def _read(folder: Path) -> Evidence:
    told: dict[str, Any] = json.loads((folder / "evidence.json").read_bytes())
    overlay = {name: _tupled(value) for name, value in told["overlay"].items()}
    width, height = overlay["map_size"]
    score_map = (folder / "map.pgm").read_bytes()[-width * height :] if width * height else b""
    nearest = folder / "nearest.jpg"
    return Evidence(
        verdict=decode_verdict(json.dumps(told["verdict"]).encode()),
        overlay=Overlay(**overlay, jpeg=(folder / "frame.jpg").read_bytes(), score_map=score_map),
        nearest=nearest.read_bytes() if nearest.exists() else b"",
        nearest_picture=told["nearest_picture"],
        nearest_box=_tupled(told["nearest_box"]),
        suspect_box=_tupled(told["suspect_box"]),
    )


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value


def _safe(run: str) -> str:
    return quote(run, safe="").replace(".", "%2E")[:200] or "%"
