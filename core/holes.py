"""Fill holes and remove specks by their size, softness and all.

A hole is coverage lower than all around it, a speck is higher: not only below and above a half, so a grey stain in
solid matte is a hole too. At each of a few levels the outlines are counted; what is enclosed and small is raised
(lowered) to that level, so what stays keeps its own edge to the last digit. Knows nothing of layers.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import AnyFloat, UInt8

_LEVELS = (64, 128, 178, 217, 253)
"""Of 255, the coverage below which something is looked for; each finds shallower holes."""
_RIM = 4
"""How much larger than itself a hole may be with its soft rim; there it is filled to the rim's end."""


_Contour = npt.NDArray[np.int32]
"""(N, 1, 2) x, y of the pixels of an outline."""


def fill_holes(coverage: AnyFloat, most_px2: float) -> AnyFloat:
    """Holes of at most `most_px2` pixels at the level they are looked for, filled to what encloses them.

    A hole that the frame's border cuts is open, and stays.

    Args:
        coverage: (H, W), 0-1.

    Returns:
        The same shape and kind; the very same array where there is no such hole.
    """
    place = _bounds(coverage)
    if most_px2 <= 0 or place is None:
        return coverage
    filled = _filled(coverage[place], most_px2, spare_largest=False)
    if np.array_equal(filled, coverage[place]):
        return coverage
    result = coverage.copy()
    result[place] = filled
    return result


def remove_specks(coverage: AnyFloat, most_px2: float) -> AnyFloat:
    """Pieces of at most `most_px2` pixels taken away; the largest piece of a matte stays however small it is.

    Arguments and result as `fill_holes`; a piece that the border cuts counts as far as it is seen.
    """
    place = _bounds(coverage)
    if most_px2 <= 0 or place is None:
        return coverage
    background = np.subtract(1, np.pad(coverage[place], 1), dtype=coverage.dtype)
    filled = _filled(background, most_px2, spare_largest=True)
    changed = (filled != background)[1:-1, 1:-1]
    if not changed.any():
        return coverage
    result = coverage.copy()
    result[place][changed] = 1 - filled[1:-1, 1:-1][changed]
    return result


def _bounds(coverage: AnyFloat) -> tuple[slice, slice] | None:
    """Rows and columns that hold all there is; None for an empty matte."""
    if not coverage.size:
        return None
    x, y, width, height = cv2.boundingRect((coverage.astype(np.float32, copy=False) > 0).view(np.uint8))
    return (slice(y, y + height), slice(x, x + width)) if width else None


def _filled(coverage: AnyFloat, most_px2: float, *, spare_largest: bool) -> AnyFloat:
    levels = cv2.convertScaleAbs(coverage.astype(np.float32, copy=False), alpha=255)
    result, lower = coverage, np.float32(0)
    for level in _LEVELS:
        _, solid = cv2.threshold(levels, level - 1, 255, cv2.THRESH_BINARY)  # cv2.compare refuses a single pixel
        holes = _enclosed(np.asarray(solid, np.uint8))
        spared = int(np.argmax([area for _, area in holes])) if spare_largest and holes else -1
        raised = np.float32(1.0 if level == _LEVELS[-1] else level / 255)
        for number, (contour, area) in enumerate(holes):
            small = area <= most_px2
            if number == spared or area > _RIM * most_px2 + 64:
                continue
            if small or (result is not coverage and _is_rim(coverage, result, contour, lower)):
                result = result.copy() if result is coverage else result
                _raise(result, contour, raised)
        lower = raised
    return result


def _enclosed(solid: UInt8) -> list[tuple[_Contour, float]]:
    """Outlines of what is not solid and enclosed, each running on the solid pixels around it, with its pixels."""
    contours, tree = cv2.findContours(solid, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if tree is None:
        return []
    enclosed = np.flatnonzero(np.reshape(tree, (-1, 4))[:, 3] >= 0)
    found = [np.asarray(contours[int(number)], np.int32) for number in enclosed]
    return [(contour, _inner_pixels(contour)) for contour in found]


def _inner_pixels(contour: _Contour) -> float:
    """How many pixels lie inside an outline of pixels (Pick's theorem)."""
    return cv2.contourArea(contour) - len(contour) / 2 + 1


def _inside(contour: _Contour) -> tuple[tuple[slice, slice], UInt8]:
    """The place of an outline, and 1 on it and inside it."""
    x, y, width, height = cv2.boundingRect(contour)
    inside = np.zeros((height, width), np.uint8)
    parts: Sequence[_Contour] = [contour]
    cv2.drawContours(inside, parts, -1, 1.0, cv2.FILLED, offset=(-x, -y))
    return (slice(y, y + height), slice(x, x + width)), inside


def _is_rim(coverage: AnyFloat, result: AnyFloat, contour: _Contour, lower: np.float32) -> bool:
    """Whether all that is lower inside was small, and was raised to the level before this one."""
    place, inside = _inside(contour)
    before, now = coverage[place][inside > 0], result[place][inside > 0]
    return bool((now >= lower - np.float32(0.002)).all() and (now > before).any())


def _raise(coverage: AnyFloat, contour: _Contour, level: np.float32) -> None:
    """At least `level` everywhere inside the outline; written in place."""
    place, inside = _inside(contour)
    np.maximum(coverage[place], inside * level, out=coverage[place], casting="same_kind")
