"""What a frame's file holds, untouched: for the pixel readout. Reading it is `PlateReader.stored`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from core.geometry import Window


@dataclass(frozen=True, slots=True)
class StoredValues:
    """Channels of one frame by their full names, as they are in the file.

    Args:
        window: where they lie; every array covers it, a subsampled one with fewer samples.
        channels: name → (h, w), float16, float32 or uint32.
        sampling: (x, y) of those that are subsampled.
    """

    window: Window
    channels: Mapping[str, npt.NDArray[Any]]
    sampling: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def over(self, window: Window) -> dict[str, npt.NDArray[Any]]:
        """The samples inside `window` (plate pixels), by name; empty arrays where it touches none."""
        inside = window.intersect(self.window)
        found = {}
        for name, values in self.channels.items():
            step_x, step_y = self.sampling.get(name, (1, 1))
            x0, y0 = (inside.x0 - self.window.x0) // step_x, (inside.y0 - self.window.y0) // step_y
            x1, y1 = -(-(inside.x1 - self.window.x0) // step_x), -(-(inside.y1 - self.window.y0) // step_y)
            found[name] = values[y0:y1, x0:x1] if not inside.empty else values[:0, :0]
        return found
