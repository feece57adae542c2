"""Pointing without a mouse: a crosshair over the picture that keys move, and that presses like a button would.

It speaks to the viewport with mouse events of its own, so that every tool works with it as with a hand. Knows no tool
and no plate pixel. The real mouse, or Escape, takes the crosshair away.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from widgets.actions import Actions

COARSE, FINE = 16.0, 1.0
"""Points a key moves the crosshair; zoom in for finer places."""
LEFT, RIGHT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
WAYS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, -1.0), "down": (0.0, 1.0)}
RADIUS = 15


class Crosshair(QWidget):
    """The mark itself: light on dark, open in the middle, a dot while a button is held. Lets the mouse through."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.holding = False
        self.setAccessibleName("Crosshair")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setStyleSheet("background: transparent;")
        self.hide()

    def put(self, place: QPointF, *, holding: bool) -> None:
        """Show it around this place of the widget below."""
        self.holding = holding
        middle = place.toPoint()
        self.setGeometry(QRect(middle - QPoint(RADIUS, RADIUS), middle + QPoint(RADIUS, RADIUS)))
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.translate(RADIUS + 0.5, RADIUS + 0.5)
        for ink, width in ((QColor(0, 0, 0, 190), 3.0), (QColor(255, 255, 255), 1.0)):
            painter.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            for dx, dy in WAYS.values():
                painter.drawLine(QPointF(dx * 4, dy * 4), QPointF(dx * (RADIUS - 2), dy * (RADIUS - 2)))
            if self.holding:
                painter.drawEllipse(QPointF(0, 0), 2.0, 2.0)
        painter.end()


class KeyboardPointer(QObject):
    """Binds the actions `pointer.*` of one viewport. `place` is in its points, None while there is no crosshair."""

    def __init__(self, viewport: QWidget, actions: Actions) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._crosshair = Crosshair(viewport)
        self._held = NONE
        self._sending = False
        self.place: QPointF | None = None
        viewport.installEventFilter(self)
        for way, (dx, dy) in WAYS.items():
            actions.bind(
                {
                    f"pointer.{way}": partial(self.move, dx * COARSE, dy * COARSE),
                    f"pointer.fine_{way}": partial(self.move, dx * FINE, dy * FINE),
                }
            )
        actions.bind(
            {
                "pointer.middle": self.to_middle,
                "pointer.add": lambda: self.click(LEFT),
                "pointer.subtract": lambda: self.click(RIGHT),
                "pointer.hold": lambda: self.hold(LEFT),
                "pointer.hold_subtract": lambda: self.hold(RIGHT),
            }
        )

    @property
    def holding(self) -> bool:
        return self._held != NONE

    def move(self, dx: float, dy: float) -> None:
        """By points; the first move only shows the crosshair in the middle."""
        if self.place is None:
            self.to_middle()
        else:
            self._go(self.place + QPointF(dx, dy))

    def to_middle(self) -> None:
        self._go(QPointF(self._viewport.rect().center()))

    def click(self, button: Qt.MouseButton) -> None:
        """Press and release here; ends what is held."""
        if self.place is None:
            self.to_middle()
            return
        if self.holding:
            self._let_go()
            return
        self._send(QEvent.Type.MouseButtonPress, button, button)
        self._send(QEvent.Type.MouseButtonRelease, button, NONE)

    def hold(self, button: Qt.MouseButton) -> None:
        """Press and keep the button down while the crosshair moves; again: let go."""
        if self.place is None:
            self.to_middle()
        if self.holding:
            self._let_go()
            return
        self._held = button
        self._send(QEvent.Type.MouseButtonPress, button, button)
        self._show()

    def leave(self) -> None:
        """No crosshair; what is held is let go."""
        if self.holding:
            self._let_go()
        self.place = None
        self._crosshair.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.place is None or self._sending:
            return super().eventFilter(watched, event)
        kind = event.type()
        if kind in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress, QEvent.Type.TabletMove):
            self.leave()
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if self.holding:  # the viewport cancels the gesture; the button is up again
                self._held = NONE
                self._show()
            else:
                self.leave()
                return True
        return super().eventFilter(watched, event)

    def _go(self, place: QPointF) -> None:
        room = self._viewport.rect()
        self.place = QPointF(
            min(max(place.x(), room.left()), room.right()), min(max(place.y(), room.top()), room.bottom())
        )
        self._show()
        self._send(QEvent.Type.MouseMove, NONE, self._held)

    def _let_go(self) -> None:
        button, self._held = self._held, NONE
        self._send(QEvent.Type.MouseButtonRelease, button, NONE)
        self._show()

    def _show(self) -> None:
        if self.place is not None:
            self._crosshair.put(self.place, holding=self.holding)

    def _send(self, kind: QEvent.Type, button: Qt.MouseButton, buttons: Qt.MouseButton) -> None:
        if self.place is None:
            return
        everywhere = QPointF(self._viewport.mapToGlobal(QPoint(0, 0))) + self.place
        event = QMouseEvent(kind, self.place, everywhere, button, buttons, Qt.KeyboardModifier.NoModifier)
        self._sending = True
        try:
            QApplication.sendEvent(self._viewport, event)
        finally:
            self._sending = False
