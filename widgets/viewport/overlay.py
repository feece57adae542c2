"""Mattes made ready for the screen: 8-bit coverage at the screen's resolution, drawn through a color table.

One uint8 array per matte and stride serves the overlay (its color with rising opacity) and the matte alone (grey):
only the 256-entry table differs. The exact floats stay where they are; comps and the readout use those.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from core.arrays import AnyFloat, Float32, UInt8
from core.geometry import Window
from core.matte import Matte
from core.painting import StrokePainter, combine
from widgets.viewport.lattice import Lattice

Color = tuple[float, float, float]


UInt32 = npt.NDArray[np.uint32]
MOST_OUTLINE_POINTS = 4000
"""A speckled matte would have more outline than can be drawn while the hand moves."""
MOST_TINTS = 3
"""A level is rarely seen through more tables than these: its overlay, or its edge now, before and after."""


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """What each of the 256 coverages looks like: (256,) uint32 premultiplied ARGB. Equal only to itself."""

    entries: UInt32


def to_bytes(coverage: AnyFloat) -> UInt8:
    """Coverage 0-1, clipped and rounded to 0-255; NaN becomes 0. Same shape, a new array."""
    if coverage.dtype == np.float16:
        return _half_table()[np.ascontiguousarray(coverage).view(np.uint16)]
    values = np.nan_to_num(np.ascontiguousarray(coverage), nan=0.0, posinf=1.0, neginf=0.0)
    return np.asarray(np.clip(values * np.float32(255) + np.float32(0.5), 0, 255).astype(np.uint8))


@lru_cache(maxsize=1)
def _half_table() -> UInt8:
    """The byte of each of the 65536 half floats: one look-up is faster than any arithmetic on halves."""
    halves = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32)
    return to_bytes(halves)


Derivation = Callable[[UInt8], UInt8]
"""Levels from levels of the same shape, each from its neighbours at most one sample away. A new array."""


class Level:
    """Coverage at one stride, 0-255."""

    def __init__(self, lattice: Lattice, values: UInt8, origin: Any = None) -> None:
        self.lattice = lattice
        self.values = np.ascontiguousarray(values)
        self.origin = None if origin is None else weakref.ref(origin)
        self._outline: list[Float32] | None = None
        self._tinted: dict[Table, UInt32] = {}
        self._derived: dict[Derivation, Level] = {}

    def image(self, table: Table) -> QImage:
        """The values seen through a table. Made once a table and kept with the level; keep the level while it is used.

        32-bit premultiplied pixels, because QPainter draws those four times as fast as 8-bit ones with a color table.
        """
        rows, columns = self.values.shape
        if table is grey_table():
            return QImage(self.values.data.cast("B"), columns, rows, columns, QImage.Format.Format_Grayscale8)
        tinted = self._tinted.get(table)
        if tinted is None:
            if len(self._tinted) >= MOST_TINTS:
                self._tinted.clear()
            tinted = np.take(table.entries, self.values)
            self._tinted[table] = tinted
        return QImage(tinted.data.cast("B"), columns, rows, columns * 4, QImage.Format.Format_ARGB32_Premultiplied)

    @property
    def nbytes(self) -> int:
        """With the 32-bit pixels it will have once it is drawn."""
        return 5 * int(self.values.nbytes)

    def put(self, cells: Window, values: UInt8) -> None:
        """Replace the values of these cells, and what was made of them."""
        place = (slice(cells.y0, cells.y1), slice(cells.x0, cells.x1))
        self.values[place] = values
        for table, tinted in self._tinted.items():
            tinted[place] = table.entries[values]
        self._outline = None
        for how, level in self._derived.items():
            whole = Window(0, 0, self.lattice.columns, self.lattice.rows)
            touched = cells.grow(1).intersect(whole)
            seen = touched.grow(1).intersect(whole)
            level.put(touched, how(self.values[seen.within(whole)])[touched.within(seen)])

    def derived(self, how: Derivation) -> Level:
        """What `how` makes of the values; kept, and brought up to date with every `put`."""
        kept = self._derived.get(how)
        if kept is None:
            kept = self._derived[how] = Level(self.lattice, how(self.values))
        return kept

    def outline(self) -> list[Float32]:
        """Closed contours at half coverage, the longest ones: (N, 2) float32 plate pixels each."""
        if self._outline is None:
            found, _ = cv2.findContours((self.values > 127).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_TC89_L1)
            corner = np.array([self.lattice.window.x0, self.lattice.window.y0], np.float32)
            self._outline, points = [], 0
            for line in sorted(found, key=len, reverse=True):
                points += len(line)
                if points > MOST_OUTLINE_POINTS and self._outline:
                    break
                self._outline.append((line[:, 0, :].astype(np.float32) + 0.5) * self.lattice.stride + corner)
        return self._outline


class Coverage(Protocol):
    """A matte as the viewport draws it: finished, or still under the brush."""

    @property
    def window(self) -> Window: ...

    @property
    def origin(self) -> Any:
        """A new object means that everything may have changed."""

    @property
    def live(self) -> bool:
        """Whether it changes under the hand."""

    def level(self, stride: int) -> Level: ...

    def floats(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        """(h, w) float32 coverage at plate pixels (x + i·step, y + j·step); 0 outside the matte. A new array."""


def strided(values: AnyFloat | UInt8, window: Window, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
    """Every `step`-th of `values` (H, W) or (H, W, C) over `window`, from plate pixel (x, y) on; 0 outside. float32."""
    result = np.zeros((*shape, *values.shape[2:]), np.float32)
    first_column, first_row = max(0, -((x - window.x0) // step)), max(0, -((y - window.y0) // step))
    last_column = min(shape[1], -(-(window.x1 - x) // step))
    last_row = min(shape[0], -(-(window.y1 - y) // step))
    if last_column > first_column and last_row > first_row:
        rows = slice(y + first_row * step - window.y0, y + (last_row - 1) * step - window.y0 + 1, step)
        columns = slice(x + first_column * step - window.x0, x + (last_column - 1) * step - window.x0 + 1, step)
        result[first_row:last_row, first_column:last_column] = values[rows, columns]
    return result


class StillCoverage:
    """A finished matte; its levels live in the cache."""

    live = False

    def __init__(self, matte: Matte, cache: LevelCache) -> None:
        self.matte = matte
        self._cache = cache

    @property
    def window(self) -> Window:
        return self.matte.window

    @property
    def origin(self) -> Any:
        return self.matte.coverage

    def level(self, stride: int) -> Level:
        return self._cache.level(self.matte, stride)

    def floats(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        return strided(self.matte.coverage, self.matte.window, x, y, step, shape)


class LiveCoverage:
    """A matte with a stroke being painted over it. `patch` brings drawn levels up to date, a rectangle at a time.

    Args:
        inverted: what is shown is inverted after painting: a stroke that adds takes away from it.
    """

    live = True

    def __init__(self, ground: Matte | None, painter: StrokePainter, *, inverted: bool = False) -> None:
        self.window = painter.window
        self._adds = painter.adds != inverted
        self.painter = painter
        self._ground = ground
        self._levels: dict[int, Level] = {}
        self._grounds: dict[int, UInt8] = {}

    @property
    def origin(self) -> Any:
        """The ground's, where there is one: what was drawn from it is patched, not made again."""
        return self.painter.buffer if self._ground is None else self._ground.coverage

    @property
    def ground_origin(self) -> Any:
        """The array of the matte being painted over; None where there was none."""
        return None if self._ground is None else self._ground.coverage

    def level(self, stride: int) -> Level:
        kept = self._levels.get(stride)
        if kept is None:
            lattice = Lattice(self.window, stride)
            ground = self._ground_bytes(lattice)
            kept = Level(lattice, ground.copy())
            self._levels[stride] = kept
            self._grounds[stride] = ground
            self._fill(kept, lattice.cells(self.painter.dirty))
        return kept

    def patch(self, changed: Window) -> None:
        """The painter changed `buffer` inside this plate window."""
        for level in self._levels.values():
            self._fill(level, level.lattice.cells(changed))

    def floats(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        if self._ground is None:
            ground = np.zeros(shape, np.float32)
        else:
            ground = strided(self._ground.coverage, self._ground.window, x, y, step, shape)
        buffer = strided(self.painter.buffer, self.window, x, y, step, shape).astype(np.uint8)
        return combine(ground, buffer, self._adds, self.painter.opacity)

    def _ground_bytes(self, lattice: Lattice) -> UInt8:
        if self._ground is None:
            return np.zeros((lattice.rows, lattice.columns), np.uint8)
        if self._ground.window == self.window:
            cells = Window(0, 0, lattice.columns, lattice.rows)
            return to_bytes(self._ground.coverage[lattice.samples(cells)])
        x, y = self.window.x0 + lattice.offset, self.window.y0 + lattice.offset
        shape = (lattice.rows, lattice.columns)
        return to_bytes(strided(self._ground.coverage, self._ground.window, x, y, lattice.stride, shape))

    def _fill(self, level: Level, cells: Window) -> None:
        """What `core.painting.combine` says, in bytes: for the eye while the hand moves."""
        if cells.empty:
            return
        place = (slice(cells.y0, cells.y1), slice(cells.x0, cells.x1))
        ground = self._grounds[level.lattice.stride][place]
        stroke = self.painter.buffer[level.lattice.samples(cells)]
        under = cv2.bitwise_not(ground) if self._adds else ground
        moved = cv2.multiply(under, stroke, scale=self.painter.opacity / 255)
        result = cv2.add(ground, moved) if self._adds else cv2.subtract(ground, moved)
        level.put(cells, np.asarray(result, np.uint8))


class LevelCache:
    """Levels of finished mattes, least recently used out first once the budget is passed. Safe from any thread."""

    def __init__(self, budget_bytes: int = 384 << 20) -> None:
        self.budget_bytes = budget_bytes
        self._levels: OrderedDict[tuple[int, int, Derivation | None], Level] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def level(self, matte: Matte, stride: int, how: Derivation | None = None) -> Level:
        """The matte's coverage at a stride, where it is not 0, or what `how` makes of it; made now or kept from
        before."""
        key = (id(matte.coverage), stride, how)
        kept = self._find(key, matte)
        if kept is not None:
            return kept
        if how is None:
            whole = Lattice(matte.window, stride)
            cells = Window(0, 0, whole.columns, whole.rows)
            lattice, samples = _cropped(whole, matte.coverage[whole.samples(cells)])
            made = Level(lattice, to_bytes(samples), matte.coverage)
        else:
            plain = self.level(matte, stride)
            made = Level(plain.lattice, how(plain.values), matte.coverage)
        with self._lock:
            old = self._levels.pop(key, None)
            if old is not None:
                self._bytes -= old.nbytes
            self._levels[key] = made
            self._bytes += made.nbytes
            while self._bytes > self.budget_bytes and len(self._levels) > 8:
                self._bytes -= self._levels.popitem(last=False)[1].nbytes
        return made

    def _find(self, key: tuple[int, int, Derivation | None], matte: Matte) -> Level | None:
        with self._lock:
            kept = self._levels.get(key)
            if kept is None or kept.origin is None or kept.origin() is not matte.coverage:
                return None
            self._levels.move_to_end(key)
            return kept


def _cropped(lattice: Lattice, samples: AnyFloat) -> tuple[Lattice, AnyFloat]:
    """The part that is not 0 and a cell around it, inside the lattice; one cell where all is 0."""
    if not samples.size:
        return lattice, samples
    bits = samples.view(np.uint16) if samples.dtype == np.float16 else samples
    rows = np.flatnonzero(bits.max(axis=1) != 0)
    top, bottom = (max(0, int(rows[0]) - 1), int(rows[-1]) + 2) if len(rows) else (0, 1)
    columns = np.flatnonzero(bits[top:bottom].max(axis=0) != 0)
    left, right = (max(0, int(columns[0]) - 1), int(columns[-1]) + 2) if len(columns) else (0, 1)
    found = samples[top:bottom, left:right]
    x, y, stride = lattice.window.x0 + left * lattice.stride, lattice.window.y0 + top * lattice.stride, lattice.stride
    window = Window(x, y, x + found.shape[1] * stride, y + found.shape[0] * stride)
    return Lattice(window, stride), found


@lru_cache(maxsize=64)
def overlay_table(color: Color, opacity: float) -> Table:
    """Coverage → the layer's color (sRGB 0-1) at `opacity` times coverage."""
    alpha = np.rint(np.arange(256) * min(1.0, max(0.0, opacity)))
    parts = [np.rint(alpha * min(1.0, max(0.0, part))) for part in color]
    return Table(argb(alpha, *parts))


@lru_cache(maxsize=64)
def grey_table(exposure_stops: float = 0.0, gamma: float = 1.0, /) -> Table:
    """Coverage → grey. A matte is data: no display transform, only the viewer's exposure and gamma."""
    ramp = np.clip(np.arange(256) / 255.0 * 2.0**exposure_stops, 0, 1) ** (1.0 / max(gamma, 1e-3))
    grey = np.rint(ramp * 255)
    return Table(argb(np.full(256, 255), grey, grey, grey))


def hex_color(parts: Color) -> str:
    """An sRGB color 0-1 as #rrggbb."""
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, part))):02x}" for part in parts)


def argb(alpha: Any, red: Any, green: Any, blue: Any) -> UInt32:
    """256 premultiplied entries as QImage has them in memory."""
    entries: UInt32 = np.zeros(256, np.uint32)
    for part, shift in ((alpha, 24), (red, 16), (green, 8), (blue, 0)):
        entries |= np.asarray(part).astype(np.uint32) << np.uint32(shift)
    return entries
