"""Notices that Shift was let go wherever the keyboard is: a preview must not outlive the key that holds it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication


class ShiftWatch(QObject):
    """Listens to the whole application, only while it is told that Shift is held."""

    let_go = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._watching = False

    def watch(self, held: bool) -> None:
        """Whether Shift is held over the picture now."""
        application = QApplication.instance()
        if application is None or held == self._watching:
            return
        self._watching = held
        if held:
            application.installEventFilter(self)
        else:
            application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        released = kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Shift
        if released or kind == QEvent.Type.ApplicationDeactivate:
            self.watch(held=False)
            self.let_go.emit()
        return super().eventFilter(watched, event)
