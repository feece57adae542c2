"""The quick edge: coverage as a local linear function of the plate's tone (He, Sun, Tang 2010)."""

from __future__ import annotations

import cv2
import numpy as np

from core.arrays import Float32


def guided_edge(guide: Float32, coverage: Float32, radius: int, calm: float) -> Float32:
    """(H, W) 0-1; a new array.

    Args:
        guide: (H, W) tone of the plate.
        radius: of the square window, in pixels.
        calm: variance of the guide below which nothing is taken for an edge.
    """

    def mean(array: Float32) -> Float32:
        return np.asarray(cv2.blur(array, (2 * radius + 1, 2 * radius + 1), borderType=cv2.BORDER_REFLECT), np.float32)

    mean_guide, mean_coverage = mean(guide), mean(coverage)
    slope = (mean(guide * coverage) - mean_guide * mean_coverage) / (
        mean(guide * guide) - mean_guide * mean_guide + np.float32(calm)
    )
    offset = np.asarray(mean_coverage - slope * mean_guide, np.float32)
    return np.asarray(np.clip(mean(np.asarray(slope, np.float32)) * guide + mean(offset), 0.0, 1.0), np.float32)
