"""A panel that scrolls up and down only, and whose inside always has the height it needs."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QSize, Qt, QTimer
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
        self._wanted: QWidget | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(0)
        self._settle.timeout.connect(self._settled)
        self._inside = QWidget()
        self.lines = QVBoxLayout(self._inside)
        self.lines.setContentsMargins(margin_px, margin_px, margin_px, margin_px)
        self._inside.installEventFilter(self)
        self.setWidget(self._inside)

    def minimumSizeHint(self) -> QSize:
        """As wide as its inside and the bar beside it: it does not scroll sideways, so nothing may be cut off there."""
        inside = self._inside.minimumSizeHint().width()
        beside = self.verticalScrollBar().sizeHint().width() + 2 * self.frameWidth()
        return QSize(inside + beside, super().minimumSizeHint().height())

    def bring(self, part: QWidget) -> None:
        """Scroll to a part of the inside as soon as it is laid out, unless its beginning is to be seen already."""
        self._wanted = part
        self._settle.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._inside and event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.ChildPolished):
            self._settle.start()
        return super().eventFilter(watched, event)

    def _settled(self) -> None:
        self.updateGeometry()
        QCoreApplication.sendEvent(self, QEvent(QEvent.Type.LayoutRequest))
        wanted, self._wanted = self._wanted, None
        if wanted is None or not wanted.isVisible():
            return
        top, bar, high = (
            wanted.mapTo(self._inside, QPoint(0, 0)).y(),
            self.verticalScrollBar(),
            self.viewport().height(),
        )
        if not bar.value() <= top <= bar.value() + high - min(wanted.height(), high // 2):
            bar.setValue(top)
