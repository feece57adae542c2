"""How closely to look: the whole picture, or a piece of it from near. Regions are found in what is seen.

Knows the fine picture (at most about a thousand pixels long) and how places of it and of a view correspond.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from core.arrays import Bool, Float32, UInt8
from core.geometry import Window
from core.prompts import Box, Click, Stroke
from inference.models.segment import reduced
from inference.models.segment.palette import find_palette
from inference.models.segment.regions import Float64, Regions, find_regions

_REGION_PX = 6
"""Width of a region of the whole picture."""
_NEAR_REGIONS = 1200
"""A small piece is divided into about so many regions, at least two pixels wide."""
_NEAR_PX = 208
"""Longer edge of a piece that is looked at from near."""
_NEAR_SHARE = 0.5
"""A piece larger than this share of the picture is looked at as the whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What a selection stands on: regions and their palette."""

    regions: Regions
    palette: Float64


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A window of the fine picture, seen at some scale.

    Args:
        picture: (h, w, 3) what is seen, a byte a channel.
        window: what is seen, in fine pixels.
        shape: (h, w) of the view.
    """

    ground: Ground
    picture: UInt8
    window: Window
    shape: tuple[int, int]

    @property
    def scale_x(self) -> float:
        return self.shape[1] / self.window.width

    @property
    def scale_y(self) -> float:
        return self.shape[0] / self.window.height

    @property
    def scale(self) -> float:
        """View pixels to one fine pixel."""
        return (self.scale_x + self.scale_y) / 2

    def prompt(self, prompt: Click | Stroke) -> Click | Stroke:
        """A mark on the fine picture, in view pixels."""
        if isinstance(prompt, Click):
            return replace(prompt, x=self._x(prompt.x), y=self._y(prompt.y))
        points = tuple(replace(point, x=self._x(point.x), y=self._y(point.y)) for point in prompt.points)
        return replace(prompt, points=points, radius_px=prompt.radius_px * self.scale)

    def box(self, box: Box) -> Box:
        """A box on the fine picture, in view pixels."""
        return Box(self._x(box.x0), self._y(box.y0), self._x(box.x1), self._y(box.y1))

    def _x(self, x: float) -> float:
        return (x - self.window.x0) * self.scale_x

    def _y(self, y: float) -> float:
        return (y - self.window.y0) * self.scale_y

    def take(self, fine: Float32) -> Float32:
        """(h, w) what the view sees of an array over the fine picture."""
        part = fine[self.window.y0 : self.window.y1, self.window.x0 : self.window.x1]
        interpolation = cv2.INTER_AREA if self.scale < 1 else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(part, self.shape[::-1], interpolation=interpolation), np.float32)

    def bring(self, seen: Bool, shape: tuple[int, int]) -> Bool:
        """(H, W) over the fine picture of `shape`: `seen` in the window, False outside it."""
        fine = np.zeros(shape, bool)
        size = (self.window.width, self.window.height)
        larger = cv2.resize(seen.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
        fine[self.window.y0 : self.window.y1, self.window.x0 : self.window.x1] = larger > 0.5
        return fine


class Views:
    """The fine picture and what was seen of it so far. The whole is seen once; a near view is made when asked for."""

    def __init__(self, fine: Float32, gain: float, whole_px: int) -> None:
        """`fine`: (h, w, 3) scene-linear; `gain` from `reduced.exposure`; `whole_px`: longer edge of the whole view."""
        self.fine = fine
        self._gain = gain
        height, width = fine.shape[:2]
        self.shape = (height, width)
        self.whole = self._look(Window.of_size(width, height), whole_px)

    def near(self, window: Window) -> View:
        """A view of `window`, at most as large as the picture; the whole where little would be left out."""
        seen = window.intersect(self.whole.window)
        if seen.pixels > _NEAR_SHARE * self.whole.window.pixels or min(seen.shape) < 8:
            return self.whole
        return self._look(seen, _NEAR_PX)

    def _look(self, window: Window, long_edge_px: int) -> View:
        part = self.fine[window.y0 : window.y1, window.x0 : window.x1]
        light = reduced.compress(reduced.reduce(part, long_edge_px) * np.float32(self._gain))
        picture = reduced.perceptual(light)
        step_px = int(np.clip(round(np.sqrt(picture.shape[0] * picture.shape[1] / _NEAR_REGIONS)), 2, _REGION_PX))
        regions = find_regions(picture, step_px)
        return View(Ground(regions, find_palette(regions)), reduced.as_bytes(light), window, picture.shape[:2])
