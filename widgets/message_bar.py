"""Messages over the picture: what went wrong in a sentence, the details under a fold. Never modal, never in the way
of work: information leaves by itself, warnings and errors wait to be dismissed.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from widgets.studio import Message, Severity
from widgets.theme import icon

STAYS_MS = 6000
AT_MOST = 3
"""Older messages make room for newer ones."""


class MessageRow(QFrame):
    """One message."""

    def __init__(self, message: Message, parent: QWidget) -> None:
        super().__init__(parent)
        self.message = message
        self.setProperty("severity", message.severity.value)
        self.setAccessibleName(f"{message.severity.value}: {message.text}")
        sign = QLabel()
        sign.setPixmap(icon(message.severity.value).pixmap(16, 16))
        sign.setFixedWidth(20)
        self.text = QLabel(message.text)
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.unfold = QToolButton()
        self.unfold.setText("Details")
        self.unfold.setCheckable(True)
        self.unfold.setAccessibleName("Show the details of this message")
        self.copy = QToolButton()
        self.copy.setText("Copy")
        self.copy.setAccessibleName("Copy the message and its details")
        self.dismiss = QToolButton()
        self.dismiss.setIcon(icon("cancel"))
        self.dismiss.setToolTip("Dismiss")
        self.dismiss.setAccessibleName("Dismiss this message")
        for button in (self.unfold, self.copy, self.dismiss):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.details = QPlainTextEdit(message.details)
        self.details.setReadOnly(True)
        self.details.setFixedHeight(140)
        self.details.setAccessibleName("Details")
        self.details.hide()
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(sign)
        top.addWidget(self.text, 1)
        for button in (self.unfold, self.copy, self.dismiss):
            top.addWidget(button)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(10, 6, 6, 6)
        lines.addLayout(top)
        lines.addWidget(self.details)
        if not message.details:
            self.unfold.hide()
        if message.severity is Severity.INFO:
            self.copy.hide()
        self.copy.clicked.connect(self._copy)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n\n".join(filter(None, (self.message.text, self.message.details))))


class MessageBar(QWidget):
    """Lies over `host`, under its first `below()` pixels; invisible while there is nothing to say."""

    def __init__(self, host: QWidget, below: Callable[[], int] = lambda: 0) -> None:
        super().__init__(host)
        self._below = below
        self.setAccessibleName("Messages")
        self._host = host
        self._rows: list[MessageRow] = []
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(8, 8, 8, 0)
        self._lines.setSpacing(4)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setStyleSheet("MessageBar { background: transparent; }")
        host.installEventFilter(self)
        self.hide()

    @property
    def messages(self) -> tuple[Message, ...]:
        """What is shown now, oldest first."""
        return tuple(row.message for row in self._rows)

    @property
    def rows(self) -> tuple[MessageRow, ...]:
        return tuple(self._rows)

    def show_message(self, message: Message) -> None:
        """Show a message; the same sentence again replaces the one that is there."""
        for row in tuple(self._rows):
            if row.message.text == message.text:
                self.remove(row)
        while len(self._rows) >= AT_MOST:
            self.remove(self._rows[0])
        row = MessageRow(message, self)
        row.dismiss.clicked.connect(lambda: self.remove(row))
        row.unfold.toggled.connect(row.details.setVisible)
        row.unfold.toggled.connect(lambda _on: self._place())
        self._rows.append(row)
        self._lines.addWidget(row)
        if message.severity is Severity.INFO:
            timer = QTimer(row)
            timer.setSingleShot(True)
            timer.timeout.connect(lambda: self.remove(row))
            timer.start(STAYS_MS)
        self.show()
        self.raise_()
        self._place()

    def remove(self, row: MessageRow) -> None:
        """Take a message away; quietly nothing when it already went."""
        if row not in self._rows:
            return
        self._rows.remove(row)
        self._lines.removeWidget(row)
        row.hide()
        row.deleteLater()
        if self._rows:
            self._place()
        else:
            self.hide()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return done

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        width = max(240, min(self._host.width(), 900))
        height = max(self._lines.heightForWidth(width), self._lines.minimumSize().height())
        top = self._below()
        left = (self._host.width() - width) // 2
        self.setGeometry(left, top, width, max(0, min(height, self._host.height() - top)))
