"""Which cameras there are, for somebody who does not know yet what to write into config.yaml.

Nothing is looked for on the network: what has an address is found by it.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from inspector.errors import SourceError

Found: TypeAlias = tuple[str, Mapping[str, Any]]
"""A camera in words, and the keys of `source` that stand for it."""


ASKS: Final = {
    "rtsp": "an rtsp camera is opened by its URL, which its own page or its manual names: "
    "--with url=rtsp://USER:PASSWORD@HOST/…",
    "gige": "a gige camera is opened by its address, which its label, its maker's tool or the router names: "
    "--with address=…",
    "genicam": "a genicam camera is opened through the .cti file that its maker's software brought, often in a folder "
    "that GENICAM_GENTL64_PATH names: --with producer=…",
}
"""What has to be known beforehand."""


def nearby(kind: str, given: Mapping[str, Any]) -> list[Found]:
    """The cameras of a type, with the keys that somebody gave already; raises SourceError where more must be known."""
    match kind:
        case "camera":
            found = list(_video_devices())
        case "pylon":
            found = list(_basler())
        case "genicam" if "producer" not in given:
            found = list(_producers())
        case _:
            found = []
    if kind in ASKS and not found and not {"url", "address", "producer"} & set(given):
        raise SourceError(ASKS[kind])
    return found


def _video_devices(root: Path = Path("/sys/class/video4linux")) -> Iterator[Found]:
    """V4L2's, by the names that their drivers give them; a device that shows only metadata has an index above 0."""
    for device in sorted(root.glob("video*"), key=lambda path: int(path.name.removeprefix("video"))):
        try:
            if (device / "index").read_text().strip() == "0":
                yield (device / "name").read_text().strip(), {"device": int(device.name.removeprefix("video"))}
        except OSError:
            continue


def _basler() -> Iterator[Found]:
    from inspector.sources.pylon import usb_and_emulated

    yield from usb_and_emulated()


def _producers() -> Iterator[Found]:
    """The GenTL producers that are installed, where the standard says that they are named."""
    for folder in os.environ.get("GENICAM_GENTL64_PATH", "").split(os.pathsep):
        for file in sorted(Path(folder).glob("*.cti")) if folder else ():
            yield file.name, {"producer": str(file)}
