"""A scene: ground, clutter, things, shadows, light and a camera, all from one seed; its frames and their true mattes.

Composited in scene-linear light, back to front. The coverage of a thing is what can be seen of it: occluders take away
from it, its shadow and its reflection are not part of it, blur belongs to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import Float32
from core.noise import Rng, defocus, fbm, generator
from inference.training.pictures.camera import Camera
from inference.training.pictures.grounds import ground
from inference.training.pictures.materials import palette
from inference.training.pictures.things import Course, Light, Thing

SCREENS = ((0.06, 0.42, 0.09), (0.04, 0.09, 0.5))
"""Green and blue, scene-linear."""
LEAST_SEEN = 0.004
"""A thing that fills less of the picture is not offered as a subject."""


@dataclass(frozen=True)
class Frame:
    """One picture with its truth.

    Args:
        rgb: (H, W, 3) float32 scene-linear.
        mattes: name of the thing → (H, W) float32 coverage, only those that can be seen well enough.
    """

    rgb: Float32
    mattes: dict[str, Float32]


@dataclass(frozen=True)
class _Placed:
    name: str
    thing: Thing
    blur_px: float
    subject: bool
    shadow: float


class Scene:
    """Everything follows from `seed` and `size` (width, height in pixels)."""

    def __init__(self, seed: int, size: tuple[int, int] = (320, 320)) -> None:
        self._seed, (self._width, self._height) = seed, size
        rng = generator(seed, 0)
        self._light = Light.random(rng)
        self._camera = Camera.random(rng)
        self._shutter = float(rng.uniform(0.2, 0.7)) if rng.uniform() < 0.5 else 0.0
        self._screen = SCREENS[int(rng.integers(2))] if rng.uniform() < 0.05 else None
        self._depth_blur = float(rng.uniform(1, 7)) if rng.uniform() < 0.5 else 0.0
        self._pan = (rng.normal(0, 2.0), rng.normal(0, 0.8)) if rng.uniform() < 0.5 else (0.0, 0.0)
        self._colors = palette(rng, 5)
        self._reflects = rng.uniform(0.1, 0.5) if rng.uniform() < 0.06 else 0.0
        self._things = self._place_things(rng)

    # --- what there is ------------------------------------------------------------------------------------------

    def _place_things(self, rng: Rng) -> tuple[_Placed, ...]:
        side = min(self._width, self._height)
        placed: list[_Placed] = []
        for number in range(int(rng.integers(0, 14)) if self._screen is None else 0):
            course = self._course(rng, side * rng.uniform(0.08, 0.6), 0.3)
            thing = Thing(self._seed * 1000 + number, course, self._light)
            placed.append(_Placed(f"clutter {number}", thing, self._depth_blur, subject=False, shadow=0.2))
        hidden = rng.uniform() < 0.12
        for number in range(int(rng.integers(1, 4))):
            course = self._course(rng, side * rng.uniform(0.25, 1.3), 1.0)
            thing = Thing(
                self._seed * 1000 + 100 + number,
                course,
                self._light,
                colors=self._colors if hidden else None,
                stride=rng.uniform(0, 0.8),
            )
            blur = abs(rng.normal(0, 0.8)) if rng.uniform() < 0.4 else 0.0
            shadow = rng.uniform(0, 0.8) if rng.uniform() < 0.6 else 0.0
            placed.append(_Placed(f"thing {number}", thing, float(blur), subject=True, shadow=shadow))
        if rng.uniform() < 0.35:
            course = self._course(rng, side * rng.uniform(0.3, 1.2), 0.6)
            blur = rng.uniform(0, 6) if rng.uniform() < 0.6 else 0.0
            thing = Thing(self._seed * 1000 + 200, course, self._light)
            placed.append(_Placed("in front", thing, float(blur), subject=True, shadow=0.0))
        return tuple(placed)

    def _course(self, rng: Rng, size_px: float, liveliness: float) -> Course:
        moving = liveliness if rng.uniform() < 0.7 else 0.0
        return Course(
            x=rng.uniform(0.1, 0.9) * self._width,
            y=rng.uniform(0.15, 0.85) * self._height,
            size_px=size_px,
            turn=rng.normal(0, 0.15) if rng.uniform() < 0.8 else rng.uniform(0, 6.28),
            mirrored=bool(rng.uniform() < 0.5),
            speed_x=moving * rng.normal(0, 0.02) * self._width + self._pan[0],
            speed_y=moving * rng.normal(0, 0.008) * self._height + self._pan[1],
            growth=moving * rng.normal(0, 0.01),
            spin=moving * rng.normal(0, 0.015),
        )

    # --- what is seen -------------------------------------------------------------------------------------------

    def frame(self, t: float = 0.0) -> Frame:
        """The picture at time `t` in frames."""
        shape = (self._height, self._width)
        picture = self._ground(t)
        seen: dict[str, Float32] = {}
        for placed in self._things:
            drawn = placed.thing.drawn(shape, t, placed.blur_px, self._shutter)
            if placed.shadow:
                picture = self._shadowed(picture, drawn[..., 3], placed)
            if self._reflects and placed.subject:
                picture = self._reflected(picture, drawn, placed.thing.course)
            if self._screen is not None:
                drawn = self._spilled(drawn)
            coverage = np.clip(drawn[..., 3], 0, 1)
            picture = picture * (1 - coverage[..., None]) + drawn[..., :3]
            seen = {name: matte * (1 - coverage) for name, matte in seen.items()}
            if placed.subject:
                seen[placed.name] = coverage
        rgb = self._camera.seen(picture.astype(np.float32), generator(self._seed, 9, round(t * 16)))
        least = LEAST_SEEN * self._width * self._height
        mattes = {name: matte for name, matte in seen.items() if matte.sum() > least and matte.max() > 0.9}
        return Frame(rgb, mattes)

    def _ground(self, t: float) -> Float32:
        rng = generator(self._seed, 4)
        shape = (self._height, self._width)
        if self._screen is not None:
            uneven = 1 + 0.15 * fbm(shape, (max(shape) / 2, max(shape) / 2), 2, rng)
            return np.asarray(np.array(self._screen, np.float32) * uneven[..., None], np.float32)
        large = (shape[0] * 2, shape[1] * 2)
        whole = ground(large, rng, self._colors) * self._light.color
        whole = defocus(np.asarray(whole, np.float32), self._depth_blur)
        shift = np.array([[1, 0, -shape[1] / 2 + self._pan[0] * t], [0, 1, -shape[0] / 2 + self._pan[1] * t]])
        return np.asarray(
            cv2.warpAffine(whole, shift, (shape[1], shape[0]), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT),
            np.float32,
        )

    def _shadowed(self, picture: Float32, coverage: Float32, placed: _Placed) -> Float32:
        """The thing's shadow on what is behind it: sheared away from the light, soft, not a part of the thing."""
        rng = generator(self._seed, 5)
        reach = placed.thing.course.size_px * rng.uniform(0.05, 0.35)
        dx, dy = -np.cos(self._light.angle) * reach, abs(np.sin(self._light.angle)) * reach * 0.5
        shear = np.array([[1, rng.uniform(-0.3, 0.3), dx], [0, rng.uniform(0.5, 1.0), dy]])
        shear[0, 2] -= shear[0, 1] * placed.thing.course.y
        shear[1, 2] += (1 - shear[1, 1]) * (placed.thing.course.y + placed.thing.course.size_px * 0.4)
        cast = cv2.warpAffine(coverage, shear, (self._width, self._height))
        cast = cv2.GaussianBlur(cast, (0, 0), max(1.0, reach * rng.uniform(0.05, 0.4)))
        return np.asarray(picture * (1 - placed.shadow * cast[..., None]), np.float32)

    def _reflected(self, picture: Float32, drawn: Float32, path: Course) -> Float32:
        """A mirrored, fading picture below the thing, as on a wet floor."""
        foot = path.y + path.size_px * 0.45
        flip = np.array([[1.0, 0, 0], [0, -1.0, 2 * foot]])
        mirrored = cv2.warpAffine(drawn, flip, (self._width, self._height))
        mirrored = cv2.GaussianBlur(mirrored, (0, 0), 2.0) * self._reflects
        return np.asarray(picture * (1 - mirrored[..., 3:]) + mirrored[..., :3], np.float32)

    def _spilled(self, drawn: Float32) -> Float32:
        """The screen's light on the edge of what stands before it."""
        edge = cv2.GaussianBlur(1 - drawn[..., 3], (0, 0), 5)[..., None] * drawn[..., 3:]
        spilled = drawn.copy()
        spilled[..., :3] += 0.35 * edge * np.array(self._screen, np.float32)
        return spilled
