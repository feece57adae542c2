"""One step of a finish as the panel shows it: on or off, its place in the list, and its knobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QToolButton, QVBoxLayout

from core.finish_steps import Step
from widgets.knobs import Knobs
from widgets.panels.finish_knobs import KINDS, schema, shown, turned
from widgets.theme import icon


class StepRow(QFrame):
    """Args: `layers` are those a step may combine with, id and name."""

    changed = Signal(object)
    """Another step (a `Step`) in its place."""
    turning = Signal(object)
    """The step it would be while a slider is dragged."""
    moved = Signal(int)
    """So many places on; -1 is one up."""
    removed = Signal()

    def __init__(self, step: Step, layers: Mapping[str, str]) -> None:
        super().__init__()
        kind = KINDS[type(step)]
        self._step, self._schema = step, schema(step, layers)
        self.setObjectName("step")
        self.switch = QCheckBox(kind.name)
        self.switch.setToolTip(f"{kind.tip}\nOff: it stays in the list and does nothing.")
        self.switch.toggled.connect(lambda on: self.changed.emit(replace(self._step, on=on)))
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(0)
        top.addWidget(self.switch, 1)
        self.up = small_button("chevron-up", f"Move {kind.name} up", "Done before the step above")
        self.down = small_button("chevron-down", f"Move {kind.name} down", "Done after the step below")
        self.remove = small_button("trash", f"Remove {kind.name}", "Take this step out of the list")
        self.up.clicked.connect(lambda: self.moved.emit(-1))
        self.down.clicked.connect(lambda: self.moved.emit(1))
        self.remove.clicked.connect(self.removed)
        for button in (self.up, self.down, self.remove):
            top.addWidget(button)
        self.knobs = Knobs(self._schema)
        self.knobs.setAccessibleName(f"Knobs of {kind.name}")
        self.knobs.turning.connect(lambda values: self.turning.emit(turned(self._step, values)))
        self.knobs.committed.connect(self._committed)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 2, 0, 4)
        lines.setSpacing(2)
        lines.addLayout(top)
        lines.addWidget(self.knobs)
        self.knobs.setVisible(bool(self._schema["properties"]))  # only inside: alone it would open a window of its own
        self._show()

    def fits(self, step: Step, layers: Mapping[str, str]) -> bool:
        """Whether `show_step` can show it: the same kind, with the same choices."""
        return type(step) is type(self._step) and schema(step, layers) == self._schema

    def show_step(self, step: Step, *, first: bool, last: bool) -> None:
        """Show this step, first or last of the list or between."""
        self._step = step
        self.up.setDisabled(first)
        self.down.setDisabled(last)
        self._show()

    def _show(self) -> None:
        with QSignalBlocker(self.switch):
            self.switch.setChecked(self._step.on)
        self.knobs.set_values(shown(self._step))
        self.knobs.setEnabled(self._step.on)

    def _committed(self, values: Mapping[str, Any]) -> None:
        self.changed.emit(turned(self._step, values))


def small_button(picture: str, name: str, tip: str) -> QToolButton:
    """A flat button with a picture, for a row."""
    button = QToolButton()
    button.setIcon(icon(picture))
    button.setAutoRaise(True)
    button.setAccessibleName(name)
    button.setToolTip(f"{name}\n{tip}")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
