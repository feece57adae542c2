"""Blur a matte along the motion of its picture, as the open shutter blurred the plate.

The motion is known on a small copy. Near an edge it is the subject's: what lies inside the matte counts, and its motion
reaches out as far as it is blurred. Knows neither plates nor how motion is found.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.arrays import Float32
from core.frame_motion import reduced
from core.soften import gaussian, streak

_LEAST = 1e-4
"""How much the motion counts where there is no coverage at all."""


def motion_blurred(coverage: Float32, motion: Float32, shutter: float) -> Float32:
    """(H, W) coverage blurred; a new array, or the very same one where nothing moves.

    Args:
        coverage: (H, W) float32, 0-1.
        motion: (h, w, 2) float32 over the same window, x first: how far each place moves in one frame, in pixels of
            the coverage.
        shutter: the part of a frame that it is open, half of it before and half of it after.
    """
    way = np.asarray(motion * np.float32(shutter), np.float32)
    scale = coverage.shape[1] / motion.shape[1]
    longest = float(np.hypot(way[..., 0], way[..., 1]).max(initial=0.0))
    if longest < 0.25:
        return coverage
    weight = reduced(coverage, (motion.shape[0], motion.shape[1])) + np.float32(_LEAST)
    spread = max(1.5, longest / scale / 2)
    total = gaussian(np.asarray(weight, np.float32), spread)
    size = (coverage.shape[1], coverage.shape[0])
    x_px, y_px = (
        cv2.resize(gaussian(np.ascontiguousarray(way[..., axis] * weight), spread) / total, size) for axis in (0, 1)
    )
    return streak(coverage, np.asarray(x_px, np.float32), np.asarray(y_px, np.float32))
