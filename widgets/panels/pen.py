"""The pen of the drawing tool: four colors, three widths, the eraser of all, and whether drawings are shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from widgets.actions import Actions
from widgets.panels.fields import action_button
from widgets.review import PEN_COLORS, PEN_WIDTHS
from widgets.theme import color, icon
from widgets.view_state import Look, Pen, ViewState

WIDTH_DOTS = (4.0, 7.0, 11.0)


def dot(ink: QColor, across: float) -> QIcon:
    """A filled circle in the middle of 14 points, sharp at twice the density. Made once."""
    return _dot(ink.rgba(), across)


@lru_cache(maxsize=64)
def _dot(rgba: int, across: float) -> QIcon:
    pixmap = QPixmap(28, 28)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor.fromRgba(rgba))
    painter.drawEllipse(QRectF(7 - across / 2, 7 - across / 2, across, across))
    painter.end()
    return QIcon(pixmap)


class PenRow(QWidget):
    """Choosing a color or width takes the pen in the hand. `clear` is what the eraser button does."""

    def __init__(self, view: ViewState, actions: Actions, clear: Callable[[], None]) -> None:
        super().__init__()
        self._view, self._actions = view, actions
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(action_button(actions, "tool.draw"))
        row.addSpacing(4)
        self.colors = [self._choice(f"{name} pen", dot(QColor.fromRgbF(*tint), 11)) for name, tint in PEN_COLORS]
        self.widths = [
            self._choice(f"{name} line", dot(color("text"), across))
            for (name, _width), across in zip(PEN_WIDTHS, WIDTH_DOTS, strict=True)
        ]
        for button, (_name, tint) in zip(self.colors, PEN_COLORS, strict=True):
            button.clicked.connect(lambda _on=False, tint=tint: self.choose(Pen(tint, self._view.look.pen.width)))
            row.addWidget(button)
        row.addSpacing(8)
        for button, (_name, width) in zip(self.widths, PEN_WIDTHS, strict=True):
            button.clicked.connect(lambda _on=False, width=width: self.choose(Pen(self._view.look.pen.color, width)))
            row.addWidget(button)
        row.addStretch(1)
        self.clear = QToolButton()
        self.clear.setIcon(icon("eraser"))
        self.clear.setToolTip("Take all lines of this note away. The right button over the picture takes single ones.")
        self.clear.setAccessibleName("Clear drawing")
        self.clear.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clear.clicked.connect(lambda _on=False: clear())
        row.addWidget(self.clear)
        row.addWidget(action_button(actions, "view.drawings"))
        forget = view.changed.connect(self._looked)
        self.destroyed.connect(lambda _gone=None: forget())
        self.refresh()

    def choose(self, pen: Pen) -> None:
        """Draw with this pen from now on."""
        self._view.set(pen=pen)
        self.refresh()
        if not self._actions["tool.draw"].isChecked():
            self._actions["tool.draw"].trigger()

    def refresh(self) -> None:
        """The marks on the buttons as the pen is."""
        pen = self._view.look.pen
        for button, (_name, tint) in zip(self.colors, PEN_COLORS, strict=True):
            button.setChecked(pen.color == tint)
        for button, (_name, width) in zip(self.widths, PEN_WIDTHS, strict=True):
            button.setChecked(pen.width == width)

    def _looked(self, change: tuple[Look, Look]) -> None:
        if change[0].pen != change[1].pen:
            self.refresh()

    def _choice(self, name: str, drawn: QIcon) -> QToolButton:
        button = QToolButton()
        button.setIcon(drawn)
        button.setIconSize(QSize(14, 14))
        button.setCheckable(True)
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button
