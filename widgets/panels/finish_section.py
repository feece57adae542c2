"""The finish of the chosen layer: an ordered list of steps that every one of its mattes goes through, last.

A knob that is being dragged is only tried on; letting go is one `SetFinish` command. Computes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QMenu, QSpinBox, QToolButton, QVBoxLayout, QWidget

from core.delivered_keys import combined_with
from core.finish import Finish
from core.finish_commands import SetFinish
from core.finish_steps import Combine, Step
from core.frames import FrameRange
from core.layer import Layer
from widgets.chooser import QuietWheel
from widgets.panels.fields import heading
from widgets.panels.finish_knobs import KINDS
from widgets.panels.step_row import StepRow
from widgets.studio import Studio
from widgets.theme import icon

NOTE = "Done in this order to every matte, before it is shown or exported."


class FinishSection(QWidget):
    """Shows the finish of a layer and edits it."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._layer: Layer | None = None
        self.rows: list[StepRow] = []
        self.add = QToolButton()
        self.add.setText("Add step")
        self.add.setIcon(icon("plus"))
        self.add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add.setAccessibleName("Add a step to the finish")
        self.add.setToolTip("Add a step at the end of the list; it can be moved, switched off and removed")
        self.add.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(self.add)
        menu.setToolTipsVisible(True)
        for kind in KINDS.values():
            entry = menu.addAction(kind.name, partial(self._added, kind.begins))
            entry.setToolTip(kind.tip)
        self.add.setMenu(menu)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(heading("Finish"), 1)
        top.addWidget(self.add)
        self.only = QCheckBox("Only frames")
        self.only.setToolTip("Finish these frames and leave the others as they are")
        self.only.toggled.connect(lambda _on: self._span_changed())
        self.first, self.last = QSpinBox(), QSpinBox()
        self._span = QWidget()
        span = QHBoxLayout(self._span)
        span.setContentsMargins(0, 0, 0, 0)
        span.addWidget(self.only)
        for field, name in ((self.first, "First finished frame"), (self.last, "Last finished frame")):
            field.setAccessibleName(name)
            field.setKeyboardTracking(False)
            field.valueChanged.connect(lambda _value: self._span_changed())
            QuietWheel(field)
            span.addWidget(field, 1)
        self.note = QLabel(NOTE)
        self.note.setProperty("dim", True)
        self.note.setWordWrap(True)
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 4, 0, 4)
        lines.setSpacing(4)
        lines.addLayout(top)
        lines.addWidget(self.note)
        lines.addLayout(self._list)
        lines.addWidget(self._span)

    def show_layer(self, layer: Layer) -> None:
        """Show what this layer's finish is."""
        self._layer = layer
        finish, plate = layer.finish, self._studio.document.shot.plate
        shown = finish.frames or self._studio.document.shot.range
        with QSignalBlocker(self.only), QSignalBlocker(self.first), QSignalBlocker(self.last):
            self.only.setChecked(finish.frames is not None)
            for field in (self.first, self.last):
                field.setEnabled(finish.frames is not None)
                if plate is not None:
                    field.setRange(plate.frames.first, plate.frames.last)
            if shown is not None:
                self.first.setValue(shown.first)
                self.last.setValue(shown.last)
        self._span.setVisible(bool(finish.steps) or finish.frames is not None)
        self._show_steps(finish, self._others(layer))

    # --- inside -------------------------------------------------------------------------------------------------

    def _show_steps(self, finish: Finish, layers: Mapping[str, str]) -> None:
        """Rows that fit stay: a slider that is being dragged must not go from under the hand."""
        fitting = len(self.rows) == len(finish.steps) and all(
            row.fits(step, layers) for row, step in zip(self.rows, finish.steps, strict=True)
        )
        if not fitting:
            for row in self.rows:
                self._list.removeWidget(row)
                row.hide()
                row.deleteLater()
            self.rows = [self._row(place, step, layers) for place, step in enumerate(finish.steps)]
        last = len(self.rows) - 1
        for place, (row, step) in enumerate(zip(self.rows, finish.steps, strict=True)):
            row.show_step(step, first=place == 0, last=place == last)

    def _row(self, place: int, step: Step, layers: Mapping[str, str]) -> StepRow:
        row = StepRow(step, layers)
        row.changed.connect(lambda changed: self._commit(self._finish().with_step(place, changed)))
        row.turning.connect(lambda tried: self._try_on(self._finish().with_step(place, tried)))
        row.moved.connect(lambda by: self._commit(self._finish().with_moved(place, place + by)))
        row.removed.connect(lambda: self._commit(self._finish().with_step(place, None)))
        self._list.addWidget(row)
        return row

    def _others(self, layer: Layer) -> dict[str, str]:
        """Layers that this one can be combined with: none that is made of it."""
        shot = self._studio.document.shot
        others = (other for other in shot.layers if other.id != layer.id)
        return {other.id: other.name for other in others if layer.id not in combined_with(shot, other)}

    def _finish(self) -> Finish:
        """As the document has it now."""
        layer = self._studio.document.shot.find(self._layer.id) if self._layer is not None else None
        return layer.finish if layer is not None else Finish()

    def _added(self, step: Step) -> None:
        if isinstance(step, Combine) and self._layer is not None:
            step = replace(step, layer_id=next(iter(self._others(self._layer)), ""))
        self._commit(self._finish().with_added(step))

    def _span_changed(self) -> None:
        first, last = self.first.value(), self.last.value()
        frames = FrameRange(min(first, last), max(first, last)) if self.only.isChecked() else None
        self._commit(replace(self._finish(), frames=frames))

    def _try_on(self, finish: Finish) -> None:
        if self._layer is not None:
            self._studio.finishing.try_on(self._layer.id, finish)

    def _commit(self, finish: Finish) -> None:
        if self._layer is None:
            return
        self._studio.finishing.try_on(self._layer.id, None)
        if finish != self._finish():
            self._studio.document.do(SetFinish(self._layer.id, finish))
