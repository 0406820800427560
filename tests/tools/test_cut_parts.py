import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def cut(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.cut_parts", *arguments], cwd=ROOT, text=True, capture_output=True, timeout=100
    )


def test_parts_come_out_one_picture_each_and_are_not_mixed_with_older_ones(tmp_path: Path) -> None:
    out = tmp_path / "parts"
    done = cut("--out", str(out), "--parts", "3")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in sorted(out.iterdir())] == ["0001-000001.png", "0002-000002.png", "0003-000003.png"]
    again = cut("--out", str(out))
    assert again.returncode == 2
    assert "is not empty" in again.stderr
