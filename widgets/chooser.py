"""A list to choose from that may be narrower than its longest entry, and a wheel that scrolls past it.

Qt's own combo box cuts a word in the middle when a style sheet draws it, and turns under a wheel that only wanted to
scroll the panel.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QWidget


class QuietWheel(QObject):
    """Lives on a field: the wheel turns it only when it was clicked before; otherwise the panel around it scrolls."""

    def __init__(self, field: QWidget) -> None:
        super().__init__(field)
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


class Chooser(QComboBox):
    """A combo box that never cuts a letter; the whole entry is in the tooltip while it is cut short."""

    def __init__(self) -> None:
        super().__init__()
        self._tip = ""
        QuietWheel(self)

    def setToolTip(self, tip: str) -> None:
        self._tip = tip
        super().setToolTip(tip)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        text = self.shown_text()
        whole = text == self.currentText()
        option.currentText = text
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        tip = self._tip if whole else "\n".join(line for line in (self.currentText(), self._tip) if line)
        if tip != self.toolTip():
            super().setToolTip(tip)

    def shown_text(self) -> str:
        """The current entry as it is drawn."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        room = field.width() - 2 - (self.iconSize().width() + 4 if not option.currentIcon.isNull() else 0)
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)
