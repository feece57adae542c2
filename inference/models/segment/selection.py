"""One prompt after the other: what each changes in a coverage. Knows regions and prompts, not the plate's size.

The first prompt guesses a whole thing. Every later one is a correction and local: a click that adds may only add one
connected piece that holds the click, a click that subtracts may only take one away; small errors are looked at from
near (`views.py`); then colors are learned again and the correction may grow to what they say. The
pixels right under a prompt always end on its side.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from core.arrays import Bool, Float32
from core.geometry import Window
from core.prompts import Box, Click, Prompt, Stroke
from inference.models.segment.color_cut import INSIDE, MAYBE_INSIDE, MAYBE_OUTSIDE, OUTSIDE, color_cut
from inference.models.segment.cut import minimum_cut
from inference.models.segment.guess import best_guess
from inference.models.segment.palette import evidence
from inference.models.segment.regions import Float64
from inference.models.segment.views import View, Views

_MARGIN = 5.0
"""How far around a mark a correction looks, in depths of the error."""
_BORDER_COST = 1.5
"""Of a pixel of border, times the root of the error's size: small errors may have crooked outlines."""
_FARTHEST = 2.5
"""A correction ends here at the latest, in sizes of the error."""
_DEEP = 12.0
_PARTS = (0.2, 0.5)
"""Sizes that are tried besides where the mark lies deeper than `_DEEP` view pixels: a small thing in the open."""
_FACTORS = (1.5, 3.0)
"""Sizes of an error that are tried, in depths of its mark."""

_LARGEST = 3.0
"""What colors learned again propose is taken when it is no more than so many times as large as what was there."""
_TINY = 0.002
"""Part of the picture below which a correction teaches the colors nothing."""
_SEED = 0.008
"""Radius of what a click makes certain for its colors, in longer edges of the picture."""


def apply_prompt(views: Views, coverage: Float32, told: Sequence[Prompt], reach: float) -> Float32:
    """The coverage after the last prompt of `told`; a new array.

    Args:
        coverage: (h, w) 0-1 over the fine picture of `views`.
        told: prompts in pixels of the fine picture.
        reach: 1 as measured; lower spreads less, higher more.
    """
    prompt = told[-1]
    changed = _box(views, coverage, told) if isinstance(prompt, Box) else _mark(views, coverage, told, reach)
    for earlier in told:
        if not isinstance(earlier, Box):
            changed[footprint(earlier, views.shape)] = float(earlier.adds)
    return changed


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


def _certain(view: View, told: Sequence[Prompt]) -> tuple[Bool, Bool]:
    """Regions of the view that hold adding marks, and those that hold subtracting ones; the later mark wins."""
    regions = view.ground.regions
    side = np.zeros(regions.count, np.int8)
    for prompt in told:
        if not isinstance(prompt, Box):
            side[np.unique(regions.labels[footprint(view.prompt(prompt), view.shape)])] = 1 if prompt.adds else -1
    return side > 0, side < 0


def _mark(views: Views, coverage: Float32, told: Sequence[Prompt], reach: float) -> Float32:
    """What a click or stroke changes."""
    prompt = told[-1]
    assert not isinstance(prompt, Box)
    mark = footprint(prompt, views.shape)
    against = (coverage > 0.5) != prompt.adds
    result = coverage.copy()
    if not (against & mark).any():
        return result
    if not coverage.any():
        if prompt.adds:
            view = views.whole
            inside, outside = _certain(view, told)
            chosen = best_guess(view.ground, footprint(view.prompt(prompt), view.shape), inside, outside, reach)
            guess = view.bring(chosen[view.ground.regions.labels], views.shape)
            again = _holding(_recolored(views, guess.astype(np.float32), told) | mark, mark)
            smaller, larger = sorted((int(guess.sum()), int(again.sum())))
            result[again if larger < _LARGEST * smaller else guess] = 1.0
        return result
    depth = max(2.0, _depth(against, mark))
    view = views.near(_bounds(mark).grow(int(_MARGIN * depth * reach) + 24))
    change = view.bring(_correction(view, coverage, depth, told, reach), views.shape) | mark
    local = _holding(change & against, mark)
    settled = coverage.copy()
    settled[local] = float(prompt.adds)
    if local.sum() < _TINY * local.size:
        # A touch-up: there is little to learn from it, and the hand is waiting.
        return np.where(local, np.float32(prompt.adds), result)
    wider = _holding((local | (_recolored(views, settled, told) == prompt.adds)) & against, mark)
    result[wider if wider.sum() < _LARGEST * reach * local.sum() else local] = float(prompt.adds)
    return result


