"""The brush: strokes to coverage, live and replayed, and corrections painted over a matte.

One rasterizer serves the pen on screen and every later replay, so both give the same pixels. A stroke is a row of
round stamps, kept in a uint8 buffer of its own (the strongest stamp counts, so a stroke never darkens itself), and is
combined with the coverage in float32 once. Knows neither layers nor keys; who paints what is `app/`'s business.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from core.arrays import Bool, Float32, UInt8
from core.finish import Finish
from core.finishing import finished_coverage
from core.geometry import Window
from core.layer import Correction
from core.matte import Matte
from core.prompts import Stroke, StrokePoint

SPACING = 0.1
"""Distance between stamps as a part of the diameter."""
SMALLEST_RADIUS_PX = 0.5
SOLID = 255
_STAMPS_BUDGET = 64 << 20


class _Stamps:
    """Round stamps by radius, hardness and place inside the pixel, made once; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[float, float, float, float], UInt8] = OrderedDict()
        self._bytes = 0

    def at(self, x: float, y: float, radius_px: float, hardness: float) -> tuple[Window, UInt8]:
        """The stamp's window and values 0-255; radius and place are rounded to what the eye cannot tell apart."""
        fine = 4 if radius_px <= 32 else 2 if radius_px <= 100 else 1
        radius = max(SMALLEST_RADIUS_PX, round(radius_px * 4 * fine) / (4 * fine))
        x, y = round(x * fine) / fine, round(y * fine) / fine
        column, row = math.floor(x), math.floor(y)
        reach = math.ceil(radius + 1.5)
        window = Window(column - reach, row - reach, column + reach + 1, row + reach + 1)
        key = (radius, hardness, x - column, y - row)
        with self._lock:
            stamp = self._kept.get(key)
            if stamp is None:
                stamp = _stamp(x - column + reach, y - row + reach, radius, hardness, window.width)
                self._kept[key] = stamp
                self._bytes += stamp.nbytes
                while self._bytes > _STAMPS_BUDGET and len(self._kept) > 1:
                    self._bytes -= self._kept.popitem(last=False)[1].nbytes
            else:
                self._kept.move_to_end(key)
        return window, stamp


def _stamp(x: float, y: float, radius_px: float, hardness: float, size: int) -> UInt8:
    """(size, size) 0-255: solid to `hardness` of the radius, smoothstep to its end, at least one pixel of edge."""
    centres = np.arange(size, dtype=np.float32) + np.float32(0.5)
    distance = np.hypot((centres - np.float32(x))[None, :], (centres - np.float32(y))[:, None])
    inner = min(hardness * radius_px, radius_px - 0.5)
    outer = max(radius_px, inner + 1.0)
    ramp = np.clip((outer - distance) / np.float32(outer - inner), 0.0, 1.0)
    stamp: UInt8 = np.rint(ramp * ramp * (3.0 - 2.0 * ramp) * SOLID).astype(np.uint8)
    return stamp


_STAMPS = _Stamps()


class StrokePainter:
    """One stroke while the pen moves: `move` per event, `buffer` to show, `stroke()` and `paint()` at pen-up.

    Args:
        window: what may be painted, in plate pixels; `buffer` covers it.
        radius_px, adds, hardness, opacity: as in `Stroke`.
    """

    def __init__(
        self, window: Window, radius_px: float, *, adds: bool = True, hardness: float = 0.8, opacity: float = 1.0
    ) -> None:
        self.window = window
        self.radius_px = radius_px
        self.adds = adds
        self.hardness = hardness
        self.opacity = opacity
        self.buffer: UInt8 = np.zeros(window.shape, np.uint8)
        """(H, W) over `window`, 0-255 before opacity. Written to by `move`."""
        self.dirty = Window(window.x0, window.y0, window.x0, window.y0)
        """All that was touched so far."""
        self._points: list[StrokePoint] = []
        self._to_next_px = 0.0

    @classmethod
    def replay(cls, stroke: Stroke, window: Window) -> StrokePainter:
        """The painter of a finished stroke over `window`, every point moved through."""
        painter = cls(window, stroke.radius_px, adds=stroke.adds, hardness=stroke.hardness, opacity=stroke.opacity)
        for point in stroke.points:
            painter.move(point.x, point.y, point.pressure)
        return painter

    def move(self, x: float, y: float, pressure: float = 1.0) -> Window:
        """The pen is at (x, y) plate pixels with `pressure` 0-1. Returns what changed in `buffer`; may be empty."""
        point = StrokePoint(float(x), float(y), float(pressure))
        changed = Window(self.window.x0, self.window.y0, self.window.x0, self.window.y0)
        for place in self._walk(point):
            changed = changed.union(self._put(place))
        self._points.append(point)
        self.dirty = self.dirty.union(changed)
        return changed

    def _walk(self, point: StrokePoint) -> Iterator[StrokePoint]:
        """The places of the stamps from the last point to this one; the first point of a stroke is one itself."""
        if not self._points:
            self._to_next_px = self._spacing(point.pressure)
            yield point
            return
        last = self._points[-1]
        length = math.hypot(point.x - last.x, point.y - last.y)
        gone = self._to_next_px
        while gone <= length:
            part = gone / length if length else 1.0
            pressure = last.pressure + (point.pressure - last.pressure) * part
            yield StrokePoint(last.x + (point.x - last.x) * part, last.y + (point.y - last.y) * part, pressure)
            gone += self._spacing(pressure)
        self._to_next_px = gone - length

    def _radius(self, pressure: float) -> float:
        return max(SMALLEST_RADIUS_PX, self.radius_px * min(1.0, max(0.0, pressure)))

    def _spacing(self, pressure: float) -> float:
        return max(0.5, 2 * SPACING * self._radius(pressure))

    def _put(self, place: StrokePoint) -> Window:
        window, stamp = _STAMPS.at(place.x, place.y, self._radius(place.pressure), self.hardness)
        shared = window.intersect(self.window)
        if not shared.empty:
            target = self.buffer[shared.within(self.window)]
            np.maximum(target, stamp[shared.within(window)], out=target)
        return shared

    def stroke(self) -> Stroke:
        """The stroke so far, as the document keeps it: replaying it gives the same pixels."""
        return Stroke(tuple(self._points), self.radius_px, self.adds, self.hardness, self.opacity)

    def paint(self, coverage: Float32) -> Float32:
        """The stroke so far over `coverage`, (H, W) 0-1 over `window`. A new array."""
        result = coverage.astype(np.float32, copy=True)
        if not self.dirty.empty:
            place = self.dirty.within(self.window)
            result[place] = combine(result[place], self.buffer[place], self.adds, self.opacity)
        return result


