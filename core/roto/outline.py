"""The outline of a shape at one frame as straight pieces, and the place on it that is nearest to another place."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from core.roto.shape import Points

Float64 = npt.NDArray[np.float64]
FLAT_PX = 0.01
"""How far a straight piece may be from the curve."""
MOST_PIECES = 400
"""Of one curve, however long it is."""


def curves(points: Points, *, closed: bool = True) -> Float64:
    """(N, 4, 2): begin, two handles, end of every curve, in plate pixels."""
    each = np.array([point.numbers for point in points], np.float64).reshape(-1, 6)
    places, back, ahead = each[:, :2], each[:, :2] + each[:, 2:4], each[:, :2] + each[:, 4:6]
    made = np.stack([places, ahead, np.roll(back, -1, 0), np.roll(places, -1, 0)], 1)
    return made if closed else made[:-1]


def flattened(points: Points, flat_px: float = FLAT_PX, *, closed: bool = True) -> Float64:
    """(M, 2) corners of straight pieces along the outline; a closed one does not repeat its first."""
    if not points:
        return np.zeros((0, 2))
    pieces = [_pieces(curve, flat_px) for curve in curves(points, closed=closed)]
    last = [] if closed else [np.array([[points[-1].x, points[-1].y]])]
    return np.concatenate([*pieces, *last])


def _pieces(curve: Float64, flat_px: float) -> Float64:
    """Without the end."""
    bend = max(float(np.hypot(*(curve[at] - 2 * curve[at + 1] + curve[at + 2]))) for at in (0, 1))
    count = min(MOST_PIECES, max(1, math.ceil(math.sqrt(0.75 * bend / flat_px))))
    return on_curve(curve, np.arange(count) / count)


def on_curve(curve: Float64, part: Float64) -> Float64:
    """(N, 2) places of a curve (4, 2), at these parts of it, 0-1."""
    rest, part = (1 - part)[:, None], part[:, None]
    begin, one, other, end = curve
    return np.asarray(
        rest**3 * begin + 3 * rest**2 * part * one + 3 * rest * part**2 * other + part**3 * end, np.float64
    )


def nearest(points: Points, x: float, y: float, *, closed: bool = True) -> tuple[int, float, float]:
    """The curve (by the place of its first point), the part of it and the distance of what is nearest on the outline.

    Points must be two or more.
    """
    best = (0, 0.0, math.inf)
    parts = np.linspace(0, 1, 65)
    for place, curve in enumerate(curves(points, closed=closed)):
        way = on_curve(curve, parts) - (x, y)
        far = np.hypot(way[:, 0], way[:, 1])
        at = int(far.argmin())
        finer = np.clip(np.linspace(parts[max(at - 1, 0)], parts[min(at + 1, 64)], 33), 0, 1)
        way = on_curve(curve, finer) - (x, y)
        far = np.hypot(way[:, 0], way[:, 1])
        at = int(far.argmin())
        if far[at] < best[2]:
            best = (place, float(finer[at]), float(far[at]))
    return best
