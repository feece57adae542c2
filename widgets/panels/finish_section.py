"""The finish of the chosen layer: an ordered list of steps that every one of its mattes goes through, last.

A knob that is being dragged is only tried on; letting go is one `SetFinish` command. Computes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from core.delivered_keys import combined_with
from core.finish import Finish
from core.finish_commands import SetFinish
from core.finish_steps import Combine, Step
from core.frames import FrameRange
from core.layer import Layer
from widgets.chooser import QuietWheel
from widgets.panels.finish_knobs import KINDS, schema
from widgets.panels.step_list import StepList
from widgets.panels.step_row import StepRow
from widgets.studio import Studio

NOTE = "Done in this order to every matte, before it is shown or exported."


class FinishSection(QWidget):
    """Shows the finish of a layer and edits it."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._layer: Layer | None = None
        self._others_of: dict[str, str] = {}
        self.list: StepList[Step] = StepList(
            "Finish", NOTE, KINDS, lambda step: schema(step, self._others_of), self._listed, self._try_on
        )
        self.add = self.list.add
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
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 4, 0, 4)
        lines.setSpacing(4)
        lines.addWidget(self.list)
        lines.addWidget(self._span)

    @property
    def rows(self) -> list[StepRow]:
        """Of the steps, first to last."""
        return self.list.rows

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
        self._others_of = self._others(layer)
        self.list.show_steps(finish.steps)

    # --- inside -------------------------------------------------------------------------------------------------

    def _others(self, layer: Layer) -> dict[str, str]:
        """Layers that this one can be combined with: none that is made of it."""
        shot = self._studio.document.shot
        others = (other for other in shot.layers if other.id != layer.id)
        return {other.id: other.name for other in others if layer.id not in combined_with(shot, other)}

    def _finish(self) -> Finish:
        """As the document has it now."""
        layer = self._studio.document.shot.find(self._layer.id) if self._layer is not None else None
        return layer.finish if layer is not None else Finish()

    def _listed(self, steps: tuple[Step, ...]) -> None:
        """The list as the hand wants it; a new step that combines takes the first layer there is."""
        if self._layer is not None and len(steps) > len(self._finish().steps):
            last = steps[-1]
            if isinstance(last, Combine) and not last.layer_id:
                steps = (*steps[:-1], replace(last, layer_id=next(iter(self._others_of), "")))
        self._commit(replace(self._finish(), steps=steps))

    def _span_changed(self) -> None:
        first, last = self.first.value(), self.last.value()
        frames = FrameRange(min(first, last), max(first, last)) if self.only.isChecked() else None
        self._commit(replace(self._finish(), frames=frames))

    def _try_on(self, steps: tuple[Step, ...]) -> None:
        if self._layer is not None:
            self._studio.finishing.try_on(self._layer.id, replace(self._finish(), steps=steps))

    def _commit(self, finish: Finish) -> None:
        if self._layer is None:
            return
        self._studio.finishing.try_on(self._layer.id, None)
        if finish != self._finish():
            self._studio.document.do(SetFinish(self._layer.id, finish))
