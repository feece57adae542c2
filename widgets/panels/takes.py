"""The takes of the chosen layer: what it was before, what others made, to look at beside what it is now.

The list is drawn from the studio and holds nothing of its own. What is done with a take is `widgets/take_actions.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.shot import Change, Touched
from widgets.actions import Actions
from widgets.panels.fields import action_button
from widgets.panels.take_row import ABOUT, PICTURE, SIDES, TakeRow, about
from widgets.panels.take_thumbnails import TakeThumbnails
from widgets.studio import Studio, TakeInfo
from widgets.take_actions import TakeActions
from widgets.theme import icon
from widgets.view_state import Compare, Look, ViewState

REST_MS = 120
"""How long the playhead must rest before the thumbnails follow it."""
ID = Qt.ItemDataRole.UserRole
HINT = "No take yet.\nKeep one, or import a matte from files."


class TakesPanel(QWidget):
    """The list and its buttons."""

    def __init__(self, studio: Studio, view: ViewState, actions: Actions) -> None:
        super().__init__()
        self._studio, self._view = studio, view
        self.setAccessibleName("Takes")
        self.list = QListWidget()
        self.list.setAccessibleName("Take list")
        self.list.setItemDelegate(TakeRow(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusProxy(self.list)
        self.hint = QLabel(HINT)
        self.hint.setProperty("dim", True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.does = TakeActions(self, studio, view, actions, self.chosen)
        self.compare = self._button("wipe", "Compare", "Compare: the take on A, the matte of now on B")
        self.remove = self._button("trash", "Remove take", "Remove take")
        self.compare.clicked.connect(lambda: self._with_chosen(self.does.compare))
        self.remove.clicked.connect(lambda: self._with_chosen(self.does.remove))
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for action_id in ("layer.keep_take", "layer.put_back"):
            buttons.addWidget(action_button(actions, action_id))
        buttons.addWidget(self.compare)
        buttons.addWidget(action_button(actions, "layer.import_matte"))
        buttons.addStretch(1)
        buttons.addWidget(self.remove)
        stacked = QStackedLayout()
        stacked.setStackingMode(QStackedLayout.StackingMode.StackAll)
        stacked.addWidget(self.list)
        stacked.addWidget(self.hint)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(6, 6, 6, 6)
        lines.setSpacing(4)
        lines.addLayout(stacked, 1)
        lines.addLayout(buttons)
        self._thumbnails = TakeThumbnails(studio)
        self._thumbnails.came.connect(self._thumbnail_came)
        self._released = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._ask_thumbnails)
        self.list.itemChanged.connect(lambda item: self.does.rename(str(item.data(ID)), item.text()))
        self.list.currentItemChanged.connect(lambda _now, _before: self.enable())
        self.list.customContextMenuRequested.connect(self._menu)
        self._actions = actions
        forgets = (
            studio.takes_changed.connect(self._changed),
            studio.document.changed.connect(self._edited),
            view.changed.connect(self._looked),
        )
        self.destroyed.connect(lambda _gone=None: [forget() for forget in forgets])
        self.refresh()

    # --- what is chosen -----------------------------------------------------------------------------------------

    def chosen(self) -> TakeInfo | None:
        """The take that is chosen in the list; None where the list is not seen."""
        item = self.list.currentItem()
        if item is None or not self.isVisible():
            return None
        return next((take for take in self._takes() if take.id == item.data(ID)), None)

    def enable(self) -> None:
        """Buttons as the choice is."""
        self.does.enable()
        chosen = self.list.currentItem() is not None
        self.compare.setEnabled(chosen)
        self.remove.setEnabled(chosen)

    def release(self) -> None:
        """Stop the worker; what Qt hides afterwards, while the window goes, is nobody's business."""
        self._released = True
        self._rest.stop()
        self._thumbnails.close()

    # --- drawing ------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """The list anew; the newest on top."""
        takes = self._takes()[::-1]
        chosen = self.list.currentItem()
        chosen_id = str(chosen.data(ID)) if chosen is not None else ""
        listed = [str(self.list.item(row).data(ID)) for row in range(self.list.count())]
        with QSignalBlocker(self.list):
            if listed != [take.id for take in takes]:
                self.list.clear()
                for take in takes:
                    item = QListWidgetItem()
                    item.setData(ID, take.id)
                    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
                    self.list.addItem(item)
                    if take.id == chosen_id:
                        self.list.setCurrentItem(item)
            for row, take in enumerate(takes):
                self._show(self.list.item(row), take)
        self.hint.setVisible(not takes)
        self.enable()
        self._rest.start()

    def _show(self, item: QListWidgetItem, take: TakeInfo) -> None:
        look = self._view.look
        sides = [name for name, source in (("A", look.a), ("B", look.b)) if source.take_id == take.id]
        item.setText(take.name)
        item.setData(ABOUT, about(take))
        item.setData(SIDES, " ".join(sides))
        item.setData(PICTURE, self._thumbnails.image(take.id, look.frame))
        where = f"{take.frames[0]}-{take.frames[-1]}" if take.frames else "no frame"
        shown = f", shown on {' and '.join(sides)}" if sides else ""
        item.setToolTip(f"{take.name}\n{about(take)}, {where}\nDouble-click to rename")
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{take.name}, {about(take)}{shown}")

    def _takes(self) -> tuple[TakeInfo, ...]:
        layer = self.does.layer()
        return self._studio.takes(layer.id) if layer is not None else ()

    def _ask_thumbnails(self) -> None:
        if self.isVisible():
            self._thumbnails.ask([take.id for take in self._takes()[::-1]], self._view.look.frame)

    def _thumbnail_came(self, take_id: str, frame: int) -> None:
        if frame != self._view.look.frame:
            return
        with QSignalBlocker(self.list):
            for row in range(self.list.count()):
                item = self.list.item(row)
                if item.data(ID) == take_id:
                    item.setData(PICTURE, self._thumbnails.image(take_id, frame))
        self.list.viewport().update()

    # --- listening ----------------------------------------------------------------------------------------------

    def _changed(self, layer_id: str) -> None:
        if layer_id == self._view.look.layer_id:
            self.refresh()

    def _edited(self, change: Change) -> None:
        if change.touched in (Touched.PLATE, Touched.LAYERS):
            self._thumbnails.forget()
            self.refresh()

    def _looked(self, change: tuple[Look, Look]) -> None:
        before, after = change
        if before.frame != after.frame:
            self._rest.start()
        if (before.layer_id, before.a, before.b) != (after.layer_id, after.a, after.b):
            self.refresh()
            if before.a != after.a and after.a.take_id:
                self._choose(after.a.take_id)

    def _choose(self, take_id: str) -> None:
        for row in range(self.list.count()):
            if self.list.item(row).data(ID) == take_id:
                self.list.setCurrentRow(row)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._rest.start()
        self.enable()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not self._released:  # the actions may be gone already
            self.enable()

    # --- buttons ------------------------------------------------------------------------------------------------

    def _with_chosen(self, call: Callable[[TakeInfo], None]) -> None:
        take = self.chosen()
        if take is not None:
            call(take)

    def _button(self, name: str, title: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setToolTip(tip)
        button.setAccessibleName(title)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _menu(self, place: QPoint) -> None:
        item = self.list.itemAt(place)
        menu = QMenu(self)
        if item is not None:
            self.list.setCurrentItem(item)
            take = self.chosen()
            if take is not None:
                menu.addAction("Rename", lambda: self.list.editItem(item))
                menu.addAction("Compare with a wipe", lambda: self.does.compare(take, Compare.WIPE))
                menu.addAction("Compare differences", lambda: self.does.compare(take, Compare.MATTE_DIFFERENCE))
                menu.addAction(self._actions["layer.put_back"])
                menu.addAction("Remove", lambda: self.does.remove(take))
                menu.addSeparator()
        menu.addAction(self._actions["layer.keep_take"])
        menu.addAction(self._actions["layer.import_matte"])
        menu.popup(self.list.viewport().mapToGlobal(place))
