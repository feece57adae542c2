"""How the plate is read: its facts, its part, layer and view, its color space with the reason, its rate.

Every change is one `ChangePlate` command.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.commands import ChangePlate
from core.plate import Plate
from core.words import counted
from widgets.chooser import Chooser, QuietWheel
from widgets.panels.fields import heading, narrow
from widgets.studio import Studio
from widgets.theme import icon

UNNAMED = "(unnamed)"
RATES = (Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001))
"""Rates that a decimal field cannot say exactly."""


def nearest_rate(fps: float) -> Fraction:
    """23.976 means 24000/1001; anything else is taken to a thousandth."""
    for rate in RATES:
        if abs(float(rate) - fps) < 0.002:
            return rate
    return Fraction(fps).limit_denominator(1000)


class PlateSection(QWidget):
    """How the plate is read."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self.facts = QLabel()
        self.facts.setProperty("dim", True)
        self.facts.setWordWrap(True)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.space = narrow(Chooser(), "Color space")
        self.space.activated.connect(lambda _place: self._change_space(self.space.currentText()))
        self.as_file_says = QToolButton()
        self.as_file_says.setIcon(icon("undo"))
        self.as_file_says.setAccessibleName("Color space as the file says")
        self.as_file_says.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.as_file_says.clicked.connect(lambda: self._change_space(self._studio.colors.suggested))
        spaces = QWidget()
        side_by_side = QHBoxLayout(spaces)
        side_by_side.setContentsMargins(0, 0, 0, 0)
        side_by_side.setSpacing(4)
        side_by_side.addWidget(self.space, 1)
        side_by_side.addWidget(self.as_file_says)
        self.why = QLabel()
        self.why.setAccessibleName("Why this color space")
        self.why.setProperty("dim", True)
        self.why.setWordWrap(True)
        self.rate = QDoubleSpinBox()
        QuietWheel(self.rate)
        self.rate.setAccessibleName("Frames per second")
        self.rate.setRange(1, 240)
        self.rate.setDecimals(3)
        self.rate.setKeyboardTracking(False)
        self.rate.valueChanged.connect(self._change_rate)
        self.part, self.layer, self.view = (narrow(Chooser(), name) for name in ("Part", "Layer of the plate", "View"))
        self.part.activated.connect(lambda place: self._read_as("part", place))
        self.layer.activated.connect(lambda place: self._read_as("layer", place))
        self.view.activated.connect(lambda place: self._read_as("view", place))
        self.form = form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(4)
        rows = (("Part", self.part), ("Layer", self.layer), ("View", self.view))
        for text, widget in (*rows, ("Color space", spaces), ("Rate", self.rate)):
            label = QLabel(text)
            label.setMinimumSize(92, 26)
            form.addRow(label, widget)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 4, 0, 4)
        lines.setSpacing(4)
        lines.addWidget(heading("Plate"))
        lines.addWidget(self.facts)
        lines.addWidget(self.why)
        lines.addLayout(form)

    def refresh(self) -> None:
        """The plate as it is now."""
        plate = self._studio.document.shot.plate
        self.setVisible(plate is not None)
        if plate is None:
            return
        display, data = plate.format.display, plate.data_window
        facts = [f"{plate.path.name}, {plate.frames}", f"{display.width} × {display.height}"]
        if plate.format.pixel_aspect != 1:
            facts[-1] += f", pixel aspect {plate.format.pixel_aspect:g}"
        if data != display:
            facts.append(f"data window {data.x0}, {data.y0} to {data.x1}, {data.y1}")
        missing = len(self._studio.missing_frames())
        if missing:
            facts.append(f"{counted(missing, 'frame')} missing")
        self.facts.setText("\n".join(facts))
        self.facts.setToolTip(str(plate.path))
        spaces = tuple(dict.fromkeys((*self._studio.color.spaces, plate.color_space)))
        with QSignalBlocker(self.space), QSignalBlocker(self.rate):
            if tuple(self.space.itemText(place) for place in range(self.space.count())) != spaces:
                self.space.clear()
                self.space.addItems(spaces)
            self.space.setCurrentIndex(self.space.findText(plate.color_space))
            self.rate.setValue(float(plate.rate))
        self.show_reason()
        self._show_choices(plate)

    def show_reason(self) -> None:
        """Why the plate is read in its color space, and the way back to what its files say."""
        plate, colors = self._studio.document.shot.plate, self._studio.colors
        self.why.setText(f"Read as {plate.color_space}. {colors.reason}" if plate is not None else "")
        self.why.setVisible(bool(colors.reason))
        chosen = plate is not None and colors.suggested not in ("", plate.color_space)
        self.as_file_says.setVisible(chosen)
        self.as_file_says.setToolTip(f"Back to {colors.suggested}, as the file says")

    def _show_choices(self, plate: Plate) -> None:
        """Part, layer and view, each only where there is more than one."""
        choices = self._studio.plate_choices()
        shown = choices.shown(plate)
        parts = tuple(part.name for part in choices.parts)
        for box, names, current in (
            (self.part, parts, shown.part),
            (self.layer, choices.layers(plate), shown.layer),
            (self.view, choices.views, shown.view),
        ):
            with QSignalBlocker(box):
                box.clear()
                for name in names:
                    box.addItem(name or UNNAMED, name)
                box.setCurrentIndex(box.findData(current))
            self.form.setRowVisible(box, len(names) > 1)

    def _read_as(self, which: str, place: int) -> None:
        """Ask for another part, layer or view; the choosers stay with what is shown until it is there."""
        plate, choices = self._studio.document.shot.plate, self._studio.plate_choices()
        if plate is None:
            return
        box, choose = {
            "part": (self.part, choices.with_part),
            "layer": (self.layer, choices.with_layer),
            "view": (self.view, choices.with_view),
        }[which]
        name = box.itemData(place)
        if name != getattr(choices.shown(plate), which):
            self._studio.read_plate_as(*choose(plate, name))
        self.refresh()

    def _change_space(self, space: str) -> None:
        plate = self._studio.document.shot.plate
        if plate is not None and space != plate.color_space:
            self._studio.document.do(ChangePlate(replace(plate, color_space=space)))

    def _change_rate(self, fps: float) -> None:
        plate = self._studio.document.shot.plate
        if plate is not None and nearest_rate(fps) != plate.rate:
            self._studio.document.do(ChangePlate(replace(plate, rate=nearest_rate(fps))))
