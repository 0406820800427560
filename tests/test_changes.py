"""A threshold changed by a command, in a whole station that is killed and started again by its supervisor."""

import os
import signal
from contextlib import closing
from pathlib import Path

import pytest

from inspector.config import Config
from inspector.messages import SetThreshold, TakeBack
from inspector.scoring.recipe import load_recipe
from inspector.wire.command import CommandClient
from inspector.wire.subscribe import NewRun, Received, Subscriber, VerdictReceived
from tests.programs import BOUND_S, beside, listen, running, write_config
from tests.washers import burnt, fit_clear, washer, write_pictures


@pytest.fixture
def conveyor(tmp_path: Path) -> Config:
    write_pictures(tmp_path / "parts", [washer(1), burnt(2)])
    recipe = fit_clear(tmp_path / "recipe")
    source: dict[str, object] = {"type": "folder", "path": "parts", "fps": 20, "loop": True}
    return write_config(tmp_path, recipe, source=source, plc={"type": "null"}, viewer={"start": False})


def judged_at(threshold: float) -> object:
    def judged(item: Received) -> bool:
        return isinstance(item, VerdictReceived) and item.verdict.threshold == threshold

    return judged


def test_a_threshold_set_at_the_line_outlives_a_kill_and_one_command_takes_it_back(conveyor: Config, tmp_path: Path):
    configured = load_recipe(Path(conveyor.scoring.recipe))
    with (
        closing(Subscriber(conveyor.wire, "washers", "test")) as ear,
        closing(CommandClient(conveyor.wire, "washers")) as client,
        running("run", folder=tmp_path) as program,
    ):
        listen(ear, judged_at(configured.threshold.value))  # type: ignore[arg-type]
        assert client.ask(SetThreshold(station="washers", by="anna", value=99.5), BOUND_S).done
        listen(ear, judged_at(99.5))  # type: ignore[arg-type]

        os.kill(beside(program)["run"], signal.SIGKILL)
        listen(ear, lambda item: isinstance(item, NewRun))
        heard = listen(ear, judged_at(99.5))  # type: ignore[arg-type]
        assert {item.verdict.outcome for item in heard if isinstance(item, VerdictReceived)} == {"pass"}

        reply = client.ask(TakeBack(station="washers", by="anna"), BOUND_S)
        assert reply.done, reply.detail
        listen(ear, judged_at(configured.threshold.value))  # type: ignore[arg-type]
        program.send(signal.SIGTERM)
    assert load_recipe(Path(conveyor.scoring.recipe)).id == configured.id, "the configured recipe was written to"
