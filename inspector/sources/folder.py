"""Pictures in a folder, in the order of their names."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

from inspector.config import FolderSource
from inspector.errors import SourceError
from inspector.messages import Frame, Missed
from inspector.sources.images import UnreadablePicture, read_picture
from inspector.sources.names import PICTURES, picture_names
from inspector.sources.pacing import Pacer


class Folder:
    """A picture's name is its path below the folder. One that cannot be read is Missed (camera), and the run goes on.

    Raises SourceError when the folder does not exist or holds no picture.
    """

    live = False
    frame_size = None

    def __init__(self, config: FolderSource) -> None:
        self._folder = Path(config.path)
        if not self._folder.is_dir():
            fault = "is not a folder" if self._folder.exists() else "does not exist"
            raise SourceError(f"source.path {self._folder} {fault}")
        self._names = picture_names(self._folder)
        if not self._names:
            raise SourceError(f"source.path {self._folder} holds no picture; looked for {', '.join(PICTURES)}")
        self._fps = config.fps
        self._loop = config.loop
        self.paced = config.fps > 0

    def frames(self, stop: threading.Event) -> Iterator[Frame | Missed]:
        """See Source. `counter` goes on counting when the folder starts over."""
        pacer = Pacer(stop, self._fps)  # due times count pictures, so that the speed is pictures per second
        counter = 0
        while True:
            for name in self._names:
                try:
                    image = read_picture(self._folder / name)
                except UnreadablePicture:
                    image = None
                if not pacer.wait(counter):
                    return
                arrived_ns, exposed_ns = time.monotonic_ns(), time.time_ns()
                counter += 1
                if image is None:
                    yield Missed(exposed_ns=exposed_ns, arrived_ns=arrived_ns, count=1, reason="camera", name=name)
                else:
                    yield Frame(exposed_ns=exposed_ns, arrived_ns=arrived_ns, counter=counter, image=image, name=name)
            if not self._loop:
                return

    def close(self) -> None:
        """Nothing is held open."""
