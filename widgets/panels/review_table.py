"""The marks of the review as a table, with the filter above it. Shows the shot; choosing a row goes there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.frames import FrameNumber
from core.layer import LayerId
from core.review import WHOLE_PICTURE, ReviewStatus
from core.review_list import CHANGED_SINCE, ReviewFilter, ReviewRow, rows_of
from core.shot import Shot
from widgets.chooser import Chooser
from widgets.panels.pen import dot
from widgets.theme import color
from widgets.viewport.drawings import row_color

FRAME, LAYER, STATUS, NOTE = range(4)
STATUS_NAMES: tuple[tuple[str, ReviewStatus | None], ...] = (
    ("All", None),
    ("To do", ReviewStatus.TO_DO),
    ("Fix", ReviewStatus.FIX),
    ("Approved", ReviewStatus.APPROVED),
)
LAYER_PX = 64
SHORT = {CHANGED_SINCE: "changed"}
"""How a status is called where there is little room; the tooltip has all of it."""


class ReviewTable(QWidget):
    """`rows` are the marks that pass.

    Args:
        shot: the shot as it is now.
        chosen: a row was chosen.
        removed: a row is to be removed.
        filtered: the filter is another.
        leave: gives the keyboard back to the picture.
    """

    def __init__(
        self,
        shot: Callable[[], Shot],
        chosen: Callable[[ReviewRow], None],
        removed: Callable[[ReviewRow], None],
        filtered: Callable[[], None],
        leave: Callable[[], None],
    ) -> None:
        super().__init__()
        self._shot, self._chosen, self._removed, self._leave = shot, chosen, removed, leave
        self.rows: tuple[ReviewRow, ...] = ()
        self.status = Chooser()
        self.status.setAccessibleName("Show status")
        for text, status in STATUS_NAMES:
            self.status.addItem(text, status)
        self.status.setToolTip("An approval whose matte changed since is also found under To do.")
        self.layer = Chooser()
        self.layer.setAccessibleName("Show layer")
        self.text = QLineEdit()
        self.text.setAccessibleName("Find in notes")
        self.text.setPlaceholderText("Find")
        self.text.setClearButtonEnabled(True)
        for button in self.text.findChildren(QToolButton):
            button.setAccessibleName("Clear the search")
        for chooser, width in ((self.status, 76), (self.layer, 96)):
            chooser.currentIndexChanged.connect(lambda _place: filtered())
            chooser.setMinimumWidth(width)
        self.text.textChanged.connect(lambda _text: filtered())
        above = QHBoxLayout()
        above.setSpacing(4)
        above.addWidget(self.status, 2)
        above.addWidget(self.layer, 3)
        above.addWidget(self.text, 3)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(4)
        lines.addLayout(above)
        lines.addWidget(self._build_list(), 1)

    def _build_list(self) -> QTreeWidget:
        self.list = QTreeWidget()
        self.list.setAccessibleName("Marks")
        self.list.setHeaderLabels(["Frame", "Layer", "Status", "Note"])
        self.list.setRootIsDecorated(False)
        self.list.setIndentation(0)
        self.list.setIconSize(QSize(14, 14))
        self.list.setUniformRowHeights(True)
        self.list.setAllColumnsShowFocus(True)
        self.list.setMinimumHeight(84)
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = self.list.header()
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(FRAME, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(STATUS, QHeaderView.ResizeMode.ResizeToContents)
        header.resizeSection(LAYER, LAYER_PX)
        self.list.itemClicked.connect(lambda item, _column: self._chosen(self._row(item)))
        self.list.itemActivated.connect(lambda item, _column: self._chosen(self._row(item)))
        self.list.installEventFilter(self)
        return self.list

    def wanted(self) -> ReviewFilter:
        """The filter as it is set."""
        status, layer_id = self.status.currentData(), self.layer.currentData()
        return ReviewFilter(
            frozenset() if status is None else frozenset({status}),
            frozenset() if layer_id is None else frozenset({layer_id}),
            self.text.text(),
        )

    def refresh(self) -> None:
        """The rows as the shot is. Nothing is made anew where nothing is different."""
        self._fill_layers()
        rows = rows_of(self._shot(), self.wanted())
        if rows == self.rows:
            return
        self.rows = rows
        with QSignalBlocker(self.list):
            self.list.clear()
            self.list.addTopLevelItems([_item(row) for row in rows])

    def show_place(self, here: tuple[FrameNumber, LayerId]) -> int:
        """Mark the row of this frame and layer; its number, from 1, or 0 where it has none."""
        places = (place for place, row in enumerate(self.rows) if (row.mark.frame, row.mark.layer_id) == here)
        place = next(places, -1)
        item = self.list.topLevelItem(place) if place >= 0 else None
        with QSignalBlocker(self.list):
            if item is None:
                self.list.clearSelection()
                self.list.setCurrentIndex(QModelIndex())
            elif item is not self.list.currentItem():
                self.list.setCurrentItem(item)
        return place + 1

    def _fill_layers(self) -> None:
        entries: list[tuple[str, LayerId | None]] = [("All layers", None), ("Whole frame", WHOLE_PICTURE)]
        entries += [(layer.name, layer.id) for layer in self._shot().layers]
        places = range(self.layer.count())
        if [(self.layer.itemText(place), self.layer.itemData(place)) for place in places] == entries:
            return
        chosen = self.layer.currentData()
        with QSignalBlocker(self.layer):
            self.layer.clear()
            for text, layer_id in entries:
                self.layer.addItem(text, layer_id)
            at = [place for place, (_text, layer_id) in enumerate(entries) if layer_id == chosen]
            self.layer.setCurrentIndex(at[0] if at else 0)

    def _row(self, item: QTreeWidgetItem) -> ReviewRow:
        return self.rows[self.list.indexOfTopLevelItem(item)]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.list and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            item = self.list.currentItem()
            if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and item is not None:
                self._removed(self._row(item))
                return True
            if event.key() == Qt.Key.Key_Escape:
                self._leave()
                return True
        return super().eventFilter(watched, event)


def _item(row: ReviewRow) -> QTreeWidgetItem:
    mark = row.mark
    words = SHORT.get(row.words, row.words) or ("drawing" if mark.drawing else "note")
    item = QTreeWidgetItem([str(mark.frame), row.layer, words, " ".join(mark.note.split())])
    item.setIcon(STATUS, dot(row_color(row), 8))
    item.setForeground(STATUS, row_color(row) if row.words else color("text_dim"))
    lines = f"{len(mark.drawing)} drawn line{'' if len(mark.drawing) == 1 else 's'}" if mark.drawing else ""
    said = (row.words, mark.note, lines, " ".join(part for part in (mark.author, mark.time) if part))
    for column in range(4):
        item.setToolTip(column, "\n".join(part for part in said if part))
    return item
