"""Scopes: histogram and waveform of the plate as it is seen, or of the matte.

Asks the studio and the look; counts on a worker, always only the newest wish, and not at all while hidden.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.arrays import Float32
from core.geometry import Window
from core.matte import Matte
from core.picture import Picture
from core.scopes import (
    CoverageHistogram,
    StopHistogram,
    coverage_histogram,
    display_histogram,
    luma,
    matte_samples,
    plate_samples,
    stop_histogram,
    stride_for,
    waveform,
)
from widgets.chooser import Chooser
from widgets.seen import Seen
from widgets.view_state import Look, ViewState
from widgets.viewport.scene import SceneBuilder

if TYPE_CHECKING:
    from widgets.panels.scope_plot import ScopePlot

log = logging.getLogger(__name__)

AT_REST_MS, PLAYING_MS = 60, 300
"""How long a wish waits for a newer one: at rest, and while playing, when the frames come first."""


class ScopeKind(Enum):
    """What is drawn; the value is what the chooser says."""

    HISTOGRAM = "Histogram, as displayed"
    STOPS = "Histogram, scene-linear"
    WAVEFORM = "Waveform"
    PARADE = "RGB parade"
    MATTE_HISTOGRAM = "Matte histogram"
    MATTE_WAVEFORM = "Matte waveform"

    @property
    def of_matte(self) -> bool:
        return self in (ScopeKind.MATTE_HISTOGRAM, ScopeKind.MATTE_WAVEFORM)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a worker needs; all of it immutable."""

    kind: ScopeKind
    look: Look
    window: Window
    picture: Picture | None
    matte: Matte | None


