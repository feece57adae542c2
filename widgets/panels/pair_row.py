"""How one pair is drawn in the list of corrections: picture, before, after, and two lines of what it is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.arrays import UInt8
from core.corrections.record import PairId
from core.corrections.store import Entry
from widgets.panels.take_row import when
from widgets.theme import color

ENTRY = Qt.ItemDataRole.UserRole + 1
PICTURE = QSize(58, 44)
GAP_PX = 3
MARGIN_PX = 5
KEPT = 512
EXCLUDED_OPACITY = 0.35
Index = QModelIndex | QPersistentModelIndex
Pictures = tuple[QImage, QImage, QImage]


def pictures(small: UInt8) -> Pictures:
    """Picture, before and after of a thumbnail, (h, w, 5) uint8, or of what `seen` gives, (h, w, 6)."""
    height, width = small.shape[:2]
    rgb, before, after = (np.ascontiguousarray(part) for part in (small[..., :3], small[..., 3], small[..., 4]))
    grey, full = QImage.Format.Format_Grayscale8, QImage.Format.Format_RGB888
    return (
        QImage(rgb.data, width, height, 3 * width, full).copy(),
        QImage(before.data, width, height, width, grey).copy(),
        QImage(after.data, width, height, width, grey).copy(),
    )


def titled(entry: Entry) -> str:
    """Layer and frame: what the artist looks for first."""
    about = entry.record.about
    return f"{about.layer or about.layer_id} {about.frame}"


def told(entry: Entry) -> str:
    """Who and when; that it is excluded goes before everything else."""
    about = entry.record.about
    words = ("excluded" if entry.excluded else "", about.artist, when(entry.record.made))
    return " · ".join(word for word in words if word)


class PairRow(QStyledItemDelegate):
    """Asks for the thumbnails of the rows that are seen, and of no other.

    Args:
        thumbnail: gives one, or None until it came.
    """

    def __init__(self, parent: QWidget, thumbnail: Callable[[PairId], UInt8 | None]) -> None:
        super().__init__(parent)
        self._thumbnail = thumbnail
        self._made: OrderedDict[PairId, Pictures] = OrderedDict()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del index
        return QSize(180, max(PICTURE.height(), 2 * option.fontMetrics.height()) + 2 * MARGIN_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry = index.data(ENTRY)
        if not isinstance(entry, Entry):
            return
        filled = QStyleOptionViewItem(option)
        self.initStyleOption(filled, index)
        filled.text = ""
        style = option.widget.style() if option.widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, filled, painter, option.widget)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if entry.excluded:
            painter.setOpacity(EXCLUDED_OPACITY)
        self._draw_pictures(painter, option.rect, entry.record.id)
        painter.setOpacity(1.0)
        chosen = bool(filled.state & QStyle.StateFlag.State_Selected)
        ink = "text_off" if entry.excluded and not chosen else "text_bright" if chosen else "text"
        self._draw_text(painter, option, ((titled(entry), ink), (told(entry), "text_dim")))
        painter.restore()

    def _draw_pictures(self, painter: QPainter, row: QRect, pair_id: PairId) -> None:
        made = self._pictures(pair_id)
        left, top = row.x() + MARGIN_PX, row.y() + (row.height() - PICTURE.height()) // 2
        for number in range(3):
            place = QRect(left + number * (PICTURE.width() + GAP_PX), top, PICTURE.width(), PICTURE.height())
            painter.fillRect(place, color("canvas"))
            if made is not None:
                fitted = made[number].size().scaled(PICTURE, Qt.AspectRatioMode.KeepAspectRatio)
                target = QRect(place.topLeft(), fitted)
                target.moveCenter(place.center())
                painter.drawImage(target, made[number])

    def _draw_text(
        self, painter: QPainter, option: QStyleOptionViewItem, lines: tuple[tuple[str, str], tuple[str, str]]
    ) -> None:
        left = option.rect.x() + MARGIN_PX + 3 * (PICTURE.width() + GAP_PX) + 4
        height = option.fontMetrics.height() + 1
        top = option.rect.center().y() - height
        for number, (text, ink) in enumerate(lines):
            place = QRect(left, top + number * height, max(0, option.rect.right() - left - 3), height)
            painter.setPen(color(ink))
            # the frame number stands at the end of the title
            shortened = Qt.TextElideMode.ElideRight if number else Qt.TextElideMode.ElideMiddle
            shown = option.fontMetrics.elidedText(text, shortened, place.width())
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)

    def _pictures(self, pair_id: PairId) -> Pictures | None:
        if pair_id not in self._made:
            small = self._thumbnail(pair_id)
            if small is None:
                return None
            self._made[pair_id] = pictures(small)
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
        return self._made[pair_id]
