from pathlib import Path

from inspector.sources import nearby as module


def test_video_devices_have_their_drivers_names_and_those_that_only_show_metadata_are_left_out(tmp_path: Path) -> None:
    for device, name, index in (("video10", "Webcam B", "0"), ("video2", "Webcam A", "0"), ("video3", "Webcam A", "1")):
        (tmp_path / device).mkdir()
        (tmp_path / device / "name").write_text(f"{name}\n")
        (tmp_path / device / "index").write_text(f"{index}\n")
    found = list(module._video_devices(tmp_path))  # noqa: SLF001
    assert found == [("Webcam A", {"device": 2}), ("Webcam B", {"device": 10})]
    assert list(module._video_devices(tmp_path / "none")) == []  # noqa: SLF001
