"""Random fields and soft steps that all textures are made of. Deterministic: every call is given its generator."""

from __future__ import annotations

import cv2
import numpy as np

from core.arrays import Float32

Rng = np.random.Generator


def generator(seed: int, *tags: int) -> Rng:
    """A generator of its own for every purpose, so that a change in one texture leaves the others as they were."""
    return np.random.default_rng([seed, *tags])


def fbm(shape: tuple[int, int], cell_px: tuple[float, float], octaves: int, rng: Rng, gain: float = 0.5) -> Float32:
    """(H, W) float32 fractal noise, mean 0 and standard deviation 1; `cell_px` (down, across) of the largest octave."""
    height, width = shape
    field = np.zeros(shape, np.float32)
    amplitude = 1.0
    down, across = cell_px
    for _ in range(octaves):
        rows, columns = max(2, int(height / down) + 2), max(2, int(width / across) + 2)
        grid = rng.standard_normal((rows, columns)).astype(np.float32)
        field += amplitude * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
        amplitude *= gain
        down, across = max(1.0, down / 2), max(1.0, across / 2)
    spread = float(field.std())
    return np.asarray((field - field.mean()) / max(spread, 1e-6), np.float32)


def smoothstep(low: float, high: float, values: Float32) -> Float32:
    """0 below `low`, 1 above `high`, smooth between; falls instead of rising when `high` is below `low`."""
    t = np.clip((values - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), np.float32)


def defocus(picture: Float32, radius_px: float) -> Float32:
    """The picture behind a round aperture: a disc of `radius_px`, edge anti-aliased, so that lamps become discs."""
    if radius_px < 0.4:
        return picture
    reach = int(np.ceil(radius_px + 1))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    disc = np.clip(radius_px + 0.5 - np.sqrt(x * x + y * y), 0.0, 1.0)
    disc /= disc.sum()
    return np.asarray(cv2.filter2D(picture, -1, disc, borderType=cv2.BORDER_REPLICATE), np.float32)
