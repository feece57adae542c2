"""Outlines and strokes to build things from, and a part made of them, drawn with exact coverage.

Everything is in local units: a square from 0 to 1, y down. Knows no color and no place in a picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import Float32
from core.noise import Rng

Points = npt.NDArray[np.float64]
"""(N, 2) places, x and y; or a (2, 3) matrix where it says so."""
SHIFT = 6
"""Fractional bits of cv2's drawing calls."""


@dataclass(frozen=True)
class Part:
    """Filled outlines and strokes of one surface.

    Args:
        outlines: (N, 2) points each, local units.
        strokes: polyline (N, 2) and its width in local units.
        material: parts with the same number share a material.
        round: how much it is shaded as a round body, 0 flat to 1.
        holes: cut out of all of it.
    """

    outlines: tuple[Points, ...] = ()
    strokes: tuple[tuple[Points, float], ...] = ()
    material: int = 0
    round: float = 1.0
    holes: tuple[Points, ...] = ()

    def coverage(self, side: int, matrix: Points) -> Float32:
        """(side, side) float32 coverage 0-1; `matrix` (2, 3) takes local units to pixels.

        Drawn at four times the size and averaged. cv2 fills the pixels its edge touches, so that a thing is up to an
        eighth of a pixel fatter than its outline; the picture is made with this same coverage, and the truth is exact.
        """
        large = np.zeros((side * 4, side * 4), np.uint8)
        scale = 4.0 * float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
        for outline in self.outlines:
            cv2.fillPoly(large, [_fixed(outline, matrix)], 255, cv2.LINE_8, SHIFT)
        for line, width in self.strokes:
            thickness = max(1, round(width * scale))
            cv2.polylines(large, [_fixed(line, matrix)], False, 255, thickness, cv2.LINE_8, SHIFT)
        for hole in self.holes:
            cv2.fillPoly(large, [_fixed(hole, matrix)], 0, cv2.LINE_8, SHIFT)
        small = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32) / np.float32(255)


def _fixed(points: Points, matrix: Points) -> npt.NDArray[np.int32]:
    moved = (points @ matrix[:, :2].T + matrix[:, 2]) * 4.0 - 0.5  # cv2 counts from pixels' middles
    return np.asarray(np.rint(moved * (1 << SHIFT)), np.int32).reshape(-1, 1, 2)


def off(point: Points, x: float, y: float) -> Points:
    """The place that lies so far from a point."""
    return np.asarray(point + np.array((x, y)))


def curve(rng: Rng, center: tuple[float, float], radius: float, rough: float = 0.25, terms: int = 6) -> Points:
    """A closed smooth curve around a center: a circle disturbed by a few waves."""
    angle = np.linspace(0, 2 * np.pi, 128, endpoint=False)
    reach = np.ones_like(angle)
    for term in range(2, 2 + terms):
        reach += rough * rng.normal(0, 1.0 / term) * np.cos(term * angle + rng.uniform(0, 2 * np.pi))
    reach = radius * np.clip(reach, 0.25, 2.0)
    stretch = rng.uniform(0.6, 1.0)
    x, y = np.cos(angle) * reach, np.sin(angle) * reach * stretch
    turn = rng.uniform(0, np.pi)
    return np.stack(
        [center[0] + x * np.cos(turn) - y * np.sin(turn), center[1] + x * np.sin(turn) + y * np.cos(turn)], axis=1
    )


def capsule(one: Points, two: Points, first: float, last: float) -> Points:
    """A limb: a rounded bar from one joint to the next, with a radius at each."""
    along = two - one
    length = max(float(np.hypot(*along)), 1e-6)
    angle = float(np.arctan2(along[1], along[0]))
    turn = np.linspace(np.pi / 2, 3 * np.pi / 2, 12)
    begin = one + first * np.stack([np.cos(turn + angle), np.sin(turn + angle)], axis=1)
    end = (
        one
        + along / length * length
        + last * np.stack([np.cos(turn + angle + np.pi), np.sin(turn + angle + np.pi)], axis=1)
    )
    return np.concatenate([begin, end])


def box(center: tuple[float, float], width: float, height: float, corner: float, turn: float = 0.0) -> Points:
    """A rectangle with rounded corners; `corner` 0-1 of half the smaller side."""
    radius = corner * min(width, height) / 2
    arcs = []
    for number, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        angle = np.linspace(0, np.pi / 2, 6) + number * np.pi / 2
        arcs.append(
            np.stack(
                [
                    sx * (width / 2 - radius) + radius * np.cos(angle),
                    sy * (height / 2 - radius) + radius * np.sin(angle),
                ],
                axis=1,
            )
        )
    points = np.concatenate(arcs)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray(points @ spin.T + np.asarray(center), np.float64)


def jagged(outline: Points, rng: Rng, rounds: int = 3, amount: float = 0.12) -> Points:
    """Midpoint displacement: rock, foliage, torn paper."""
    points = outline[:: max(1, len(outline) // 24)]
    for _ in range(rounds):
        after = np.roll(points, -1, axis=0)
        along = after - points
        length = np.hypot(along[:, 0], along[:, 1])[:, None]
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
        middle = (points + after) / 2 + normal * rng.normal(0, amount, (len(points), 1))
        points = np.stack([points, np.where(length > 1e-4, middle, points)], axis=1).reshape(-1, 2)
        amount *= 0.8
    return points


def fringe(outline: Points, rng: Rng, count: int, length: float, width: float) -> tuple[tuple[Points, float], ...]:
    """Hair or fur: thin curved strokes that begin inside the outline and leave it."""
    center = outline.mean(axis=0)
    comb = rng.uniform(-1.2, 1.2)
    strokes = []
    for place in rng.integers(0, len(outline), count):
        root = outline[place] * 0.97 + center * 0.03
        outward = root - center
        angle = np.arctan2(outward[1], outward[0]) + comb + rng.normal(0, 0.25)
        reach = length * rng.uniform(0.3, 1.0)
        bend = rng.normal(0, 0.5)
        t = np.linspace(0, 1, 7)[:, None]
        line = root + reach * np.concatenate([np.cos(angle + bend * t) * t, np.sin(angle + bend * t) * t], axis=1)
        strokes.append((line, width * rng.uniform(0.5, 1.0)))
    return tuple(strokes)
