"""Light on a body: a sky of a dozen directions with what stands in their way, and one key light with its shadow.

Linear light; knows points and normals, nothing of people.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import Bool, Float32
from core.noise import Rng
from inference.training.people.assets import Int32

_SKY_DIRECTIONS = 12
_CELL = 0.3
"""Decimetres of the grid on which it is asked what stands before what."""
_SHADOW_PX = 160


@dataclass(frozen=True, slots=True)
class Light:
    """What shines on somebody.

    Args:
        key: (3,) direction towards the key light, of length 1.
        key_color: (3,) linear.
        sky: (K, 3) directions towards the sky, of length 1.
        sky_colors: (K, 3) linear, of each.
        softness: decimetres over which the key light's shadow fades.
    """

    key: Float32
    key_color: Float32
    sky: Float32
    sky_colors: Float32
    softness: float

    @classmethod
    def random(cls, rng: Rng) -> Light:
        """Sun, clouds, a studio, a room, a night: a key light of any direction above, and its surroundings."""
        azimuth, height = rng.uniform(0, 2 * np.pi), rng.uniform(0, 1) ** 0.8
        if rng.uniform() < 0.1:
            height = -0.3
        flat = float(np.sqrt(max(0.0, 1 - height * height)))
        key = np.array([np.sin(azimuth) * flat, height, np.cos(azimuth) * flat], np.float32)
        warm = float(rng.normal(0.06, 0.22))
        tint = np.array([1 + warm, 1 + rng.normal(0, 0.04), 1 - warm], np.float32)
        key_color = np.clip(tint, 0.15, 2.0) * float(np.exp(rng.uniform(np.log(0.15), np.log(4.0))))
        sky = _directions(_SKY_DIRECTIONS)
        cool = float(rng.normal(0.05, 0.15))
        above = np.clip(np.array([1 - cool, 1.0, 1 + cool], np.float32), 0.2, 2)
        below = rng.uniform(0.15, 0.7) * np.clip(1 + rng.normal(0, 0.2, 3), 0.3, 1.7)
        up = (sky[:, 1:2] + 1) / 2
        colors = above * up + below.astype(np.float32) * (1 - up)
        for _ in range(int(rng.integers(0, 4))):
            lamp = rng.normal(0, 1, 3)
            lamp = (lamp / np.linalg.norm(lamp)).astype(np.float32)
            color = np.clip(1 + rng.normal(0, 0.35, 3), 0.1, 2) * rng.uniform(0.3, 2.5)
            colors = colors + np.maximum(sky @ lamp, 0)[:, None] ** 4 * color
        return cls(
            key / np.float32(np.linalg.norm(key)),
            np.asarray(key_color, np.float32),
            sky,
            np.asarray(colors / _SKY_DIRECTIONS * 2, np.float32),
            float(rng.uniform(0.1, 1.2)),
        )

    def sky_on(self, points: Float32, normals: Float32, stands: Bool) -> Float32:
        """(V, 3) light of the sky on points with normals; points that `stands` names keep it from each other."""
        got = np.zeros_like(points)
        for direction, color in zip(self.sky, self.sky_colors, strict=True):
            facing = np.maximum(normals @ direction, 0)
            across, up = _frame(direction)
            grid = np.stack([points @ across, points @ up], axis=1) / np.float32(_CELL)
            cells = (grid - grid.min(axis=0)).astype(np.int64)
            columns = int(cells[:, 0].max()) + 1
            place = cells[:, 1] * columns + cells[:, 0]
            height = points @ direction
            top = np.full(columns * (int(cells[:, 1].max()) + 1), -np.inf, np.float32)
            np.maximum.at(top, place[stands], height[stands])
            hidden = np.clip((top[place] - height - np.float32(0.35)) / np.float32(0.5), 0, 1)
            got += (facing * (1 - np.float32(0.85) * hidden))[:, None] * color
        return got

    def key_shadow(self, points: Float32, faces: Int32) -> KeyShadow:
        """What the key light sees of the triangles, from three points on each: they are small."""
        across, up = _frame(self.key)
        corners = points[faces]
        spread = np.concatenate([corners[:, 0], corners.mean(axis=1), (corners[:, 1] + corners[:, 2]) / 2])
        flat = np.stack([spread @ across, spread @ up], axis=1)
        low = flat.min(axis=0)
        scale = np.float32((_SHADOW_PX - 2) / max(float((flat - low).max()), 1e-3))
        place = ((flat - low) * scale + 1).astype(np.int64)
        depth = np.full(_SHADOW_PX * _SHADOW_PX, 1e6, np.float32)
        np.minimum.at(depth, place[:, 1] * _SHADOW_PX + place[:, 0], -(spread @ self.key))
        near = cv2.erode(depth.reshape(_SHADOW_PX, _SHADOW_PX), np.ones((3, 3), np.uint8))
        return KeyShadow(self, np.asarray(near, np.float32), low, float(scale))


@dataclass(frozen=True, slots=True)
class KeyShadow:
    """Depths as the key light sees them."""

    light: Light
    depth: Float32
    low: Float32
    scale: float

    def on(self, points: Float32, rng: Rng) -> Float32:
        """(N,) 0 in the shadow to 1 in the light; a soft edge of a few tries each."""
        across, up = _frame(self.light.key)
        own = -(points @ self.light.key)
        flat = np.stack([points @ across, points @ up], axis=1)
        lit = np.zeros(len(points), np.float32)
        tries = 8
        for _ in range(tries):
            aside = rng.standard_normal(flat.shape, np.float32) * np.float32(self.light.softness * 0.35)
            place = ((flat + aside - self.low) * np.float32(self.scale) + 1).astype(np.int64)
            np.clip(place, 0, _SHADOW_PX - 1, out=place)
            before = self.depth[place[:, 1], place[:, 0]]
            lit += before > own - np.float32(0.4 + self.light.softness * 0.3)
        return lit / np.float32(tries)


def _directions(count: int) -> Float32:
    """Evenly over the sphere."""
    number = np.arange(count) + 0.5
    height = 1 - 2 * number / count
    around = np.pi * (1 + 5**0.5) * number
    flat = np.sqrt(1 - height * height)
    return np.stack([np.cos(around) * flat, height, np.sin(around) * flat], axis=1).astype(np.float32)


def _frame(direction: Float32) -> tuple[Float32, Float32]:
    helper = np.array([0, 1, 0] if abs(float(direction[1])) < 0.9 else [1, 0, 0], np.float32)
    across = np.cross(helper, direction)
    across = (across / np.linalg.norm(across)).astype(np.float32)
    return across, np.asarray(np.cross(direction, across), np.float32)
