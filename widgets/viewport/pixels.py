"""What the panes show, from scene-linear values to display values: the plate, one channel of it, a comp, a comparison.

Works on strided pieces, on any thread. Knows nothing of widgets.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from core.arrays import HALF_MAX, AnyFloat, Float32, UInt8
from core.color import DisplayTransform
from core.geometry import Window
from core.picture import Picture
from widgets.view_state import Channel, Look
from widgets.viewport.light import LUMINANCE, CompLight, Flat, Light, PictureLight
from widgets.viewport.overlay import Color, Coverage
from widgets.viewport.serial import serial_of
from widgets.viewport.thinned import piece_of

ADDED: Color = (0.25, 0.9, 0.35)
"""On screen, where B has more coverage than A."""
REMOVED: Color = (1.0, 0.24, 0.2)
"""On screen, where B has less."""
DIMMED = 0.25
"""How much of the plate's light is left under a signed difference."""
_DIMMED_GREY = np.array([[*(DIMMED * part for part in LUMINANCE), 0, 0]] * 3 + [[0, 0, 0, 0, 1]], np.float32)
"""(4, 5): from rgba to its dimmed luminance, and alpha 1."""
NOWHERE = Window(0, 0, 0, 0)
_COLUMNS = {Channel.RED: 0, Channel.GREEN: 1, Channel.BLUE: 2}


@dataclass(frozen=True, slots=True)
class Grade:
    """All of a look that changes a picture's pixels on screen; hashable, so that it can name a converted picture."""

    display: str
    view: str
    exposure_stops: float
    gamma: float
    channel: Channel
    ocio_look: str = ""

    @classmethod
    def of(cls, look: Look, display: str, view: str, ocio_look: str = "") -> Grade:
        return cls(display, view, look.exposure_stops, look.gamma, look.channel, ocio_look)


@dataclass(frozen=True, slots=True)
class PlatePixels:
    """The plate as it is."""

    picture: Picture
    transform: DisplayTransform
    grade: Grade
    live = False

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
        return graded(piece_of(self.picture.rgba, samples), self.transform, self.grade)


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
    def live(self) -> bool:
        return self.coverage is not None and self.coverage.live

    @property
    def light(self) -> CompLight:
        """The comp before the display transform."""
        return CompLight(PictureLight(self.picture), self.coverage, Flat(self.color))

    @property
    def cost(self) -> float:
        return 45.0

    def convert(self, samples: tuple[slice, slice]) -> UInt8:
        return graded(self.light.sample(*_place(samples, self.window)), self.transform, self.grade)


@dataclass(frozen=True, slots=True)
class LightPixels:
    """Any light: a reference plate of another format, a comp over a checker, a difference, a blend.

    Args:
        data: it is made of mattes alone: shown with the viewer's exposure and gamma, but without display transform.
        cost: nanoseconds a pixel takes, roughly.
        room: black is shown at least here, where the light has no pixels.
    """

    light: Light
    transform: DisplayTransform
    grade: Grade
    data: bool = False
    cost: float = 70.0
    room: Window = NOWHERE

    @property
    def window(self) -> Window:
        return self.light.window.union(self.room)

    @property
    def origin(self) -> Any:
        return self.light.origin

    @property
    def live(self) -> bool:
        return self.light.live

    def convert(self, samples: tuple[slice, slice]) -> UInt8:
        rgba = self.light.sample(*_place(samples, self.window))
        if self.data:
            return graded_data(rgba, self.grade)
        return graded(rgba, self.transform, self.grade)


@dataclass(frozen=True, slots=True)
class SignedPixels:
    """What one matte has more or less than another: `ADDED` and `REMOVED` as strong as the difference (B - A)·gain,
    over the plate's luminance, dimmed.

    The mixing happens on screen, so that a tenth of difference looks the same over bright and over dark.
    """

    under: Light
    a: Coverage
    b: Coverage
    gain: float
    transform: DisplayTransform
    grade: Grade
    cost = 60.0

    @property
    def window(self) -> Window:
        return self.under.window.union(self.a.window).union(self.b.window)

    @property
    def origin(self) -> Any:
        return self.under.origin

    @property
    def key(self) -> Hashable:
        """Names all it is made from, but for the grade."""
        return "signed", self.under.key, serial_of(self.a.origin), serial_of(self.b.origin), self.gain

    @property
    def live(self) -> bool:
        return self.a.live or self.b.live

    def convert(self, samples: tuple[slice, slice]) -> UInt8:
        place = _place(samples, self.window)
        grey = cv2.transform(self.under.sample(*place), _DIMMED_GREY)
        shown = self.transform.apply(np.asarray(grey, np.float32))
        signed = self.b.floats(*place)
        signed -= self.a.floats(*place)
        signed *= np.float32(self.gain)
        rows, columns = np.nonzero(signed)
        amount = np.clip(np.nan_to_num(signed[rows, columns]), -1, 1)[:, None]
        ink = np.where(amount > 0, np.array(ADDED, np.float32), np.array(REMOVED, np.float32)) * np.float32(255)
        ground = shown[rows, columns, :3].astype(np.float32)
        strength = np.abs(amount)
        shown[rows, columns, :3] = np.rint(ground * (1 - strength) + ink * strength).astype(np.uint8)
        return shown


def _place(samples: tuple[slice, slice], window: Window) -> tuple[int, int, int, tuple[int, int]]:
    """Strided slices over a window, as `Light.sample` wants them: x, y, step, (rows, columns)."""
    rows, columns = (range(*piece.indices(size)) for piece, size in zip(samples, window.shape, strict=True))
    return window.x0 + columns.start, window.y0 + rows.start, columns.step, (len(rows), len(columns))


def graded_data(rgba: Float32, grade: Grade) -> UInt8:
    """(H, W, 4) values of mattes → (H, W, 4) uint8 with exposure and gamma but no display transform."""
    if grade.channel in _COLUMNS:
        column = _COLUMNS[grade.channel]
        rgba = np.repeat(rgba[..., column, None], 4, axis=2)
    values = rgba * np.float32(2.0**grade.exposure_stops)
    cv2.patchNaNs(values, 0.0)
    np.clip(values, 0, 1, out=values)
    if grade.gamma != 1.0:
        values **= np.float32(1.0 / max(grade.gamma, 1e-3))
    values *= np.float32(255)
    values += np.float32(0.5)
    return np.asarray(values.astype(np.uint8))


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
        return graded_data(np.repeat(rgba[..., 3:].astype(np.float32), 4, axis=2), grade)
    one = np.empty_like(rgba)
    if grade.channel is Channel.LUMINANCE:
        light = rgba[..., :3].astype(np.float32) @ np.asarray(LUMINANCE, np.float32)
        one[...] = np.clip(light, -HALF_MAX, HALF_MAX)[..., None]
    else:
        one[...] = rgba[..., _COLUMNS[grade.channel], None]
    return transform.apply(one)
