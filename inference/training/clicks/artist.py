"""A simulated artist: clicks where the answer is most wrong, nearly as the standard protocol does.

Works on masks of one picture. Knows no network.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.arrays import Bool
from core.noise import Rng
from inference.models.select.hints import Mark


def next_mark(answer: Bool, wanted: Bool, rng: Rng | None = None) -> Mark | None:
    """In the largest error region: its middle, or with `rng` also elsewhere well inside. None where nothing is wrong.

    Args:
        answer, wanted: (H, W) bool.
    """
    best: tuple[int, bool, cv2.typing.MatLike, int] | None = None
    for wrong, adds in ((wanted & ~answer, True), (answer & ~wanted, False)):
        count, labels, stats, _ = cv2.connectedComponentsWithStats(wrong.astype(np.uint8), connectivity=4)
        if count > 1:
            largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
            area = int(stats[largest, cv2.CC_STAT_AREA])
            if best is None or area > best[0]:
                best = area, adds, labels, largest
    if best is None:
        return None
    _area, adds, labels, largest = best
    region = labels == largest
    depth = cv2.distanceTransform(np.pad(region, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    deepest = float(depth.max())
    least = deepest if rng is None or rng.uniform() < 0.5 else deepest * rng.uniform(0.3, 0.9)
    rows, columns = np.nonzero(depth >= max(0.7, least))
    chosen = 0 if rng is None else int(rng.integers(len(rows)))
    return Mark(float(columns[chosen]) + 0.5, float(rows[chosen]) + 0.5, adds)
