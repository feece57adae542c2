"""A picture made ready for the screen, a tile at a time, and the cache that keeps such pictures.

Conversion is from scene-linear half to 8-bit display values through the look's display transform. It happens at the
screen's resolution (`Lattice`) and only where the screen looks. Knows neither widgets nor where pictures come from.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import cv2
import numpy as np
from PySide6.QtGui import QImage

from core.arrays import Bool, UInt8
from core.geometry import Window
from widgets.viewport.lattice import Lattice

TILE = 256
BAND = 196_608
"""Pixels converted at a time: what is made on the way stays near the processor, and the color transform does not share
them out again."""
HELPERS = max(0, min(3, (os.cpu_count() or 1) - 1))
"""Threads that convert beside the one that asked."""
READ_AHEAD = "read-ahead"
"""Threads of this name convert alone: there are several of them, and none is waited for."""
MOST_SPARE = 3
MOST_ALIKE = 4
"""One picture in more ways than these at once is one whose exposure is being dragged: older ones are let go."""
OPAQUE = np.uint32(0xFF000000)
_helpers = ThreadPoolExecutor(max(1, HELPERS), thread_name_prefix="convert")


class Pixels(Protocol):
    """Something that can be converted for the screen piece by piece."""

    @property
    def window(self) -> Window:
        """Where it has pixels, in plate pixels."""

    @property
    def origin(self) -> Any:
        """The array it is made from; a new array means a new picture."""

    @property
    def live(self) -> bool:
        """Whether it changes under the hand."""

    @property
    def cost(self) -> float:
        """Nanoseconds a pixel takes, roughly."""

    def convert(self, samples: tuple[slice, slice]) -> UInt8:
        """(h, w, 4) uint8 display values of a strided piece of the picture. Thread-safe."""


class _Sheets:
    """Arrays of frames that are gone, for new ones: fresh memory costs a tenth of a conversion. Thread-safe."""

    def __init__(self) -> None:
        self._spare: list[UInt8] = []
        self._lock = threading.Lock()

    def take(self, shape: tuple[int, int, int]) -> UInt8:
        """An array of this shape; what is in it is not said."""
        with self._lock:
            for number, spare in enumerate(self._spare):
                if spare.shape == shape:
                    return self._spare.pop(number)
        return np.zeros(shape, np.uint8)

    def give(self, values: UInt8) -> None:
        with self._lock:
            self._spare.append(values)
            del self._spare[:-MOST_SPARE]


_sheets = _Sheets()


class DisplayFrame:
    """One picture at one stride: `image` over `lattice.cover`, filled where `ensure` was asked for."""

    def __init__(self, pixels: Pixels, stride: int) -> None:
        self.lattice = Lattice(pixels.window, stride)
        rows, columns = self.lattice.rows, self.lattice.columns
        self.values: UInt8 = _sheets.take((rows, columns, 4))
        """(H, W, 4) display values as blue, green, red, 255: the order QPainter draws twice as fast."""
        self.image = QImage(self.values.data.cast("B"), columns, rows, columns * 4, QImage.Format.Format_RGB32)
        self.origin = weakref.ref(pixels.origin)
        self.revision = 0
        """Counts the conversions into `values`, so that a copy elsewhere knows when it is old."""
        self.name: tuple[Hashable, int] | None = None
        """What a cache keeps it under."""
        self._pixels: Pixels | None = pixels
        self._done: Bool = np.zeros((-(-rows // TILE), -(-columns // TILE)), bool)
        self._lock = threading.Lock()
        weakref.finalize(self, _sheets.give, self.values).atexit = False

    @property
    def nbytes(self) -> int:
        return int(self.values.nbytes)

    @property
    def complete(self) -> bool:
        return bool(self._done.all())

    def missing(self, window: Window) -> int:
        """How many screen pixels of this plate window are not converted yet."""
        rows, columns = self._tiles(window)
        return int((~self._done[rows, columns]).sum()) * TILE * TILE

    def ensure(self, window: Window) -> None:
        """Convert what is missing of this plate window. Safe from any thread; a second caller waits."""
        with self._lock:
            rows, columns = self._tiles(window)
            for top, bottom, left, right in _runs(~self._done[rows, columns]):
                self._convert(
                    Window(
                        (columns.start + left) * TILE,
                        (rows.start + top) * TILE,
                        min((columns.start + right) * TILE, self.lattice.columns),
                        min((rows.start + bottom) * TILE, self.lattice.rows),
                    )
                )
            self._done[rows, columns] = True
            if self.complete:
                self._pixels = None  # the half-float picture may leave the memory

    def renew(self, pixels: Pixels, window: Window) -> None:
        """Convert the cells of this plate window again from `pixels`, for what changes under the hand."""
        with self._lock:
            self._pixels = pixels
            cells = self.lattice.cells(window)
            if not cells.empty:
                self._convert(cells)

    def _convert(self, cells: Window) -> None:
        """In bands that fit into a processor's cache, shared with `_helpers` where there is more than one."""
        assert self._pixels is not None
        pixels, rows = self._pixels, max(8, BAND // max(1, cells.width))
        bands = deque(
            Window(cells.x0, top, cells.x1, min(top + rows, cells.y1)) for top in range(cells.y0, cells.y1, rows)
        )
        alone = len(bands) < 2 or threading.current_thread().name.startswith(READ_AHEAD)
        helping = [] if alone else [_helpers.submit(self._work, bands, pixels) for _ in range(HELPERS)]
        self._work(bands, pixels)
        for helper in helping:
            if not helper.cancel():
                helper.result()
        self.revision += 1

    def _work(self, bands: deque[Window], pixels: Pixels) -> None:
        """Convert bands until none is left."""
        while bands:
            try:
                cells = bands.popleft()
            except IndexError:  # another thread took the last one
                return
            place = self.values[cells.y0 : cells.y1, cells.x0 : cells.x1]
            cv2.cvtColor(pixels.convert(self.lattice.samples(cells)), cv2.COLOR_RGBA2BGRA, dst=place)
            words = place.view(np.uint32)
            np.bitwise_or(words, OPAQUE, out=words)

    def _tiles(self, window: Window) -> tuple[slice, slice]:
        cells = self.lattice.cells(window)
        if cells.empty:
            return slice(0, 0), slice(0, 0)
        return slice(cells.y0 // TILE, -(-cells.y1 // TILE)), slice(cells.x0 // TILE, -(-cells.x1 // TILE))


def _runs(missing: Bool) -> list[tuple[int, int, int, int]]:
    """Rectangles (top, bottom, left, right) of tiles that cover all missing ones, rows alike taken together."""
    found: list[tuple[int, int, int, int]] = []
    for row, line in enumerate(missing):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(np.int8), [0]))))
        for left, right in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if found and found[-1][1] == row and found[-1][2:] == (left, right):
                found[-1] = (found[-1][0], row + 1, left, right)
            else:
                found.append((row, row + 1, left, right))
    return found


