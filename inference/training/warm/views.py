"""Several views of one subject, as frames of a shot show it: what is learnt on some is asked of the others.

The subject is lifted off its picture, the hole behind it filled, and both are set moving: the camera by itself, the
subject with its own shift, turn and bend. Knows arrays only; no torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from core import encoding
from core.arrays import Float32
from core.noise import Rng
from inference.motion.flow import exposure_gain, visible
from inference.training.clicks.examples import Examples

STANDING: Final = 0.25
"""Of the subjects, that move with their ground: nothing is lifted off."""
BEND: Final = 0.07
"""How far parts of a subject move against each other, of its size."""
KNOTS: Final = 4
"""Across a bent subject."""
LEAST_PX: Final = 40.0
"""Of a subject that is worth it: its pixels inside a view."""


@dataclass(frozen=True, slots=True)
class Views:
    """Color (V, S, S, 3) as the taught network sees it, coverage (V, S, S) 0-1."""

    color: Float32
    coverage: Float32


class Shots:
    """Endless views of subjects out of `examples`.

    Args:
        views: of each subject.
        side: of a view, in pixels; the examples are larger.
    """

    def __init__(self, examples: Examples, views: int, side: int, rng: Rng) -> None:
        self._examples, self._views, self._side, self._rng = examples, views, side, rng

    def __iter__(self) -> Iterator[Views]:
        for example in self._examples:
            light = encoding.decode("srgb", example.rgb)
            for wanted in example.wanted:
                yield self._shot(light, wanted)

    def _shot(self, light: Float32, wanted: Float32) -> Views:
        rng, side = self._rng, self._side
        graded = np.clip(visible(light, exposure_gain(light)), -1.0, 2.0)
        lifted = None if rng.uniform() < STANDING else filled(graded, wanted)
        zoom = float(np.exp(rng.normal(0.0, 0.25)))
        color = np.empty((self._views, side, side, 3), np.float32)
        coverage = np.empty((self._views, side, side), np.float32)
        for place in range(self._views):
            for _ in range(4):
                color[place], coverage[place] = self._view(graded, wanted, lifted, zoom)
                if coverage[place].sum() > LEAST_PX:
                    break
        return Views(color, coverage)

    def _view(self, graded: Float32, wanted: Float32, lifted: Float32 | None, zoom: float) -> tuple[Float32, Float32]:
        rng, side = self._rng, self._side
        camera = self._camera(wanted, zoom)
        size = (side, side)
        if lifted is None:
            color = cv2.warpAffine(graded, camera, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
            coverage = cv2.warpAffine(wanted, camera, size, flags=cv2.INTER_LINEAR)
        else:
            ground = cv2.warpAffine(lifted, camera, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
            at_x, at_y = self._bent(wanted, camera)
            subject = cv2.remap(graded, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
            coverage = cv2.remap(wanted, at_x, at_y, cv2.INTER_LINEAR)
            color = ground + coverage[..., None] * (subject - ground)
        if rng.uniform() < 0.25:
            length = int(rng.integers(2, 6))
            kernel = (length, 1) if rng.uniform() < 0.7 else (length, length)
            color, coverage = cv2.blur(color, kernel), cv2.blur(coverage, kernel)
        color = color * np.exp(rng.normal(0.0, 0.08) + rng.normal(0.0, 0.03, 3)) + rng.normal(0.0, 0.03)
        if rng.uniform() < 0.5:
            color = color + rng.normal(0.0, rng.uniform(0.0, 0.03), color.shape)
        return np.asarray(color, np.float32), np.asarray(coverage, np.float32)

    def _camera(self, wanted: Float32, zoom: float) -> Float32:
        """(2, 3) from the picture to a view with a place of the subject's edge, or any place, in its middle."""
        rng, side = self._rng, self._side
        solid = (wanted > 0.5).astype(np.uint8)
        edge = np.argwhere(cv2.morphologyEx(solid, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0)
        if len(edge) and rng.uniform() < 0.8:
            y, x = (float(value) for value in edge[int(rng.integers(len(edge)))])
        else:
            y, x = rng.uniform(0, wanted.shape[0]), rng.uniform(0, wanted.shape[1])
        scale = zoom * float(np.exp(rng.normal(0.0, 0.15)))
        turn = _turned(float(rng.normal(0.0, 0.15)), scale)
        if rng.uniform() < 0.3:
            turn[:, 0] *= -1.0
        middle = side / 2 + rng.uniform(-0.25, 0.25, 2) * side
        return np.concatenate([turn, (middle - turn @ np.array([x, y]))[:, None]], axis=1).astype(np.float32)

    def _bent(self, wanted: Float32, camera: Float32) -> tuple[Float32, Float32]:
        """Where in the picture each pixel of the view finds the subject: camera, own motion, and a bend."""
        rng, side = self._rng, self._side
        rows, columns = np.nonzero(wanted > 0.3)
        if not len(rows):
            rows, columns = np.array([0]), np.array([0])
        middle = np.array([columns.mean(), rows.mean()])
        reach = float(np.hypot(np.ptp(rows) + 1, np.ptp(columns) + 1)) / 2
        back = np.asarray(cv2.invertAffineTransform(camera), np.float64)
        own = _turned(float(rng.normal(0.0, 0.2)), float(np.exp(rng.normal(0.0, 0.12))))
        own[:, 0] *= float(np.exp(rng.normal(0.0, 0.08)))
        shift = rng.normal(0.0, 0.25, 2) * reach
        turn = own @ back[:, :2]
        start = own @ (back[:, 2] - middle) + middle + shift
        x, y = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
        knots = rng.normal(0.0, BEND * reach, (KNOTS, KNOTS, 2)).astype(np.float32)
        bend = cv2.resize(knots, (side, side), interpolation=cv2.INTER_CUBIC)
        at_x = turn[0, 0] * x + turn[0, 1] * y + start[0] + bend[..., 0]
        at_y = turn[1, 0] * x + turn[1, 1] * y + start[1] + bend[..., 1]
        return np.asarray(at_x, np.float32), np.asarray(at_y, np.float32)


def filled(color: Float32, wanted: Float32) -> Float32:
    """`color` (H, W, 3) with what lies under `wanted` (H, W) replaced by its surroundings, spread inwards."""
    known = (cv2.dilate(wanted, np.ones((5, 5), np.uint8)) < 0.05).astype(np.float32)
    layers = [(np.asarray(color * known[..., None], np.float32), known)]
    while min(layers[-1][1].shape) > 4:
        layers.append((_halved(layers[-1][0]), _halved(layers[-1][1])))
    guess = np.asarray(layers[-1][0] / np.maximum(layers[-1][1], 1e-3)[..., None], np.float32)
    for planes, weight in reversed(layers[:-1]):
        wide = cv2.resize(guess, (weight.shape[1], weight.shape[0]), interpolation=cv2.INTER_LINEAR)
        here = planes / np.maximum(weight, 1e-3)[..., None]
        guess = np.asarray(wide + np.minimum(weight * 4.0, 1.0)[..., None] * (here - wide), np.float32)
    return guess


def _halved(planes: Float32) -> Float32:
    half = (max(1, planes.shape[1] // 2), max(1, planes.shape[0] // 2))
    return np.asarray(cv2.resize(planes, half, interpolation=cv2.INTER_AREA), np.float32)


def _turned(angle: float, scale: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
