"""Which part of the plate the viewport shows: zoom and pan over one or two panes. Not undoable, not saved."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QSizeF

from core.geometry import Format, Window
from widgets.view_state import Look, ViewState
from widgets.viewport.compare import Placed, arrange, pane_size
from widgets.viewport.pointer import Projection

NO_PLATE = Format(Window.of_size(1920, 1080))


class Framing:
    """Holds the projection. `on_change` is called after every change of it.

    While `fitted`, a resize or another plate fits again; any zoom or pan by hand ends that.
    """

    def __init__(self, view: ViewState, on_change: Callable[[], None]) -> None:
        self.projection = Projection()
        self.fitted = True
        self.size = QSizeF(0, 0)
        self.format = NO_PLATE
        self._view = view
        self._on_change = on_change

    @property
    def look(self) -> Look:
        return self._view.look

    @property
    def places(self) -> tuple[Placed, ...]:
        """Where the panes lie now."""
        return arrange(self.look, self.size, self.projection, self.format)

    def pane_under(self, place: QPointF) -> int:
        """The number of the pane under a place in points."""
        for number, placed in enumerate(self.places):
            inside = placed.clip.contains(place) if placed.clip is not None else placed.rect.contains(place)
            if inside:
                return number
        return 0

    def projection_of(self, pane: int) -> Projection:
        """The projection of a pane by number; the last one's when there are fewer now."""
        places = self.places
        return places[min(pane, len(places) - 1)].projection

    def fit(self) -> None:
        """The whole display window in the middle of the pane."""
        fitted = Projection.fitted(self.format, self._pane(), self.projection.device_ratio)
        self._set(fitted, fitted=True)

    def pan(self, dx: float, dy: float) -> None:
        self._set(self.projection.panned(dx, dy))

    def zoom_to(self, zoom: float, place: QPointF | None = None) -> None:
        """Zoom around a place in points; around the pane's middle where None."""
        pane = self._pane()
        around = place if place is not None else QPointF(pane.width() / 2, pane.height() / 2)
        if place is not None and self.look.compare.apart:
            first, there = self.places[0].rect, self.places[self.pane_under(place)].rect
            around = place - (there.topLeft() - first.topLeft())
        self._set(self.projection.zoomed_to(zoom, around.x(), around.y()))

    def show(self, form: Format) -> None:
        """Another plate or format: fitted anew."""
        self.format = form
        self.fit()

    def resize(self, size: QSizeF) -> None:
        """The viewport is this many points large now; the middle stays in the middle."""
        before, self.size = self.size, size
        if self.fitted:
            self.fit()
        else:
            now, was = self._pane(), pane_size(self.look, before)
            self.pan((now.width() - was.width()) / 2, (now.height() - was.height()) / 2)

    def rearrange(self, before: Look) -> None:
        """The panes became more or fewer."""
        if self.fitted:
            self.fit()
        else:
            now, was = self._pane(), pane_size(before, self.size)
            self.pan((now.width() - was.width()) / 2, (now.height() - was.height()) / 2)

    def move_to_screen(self, device_ratio: float) -> None:
        """The window moved to a screen with another device pixel ratio."""
        if device_ratio != self.projection.device_ratio:
            self._set(self.projection.on_screen(device_ratio), fitted=self.fitted)

    def _pane(self) -> QSizeF:
        return pane_size(self.look, self.size)

    def _set(self, projection: Projection, *, fitted: bool = False) -> None:
        self.fitted = fitted
        if projection != self.projection:
            self.projection = projection
            self._on_change()
