"""Which channel of a sequence is the matte: asked where there are several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QListWidget, QVBoxLayout, QWidget

from core.matte_reader import MatteChannel


class ImportMatteDialog(QDialog):
    """A searchable list, the likeliest first; `channel` is the answer once accepted."""

    def __init__(self, path: Path, channels: Sequence[MatteChannel], layer: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import matte")
        self.setMinimumSize(420, 380)
        self._channels = tuple(channels)
        question = QLabel(f"Which channel of {path.name} is the matte?")
        question.setProperty("heading", True)
        question.setWordWrap(True)
        why = QLabel(f"It becomes a take of {layer}, to compare with and to put back. 0.5 in the file is half a matte.")
        why.setProperty("dim", True)
        why.setWordWrap(True)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search channels")
        self.list = QListWidget()
        self.list.setAccessibleName("Channels")
        self.list.addItems([str(channel) for channel in self._channels])
        self.list.setCurrentRow(0)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.use = self.buttons.addButton("Import", QDialogButtonBox.ButtonRole.AcceptRole)
        self.use.setDefault(True)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(18, 16, 18, 14)
        lines.setSpacing(8)
        for widget in (question, why, self.search, self.list, self.buttons):
            lines.addWidget(widget)
        self.search.textChanged.connect(self._filter)
        self.list.itemDoubleClicked.connect(lambda _item: self.accept())
        self.list.currentItemChanged.connect(lambda _item, _before: self.use.setEnabled(self.channel is not None))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    @property
    def channel(self) -> MatteChannel | None:
        """The chosen channel; None when none is."""
        item = self.list.currentItem()
        return self._channels[self.list.row(item)] if item is not None and not item.isHidden() else None

    def _filter(self, text: str) -> None:
        shown = self.list.findItems(text, Qt.MatchFlag.MatchContains)
        for place in range(self.list.count()):
            item = self.list.item(place)
            item.setHidden(item not in shown)
        if self.channel is None and shown:
            self.list.setCurrentItem(shown[0])
        self.use.setEnabled(self.channel is not None)
