"""The layer picker: which part, layer and view of the plate's files is looked at, and one channel of it alone.

Only reads and sets the look, through `picking.py`.
"""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from core.plate_layers import PlateLayer
from widgets.chooser import Chooser
from widgets.picking import Picking
from widgets.studio import Studio
from widgets.view_state import Look, ViewState

WHOLE = "All"
"""No channel alone."""
MATTED = " ●"
"""After the name of the line that is matted."""


class LayerPicker(QWidget):
    """Two choosers; hidden where the plate's files offer nothing to choose."""

    def __init__(self, studio: Studio, view: ViewState, picking: Picking) -> None:
        super().__init__()
        self._view, self._picking = view, picking
        self._lines: tuple[PlateLayer, ...] = ()
        self._listed: tuple[str, ...] = ()
        self.setAccessibleName("Layer picker")
        self.layer = _chooser("Layer", "Layer of the plate's files to look at (PgUp, PgDown; V: the other eye)", 112)
        self.channel = _chooser("Channel alone", "One channel of the layer alone, as data", 60)
        self.layer.activated.connect(self._picked)
        self.channel.activated.connect(self._picked_channel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.channel.setMaximumWidth(96)
        row.addWidget(self.layer, 3)
        row.addWidget(self.channel, 1)
        forgets = (
            view.changed.connect(self._looked),
            studio.plate_choices_changed.connect(lambda _choices: self.refresh()),
            studio.document.changed.connect(lambda _change: self.refresh()),
        )
        self.destroyed.connect(lambda _gone=None: [forget() for forget in forgets])
        self.refresh()

    def _looked(self, change: tuple[Look, Look]) -> None:
        if change[0].shown != change[1].shown:
            self.refresh()

    def refresh(self) -> None:
        """Lines, channels and what is looked at anew."""
        self._lines = self._picking.choices.lines
        line, matted = self._picking.line, self._picking.matted
        self.layer.setVisible(len(self._lines) > 1)
        self.setMaximumWidth(340 if len(self._lines) > 1 else 96)
        self.setVisible(bool(self._lines))
        names = tuple(each.name + (MATTED if each == matted else "") for each in self._lines)
        with QSignalBlocker(self.layer), QSignalBlocker(self.channel):
            if names != self._listed:
                self._listed = names
                _fill(self.layer, [(name, each.why_not) for name, each in zip(names, self._lines, strict=True)])
            if line is not None:
                self.layer.setCurrentIndex(self._lines.index(line))
            self._list_channels(line)

    def _list_channels(self, line: PlateLayer | None) -> None:
        channels = line.channels if line is not None else ()
        self.channel.clear()
        self.channel.addItem(WHOLE, "")
        for channel in channels:
            self.channel.addItem(line.short(channel) if line is not None else channel, channel)
        self.channel.setCurrentIndex(max(0, self.channel.findData(self._view.look.shown.channel)))
        self.channel.setEnabled(line is not None and not line.why_not)

    def _picked(self, place: int) -> None:
        line = self._lines[place]
        if line.why_not:
            self.refresh()
        else:
            self._picking.look_at(line)

    def _picked_channel(self, place: int) -> None:
        line = self._picking.line
        if line is not None:
            self._picking.look_at(line, self.channel.itemData(place))


def _chooser(name: str, tip: str, width_px: int) -> Chooser:
    box = Chooser()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setMaxVisibleItems(30)
    box.setMinimumWidth(width_px)
    box.setMaximumWidth(220)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return box


def _fill(box: QComboBox, rows: list[tuple[str, str]]) -> None:
    """Names, those with a reason against them greyed and with the reason as tooltip."""
    model = QStandardItemModel(box)
    for name, why_not in rows:
        item = QStandardItem(f"{name} (deep)" if why_not.startswith("deep") else name)
        if why_not:
            item.setToolTip(f"{name}: {why_not}.")
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
        model.appendRow(item)
    box.setModel(model)
    longest = max((box.fontMetrics().horizontalAdvance(name) for name, _why in rows), default=80)
    box.setMaximumWidth(min(240, longest + 44))
    box.view().setMinimumWidth(longest + 24)
