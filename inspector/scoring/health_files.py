"""What was learnt of good pictures' health as files of a recipe: JSON and arrays. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from inspector.scoring.health import PLACE, Limit, Norm, Reference
from inspector.scoring.light import Range
from inspector.scoring.place import from_edges, place
from inspector.scoring.small import grey


def as_files(norm: Norm) -> tuple[bytes, dict[str, NDArray[np.float32]]]:
    """A norm for a recipe: JSON, and arrays by the names of their files: `health.npy` float32[h, w, 9]: mean, lowest,
    highest; `place.npy` float32[3, h, w] where a moved camera can be seen."""
    document = {"limits": {name: asdict(limit) for name, limit in norm.limits.items()}, "noisy": norm.noisy,
                "off": norm.off, "even": norm.even}  # fmt: skip
    maps = norm.reference
    arrays = {"health.npy": np.dstack([maps.mean, maps.lowest, maps.highest])}
    if norm.place is not None:
        arrays["place.npy"] = norm.place
    return json.dumps(document, indent=2).encode(), arrays


def from_files(document: bytes, arrays: Mapping[str, NDArray[np.float32]]) -> Norm:
    """The norm again. Raises AttributeError, KeyError, TypeError or ValueError for what is none."""
    content = json.loads(document)
    maps, weights = arrays["health.npy"], arrays.get("place.npy")
    if maps.dtype != np.float32 or maps.ndim != 3 or maps.shape[2] not in (9, 10):
        raise ValueError(f"{maps.dtype}{maps.shape}, expected float32 [h, w, 9]")
    if weights is not None and (weights.dtype != np.float32 or weights.ndim != 3 or len(weights) != 3):
        raise ValueError(f"{weights.dtype}{weights.shape}, expected float32 [3, h, w]")
    mean, lowest, highest = (np.ascontiguousarray(part) for part in np.split(maps[:, :, :9], 3, axis=2))
    limits = {name: Limit(**limit) for name, limit in content["limits"].items()}
    off = dict(content.get("off", {}))
    if "moved" in limits:  # a recipe from before `right` and `down`
        weights = from_edges(grey(mean), maps[:, :, 9])
        limits |= _both_ways(limits.pop("moved"), place(grey(mean), weights)[:2])
        off["still"] = "the recipe is from before it was learnt"
    return Norm(
        reference=Reference(mean=mean, lowest=lowest, highest=highest),
        limits=limits,
        noisy=content["noisy"],
        place=weights,
        off=off,
        even=_range(content.get("even")),
    )


def _range(pair: Sequence[float] | None) -> Range | None:
    """From JSON; recipes from before it was learnt have none. Raises TypeError or ValueError for what is none."""
    if pair is None:
        return None
    lowest, highest = map(float, pair)
    return lowest, highest


def _both_ways(moved: Limit, usual: tuple[float, float]) -> dict[str, Limit]:
    """The limit of how far, of a recipe from before, as one to each side."""
    return {
        name: Limit(usual=at, lowest=at - moved.highest, highest=at + moved.highest)
        for name, at in zip(PLACE, usual, strict=True)
    }
