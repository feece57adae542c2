"""The name of the lane of bars, and the menu behind it that chooses another one."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from widgets.timeline.bars import Lane


class LaneButton(QToolButton):
    """Stands where a lane's name stands. `chosen` carries the lane."""

    chosen = Signal(Lane)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lane = Lane.CONFIDENCE
        self.setObjectName("lane")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAccessibleName("Lane of the timeline")
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        group = QActionGroup(menu)
        self._ticks: dict[Lane, QAction] = {}
        for lane in Lane:
            tick = menu.addAction(lane.value)
            tick.setToolTip(lane.tip)
            tick.setCheckable(True)
            tick.triggered.connect(partial(self.choose, lane))
            group.addAction(tick)
            self._ticks[lane] = tick
        self.setMenu(menu)
        self._show()

    def choose(self, lane: Lane, _checked: bool = False) -> None:
        """Show another lane."""
        if lane is not self.lane:
            self.lane = lane
            self._show()
            self.chosen.emit(lane)

    def _show(self) -> None:
        self.setText(self.lane.value)
        self.setToolTip(f"{self.lane.tip}\nClick to choose another lane.")
        self.setAccessibleDescription(f"{self.lane.value}: {self.lane.tip}")
        self._ticks[self.lane].setChecked(True)
