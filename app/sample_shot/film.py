"""What the lens and the film do to the light: bloom, falloff towards the corners, grain."""

from __future__ import annotations

import cv2
import numpy as np

from core.arrays import Float32
from core.noise import Rng

EXPOSURE = 1.8
TO_ACESCG = np.array([[0.6131, 0.3395, 0.0474], [0.0702, 0.9164, 0.0134], [0.0206, 0.1096, 0.8698]], np.float32)
"""From the Rec. 709 primaries the scene was painted in, white adapted."""


def develop(rgb: Float32) -> Float32:
    """The scene's colors exposed and in ACEScg."""
    return np.asarray(cv2.transform(rgb, TO_ACESCG * EXPOSURE), np.float32)


def bloom(rgb: Float32, scale: float) -> Float32:
    """A little of all light is scattered, wide and wider; energy is kept."""
    height, width = rgb.shape[:2]
    small = cv2.resize(rgb, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    halo: Float32 = np.zeros(small.shape, np.float32)
    for sigma, share in ((4.0, 0.45), (14.0, 0.33), (46.0, 0.22)):
        blurred = cv2.GaussianBlur(small, (0, 0), sigma * scale, borderType=cv2.BORDER_REFLECT)
        halo += np.asarray(share * blurred, np.float32)
    full = cv2.resize(halo, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.addWeighted(rgb, 0.925, full, 0.075, 0.0), np.float32)


def vignette(shape: tuple[int, int]) -> Float32:
    """(H, W, 1) natural falloff: 1 in the middle, about 0.6 in the corners."""
    height, width = shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = ((x / width - 0.5) ** 2 + ((y - 0.5 * height) / width) ** 2) / 0.33
    return np.asarray((1.0 / (1.0 + 0.62 * distance) ** 1.6)[..., None], np.float32)


def grain(rgb: Float32, scale: float, rng: Rng) -> Float32:
    """Film-like: soft clumps, different in each channel, growing with the root of the light."""
    height, width = rgb.shape[:2]
    noise = rng.standard_normal((height, width, 3), dtype=np.float32)
    soft = np.asarray(cv2.GaussianBlur(noise, (0, 0), max(0.35, 0.62 * scale)), np.float32)
    soft /= max(float(soft.std()), 1e-6)
    strength = np.array([0.012, 0.010, 0.016], np.float32) * np.sqrt(np.clip(rgb, 0.0, 6.0)) + np.float32(0.0012)
    return np.asarray(rgb + soft * strength, np.float32)