def _holding(change: Bool, mark: Bool) -> Bool:
    """The connected pieces of `change` that hold a pixel of `mark`."""
    count, pieces = cv2.connectedComponents(change.astype(np.uint8), connectivity=4)
    touched = np.zeros(count, bool)
    touched[np.unique(pieces[mark & change])] = True
    touched[0] = False
    return np.asarray(touched[pieces])


def _recolored(views: Views, coverage: Float32, told: Sequence[Prompt]) -> Bool:
    """(h, w) inside, when the colors of the whole picture are learned again from `coverage`; marks hold."""
    view = views.whole
    seeds = np.where(view.take(coverage) > 0.5, MAYBE_INSIDE, MAYBE_OUTSIDE).astype(np.uint8)
    spread = max(1, round(_SEED * max(view.shape)))
    for prompt in told:
        if isinstance(prompt, Box):
            continue
        side = INSIDE if prompt.adds else OUTSIDE
        seen = view.prompt(prompt)
        seeds[footprint(seen, view.shape)] = side
        if isinstance(seen, Click):
            cv2.circle(seeds, (int(seen.x), int(seen.y)), spread, side, -1)
    return view.bring(color_cut(view.picture, seeds), views.shape)


def _depth(inside: Bool, mark: Bool) -> float:
    """How far the mark's deepest pixel lies from the end of `inside`; the picture's border ends nothing."""
    if inside.all():
        return float(max(inside.shape))
    return float(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5)[mark].max())


