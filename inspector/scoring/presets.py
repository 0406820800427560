"""Named ways to fit. docs/levers.md says what each choice in them is worth, and by which rule it was made."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from inspector.scoring.fit import FitOptions

Preset: TypeAlias = Literal["fast", "accurate"]

PRESETS: Final[Mapping[Preset, FitOptions]] = MappingProxyType(
    {
        "fast": FitOptions(),
        "accurate": FitOptions(
            backbone="efficientnet_lite2", side=448, bank_size=4000, pools=(3, 3, 3), one_length=(2,)
        ),
    }
)
"""fast, the default: as much as fits 12 ms a part on two cores. accurate: as much as fits 40 ms, for defects whose
place or faintness asks for finer patches."""
