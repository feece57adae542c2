"""Keeps single keys from being taken away from a field the artist types in.

`R` shows the red channel wherever the keyboard is, but not in a layer's name. Qt asks the focused widget first
(ShortcutOverride); this answers for fields of text and numbers, and for a button that was reached with Tab. Enter or
Escape in a number of the window gives the keyboard back to the picture.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

TYPED_IN = (QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit, QKeySequenceEdit)
HELD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier

ENDS_TYPING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class TypingGuard(QObject):
    """Watches only the widget that has the keyboard."""

    def __init__(self, application: QApplication, window: QWidget, picture: QWidget) -> None:
        super().__init__(window)
        self._window, self._picture = window, picture
        application.focusChanged.connect(self._moved)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = not event.modifiers() & HELD
            if isinstance(watched, QAbstractButton):
                plain = event.key() == Qt.Key.Key_Space
            if plain and event.key() != Qt.Key.Key_F1:
                event.accept()
                return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and isinstance(watched, QWidget):
            number = isinstance(watched, QAbstractSpinBox) and watched.window() is self._window
            if number and event.key() in ENDS_TYPING:
                QTimer.singleShot(0, self._picture, self._picture.setFocus)
        return super().eventFilter(watched, event)

    def _moved(self, before: QWidget | None, now: QWidget | None) -> None:
        if before is not None:
            before.removeEventFilter(self)
        if isinstance(now, (*TYPED_IN, QAbstractButton)):
            now.installEventFilter(self)
