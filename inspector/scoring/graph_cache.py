"""Compiled graphs on disk: a cache that is believed only while it is whole.

A graph is a folder `graph-<key>/`, the key made of all that the graph depends on. Its files carry their own sha256, so
that a damaged one is built again. It lies beside its recipe, or in ~/.cache/inspector where that cannot be written.
"""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openvino as ov

USER_CACHE = Path.home() / ".cache" / "inspector"

VERSION = 3
"""Counted up when the definition of a network changes, so that older graphs are not taken for it."""


def cached(places: Sequence[Path], depends_on: Mapping[str, object], build: Callable[[], ov.Model]) -> ov.Model:
    """The graph from the first place that holds it; else built, and kept in the first that can be written.

    Where none can, it is built each time: a full disk must not keep a station from starting.
    """
    parts = {"version": VERSION, "openvino": ov.__version__, **depends_on}
    key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]
    folders = [place / f"graph-{key}" for place in places]
    for folder in folders:
        if (model := _read(folder)) is not None:
            return model
    model = build()
    for folder in folders:
        with contextlib.suppress(OSError, RuntimeError):  # the latter is OpenVINO's, of a disk that is full
            if _read(folder) is None:  # else another program has built the same meanwhile, and others read it
                _write(folder, model)
            break
    return model


def _read(folder: Path) -> ov.Model | None:
    """The graph in a folder; None where there is none, or a damaged one."""
    if not _intact(folder):
        return None
    with contextlib.suppress(RuntimeError):  # it was damaged as it was written, or is gone this moment
        return ov.Core().read_model(folder / "graph.xml")
    return None


def _intact(folder: Path) -> bool:
    try:
        expected = json.loads((folder / "sha256.json").read_text())
        return bool(expected) and all(_sha256(folder / name) == digest for name, digest in expected.items())
    except (OSError, ValueError, AttributeError):
        return False


def _write(folder: Path, model: ov.Model) -> None:
    """Fill a folder beside its final place and rename it there, so that a reader never sees half of it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".graph-") as temporary:
        new = Path(temporary, "new")
        new.mkdir()
        ov.save_model(model, new / "graph.xml", compress_to_fp16=False)
        digests = {file.name: _sha256(file) for file in sorted(new.iterdir())}
        (new / "sha256.json").write_text(json.dumps(digests))
        if folder.exists():
            os.rename(folder, Path(temporary, "damaged"))
        os.rename(new, folder)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
