"""Endless edges to learn from: hair, soft and hard outlines, blurred by motion and lens, mixed of two pictures.

Coverage is exact: it is drawn four times as large and averaged, and the color is mixed by it. Knows pools, banks and
numbers; no torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from core.arrays import Bool, Float32, UInt8
from core.encoding import decode, encode
from core.noise import Rng
from inference.training.clicks.examples import HELD_OUT_SHARDS
from inference.training.pictures.cutouts import Bank
from inference.training.pictures.pool import PicturePool

HELD: Final = 512
"""Scenes in memory; a shard is exchanged now and then."""
EXCHANGE: Final = 0.002
FINER: Final = 4
"""Hair is drawn so many times as large."""
WORTH: Final = 60
"""Unknown pixels that an example must have."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One piece of a picture.

    Args:
        rgb: (H, W, 3) scene-linear, about 0-1.
        coverage: (H, W) 0-1, exact.
        given: (H, W) 0-1, the matte as it comes: right outside of `unknown`, mostly.
        unknown: (H, W), where the edge is to be found.
    """

    rgb: Float32
    coverage: Float32
    given: Float32
    unknown: Bool


class Edges:
    """Drawn by `rng`.

    Args:
        side: of the pieces, in pixels.
        photographs, lifelike: more pictures to mix, and more outlines; either may be missing.
    """

    def __init__(
        self, pool: PicturePool, side: int, rng: Rng, photographs: Bank | None = None, lifelike: Bank | None = None
    ) -> None:
        self._pool, self._side, self._rng = pool, side, rng
        self._photographs, self._lifelike = photographs, lifelike
        self._held: list[tuple[UInt8, UInt8]] = []

    def __iter__(self) -> Iterator[Edge]:
        while True:
            if len(self._held) < 128 or self._rng.uniform() < EXCHANGE:
                self._take_shard()
            edge = self._edge()
            if edge is not None:
                yield edge

    def _take_shard(self) -> None:
        shards = self._pool.shards
        learnt = shards[HELD_OUT_SHARDS:] or shards
        shard = learnt[int(self._rng.integers(len(learnt)))]
        self._held += [(scene.rgb, scene.mattes) for scene in self._pool.scenes(shard)]
        del self._held[:-HELD]

    def _edge(self) -> Edge | None:
        rng = self._rng
        coverage = self._coverage()
        if rng.uniform() < 0.4:
            coverage = blurred(coverage, rng)
        coverage = np.clip(coverage, 0.0, 1.0)
        unknown, given = trimap(coverage, rng)
        if np.count_nonzero(unknown) < WORTH:
            return None
        return Edge(self._mixed(coverage), coverage, given, unknown)

    # --- outlines ---------------------------------------------------------------------------------------------------

    def _coverage(self) -> Float32:
        kind = self._rng.uniform()
        if kind < 0.45:
            return self._haired()
        if kind < 0.6 and self._lifelike is not None:
            cut = self._lifelike.drawn(self._rng)
            if cut.shape[2] == 4:
                return self._placed(cut[..., 3], float(np.exp(self._rng.uniform(-0.2, 1.2))))
        return self._placed(self._matte(), float(np.exp(self._rng.uniform(-0.7, 0.7))))

    def _matte(self) -> UInt8:
        while True:
            _, mattes = self._held[int(self._rng.integers(len(self._held)))]
            if len(mattes):
                return np.asarray(mattes[int(self._rng.integers(len(mattes)))], np.uint8)

    def _placed(self, matte: UInt8, scale: float) -> Float32:
        """A piece of a matte with its outline well inside, turned; enlarged it is made as sharp as it was."""
        rng, side = self._rng, self._side
        rows, columns = np.nonzero(cv2.morphologyEx(matte, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 100)
        if not len(rows):
            return np.zeros((side, side), np.float32)
        place = int(rng.integers(len(rows)))
        turn = cv2.getRotationMatrix2D((float(columns[place]), float(rows[place])), float(rng.uniform(0, 360)), scale)
        turn[:, 2] += side * rng.uniform(0.25, 0.75, 2) - (columns[place], rows[place])
        laid = cv2.warpAffine(matte, turn, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        soft = np.asarray(laid / np.float32(255), np.float32)
        return (soft - np.float32(0.5)) * np.float32(max(1.0, scale)) + np.float32(0.5)

    def _haired(self) -> Float32:
        """A body with strands that begin in it; both as large again as needed, then averaged."""
        rng, side = self._rng, self._side
        large = side * FINER
        body = (self._placed(self._matte(), float(np.exp(rng.uniform(-0.3, 1.0)))) > 0.5).astype(np.uint8)
        if not body.any():
            return body.astype(np.float32)
        canvas = cv2.resize(body * 255, (large, large), interpolation=cv2.INTER_LINEAR)
        canvas = ((cv2.GaussianBlur(canvas, (0, 0), FINER * 1.5) > 127) * np.uint8(255)).astype(np.uint8)
        edge = cv2.morphologyEx(body, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))
        rows, columns = np.nonzero(edge)
        if not len(rows):
            return body.astype(np.float32)
        heading, spread = rng.uniform(0, 2 * np.pi), float(rng.uniform(0.2, 1.6))
        length, thick = side * float(np.exp(rng.uniform(-3.0, -0.9))), float(np.exp(rng.uniform(-1.5, 0.5)))
        faint = np.zeros_like(canvas)
        for _ in range(int(np.exp(rng.uniform(2.0, 5.8)))):
            place = int(rng.integers(len(rows)))
            strand = _strand(rng, (columns[place], rows[place]), heading + rng.normal(0, spread), length)
            width = max(1, round(FINER * thick * float(np.exp(rng.normal(0, 0.3)))))
            say = 255 if rng.uniform() < 0.7 else int(rng.uniform(90, 255))
            points = np.rint(strand * (16 * FINER)).astype(np.int32)[:, None]
            cv2.polylines(canvas if say == 255 else faint, [points], False, say, width, cv2.LINE_AA, 4)
        small = cv2.resize(np.maximum(canvas, faint), (side, side), interpolation=cv2.INTER_AREA)
        return np.asarray(small / np.float32(255), np.float32)

    # --- color ------------------------------------------------------------------------------------------------------

    def _mixed(self, coverage: Float32) -> Float32:
        """(H, W, 3) scene-linear: two pictures mixed, in the scene's light mostly, with grain."""
        rng = self._rng
        front, behind = self._material(), self._material()
        if rng.uniform() < 0.3:  # of much the same color, as hair before a dark wall
            part = np.float32(rng.uniform(0.4, 0.9))
            tint = np.asarray(behind.mean((0, 1)) + rng.normal(0, 0.08, 3), np.float32)
            front = front * (1 - part) + tint * part
        if rng.uniform() < 0.5:
            front = _calm(front, rng)
        cover = coverage[..., None]
        if rng.uniform() < 0.65:
            light = decode("srgb", np.clip(front, 0, 1)) * cover + decode("srgb", np.clip(behind, 0, 1)) * (1 - cover)
        else:
            light = decode("srgb", np.clip(front * cover + behind * (1 - cover), 0, 1))
        grain = float(rng.choice([0, 0.004, 0.015])) * rng.standard_normal(light.shape, np.float32)
        seen = encode("srgb", np.clip(light, 0, 4)) + grain
        return np.asarray(decode("srgb", np.clip(seen, 0, 2)) * np.exp(rng.normal(0, 0.4)), np.float32)

    def _material(self) -> Float32:
        """A piece of any picture, (side, side, 3) 0-1, display-encoded."""
        rng, side = self._rng, self._side
        source = self._held[int(rng.integers(len(self._held)))][0]
        if self._photographs is not None and rng.uniform() < 0.55:
            source = self._photographs.drawn(rng)[..., :3]
        size = int(rng.integers(min(48, side), min(source.shape[:2])))
        y, x = int(rng.integers(source.shape[0] - size + 1)), int(rng.integers(source.shape[1] - size + 1))
        piece = source[y : y + size, x : x + size]
        if rng.uniform() < 0.5:
            piece = piece[:, ::-1]
        how = cv2.INTER_AREA if size > side else cv2.INTER_LINEAR
        laid = cv2.resize(np.ascontiguousarray(piece), (side, side), interpolation=how)
        return np.asarray(np.clip(laid / np.float32(255) * np.exp(rng.normal(0, 0.3)), 0, 1), np.float32)


