"""What a camera and a transcoder do to light: exposure, haze, glow, grain, softness, compression.

Works on scene-linear pictures and never on coverage: the truth is what stood before the lens.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import Float32
from core.noise import Rng


@dataclass(frozen=True)
class Camera:
    """One camera's habits; the same over a shot, its grain new on each frame.

    Args:
        exposure: factor.
        haze: 0-1 of white light laid over everything.
        glow: how much of the light is spread widely by the lens.
        vignette: how much darker the corners are.
        grain: standard deviation at middle grey, relative.
        soft_px: blur of the whole picture.
        halo: sharpening, as cheap video has it.
        quality: JPEG quality; 0 for a picture that was never compressed.
    """

    exposure: float = 1.0
    haze: float = 0.0
    glow: float = 0.0
    vignette: float = 0.0
    grain: float = 0.0
    soft_px: float = 0.0
    halo: float = 0.0
    quality: int = 0

    @classmethod
    def random(cls, rng: Rng) -> Camera:
        def sometimes(chance: float, low: float, high: float) -> float:
            return float(rng.uniform(low, high)) if rng.uniform() < chance else 0.0

        return cls(
            exposure=float(2.0 ** rng.normal(0, 1.0)),
            haze=sometimes(0.15, 0.02, 0.35),
            glow=sometimes(0.3, 0.01, 0.12),
            vignette=sometimes(0.3, 0.1, 0.5),
            grain=float(rng.uniform(0.0, 0.03)) if rng.uniform() < 0.7 else float(rng.uniform(0.03, 0.14)),
            soft_px=sometimes(0.5, 0.3, 1.3),
            halo=sometimes(0.2, 0.2, 0.9),
            quality=int(rng.integers(25, 95)) if rng.uniform() < 0.5 else 0,
        )

    def seen(self, light: Float32, rng: Rng) -> Float32:
        """(H, W, 3) float32 scene-linear as this camera delivers it; grain may make it slightly negative."""
        picture = light * np.float32(self.exposure)
        side = max(picture.shape[:2])
        if self.haze:
            picture = picture * (1 - self.haze) + self.haze * float(np.clip(picture.mean() * 2, 0.05, 1.0))
        if self.glow:
            picture = picture * (1 - self.glow) + self.glow * cv2.GaussianBlur(picture, (0, 0), side / 24)
        if self.vignette:
            y, x = np.mgrid[-1 : 1 : picture.shape[0] * 1j, -1 : 1 : picture.shape[1] * 1j]
            picture = picture * (1 - self.vignette * (x * x + y * y) / 2)[..., None]
        picture = np.asarray(picture, np.float32)
        if self.soft_px:
            picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), self.soft_px), np.float32)
        if self.halo:
            sharp = picture + self.halo * (picture - cv2.GaussianBlur(picture, (0, 0), 1.2))
            picture = np.asarray(np.clip(sharp, 0, None), np.float32)
        if self.grain:
            noise = rng.standard_normal(picture.shape).astype(np.float32)
            if rng.uniform() < 0.5:
                noise = cv2.GaussianBlur(noise, (0, 0), 0.7) * 2.2
            picture = picture + self.grain * np.sqrt(np.clip(picture, 0, 4) * 0.18 + 0.002) * noise
        return _compressed(picture, self.quality) if self.quality else np.asarray(picture, np.float32)


def _compressed(picture: Float32, quality: int) -> Float32:
    """Through 8 bits and JPEG, as most reference footage has been."""
    shown = np.clip(picture, 0, 1) ** (1 / 2.2) * 255
    done, data = cv2.imencode(".jpg", shown[..., ::-1].astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    read = cv2.imdecode(data, cv2.IMREAD_COLOR) if done else None
    if read is None:
        return picture
    return np.asarray((read[..., ::-1].astype(np.float32) / 255) ** 2.2, np.float32)
