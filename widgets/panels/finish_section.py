"""The finish of the chosen layer: knobs for what is done to every one of its mattes, last.

A knob that is being dragged is only tried on; letting go is one `SetFinish` command. Computes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from core.finish import Finish
from core.finish_commands import SetFinish
from core.frames import FrameRange
from core.layer import Layer
from widgets.chooser import QuietWheel
from widgets.knobs import Knobs
from widgets.panels.fields import heading
from widgets.studio import Studio

MOST_PX2 = 4000
MOST_GROW_PX = 20
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "grow_px": {
            "title": "Grow, px",
            "description": "How far every edge moves out, in pixels of the plate; negative shrinks. Soft stays soft.",
            "type": "number",
            "default": 0.0,
            "minimum": -MOST_GROW_PX,
            "maximum": MOST_GROW_PX,
            "x-ui": {"order": 1},
        },
        "holes_px2": {
            "title": "Fill holes, px²",
            "description": "Holes and grey stains of at most this many pixels are filled.",
            "type": "number",
            "default": 0,
            "minimum": 0,
            "maximum": MOST_PX2,
            "x-ui": {"order": 2},
        },
        "specks_px2": {
            "title": "Specks, px²",
            "description": "Pieces of at most this many pixels are removed; the largest piece always stays.",
            "type": "number",
            "default": 0,
            "minimum": 0,
            "maximum": MOST_PX2,
            "x-ui": {"order": 3},
        },
        "inverted": {
            "title": "Invert",
            "description": "What is in is out, and the other way round.",
            "type": "boolean",
            "default": False,
            "x-ui": {"order": 4},
        },
    },
}


class FinishSection(QWidget):
    """Shows the finish of a layer and edits it."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._layer: Layer | None = None
        self.knobs = Knobs(SCHEMA)
        self.knobs.turning.connect(self._turning)
        self.knobs.committed.connect(lambda _values: self._commit())
        self.only = QCheckBox("Only frames")
        self.only.setToolTip("Finish these frames and leave the others as they are")
        self.only.toggled.connect(lambda _on: self._commit())
        self.first, self.last = QSpinBox(), QSpinBox()
        span = QHBoxLayout()
        span.setContentsMargins(0, 0, 0, 0)
        span.addWidget(self.only)
        for field, name in ((self.first, "First finished frame"), (self.last, "Last finished frame")):
            field.setAccessibleName(name)
            field.setKeyboardTracking(False)
            field.valueChanged.connect(lambda _value: self._commit())
            QuietWheel(field)
            span.addWidget(field, 1)
        self.note = QLabel("Done last, to every matte that is shown or exported.")
        self.note.setProperty("dim", True)
        self.note.setWordWrap(True)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 4, 0, 4)
        lines.setSpacing(4)
        lines.addWidget(heading("Finish"))
        lines.addWidget(self.note)
        lines.addWidget(self.knobs)
        lines.addLayout(span)

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
        self.knobs.set_values(_within_knobs(finish))

    # --- inside -------------------------------------------------------------------------------------------------

    def _finish(self, values: Mapping[str, Any]) -> Finish:
        first, last = self.first.value(), self.last.value()
        frames = FrameRange(min(first, last), max(first, last)) if self.only.isChecked() else None
        before = self._layer.finish if self._layer is not None else Finish()
        shown = _within_knobs(before)
        wanted = {name: getattr(before, name) if value == shown[name] else value for name, value in values.items()}
        holes, specks = round(wanted["holes_px2"]), round(wanted["specks_px2"])
        return Finish(holes, specks, float(wanted["grow_px"]), bool(wanted["inverted"]), frames)

    def _turning(self, values: Mapping[str, Any]) -> None:
        if self._layer is not None:
            self._studio.finishing.try_on(self._layer.id, self._finish(values))

    def _commit(self) -> None:
        if self._layer is None:
            return
        self._studio.finishing.try_on(self._layer.id, None)
        finish = self._finish(self.knobs.values())
        if finish != self._layer.finish:
            self._studio.document.do(SetFinish(self._layer.id, finish))


def _within_knobs(finish: Finish) -> dict[str, Any]:
    """What the knobs show: of amounts that they have not, the most that they have."""
    return {
        "grow_px": min(MOST_GROW_PX, max(-MOST_GROW_PX, finish.grow_px)),
        "holes_px2": min(MOST_PX2, finish.holes_px2),
        "specks_px2": min(MOST_PX2, finish.specks_px2),
        "inverted": finish.inverted,
    }
