"""Take a screen's color from a subject, pixel by pixel. Knows arrays."""

from __future__ import annotations

import numpy as np

from core.arrays import Float32
from core.foreground.steps import Despill

LUMINANCE = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)
"""Weights of ACEScg's red, green and blue, for what counts as equally bright."""


def despill(rgb: Float32, step: Despill) -> Float32:
    """Hold the screen's channel below a limit made of the other two.

    Args:
        rgb: (H, W, 3), scene-linear, premultiplied or not; values above 1 and below 0 are kept.

    Returns:
        (H, W, 3), a new array. Without `keep_light` only the screen's channel differs, and it is never larger.
    """
    channel = 1 if step.screen == "green" else 2
    red, other, screen = rgb[..., 0], rgb[..., 3 - channel], rgb[..., channel]
    match step.limit:
        case "average":
            limit = (red + other) / 2
        case "double red":
            limit = (2 * red + other) / 3
        case "double other":
            limit = (red + 2 * other) / 3
        case "larger":
            limit = np.maximum(red, other)
        case "smaller":
            limit = np.minimum(red, other)
    taken = np.maximum(screen - np.float32(step.allow) * limit, 0)
    if step.allow > 1.0:
        taken = np.where(limit > 0, taken, np.maximum(screen - limit, 0))
    taken *= np.float32(step.strength)
    result = np.array(rgb, np.float32)
    result[..., channel] -= taken
    if step.keep_light > 0:
        result += (taken * (np.float32(step.keep_light) * LUMINANCE[channel]))[..., None]
    return result
