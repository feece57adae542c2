"""The layer list: which layers there are, what they are called, which is being worked on.

Every edit is a command; the list is drawn from the shot and holds nothing of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QModelIndex, QPoint, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QStackedLayout,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.commands import AddLayer, MoveLayer, RemoveLayer, StyleLayer
from core.layer import KEYER, Layer, LayerId, ModelChoice
from core.shot import Change, Touched
from widgets.actions import Actions
from widgets.studio import Message, Severity, Studio
from widgets.theme import color, icon
from widgets.tools.target import new_layer
from widgets.view_state import Look, ViewState

NEXT_OF_KEY = "Click on the screen: its color is picked. Then propagate (Ctrl+T): every frame is keyed for itself."
NUMBER, EYE, SWATCH, NAME, LOCK = range(5)


def swatch(tint: tuple[float, float, float], size_px: int = 14) -> QIcon:
    """A small square of a layer's color."""
    pixmap = QPixmap(size_px, size_px)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(color("edge"))
    painter.setBrush(QColor.fromRgbF(*tint))
    painter.drawRoundedRect(1, 1, size_px - 2, size_px - 2, 2, 2)
    painter.end()
    return QIcon(pixmap)


class LayersPanel(QWidget):
    """The list and its buttons."""

    def __init__(self, studio: Studio, view: ViewState, actions: Actions) -> None:
        super().__init__()
        self._studio, self._view, self._actions = studio, view, actions
        self.setAccessibleName("Layers")
        self.list = QTreeWidget()
        self.list.setAccessibleName("Layer list")
        self.list.setColumnCount(5)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setIndentation(0)
        self.list.setIconSize(QSize(16, 16))
        self.list.setUniformRowHeights(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.list.header()
        header.setMinimumSectionSize(22)
        header.setStretchLastSection(False)
        for column, width in ((NUMBER, 22), (EYE, 28), (SWATCH, 28), (LOCK, 28)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, width)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self.hint = QLabel("No layer yet.\nClick in the picture, or add one with +.")
        self.hint.setProperty("dim", True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        stacked = QStackedLayout()
        stacked.setStackingMode(QStackedLayout.StackingMode.StackAll)
        stacked.addWidget(self.list)
        stacked.addWidget(self.hint)
        self._stacked = stacked
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for action_id in ("layer.add", "layer.remove", "layer.up", "layer.down"):
            button = QToolButton()
            button.setDefaultAction(actions[action_id])
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(actions[action_id].text())
            buttons.addWidget(button)
        buttons.addStretch(1)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(6, 6, 6, 6)
        lines.setSpacing(4)
        lines.addLayout(stacked, 1)
        lines.addLayout(buttons)
        self.list.currentItemChanged.connect(self._chosen)
        self.list.itemClicked.connect(self._clicked)
        self.list.itemDoubleClicked.connect(self._double_clicked)
        self.list.itemChanged.connect(self._renamed)
        self.list.customContextMenuRequested.connect(self._menu)
        actions.bind(
            {
                "layer.add": self.add,
                "layer.key_screen": self.add_screen_key,
                "layer.remove": self.remove,
                "layer.up": lambda: self.shift(-1),
                "layer.down": lambda: self.shift(1),
                **{f"layer.{number}": self._choose_call(number) for number in range(1, 10)},
            }
        )
        forgets = (studio.document.changed.connect(self._changed), view.changed.connect(self._looked))
        self.destroyed.connect(lambda _gone=None: [forget() for forget in forgets])
        self.refresh()

    def layer(self) -> Layer | None:
        """The chosen layer."""
        chosen = self._view.look.layer_id
        return self._studio.document.shot.find(chosen)

    def refresh(self) -> None:
        """Draw the list anew from the shot."""
        layers = self._studio.document.shot.layers
        items = [self.list.topLevelItem(place) for place in range(self.list.topLevelItemCount())]
        with QSignalBlocker(self.list):
            if [self._id(item) for item in items if item is not None] != [layer.id for layer in layers]:
                self.list.clear()
                self.list.addTopLevelItems([QTreeWidgetItem() for _layer in layers])
            for place, layer in enumerate(layers):
                item = self.list.topLevelItem(place)
                if item is not None:
                    self._show_layer(item, place + 1, layer)
        self.hint.setVisible(not layers)
        self.enable()

    def _show_layer(self, item: QTreeWidgetItem, number: int, layer: Layer) -> None:
        item.setData(NAME, Qt.ItemDataRole.UserRole, layer.id)
        item.setText(NUMBER, str(number) if number < 10 else "")
        item.setForeground(NUMBER, color("text_dim"))
        item.setText(NAME, layer.name)
        item.setForeground(NAME, color("text" if layer.visible else "text_dim"))
        item.setIcon(EYE, icon("eye" if layer.visible else "eye-off"))
        item.setIcon(SWATCH, swatch(layer.color))
        item.setIcon(LOCK, icon("lock") if layer.locked else QIcon())
        item.setToolTip(EYE, "Shown" if layer.visible else "Hidden")
        item.setToolTip(SWATCH, "Click to choose the overlay's color")
        item.setToolTip(LOCK, "Locked: cannot be painted" if layer.locked else "Click to lock")
        item.setToolTip(NAME, f"{layer.name}: {len(layer.frames_by_hand)} key frames")
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        if layer.id == self._view.look.layer_id:
            self.list.setCurrentItem(item)

    def add(self) -> None:
        """A new layer, chosen at once."""
        self._add(new_layer(self._studio.document.shot))

    def add_screen_key(self) -> None:
        """A new layer whose mattes are keyed from a green or blue screen."""
        keyer = ModelChoice(KEYER)
        self._add(replace(new_layer(self._studio.document.shot), name="Screen key", segment=keyer, propagate=keyer))
        self._actions["tool.click"].trigger()
        self._studio.message.emit(Message(Severity.INFO, NEXT_OF_KEY))

    def _add(self, layer: Layer) -> None:
        self._studio.document.do(AddLayer(layer))
        self._view.set(layer_id=layer.id)

    def remove(self) -> None:
        layer = self.layer()
        if layer is not None and layer.locked:
            self._studio.message.emit(Message(Severity.INFO, f"{layer.name} is locked. Unlock it to remove it."))
        elif layer is not None:
            self._studio.document.do(RemoveLayer(layer.id))

    def shift(self, steps: int) -> None:
        """The chosen layer up (-1) or down (1)."""
        layer = self.layer()
        layers = self._studio.document.shot.layers
        if layer is not None and 0 <= layers.index(layer) + steps < len(layers):
            self._studio.document.do(MoveLayer(layer.id, layers.index(layer) + steps))

    def restyle(self, after: Layer) -> None:
        """One `StyleLayer` that makes the layer look like `after`; nothing where it does already."""
        if after != self._studio.document.shot.layer(after.id):
            self._studio.document.do(StyleLayer(after.id, after.name, after.color, after.visible, after.locked))

    # --- listening ----------------------------------------------------------------------------------------------

    def _changed(self, change: Change) -> None:
        if change.touched in (Touched.LAYERS, Touched.LAYER, Touched.PLATE):
            self.refresh()

    def _looked(self, change: tuple[Look, Look]) -> None:
        if change[0].layer_id != change[1].layer_id:
            self.refresh()

    def enable(self) -> None:
        """Buttons and menu entries that make sense now."""
        layer, layers = self.layer(), self._studio.document.shot.layers
        for action_id in ("layer.add", "layer.key_screen"):
            self._actions[action_id].setEnabled(self._studio.document.shot.plate is not None)
        self._actions["layer.remove"].setEnabled(layer is not None)
        self._actions["layer.up"].setEnabled(layer is not None and layers.index(layer) > 0)
        self._actions["layer.down"].setEnabled(layer is not None and layers.index(layer) < len(layers) - 1)
        for number in range(1, 10):
            self._actions[f"layer.{number}"].setEnabled(number <= len(layers))

    def _choose_call(self, number: int) -> Callable[[], None]:
        def choose() -> None:
            layers = self._studio.document.shot.layers
            if number <= len(layers):
                self._view.set(layer_id=layers[number - 1].id)

        return choose

    def _id(self, item: QTreeWidgetItem) -> LayerId:
        return str(item.data(NAME, Qt.ItemDataRole.UserRole))

    def _chosen(self, item: QTreeWidgetItem | None, _before: QTreeWidgetItem | None) -> None:
        if item is not None:
            self._view.set(layer_id=self._id(item))

    def _clicked(self, item: QTreeWidgetItem, column: int) -> None:
        layer = self._studio.document.shot.layer(self._id(item))
        if column == EYE:
            self.restyle(replace(layer, visible=not layer.visible))
        elif column == LOCK:
            self.restyle(replace(layer, locked=not layer.locked))
        elif column == SWATCH:
            self._choose_color(layer)

    def _double_clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column == NAME:
            self.list.editItem(item, NAME)

    def _renamed(self, item: QTreeWidgetItem, column: int) -> None:
        if column != NAME:
            return
        name = item.text(NAME).strip()
        if name:
            self.restyle(replace(self._studio.document.shot.layer(self._id(item)), name=name))
        else:
            self.refresh()

    def _choose_color(self, layer: Layer) -> None:
        chosen = QColorDialog.getColor(QColor.fromRgbF(*layer.color), self, f"Color of {layer.name}")
        if chosen.isValid():
            self.restyle(replace(layer, color=(chosen.redF(), chosen.greenF(), chosen.blueF())))

    def _menu(self, place: QPoint) -> None:
        index: QModelIndex = self.list.indexAt(place)
        menu = QMenu(self)
        if index.isValid():
            item = self.list.topLevelItem(index.row())
            if item is not None:
                menu.addAction("Rename", lambda: self.list.editItem(item, NAME))
        menu.addAction(self._actions["layer.add"])
        menu.addAction(self._actions["layer.key_screen"])
        menu.addAction(self._actions["layer.remove"])
        menu.addAction(self._actions["layer.split"])
        menu.addAction(self._actions["layer.join"])
        menu.addSeparator()
        menu.addAction(self._actions["matte.propagate"])
        menu.addAction(self._actions["matte.teach"])
        menu.addAction(self._actions["layer.keep_take"])
        menu.popup(self.list.viewport().mapToGlobal(place))
