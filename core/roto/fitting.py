"""Bezier shapes with key frames out of the mattes of many frames: few points, each at the same place all the time.

The outline of every frame is followed from the first on (`core/roto/following.py`). Points are put where the first
curve is furthest off on any frame, one after the other; then frames whose points lie on the straight way between
others are no key frames any more. Knows arrays and shapes, nothing of layers.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import savgol_filter

from core.errors import PenumbraError
from core.frames import FrameNumber
from core.roto.contour import Outline
from core.roto.following import followed
from core.roto.outline import Float64
from core.roto.shape import Points, Role, RotoShape, ShapePoint

DENSE_PX = 2.0
MOST_DENSE, LEAST_DENSE = 1200, 160
LEAST_PART = 0.02
"""Pieces and holes smaller than this part of the largest piece are left out."""
LATTICE = 512
BEGIN = 4
TURNS = 4
"""How often the places on a curve are found anew while it is fitted."""
STIFF = 0.02
"""How strongly handles are held at a third of the way, where the outline says little."""
CALM_FRAMES = 9
OF_KEYS = 0.5
"""The part of the tolerance that leaving out key frames may take."""
OF_FOLLOWING = 0.7
"""The part of the work that following an outline is, about; the rest is curves."""

Told = Callable[[float], None]
"""Told how far it is, 0-1, often; what it raises ends the work."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What came of it.

    Args:
        shapes: pieces first, then holes.
        worst_px: how far the outline of any frame lies from its curve, before key frames were left out.
        left_out: pieces and holes of the first frame that are too small, or are not there on every frame.
    """

    shapes: tuple[RotoShape, ...]
    worst_px: float
    left_out: int


def fit_shapes(
    found: Mapping[FrameNumber, Sequence[Outline]],
    tolerance_px: float,
    most_points: int,
    name: str = "shape",
    told: Told = lambda _done: None,
) -> Fitted:
    """Shapes for the outlines of these frames.

    Args:
        found: by frame, the largest outline first.
        tolerance_px: how far a curve may be from the outline; more only where `most_points` do not suffice.
        most_points: of all shapes together, at every frame; but each piece and each hole has four at least.

    Raises:
        PenumbraError: no frame, a frame without an outline, or nothing that can be followed over all frames.
    """
    frames = sorted(found)
    empty = next((frame for frame in frames if not found[frame]), None)
    if not frames:
        raise PenumbraError("Shapes", why="there is no frame to fit them to", hint="Choose frames.")
    if empty is not None:
        raise PenumbraError(
            f"Frame {empty}", why="there is nothing in the matte to draw around", hint="Choose frames where there is."
        )
    first = found[frames[0]]
    large = [outline for outline in first if outline.area_px2 >= LEAST_PART * first[0].area_px2]
    chains = [chain for outline in large if (chain := _chained(outline, found, frames))]
    if not chains:
        raise PenumbraError(
            f"Frames {frames[0]}-{frames[-1]}",
            why="no piece of the matte can be followed over all of them: it jumps, or is another size at once",
            hint="Choose a shorter range.",
        )
    lengths = np.array([chain[0].lengths[-1] for chain in chains])
    shapes, worst = [], 0.0
    for number, chain in enumerate(sorted(chains, key=lambda chain: chain[0].hole), 1):
        share = chain[0].lengths[-1] / lengths.sum()
        budget = max(BEGIN, int(most_points * share)) if len(chains) > 1 else most_points
        points, off = _fitted(
            chain,
            tolerance_px * (1 - OF_KEYS / 2),
            budget,
            partial(_of_one, told, number - 1, len(chains)),
        )
        worst = max(worst, off)
        points = _calmed(points, tolerance_px * OF_KEYS)
        keys = _few_keys(points, tolerance_px * OF_KEYS)
        kept = MappingProxyType({frames[at]: _points(points[at]) for at in keys})
        role = Role.SUBTRACT if chain[0].hole else Role.ADD
        label = name if len(chains) == 1 else f"{name} {number}"
        shapes.append(RotoShape(label, kept, role, id=uuid.uuid4().hex[:12]))
    return Fitted(tuple(shapes), worst, len(first) - len(chains))


def _of_one(told: Told, before: int, count: int, part: float) -> None:
    told((before + part) / count)


def _chained(
    outline: Outline, found: Mapping[FrameNumber, Sequence[Outline]], frames: Sequence[FrameNumber]
) -> list[Outline] | None:
    """The same piece on every frame; None where it is lost."""
    chain = [outline]
    for frame in frames[1:]:
        last = chain[-1]
        alike = [
            (float(np.hypot(*(other.middle - last.middle))), other)
            for other in found[frame]
            if other.hole == last.hole and 0.25 < other.area_px2 / max(last.area_px2, 1.0) < 4
        ]
        if not alike:
            return None
        away, nearest = min(alike, key=lambda pair: pair[0])
        if away > 2 * np.sqrt(last.area_px2):
            return None
        chain.append(nearest)
    return chain


def _fitted(chain: Sequence[Outline], tolerance_px: float, most_points: int, told: Told) -> tuple[Float64, float]:
    """(frames, points, 6) numbers of points, and how far off the worst place is."""
    count = int(np.clip(chain[0].lengths[-1] / DENSE_PX, LEAST_DENSE, MOST_DENSE))
    parts = np.arange(count) / count
    ways = [chain[0].at(parts)]
    for done, (before, after) in enumerate(pairwise(chain), 1):
        told(OF_FOLLOWING * done / len(chain))
        parts = followed(before, parts, after)
        ways.append(after.at(parts))
    dense = np.stack(ways)
    knots = _beginning(dense)
    curves = _curves(dense, knots)
    while len(knots) < most_points:
        told(OF_FOLLOWING + (1 - OF_FOLLOWING) * len(knots) / most_points)
        worst = max(range(len(knots)), key=lambda place: curves[place].off)
        if curves[worst].off <= tolerance_px:
            break
        begin, end = knots[worst], knots[(worst + 1) % len(knots)]
        length = (end - begin) % count or count
        if length < 4:
            break
        at = (begin + int(np.clip(curves[worst].where, 2, length - 2))) % count
        knots = sorted([*knots, at])
        curves = _curves(dense, knots, curves)
    numbers = np.zeros((len(chain), len(knots), 6))
    for place, knot in enumerate(knots):
        here, earlier = curves[place], curves[place - 1]
        numbers[:, place, :2] = dense[:, knot]
        numbers[:, place, 2:4] = earlier.ahead_of_end - dense[:, knot]
        numbers[:, place, 4:] = here.behind_begin - dense[:, knot]
    return numbers, max(curve.off for curve in curves)


def _beginning(dense: Float64) -> list[int]:
    """A few places where the outline turns most, well apart, the same ones however it lies."""
    count = dense.shape[1]
    step = max(2, count // 60)
    ahead, back = np.roll(dense, -step, 1) - dense, dense - np.roll(dense, step, 1)
    turned = np.arctan2(ahead[..., 0] * back[..., 1] - ahead[..., 1] * back[..., 0], (ahead * back).sum(-1))
    sharp = gaussian_filter1d(np.abs(turned).mean(0), step / 2, mode="wrap")
    knots: list[int] = []
    for place in np.argsort(-sharp):
        far = [min(abs(int(place) - knot), count - abs(int(place) - knot)) for knot in knots]
        if all(each > count / (2.5 * BEGIN) for each in far):
            knots.append(int(place))
        if len(knots) == BEGIN:
            break
    return sorted(knots)


@dataclass(frozen=True, slots=True)
class _Curve:
    """From one knot to the next, on every frame: handles (frames, 2), and where it is furthest off."""

    ends: tuple[int, int]
    behind_begin: Float64
    ahead_of_end: Float64
    off: float
    where: int


def _curves(dense: Float64, knots: Sequence[int], known: Sequence[_Curve] = ()) -> list[_Curve]:
    kept = {curve.ends: curve for curve in known}
    pairs = list(zip(knots, [*knots[1:], knots[0]], strict=True))
    return [kept.get(pair) or _curve(dense, *pair) for pair in pairs]


def _curve(dense: Float64, begin: int, end: int) -> _Curve:
    """The best curve between two knots of every frame, by least squares."""
    count = dense.shape[1]
    length = (end - begin) % count or count
    way = dense[:, (begin + np.arange(length + 1)) % count]
    steps = np.hypot(*np.moveaxis(np.diff(way, axis=1), -1, 0))
    along = np.concatenate([np.zeros((len(way), 1)), np.cumsum(steps, 1)], 1)
    parts = along / np.maximum(along[:, -1:], 1e-9)
    first, last = way[:, 0], way[:, -1]
    for turn in range(TURNS):
        one, other = _handles(way, parts, first, last)
        if turn + 1 < TURNS:
            parts = _nearer(way, parts, first, one, other, last)
    far = np.hypot(*np.moveaxis(_on(parts, first, one, other, last) - way, -1, 0))
    worst = int(far.max(0).argmax())
    return _Curve((begin, end), one, other, float(far.max()), worst)


def _handles(way: Float64, parts: Float64, first: Float64, last: Float64) -> tuple[Float64, Float64]:
    rest = 1 - parts
    a, b = 3 * rest**2 * parts, 3 * rest * parts**2
    ends = (rest**3 + a)[..., None] * first[:, None] + (parts**3 + b)[..., None] * last[:, None]
    left = way - ends
    third = (last - first) / 3
    stiff = STIFF * parts.shape[1] / 10 + 1e-6
    aa, ab, bb = (a * a).sum(1) + stiff, (a * b).sum(1), (b * b).sum(1) + stiff
    ra = (a[..., None] * left).sum(1) + stiff * third
    rb = (b[..., None] * left).sum(1) - stiff * third
    scale = 1 / (aa * bb - ab * ab)
    one = first + scale[:, None] * (bb[:, None] * ra - ab[:, None] * rb)
    other = last + scale[:, None] * (aa[:, None] * rb - ab[:, None] * ra)
    return one, other


def _on(parts: Float64, first: Float64, one: Float64, other: Float64, last: Float64) -> Float64:
    rest, part = (1 - parts)[..., None], parts[..., None]
    return np.asarray(
        rest**3 * first[:, None]
        + 3 * rest**2 * part * one[:, None]
        + 3 * rest * part**2 * other[:, None]
        + part**3 * last[:, None]
    )


def _nearer(way: Float64, parts: Float64, first: Float64, one: Float64, other: Float64, last: Float64) -> Float64:
    """One step of Newton's to the nearest places of the curve."""
    rest, part = (1 - parts)[..., None], parts[..., None]
    p0, p1, p2, p3 = first[:, None], one[:, None], other[:, None], last[:, None]
    away = _on(parts, first, one, other, last) - way
    speed = 3 * (rest**2 * (p1 - p0) + 2 * rest * part * (p2 - p1) + part**2 * (p3 - p2))
    bend = 6 * (rest * (p2 - 2 * p1 + p0) + part * (p3 - 2 * p2 + p1))
    slope = (speed * speed).sum(-1) + (away * bend).sum(-1)
    step = (away * speed).sum(-1) / np.where(np.abs(slope) > 1e-9, slope, np.inf)
    found = np.clip(parts - np.clip(step, -0.1, 0.1), 0, 1)
    found[:, 0], found[:, -1] = 0, 1
    return np.asarray(np.maximum.accumulate(found, 1))


