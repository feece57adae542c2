"""One prompt after the other: what each changes in a small coverage. Knows regions and prompts, not the plate's size.

The first prompt guesses a whole thing. Every later one is a correction and local: a click that adds may only add one
connected piece that holds the click, a click that subtracts may only take one away. The pixels right under a prompt
always end on its side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import Bool, Float32
from core.prompts import Box, Click, Prompt, Stroke
from inference.models.segment.cut import minimum_cut
from inference.models.segment.palette import evidence
from inference.models.segment.regions import Float64, Regions

_FIRST_REACH = 0.15
"""Expected radius of a thing that was clicked in its middle, in shorter edges of the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What a selection stands on: regions of the reduced picture and their palette."""

    regions: Regions
    palette: Float64

    @property
    def shape(self) -> tuple[int, int]:
        height, width = self.regions.labels.shape
        return height, width


def apply_prompt(ground: Ground, coverage: Float32, told: Sequence[Prompt], reach: float) -> Float32:
    """The coverage after the last prompt of `told` (coordinates in reduced pixels); a new array."""
    prompt = told[-1]
    changed = _box(ground, coverage, told) if isinstance(prompt, Box) else _mark(ground, coverage, told, reach)
    return _honour(changed, told)


def footprint(prompt: Click | Stroke, shape: tuple[int, int]) -> Bool:
    """(h, w) the pixels a click or stroke marks; a click a disc of about two pixels, at least the pixel it is in."""
    marked = np.zeros(shape, np.uint8)
    if isinstance(prompt, Click):
        places, radius = [(prompt.x, prompt.y)], 1.2
    else:
        places = [(point.x, point.y) for point in prompt.points]
        radius = max(0.6, prompt.radius_px * max(prompt.hardness, 0.3) * 0.8)
    fixed = [(round((x - 0.5) * 16), round((y - 0.5) * 16)) for x, y in places]
    for start, end in zip(fixed, fixed[1:] or fixed, strict=False):
        cv2.line(marked, start, end, 1, max(1, round(2 * radius - 1)), cv2.LINE_8, 4)
    for place in fixed:
        cv2.circle(marked, place, round(radius * 16), 1, -1, cv2.LINE_8, 4)
    for x, y in places:
        if 0 <= x < shape[1] and 0 <= y < shape[0]:
            marked[int(y), int(x)] = 1
    return marked.astype(bool)


def _honour(coverage: Float32, told: Sequence[Prompt]) -> Float32:
    for prompt in told:
        if not isinstance(prompt, Box):
            coverage[footprint(prompt, coverage.shape[:2])] = float(prompt.adds)
    return coverage


def _certain(ground: Ground, told: Sequence[Prompt]) -> tuple[Bool, Bool]:
    """Regions that hold marks of one sign only (the later of two that meet wins)."""
    side = np.zeros(ground.regions.count, np.int8)
    for prompt in told:
        if not isinstance(prompt, Box):
            side[np.unique(ground.regions.labels[footprint(prompt, ground.shape)])] = 1 if prompt.adds else -1
    return side > 0, side < 0


def _depth(inside: Bool, mark: Bool) -> float:
    """How far the mark's deepest pixel lies from the end of `inside`; the picture's border ends nothing."""
    if inside.all():
        return float(max(inside.shape))
    return float(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5)[mark].max())


def _mark(ground: Ground, coverage: Float32, told: Sequence[Prompt], reach: float) -> Float32:
    prompt = told[-1]
    assert not isinstance(prompt, Box)
    mark = footprint(prompt, ground.shape)
    result = coverage.copy()
    if not mark.any():
        return result
    against = (coverage > 0.5) != prompt.adds
    if not (against & mark).any():
        return result
    if not coverage.any():
        if not prompt.adds:
            return result
        result[_first(ground, mark, told, reach)[ground.regions.labels]] = 1.0
        return result
    change = _correction(ground, coverage, mark, told, reach)
    change |= mark & against
    count, pieces = cv2.connectedComponents(change.astype(np.uint8), connectivity=4)
    touched = np.zeros(count, bool)
    touched[np.unique(pieces[mark & change])] = True
    touched[0] = False
    result[touched[pieces]] = float(prompt.adds)
    return result


def _away(ground: Ground, mark: Bool) -> Float64:
    """(n,) distance of every region from the mark, in reduced pixels."""
    apart = cv2.distanceTransform((~mark).astype(np.uint8), cv2.DIST_L2, 5)
    regions = ground.regions
    return np.asarray(np.bincount(regions.labels.ravel(), apart.ravel(), regions.count) / regions.area)


def _first(ground: Ground, mark: Bool, told: Sequence[Prompt], reach: float) -> Bool:
    """(n,) the thing a first mark means: grown around it, color and border decide, nearness is a prior."""
    regions = ground.regions
    inside, outside = _certain(ground, told)
    away = _away(ground, mark) / (min(ground.shape) * _FIRST_REACH * reach)
    chosen = (away < 1.0) | inside
    for _ in range(3):
        favour = evidence(ground.palette, regions.area * chosen, regions.area * ~chosen) - (away - 1.0)
        chosen = minimum_cut(regions, favour, 5.0, inside, outside)
    return chosen


def _correction(ground: Ground, coverage: Float32, mark: Bool, told: Sequence[Prompt], reach: float) -> Bool:
    """(h, w) pixels on the wrong side of the newest mark that should change sides with it."""
    regions = ground.regions
    prompt = told[-1]
    assert not isinstance(prompt, Box)
    sign = 1.0 if prompt.adds else -1.0
    against = (coverage > 0.5) != prompt.adds
    scale = max(3.0, 1.5 * _depth(against, mark)) * reach
    before = np.bincount(regions.labels.ravel(), coverage.ravel(), regions.count) / regions.area
    away = _away(ground, mark)
    believed = np.clip(before + sign * (away < 0.6 * scale), 0.0, 1.0)
    local = regions.area * (np.exp(-np.square(away / (4 * scale))) + 0.05)
    favour = (
        0.7 * evidence(ground.palette, local * believed, local * (1 - believed))
        + 0.6 * (2 * before - 1) * np.clip(away / scale, 0.0, 2.0)
        + sign * 2.5 * np.clip(1 - away / scale, -0.5, 1.0)
    )
    chosen = minimum_cut(regions, favour, 3.0, *_certain(ground, told))
    near = cv2.distanceTransform((~mark).astype(np.uint8), cv2.DIST_L2, 5) <= 0.44 * scale
    return np.asarray(((chosen[regions.labels] == prompt.adds) | near) & against)


def _box(ground: Ground, coverage: Float32, told: Sequence[Prompt]) -> Float32:
    """The thing inside the newest box. The first box also empties what lies outside it and holds no adding prompt."""
    regions = ground.regions
    height, width = ground.shape
    box = told[-1]
    assert isinstance(box, Box)
    within = np.zeros(ground.shape, bool)
    x0, y0 = max(0, int(box.x0)), max(0, int(box.y0))
    x1, y1 = min(width, int(np.ceil(box.x1))), min(height, int(np.ceil(box.y1)))
    within[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)] = True
    share = np.bincount(regions.labels.ravel(), within.ravel(), regions.count) / regions.area
    inside, outside = _certain(ground, told)
    beyond = (share < 0.5) & ~inside
    centre_x, centre_y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    reach_x, reach_y = max(1.0, (box.x1 - box.x0) / 2), max(1.0, (box.y1 - box.y0) / 2)
    off = np.hypot((regions.centre[:, 0] - centre_x) / reach_x, (regions.centre[:, 1] - centre_y) / reach_y)
    chosen = (off < 0.9) & ~beyond | inside
    for _ in range(4):
        favour = evidence(ground.palette, regions.area * chosen, regions.area * ~chosen) + 1.2 * (0.85 - off)
        chosen = minimum_cut(regions, favour, 4.0, inside, outside | beyond)
        if not chosen.any():
            chosen = (off < 0.7) & ~beyond
            break
    result = coverage.copy()
    first = sum(isinstance(prompt, Box) for prompt in told) == 1
    added_outside = any(
        not isinstance(prompt, Box) and prompt.adds and not within[footprint(prompt, ground.shape)].any()
        for prompt in told
    )
    if first and not added_outside:
        result[~within] = 0.0
    if first:
        result[within] = chosen[regions.labels][within]
    else:
        result[within] = np.maximum(result, chosen[regions.labels])[within]
    return result
