"""The corrections that are kept for learning: looked at, excluded, deleted, carried in and out.

The list is drawn from the room and holds nothing of its own but what can be undone.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QSettings, QSignalBlocker, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QMessageBox,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.arrays import UInt8
from core.corrections.record import PairId, PairRecord
from core.corrections.store import Entry
from widgets.correction_settings import CorrectionSettings
from widgets.corrections import CorrectionRoom
from widgets.dialogs.pair import PairDialog
from widgets.panels.pair_filter import PairFilter
from widgets.panels.pair_row import ENTRY, PairRow, titled, told
from widgets.theme import icon

HINT = "No correction is kept yet.\nPaint on a matte, then save:\nwhat you changed is kept here to learn from."
FILES = "Corrections (*.zip)"


class CorrectionsPanel(QWidget):
    """The filter, the list and its buttons. Args: `settings` remembers whether and where; None remembers nothing."""

    def __init__(self, room: CorrectionRoom, settings: QSettings | None = None) -> None:
        super().__init__()
        self._room = room
        self.settings = CorrectionSettings(room, settings)
        self._before: tuple[tuple[PairId, ...], bool] | None = None
        """What the last exclusion was done to, and whether it excluded."""
        self._looked: PairDialog | None = None
        self.setAccessibleName("Corrections")
        self.filter = PairFilter(self.refresh)
        self.list = QListWidget()
        self.list.setAccessibleName("Correction list")
        self.row = PairRow(self.list, room.thumbnail)
        self.list.setItemDelegate(self.row)
        self.list.setUniformItemSizes(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.itemSelectionChanged.connect(self.enable)
        self.list.itemActivated.connect(lambda _item: self.look())
        self.setFocusProxy(self.list)
        self.hint = QLabel(HINT)
        self.hint.setProperty("dim", True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setWordWrap(True)
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.said = QLabel()
        self.said.setProperty("dim", True)
        self.said.setWordWrap(True)
        self.said.setAccessibleName("What is kept")
        self.large = self._button("search", "Look at it large", "Look at it large (Enter)", self.look)
        self.out = self._button("eye-off", "Exclude", "Exclude: do not train on these; can be undone", self.exclude)
        self.undo = self._button("undo", "Undo exclusion", "Undo the last exclusion", self.undo_exclusion)
        self.remove = self._button("trash", "Delete", "Delete for good: never trained on again", self.delete)
        self.more = self._button("settings", "More", "Remember or not, the show's store, export, bring in", self._more)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for button in (self.large, self.out, self.undo, self.remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.more)
        stacked = QStackedLayout()
        stacked.setStackingMode(QStackedLayout.StackingMode.StackAll)
        stacked.addWidget(self.list)
        stacked.addWidget(self.hint)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(6, 6, 6, 6)
        lines.setSpacing(4)
        lines.addWidget(self.filter)
        lines.addLayout(stacked, 1)
        lines.addWidget(self.said)
        lines.addLayout(buttons)
        self._forgets = (
            room.changed.connect(lambda _none: self.refresh()),
            room.thumbnail_ready.connect(lambda _pair: self.list.viewport().update()),
        )
        self.refresh()

    def release(self) -> None:
        """The window goes; nobody is told any more."""
        for forget in self._forgets:
            forget()

    # --- drawing ------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """The list anew, where it is another. Quietly nothing while hidden."""
        if not self.isVisible():
            return
        self.filter.offer(self._room.entries())
        entries = [entry for entry in self._room.entries() if self.filter.passes(entry)]
        chosen = {entry.record.id for entry in self.chosen()}
        listed = [self._entry(place) for place in range(self.list.count())]
        if [entry.record.id for entry in listed] != [entry.record.id for entry in entries]:
            with QSignalBlocker(self.list):
                self.list.clear()
                for _entry in entries:
                    self.list.addItem(QListWidgetItem())
                for place, entry in enumerate(entries):
                    self.list.item(place).setSelected(entry.record.id in chosen)
        for place, entry in enumerate(entries):
            self._show(self.list.item(place), entry)
        self.hint.setVisible(not self.list.count())
        self.hint.setText(HINT if not self._room.entries() else "No correction is of this kind.")
        self.said.setText(self._room.sentence)
        self.said.setVisible(bool(self._room.sentence))
        self._say_of_looked()
        self.enable()

    def _show(self, item: QListWidgetItem, entry: Entry) -> None:
        if item.data(ENTRY) == entry:
            return
        about = entry.record.about
        item.setData(ENTRY, entry)
        item.setText(f"{titled(entry)}, {told(entry)}")
        versions = f"\n{len(entry.versions)} versions are kept" if len(entry.versions) > 1 else ""
        item.setToolTip(f"{about.shot}, {titled(entry)}\n{about.model or 'no model'}; picture, before, after{versions}")

    def enable(self) -> None:
        """Buttons as the choice is."""
        chosen = self.chosen()
        for button in (self.large, self.out, self.remove):
            button.setEnabled(bool(chosen))
        again = bool(chosen) and all(entry.excluded for entry in chosen)
        self.out.setIcon(icon("eye" if again else "eye-off"))
        self.out.setAccessibleName("Include" if again else "Exclude")
        self.out.setToolTip(
            "Include: train on these again" if again else "Exclude: do not train on these; can be undone"
        )
        self.undo.setEnabled(self._before is not None)

    def _entry(self, place: int) -> Entry:
        entry = self.list.item(place).data(ENTRY)
        assert isinstance(entry, Entry)
        return entry

    def chosen(self) -> list[Entry]:
        """The pairs that are chosen, from top to bottom."""
        return [self._entry(place) for place in range(self.list.count()) if self.list.item(place).isSelected()]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._room.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._looked is not None:
            self._looked.close()

    # --- what is done -------------------------------------------------------------------------------------------

    def exclude(self) -> None:
        """What is chosen is not trained on; if all of it is excluded already, it is again."""
        self._exclude(self.chosen())

    def _exclude(self, entries: list[Entry]) -> None:
        if not entries:
            return
        excluded = not all(entry.excluded for entry in entries)
        changed = tuple(entry.record.id for entry in entries if entry.excluded != excluded)
        self._before = (changed, excluded)
        self._room.exclude(changed, excluded)

    def undo_exclusion(self) -> None:
        """As it was before the last exclusion or inclusion."""
        if self._before is None:
            return
        (pairs, excluded), self._before = self._before, None
        self._room.exclude(pairs, not excluded)

    def delete(self) -> None:
        """Ask, then delete what is chosen."""
        pairs = tuple(entry.record.id for entry in self.chosen())
        if not pairs:
            return
        many = f"{len(pairs)} pairs" if len(pairs) > 1 else "this pair"
        asks = QMessageBox(self)
        asks.setWindowTitle("Delete corrections")
        asks.setText(f"Delete {many} for good?")
        asks.setInformativeText("The mattes of the project stay. To keep a pair and not train on it, exclude it.")
        asks.setStandardButtons(QMessageBox.StandardButton.Cancel)
        yes = asks.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        asks.setDefaultButton(QMessageBox.StandardButton.Cancel)
        yes.clicked.connect(lambda: self._room.delete(pairs))
        asks.finished.connect(lambda _result: asks.deleteLater())
        asks.open()

    def look(self) -> None:
        """The first chosen pair, large."""
        chosen = self.chosen()
        if chosen:
            self._room.look(chosen[0].record.id, self._came)

    def _came(self, record: PairRecord, looked: UInt8) -> None:
        if self._looked is None:
            self._looked = PairDialog(self.window(), self._step, lambda: self._exclude(self._seen()))
            self._looked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self._looked.destroyed.connect(self._looked_away)
        self._looked.show_pair(record, looked)
        self._say_of_looked()
        self._looked.show()
        self._looked.raise_()

    def _say_of_looked(self) -> None:
        for entry in self._seen():
            if self._looked is not None:
                self._looked.say_excluded(entry.excluded)

    def _looked_away(self) -> None:
        self._looked = None

    def _seen(self) -> list[Entry]:
        """The pair that is looked at large, as it is now; empty where there is none."""
        return [entry for entry in self._room.entries() if self._looked and entry.record.id == self._looked.pair_id]

    def _step(self, by: int) -> None:
        places = [place for place in range(self.list.count()) if self.list.item(place).isSelected()]
        wanted = (places[0] if places else 0) + by
        if 0 <= wanted < self.list.count():
            self.list.setCurrentRow(wanted)
            self.look()

    # --- menus --------------------------------------------------------------------------------------------------

    def _menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        if self.chosen():
            menu.addAction("Look at it large", self.look)
            menu.addAction(self.out.accessibleName(), self.exclude)
            menu.addAction("Delete…", self.delete)
            menu.addSeparator()
        self.fill(menu)
        menu.popup(self.list.viewport().mapToGlobal(place))

    def _more(self) -> None:
        menu = QMenu(self)
        self.fill(menu)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height())))

    def fill(self, menu: QMenu) -> None:
        """What is chosen once and then left alone."""
        on = menu.addAction("Remember corrections", lambda: self.settings.switch(not self._room.on))
        on.setCheckable(True)
        on.setChecked(self._room.on)
        menu.addAction("Store of the show…", self._choose_show)
        if self._room.show is not None:
            said = f"List the show's: {self._room.show}"
            show = menu.addAction(said, lambda: self._room.list_show(not self._room.of_show))
            show.setCheckable(True)
            show.setChecked(self._room.of_show)
            menu.addAction("No store of the show", lambda: self.settings.use_show(None))
        menu.addSeparator()
        menu.addAction("Export the store…", self._export)
        menu.addAction("Bring in…", self._bring)

    def _choose_show(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "The show's corrections", str(self._room.show or Path.home()))
        if folder:
            self.settings.use_show(Path(folder))

    def _export(self) -> None:
        name, _kind = QFileDialog.getSaveFileName(self, "Export corrections", "corrections.zip", FILES)
        if name:
            self._room.export(Path(name))

    def _bring(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(self, "Bring in corrections", "", FILES)
        if name:
            self._room.bring(Path(name))

    def _button(self, name: str, title: str, tip: str, does: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setToolTip(tip)
        button.setAccessibleName(title)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _on=False: does())
        return button
