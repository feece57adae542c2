"""The numbers under the pointer: place, scene-linear values, what the screen shows, the matte, and what the file holds.

Numbers keep their places, so that nothing jumps while the pointer moves. Knows arrays and words, no widgets.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from core.color import DisplayTransform
from core.geometry import Window
from core.matte import Matte
from core.picture import Picture
from core.plate import Plate
from core.prompts import Box
from core.stored_values import StoredValues

GROUPS = "  │  "
"""Between groups of numbers; where there is no room for all, the last ones go first."""


def readout(
    x: float,
    y: float,
    plate: Plate,
    picture: Picture | None,
    matte: Matte | None,
    transform: DisplayTransform,
    stored: StoredValues | None = None,
) -> str:
    """One pixel as text; empty outside the plate.

    `x` and `y` are plate pixels, y down; the number in brackets is Nuke's y, up from the bottom of the format.
    """
    column, row = math.floor(x), math.floor(y)
    if not plate.canvas.contains(column, row):
        return ""
    pixel = Window(column, row, column + 1, row + 1)
    where = f"x {column:>5}  y {row:>5} ({flipped(row, plate):>5}↑)"
    return GROUPS.join([where, *_groups(pixel, picture, matte, transform, stored)])


def area_readout(
    area: Box,
    plate: Plate,
    picture: Picture | None,
    matte: Matte | None,
    transform: DisplayTransform,
    stored: StoredValues | None = None,
) -> str:
    """The mean of all pixels the area touches, as text; empty when it touches none of the plate."""
    touched = touched_by(area).intersect(plate.canvas)
    if touched.empty:
        return ""
    if touched.pixels == 1:
        return readout(touched.x0, touched.y0, plate, picture, matte, transform, stored)
    return GROUPS.join([f"{area_words(touched)}  mean", *_groups(touched, picture, matte, transform, None)])


def area_words(touched: Window) -> str:
    """`x 30–33  y 10–11  (4×2)`."""
    return f"x {touched.x0}–{touched.x1 - 1}  y {touched.y0}–{touched.y1 - 1}  ({touched.width}×{touched.height})"


def touched_by(area: Box) -> Window:
    """The whole pixels an area touches; a point touches one."""
    x0, y0 = math.floor(area.x0), math.floor(area.y0)
    return Window(x0, y0, max(x0 + 1, math.ceil(area.x1)), max(y0 + 1, math.ceil(area.y1)))


def flipped(row: int, plate: Plate) -> int:
    """The row counted from the bottom of the format upward, as Nuke does."""
    display = plate.format.display
    return display.y1 - 1 - row


def number(value: float) -> str:
    """Four digits that count, always ten characters wide."""
    return f"{value:>10.4g}"


def stored_words(channels: Mapping[str, npt.NDArray[Any]]) -> str:
    """The file's values of one pixel by their full names; whole numbers as they are."""
    said = []
    for name, values in channels.items():
        if values.size:
            value = values.reshape(-1)[0]
            said.append(f"{name} {value}" if values.dtype.kind == "u" else f"{name}{number(float(value))}")
    return "  ".join(said)


def _groups(
    window: Window,
    picture: Picture | None,
    matte: Matte | None,
    transform: DisplayTransform,
    stored: StoredValues | None,
) -> list[str]:
    groups: list[str] = []
    inside = window.intersect(picture.data_window) if picture is not None else Window(0, 0, 0, 0)
    if picture is not None and not inside.empty:
        piece = picture.rgba[inside.within(picture.data_window)].reshape(-1, 4).astype(np.float32)
        mean = piece.mean(axis=0, dtype=np.float64).astype(np.float32)
        if picture.is_data:
            groups.append(f"value {number(float(mean[0]))}")
        else:
            groups.append("linear " + " ".join(f"{name}{number(v)}" for name, v in zip("RGBA", mean, strict=True)))
            shown = np.clip(np.rint(transform.exact(mean[:3]) * 255), 0, 255).astype(int)
            groups.append("screen " + " ".join(f"{value:>3}" for value in shown.tolist()))
    elif picture is not None:
        groups.append("outside the data window")
    if matte is not None:
        groups.append(f"matte {float(matte.over(window).mean()):6.4f}")
    if stored is not None and (words := stored_words(stored.over(window))):
        groups.append(f"file {words}")
    elif picture is not None and not inside.empty and _was_bad(picture, inside):
        groups.append("NaN or Inf in the file")
    return groups


def _was_bad(picture: Picture, inside: Window) -> bool:
    """Whether one pixel was NaN or Inf: one bit is looked at."""
    if picture.bad_bits is None or inside.pixels != 1:
        return False
    data = picture.data_window
    place = (inside.y0 - data.y0) * data.width + inside.x0 - data.x0
    return bool(picture.bad_bits[place // 8] >> (7 - place % 8) & 1)
