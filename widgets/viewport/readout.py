"""The numbers under the pointer: place, scene-linear values, what the screen shows, and the matte."""

from __future__ import annotations

import math

import numpy as np

from core.color import DisplayTransform
from core.geometry import Window
from core.matte import Matte
from core.picture import Picture
from core.plate import Plate
from core.prompts import Box


def readout(
    x: float, y: float, plate: Plate, picture: Picture | None, matte: Matte | None, transform: DisplayTransform
) -> str:
    """One pixel as text; empty outside the plate.

    `x` and `y` are plate pixels, y down; the number in brackets is Nuke's y, up from the bottom of the format.
    """
    column, row = math.floor(x), math.floor(y)
    if not plate.canvas.contains(column, row):
        return ""
    pixel = Window(column, row, column + 1, row + 1)
    return f"x {column}  y {row} ({flipped(row, plate)}↑)   {_values(pixel, picture, matte, transform)}"


def area_readout(
    area: Box, plate: Plate, picture: Picture | None, matte: Matte | None, transform: DisplayTransform
) -> str:
    """The mean of all pixels the area touches, as text; empty when it touches none of the plate."""
    touched = touched_by(area).intersect(plate.canvas)
    if touched.empty:
        return ""
    if touched.pixels == 1:
        return readout(touched.x0, touched.y0, plate, picture, matte, transform)
    where = f"x {touched.x0}–{touched.x1 - 1}  y {touched.y0}–{touched.y1 - 1}  ({touched.width}×{touched.height})"
    return f"{where}   mean {_values(touched, picture, matte, transform)}"


def touched_by(area: Box) -> Window:
    """The whole pixels an area touches; a point touches one."""
    x0, y0 = math.floor(area.x0), math.floor(area.y0)
    return Window(x0, y0, max(x0 + 1, math.ceil(area.x1)), max(y0 + 1, math.ceil(area.y1)))


def flipped(row: int, plate: Plate) -> int:
    """The row counted from the bottom of the format upward, as Nuke does."""
    display = plate.format.display
    return display.y1 - 1 - row


def _values(window: Window, picture: Picture | None, matte: Matte | None, transform: DisplayTransform) -> str:
    parts: list[str] = []
    inside = window.intersect(picture.data_window) if picture is not None else Window(0, 0, 0, 0)
    if picture is not None and not inside.empty:
        piece = picture.rgba[inside.within(picture.data_window)].reshape(-1, 4).astype(np.float32)
        mean = piece.mean(axis=0, dtype=np.float64).astype(np.float32)
        linear = "  ".join(f"{name} {value:.5g}" for name, value in zip("RGBA", mean.tolist(), strict=True))
        shown = np.clip(np.rint(transform.exact(mean[:3]) * 255), 0, 255).astype(int)
        parts.append(f"linear {linear}   screen {' '.join(str(value) for value in shown.tolist())}")
    elif picture is not None:
        parts.append("outside the data window")
    if matte is not None:
        parts.append(f"matte {float(matte.over(window).mean()):.4g}")
    return "   ".join(parts)
