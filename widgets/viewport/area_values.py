"""Lowest, mean and highest value of an area: of the picture, the matte, and what the file holds.

Slow on a large area; safe on any thread. Knows arrays, no widgets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.color import DisplayTransform
from core.geometry import Window
from core.matte import Matte
from core.picture import Picture
from core.stored_values import StoredValues

BAND = 1 << 20
"""Values that are converted at once."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Of one channel over an area; `bad` is how many values were NaN or Inf and do not count."""

    name: str
    low: float
    mean: float
    high: float
    bad: int = 0


@dataclass(frozen=True, slots=True)
class AreaValues:
    """What is known of an area.

    Args:
        window: the pixels that were read.
        linear: R, G, B, A of the picture, or `value` where it is data; empty outside its data window.
        matte: of the chosen layer's matte; None without one.
        stored: of the channels in the file; empty while they are read.
        screen: 8-bit display values of the mean; empty for data.
    """

    window: Window
    linear: tuple[Extent, ...] = ()
    matte: Extent | None = None
    stored: tuple[Extent, ...] = ()
    screen: tuple[int, ...] = ()


def area_values(
    window: Window,
    picture: Picture | None,
    matte: Matte | None,
    stored: StoredValues | None,
    transform: DisplayTransform,
) -> AreaValues:
    """All of it, over the pixels of `window`; outside the data window there is no picture and none is counted."""
    linear: tuple[Extent, ...] = ()
    screen: tuple[int, ...] = ()
    if picture is not None:
        inside = window.intersect(picture.data_window)
        if not inside.empty:
            piece = picture.rgba[inside.within(picture.data_window)]
            names = (("value", 0),) if picture.is_data else tuple((name, place) for place, name in enumerate("RGBA"))
            linear = tuple(extent(name, piece[..., place]) for name, place in names)
            if not picture.is_data:
                mean = np.array([channel.mean for channel in linear[:3]], np.float32)
                shown = np.clip(np.rint(transform.exact(mean) * 255), 0, 255).astype(int)
                screen = tuple(shown.tolist())
    coverage = extent("matte", matte.over(window)) if matte is not None else None
    held = tuple(extent(name, values) for name, values in stored.over(window).items() if values.size) if stored else ()
    return AreaValues(window, linear, coverage, held, screen)


def extent(name: str, values: npt.NDArray[Any]) -> Extent:
    """Lowest, mean and highest of the finite values; NaN where there is none."""
    low, high, total, count = np.inf, -np.inf, 0.0, 0
    rows = max(1, BAND // max(1, values.shape[1]))
    for top in range(0, values.shape[0], rows):
        band = values[top : top + rows].astype(np.float64 if values.dtype.kind == "u" else np.float32)
        finite = band[np.isfinite(band)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
            total += float(finite.sum(dtype=np.float64))
            count += finite.size
    bad = values.size - count
    if not count:
        return Extent(name, np.nan, np.nan, np.nan, bad)
    return Extent(name, low, total / count, high, bad)