def _calmed(numbers: Float64, most_px: float) -> Float64:
    """Without the trembling of outlines that were drawn frame by frame: over time each number follows a smooth way, but
    goes at most so far from where it was."""
    if len(numbers) < CALM_FRAMES:
        return numbers
    smooth = savgol_filter(numbers, CALM_FRAMES, 2, axis=0, mode="interp") - numbers
    far = np.hypot(smooth[..., 0::2], smooth[..., 1::2])
    allowed = np.minimum(1.0, most_px / np.maximum(far, 1e-9))
    return np.asarray(numbers + smooth * np.repeat(allowed, 2, axis=-1), np.float64)


def _few_keys(numbers: Float64, tolerance_px: float) -> list[int]:
    """The frames that must be keys so that every number between lies on the straight way, this near."""
    count = len(numbers)
    keys = {0, count - 1}
    waiting = [(0, count - 1)]
    while waiting:
        begin, end = waiting.pop()
        if end - begin < 2:
            continue
        part = ((np.arange(begin + 1, end) - begin) / (end - begin))[:, None, None]
        straight = numbers[begin] + part * (numbers[end] - numbers[begin])
        off = numbers[begin + 1 : end] - straight
        places = np.hypot(off[..., 0], off[..., 1])
        handles = [np.hypot(off[..., 0] + off[..., at], off[..., 1] + off[..., at + 1]) for at in (2, 4)]
        worst = np.maximum(places, 0.5 * np.maximum(*handles)).max(1)
        if worst.max() > tolerance_px:
            middle = begin + 1 + int(worst.argmax())
            keys.add(middle)
            waiting += [(begin, middle), (middle, end)]
    return sorted(keys)


def _points(numbers: Float64) -> Points:
    """Points to a 512th of a pixel, which every format of shapes holds to the last bit."""
    return tuple(ShapePoint(*(round(float(number) * LATTICE) / LATTICE for number in point)) for point in numbers)
