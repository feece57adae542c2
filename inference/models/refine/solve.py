"""Coverage of the unknown band from the known pixels around it: coarse first, then finer, never the whole picture.

The smaller picture carries what is known across the band; each finer level starts there and needs few steps. The
equations are put together tile by tile and hold the band's pixels only; a band too large for one system is divided,
each part taking its neighbours' values from the coarser answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags
from scipy.sparse.linalg import spsolve

from core.arrays import Bool, Float32
from core.errors import Cancelled
from inference.models.refine.laplacian import OFFSETS, REACH, stencil

_TILE = 192
_MOST_UNKNOWN = 1_000_000
"""Pixels of one system; more are divided. One such system takes about 0.4 GB."""
_OVERLAP = 12
_EXACT = 8000
"""A system of so many pixels is solved exactly; larger ones begin with the answer of half the size."""
_LEAST_TRUST = 1e-6
"""What no neighbour and no color decides stays as it was guessed."""

Part = tuple[int, int, int, int]
"""y0, y1, x0, x1."""


def solve_band(
    rgb: Float32,
    coverage: Float32,
    unknown: Bool,
    calm: float,
    trust: Float32,
    steps: int,
    cancelled: Callable[[], bool],
) -> Float32:
    """(H, W) coverage with the unknown pixels found and every other as it was; clipped to 0-1.

    Args:
        rgb: (H, W, 3) scene-linear.
        coverage: (H, W) certain where `unknown` is False, a first guess elsewhere.
        calm: see `laplacian.stencil`.
        trust: (H, W) how much the first guess weighs, pixel by pixel; 0 not at all.
        steps: most iterations on the finest level; coarser ones take more.
    """
    if cancelled():
        raise Cancelled
    result = coverage.astype(np.float32, copy=True)
    guess = result.copy()
    if not unknown.any():
        return result
    height, width = unknown.shape
    if int(unknown.sum()) > _EXACT and min(height, width) >= 16:
        size = ((width + 1) // 2, (height + 1) // 2)
        small_rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float32)
        small_unknown = cv2.resize(unknown.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
        small = np.asarray(cv2.resize(result, size, interpolation=cv2.INTER_AREA), np.float32)
        small_trust = 2 * np.asarray(cv2.resize(trust, size, interpolation=cv2.INTER_AREA), np.float32)
        found = solve_band(small_rgb, small, small_unknown, calm, small_trust, min(4 * steps, 400), cancelled)
        moved = np.asarray(cv2.resize(found - small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
        result[unknown] = np.clip(guess + moved, 0.0, 1.0)[unknown]  # what is fine in the guess stays fine
    for part in _parts(unknown, (0, height, 0, width)):
        _solve_part(rgb, result, guess, unknown, part, calm, trust, steps, cancelled)
    return result


def _parts(unknown: Bool, part: Part) -> Iterator[Part]:
    """Rectangles that together hold every unknown pixel, none with too many of them."""
    y0, y1, x0, x1 = part
    count = int(unknown[y0:y1, x0:x1].sum())
    if not count:
        return
    if count <= _MOST_UNKNOWN or max(y1 - y0, x1 - x0) < 4 * _OVERLAP:
        yield part
    elif y1 - y0 >= x1 - x0:
        middle = (y0 + y1) // 2
        yield from _parts(unknown, (y0, middle, x0, x1))
        yield from _parts(unknown, (middle, y1, x0, x1))
    else:
        middle = (x0 + x1) // 2
        yield from _parts(unknown, (y0, y1, x0, middle))
        yield from _parts(unknown, (y0, y1, middle, x1))


def _solve_part(
    rgb: Float32,
    coverage: Float32,
    guess: Float32,
    unknown: Bool,
    part: Part,
    calm: float,
    trust: Float32,
    steps: int,
    cancelled: Callable[[], bool],
) -> None:
    """Write the part's unknown pixels into `coverage`; pixels a little beyond it are solved too and not written."""
    height, width = unknown.shape
    y0, y1, x0, x1 = part
    wide = (slice(max(0, y0 - _OVERLAP), min(height, y1 + _OVERLAP)),
            slice(max(0, x0 - _OVERLAP), min(width, x1 + _OVERLAP)))  # fmt: skip
    here = unknown[wide]
    number = np.full(here.shape, -1, np.int32)
    number[here] = np.arange(int(here.sum()), dtype=np.int32)
    matrix, right = _equations(rgb[wide], coverage[wide], number, calm, cancelled)
    weight = np.maximum(trust[wide][here], np.float32(_LEAST_TRUST))
    matrix += diags(weight, format="csr")
    right += weight * guess[wide][here]
    if matrix.shape[0] <= _EXACT:
        found = np.asarray(spsolve(matrix.tocsc().astype(np.float64), right.astype(np.float64)), np.float32)
    else:
        found = _conjugate_gradients(matrix, right, coverage[wide][here], steps, cancelled)
    found = np.clip(found, 0.0, 1.0)
    answer = coverage[wide].copy()
    answer[here] = found
    top, left = y0 - wide[0].start, x0 - wide[1].start
    coverage[y0:y1, x0:x1] = answer[top : top + y1 - y0, left : left + x1 - x0]


