"""What color a subject has where its edge lets the background through: foreground and background from coarse to fine.

The idea is that of multilevel foreground estimation (Germer, Uelwer, Conrad, Harmeling, 2020): I = α·F + (1-α)·B at
every pixel, F and B as smooth as the matte lets them be. Here in scene-linear light of any brightness: nothing is
clipped to 0-1, only the soft band and its neighbours are solved at the finer levels, and a pixel never gives its
subject more light than it has.

Knows arrays; knows neither pictures nor layers.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import Bool, Float32

ROUNDS = 4
"""How often each level is gone over."""
OVERSHOOT = np.float32(1.6)
"""How much further than its neighbours ask for a color moves in a round, which settles in half the rounds."""
SMALL_PX = 48
"""Levels no larger than this are solved everywhere, and twice as often."""
REGULARITY = np.float32(1e-5)
"""How strongly neighbours of one coverage hold together; as much as their coverages differ comes on top."""
_Places = npt.NDArray[np.intp]


def estimate_foreground(rgb: Float32, coverage: Float32) -> Float32:
    """The subject's own color at every pixel.

    Args:
        rgb: (H, W, 3), scene-linear and finite; any brightness, negative values too.
        coverage: (H, W), 0-1.

    Returns:
        (H, W, 3) float32, not multiplied by the coverage: `rgb` itself where the coverage is 1; in the soft edge a
        color of which the coverage holds no more light than `rgb` has; where it is 0 the nearest such colors, smoothly.
    """
    light, matte = np.asarray(rgb, np.float32), np.clip(np.asarray(coverage, np.float32), 0, 1)
    levels = [(light, matte)]
    while max(levels[-1][1].shape) > 1:
        half = levels[-1]
        levels.append((half[0][::2, ::2], half[1][::2, ::2]))
    both = np.concatenate([levels[-1][0]] * 2, axis=2)
    for light, matte in reversed(levels):
        height, width = matte.shape
        if both.shape[:2] != matte.shape:
            both = cv2.resize(both, (width, height), interpolation=cv2.INTER_NEAREST)
        both[..., :3][matte >= 1] = light[matte >= 1]
        both[..., 3:][matte <= 0] = light[matte <= 0]
        small = max(height, width) <= SMALL_PX
        solved = np.ones(matte.shape, bool) if small else _band(matte)
        both = _relaxed(light, matte, both, solved, 2 * ROUNDS if small else ROUNDS)
    return np.ascontiguousarray(both[..., :3])


def _band(matte: Float32) -> Bool:
    """The soft pixels and those beside them, and the two sides of a hard edge."""
    soft = ((matte > 0) & (matte < 1)).astype(np.uint8)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    hard = cv2.morphologyEx((matte > 0).astype(np.uint8), cv2.MORPH_GRADIENT, cross)
    return np.asarray((cv2.dilate(soft, cross) > 0) | (hard > 0))


def _relaxed(light: Float32, matte: Float32, both: Float32, solved: Bool, rounds: int) -> Float32:
    """F and B (H, W, 6) after going over the `solved` pixels, like a chess board: the black ones, then the white."""
    height, width = matte.shape
    stride = width + 2
    edges = ((1, 1), (1, 1), (0, 0))
    alpha = np.pad(matte, 1, mode="edge").reshape(-1)
    values = np.pad(both, edges, mode="edge").reshape(-1, 6)
    rows, columns = np.nonzero(solved)
    boards = []
    for board in (0, 1):
        mine = (rows + columns) % 2 == board
        if mine.any():
            places = (rows[mine] + 1) * stride + columns[mine] + 1
            boards.append(_Board(places, stride, alpha, light[rows[mine], columns[mine]]))
    for _ in range(rounds):
        for solver in boards:
            solver.solve(values)
        _mirror(values.reshape(height + 2, width + 2, 6))
    return np.array(values.reshape(height + 2, width + 2, 6)[1:-1, 1:-1])


def _mirror(padded: Float32) -> None:
    """The frame around the pixels is like its neighbours."""
    padded[0], padded[-1] = padded[1], padded[-2]
    padded[:, 0], padded[:, -1] = padded[:, 1], padded[:, -2]


class _Board:
    """Half of the pixels: what does not change from round to round is computed once."""

    def __init__(self, places: _Places, stride: int, alpha: Float32, light: Float32) -> None:
        own = alpha[places]
        rest = 1 - own
        self._places = places
        self._neighbours = [places + step for step in (1, -1, stride, -stride)]
        self._weights = [(REGULARITY + np.abs(own - alpha[near]))[:, None] for near in self._neighbours]
        total = np.sum([weight[:, 0] for weight in self._weights], axis=0, dtype=np.float32)
        front, back, mixed = own * own + total, rest * rest + total, own * rest
        scale = 1 / (front * back - mixed * mixed)
        self._front, self._back = (front * scale)[:, None], (back * scale)[:, None]
        self._mixed = (mixed * scale)[:, None]
        self._seen = np.concatenate([own[:, None] * light, rest[:, None] * light], axis=1)
        self._fixed = own >= 1
        self._light = light
        least = np.maximum(own, np.float32(1e-6))[:, None]
        self._low, self._high = np.minimum(light, 0) / least, np.maximum(light, 0) / least
        nothing = own <= 0
        self._low[nothing], self._high[nothing] = -np.inf, np.inf

    def solve(self, values: Float32) -> None:
        """F and B of these pixels from what their neighbours have now, in place."""
        wanted = self._seen.copy()
        for near, weight in zip(self._neighbours, self._weights, strict=True):
            wanted += weight * values[near]
        front, back = wanted[:, :3], wanted[:, 3:]
        found = np.concatenate(
            [self._back * front - self._mixed * back, self._front * back - self._mixed * front], axis=1
        )
        before = values[self._places]
        found -= before
        found *= OVERSHOOT
        found += before
        np.clip(found[:, :3], self._low, self._high, out=found[:, :3])
        found[self._fixed, :3] = self._light[self._fixed]
        values[self._places] = found