class DisplayCache:
    """Display frames by (what, stride), least recently used out first once the budget is passed."""

    def __init__(self, budget_bytes: int = 768 << 20) -> None:
        self.budget_bytes = budget_bytes
        self._frames: OrderedDict[tuple[Hashable, int], DisplayFrame] = OrderedDict()
        self._bytes = 0

    def find(self, key: Hashable, pixels: Pixels, stride: int) -> DisplayFrame | None:
        """The kept frame if it was made from the very same picture."""
        frame = self._frames.get((key, stride))
        if frame is None or frame.origin() is not pixels.origin:
            return None
        self._frames.move_to_end((key, stride))
        return frame

    def frame(self, key: Hashable, pixels: Pixels, stride: int) -> DisplayFrame:
        """The kept frame, or a new one with nothing converted yet."""
        kept = self.find(key, pixels, stride)
        if kept is not None:
            return kept
        made = DisplayFrame(pixels, stride)
        made.name = (key, stride)
        self.drop(key, stride)
        self._let_go_of_alike(made)
        self._frames[key, stride] = made
        self._bytes += made.nbytes
        while self._bytes > self.budget_bytes and len(self._frames) > 4:
            self._bytes -= self._frames.popitem(last=False)[1].nbytes
        return made

    def _let_go_of_alike(self, made: DisplayFrame) -> None:
        """Among the frames used last, the oldest of those made from the same picture at the same stride."""
        latest = [frame for _, frame in zip(range(4 * MOST_ALIKE), reversed(self._frames.values()), strict=False)]
        origin, stride = made.origin(), made.lattice.stride
        alike = [frame for frame in latest if frame.origin() is origin and frame.lattice.stride == stride]
        for frame in alike[MOST_ALIKE - 1 :]:
            if frame.name is not None:
                self.drop(*frame.name)

    def hold(self, frame: DisplayFrame) -> bool:
        """Whether it is still kept; it counts as used just now."""
        if frame.name is None or self._frames.get(frame.name) is not frame:
            return False
        self._frames.move_to_end(frame.name)
        return True

    @property
    def nbytes(self) -> int:
        """What is held now."""
        return self._bytes

    def drop(self, key: Hashable, stride: int) -> None:
        """Forget one frame; quietly nothing when it is not kept."""
        old = self._frames.pop((key, stride), None)
        if old is not None:
            self._bytes -= old.nbytes

    def clear(self) -> None:
        self._frames.clear()
        self._bytes = 0
