"""A contact sheet: rows of frames, columns of ways to look at them, the frame number burnt in. One PNG.

Knows display values only; who asks has applied the display transform.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from app.lettering import Letters
from core.arrays import Float32, UInt8
from core.frames import FrameNumber

GROUND = (24, 24, 26)
INK = (222, 222, 222)
GAP_PX = 6
HEAD_PX = 34


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One frame. `cells` are (H, W, 3) uint8 display values, all of one size; `note` stands beside the number."""

    frame: FrameNumber
    cells: tuple[UInt8, ...]
    note: str = ""


def contact_sheet(titles: Sequence[str], rows: Sequence[SheetRow], cell_width_px: int = 480) -> UInt8:
    """(H, W, 3) uint8: a line of titles, then the rows, each cell reduced to `cell_width_px` across."""
    if not rows or any(len(row.cells) != len(titles) for row in rows):
        raise ValueError("a contact sheet wants rows, and a title for each of their cells")
    height, width = rows[0].cells[0].shape[:2]
    cell_height_px = max(1, round(height * cell_width_px / width))
    across = GAP_PX + len(titles) * (cell_width_px + GAP_PX)
    down = HEAD_PX + len(rows) * (cell_height_px + GAP_PX)
    sheet: UInt8 = np.empty((down, across, 3), np.uint8)
    sheet[:] = GROUND
    for column, title in enumerate(titles):
        write(sheet, title, GAP_PX + 4 + column * (cell_width_px + GAP_PX), HEAD_PX - 11, 0.55)
    for line, row in enumerate(rows):
        top = HEAD_PX + line * (cell_height_px + GAP_PX)
        for column, cell in enumerate(row.cells):
            left = GAP_PX + column * (cell_width_px + GAP_PX)
            how = cv2.INTER_AREA if cell_width_px < width else cv2.INTER_LINEAR
            small = cv2.resize(cell, (cell_width_px, cell_height_px), interpolation=how)
            sheet[top : top + cell_height_px, left : left + cell_width_px] = small
            write(sheet, f"{row.frame}  {row.note}" if column == 0 else str(row.frame), left + 8, top + 20, 0.5)
    return sheet


def write(sheet: UInt8, text: str, x: int, y: int, size: float) -> None:
    """Light letters on a darkened strip, in place; `x`, `y` is where the base line begins."""
    letters = Letters(round(size * 30))
    above, below = letters.size_px, letters.size_px // 3
    strip = sheet[max(0, y - above) : y + below, max(0, x - 4) : x + letters.width(text) + 6]
    strip //= 3
    letters.write(sheet, text, x, y, INK)


def difference(coverage: Float32, truth: Float32) -> UInt8:
    """(H, W, 3): red where there is too much coverage, blue where there is too little, black where it is right."""
    off = np.clip(coverage - truth, -1.0, 1.0)
    much, little = np.sqrt(np.clip(off, 0, 1)), np.sqrt(np.clip(-off, 0, 1))
    shade = np.clip(truth, 0, 1) * 0.16 * (1 - np.maximum(much, little))
    rgb = np.stack([shade + much, shade + 0.25 * (much + little), shade + little], axis=-1)
    return np.asarray(np.clip(np.rint(rgb * 255), 0, 255), np.uint8)
