"""Pictures that a store which was killed had kept, and of which its log had not been told yet: half a second's."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from inspector.store.chain import Entry
from inspector.store.log import Log
from inspector.store.pictures import folder_of

BEFORE_S: Final = 10.0
"""A folder that is so much older than the log's newest entry was not being kept when the store was killed."""


def found(log: Log, pictures: Path, now_ns: int) -> Iterator[Entry]:
    """An entry for each: what its files are like now, and that nobody can say whether they were like that.

    Pictures that have been there for longer, and are not in the log, are not taken in: somebody put them there.
    """
    since_ns = log.newest_ns() - BEFORE_S * 1e9
    for folder in sorted(pictures.glob("*/[0-9]*")):
        if folder.stat().st_mtime_ns < since_ns:
            continue
        try:
            verdict = json.loads((folder / "evidence.json").read_bytes())["verdict"]
            run, seq, outcome = verdict["run"], verdict["seq"], verdict["outcome"]
            hashes = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}
        except (OSError, ValueError, KeyError, TypeError):
            continue  # no evidence of ours
        if folder == folder_of(pictures, run, seq, outcome) and not log.has_evidence(run, seq):
            told = {"run": run, "seq": seq, "outcome": outcome, "files": hashes}
            yield Entry(at_ns=now_ns, kind="evidence_found", content=json.dumps(told))