def _bounds(mark: Bool) -> Window:
    rows, columns = np.flatnonzero(mark.any(axis=1)), np.flatnonzero(mark.any(axis=0))
    return Window(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _correction(view: View, coverage: Float32, depth: float, told: Sequence[Prompt], reach: float) -> Bool:
    """(h, w) of the view: pixels that should end on the newest mark's side, for all that is seen from here.

    How large the error is, is not known: a few sizes are tried and the one that ends where the picture changes wins.
    The mark is taken to lie in the error's middle, so its depth is the first thing to go by.
    """
    prompt = told[-1]
    assert not isinstance(prompt, Box)
    regions = view.ground.regions
    mark = footprint(view.prompt(prompt), view.shape)
    apart = np.asarray(cv2.distanceTransform((~mark).astype(np.uint8), cv2.DIST_L2, 5), np.float32)
    before, away = regions.mean(view.take(coverage)), regions.mean(apart)
    certain = _certain(view, told)
    seen_depth = max(1.5, depth * view.scale)
    usual = 0.15 * min(view.shape) / max(view.scale, 1.0)
    factors = _FACTORS if seen_depth < _DEEP else (*_PARTS, *_FACTORS)
    sizes = [factor * min(seen_depth, usual) for factor in factors]
    best, chosen, size = -np.inf, before > 0.5, sizes[0]
    for tried in sizes:
        found = _flip(view, before, away, tried * reach, prompt.adds, certain)
        score = _ends_well(view, (before > 0.5) != prompt.adds, found == prompt.adds)
        if score > best:
            best, chosen, size = score, found, tried
    disc = apart <= min(0.66 * min(seen_depth, usual), size) * min(reach, 1.0)
    near = apart <= _FARTHEST * size * reach
    return np.asarray(((chosen[regions.labels] == prompt.adds) & near) | disc)


def _flip(view: View, before: Float64, away: Float64, size: float, adds: bool, certain: tuple[Bool, Bool]) -> Bool:
    """(n,) inside after an error of about `size` view pixels around the mark was put right."""
    regions = view.ground.regions
    sign = 1.0 if adds else -1.0
    believed = np.clip(before + sign * (away < 0.6 * size), 0.0, 1.0)
    local = regions.area * (np.exp(-np.square(away / (4 * size))) + 0.05)
    favour = (
        0.7 * evidence(view.ground.palette, local * believed, local * (1 - believed))
        + 0.6 * (2 * before - 1) * np.clip(away / size, 0.0, 2.0)
        + sign * 2.5 * np.clip(1 - away / size, -0.5, 1.0)
    )
    border = float(np.clip(_BORDER_COST * np.sqrt(size), 2.0, 12.0))
    return minimum_cut(regions, favour, border, *certain)


def _ends_well(view: View, against: Bool, moved: Bool) -> float:
    """How much of the new border runs where the picture changes, and how much the two sides differ in color."""
    regions, palette = view.ground.regions, view.ground.palette
    flipped, stays = against & moved, against & ~moved
    border = (flipped[regions.tail] & stays[regions.head]) | (stays[regions.tail] & flipped[regions.head])
    length = float(regions.length[border].sum())
    edge = 1.0 - (float((regions.length * regions.affinity)[border].sum()) + 6.0) / (length + 6.0)
    area_in, area_out = regions.area * flipped, regions.area * stays
    if not area_in.any() or not area_out.any():
        return edge - 0.5
    differ = 0.5 * float(np.abs(area_in @ palette / area_in.sum() - area_out @ palette / area_out.sum()).sum())
    return edge + 0.5 * differ


def _box(views: Views, coverage: Float32, told: Sequence[Prompt]) -> Float32:
    """The thing inside the newest box. The first box also empties what lies outside it and holds no adding prompt."""
    box = told[-1]
    assert isinstance(box, Box)
    height, width = views.shape
    x0, y0 = max(0, int(box.x0)), max(0, int(box.y0))
    x1, y1 = min(width, max(x0 + 1, int(np.ceil(box.x1)))), min(height, max(y0 + 1, int(np.ceil(box.y1))))
    within = np.zeros(views.shape, bool)
    within[y0:y1, x0:x1] = True
    view = views.near(Window(x0, y0, x1, y1).grow(int(0.35 * max(x1 - x0, y1 - y0)) + 8))
    regions = view.ground.regions
    seen = view.box(box)
    share = regions.mean(view.take(within.astype(np.float32)))
    inside, outside = _certain(view, told)
    beyond = (share < 0.5) & ~inside
    half_x, half_y = max(1.0, (seen.x1 - seen.x0) / 2), max(1.0, (seen.y1 - seen.y0) / 2)
    centre_x, centre_y = (seen.x0 + seen.x1) / 2, (seen.y0 + seen.y1) / 2
    off = np.hypot((regions.centre[:, 0] - centre_x) / half_x, (regions.centre[:, 1] - centre_y) / half_y)
    chosen = (off < 0.9) & ~beyond | inside
    for _ in range(4):
        favour = evidence(view.ground.palette, regions.area * chosen, regions.area * ~chosen) + 1.2 * (0.85 - off)
        chosen = minimum_cut(regions, favour, 4.0, inside, outside | beyond)
    if not (chosen & (share > 0.5)).any():
        chosen = (off < 0.7) & ~beyond
    found = view.bring(chosen[regions.labels], views.shape) & within
    result = coverage.copy()
    if sum(isinstance(prompt, Box) for prompt in told) > 1:
        result[found] = 1.0
        return result
    marked_outside = any(
        not isinstance(prompt, Box) and prompt.adds and not within[footprint(prompt, views.shape)].any()
        for prompt in told
    )
    if not marked_outside:
        result[~within] = 0.0
    result[within] = found[within]
    return result
