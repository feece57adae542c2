"""What the panes show, from scene-linear values to display values: the plate, one channel of it, or a comp.

Works on strided pieces, on any thread. Knows nothing of widgets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.arrays import AnyFloat, Float32, UInt8
from core.color import DisplayTransform
from core.geometry import Window
from core.picture import Picture
from widgets.view_state import Channel, Look
from widgets.viewport.overlay import Coverage

LUMINANCE = (0.2722287, 0.6740818, 0.0536895)
"""Weights of ACEScg's red, green and blue."""
_COLUMNS = {Channel.RED: 0, Channel.GREEN: 1, Channel.BLUE: 2}
HALF_MAX = 65504.0


@dataclass(frozen=True, slots=True)
class Grade:
    """All of a look that changes a picture's pixels on screen; hashable, so that it can name a converted picture."""

    display: str
    view: str
    exposure_stops: float
    gamma: float
    channel: Channel

    @classmethod
    def of(cls, look: Look, display: str, view: str) -> Grade:
        return cls(display, view, look.exposure_stops, look.gamma, look.channel)


@dataclass(frozen=True, slots=True)
class PlatePixels:
    """The plate as it is."""

    picture: Picture
    transform: DisplayTransform
    grade: Grade

    @property
    def window(self) -> Window:
        return self.picture.data_window

    @property
    def origin(self) -> Any:
        return self.picture.rgba

    @property
    def cost(self) -> float:
        return 9.0 if self.grade.channel in (Channel.COLOR, *_COLUMNS) else 40.0

    def convert(self, samples: tuple[slice, slice]) -> UInt8:
        piece = self.picture.rgba[samples]
        return graded(piece.copy(order="C"), self.transform, self.grade)


@dataclass(frozen=True, slots=True)
class CompPixels:
    """The plate premultiplied by a matte, over a color: rgb·m + color·(1 - a·m), scene-linear, then onto the screen.

    The plate's own rgb is premultiplied by its own alpha a already.
    """

    picture: Picture
    coverage: Coverage | None
    color: tuple[float, float, float]
    transform: DisplayTransform
    grade: Grade

    @property
    def window(self) -> Window:
        return self.picture.data_window

    @property
    def origin(self) -> Any:
        return self.picture.rgba

    @property
    def cost(self) -> float:
        return 45.0

    def convert(self, samples: tuple[slice, slice]) -> UInt8:
        piece: Float32 = self.picture.rgba[samples].astype(np.float32)
        rows, columns = samples
        height, width = piece.shape[:2]
        if self.coverage is None:
            matte = np.zeros((height, width), np.float32)
        else:
            x, y = self.window.x0 + columns.start, self.window.y0 + rows.start
            matte = self.coverage.floats(x, y, columns.step, (height, width))
        piece *= matte[..., None]
        behind = 1.0 - piece[..., 3:]
        piece[..., :3] += behind * np.asarray(self.color, np.float32)
        if self.grade.channel is not Channel.ALPHA:
            piece[..., 3] = 1.0
        return graded(piece, self.transform, self.grade)


def graded(rgba: AnyFloat, transform: DisplayTransform, grade: Grade) -> UInt8:
    """Scene-linear pixels → display values of the wanted channel.

    Args:
        rgba: (H, W, 4) float16 or float32, contiguous, scene-linear.

    Returns:
        (H, W, 4) uint8; the fourth is not used. Alpha is data: it has exposure and gamma but no display transform.
    """
    if grade.channel is Channel.COLOR:
        return transform.apply(rgba)
    if grade.channel is Channel.ALPHA:
        alpha = rgba[..., 3].astype(np.float32) * np.float32(2.0**grade.exposure_stops)
        values = np.clip(np.nan_to_num(alpha), 0, 1) ** np.float32(1.0 / max(grade.gamma, 1e-3))
        grey = np.rint(values * 255).astype(np.uint8)
        return np.ascontiguousarray(np.broadcast_to(grey[..., None], (*grey.shape, 4)))
    one = np.empty_like(rgba)
    if grade.channel is Channel.LUMINANCE:
        light = rgba[..., :3].astype(np.float32) @ np.asarray(LUMINANCE, np.float32)
        one[...] = np.clip(light, -HALF_MAX, HALF_MAX)[..., None]
    else:
        one[...] = rgba[..., _COLUMNS[grade.channel], None]
    return transform.apply(one)
