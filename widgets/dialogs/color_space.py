"""Which color space a PNG, TIFF, JPEG or movie is in: asked, never guessed silently."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QListWidget, QVBoxLayout, QWidget


class ColorSpaceDialog(QDialog):
    """A searchable list; `space` is the answer once accepted."""

    def __init__(self, path: Path, spaces: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Color space")
        self.setMinimumSize(440, 420)
        question = QLabel(f"{path.name} does not say which color space it is in.")
        question.setProperty("heading", True)
        question.setWordWrap(True)
        why = QLabel("Everything is computed in scene-linear color. Pictures for a screen are usually sRGB.")
        why.setProperty("dim", True)
        why.setWordWrap(True)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search color spaces")
        self.list = QListWidget()
        self.list.setAccessibleName("Color spaces")
        self.list.addItems(list(spaces))
        likely = self.list.findItems("sRGB", Qt.MatchFlag.MatchStartsWith)
        self.list.setCurrentItem(likely[0] if likely else self.list.item(0))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.use = self.buttons.addButton("Open", QDialogButtonBox.ButtonRole.AcceptRole)
        self.use.setDefault(True)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(18, 16, 18, 14)
        lines.setSpacing(8)
        for widget in (question, why, self.search, self.list, self.buttons):
            lines.addWidget(widget)
        self.search.textChanged.connect(self._filter)
        self.list.itemDoubleClicked.connect(lambda _item: self.accept())
        self.list.currentItemChanged.connect(lambda _item, _before: self.use.setEnabled(bool(self.space)))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    @property
    def space(self) -> str:
        """The chosen color space; empty when none is."""
        item = self.list.currentItem()
        return item.text() if item is not None and not item.isHidden() else ""

    def _filter(self, text: str) -> None:
        first = None
        for place in range(self.list.count()):
            item = self.list.item(place)
            item.setHidden(text.lower() not in item.text().lower())
            if first is None and not item.isHidden():
                first = item
        if not self.space:
            self.list.setCurrentItem(first)  # type: ignore[arg-type]
        self.use.setEnabled(bool(self.space))
