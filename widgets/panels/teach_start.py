"""Where a layer's first teaching begins: as it came, or with a model of the show. Hidden while there is none."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from core.words import counted
from widgets.chooser import Chooser
from widgets.panels.fields import narrow
from widgets.panels.teach_words import AS_IT_CAME
from widgets.starts import Start, StartRoom

TIP = "Where Teach begins with a layer that was not taught yet. A model of the show has learnt from its corrections."


class StartChooser(QWidget):
    """One line: "Start from" and what there is."""

    def __init__(self, room: StartRoom) -> None:
        super().__init__()
        self._room = room
        self.field = narrow(Chooser(), "Where Teach begins")
        self.field.setToolTip(TIP)
        label = QLabel("Start from")
        label.setBuddy(self.field)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(label)
        line.addWidget(self.field, 1)
        self.field.activated.connect(lambda row: room.choose(str(self.field.itemData(row) or "")))
        forget = room.changed.connect(lambda _none: self._show_offered())
        self.destroyed.connect(lambda _gone=None: forget())
        self._show_offered()
        room.refresh()

    def _show_offered(self) -> None:
        offered = self._room.offered
        with QSignalBlocker(self.field):
            self.field.clear()
            self.field.addItem(AS_IT_CAME, "")
            for start in offered:
                self.field.addItem(start_words(start), start.id)
                self.field.setItemData(self.field.count() - 1, start.model.verdict, Qt.ItemDataRole.ToolTipRole)
            self.field.setCurrentIndex(max(0, self.field.findData(self._room.chosen)))
        self.setVisible(bool(offered))


def start_words(start: Start) -> str:
    """`show-002, current, 214 corrections`."""
    count = len(start.model.learnt_from)
    current = ", current" if start.current else ""
    return f"{start.model.name}{current}, {counted(count, 'correction')}"
