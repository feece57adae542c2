"""Which place of an outline is which place of the next frame's outline.

Places are carried along with the outline, together with their neighbours: far along the line at first, less and less,
until each lies on the next outline. So places keep their order and their distances, and slide only as far as the
outline itself says. Knows outlines, nothing of curves.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from core.roto.contour import Outline
from core.roto.outline import Float64

ROUNDS = 14
SIDES = 2.0
"""How many pixels apart two places count as that look to opposite sides."""


def followed(before: Outline, parts: Float64, after: Outline) -> Float64:
    """Where these parts of one outline are on the next: parts of its length, ascending over one round.

    Args:
        parts: (M) ascending over one round.
    """
    fine = np.arange(0, 1, 1 / max(256, len(after.corners)))
    target, looks = after.at(fine), after.normals(fine)
    if _turns(before) != _turns(after):
        looks = -looks
    scale = 0.1 * np.sqrt(max(after.area_px2, 1.0))
    tree = cKDTree(np.concatenate([target, SIDES * scale * looks / 4], 1))
    places, faces = before.at(parts), before.normals(parts)
    moved = places + (after.middle - before.middle)
    count = len(parts)
    for round_ in range(ROUNDS):
        width = max(1.5, count / 3 * 0.68**round_)
        _, nearest = tree.query(np.concatenate([moved, SIDES * scale * faces / 4], 1))
        away = target[nearest] - moved
        moved = moved + gaussian_filter1d(away, width, axis=0, mode="wrap")
    _, nearest = tree.query(np.concatenate([moved, SIDES * scale * faces / 4], 1))
    return _in_order(fine[nearest])


def _turns(outline: Outline) -> bool:
    x, y = outline.corners[:, 0], outline.corners[:, 1]
    return bool(np.dot(x, np.roll(y, -1)) > np.dot(y, np.roll(x, -1)))


def _in_order(parts: Float64) -> Float64:
    """Ascending over one round, moved as little as may be: the middle of what both directions allow."""
    steps = np.mod(np.diff(parts) + 0.5, 1.0) - 0.5
    line = parts[0] + np.concatenate([[0.0], np.cumsum(steps)])
    line = gaussian_filter1d(np.concatenate([line - 1, line, line + 1]), 1.0)
    up, down = np.maximum.accumulate(line), np.minimum.accumulate(line[::-1])[::-1]
    count = len(parts)
    return np.asarray(((up + down) / 2)[count : 2 * count], np.float64)
