"""The command palette: type a few words, press Enter. Finds every action, panel and recent file by name.

Knows entries, not what they do: the window hands it a list and remembers what was run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from widgets.theme import color

TEXT, ABOUT, KEYS = 0, 1, 2
SIZE = (640, 420)
LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing the palette can do.

    Args:
        id: what is remembered as used.
        text: what is read and searched.
        group: the menu it belongs to; searched too.
        run: does it.
        keys: its key, as the artist's keyboard names it.
        why_not: why it cannot be done now; empty when it can.
        also: words that find it besides those shown.
    """

    id: str
    text: str
    group: str
    run: Callable[[], object]
    keys: str = ""
    why_not: str = ""
    also: str = ""


def rank(entry: Entry, words: Sequence[str]) -> int:
    """How well an entry answers the words, 0 best; -1 when one of them is not in it."""
    text = entry.text.lower()
    everywhere = f"{text} {entry.group} {entry.keys} {entry.also}".lower()
    if any(word not in everywhere for word in words):
        return -1
    whole = " ".join(words)
    if not whole or text.startswith(whole):
        return 0
    beginnings = text.replace("(", " ").split()
    if all(any(part.startswith(word) for part in beginnings) for word in words):
        return 1
    return 2 if all(word in text for word in words) else 3


def found(entries: Sequence[Entry], typed: str, used: Sequence[str]) -> list[Entry]:
    """The entries that answer what was typed: what can be done first, then better answers, then newest used."""
    words = typed.lower().split()
    ranked = [(rank(entry, words), entry) for entry in entries]
    order = {entry_id: place for place, entry_id in enumerate(used)}

    def place(of: tuple[int, Entry]) -> tuple[bool, int, int]:
        rank_of, entry = of
        return bool(entry.why_not), rank_of, order.get(entry.id, len(order))

    return [entry for _rank, entry in sorted((pair for pair in ranked if pair[0] >= 0), key=place)]


class CommandPalette(QDialog):
    """Enter runs the chosen entry after the palette has gone, so that what it opens belongs to the window."""

    def __init__(
        self, entries: Sequence[Entry], used: Sequence[str], on_run: Callable[[str], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._entries, self._used, self._on_run = entries, tuple(used), on_run
        self.setWindowTitle("Command palette")
        self.setModal(True)
        self.resize(*SIZE)
        self.search = QLineEdit()
        self.search.setAccessibleName("Search commands")
        self.search.setPlaceholderText("Type what you want to do")
        self.search.installEventFilter(self)
        self.list = QTreeWidget()
        self.list.setAccessibleName("Commands")
        self.list.setColumnCount(3)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(TEXT, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(ABOUT, QHeaderView.ResizeMode.ResizeToContents)
        self.list.header().setSectionResizeMode(KEYS, QHeaderView.ResizeMode.ResizeToContents)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(10, 10, 10, 10)
        lines.setSpacing(6)
        lines.addWidget(self.search)
        lines.addWidget(self.list, 1)
        self.search.textChanged.connect(lambda _text: self._fill())
        self.search.returnPressed.connect(self._run)
        self.list.itemClicked.connect(lambda _item, _column: self._run())
        self.finished.connect(lambda _result: parent.window().activateWindow())  # not every window manager does
        self._shown: list[Entry] = []
        self._fill()
        self.search.setFocus()

    @property
    def shown(self) -> tuple[Entry, ...]:
        """What is listed now, from the top."""
        return tuple(self._shown)

    @property
    def chosen(self) -> Entry | None:
        """What Enter would run."""
        place = self._row()
        return self._shown[place] if place >= 0 else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down move in the list while the keyboard stays in the field."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in LIST_KEYS:
            rows = self.list.topLevelItemCount()
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -10}.get(Qt.Key(event.key()), 10)
            if rows:
                self._choose(min(rows - 1, max(0, self._row() + step)))
            return True
        return super().eventFilter(watched, event)

    def _row(self) -> int:
        return self.list.currentIndex().row()

    def _choose(self, row: int) -> None:
        item = self.list.topLevelItem(row)
        if item is not None:
            self.list.setCurrentItem(item)
            self.list.scrollToItem(item)

    def _fill(self) -> None:
        self._shown = found(self._entries, self.search.text(), self._used)
        self.list.clear()
        for entry in self._shown:
            item = QTreeWidgetItem([entry.text, entry.why_not or entry.group, entry.keys])
            item.setForeground(ABOUT, color("text_dim"))
            item.setTextAlignment(KEYS, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if entry.why_not:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
                for column in (TEXT, ABOUT, KEYS):
                    item.setForeground(column, color("text_off"))
            self.list.addTopLevelItem(item)
        self._choose(0)

    def _run(self) -> None:
        entry = self.chosen
        if entry is None or entry.why_not:
            return
        self._on_run(entry.id)
        self.accept()
        QTimer.singleShot(0, self._window, entry.run)
