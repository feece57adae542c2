"""How wrong an alpha is, as the public benchmarks of matting say it. Counted in the unknown part of a trimap only.

SAD, MSE, gradient and connectivity as in Rhemann et al., "A perceptually motivated online benchmark for image matting"
(CVPR 2009, alphamatting.com); dtSSD as in Erofeev et al., "Perceptually motivated benchmark for video matting" (BMVC
2015). Alphas are (H, W) float32, 0-1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from core.arrays import Bool, Float32

_SIGMA = 1.4
_STEP = 0.1
_LEAST_APART = 0.15


def sad(found: Float32, truth: Float32, unknown: Bool) -> float:
    """Sum of absolute differences, in thousands."""
    return float(np.abs(found - truth)[unknown].sum(dtype=np.float64)) / 1e3


def mse(found: Float32, truth: Float32, unknown: Bool) -> float:
    """Mean squared difference; 0 where nothing is unknown."""
    return float(np.square(found - truth)[unknown].mean(dtype=np.float64)) if unknown.any() else 0.0


def gradient_error(found: Float32, truth: Float32, unknown: Bool) -> float:
    """Sum of squared differences of the strength of the edges, in thousands."""
    return float(np.square(_edges(found) - _edges(truth))[unknown].sum(dtype=np.float64)) / 1e3


def connectivity_error(found: Float32, truth: Float32, unknown: Bool) -> float:
    """How differently pixels hang together with what both alphas agree is full, in thousands."""
    height, width = truth.shape
    level = np.full((height, width), -1.0, np.float32)
    steps = np.arange(1, 11)
    for step in steps:
        threshold = np.float32(step * _STEP)
        both = ((found >= threshold - 1e-6) & (truth >= threshold - 1e-6)).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(both, connectivity=4)
        largest = labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if count > 1 else np.zeros_like(both, bool)
        level[(level < 0) & ~largest] = (step - 1) * _STEP
    level[level < 0] = 1.0

    def joined(alpha: Float32) -> Float32:
        apart = alpha - level
        return np.asarray(1.0 - apart * (apart >= _LEAST_APART), np.float32)

    return float(np.abs(joined(found) - joined(truth))[unknown].sum(dtype=np.float64)) / 1e3


def dtssd(found: Sequence[Float32], truth: Sequence[Float32]) -> float:
    """How differently alphas change from frame to frame: root mean square over a picture, times 100, mean of all pairs.

    Divided by the pixels of a picture, unlike the paper's sum, so that its size does not count.
    """
    if len(found) < 2:
        return 0.0
    changes = [
        math.sqrt(float(np.square((found[n] - found[n - 1]) - (truth[n] - truth[n - 1])).mean(dtype=np.float64)))
        for n in range(1, len(found))
    ]
    return 100.0 * float(np.mean(changes))


def _edges(alpha: Float32) -> Float32:
    """Strength of the gradient by first derivatives of a Gaussian, scaled to unit energy."""
    reach = math.ceil(_SIGMA * math.sqrt(-2.0 * math.log(math.sqrt(2.0 * math.pi) * _SIGMA * 1e-2)))
    along = np.arange(-reach, reach + 1, dtype=np.float64)
    bell = np.exp(-np.square(along) / (2 * _SIGMA**2)) / (_SIGMA * math.sqrt(2 * math.pi))
    slope = -along * bell / _SIGMA**2
    kernel = np.outer(bell, slope)
    kernel = (kernel / math.sqrt(float(np.square(kernel).sum()))).astype(np.float32)
    across = cv2.filter2D(alpha, cv2.CV_32F, kernel, borderType=cv2.BORDER_REPLICATE)
    down = cv2.filter2D(alpha, cv2.CV_32F, np.ascontiguousarray(kernel.T), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.hypot(across, down), np.float32)