Counted = Float32 | StopHistogram | CoverageHistogram | tuple[Float32, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a worker found: the numbers, and the line above the plot."""

    kind: ScopeKind
    counted: Counted
    caption: str


def share(part: float) -> str:
    """A share as percent, never rounded to nothing or all."""
    percent = part * 100
    if 0 < percent < 0.05:
        return "< 0.1 %"
    if 99.95 <= percent < 100:
        return "> 99.9 %"
    return f"{percent:.1f} %"


def read(wish: Wish, builder: SceneBuilder) -> Reading:
    """Count. On a worker's thread; `builder` is that thread's own."""
    stride = stride_for(wish.window)
    if wish.kind.of_matte:
        coverage = matte_samples(wish.matte, wish.window, stride)
        if wish.kind is ScopeKind.MATTE_WAVEFORM:
            levels = np.rint(np.clip(coverage, 0, 1) * 255).astype(np.uint8)
            return Reading(wish.kind, (waveform(levels),), "Coverage, left to right")
        counted = coverage_histogram(coverage)
        between = 1.0 - counted.zero - counted.one
        caption = f"0: {share(counted.zero)}   between: {share(max(0.0, between))}   1: {share(counted.one)}"
        return Reading(wish.kind, counted, caption)
    assert wish.picture is not None
    rgba = plate_samples(wish.picture, wish.window, stride)
    if wish.kind is ScopeKind.STOPS:
        stops = stop_histogram(rgba)
        caption = f"Stops around 0.18   zero or less: {share(float(stops.below.max(initial=0.0)))}"
        if stops.not_finite:
            caption += f"   NaN or Inf: {share(stops.not_finite)}"
        return Reading(wish.kind, stops, caption)
    shown = builder.transform(wish.look).apply(rgba)
    if wish.kind is ScopeKind.HISTOGRAM:
        spread = display_histogram(shown)
        caption = f"At black: {share(float(spread[:3, 0].max()))}   at white: {share(float(spread[:3, -1].max()))}"
        return Reading(wish.kind, spread, caption)
    if wish.kind is ScopeKind.WAVEFORM:
        return Reading(wish.kind, (waveform(luma(shown)),), "Luma of the display, left to right")
    return Reading(wish.kind, tuple(waveform(shown[..., part]) for part in range(3)), "Red, green, blue of the display")


class ScopesPanel(QWidget):
    """Args:
    visible: the part of the plate the viewport shows; None while there is no plate.
    playing: whether the playhead runs.
    """

    _read = Signal(object)

    def __init__(
        self,
        studio: Seen,
        view: ViewState,
        visible: Callable[[], Window | None],
        playing: Callable[[], bool],
    ) -> None:
        super().__init__()
        self._studio, self._view, self._visible, self._playing = studio, view, visible, playing
        self._plot: ScopePlot | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._builder = SceneBuilder(studio)
        self._busy = self._again = False
        self.setAccessibleName("Scopes")
        self.kind = Chooser()
        self.kind.setAccessibleName("Scope kind")
        self.kind.setToolTip("What is drawn")
        for kind in ScopeKind:
            self.kind.addItem(kind.value)
        self.whole = QCheckBox("Whole frame")
        self.whole.setToolTip("Count the whole frame, not only the part that is on screen")
        self.caption = QLabel()
        self.caption.setProperty("dim", True)
        self.caption.setAccessibleName("Scope numbers")
        row = QHBoxLayout()
        row.addWidget(self.kind, 1)
        row.addWidget(self.whole)
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(8, 6, 8, 6)
        self._lines.setSpacing(4)
        self._lines.addLayout(row)
        self._lines.addWidget(self.caption)
        self._lines.addStretch(1)
        self.setMinimumHeight(150)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._count)
        self._read.connect(self._show)
        self.kind.currentIndexChanged.connect(lambda _place: self.refresh())
        self.whole.toggled.connect(lambda _on: self.refresh())
        forgets = (
            view.changed.connect(lambda _change: self.refresh()),
            studio.document.changed.connect(lambda _change: self.refresh()),
            studio.picture_ready.connect(lambda frame: self._here(frame)),
            studio.matte_ready.connect(lambda ready: self._here(ready[1])),
        )
        self.destroyed.connect(lambda _gone=None: [forget() for forget in forgets])

    @property
    def chosen(self) -> ScopeKind:
        return tuple(ScopeKind)[self.kind.currentIndex()]

    def refresh(self) -> None:
        """Something that is counted may have changed. Quietly nothing while hidden."""
        if self._plot is not None and self.isVisible() and not self._timer.isActive():
            self._timer.start(PLAYING_MS if self._playing() else AT_REST_MS)

    def release(self) -> None:
        """Stop the worker; call it before the panel is thrown away."""
        self._timer.stop()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._plot is None:
            from widgets.panels.scope_plot import ScopePlot

            self._plot = ScopePlot()
            self._lines.takeAt(self._lines.count() - 1)
            self._lines.addWidget(self._plot, 1)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        self._again = False
        super().hideEvent(event)

    def _here(self, frame: int) -> None:
        if frame == self._view.look.frame:
            self.refresh()

    def _wish(self) -> Wish | None:
        look, kind, plate = self._view.look, self.chosen, self._studio.document.shot.plate
        if plate is None:
            return None
        picture = self._studio.picture(look.frame)
        matte = None
        if kind.of_matte:
            layers = self._studio.document.shot.layers
            if any(layer.id == look.layer_id for layer in layers):
                matte = self._studio.matte(look.layer_id, look.frame)[0]
            if matte is None:
                return None
        elif picture is None:
            return None
        window = plate.canvas if kind.of_matte or picture is None else picture.data_window
        seen = None if self.whole.isChecked() else self._visible()
        if seen is not None:
            window = window.intersect(seen)
        return None if window.empty else Wish(kind, look, window, picture, matte)

    def _count(self) -> None:
        if not self.isVisible():
            return
        if self._busy:
            self._again = True
            return
        wish = self._wish()
        if wish is None:
            self.caption.setText("Nothing to measure here.")
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="scopes")
        self._busy = True
        self._pool.submit(read, wish, self._builder).add_done_callback(self._finished)

    def _finished(self, done: Future[Reading]) -> None:
        """On the worker's thread."""
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            log.error("a scope could not be counted", exc_info=error)
        self._read.emit(done.result() if error is None else None)

    def _show(self, reading: Reading | None) -> None:
        self._busy = False
        if reading is not None and self._plot is not None and reading.kind is self.chosen:
            self._draw(self._plot, reading.counted)
            self.caption.setText(reading.caption)
        if self._again:
            self._again = False
            self.refresh()

    def _draw(self, plot: ScopePlot, counted: Counted) -> None:
        if isinstance(counted, StopHistogram):
            plot.show_stops(counted)
        elif isinstance(counted, CoverageHistogram):
            plot.show_coverage(counted)
        elif isinstance(counted, tuple):
            plot.show_waveforms(counted)
        else:
            plot.show_display(counted)
