"""Pixels that something is wrong with, painted in loud flat colors: NaN or Inf, negative, outside the gamut, clipped.

Counted on a worker at the screen's resolution; until a count is there, nothing is painted. What is judged is the
picture as it is held, scene-linear, and for clipping as it is shown.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from core.arrays import AnyFloat, Bool, Float32, UInt8
from core.color import ColorConfig, DisplayTransform
from core.geometry import Window
from core.picture import Picture
from core.words import counted
from widgets.view_state import Warn
from widgets.viewport.lattice import Lattice
from widgets.viewport.overlay import Color, Level
from widgets.viewport.pane import Note, Overlay

log = logging.getLogger(__name__)
INKS: dict[Warn, tuple[str, Color]] = {
    Warn.CLIP: ("clipped at display white", (1.0, 0.0, 0.35)),
    Warn.GAMUT: ("outside the display's gamut", (1.0, 0.62, 0.0)),
    Warn.NEGATIVE: ("negative", (0.0, 0.55, 1.0)),
    Warn.NON_FINITE: ("NaN or Inf", (1.0, 0.0, 1.0)),
}
"""What each is called and painted in; later ones lie over earlier ones."""
CLIPPED = 255
"""Of the 8-bit display value: the screen has nothing brighter."""
MOST_KEPT = 16
Key = tuple[int, int, int, Warn, str, float, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """What is judged: a picture (`serial` names it), and how it is shown."""

    picture: Picture
    serial: int
    color: ColorConfig
    transform: DisplayTransform
    display: str
    shown_as: str
    """Names view, look and gamma, for remembering."""
    exposure_stops: float

    def bad(self, warn: Warn, lattice: Lattice) -> Bool:
        """(rows, columns) of the lattice where this is wrong. Slow; safe on any thread."""
        cells = Window(0, 0, lattice.columns, lattice.rows)
        samples = lattice.samples(cells)
        shape = (lattice.rows, lattice.columns)
        if warn is Warn.NON_FINITE:
            marked = self.picture.bad_pixels()
            return np.zeros(shape, bool) if marked is None else gathered(marked, lattice)
        found = np.zeros(shape, bool)
        band = max(1, (1 << 20) // max(1, lattice.columns))
        rgba = self.picture.rgba[samples]
        for top in range(0, lattice.rows, band):
            piece: AnyFloat = rgba[top : top + band].copy(order="C")
            if warn is Warn.CLIP:
                found[top : top + band] = (self.transform.apply(piece)[..., :3] >= CLIPPED).any(axis=-1)
                continue
            rgb: Float32 = piece[..., :3].astype(np.float32)
            wrong = (rgb < 0).any(axis=-1) if warn is Warn.NEGATIVE else self.color.outside_gamut(rgb, self.display)
            found[top : top + band] = wrong
        return found


def gathered(marked: Bool, lattice: Lattice) -> Bool:
    """Cells with at least one marked pixel: a single NaN must not fall between the samples."""
    step = lattice.stride
    rows, columns = lattice.rows, lattice.columns
    whole = np.zeros((rows * step, columns * step), np.uint8)
    height, width = min(marked.shape[0], rows * step), min(marked.shape[1], columns * step)
    whole[:height, :width] = marked[:height, :width]
    return np.asarray(whole.reshape(rows, step, columns, step).any(axis=(1, 3)))


class WarningCoverage:
    """Implements `Coverage`: 1 where one thing is wrong, 0 elsewhere, and nothing at all until that is known."""

    live = False

    def __init__(self, warnings: Warnings, judged: Judged, warn: Warn) -> None:
        self._warnings, self._judged, self._warn = warnings, judged, warn

    @property
    def window(self) -> Window:
        return self._judged.picture.data_window

    @property
    def origin(self) -> Any:
        return self._judged.picture.rgba

    def level(self, stride: int) -> Level:
        return self._warnings.level(self._judged, self._warn, stride)

    def floats(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        del x, y, step
        return np.zeros(shape, np.float32)


class Warnings(QObject):
    """Levels of what is wrong, made on one worker; `counted` says that something new can be painted."""

    counted = Signal()
    _made = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._levels: OrderedDict[Key, Level] = OrderedDict()
        self._share: dict[Key, float] = {}
        self._wanted: OrderedDict[Key, Callable[[], Level]] = OrderedDict()
        self._running: Key | None = None
        self._closed = False
        self._lock = threading.RLock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="warn")
        self._made.connect(self._keep)

    def overlays(self, judged: Judged, warns: frozenset[Warn]) -> tuple[Overlay, ...]:
        """One overlay for each thing that is looked for."""
        return tuple(
            Overlay(WarningCoverage(self, judged, warn), ink, 1.0) for warn, (_, ink) in INKS.items() if warn in warns
        )

    def legend(self, judged: Judged, warns: frozenset[Warn]) -> tuple[Note, ...]:
        """What the colors mean, with how much of the picture each is as far as that is known."""
        said = []
        for warn, (words, ink) in INKS.items():
            if warn not in warns:
                continue
            if warn is Warn.NON_FINITE:
                count = judged.picture.non_finite
                words = f"{words}: {counted(count, 'value')}" if count else f"{words}: none"
            elif warn is Warn.GAMUT and not judged.color.knows_gamut(judged.display):
                words = f"{words}: not known with this config"
            elif (share := self._part(judged, warn)) is not None:
                words = f"{words}: {share:.2%}" if share else f"{words}: none"
            said.append((words, "#" + "".join(f"{round(part * 255):02x}" for part in ink)))
        return tuple(said)

    def level(self, judged: Judged, warn: Warn, stride: int) -> Level:
        """The level at a stride; an empty one while it is made. Only the newest few questions are answered.

        Safe to call from any thread.
        """
        key = _key(judged, warn, stride)
        with self._lock:
            known = self._levels.get(key)
            if known is not None:
                self._levels.move_to_end(key)
                return known
            if key != self._running:
                self._wanted[key] = lambda: _made_level(judged, warn, stride)
                self._wanted.move_to_end(key)
                while len(self._wanted) > len(Warn) * 2:
                    self._wanted.popitem(last=False)
                self._next()
        return Level(Lattice(Window(0, 0, 1, 1), 1), np.zeros((1, 1), np.uint8))

    def close(self) -> None:
        """Stop the worker."""
        with self._lock:
            self._wanted.clear()
            self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _part(self, judged: Judged, warn: Warn) -> float | None:
        """The part of the picture, by the finest level there is."""
        strides = [key[1] for key in self._share if key == _key(judged, warn, key[1])]
        return self._share[_key(judged, warn, min(strides))] if strides else None

    def _next(self) -> None:
        if self._running is not None or self._closed or not self._wanted:
            return
        key, make = self._wanted.popitem(last=True)
        self._running = key
        self._pool.submit(make).add_done_callback(lambda done: self._finished(key, done))

    def _finished(self, key: Key, done: Future[Level]) -> None:
        """On the worker's thread."""
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            log.error("a picture could not be judged", exc_info=error)
        self._made.emit(key, None if error is not None else done.result())

    @Slot(object, object)
    def _keep(self, key: Key, made: Level | None) -> None:
        with self._lock:
            self._running = None
            if made is not None:
                self._levels[key] = made
                self._share[key] = cv2.countNonZero(made.values) / max(1, made.values.size)
                while len(self._levels) > MOST_KEPT:
                    gone, _ = self._levels.popitem(last=False)
                    self._share.pop(gone, None)
            self._next()
        if made is not None:
            self.counted.emit()


def _made_level(judged: Judged, warn: Warn, stride: int) -> Level:
    lattice = Lattice(judged.picture.data_window, stride)
    values: UInt8 = judged.bad(warn, lattice).astype(np.uint8) * np.uint8(255)
    return Level(lattice, values)


def _key(judged: Judged, warn: Warn, stride: int) -> Key:
    """Only what the answer depends on: all of how it is shown for clipping, the display for the gamut."""
    picture, color = judged.serial, id(judged.color)
    if warn is Warn.CLIP:
        return picture, stride, color, warn, judged.display, judged.exposure_stops, judged.shown_as
    return picture, stride, color, warn, judged.display if warn is Warn.GAMUT else "", 0.0, ""