def combine(coverage: Float32, buffer: UInt8, adds: bool, opacity: float) -> Float32:
    """A stroke's buffer over coverage of the same shape; for a dirty rectangle on screen as well as for pen-up.

    Where the buffer is 255 and opacity 1 the result is exactly 1.0 (adds) or 0.0 (erases).

    Args:
        coverage: (H, W) float32, 0-1.
        buffer: (H, W) uint8.

    Returns:
        (H, W) float32, 0-1, a new array.
    """
    strength = buffer.astype(np.float32) * np.float32(1 / SOLID)
    strength[buffer == SOLID] = 1.0
    strength *= np.float32(opacity)
    result = np.asarray(coverage * (1 - strength), dtype=np.float32)
    if adds:
        result += strength
    return result


def paint_stroke(coverage: Float32, window: Window, stroke: Stroke) -> Float32:
    """One stroke over coverage.

    Args:
        coverage: (H, W) float32 over `window`, 0-1.

    Returns:
        (H, W) float32, a new array; the same pixels the live brush gave.
    """
    result = coverage.astype(np.float32, copy=True)
    _paint_into(result, window, stroke)
    return result


def _paint_into(coverage: Float32, window: Window, stroke: Stroke) -> None:
    reach = stroke.bounds().intersect(window)
    if reach.empty or not stroke.points:
        return
    painter = StrokePainter.replay(stroke, reach)
    place = reach.within(window)
    coverage[place] = combine(coverage[place], painter.buffer, stroke.adds, stroke.opacity)


def apply_correction(
    matte: Matte, correction: Correction, painted: Matte | None = None, canvas: Window | None = None
) -> Matte:
    """What the artist painted, over a derived matte. The last step, so that no model can undo it.

    Args:
        matte: the ground.
        correction: strokes in the order of the hand.
        painted: the pixels of `correction.painted`; they replace the ground wherever they reach, and zero it
            elsewhere.
        canvas: the window of the result; the ground's own where None.

    Returns:
        float32 coverage over the canvas, confidence 1; the ground itself when nothing was painted.
    """
    window = canvas or matte.window
    if correction.empty and window == matte.window:
        return matte
    coverage = (painted if painted is not None else matte).over(window)
    for step in correction.strokes:
        if isinstance(step, Finish):
            coverage = np.asarray(finished_coverage(coverage, step), np.float32)
        else:
            _paint_into(coverage, window, step)
    if correction.empty:
        return replace(matte, window=window, coverage=coverage)
    return Matte(window, coverage, 1.0, replace(matte.provenance, made_by="paint"))


def solid_mask(
    correction: Correction, window: Window, painted: Matte | None = None, ground: Matte | None = None
) -> Float32:
    """Where the correction alone decides that a pixel is exactly 0.0 or 1.0: such pixels survive bit for bit.

    A later stroke overrides an earlier one: soft erasing over a solid stroke makes its pixels undecided again. What
    was done to the whole frame (its holes filled) decides the pixels that it changed.

    Args:
        painted: the pixels of `correction.painted`; where they are exactly 0 or 1 they are solid too.
        ground: what lies under the correction; zero where None.

    Returns:
        (H, W) float32 over `window`: 1.0 where solid, 0.0 elsewhere.
    """
    ones: Bool = np.zeros(window.shape, bool)
    zeros: Bool = np.zeros(window.shape, bool)
    if painted is not None:
        given = painted.over(window)
        ones, zeros = given == 1.0, given == 0.0
    for number, stroke in enumerate(correction.strokes):
        if isinstance(stroke, Finish):
            earlier = replace(correction, strokes=correction.strokes[:number])
            before = apply_correction(ground or Matte.empty(window), earlier, painted, window).over(window)
            after = finished_coverage(before, stroke)
            changed = after != before
            ones = (ones & ~changed) | (changed & (after == 1.0))
            zeros = (zeros & ~changed) | (changed & (after == 0.0))
            continue
        reach = stroke.bounds().intersect(window)
        if reach.empty or not stroke.points:
            continue
        place = reach.within(window)
        buffer = StrokePainter.replay(stroke, reach).buffer
        solid = (buffer == SOLID) if stroke.opacity >= 1.0 else np.zeros(reach.shape, bool)
        touched = (buffer > 0) if stroke.opacity > 0.0 else np.zeros(reach.shape, bool)
        kept, lost = (ones, zeros) if stroke.adds else (zeros, ones)
        kept[place] |= solid
        lost[place] &= ~touched
    return (ones | zeros).astype(np.float32)
