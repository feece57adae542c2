"""The small picture of a finding: the plate with the matte's edge, and the matte, both around the place that is meant.

Knows arrays and a display transform. JPEG bytes come out, to be laid into a page.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from app.worst_frames import bulk
from core.arrays import Float32, UInt8
from core.color import DisplayTransform
from core.geometry import Window
from core.matte import Matte
from core.picture import Picture

CELL_PX: Final = (220, 140)
"""Width and height of each of the two pictures."""
GAP_PX: Final = 2
QUALITY: Final = 82
PLACE_PART: Final = 5
"""A place is shown with so many times its size around it,"""
LEAST_PX: Final = 96
"""and at least so many pixels of the plate."""
SUBJECT_AROUND: Final = 1.5
EDGE_INK: Final = (255, 236, 120)
EDGE_SHADE: Final = (12, 12, 12)
PLACE_INK: Final = (255, 96, 72)
GROUND: Final = (22, 22, 22)
NOTHING: Final = (48, 48, 48)


def window_of(place: Window | None, matte: Matte | None, canvas: Window) -> Window:
    """What to show: the place with some of what is around it; else the subject; else the canvas."""
    about, times = (place, PLACE_PART) if place is not None else (None, SUBJECT_AROUND)
    if about is None and matte is not None:
        about = bulk(matte)
    if about is None or about.empty:
        about, times = canvas, 1
    shape = CELL_PX[0] / CELL_PX[1]
    width = max(about.width * times, LEAST_PX)
    height = max(about.height * times, LEAST_PX / shape)
    width, height = max(width, height * shape), max(height, width / shape)
    x, y = (about.x0 + about.x1) / 2, (about.y0 + about.y1) / 2
    left, top = round(x - width / 2), round(y - height / 2)
    return Window(left, top, left + max(1, round(width)), top + max(1, round(height)))


def thumbnail(
    picture: Picture | None, matte: Matte | None, place: Window | None, canvas: Window, transform: DisplayTransform
) -> bytes:
    """A JPEG, two cells wide: plate and edge at the left, coverage at the right; the place framed in both."""
    shown = window_of(place, matte, canvas)
    coverage = None if matte is None else matte.over(shown)
    left = _plate(picture, shown, transform)
    right = _coverage(coverage)
    if coverage is not None:
        _draw_edge(left, coverage)
    if place is not None:
        for cell in (left, right):
            _frame(cell, place, shown)
    between: UInt8 = np.full((CELL_PX[1], GAP_PX, 3), 0, np.uint8)
    both = np.concatenate([left, between, right], axis=1)
    good, encoded = cv2.imencode(".jpg", np.ascontiguousarray(both[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return encoded.tobytes() if good else b""


def _fitted(values: Float32) -> Float32:
    how = cv2.INTER_AREA if values.shape[1] > CELL_PX[0] else cv2.INTER_NEAREST
    return np.ascontiguousarray(cv2.resize(values, CELL_PX, interpolation=how), np.float32)


def _plate(picture: Picture | None, shown: Window, transform: DisplayTransform) -> UInt8:
    cell: UInt8 = np.empty((CELL_PX[1], CELL_PX[0], 3), np.uint8)
    cell[:] = NOTHING
    if picture is None:
        return cell
    rgba = np.ones((*shown.shape, 4), np.float32)
    rgba[..., :3] = picture.rgb_over(shown)
    return np.ascontiguousarray(transform.apply(_fitted(rgba))[..., :3])


def _coverage(coverage: Float32 | None) -> UInt8:
    cell: UInt8 = np.empty((CELL_PX[1], CELL_PX[0], 3), np.uint8)
    cell[:] = GROUND
    if coverage is not None:
        levels = np.rint(255 * np.clip(np.nan_to_num(_fitted(coverage)), 0, 1)).astype(np.uint8)
        cell[:] = levels[..., None]
    return cell


def _draw_edge(cell: UInt8, coverage: Float32) -> None:
    lines, _ = cv2.findContours((_fitted(coverage) > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(cell, lines, -1, EDGE_SHADE, 3, cv2.LINE_AA)
    cv2.drawContours(cell, lines, -1, EDGE_INK, 1, cv2.LINE_AA)


def _frame(cell: UInt8, place: Window, shown: Window) -> None:
    """A box around the place, a little larger than it."""
    across, down = CELL_PX[0] / shown.width, CELL_PX[1] / shown.height
    corners = (
        (round((place.x0 - shown.x0) * across) - 5, round((place.y0 - shown.y0) * down) - 5),
        (round((place.x1 - shown.x0) * across) + 5, round((place.y1 - shown.y0) * down) + 5),
    )
    cv2.rectangle(cell, corners[0], corners[1], EDGE_SHADE, 3)
    cv2.rectangle(cell, corners[0], corners[1], PLACE_INK, 1)
