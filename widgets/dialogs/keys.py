"""The key sheet: every action with its keys, found by words or by pressing a key, and the place to change them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.errors import SettingsError
from widgets.action_table import ACTIONS, SPECS
from widgets.actions import Actions
from widgets.chooser import Chooser
from widgets.key_file import read_keys, write_keys
from widgets.key_map import normal
from widgets.key_presets import PRESETS

TEXT, KEYS, WHOSE = 0, 1, 2
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
FILTER = "Keys (*.json)"


def native(keys: tuple[str, ...]) -> str:
    return ",  ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)


def children(heading: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = (heading.child(place) for place in range(heading.childCount()))
    return [item for item in found if item is not None]


def key_field(name: str, tip: str) -> QKeySequenceEdit:
    """A field that takes one key combination by having it pressed."""
    field = QKeySequenceEdit()
    field.setAccessibleName(name)
    field.setToolTip(tip)
    field.setMaximumSequenceLength(1)
    field.setClearButtonEnabled(True)
    inner = field.findChild(QLineEdit)
    if inner is not None:
        inner.setAccessibleName(name)
        inner.setPlaceholderText("Press a key")
    return field


def pressed(field: QKeySequenceEdit) -> str:
    """The key combination in a field, in its one spelling; empty when there is none."""
    return normal(field.keySequence().toString(QKeySequence.SequenceFormat.PortableText))


class KeysDialog(QDialog):
    """Look keys up, and change them; a clash is said before it is made."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.setWindowTitle("Keys")
        self.resize(720, 680)
        self.preset = Chooser()
        self.preset.setAccessibleName("Preset")
        self.preset.setToolTip("The set of keys to begin with; your own keys stay on top of it")
        self.preset.setMinimumWidth(90)
        for known in PRESETS:
            self.preset.addItem(known.name, known.id)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search an action or a key")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search keys")
        self.of_key = key_field("Find by key", "Press a key combination to see what it does")
        self.of_key.setMaximumWidth(170)
        self.sheet = QTreeWidget()
        self.sheet.setAccessibleName("Keys")
        self.sheet.setHeaderLabels(["Action", "Keys", ""])
        self.sheet.header().setStretchLastSection(False)
        self.sheet.header().setSectionResizeMode(TEXT, QHeaderView.ResizeMode.Stretch)
        self.sheet.header().setSectionResizeMode(KEYS, QHeaderView.ResizeMode.Stretch)
        self.sheet.header().resizeSection(WHOSE, 76)
        self.sheet.setRootIsDecorated(False)
        self.sheet.setIndentation(12)
        self.edit = key_field("New key", "Press the key combination the chosen action shall have")
        self.bind = QPushButton("Use this key")
        self.also = QPushButton("Add")
        self.also.setToolTip("Keep the keys it has and add this one")
        self.unbind = QPushButton("No key")
        self.reset_one = QPushButton("Reset")
        self.reset_one.setToolTip("The preset's keys for the chosen action")
        self.warning = QLabel()
        self.warning.setProperty("severity", "warning")
        self.warning.setWordWrap(True)
        self.warning.hide()
        head = QHBoxLayout()
        head.addWidget(QLabel("Preset"))
        head.addWidget(self.preset)
        head.addSpacing(8)
        head.addWidget(self.search, 1)
        head.addWidget(self.of_key)
        change = QHBoxLayout()
        change.addWidget(QLabel("New key"))
        change.addWidget(self.edit, 1)
        for button in (self.bind, self.also, self.unbind, self.reset_one):
            change.addWidget(button)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.load = buttons.addButton("Import…", QDialogButtonBox.ButtonRole.ActionRole)
        self.keep = buttons.addButton("Export…", QDialogButtonBox.ButtonRole.ActionRole)
        self.reset = buttons.addButton("Reset all keys", QDialogButtonBox.ButtonRole.ResetRole)
        for push in (self.bind, self.also, self.unbind, self.reset_one, *buttons.buttons()):
            if isinstance(push, QPushButton):
                push.setAutoDefault(False)  # Enter in the search field closes nothing
        lines = QVBoxLayout(self)
        lines.setContentsMargins(14, 14, 14, 12)
        lines.setSpacing(8)
        lines.addLayout(head)
        lines.addWidget(self.sheet, 1)
        lines.addLayout(change)
        lines.addWidget(self.warning)
        lines.addWidget(buttons)
        self.preset.activated.connect(self._choose_preset)
        self.search.textChanged.connect(lambda _text: self._filter())
        self.of_key.keySequenceChanged.connect(lambda _keys: self._filter())
        self.sheet.currentItemChanged.connect(lambda _item, _before: self._chosen())
        self.edit.keySequenceChanged.connect(lambda _keys: self._warn())
        self.bind.clicked.connect(lambda: self._rebind((pressed(self.edit),)))
        self.also.clicked.connect(self._add)
        self.unbind.clicked.connect(lambda: self._rebind(()))
        self.reset_one.clicked.connect(self._reset_one)
        self.reset.clicked.connect(self._reset)
        self.load.clicked.connect(self._import)
        self.keep.clicked.connect(self._export)
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
                self.sheet.scrollToItem(item)

    # --- filling ------------------------------------------------------------------------------------------------
    def _fill(self) -> None:
        chosen, scrolled = self.action_id, self.sheet.verticalScrollBar().value()
        key_map = self._actions.key_map
        self.preset.setCurrentIndex(max(0, self.preset.findData(key_map.preset.id)))
        self.sheet.clear()
        groups: dict[str, QTreeWidgetItem] = {}
        for spec in ACTIONS:
            if spec.group not in groups:
                groups[spec.group] = self._heading(spec.group)
            whose = "changed" if spec.id in key_map.own else ""
            item = QTreeWidgetItem([spec.text.rstrip("…"), native(key_map.keys(spec.id)), whose])
            item.setData(TEXT, Qt.ItemDataRole.UserRole, spec.id)
            item.setToolTip(TEXT, spec.tip)
            groups[spec.group].addChild(item)
        pointer = self._heading("Mouse and pen")
        for text, keys in POINTER:
            pointer.addChild(QTreeWidgetItem([text, keys]))
        self.sheet.expandAll()
        self._filter()
        if chosen:
            self.choose(chosen)
        self.sheet.verticalScrollBar().setValue(scrolled)
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
        words = self.search.text().lower().split()
        key = pressed(self.of_key)
        owner = self._actions.key_map.owner(key)
        for item in self._items():
            text = f"{item.text(TEXT)} {item.text(KEYS)} {item.text(WHOSE)}".lower()
            of_key = not key or item.data(TEXT, Qt.ItemDataRole.UserRole) == owner != ""
            item.setHidden(not of_key or any(word not in text for word in words))
        for heading in self._headings():
            heading.setHidden(all(item.isHidden() for item in children(heading)))
        if key and owner:
            self.choose(owner)

    def _chosen(self) -> None:
        self.edit.clear()
        for widget in (self.edit, self.unbind):
            widget.setEnabled(bool(self.action_id))
        self._warn()

    # --- changing -----------------------------------------------------------------------------------------------
    def _warn(self) -> None:
        key, key_map = pressed(self.edit), self._actions.key_map
        clashes = key_map.clashes(self.action_id, (key,)) if key and self.action_id else ()
        names = ", ".join(SPECS[other].text.rstrip("…") for other in clashes)
        self._say(f"{native((key,))} belongs to {names}, which would lose it." if clashes else "")
        self.bind.setText("Take this key" if clashes else "Use this key")
        self.bind.setEnabled(bool(key and self.action_id))
        self.also.setEnabled(bool(key and self.action_id))
        self.reset_one.setEnabled(self.action_id in key_map.own)

    def _say(self, sentence: str) -> None:
        self.warning.setText(sentence)
        self.warning.setVisible(bool(sentence))

    def _rebind(self, keys: tuple[str, ...]) -> None:
        self._actions.rebind(self.action_id, keys)
        self._fill()

    def _add(self) -> None:
        held = self._actions.key_map.keys(self.action_id)
        key = pressed(self.edit)
        self._rebind(held if key in held else (*held, key))

    def _reset_one(self) -> None:
        self._actions.reset_keys(self.action_id)
        self._fill()

    def _reset(self) -> None:
        self._actions.reset_keys()
        self._fill()

    def _choose_preset(self, place: int) -> None:
        self._actions.choose_preset(PRESETS[place])
        self._fill()

    # --- files --------------------------------------------------------------------------------------------------
    def _export(self) -> None:
        name, _filter = QFileDialog.getSaveFileName(self, "Export keys", str(Path.home() / "keys.json"), FILTER)
        if name:
            key_map = self._actions.key_map
            try:
                write_keys(Path(name).with_suffix(".json"), key_map.preset, key_map.own)
            except SettingsError as error:
                self._say(error.sentence)

    def _import(self) -> None:
        name, _filter = QFileDialog.getOpenFileName(self, "Import keys", str(Path.home()), FILTER)
        if not name:
            return
        try:
            read = read_keys(Path(name))
        except SettingsError as error:
            self._say(error.sentence)
            return
        self._actions.adopt_keys(read.preset, read.own)
        self._fill()
        if read.unknown:
            self._say(f"Left out, because this version has no such action: {', '.join(read.unknown)}.")