def _equations(
    rgb: Float32, coverage: Float32, number: npt.NDArray[np.int32], calm: float, cancelled: Callable[[], bool]
) -> tuple[csr_matrix, Float32]:
    """One row for each numbered pixel: its stencil over numbered neighbours, the known ones on the right side."""
    height, width = number.shape
    count = int(number.max()) + 1
    right = np.zeros(count, np.float32)
    rows, columns, values = [], [], []
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            core = number[top : top + _TILE, left : left + _TILE]
            ys, xs = np.nonzero(core >= 0)
            if not len(ys):
                continue
            if cancelled():
                raise Cancelled
            ys, xs = ys + top, xs + left
            y0, x0 = max(0, int(ys.min()) - REACH), max(0, int(xs.min()) - REACH)
            y1, x1 = min(height, int(ys.max()) + REACH + 1), min(width, int(xs.max()) + REACH + 1)
            weights = stencil(rgb[y0:y1, x0:x1], calm)
            mine = number[ys, xs]
            for weight, (dy, dx) in zip(weights, OFFSETS, strict=True):
                ny, nx = np.clip(ys + dy, 0, height - 1), np.clip(xs + dx, 0, width - 1)
                value = weight[ys - y0, xs - x0]
                theirs = number[ny, nx]
                known = theirs < 0
                np.subtract.at(right, mine[known], value[known] * coverage[ny[known], nx[known]])
                rows.append(mine[~known])
                columns.append(theirs[~known])
                values.append(value[~known])
    matrix = csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(count, count))
    return matrix, right


def _conjugate_gradients(
    matrix: csr_matrix, right: Float32, guess: Float32, steps: int, cancelled: Callable[[], bool]
) -> Float32:
    """Solve, preconditioned by the diagonal, until the residual is a thousandth of its start or `steps` are used up."""
    diagonal = np.maximum(matrix.diagonal(), np.float32(1e-6))
    found = guess.astype(np.float32, copy=True)
    rest = right - matrix @ found
    leaned = rest / diagonal
    direction = leaned.copy()
    energy = float(rest @ leaned)
    enough = 1e-6 * max(float((right / diagonal) @ right), energy, 1e-12)
    for step in range(steps):
        if energy <= enough:
            break
        if step % 8 == 0 and cancelled():
            raise Cancelled
        ahead = matrix @ direction
        bend = float(direction @ ahead)
        if bend <= 0:
            break
        length = np.float32(energy / bend)
        found += length * direction
        rest -= length * ahead
        leaned = rest / diagonal
        before, energy = energy, float(rest @ leaned)
        direction = leaned + np.float32(energy / before) * direction
    return found
