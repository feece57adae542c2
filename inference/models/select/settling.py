"""A network is never quite sure; a matte is solid or nothing but near its outline.

Knows a coverage; no network, no prompts, no plate.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from core.arrays import Float32

SOFT_SHARE: Final = 0.016
"""Of the longer edge: so far from the outline coverage may be anything between nothing and all."""


def settled(coverage: Float32) -> Float32:
    """(h, w) 0-1, a new array: as given near the outline at one half, fading to nothing outside and to all inside.

    No pixel changes sides.
    """
    inside = (coverage > 0.5).astype(np.uint8)
    away = np.asarray(cv2.distanceTransform(inside, cv2.DIST_L2, 3), np.float32)
    away += np.asarray(cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3), np.float32)
    reach = max(4.0, SOFT_SHARE * max(coverage.shape))
    near = np.clip(2.0 - away * (2.0 / reach), 0.0, 1.0)
    return np.asarray(inside + (coverage - inside) * near, np.float32)
