"""What one click may change: pieces of a coverage, and which of them belong to the click. Knows no network."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import Bool, Float32
from core.geometry import Window

SURROUNDINGS: Final = 0.02
"""How far around a mark a change must come to be the mark's, in longer edges of the picture."""
COMPANY: Final = 0.5
"""Of the size of what changed there: so far around it other pieces may change with it. A small touch stays alone."""
BLEND_PX: Final = 6
"""Soft coverage may change so far around the pixels that changed sides."""


def local(before: Float32, found: Float32, seen: Window, mark: Bool) -> Float32:
    """`found` where what changed sides is connected with the mark's surroundings, `before` bit for bit elsewhere.

    Args:
        before: (h, w) coverage of the picture; `mark` too.
        found: coverage over `seen`, which holds the mark.
    """
    surroundings = max(3, round(SURROUNDINGS * max(mark.shape)))
    rows, columns = seen.within(Window.of_size(before.shape[1], before.shape[0]))
    moved = (before[rows, columns] > 0.5) != (found > 0.5)
    kept = _of_mark(moved, mark[rows, columns], surroundings)
    around = window_of(kept)
    result = before.copy()
    if around is not None:
        part = _part(around.grow(BLEND_PX), moved)
        changes = grown(kept[part], BLEND_PX) & (kept[part] | ~moved[part])
        result[rows, columns][part][changes] = found[part][changes]
    return result


def _of_mark(moved: Bool, mark: Bool, surroundings: int) -> Bool:
    """Pieces that changed sides at the mark, and others as near to these as they are large."""
    kept = np.zeros_like(moved)
    all_moves, said = window_of(moved), window_of(mark)
    if all_moves is None or said is None:
        return kept
    part = _part(all_moves.union(said).grow(surroundings), mark)
    count, pieces = cv2.connectedComponents(moved[part].astype(np.uint8), connectivity=8)
    touched = np.zeros(count, bool)
    touched[np.unique(pieces[grown(mark[part], surroundings)])] = True
    touched[0] = False
    own = window_of(np.asarray(touched[pieces]))
    if own is not None:
        about = _part(own.grow(round(COMPANY * max(own.shape))), pieces)
        touched |= np.bincount(np.unique(pieces[about]), minlength=count) > 0
        touched[0] = False
    kept[part] = touched[pieces]
    return kept


def _part(window: Window, array: npt.NDArray[np.generic]) -> tuple[slice, slice]:
    """The window's rows and columns of an array, as far as it has them."""
    seen = window.intersect(Window.of_size(array.shape[1], array.shape[0]))
    return slice(seen.y0, seen.y1), slice(seen.x0, seen.x1)


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
