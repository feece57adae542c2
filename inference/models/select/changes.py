"""What one click may change: pieces of a coverage, and which of them belong to the click. Knows no network."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from core.arrays import Bool, Float32
from core.geometry import Window

SURROUNDINGS: Final = 0.02
"""How far around a mark a change must come to be the mark's, in longer edges of the picture."""
COMPANY: Final = 0.5
"""Of the size of what changed there: so far around it other pieces may change with it. A small touch stays alone."""
BLEND_PX: Final = 6
"""Soft coverage may change so far around the pixels that changed sides."""


def local(before: Float32, found: Float32, mark: Bool) -> Float32:
    """`found` where what changed sides is connected with the mark's surroundings, `before` bit for bit elsewhere."""
    moved = (before > 0.5) != (found > 0.5)
    kept = moves(before, found, mark)
    changes = grown(kept, BLEND_PX) & (kept | ~moved)
    return np.where(changes, found, before)


def moves(before: Float32, found: Float32, mark: Bool) -> Bool:
    """Pieces that changed sides at the mark, and others as near to these as they are large."""
    moved = (before > 0.5) != (found > 0.5)
    count, pieces = cv2.connectedComponents(moved.astype(np.uint8), connectivity=8)
    surroundings = max(3, round(SURROUNDINGS * max(mark.shape)))
    touched = np.zeros(count, bool)
    touched[np.unique(pieces[grown(mark, surroundings)])] = True
    touched[0] = False
    kept = np.asarray(touched[pieces])
    own = window_of(kept)
    if own is None:
        return kept
    about = own.grow(round(COMPANY * max(own.shape))).intersect(Window.of_size(mark.shape[1], mark.shape[0]))
    touched[np.unique(pieces[about.y0 : about.y1, about.x0 : about.x1])] = True
    touched[0] = False
    return np.asarray(touched[pieces])


def grown(mask: Bool, by: int) -> Bool:
    """Dilated by a square."""
    seen = window_of(mask)
    if seen is None:
        return mask
    size = 2 * by + 1
    around = seen.grow(by).intersect(Window.of_size(mask.shape[1], mask.shape[0]))
    part = mask[around.y0 : around.y1, around.x0 : around.x1].astype(np.uint8)
    wider = np.zeros_like(mask)
    wider[around.y0 : around.y1, around.x0 : around.x1] = cv2.dilate(part, np.ones((size, size), np.uint8)) > 0
    return wider


def large_pieces(mask: Bool) -> Bool:
    """Without specks: pieces of a fiftieth of the largest and more."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count < 3:
        return mask
    areas = stats[:, cv2.CC_STAT_AREA].astype(np.int64)
    areas[0] = 0
    return np.asarray((areas >= 0.02 * areas.max())[pieces] & mask)


def window_of(mask: Bool) -> Window | None:
    """The smallest that holds all of it; None for an empty mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return Window(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
