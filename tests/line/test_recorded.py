"""What a software trigger took is taken again from its recording, though nobody asks again."""

import json
import threading
from pathlib import Path

import pytest

from inspector.config import Config, EveryFrame, FolderSource, RecordingSource, ScoringConfig, SoftwareTrigger
from inspector.errors import SourceError
from inspector.line.recorded import RecordedTrigger, trigger_of
from inspector.messages import LostPart, Part
from inspector.sources import open_source
from inspector.sources.recording import RecordingWriter
from inspector.triggers import Requests
from inspector.triggers.every_frame import EveryFrameTrigger
from inspector.triggers.software import SoftwareTrigger as Asked
from tests.fakes import frame

TAKEN = [("A", 2, None), ("B", None, "missed"), ("C", 4, None), ("D", None, "stopped")]
"""Part, the frame that was taken for it, the reason where none was."""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    folder = tmp_path / "r"
    with RecordingWriter(folder, ".png") as writer:
        for counter in range(1, 6):
            writer.write(frame(counter).image, counter * 1000, counter)
        for seq, (part, counter, reason) in reversed(list(enumerate(TAKEN, 37))):
            exposed_ns = 77 if counter is None else counter * 1000
            writer.verdict(json.dumps({"seq": seq, "part": part, "exposed_ns": exposed_ns, "reason": reason}).encode())
    return Config(source=RecordingSource(path=str(folder), speed=0), scoring=ScoringConfig(recipe="not used"),
                  trigger=SoftwareTrigger())  # fmt: skip


def replayed(config: Config) -> list[Part | LostPart]:
    trigger, source = trigger_of(config, Requests()), open_source(config.source)
    return [part for seen in source.frames(threading.Event()) for part in trigger.parts(seen)] + list(trigger.end())


def test_each_part_comes_again_with_its_frame_and_its_name(config: Config) -> None:
    parts = replayed(config)
    assert [(part.seq, part.part) for part in parts] == [(1, "A"), (2, "B"), (3, "C"), (4, "D")]
    told = [int(part.image[0, 0, 0]) if isinstance(part, Part) else part.reason for part in parts]
    assert told == [2, "missed", 4, "stopped"]


def test_a_damaged_recording_is_named(config: Config, tmp_path: Path) -> None:
    path = tmp_path / "r" / "verdicts.jsonl"
    path.write_text("no json")
    with pytest.raises(SourceError, match=r"verdicts\.jsonl is damaged"):
        trigger_of(config)


def test_any_other_trigger_is_the_configured_one(config: Config, tmp_path: Path) -> None:
    every = Config(source=config.source, scoring=config.scoring, trigger=EveryFrame())
    assert isinstance(trigger_of(every), EveryFrameTrigger)
    live = Config(source=FolderSource(path="x"), scoring=config.scoring, trigger=SoftwareTrigger())
    assert isinstance(trigger_of(live, Requests()), Asked)
    assert isinstance(trigger_of(config), RecordedTrigger)
    (tmp_path / "r" / "verdicts.jsonl").unlink()
    assert isinstance(trigger_of(config, Requests()), Asked)
