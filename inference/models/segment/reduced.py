"""The picture as the segmenter looks at it: smaller, bounded, perceptual. Knows no prompts.

Scene-linear light has no upper bound and may be negative; distances between colors mean nothing there. Here light is
exposed so that the picture's brighter tenth sits near 1, compressed by a cube root below 1 and a logarithm above
(the two meet with the same value and slope; odd for negatives), and turned into one lightness and two opponent axes.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.arrays import Float32, UInt8

_KNEE = 1.0
_OPPONENT = np.array([[0.30, 0.59, 0.11], [0.5, -0.5, 0.0], [0.25, 0.25, -0.5]], np.float32)
_CHROMA_GAIN = np.array([1.0, 2.0, 2.0], np.float32)


def reduce(rgb: Float32, long_edge_px: int) -> Float32:
    """Area-averaged so that the longer edge is at most `long_edge_px`; the same array when it already is.

    Args:
        rgb: (H, W, 3) scene-linear, any range.
    """
    height, width = rgb.shape[:2]
    scale = long_edge_px / max(height, width)
    if scale >= 1.0:
        return rgb
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.ascontiguousarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float32)


def exposure(rgb: Float32) -> float:
    """The factor that puts the 90th percentile of the brightest channel at 0.8; 1 for a black picture."""
    some = rgb[::2, ::2]
    brightest = np.maximum(np.maximum(some[..., 0], some[..., 1]), some[..., 2])
    bright = float(np.percentile(brightest, 90))
    return 0.8 / bright if bright > 1e-6 else 1.0


def compress(light: Float32) -> Float32:
    """Cube root up to 1, 1 + log(y)/3 above, odd; finite for every finite input. A new array."""
    size = np.abs(light)
    low = np.cbrt(np.minimum(size, _KNEE))
    high = np.log(np.maximum(size, _KNEE)) / 3.0
    return np.copysign(low + high, light).astype(np.float32, copy=False)


def perceptual(compressed: Float32) -> Float32:
    """(H, W, 3) lightness, red-green, yellow-blue of compressed light; roughly -1 to 2, in steps that look equal."""
    return (compressed @ _OPPONENT.T) * _CHROMA_GAIN


def as_bytes(compressed: Float32) -> UInt8:
    """(H, W, 3) compressed light, one byte a channel; darkness below 0 and light far above 1 saturate."""
    scaled = np.clip(compressed * np.float32(200.0) + np.float32(0.5), 0, 255)
    return np.asarray(scaled, np.uint8)
