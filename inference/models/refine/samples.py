"""What the known pixels around a band say of the coverage inside it: each unknown pixel as a mix of two known colors.

For every unknown pixel some inside and some outside colors are gathered, near and far and alike; the pairs that mix
best to its color give its coverage, and how well they do says how much that is worth. Colors only: whether neighbours
agree is the solver's business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from core.arrays import Bool, Float32
from core.errors import Cancelled

Int = npt.NDArray[np.intp]

_AT_ONCE = 6000
_SEED = 1
_DENSITIES = ((1.0, 3), (1 / 8, 4), (1 / 64, 3))
"""Of the rim's pixels, this part, and the nearest so many of those: close ones, and others from farther around."""
_ALIKE = 3
_ALIKE_RIM_PX = 20
_MOST_ALIKE = 4000
_BEST = 6
"""So many pairs are averaged."""
_STRICT = np.float32(1000.0)
"""How much it costs when a color is off, squared: 1 for 0.03."""
_FORGIVEN = 3.0
"""So much cost is worth a third."""
_WORTH = 0.006
"""Trust in a coverage that its colors explain exactly, on the solver's scale."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the samples say of a picture.

    Args:
        coverage: (H, W) 0-1, a half where they say nothing.
        trust: (H, W) from 0 up, on the solver's scale.
        slope: (H, W, 3) how coverage goes with color: from the outside's to the inside's it goes from 0 to 1.
    """

    coverage: Float32
    trust: Float32
    slope: Float32

    def enlarged(self, small: Float32, rgb: Float32) -> Said:
        """The same for the picture that was reduced to be asked: what is fine in it is fine in the coverage.

        Args:
            small, rgb: (H, W, 3) the reduced picture and the whole one.
        """

        def large(values: Float32) -> Float32:
            return np.asarray(cv2.resize(values, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR))

        slope = large(self.slope)
        fine = ((rgb - large(small)) * slope).sum(axis=-1)
        return Said(np.clip(large(self.coverage) + fine, 0.0, 1.0), large(self.trust), slope)


def sampled(rgb: Float32, known: Float32, unknown: Bool, even: bool, cancelled: Callable[[], bool]) -> Said:
    """Coverage of the unknown pixels by the colors of the known ones.

    Args:
        rgb: (H, W, 3) in the light that the picture is mixed in, any range.
        known: (H, W) 0-1, certain where `unknown` is False; what is neither clearly in nor out is not sampled.
        even: whether a step of a color looks as large in shadow as in light, as after a display's curve; scene light
            does not.

    Returns:
        `known` with trust 0 where either side is not there at all.
    """
    coverage, trust = known.astype(np.float32, copy=True), np.zeros(unknown.shape, np.float32)
    slope = np.zeros(rgb.shape, np.float32)
    inside, outside = ~unknown & (known > 0.98), ~unknown & (known < 0.02)
    ys, xs = np.nonzero(unknown)
    if not len(ys) or not inside.any() or not outside.any():
        return Said(coverage, trust, slope)
    calm = np.asarray(cv2.GaussianBlur(rgb, (0, 0), 0.7), np.float32)
    places = [_gathered(rgb, side, unknown, ys, xs) for side in (inside, outside)]
    far = [_distance(side)[ys, xs] + 1 for side in (inside, outside)]
    for start in range(0, len(ys), _AT_ONCE):
        if cancelled():
            raise Cancelled
        part = slice(start, start + _AT_ONCE)
        y, x = ys[part], xs[part]
        colors = [calm[rows[part], columns[part]] for rows, columns in places]
        away = [
            np.hypot(rows[part] - y[:, None], columns[part] - x[:, None]).astype(np.float32) / reach[part, None]
            for (rows, columns), reach in zip(places, far, strict=True)
        ]
        coverage[y, x], trust[y, x], slope[y, x] = _mixed(rgb[y, x], colors[0], colors[1], away[0], away[1], even)
    return Said(coverage, trust, slope)


