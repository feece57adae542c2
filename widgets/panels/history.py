"""The history: every step that can be undone or done again, and a click to go there.

Reads the document's steps; goes there with its undo and redo and in no other way.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from core.document import Document
from widgets.theme import color

BEGINNING = "As it was opened"


class HistoryPanel(QWidget):
    """The steps from the oldest to the newest; the current one is chosen, those that were undone are dim."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._labels: list[str] = []
        self.setAccessibleName("History")
        self.list = QListWidget()
        self.list.setAccessibleName("Steps")
        self.list.setToolTip("Click a step to go back or forward to it")
        self.list.setUniformItemSizes(True)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(6, 6, 6, 6)
        lines.addWidget(self.list)
        self.list.itemClicked.connect(lambda item: self.go_to(self.list.row(item)))
        self.list.itemActivated.connect(lambda item: self.go_to(self.list.row(item)))
        self.setFocusProxy(self.list)
        forget = document.changed.connect(lambda _change: self.refresh())
        self.destroyed.connect(lambda _gone=None: forget())

    def go_to(self, step: int) -> None:
        """Undo or redo until so many steps are done; 0 is the beginning."""
        step = max(0, min(step, self._document.steps + self._document.undone_steps))
        while self._document.steps > step:
            self._document.undo()
        while self._document.steps < step:
            self._document.redo()

    def refresh(self) -> None:
        """The steps as they are. Quietly nothing while hidden."""
        if not self.isVisible():
            return
        wanted = [BEGINNING, *self._document.labels]
        same = 0
        while same < min(len(wanted), len(self._labels)) and wanted[same] == self._labels[same]:
            same += 1
        while self.list.count() > same:
            self.list.takeItem(self.list.count() - 1)
        for label in wanted[same:]:
            self.list.addItem(QListWidgetItem(label))
        self._labels = wanted
        now = self._document.steps
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setForeground(color("text_off" if row > now else "text"))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()}, undone" if row > now else item.text())
        self.list.setCurrentRow(now)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
