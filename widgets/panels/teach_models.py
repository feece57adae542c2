"""The list of what a layer was taught: used, compared, renamed and removed, each one undoable command.

Drawn from the layer; holds nothing of its own.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.adapter_commands import RemoveAdapter, RenameAdapter
from core.commands import UseAdapter
from core.document import Document
from core.layer import Adapter, AssetId, Layer
from widgets.panels.teach_words import AS_IT_CAME, about, details
from widgets.theme import color, icon

ASSET, ABOUT, USED = (Qt.ItemDataRole.UserRole + number for number in range(3))
MARK_PX = 16
MOST_ROWS = 4
"""So many are seen at once; the rest by scrolling."""
PLAIN = "What it makes without your corrections"
Index = QModelIndex | QPersistentModelIndex


class AdapterRow(QStyledItemDelegate):
    """A dot at what is in use, the name, and a line of what it is worth."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del index
        return QSize(120, 2 * option.fontMetrics.height() + 10)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        filled = QStyleOptionViewItem(option)
        self.initStyleOption(filled, index)
        filled.text = ""
        style = option.widget.style() if option.widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, filled, painter, option.widget)
        chosen = bool(filled.state & QStyle.StateFlag.State_Selected)
        painter.save()
        name, line = self._places(option.rect)
        if index.data(USED):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("accent"))
            painter.drawEllipse(QPoint(option.rect.x() + MARK_PX // 2 + 2, name.center().y() + 1), 4, 4)
        for text, rect, ink in (
            (str(index.data(Qt.ItemDataRole.DisplayRole)), name, "text_bright" if chosen else "text"),
            (str(index.data(ABOUT) or ""), line, "text_dim"),
        ):
            shown = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
            painter.setPen(color(ink))
            painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        del index
        editor.setGeometry(self._places(option.rect)[0].adjusted(-4, -3, 0, 3))

    @staticmethod
    def _places(row: QRect) -> tuple[QRect, QRect]:
        left, half = row.x() + MARK_PX + 4, row.height() // 2
        name = QRect(left, row.y() + 3, row.right() - left - 4, half - 3)
        return name, QRect(left, name.bottom() + 1, name.width(), half - 3)


class TaughtList(QWidget):
    """Edits by commands; what is compared or laid on a sheet is asked of whoever listens."""

    compare_wanted = Signal(str)
    """An asset; empty for the model as it came."""
    sheet_wanted = Signal(str)

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._layer: Layer | None = None
        self.setAccessibleName("Taught models")
        self.list = QListWidget()
        self.list.setAccessibleName("Taught model list")
        self.list.setItemDelegate(AdapterRow(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.use = self._button("check", "Use", "Use the chosen one; one undo goes back", self.use_chosen)
        self.compare = self._button(
            "side-by-side", "Compare", "Compare: the chosen one on A, what is in use on B", self._compare
        )
        self.rename = self._button("note", "Rename", "Rename (F2); what live teaching made is kept by it", self._edit)
        self.sheet = self._button(
            "sheet", "Contact sheet", "Contact sheet: key frames as you left them, and as the chosen one makes them"
        )
        self.sheet.clicked.connect(lambda: self.sheet_wanted.emit(self.chosen() or ""))
        self.remove = self._button("trash", "Remove", "Remove from the list; undo brings it back", self._remove)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for button in (self.use, self.compare, self.rename, self.sheet):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.remove)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(4)
        lines.addWidget(self.list)
        lines.addLayout(buttons)
        self.list.itemChanged.connect(self._renamed)
        self.list.itemDoubleClicked.connect(lambda _item: self.use_chosen())
        self.list.currentItemChanged.connect(lambda _now, _before: self._enable())
        self.list.customContextMenuRequested.connect(self._menu)

    def chosen(self) -> AssetId | None:
        """The asset of the chosen row, empty for the model as it came; None where none is chosen."""
        item = self.list.currentItem()
        return None if item is None else str(item.data(ASSET))

    def show_layer(self, layer: Layer | None) -> None:
        """The list of this layer; the newest on top, the model as it came below."""
        self._layer = layer
        adapters = tuple(reversed(layer.listed_adapters)) if layer is not None else ()
        wanted = [adapter.asset for adapter in adapters] + [""]
        with QSignalBlocker(self.list):
            if [str(self.list.item(row).data(ASSET)) for row in range(self.list.count())] != wanted:
                self.list.clear()
                for asset in wanted:
                    item = QListWidgetItem()
                    item.setData(ASSET, asset)
                    self.list.addItem(item)
                self.list.setCurrentRow(self._in_use(wanted))
            for row, adapter in enumerate((*adapters, None)):
                self._show(self.list.item(row), adapter)
        height = self.list.sizeHintForRow(0) * min(MOST_ROWS, len(wanted))
        self.list.setFixedHeight(height + 2 * self.list.frameWidth() + 2)
        self.setVisible(bool(adapters))
        self._enable()

    def _in_use(self, wanted: list[str]) -> int:
        in_use = self._layer.adapter if self._layer is not None else ""
        return wanted.index(in_use) if in_use in wanted else len(wanted) - 1

    def _show(self, item: QListWidgetItem, adapter: Adapter | None) -> None:
        used = self._layer is not None and self._layer.adapter == str(item.data(ASSET))
        item.setText(adapter.name if adapter is not None else AS_IT_CAME)
        item.setData(ABOUT, about(adapter) if adapter is not None else PLAIN)
        item.setData(USED, used)
        item.setToolTip(details(adapter) if adapter is not None else f"{AS_IT_CAME}\n{PLAIN}")
        flags = item.flags() | Qt.ItemFlag.ItemIsEditable
        item.setFlags(flags if adapter is not None else flags & ~Qt.ItemFlag.ItemIsEditable)
        spoken = ", ".join(part for part in (item.text(), item.data(ABOUT), "in use" if used else "") if part)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)

    def _enable(self) -> None:
        chosen, layer = self.chosen(), self._layer
        in_use = layer.adapter if layer is not None else ""
        free = layer is not None and not layer.locked
        self.use.setEnabled(free and chosen is not None and chosen != in_use)
        self.compare.setEnabled(chosen is not None and chosen != in_use)
        self.sheet.setEnabled(layer is not None)
        self.rename.setEnabled(bool(chosen))
        self.remove.setEnabled(bool(chosen))

    # --- what is done ---------------------------------------------------------------------------------------------

    def use_chosen(self) -> None:
        """One undoable command; nothing where it is in use already."""
        chosen, layer = self.chosen(), self._layer
        if layer is not None and not layer.locked and chosen is not None and chosen != layer.adapter:
            self._document.do(UseAdapter(layer.id, self._adapter(chosen)))

    def _adapter(self, asset: AssetId) -> Adapter | None:
        known = self._layer.adapters if self._layer is not None else ()
        return next((adapter for adapter in known if adapter.asset == asset), None)

    def _compare(self) -> None:
        chosen = self.chosen()
        if chosen is not None:
            self.compare_wanted.emit(chosen)

    def _edit(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.list.editItem(item)

    def _renamed(self, item: QListWidgetItem) -> None:
        adapter, name = self._adapter(str(item.data(ASSET))), item.text().strip()
        if self._layer is not None and adapter is not None and name and name != adapter.name:
            self._document.do(RenameAdapter(self._layer.id, adapter.asset, name))
        else:
            self.show_layer(self._layer)

    def _remove(self) -> None:
        chosen = self.chosen()
        if self._layer is not None and chosen:
            self._document.do(RemoveAdapter(self._layer.id, chosen))

    def _menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        for button in (self.use, self.compare, self.rename, self.sheet, self.remove):
            action = menu.addAction(button.icon(), button.accessibleName())
            action.setEnabled(button.isEnabled())
            action.triggered.connect(button.click)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.list.viewport().mapToGlobal(place))

    def _button(self, name: str, text: str, tip: str, call: object = None) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if callable(call):
            button.clicked.connect(lambda _on=False: call())
        return button