def _calm(picture: Float32, rng: Rng) -> Float32:
    """Blurred, as skin and hair are calmer than what lies around."""
    soft = np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(2, 16))), np.float32)
    return soft + (picture - soft) * np.float32(rng.uniform(0, 0.4))


def _strand(rng: Rng, start: tuple[float, float], heading: float, length: float) -> Float32:
    """(n, 2) a curved way of about `length` pixels."""
    count = 10
    turns = np.cumsum(rng.normal(rng.normal(0, 0.06), 0.08, count))
    headings = heading + turns
    step = length * float(np.exp(rng.normal(0, 0.4))) / count
    way = np.stack([np.cos(headings), np.sin(headings)], axis=1) * step
    return np.asarray(np.concatenate([[start], np.asarray(start) + np.cumsum(way, axis=0)]), np.float32)


def blurred(coverage: Float32, rng: Rng) -> Float32:
    """By a lens (a disc) or by motion (a line); the mean over the shutter or the aperture: coverage as it truly is."""
    if rng.uniform() < 0.5:
        radius = float(np.exp(rng.uniform(-0.3, 2.0)))
        size = 2 * int(np.ceil(radius)) + 1
        y, x = np.mgrid[:size, :size] - size // 2
        kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    else:
        half, angle = float(np.exp(rng.uniform(0.0, 2.7))), float(rng.uniform(0, np.pi))
        size = 2 * int(np.ceil(half)) + 1
        kernel = np.zeros((size, size), np.float32)
        for at in np.linspace(-half, half, 4 * size):
            x, y = size // 2 + at * np.cos(angle), size // 2 + at * np.sin(angle)
            kernel[min(size - 1, round(y)), min(size - 1, round(x))] += 1
    done = cv2.filter2D(coverage, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(done, np.float32)


def trimap(coverage: Float32, rng: Rng) -> tuple[Bool, Float32]:
    """Where the edge is unknown, and the matte as it comes: around all that is soft, or as wide as an outline's band,
    which strands may leave."""
    soft = (coverage > 0.01) & (coverage < 0.99)
    if rng.uniform() < 0.7:
        grown = int(rng.integers(1, 12))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grown + 1, 2 * grown + 1))
        return cv2.dilate(soft.astype(np.uint8), kernel) > 0, coverage
    rough = cv2.GaussianBlur(coverage, (0, 0), float(np.exp(rng.uniform(-0.5, 1.5)))) > 0.5
    width = float(rng.uniform(4, 20))
    inward = np.asarray(cv2.distanceTransform(rough.astype(np.uint8), cv2.DIST_L2, 3), np.float32)
    outward = np.asarray(cv2.distanceTransform((~rough).astype(np.uint8), cv2.DIST_L2, 3), np.float32)
    return np.asarray(inward + outward < width), rough.astype(np.float32)
