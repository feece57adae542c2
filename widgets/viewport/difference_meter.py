"""How much two mattes differ, in two numbers, counted on a worker: what the badge of the matte difference says."""

from __future__ import annotations

import logging
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.geometry import Window
from widgets.viewport.overlay import Coverage
from widgets.viewport.serial import serial_of

log = logging.getLogger(__name__)
CHANGED = 1 / 255
"""A pixel counts as changed from this difference of coverage on: one step of an 8-bit screen."""
BAND = 256
"""Rows that are counted at once."""
MOST_KEPT = 512
PATIENCE_MS = 200
"""How long a question stands before it is counted: while frames fly by, nothing is."""
Key = tuple[int, int, Window]


@dataclass(frozen=True, slots=True)
class Measured:
    """`mean` absolute difference of coverage, and the part `changed` of all pixels, both 0-1; and both signs apart."""

    mean: float
    changed: float
    added: float
    """The sum of what was added, in pixels of full coverage."""
    removed: float

    @property
    def sentence(self) -> str:
        return f"mean difference {self.mean:.4f}, {self.changed:.2%} of pixels changed"


def measure(a: Coverage, b: Coverage, canvas: Window) -> Measured:
    """Count over the whole canvas at full resolution. Slow; safe on any thread for finished mattes."""
    added = removed = 0.0
    changed = 0
    for top in range(canvas.y0, canvas.y1, BAND):
        shape = (min(BAND, canvas.y1 - top), canvas.width)
        signed = b.floats(canvas.x0, top, 1, shape)
        signed -= a.floats(canvas.x0, top, 1, shape)
        signed = np.nan_to_num(signed)
        total, size = float(signed.sum(dtype=np.float64)), np.abs(signed)
        both = float(size.sum(dtype=np.float64))
        added += (both + total) / 2
        removed += (both - total) / 2
        changed += int(np.count_nonzero(size >= CHANGED))
    pixels = max(1, canvas.pixels)
    return Measured((added + removed) / pixels, changed / pixels, added, removed)


class DifferenceMeter(QObject):
    """Remembers what it counted; `measured` says that something new is known. Lives on the interface's thread."""

    measured = Signal()
    _counted = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._known: OrderedDict[Key, Measured] = OrderedDict()
        self._wanted: tuple[Key, Coverage, Coverage, Window] | None = None
        self._counting: Key | None = None
        self._closed = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="measure")
        self._counted.connect(self._keep)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._next)

    def of(self, a: Coverage, b: Coverage, canvas: Window) -> Measured | None:
        """The numbers when they are known; else None, and they are counted: only the newest question is, once the
        eye rests on it."""
        if a.live or b.live:
            return None
        key = (serial_of(a.origin), serial_of(b.origin), canvas)
        known = self._known.get(key)
        waiting = self._wanted[0] if self._wanted is not None else self._counting
        if known is None and key != waiting:
            self._wanted = key, a, b, canvas
            self._patience.start()
        return known

    def close(self) -> None:
        """Stop the worker; nothing is counted any more."""
        self._patience.stop()
        self._wanted, self._closed = None, True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _next(self) -> None:
        if self._closed or self._counting is not None or self._wanted is None:
            return
        (key, a, b, canvas), self._wanted = self._wanted, None
        self._counting = key
        self._pool.submit(measure, a, b, canvas).add_done_callback(lambda done: self._finished(key, done))

    def _finished(self, key: Key, done: Future[Measured]) -> None:
        """On the worker's thread."""
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            log.error("two mattes could not be compared", exc_info=error)
        self._counted.emit(key, None if error is not None else done.result())

    @Slot(object, object)
    def _keep(self, key: Key, counted: Measured | None) -> None:
        self._counting = None
        if counted is not None and not self._closed:
            self._known[key] = counted
            while len(self._known) > MOST_KEPT:
                self._known.popitem(last=False)
            self.measured.emit()
        if not self._patience.isActive():
            self._next()
