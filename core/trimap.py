"""Where the edge is not known: a band around a matte's outline, as wide as the plate's blur and detail ask for.

Knows a picture and a matte. Decides only which pixels may change; what they become is decided elsewhere.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.arrays import Bool, Float32

SOLID = 0.98
"""Coverage from here up counts as inside, from 1 - SOLID down as outside."""
_CELL = 128
"""The band's width is measured once per cell of this many pixels."""


def tone(rgb: Float32) -> Float32:
    """(H, W) square root of the lightness, bounded at high light; odd for negatives."""
    light = rgb @ np.array([0.30, 0.55, 0.15], np.float32)
    root = np.copysign(np.sqrt(np.abs(light)), light)
    return np.asarray(root / (1.0 + 0.25 * np.abs(root)), np.float32)


def unknown_band(rgb: Float32, coverage: Float32, band_px: float) -> Bool:
    """(H, W) True where the edge is to be found.

    Args:
        rgb: (H, W, 3) scene-linear.
        coverage: (H, W) 0-1, as good or bad as it came.
        band_px: distance from the outline; 0 measures it.
    """
    inside = coverage >= 0.5
    if inside.all() or not inside.any():
        return (coverage > 1.0 - SOLID) & (coverage < SOLID)
    apart = _distance_to_outline(inside)
    soft = (coverage > 1.0 - SOLID) & (coverage < SOLID)
    if band_px > 0:
        return np.asarray((apart <= band_px) | (soft & (apart <= 4 * band_px)))
    width = _measured_width(rgb, apart, coverage.shape)
    grown = cv2.dilate(soft.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    return np.asarray((apart <= width) | (grown & (apart <= 4 * width)))


def band_to_find(rgb: Float32, coverage: Float32, fixed: Float32 | None, band_px: float) -> tuple[Bool, Bool]:
    """(H, W) twice: where the edge is to be found, and what of it the artist marked as unknown.

    Args:
        rgb, coverage, band_px: see `unknown_band`.
        fixed: (H, W) 1 where `coverage` stays as it is, a half where the edge is unknown whatever the picture says, 0
            where the band decides; or None.
    """
    band = unknown_band(rgb, coverage, band_px)
    if fixed is None:
        return band, np.zeros(band.shape, bool)
    told = np.asarray((fixed > 0.25) & (fixed < 0.75))
    return (band | told) & (fixed < 0.75), told


def _distance_to_outline(inside: Bool) -> Float32:
    """Pixels from the nearest pixel of the other side; 1 right at the outline."""
    bytes_ = inside.astype(np.uint8)
    return np.asarray(
        np.where(
            inside,
            cv2.distanceTransform(bytes_, cv2.DIST_L2, 5),
            cv2.distanceTransform(1 - bytes_, cv2.DIST_L2, 5),
        ),
        np.float32,
    )


def _measured_width(rgb: Float32, apart: Float32, shape: tuple[int, ...]) -> Float32:
    """(H, W) how wide the band should be nearby: the plate's blur at the outline, wider where the edge is busy."""
    height, width = shape[:2]
    long_edge = max(height, width)
    least = 2.0 + 0.002 * long_edge
    rows, columns = -(-height // _CELL), -(-width // _CELL)
    widths = np.full((rows, columns), np.nan, np.float32)
    for row in range(rows):
        for column in range(columns):
            core = (slice(row * _CELL, (row + 1) * _CELL), slice(column * _CELL, (column + 1) * _CELL))
            if apart[core].min() > 1.5:
                continue
            y0, x0 = max(0, row * _CELL - 16), max(0, column * _CELL - 16)
            part = (slice(y0, (row + 1) * _CELL + 16), slice(x0, (column + 1) * _CELL + 16))
            widths[row, column] = _cell_width(tone(rgb[part]), apart[part], long_edge)
    known = np.isfinite(widths)
    if not known.any():
        return np.full((height, width), least, np.float32)
    weight = cv2.blur(known.astype(np.float32), (3, 3), borderType=cv2.BORDER_REPLICATE)
    filled = cv2.blur(np.nan_to_num(widths), (3, 3), borderType=cv2.BORDER_REPLICATE) / np.maximum(weight, 1e-6)
    filled = np.where(weight > 0, filled, float(np.nanmedian(widths)))
    filled = np.clip(filled, least, 0.03 * long_edge + 4)
    smooth = cv2.resize(filled.astype(np.float32), (columns * _CELL, rows * _CELL), interpolation=cv2.INTER_LINEAR)
    return np.asarray(smooth[:height, :width], np.float32)


def _cell_width(light: Float32, apart: Float32, long_edge: int) -> float:
    """Band width of one cell: three times the blur of its edge, plus what a busy surrounding adds."""

    def strength(picture: Float32) -> Float32:
        dx = cv2.Sobel(picture, cv2.CV_32F, 1, 0, ksize=3)
        dy = cv2.Sobel(picture, cv2.CV_32F, 0, 1, ksize=3)
        return np.asarray(np.hypot(dx, dy), np.float32)

    sharp = strength(light)
    again = strength(np.asarray(cv2.GaussianBlur(light, (0, 0), 2.0), np.float32))
    outline = apart <= 4.0
    strong = outline & (sharp >= np.quantile(sharp[outline], 0.7))
    ratio = float(np.median(sharp[strong] / np.maximum(again[strong], 1e-6)))
    blur_px = 2.0 / np.sqrt(max(ratio * ratio - 1.0, 0.05))
    ring = 0.012 * long_edge + 2
    near, far = (apart > 2) & (apart <= ring), apart > 2 * ring
    busy = 0.0
    if near.any() and far.any():
        busy = float(np.clip(sharp[near].mean() / max(float(sharp[far].mean()), 1e-3) - 1.0, 0.0, 2.0))
    return float(3.0 * blur_px + 0.006 * long_edge * busy)
