"""Pictures of the frames most likely wrong: the plate around the subject, the matte's edge drawn in. One PNG of them.

Knows arrays and a display transform; asks nobody. Runs on a worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from app.contact_sheet import GAP_PX, GROUND, HEAD_PX, write
from app.picture_file import write_picture
from core.arrays import UInt8
from core.color import DisplayTransform
from core.geometry import Window
from core.matte import Matte
from core.picture import Picture
from widgets.judging import WorstFrame

CELL_PX: Final = (420, 260)
"""Width and height of one picture."""
AROUND: Final = 0.35
"""How much of the subject's size is shown around it, on every side."""
LEAST: Final = 0.3
"""At least so much of the canvas is shown, across and down, so that one knows where one is."""
SPECKS: Final = (0.005, 0.995)
"""What of the coverage lies outside these parts, across or down, is not what the picture is about."""
COLUMNS: Final = 3
EDGE_INK: Final = (255, 236, 120)
EDGE_SHADE: Final = (12, 12, 12)


def around_subject(matte: Matte, canvas: Window) -> Window:
    """The part of the canvas to show: the subject and some of its surroundings, in the shape of a cell."""
    subject = bulk(matte)
    if subject.empty:
        subject = canvas
    width = max(subject.width * (1 + 2 * AROUND), canvas.width * LEAST)
    height = max(subject.height * (1 + 2 * AROUND), canvas.height * LEAST)
    shape = CELL_PX[0] / CELL_PX[1]
    width, height = max(width, height * shape), max(height, width / shape)
    smaller = min(1.0, max(canvas.width / width, canvas.height / height))
    width, height = round(width * smaller), round(height * smaller)
    left = _inside(round((subject.x0 + subject.x1 - width) / 2), width, canvas.x0, canvas.x1)
    top = _inside(round((subject.y0 + subject.y1 - height) / 2), height, canvas.y0, canvas.y1)
    return Window(left, top, left + width, top + height)


def _inside(start: int, length: int, first: int, end: int) -> int:
    """`start` moved so that [start, start + length) lies within [first, end), or is centered where it is longer."""
    if length >= end - first:
        return (first + end - length) // 2
    return min(max(start, first), end - length)


def bulk(matte: Matte) -> Window:
    """The window of nearly all coverage: specks far away do not make the subject small."""
    window = matte.window
    coverage = matte.float32()
    total = float(coverage.sum())
    if total <= 0.0:
        return Window(window.x0, window.y0, window.x0, window.y0)
    x0, x1 = np.searchsorted(np.cumsum(coverage.sum(axis=0)) / total, SPECKS)
    y0, y1 = np.searchsorted(np.cumsum(coverage.sum(axis=1)) / total, SPECKS)
    return Window(window.x0 + int(x0), window.y0 + int(y0), window.x0 + int(x1) + 1, window.y0 + int(y1) + 1)


def picture_of(
    picture: Picture, matte: Matte, canvas: Window, transform: DisplayTransform, shown: Window | None = None
) -> UInt8:
    """(h, w, 3) uint8 display values, `CELL_PX` large; the matte's half-coverage line in light on dark.

    Args:
        shown: the part of the canvas, in the shape of a cell; None for what is around the matte's subject.
    """
    shown = shown or around_subject(matte, canvas)
    rgba = np.ones((*shown.shape, 4), np.float32)
    rgba[..., :3] = picture.rgb_over(shown)
    how = cv2.INTER_AREA if shown.width > CELL_PX[0] else cv2.INTER_LINEAR
    small = cv2.resize(rgba, CELL_PX, interpolation=how)
    display: UInt8 = np.ascontiguousarray(transform.apply(np.ascontiguousarray(small, np.float32))[..., :3])
    coverage = cv2.resize(matte.over(shown), CELL_PX, interpolation=how)
    lines, _ = cv2.findContours((coverage > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(display, lines, -1, EDGE_SHADE, 3, cv2.LINE_AA)
    cv2.drawContours(display, lines, -1, EDGE_INK, 1, cv2.LINE_AA)
    return display


def laid_out(title: str, worst: Sequence[WorstFrame]) -> UInt8:
    """(H, W, 3) uint8: the pictures in rows of `COLUMNS`, each with its frame number and reason burnt in."""
    if not worst:
        raise ValueError("a sheet wants pictures")
    width, height = CELL_PX
    columns = min(COLUMNS, len(worst))
    rows = -(-len(worst) // columns)
    sheet: UInt8 = np.empty((HEAD_PX + rows * (height + GAP_PX), GAP_PX + columns * (width + GAP_PX), 3), np.uint8)
    sheet[:] = GROUND
    write(sheet, title, GAP_PX + 4, HEAD_PX - 11, 0.55)
    for place, one in enumerate(worst):
        row, column = divmod(place, columns)
        top, left = HEAD_PX + row * (height + GAP_PX), GAP_PX + column * (width + GAP_PX)
        sheet[top : top + height, left : left + width] = one.picture
        write(sheet, str(one.look.frame), left + 8, top + 20, 0.5)
        write(sheet, one.look.reason, left + 8, top + height - 10, 0.42)
    return sheet


def save(title: str, worst: Sequence[WorstFrame], path: Path) -> None:
    """The sheet as a PNG that is there and whole, or not there. Raises ExportError."""
    write_picture(path, laid_out(title, worst))
