"""The review's contact sheet: pages in a grid under one line of title."""

from __future__ import annotations

import numpy as np

from app.lettering import BOLD, BRIGHT, DIM, Letters
from core.arrays import UInt8

SHEET_PX = 960
"""How wide a page of the sheet is."""
GROUND = (38, 38, 38)
GAP_PX = 14
HEAD_PX = 56
MOST_COLUMNS = 4
WIDER_THAN_HIGH = 1.5


def sheet_of(pages: list[UInt8], title: str, said: str) -> UInt8:
    """(H, W, 3) uint8: pages of one size, in as many columns as keep the sheet near a landscape page.

    Args:
        said: a few words at the right of the title.
    """
    height, width = pages[0].shape[:2]

    def shape(columns: int) -> float:
        rows = -(-len(pages) // columns)
        return abs(float(columns * width) / float(rows * height) - WIDER_THAN_HIGH)

    columns = min(range(1, min(MOST_COLUMNS, len(pages)) + 1), key=shape)
    rows = -(-len(pages) // columns)
    across = GAP_PX + columns * (width + GAP_PX)
    sheet: UInt8 = np.empty((HEAD_PX + rows * (height + GAP_PX), across, 3), np.uint8)
    sheet[:] = GROUND
    small, large = Letters(17), Letters(24, BOLD)
    end = across - GAP_PX - small.width(said)
    small.write(sheet, said, end, round(HEAD_PX * 0.66), DIM)
    large.write(sheet, large.fitting(title, end - 2 * GAP_PX), GAP_PX, round(HEAD_PX * 0.66), BRIGHT)
    for place, page in enumerate(pages):
        top = HEAD_PX + place // columns * (height + GAP_PX)
        left = GAP_PX + place % columns * (width + GAP_PX)
        sheet[top : top + height, left : left + width] = page
    return sheet
