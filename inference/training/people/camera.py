"""From where somebody is looked at, and how much of them: points in decimetres to samples.

Knows points; nothing of what they belong to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Float32
from core.noise import Rng


@dataclass(frozen=True, slots=True)
class View:
    """A camera looking at somebody.

    Args:
        axes: (3, 3) rows: to the right, up, and towards the camera.
        target: (3,) what it looks at.
        distance: from there, decimetres.
    """

    axes: Float32
    target: Float32
    distance: float

    @classmethod
    def random(cls, target: Float32, near: float, least: float, lies: bool, rng: Rng) -> View:
        """Mostly from the front and level; also from behind, from above, from below.

        Args:
            near, least: decimetres; the camera is never nearer than either.
        """
        chance = rng.uniform()
        azimuth = rng.normal(0, 0.5) if chance < 0.5 else rng.uniform(-np.pi, np.pi)
        if chance > 0.88:
            azimuth = np.pi + rng.normal(0, 0.4)
        height = rng.normal(5, 8)
        if rng.uniform() < (0.7 if lies else 0.17):
            height = rng.uniform(20, 75)
        elif rng.uniform() < 0.06:
            height = -rng.uniform(10, 30)
        up = np.radians(height)
        back = np.array([np.sin(azimuth) * np.cos(up), np.sin(up), np.cos(azimuth) * np.cos(up)])
        across = np.cross([0, 1, 0], back)
        across /= np.linalg.norm(across)
        over = np.cross(back, across)
        roll = np.radians(rng.normal(0, 4))
        across, over = np.cos(roll) * across + np.sin(roll) * over, np.cos(roll) * over - np.sin(roll) * across
        distance = max(least, float(np.exp(rng.uniform(np.log(near), np.log(near * 4.5)))))
        return cls(np.stack([across, over, back]).astype(np.float32), target.astype(np.float32), distance)

    @property
    def place(self) -> Float32:
        """(3,) of the camera."""
        return np.asarray(self.target + self.axes[2] * np.float32(self.distance), np.float32)

    def seen(self, points: Float32) -> Float32:
        """(V, 3) to the right and down as slopes, and depth in decimetres."""
        turned = (points - self.target) @ self.axes.T
        depth = np.maximum(np.float32(self.distance) - turned[:, 2], np.float32(0.5))
        return np.stack([turned[:, 0] / depth, -turned[:, 1] / depth, depth], axis=1).astype(np.float32)


def framed(seen: Float32, window: Float32, longer: int) -> tuple[Float32, tuple[int, int]]:
    """Points in samples, and rows and columns of the picture.

    Args:
        seen: (V, 3) of `View.seen`.
        window: (2, 2) the least and largest slopes that shall be in the picture.
        longer: samples of its longer side.
    """
    size = np.maximum(window[1] - window[0], 1e-6)
    scale = np.float32((longer - 4) / float(size.max()))
    columns, rows = (int(np.ceil(float(length) * scale)) + 4 for length in size)
    placed = seen.copy()
    placed[:, :2] = (seen[:, :2] - window[0]) * scale + 2
    return placed, (rows + rows % 2, columns + columns % 2)
