"""A panel that scrolls up and down only, and whose inside always has the height it needs."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget


class ScrollingPanel(QScrollArea):
    """`lines` is the layout to fill.

    Qt lays a widget out before a stylesheet has given its children their sizes, and then does not ask again; here
    the area is asked once more after every change of its inside.
    """

    def __init__(self, name: str, margin_px: int = 8) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(0)
        self._settle.timeout.connect(self._settled)
        inside = QWidget()
        self.lines = QVBoxLayout(inside)
        self.lines.setContentsMargins(margin_px, margin_px, margin_px, margin_px)
        inside.installEventFilter(self)
        self.setWidget(inside)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.ChildPolished):
            self._settle.start()
        return super().eventFilter(watched, event)

    def _settled(self) -> None:
        QCoreApplication.sendEvent(self, QEvent(QEvent.Type.LayoutRequest))
