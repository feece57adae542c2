"""The key sheet: every action with its keys, searchable, and the place to change them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from widgets.action_table import ACTIONS, SPECS
from widgets.actions import Actions

TEXT, KEYS = 0, 1
POINTER = (
    ("Zoom at the cursor", "Wheel"),
    ("Scrub", "Ctrl+wheel"),
    ("Pan", "Middle drag, Alt+left drag"),
    ("Add, subtract", "Left, right button; a pen: Ctrl or its eraser"),
    ("Hover preview (click tool)", "Hold Shift"),
    ("Brush size", "Shift+drag"),
    ("Pixel value", "Ctrl+click; an area: Ctrl+Shift+drag"),
    ("Exposure, gamma", "Hold E, Shift+Y and drag"),
)
"""What the pointer does; shown on the sheet, not re-bindable."""


def native(keys: tuple[str, ...]) -> str:
    return ",  ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)


def children(heading: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = (heading.child(place) for place in range(heading.childCount()))
    return [item for item in found if item is not None]


class KeysDialog(QDialog):
    """Look keys up, and change them; a clash is said before it is made."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.setWindowTitle("Keys")
        self.resize(620, 640)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search an action or a key")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search keys")
        self.sheet = QTreeWidget()
        self.sheet.setAccessibleName("Keys")
        self.sheet.setHeaderLabels(["Action", "Keys"])
        self.sheet.setRootIsDecorated(False)
        self.sheet.setIndentation(12)
        self.edit = QKeySequenceEdit()
        self.edit.setAccessibleName("New key")
        self.edit.setMaximumSequenceLength(1)
        self.edit.setClearButtonEnabled(True)
        self.bind = QPushButton("Use this key")
        self.unbind = QPushButton("No key")
        self.warning = QLabel()
        self.warning.setProperty("severity", "warning")
        self.warning.setWordWrap(True)
        self.warning.hide()
        change = QHBoxLayout()
        change.addWidget(QLabel("New key"))
        change.addWidget(self.edit, 1)
        change.addWidget(self.bind)
        change.addWidget(self.unbind)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.reset = buttons.addButton("Reset all keys", QDialogButtonBox.ButtonRole.ResetRole)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(14, 14, 14, 12)
        lines.setSpacing(8)
        lines.addWidget(self.search)
        lines.addWidget(self.sheet, 1)
        lines.addLayout(change)
        lines.addWidget(self.warning)
        lines.addWidget(buttons)
        self.search.textChanged.connect(lambda _text: self._filter())
        self.sheet.currentItemChanged.connect(lambda _item, _before: self._chosen())
        self.edit.keySequenceChanged.connect(lambda _keys: self._warn())
        self.bind.clicked.connect(self._bind)
        self.unbind.clicked.connect(self._unbind)
        self.reset.clicked.connect(self._reset)
        buttons.rejected.connect(self.reject)
        self._fill()
        self.search.setFocus()

    @property
    def action_id(self) -> str:
        """The chosen action; empty on a heading."""
        item = self.sheet.currentItem()
        return str(item.data(TEXT, Qt.ItemDataRole.UserRole) or "") if item is not None else ""

    def choose(self, action_id: str) -> None:
        """Put the selection on an action."""
        for item in self._items():
            if item.data(TEXT, Qt.ItemDataRole.UserRole) == action_id:
                self.sheet.setCurrentItem(item)

    def _fill(self) -> None:
        chosen = self.action_id
        self.sheet.clear()
        groups: dict[str, QTreeWidgetItem] = {}
        for spec in ACTIONS:
            if spec.group not in groups:
                groups[spec.group] = self._heading(spec.group)
            item = QTreeWidgetItem([spec.text.rstrip("…"), native(self._actions.key_map.keys(spec.id))])
            item.setData(TEXT, Qt.ItemDataRole.UserRole, spec.id)
            item.setToolTip(TEXT, spec.tip)
            groups[spec.group].addChild(item)
        pointer = self._heading("Pointer")
        for text, keys in POINTER:
            pointer.addChild(QTreeWidgetItem([text, keys]))
        self.sheet.expandAll()
        self.sheet.setColumnWidth(TEXT, 320)
        self._filter()
        if chosen:
            self.choose(chosen)
        self._chosen()

    def _heading(self, text: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self.sheet, [text])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = item.font(TEXT)
        font.setBold(True)
        item.setFont(TEXT, font)
        return item

    def _headings(self) -> list[QTreeWidgetItem]:
        found = (self.sheet.topLevelItem(place) for place in range(self.sheet.topLevelItemCount()))
        return [heading for heading in found if heading is not None]

    def _items(self) -> list[QTreeWidgetItem]:
        return [item for heading in self._headings() for item in children(heading)]

    def _filter(self) -> None:
        wanted = self.search.text().lower()
        for item in self._items():
            item.setHidden(wanted not in item.text(TEXT).lower() and wanted not in item.text(KEYS).lower())
        for heading in self._headings():
            heading.setHidden(all(item.isHidden() for item in children(heading)))

    def _chosen(self) -> None:
        self.edit.clear()
        for widget in (self.edit, self.bind, self.unbind):
            widget.setEnabled(bool(self.action_id))
        self._warn()

    def _warn(self) -> None:
        key = self.edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        clashes = self._actions.key_map.clashes(self.action_id, (key,)) if key and self.action_id else ()
        names = ", ".join(SPECS[other].text.rstrip("…") for other in clashes)
        self.warning.setText(f"{native((key,))} belongs to {names}, which would lose it.")
        self.warning.setVisible(bool(clashes))
        self.bind.setText("Take this key" if clashes else "Use this key")
        self.bind.setEnabled(bool(key and self.action_id))

    def _bind(self) -> None:
        key = self.edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        self._actions.rebind(self.action_id, (key,))
        self._fill()

    def _unbind(self) -> None:
        self._actions.rebind(self.action_id, ())
        self._fill()

    def _reset(self) -> None:
        self._actions.reset_keys()
        self._fill()