def _distance(side: Bool) -> Float32:
    return np.asarray(cv2.distanceTransform((~side).astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def _rim(side: Bool, unknown: Bool, width_px: int) -> tuple[Int, Int]:
    """The known pixels of a side that lie within `width_px` of the band; all of the side where none do."""
    grown = cv2.dilate(unknown.astype(np.uint8), np.ones((2 * width_px + 1,) * 2, np.uint8)) > 0
    near = side & grown
    ys, xs = np.nonzero(near if near.any() else side)
    return ys, xs


def _gathered(rgb: Float32, side: Bool, unknown: Bool, ys: Int, xs: Int) -> tuple[Int, Int]:
    """(N, K) rows and columns of the samples of one side for N unknown pixels."""
    chance = np.random.default_rng(_SEED)
    rim_ys, rim_xs = _rim(side, unknown, 2)
    order = chance.permutation(len(rim_ys))
    here = np.column_stack([xs, ys]).astype(np.float32)
    found = []
    for part, count in _DENSITIES:
        chosen = order[: max(count, int(len(order) * part))]
        found.append(
            chosen[_nearest(np.column_stack([rim_xs[chosen], rim_ys[chosen]]).astype(np.float32), here, count)]
        )
    rows = [rim_ys[np.hstack(found)]]
    columns = [rim_xs[np.hstack(found)]]
    wide_ys, wide_xs = _rim(side, unknown, _ALIKE_RIM_PX)
    chosen = chance.permutation(len(wide_ys))[:_MOST_ALIKE]
    wide_ys, wide_xs = wide_ys[chosen], wide_xs[chosen]
    size = max(side.shape)
    there = np.column_stack([2 * _even(rgb[wide_ys, wide_xs]), wide_xs / size, wide_ys / size])
    alike = _nearest(there, np.column_stack([2 * _even(rgb[ys, xs]), xs / size, ys / size]), _ALIKE)
    rows.append(wide_ys[alike])
    columns.append(wide_xs[alike])
    return np.hstack(rows), np.hstack(columns)


def _nearest(points: npt.NDArray[np.floating], asked: npt.NDArray[np.floating], count: int) -> Int:
    """(N, count) which of `points` are nearest; some twice where there are not as many."""
    count_there = min(count, len(points))
    _, which = cKDTree(points).query(asked, k=count_there)
    return np.resize(which.reshape(len(asked), -1).T, (count, len(asked))).T


def _even(rgb: Float32) -> Float32:
    """Colors in which a step looks as large in shadow as in light."""
    return np.asarray(np.copysign(np.sqrt(np.abs(rgb)), rgb), np.float32)


def _as_seen(rgb: Float32) -> Float32:
    """How much a squared step of scene light counts to the eye, by the slope of a display's curve."""
    return np.asarray(1 / (4 * np.abs(rgb).max(-1) + np.float32(0.02)), np.float32)


def _mixed(
    color: Float32, front: Float32, back: Float32, front_away: Float32, back_away: Float32, even: bool
) -> tuple[Float32, Float32, Float32]:
    """Coverage, trust and slope of N pixels from their (N, K, 3) samples; `away` as a multiple of the least."""
    behind = color[:, None] - back
    apart = np.square(front).sum(-1)[:, :, None] + np.square(back).sum(-1)[:, None]
    apart = np.maximum(apart - 2 * front @ back.transpose(0, 2, 1), 1e-7)
    along = front @ behind.transpose(0, 2, 1) - (back * behind).sum(-1)[:, None]
    mix = np.clip(along / apart, 0.0, 1.0)
    rest = np.square(behind).sum(-1)[:, None] - 2 * mix * along + mix * mix * apart
    seen = np.float32(1.0) if even else _as_seen(color)[:, None, None]
    cost = _STRICT * np.maximum(rest, 0) * seen + np.float32(0.01) * (front_away[:, :, None] + back_away[:, None])
    count, backs = len(color), back.shape[1]
    cost, mix, told_apart = cost.reshape(count, -1), mix.reshape(count, -1), (apart * seen).reshape(count, -1)
    best = np.argpartition(cost, _BEST, axis=1)[:, :_BEST]
    cost, mix, told_apart = (np.take_along_axis(each, best, axis=1) for each in (cost, mix, told_apart))
    least = cost.min(axis=1)
    weight = np.exp(3 * (least[:, None] - cost))
    weight /= weight.sum(axis=1, keepdims=True)
    coverage = (weight * mix).sum(axis=1)
    unsure = (weight * np.square(mix - coverage[:, None])).sum(axis=1)
    told = (weight * told_apart).sum(axis=1)
    explained = np.exp(-least / _FORGIVEN)
    trust = _WORTH * explained * np.exp(-unsure / 0.03) * told / (told + np.float32(0.02))
    ways = np.take_along_axis(front, (best // backs)[..., None], axis=1)
    ways = ways - np.take_along_axis(back, (best % backs)[..., None], axis=1)
    way = (weight[..., None] * ways).sum(axis=1)
    slope = (explained / (np.square(way).sum(-1) + np.float32(1e-3)))[:, None] * way
    told_coverage = coverage * explained + 0.5 * (1 - explained)
    return np.asarray(told_coverage, np.float32), np.asarray(trust, np.float32), np.asarray(slope, np.float32)
