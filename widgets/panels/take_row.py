"""How one take is drawn in the list: a picture, its name, and a line of what it is."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.take import TakeKind
from core.words import counted
from widgets.panels.take_thumbnails import SIZE
from widgets.studio import TakeInfo
from widgets.theme import color

ABOUT, PICTURE, SIDES = (Qt.ItemDataRole.UserRole + number for number in (1, 2, 3))
"""What an item carries besides its name: the second line, its thumbnail, and the sides that show it ("A", "B")."""
WORDS = {
    TakeKind.KEPT: "kept",
    TakeKind.ADAPTER: "kept before Teach",
    TakeKind.IMPORT: "imported",
    TakeKind.LIKE: "proposed",
    TakeKind.CORRECTION: "automatic",
    TakeKind.MODELS: "automatic",
    TakeKind.PUT_BACK: "automatic",
}
MARGIN_PX = 6
Index = QModelIndex | QPersistentModelIndex


def when(made: str, now: datetime | None = None) -> str:
    """`14:03` today, `21 Nov 14:03` before; empty where nobody wrote it down."""
    try:
        moment = datetime.fromisoformat(made).astimezone()
    except ValueError:
        return ""
    today = (now or datetime.now()).astimezone().date()
    return moment.strftime("%H:%M" if moment.date() == today else "%d %b %H:%M")


def about(take: TakeInfo) -> str:
    """When, how many frames, and what made it."""
    frames = counted(len(take.frames), "frame")
    return " · ".join(part for part in (when(take.made), frames, WORDS[take.kind]) if part)


class TakeRow(QStyledItemDelegate):
    """Draws a row and puts the editor of its name where the name is."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del index
        return QSize(120, max(SIZE.height() + 10, 2 * option.fontMetrics.height() + 12))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        filled = QStyleOptionViewItem(option)
        self.initStyleOption(filled, index)
        filled.text = ""
        style = option.widget.style() if option.widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, filled, painter, option.widget)
        place = self._picture(option.rect)
        painter.save()
        painter.fillRect(place, color("canvas"))
        image = index.data(PICTURE)
        if isinstance(image, QImage):
            corner = place.center() - image.rect().center()
            painter.drawImage(corner, image)
        sides = str(index.data(SIDES) or "")
        name, line = self._name(option.rect), self._line(option.rect)
        chosen = bool(filled.state & QStyle.StateFlag.State_Selected)
        if sides:
            width = option.fontMetrics.horizontalAdvance(sides) + 8
            badge = QRect(name.right() - width, name.y(), width, name.height())
            painter.fillRect(badge, color("raised"))
            painter.setPen(color("accent_bright"))
            painter.drawText(badge, int(Qt.AlignmentFlag.AlignCenter), sides)
            name.setRight(badge.left() - 4)
        for text, rect, ink in (
            (str(index.data(Qt.ItemDataRole.DisplayRole)), name, "text_bright" if chosen else "text"),
            (str(index.data(ABOUT) or ""), line, "text_dim"),
        ):
            shown = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
            painter.setPen(color(ink))
            painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        del index
        editor.setGeometry(self._name(option.rect).adjusted(-4, -3, 0, 3))

    def _picture(self, row: QRect) -> QRect:
        return QRect(row.x() + MARGIN_PX, row.y() + (row.height() - SIZE.height()) // 2, SIZE.width(), SIZE.height())

    def _name(self, row: QRect) -> QRect:
        left = self._picture(row).right() + 1 + MARGIN_PX
        half = row.height() // 2
        return QRect(left, row.y() + 4, row.right() - left - MARGIN_PX, half - 4)

    def _line(self, row: QRect) -> QRect:
        name = self._name(row)
        return QRect(name.x(), name.bottom() + 1, name.width(), row.height() // 2 - 4)
