"""Values that are no color, made visible: one channel as grey between its darkest and its brightest value.

No display transform: a depth of 12.5 is no light. Works on strided pieces, on any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.arrays import Float32, UInt8
from core.geometry import Window
from core.picture import Picture

FAR = 60_000.0
"""Renderers write something beyond this where there is nothing: it is white, and no part of the range."""
MOST_SAMPLES = 1 << 16


@dataclass(frozen=True, slots=True)
class DataRange:
    """The values that are shown as black and as white."""

    low: float
    high: float

    @property
    def words(self) -> str:
        return f"black {self.low:.4g}, white {self.high:.4g}"


def range_of(picture: Picture) -> DataRange:
    """0 to 1 where the values lie in it (a mask); else from the lowest to the highest, around 0 if some are negative.

    A few of the farthest values (half a percent at each end) do not count, nor does exactly 0 where there is anything
    else: that is where nothing was rendered. At most 65,536 values are looked at.
    """
    values = picture.rgba[..., 0]
    step = max(1, int(np.sqrt(values.size / MOST_SAMPLES)))
    sampled: Float32 = values[::step, ::step].astype(np.float32).ravel()
    sampled = sampled[np.abs(sampled) < FAR]
    if not sampled.size:
        return DataRange(0.0, 1.0)
    if float(sampled.min()) >= 0 and float(sampled.max()) <= 1.0:
        return DataRange(0.0, 1.0)
    rendered = sampled[sampled != 0]
    low, high = (float(value) for value in np.percentile(rendered, (0.5, 99.5)))
    if low < 0:
        reach = max(-low, high)
        return DataRange(-reach, reach)
    return DataRange(low, high if high > low else low + 1.0)


@dataclass(frozen=True, slots=True)
class DataPixels:
    """A picture of data. Exposure and gamma of the viewer count; its display and view do not."""

    picture: Picture
    between: DataRange
    exposure_stops: float
    gamma: float
    live = False

    @property
    def window(self) -> Window:
        return self.picture.data_window

    @property
    def origin(self) -> Any:
        return self.picture.rgba

    @property
    def cost(self) -> float:
        return 30.0

    def convert(self, samples: tuple[slice, slice]) -> UInt8:
        values: Float32 = self.picture.rgba[..., 0][samples].astype(np.float32)
        values -= np.float32(self.between.low)
        values *= np.float32(2.0**self.exposure_stops / (self.between.high - self.between.low))
        np.clip(values, 0, 1, out=values)
        if self.gamma != 1.0:
            values **= np.float32(1.0 / max(self.gamma, 1e-3))
        grey = np.rint(values * np.float32(255)).astype(np.uint8)
        return np.ascontiguousarray(np.broadcast_to(grey[..., None], (*grey.shape, 4)))
