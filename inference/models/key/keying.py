"""Coverage from a screen: how much of each pixel is not the screen's.

First by color difference: a pixel that has no more of the screen's channel than of the others is subject. Then, in the
soft band between what is certain, by what both sides look like there: the pixel lies between the screen behind it and
the subject beside it. That is exact for a mixture of the two; where the subject beside it explains the pixel badly, or
is far away, the color difference stays. Knows arrays.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.arrays import Float32
from core.foreground.extend import pulled
from inference.models.key.screen import LEAST, excess

CERTAIN = 0.06
"""Coverage nearer than this to 0 or 1 by color difference is taken for certain."""
INSIDE = 0.8
"""What is covered more than this, and is so all around, is inside of the subject."""
NOISE = 0.25
"""Less coverage than this is noise of the screen where there is nothing around."""
BESIDE_PX = 17
"""The soft band is no further from the screen than half of this."""
REACH_PX = 48.0
"""The subject's color is believed up to here."""
WHOLE = 0.97
"""Where more than this is covered all around, a subject that is a little like the screen stays whole."""
MISFIT = np.float32(0.2)
"""How far a pixel may lie from the line between both colors, in parts of its length."""


def keyed(rgb: Float32, screen: Float32, channel: int, own_color: float) -> Float32:
    """(H, W) coverage 0-1, before its clips.

    Args:
        rgb: (H, W, 3), scene-linear.
        screen: (H, W, 3), the clean plate.
        channel: the screen's.
        own_color: how much the soft band goes by the subject's color.
    """
    behind = np.maximum(excess(screen, channel), LEAST)
    coverage = np.clip(1 - np.maximum(excess(rgb, channel), 0) / behind, 0, 1)
    coverage[(cv2.blur(coverage, (5, 5)) < CERTAIN) & (coverage < NOISE)] = 0
    sure = cv2.erode((coverage > 1 - CERTAIN).astype(np.uint8), np.ones((3, 3), np.uint8))
    core = np.maximum(sure, cv2.erode((coverage > INSIDE).astype(np.uint8), np.ones((7, 7), np.uint8)))
    shown = cv2.dilate((coverage < CERTAIN).astype(np.uint8), np.ones((BESIDE_PX, BESIDE_PX), np.uint8))
    band = (coverage > 0) & (core == 0) & (shown > 0)
    if own_color <= 0 or not core.any() or not band.any():
        return np.asarray(coverage, np.float32)
    away = cv2.distanceTransform(1 - core, cv2.DIST_L2, cv2.DIST_MASK_5)[band]
    back = screen[band]
    span = pulled(rgb, core > 0)[band] - back
    seen = rgb[band] - back
    length = np.maximum(np.einsum("nc,nc->n", span, span), LEAST)
    share = np.einsum("nc,nc->n", seen, span) / length
    rest = seen - np.clip(share, 0, 1)[:, None] * span
    misfit = np.sqrt(np.einsum("nc,nc->n", rest, rest) / length)
    believed = np.clip(2 - misfit / MISFIT, 0, 1) * np.clip(2 - away / (REACH_PX / 2), 0, 1) * np.float32(own_color)
    believed *= np.clip((WHOLE - cv2.blur(coverage, (7, 7))[band]) / 0.1, 0, 1)
    coverage[band] += believed * (np.clip(share, 0, 1) - coverage[band])
    return np.asarray(coverage, np.float32)


def clipped(coverage: Float32, black: float, white: float) -> Float32:
    """From `black` down 0, from `white` up 1, straight between."""
    return np.asarray(np.clip((coverage - black) / max(white - black, 1e-3), 0, 1), np.float32)


def like(rgb: Float32, color: Float32) -> Float32:
    """(H, W) 0-1: how much a pixel has the hue and about the brightness of a color."""
    size = max(float(np.linalg.norm(color)), float(LEAST))
    away = np.linalg.norm(rgb - color, axis=-1) / size
    return np.asarray(np.clip(2 - away / 0.15, 0, 1), np.float32)
