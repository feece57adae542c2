"""A thing: a silhouette with materials, lit, that can be drawn anywhere in a picture at any moment.

Everything about it follows from one seed, so that frame after frame shows the same thing. Its materials live in its
own space and move with it. Colors are scene-linear and premultiplied; coverage is exact before blur and stays true
under it, because color and coverage are blurred together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import Float32
from core.noise import Rng, defocus, generator
from inference.training.pictures.materials import Palette, material, natural, palette
from inference.training.pictures.outlines import Part
from inference.training.pictures.silhouettes import SILHOUETTES

Matrix = npt.NDArray[np.float64]
"""(2, 3): local units → pixels."""
SKIN = {("person", 3), ("furry", 3), ("rider", 13)}
"""Materials of faces and hands, by kind and number."""
TEXTURE_PX = 192
BLUR_STEPS = 7
"""Moments that a motion-blurred thing is averaged over."""
_NAMES = tuple(SILHOUETTES)
_ODDS = np.array([odds for _draw, odds in SILHOUETTES.values()]) / sum(odds for _draw, odds in SILHOUETTES.values())


@dataclass(frozen=True)
class Light:
    """One lamp from a direction, and light from everywhere. `color` is (3,) and about 1."""

    angle: float
    hardness: float
    color: Float32

    @classmethod
    def random(cls, rng: Rng) -> Light:
        tint = np.exp(rng.normal(0, 0.12) * np.array([1.0, 0.0, -1.0]))
        return cls(rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.95), np.asarray(tint, np.float32))


@dataclass(frozen=True)
class Course:
    """Where a thing is over time (frames): place and size in pixels, turn in radians, and how fast each changes."""

    x: float
    y: float
    size_px: float
    turn: float = 0.0
    mirrored: bool = False
    speed_x: float = 0.0
    speed_y: float = 0.0
    growth: float = 0.0
    spin: float = 0.0

    def matrix(self, t: float) -> Matrix:
        """Local units (0-1, middle at 0.5) → pixels at time t."""
        size = self.size_px * float(np.exp(self.growth * t))
        turn = self.turn + self.spin * t
        across = -size if self.mirrored else size
        linear = np.array([[across * np.cos(turn), -size * np.sin(turn)], [across * np.sin(turn), size * np.cos(turn)]])
        middle = np.array([self.x + self.speed_x * t, self.y + self.speed_y * t])
        return np.concatenate([linear, (middle - linear @ [0.5, 0.5])[:, None]], axis=1)


class Thing:
    """See the module.

    Args:
        seed: all of it.
        kind: a name in `SILHOUETTES`; random where empty.
        colors: a palette it must be taken from (camouflage).
        stride: radians a frame that its limbs swing by.
    """

    def __init__(
        self,
        seed: int,
        course: Course,
        light: Light,
        kind: str = "",
        colors: Palette | None = None,
        stride: float = 0.0,
    ) -> None:
        rng = generator(seed, 1)
        self.kind = kind or str(rng.choice(_NAMES, p=_ODDS))
        self.course, self.light = course, light
        self._seed, self._near = seed, colors
        self._stride = stride
        self._shine = rng.uniform(0, 0.5) if rng.uniform() < 0.3 else 0.0

    def parts(self, t: float) -> list[Part]:
        """Its parts back to front at time t; the limbs of what is articulated move."""
        return SILHOUETTES[self.kind][0](generator(self._seed, 2), self._stride * t)

    def drawn(self, shape: tuple[int, int], t: float, blur_px: float = 0.0, shutter: float = 0.0) -> Float32:
        """(H, W, 4) float32 premultiplied, scene-linear.

        Args:
            blur_px: radius of its circle of confusion.
            shutter: how much of a frame the shutter is open, 0-1.
        """
        matrix = self.course.matrix(t)
        still = self._still(shape, t, matrix)
        if shutter > 0:
            still = self._smeared(still, t, matrix, shutter)
        return defocus(still, blur_px)

    def _smeared(self, still: Float32, t: float, matrix: Matrix, shutter: float) -> Float32:
        ends = [_between(matrix, self.course.matrix(t + shutter * part)) for part in (-0.5, 0.5)]
        corner = np.array([self.course.size_px / 2 + self.course.x, self.course.y, 1.0])
        travel = float(np.hypot(*((ends[1] - ends[0]) @ corner)))
        if travel < 0.7:
            return still
        count = int(min(25, max(3, travel / 1.5)))
        total = np.zeros_like(still)
        for part in np.linspace(-0.5, 0.5, count):
            move = _between(matrix, self.course.matrix(t + shutter * float(part)))
            total += cv2.warpAffine(still, move, (still.shape[1], still.shape[0]), flags=cv2.INTER_LINEAR)
        return np.asarray(total / count, np.float32)

    def _still(self, shape: tuple[int, int], t: float, matrix: Matrix) -> Float32:
        picture = np.zeros((*shape, 4), np.float32)
        for part in self.parts(t):
            place = _bounds(part, matrix, shape)
            if place is None:
                continue
            x0, y0, x1, y1 = place
            side = max(x1 - x0, y1 - y0)
            shifted = matrix - np.array([[0, 0, x0], [0, 0, y0]])
            coverage = part.coverage(side, shifted)[: y1 - y0, : x1 - x0]
            color = self._lit(part, coverage, shifted)
            target = picture[y0:y1, x0:x1]
            target *= 1 - coverage[..., None]
            target[..., :3] += color * coverage[..., None]
            target[..., 3] += coverage
        return picture

    def _lit(self, part: Part, coverage: Float32, matrix: Matrix) -> Float32:
        """(h, w, 3) the part's material, shaded as if it were as round as it says."""
        scale = np.array([[1.0 / TEXTURE_PX, 0], [0, 1.0 / TEXTURE_PX]])
        texture_to_pixel = np.concatenate([matrix[:, :2] @ scale, matrix[:, 2:]], axis=1)
        size = (coverage.shape[1], coverage.shape[0])
        color = cv2.warpAffine(
            self._material(part.material), texture_to_pixel, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        depth = cv2.distanceTransform(np.pad((coverage > 0.5).astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
        thick = max(1.0, float(depth.max()))
        height = np.sqrt(np.maximum(0, 1 - (1 - np.minimum(depth / (thick * 0.8), 1)) ** 2)) * thick * 0.6
        height = cv2.GaussianBlur(height.astype(np.float32), (0, 0), max(0.8, thick / 10))
        dy, dx = np.gradient(height)
        facing = -(dx * np.cos(self.light.angle) + dy * np.sin(self.light.angle))
        facing = facing / np.sqrt(1 + dx**2 + dy**2)
        strength = self.light.hardness * part.round
        shade = np.clip(1 + strength * facing - 0.25 * strength, 0.04, None).astype(np.float32)
        lit = color * shade[..., None] * self.light.color
        if self._shine:
            gleam = np.clip(facing * part.round, 0, 1) ** 12 * self._shine * 4
            lit = lit + gleam[..., None].astype(np.float32) * self.light.color
        return np.asarray(lit, np.float32)

    def _material(self, number: int) -> Float32:
        if number not in self._materials:
            rng = generator(self._seed, 3, number)
            bare = (self.kind, number) in SKIN and self._near is None
            colors = natural(rng, "skin") if bare else palette(rng, near=self._near)
            self._materials[number] = material((TEXTURE_PX, TEXTURE_PX), rng, colors, plain=0.4)
        return self._materials[number]

    @cached_property
    def _materials(self) -> dict[int, Float32]:
        return {}


def _between(one: Matrix, two: Matrix) -> Matrix:
    """(2, 3): pixels of the first placing → pixels of the second."""
    square = np.concatenate([one, [[0, 0, 1]]])
    return np.asarray((np.concatenate([two, [[0, 0, 1]]]) @ np.linalg.inv(square))[:2], np.float64)


def _bounds(part: Part, matrix: Matrix, shape: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """(x0, y0, x1, y1) pixels a part may touch; None where it is outside the picture."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    lines = [*part.outlines, *(points for points, _width in part.strokes)]
    widest = max((width for _points, width in part.strokes), default=0.0) * scale
    points = np.concatenate(lines) @ matrix[:, :2].T + matrix[:, 2]
    low, high = points.min(axis=0) - widest - 2, points.max(axis=0) + widest + 2
    x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
    x1, y1 = min(shape[1], int(high[0]) + 1), min(shape[0], int(high[1]) + 1)
    return (x0, y0, x1, y1) if x1 - x0 > 1 and y1 - y0 > 1 else None
