"""Pull the colors of a subject's core outward under its soft edge. Knows arrays."""

from __future__ import annotations

import cv2
import numpy as np

from core.arrays import Bool, Float32
from core.foreground.despill import LUMINANCE
from core.foreground.steps import ExtendEdge

LEAST_LIGHT = np.float32(1e-4)
MOST_GAIN = np.float32(4.0)
"""How many times brighter an edge's own light may make the core's color, where it stays."""


def extend_edge(rgb: Float32, coverage: Float32, step: ExtendEdge) -> Float32:
    """Colors of the core in place of those of the edge.

    Args:
        rgb: (H, W, 3), scene-linear, not multiplied by the coverage; any brightness.
        coverage: (H, W), 0-1.

    Returns:
        (H, W, 3), a new array: the core as it was, then the core's colors up to `reach_px` away from it, smoothly back
        to what was there before beyond that.
    """
    core = coverage >= np.float32(step.core)
    result = np.array(rgb, np.float32)
    if not core.any() or core.all():
        return result
    away = cv2.distanceTransform((~core).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    near = (away > 0) & (away < 1.5 * step.reach_px)
    if not near.any():
        return result
    outside = pulled(result, core)
    if step.keep_light > 0:
        own = np.maximum(result @ LUMINANCE, 0)
        gain = np.clip(own / np.maximum(outside @ LUMINANCE, LEAST_LIGHT), 0, MOST_GAIN)
        outside *= ((1 - np.float32(step.keep_light)) + np.float32(step.keep_light) * gain)[..., None]
    fading = np.clip((1.5 * step.reach_px - away) / (0.5 * step.reach_px), 0, 1) * np.float32(step.strength)
    share = fading[near][:, None]
    result[near] += share * (outside[near] - result[near])
    return result


def pulled(rgb: Float32, core: Bool) -> Float32:
    """(H, W, 3): the colors where `core` is, everywhere: averaged downward level by level, and filled in upward where
    there are none. Black where the core is empty."""
    weight = core.astype(np.float32)
    levels = [(rgb * weight[..., None], weight)]
    while max(levels[-1][1].shape) > 1 and not (levels[-1][1] > 0).all():
        light, weight = levels[-1]
        half = ((weight.shape[1] + 1) // 2, (weight.shape[0] + 1) // 2)
        size = half[1], half[0], 3
        smaller = cv2.resize(light, half, interpolation=cv2.INTER_AREA).reshape(size)
        levels.append((smaller, cv2.resize(weight, half, interpolation=cv2.INTER_AREA).reshape(size[:2])))
    light, weight = levels.pop()
    filled = light / np.maximum(weight, np.float32(1e-6))[..., None]
    for light, weight in reversed(levels):
        height, width = weight.shape
        above = cv2.resize(filled, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, 3)
        known = np.minimum(weight, 1)[..., None]
        own = light / np.maximum(weight, np.float32(1e-6))[..., None]
        filled = above + known * (own - above)
    return np.asarray(filled, np.float32)
