"""Nothing but the picture: panels, bars and strips away, and back again as they were. Also the full screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QDockWidget, QMainWindow, QToolBar, QWidget

from widgets.actions import Actions


class PictureOnly:
    """Binds `view.full_screen` and `view.picture_only`.

    Args:
        strips: the window's parts around the picture that are neither docks nor bars.
    """

    def __init__(self, window: QMainWindow, strips: Sequence[QWidget], actions: Actions) -> None:
        self._window, self._strips, self._actions = window, strips, actions
        self._layout: QByteArray | None = None
        self._shown: list[QWidget] = []
        actions.bind({"view.full_screen": self.toggle_full_screen, "view.picture_only": self.toggle})

    @property
    def on(self) -> bool:
        return self._layout is not None

    def toggle(self) -> None:
        """Only the picture, or everything again."""
        if self.on:
            self._show_all()
        else:
            self._layout = self._window.saveState()
            bars: list[QWidget] = [*self._window.findChildren(QToolBar), self._window.menuBar()]
            parts = [*self._window.findChildren(QDockWidget), *bars, self._window.statusBar(), *self._strips]
            self._shown = [part for part in parts if not part.isHidden()]
            for part in self._shown:
                part.hide()
        self._tick()

    def toggle_full_screen(self) -> None:
        """The window fills the screen, or no longer."""
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()
        self._tick()

    def leave(self) -> bool:
        """Escape: one step back to the whole window; False when there is nothing to leave."""
        steps: tuple[tuple[bool, Callable[[], None]], ...] = (
            (self.on, self.toggle),
            (self._window.isFullScreen(), self.toggle_full_screen),
        )
        for needed, step in steps:
            if needed:
                step()
                return True
        return False

    def _show_all(self) -> None:
        layout, self._layout = self._layout, None
        for part in self._shown:
            part.show()
        self._shown = []
        if layout is not None:
            self._window.restoreState(layout)

    def _tick(self) -> None:
        self._actions["view.picture_only"].setChecked(self.on)
        self._actions["view.full_screen"].setChecked(self._window.isFullScreen())
