"""What is known beforehand about the parts of a source, to count misses and false rejects."""

import json
from pathlib import Path

from inspector.config import FolderSource, RecordingSource, SourceConfig
from inspector.errors import SourceError
from inspector.messages import PART_ID_LIMIT
from inspector.sources.names import picture_names


def load_truth(config: SourceConfig) -> dict[str, bool] | None:
    """Part id -> whether it is defective; None when nothing is known.

    A recording has it in truth.json. A folder in MVTec AD's layout has it in its subfolders: `good`, and others beside
    it, each a kind of defect. Raises SourceError when truth.json is damaged.
    """
    match config:
        case RecordingSource():
            truth = _of_recording(Path(config.path) / "truth.json")
        case FolderSource():
            truth = _of_folder(Path(config.path))
        case _:
            truth = None
    return truth and {name[-PART_ID_LIMIT:]: defective for name, defective in truth.items()}


def _of_recording(path: Path) -> dict[str, bool] | None:
    try:
        truth = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): entry["defect"] is not None for name, entry in truth.items()}
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, TypeError, KeyError, AttributeError):
        raise SourceError(f'{path} is damaged; it must read {{"000001.webp": {{"defect": null}}, …}}') from None


def _of_folder(folder: Path) -> dict[str, bool] | None:
    if not (folder / "good").is_dir():
        return None
    kinds = {name: name.split("/")[0] for name in picture_names(folder) if "/" in name}
    if set(kinds.values()) <= {"good"}:
        return None
    return {name: kind != "good" for name, kind in kinds.items()}
