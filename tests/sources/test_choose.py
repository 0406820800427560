import subprocess
import sys
from pathlib import Path

import pytest

from inspector.config import CameraSource, FolderSource, RecordingSource, RtspSource, VideoSource
from inspector.errors import SourceError
from inspector.sources import open_source, source_from_argument
from inspector.sources.folder import Folder
from inspector.sources.recording import Recording, RecordingWriter
from inspector.sources.video import Video
from tests.sources.footage import picture, write_picture, write_video


def test_an_argument_is_told_apart_by_what_it_names(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "recording") as writer:
        writer.write(picture(1), 1, 1)
    write_picture(tmp_path / "folder" / "a.png", picture(1))
    write_video(tmp_path / "a.avi", "MJPG", 2)

    assert source_from_argument("0") == CameraSource(device=0)
    assert source_from_argument("/dev/video2") == CameraSource(device="/dev/video2")
    assert source_from_argument("rtsp://10.0.0.7/a") == RtspSource(url="rtsp://10.0.0.7/a")
    for name, kind, opened in [
        ("recording", RecordingSource, Recording),
        ("folder", FolderSource, Folder),
        ("a.avi", VideoSource, Video),
    ]:
        config = source_from_argument(str(tmp_path / name))
        assert config == kind(path=str(tmp_path / name))
        source = open_source(config)
        assert isinstance(source, opened)
        source.close()


def test_an_argument_that_names_nothing_says_what_may_be_given(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no nowhere; give a recording, a folder of pictures"):
        source_from_argument("nowhere")
    with pytest.raises(SourceError, match=r"a\.png is a single picture; give the folder it is in"):
        source_from_argument(str(write_picture(tmp_path / "a.png", picture(1))))


def test_a_folder_of_recordings_is_not_taken_for_a_folder_of_pictures(tmp_path: Path) -> None:
    for name in ("teach", "inspect"):
        RecordingWriter(tmp_path / name).close()
    with pytest.raises(SourceError, match=r"holds 2 recordings \(inspect, teach\); give one of them"):
        source_from_argument(str(tmp_path))


def test_choosing_a_source_loads_nothing_of_the_others() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, inspector.sources; print('cv2' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "False"
