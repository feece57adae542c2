"""What a side of a comparison shows, as scene-linear light sampled piece by piece: a picture, a matte, a comp, and what
is made of two of them. All pieces are in plate pixels, so that any two fit on each other.

Works on any thread. Knows nothing of display transforms or widgets.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np

from core.arrays import Float32
from core.geometry import Format, Window
from core.picture import Picture
from widgets.view_state import Blend
from widgets.viewport.overlay import Coverage, strided
from widgets.viewport.serial import serial_of

LUMINANCE = (0.2722287, 0.6740818, 0.0536895)
"""Weights of ACEScg's red, green and blue."""
CHECKS = (0.12, 0.3)
"""Scene-linear greys of the checker board."""
CHECKS_ACROSS = 48


class Light(Protocol):
    """Light over a window of plate pixels."""

    @property
    def window(self) -> Window: ...

    @property
    def origin(self) -> Any:
        """One of the arrays it is made from."""

    @property
    def key(self) -> Hashable:
        """Names all it is made from; never the same for two different ones."""

    @property
    def live(self) -> bool:
        """Whether it changes under the hand."""

    def sample(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        """(h, w, 4) float32 at plate pixels (x + i·step, y + j·step), premultiplied; 0 outside. A new array."""


@dataclass(frozen=True, slots=True)
class PictureLight:
    """A picture in the plate's own pixels."""

    picture: Picture
    live = False

    @property
    def window(self) -> Window:
        return self.picture.data_window

    @property
    def origin(self) -> Any:
        return self.picture.rgba

    @property
    def key(self) -> Hashable:
        return "picture", serial_of(self.picture.rgba)

    def sample(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        return strided(self.picture.rgba, self.picture.data_window, x, y, step, shape)


@dataclass(frozen=True, slots=True)
class FittedLight:
    """A picture of another format laid into the plate's: as large as its display window fits, in the middle."""

    picture: Picture
    form: Format
    live = False

    @property
    def origin(self) -> Any:
        return self.picture.rgba

    @property
    def key(self) -> Hashable:
        return "fitted", serial_of(self.picture.rgba), self.form

    @property
    def window(self) -> Window:
        own, (across, down, left, top) = self.picture.data_window, self._fit()
        return Window(
            int(np.floor(left + own.x0 * across)),
            int(np.floor(top + own.y0 * down)),
            int(np.ceil(left + own.x1 * across)),
            int(np.ceil(top + own.y1 * down)),
        )

    def sample(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        own, (across, down, left, top) = self.picture.data_window, self._fit()
        thin = max(1, int(step / max(across, down)))  # every so many of its pixels are enough
        columns = (x + 0.5 + np.arange(shape[1]) * step - left) / across - own.x0 - 0.5
        rows = (y + 0.5 + np.arange(shape[0]) * step - top) / down - own.y0 - 0.5
        above_below = np.abs(rows + 0.5 - own.height / 2) > own.height / 2
        beside = np.abs(columns + 0.5 - own.width / 2) > own.width / 2
        from_column, from_row = round(float(columns[0])) % thin, round(float(rows[0])) % thin
        columns, rows = (columns - from_column) / thin, (rows - from_row) / thin
        thinned = self.picture.rgba[from_row::thin, from_column::thin]
        first_column, last_column = _reach(columns, thinned.shape[1])
        first_row, last_row = _reach(rows, thinned.shape[0])
        if last_column <= first_column or last_row <= first_row:
            return np.zeros((*shape, 4), np.float32)
        piece = thinned[first_row:last_row, first_column:last_column].astype(np.float32)
        grid_x = np.broadcast_to((columns - first_column).astype(np.float32), shape)
        grid_y = np.broadcast_to((rows - first_row).astype(np.float32)[:, None], shape)
        grids = np.ascontiguousarray(grid_x), np.ascontiguousarray(grid_y)
        found: Float32 = np.asarray(cv2.remap(piece, *grids, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
        found[above_below] = 0
        found[:, beside] = 0
        return found

    def _fit(self) -> tuple[float, float, float, float]:
        """Plate pixels per pixel of the picture across and down, and where its (0, 0) lies in the plate."""
        inner, outer = self.picture.format, self.form
        wide = outer.display.width * outer.pixel_aspect / (inner.display.width * inner.pixel_aspect)
        down = min(wide, outer.display.height / inner.display.height)
        across = down * inner.pixel_aspect / outer.pixel_aspect
        left = (outer.display.x0 + outer.display.x1) / 2 - (inner.display.x0 + inner.display.x1) / 2 * across
        top = (outer.display.y0 + outer.display.y1) / 2 - (inner.display.y0 + inner.display.y1) / 2 * down
        return across, down, left, top


def _reach(places: Any, length: int) -> tuple[int, int]:
    """First and last (exclusive) whole pixels around these places, inside 0 to `length`."""
    return max(0, int(np.floor(places[0]))), min(length, int(np.floor(places[-1])) + 2)


@dataclass(frozen=True, slots=True)
class CoverageLight:
    """A matte as grey light; its alpha is the coverage too."""

    coverage: Coverage

    @property
    def window(self) -> Window:
        return self.coverage.window

    @property
    def origin(self) -> Any:
        return self.coverage.origin

    @property
    def key(self) -> Hashable:
        return "coverage", serial_of(self.coverage.origin)

    @property
    def live(self) -> bool:
        return self.coverage.live

    def sample(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        matte = self.coverage.floats(x, y, step, shape)
        return np.asarray(cv2.merge([matte] * 4), np.float32).reshape(*shape, 4)


class Backing(Protocol):
    """What stands behind a comp."""

    @property
    def key(self) -> Hashable: ...

    def sample(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        """As `Light.sample`: (h, w, 4), of which rgb is used. May be read-only."""


@dataclass(frozen=True, slots=True)
class Flat:
    """One scene-linear color everywhere."""

    color: tuple[float, float, float]

    @property
    def key(self) -> Hashable:
        return "flat", self.color

    def sample(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        del x, y, step
        return np.broadcast_to(np.array([*self.color, 1.0], np.float32), (*shape, 4))


@dataclass(frozen=True, slots=True)
class Checker:
    """A board of two greys that lies on the plate: it moves and grows with the picture."""

    form: Format

    @property
    def key(self) -> Hashable:
        return "checker", self.form

    @property
    def side_px(self) -> int:
        """Rows of plate pixels a square has."""
        return max(2, self.form.display.width // CHECKS_ACROSS)

    def sample(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        display, side = self.form.display, self.side_px
        wide = max(1, round(side / self.form.pixel_aspect))
        columns = (x + np.arange(shape[1]) * step - display.x0) // wide
        rows = (y + np.arange(shape[0]) * step - display.y0) // side
        odd = (rows[:, None] + columns[None, :]) % 2
        grey = np.array(CHECKS, np.float32)[odd]
        return np.repeat(grey[..., None], 4, axis=2)


@dataclass(frozen=True, slots=True)
class CompLight:
    """A picture premultiplied by a matte, over what stands behind: rgb·m + behind·(1 - a·m).

    The picture's rgb is premultiplied by its own alpha a already. Alpha of the result is a·m: what the comp covers.
    """

    picture: PictureLight | FittedLight
    coverage: Coverage | None
    behind: Backing

    @property
    def window(self) -> Window:
        """The whole display window too: where the picture has no pixels, what is behind it is seen."""
        light = self.picture
        form = light.form if isinstance(light, FittedLight) else light.picture.format
        return light.window.union(form.display)

    @property
    def origin(self) -> Any:
        return self.picture.origin

    @property
    def key(self) -> Hashable:
        matte = serial_of(self.coverage.origin) if self.coverage is not None else None
        return "comp", self.picture.key, matte, self.behind.key

    @property
    def live(self) -> bool:
        return self.coverage is not None and self.coverage.live

    def sample(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        rgba = self.picture.sample(x, y, step, shape)
        if self.coverage is None:
            rgba[...] = 0
        else:
            rgba *= self.coverage.floats(x, y, step, shape)[..., None]
        rgba[..., :3] += (1.0 - rgba[..., 3:]) * self.behind.sample(x, y, step, shape)[..., :3]
        return rgba


@dataclass(frozen=True, slots=True)
class _Two:
    a: Light
    b: Light

    @property
    def window(self) -> Window:
        return self.a.window.union(self.b.window)

    @property
    def origin(self) -> Any:
        return self.a.origin

    @property
    def live(self) -> bool:
        return self.a.live or self.b.live


@dataclass(frozen=True, slots=True)
class DifferenceLight(_Two):
    """|A - B| of all four channels, `gain` times."""

    gain: float = 1.0

    @property
    def key(self) -> Hashable:
        return "difference", self.a.key, self.b.key, self.gain

    def sample(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        found = self.a.sample(x, y, step, shape)
        with np.errstate(invalid="ignore"):
            np.subtract(found, self.b.sample(x, y, step, shape), out=found)
        np.abs(found, out=found)
        found *= np.float32(self.gain)
        return found


@dataclass(frozen=True, slots=True)
class BlendLight(_Two):
    """A and B laid over each other, in light.

    Screen is a + b - ab where one of them is 1 or less, else the larger one (brighter than white never turns dark);
    red and cyan is A's luminance in red, B's in green and blue.
    """

    blend: Blend = Blend.ADD

    @property
    def key(self) -> Hashable:
        return "blend", self.blend, self.a.key, self.b.key

    def sample(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        one, other = self.a.sample(x, y, step, shape), self.b.sample(x, y, step, shape)
        with np.errstate(invalid="ignore", over="ignore"):
            if self.blend is Blend.ADD:
                one += other
            elif self.blend is Blend.MULTIPLY:
                one *= other
            elif self.blend is Blend.SCREEN:
                brighter = (one > 1) & (other > 1)
                one = np.where(brighter, np.maximum(one, other), one + other - one * other)
            else:
                weights = np.array(LUMINANCE, np.float32)
                left, right = one[..., :3] @ weights, other[..., :3] @ weights
                one[..., 0], one[..., 1], one[..., 2] = left, right, right
        one[..., 3] = np.maximum(one[..., 3], other[..., 3]) if self.blend is Blend.RED_CYAN else one[..., 3]
        return one
