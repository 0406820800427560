"""One network on one device, called for one picture after another with as little in between as the device allows.

On CUDA the picture goes up from pinned memory on the step's own stream, the network is one captured graph (its kernels
are launched together, not one by one from Python), and the two results come down into pinned memory; the CPU waits
once. Elsewhere it is a plain call: the same code, so that what is tested without a GPU is what runs on one.
"""

from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from inspector.errors import DeviceLost
from inspector.messages import Image

WARM: Final = 3
"""Runs before the capture: libraries choose their kernels and take their memory in the first ones."""


class DeviceStep:
    """Not for several threads at once."""

    def __init__(self, network: nn.Module, shape: tuple[int, int, int], device: torch.device, capture: bool) -> None:
        """network: uint8[1, H, W, 3] to float32[n] and int32[n], on `device`; capture: as a CUDA graph."""
        self._network = network
        self._cuda = device.type == "cuda"
        self._stream: Any = torch.cuda.Stream(device) if self._cuda else None  # type: ignore[no-untyped-call]
        self._host = torch.empty((1, *shape), dtype=torch.uint8, pin_memory=self._cuda)
        self._picture = torch.zeros((1, *shape), dtype=torch.uint8, device=device)
        self._graph: torch.cuda.CUDAGraph | None = None
        with torch.inference_mode():
            found = self._warmed()
            if capture:
                self._graph = torch.cuda.CUDAGraph()
                # a recipe may be made ready while another thread scores by the one before: its calls are none of this
                with torch.cuda.graph(self._graph, stream=self._stream, capture_error_mode="thread_local"):
                    found = network(self._picture)
            self._found: tuple[Tensor, Tensor] = found
            self._down = tuple(torch.empty(t.shape, dtype=t.dtype, pin_memory=self._cuda) for t in found)

    @torch.inference_mode()
    def __call__(self, picture: Image) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """uint8[H, W, 3] to float32[n] and int32[n], which are the caller's to keep. Raises DeviceLost."""
        try:
            return self._called(picture)
        except torch.AcceleratorError as error:  # of CUDA itself: its context is done for
            raise DeviceLost(f"the GPU failed ({' '.join(str(error).split())[:120]})") from error

    def _called(self, picture: Image) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        np.copyto(self._host[0].numpy(), picture)
        if self._stream is None:
            self._picture.copy_(self._host)
            self._run()
        else:
            with torch.cuda.stream(self._stream):
                self._picture.copy_(self._host, non_blocking=True)
                self._run()
                for down, found in zip(self._down, self._found, strict=True):
                    down.copy_(found, non_blocking=True)
            self._stream.synchronize()
        results = self._down if self._cuda else self._found
        distances, rows = (tensor.numpy().copy() for tensor in results)
        return distances, rows

    def _run(self) -> None:
        if self._graph is not None:
            self._graph.replay()
        else:
            self._found = self._network(self._picture)

    def _warmed(self) -> tuple[Tensor, Tensor]:
        if self._stream is None:
            found: tuple[Tensor, Tensor] = self._network(self._picture)
            return found
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            for _ in range(WARM):
                found = self._network(self._picture)
        self._stream.synchronize()
        return found
