"""The matting Laplacian as a stencil: how much each pixel's coverage must agree with its 24 neighbours.

In every 3 by 3 window coverage is taken to be a linear function of color (Levin, Lischinski, Weiss 2008). The cost is
scale-free: `calm` is relative to the window's own light, so that a highlight of 50 counts as much as a shadow.
"""

from __future__ import annotations

import numpy as np

from core.arrays import Float32

REACH = 2
OFFSETS = [(dy, dx) for dy in range(-REACH, REACH + 1) for dx in range(-REACH, REACH + 1)]
_WINDOW = [(dy, dx) for dy in range(3) for dx in range(3)]


def stencil(rgb: Float32, calm: float) -> Float32:
    """(25, h, w) weights of `OFFSETS` around each pixel; rows sum to 0. Windows lie inside the picture only.

    Args:
        rgb: (h, w, 3) scene-linear, h and w at least 3.
        calm: noise of a color relative to the window's light; larger is smoother.
    """
    height, width = rgb.shape[:2]
    weights = np.zeros((len(OFFSETS), height, width), np.float32)
    if height < 3 or width < 3:
        return weights
    rows, columns = height - 2, width - 2
    planes = np.ascontiguousarray(rgb.transpose(2, 0, 1))
    shifted = np.stack([planes[:, dy : dy + rows, dx : dx + columns] for dy, dx in _WINDOW])
    mean = shifted.mean(axis=0)
    shifted -= mean
    floor = np.square(np.abs(mean).max(axis=0)) * np.float32(calm) + np.float32(1e-7)
    white = _whitened(shifted, floor)
    for a, (ay, ax) in enumerate(_WINDOW):
        for b in range(a, 9):
            by, bx = _WINDOW[b]
            agree = (white[a] * white[b]).sum(axis=0)
            value = (np.float32(a == b)) - (1.0 + agree) / np.float32(9.0)
            there = OFFSETS.index((by - ay, bx - ax))
            weights[there, ay : ay + rows, ax : ax + columns] += value
            if a != b:
                back = OFFSETS.index((ay - by, ax - bx))
                weights[back, by : by + rows, bx : bx + columns] += value
    return weights


def _whitened(centred: Float32, floor: Float32) -> Float32:
    """(9, 3, h, w) colors of each window in which its covariance plus `floor` is the identity.

    By a Cholesky factor: products of whitened colors stay symmetric, so rounding cannot make the cost negative.
    """
    c = {(i, j): (centred[:, i] * centred[:, j]).mean(axis=0) for i in range(3) for j in range(i, 3)}
    a = np.sqrt(c[0, 0] + floor)
    b, d = c[0, 1] / a, c[0, 2] / a
    e = np.sqrt(np.maximum(c[1, 1] + floor - b * b, floor))
    f = (c[1, 2] - b * d) / e
    g = np.sqrt(np.maximum(c[2, 2] + floor - d * d - f * f, floor))
    white = np.empty_like(centred)
    white[:, 0] = centred[:, 0] / a
    white[:, 1] = (centred[:, 1] - b * white[:, 0]) / e
    white[:, 2] = (centred[:, 2] - d * white[:, 0] - f * white[:, 1]) / g
    return white
