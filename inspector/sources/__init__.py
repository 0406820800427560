"""Where pictures come from: a Source yields Frame | Missed | Silence; one file per type, imported when it is chosen."""

from inspector.sources.choose import open_source, source_from_argument
from inspector.sources.source import Source
from inspector.sources.truth import load_truth

__all__ = ["Source", "load_truth", "open_source", "source_from_argument"]
