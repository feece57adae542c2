"""One quiet line at the top of the picture: where the artist was brought, and why. The pointer does not notice it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QWidget

MARGIN_PX = 8


class LookBadge(QLabel):
    """Hidden while it has nothing to say.

    Args:
        picture: over which it lies, in the middle at the top.
        above_px: how much of the widget's top is covered by other bars.
    """

    def __init__(self, picture: QWidget, above_px: Callable[[], int]) -> None:
        super().__init__(picture)
        self._picture, self._above_px = picture, above_px
        self.setObjectName("look_badge")
        self.setAccessibleName("Why this frame")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        picture.installEventFilter(self)
        self.hide()

    def say(self, text: str) -> None:
        """Show this line; empty hides it."""
        self.setText(text)
        self.setAccessibleDescription(text)
        self._place()
        self.setVisible(bool(text))
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        around = self._picture.width()
        width = min(self.sizeHint().width(), max(40, around - 2 * MARGIN_PX))
        left = (around - width) // 2
        self.setGeometry(left, self._above_px() + MARGIN_PX, width, self.sizeHint().height())
