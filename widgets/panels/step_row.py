"""One step of a list as the panel shows it: on or off, its place in the list, and its knobs.

A step is a frozen dataclass with a field `on`; its other fields are its knobs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QToolButton, QVBoxLayout

from widgets.knobs import Knobs
from widgets.theme import icon

Knob = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StepKind:
    """Args: `begins` is the step that the menu adds, `knobs` the schema of each of its fields but `on`."""

    name: str
    tip: str
    begins: Any
    knobs: Mapping[str, Knob]


def number(title: str, tip: str, low: float, high: float, default: float) -> Knob:
    """The schema of an amount."""
    return {
        "title": title, "description": tip, "type": "number", "minimum": low, "maximum": high, "default": default
    }  # fmt: skip


def choice(title: str, tip: str, choices: Mapping[str, str]) -> Knob:
    """The schema of a choice, name and label; the first is the default."""
    names = list(choices)
    labels = {"labels": dict(choices)}
    return {"title": title, "description": tip, "enum": names, "default": names[0], "x-ui": labels}


class StepRow(QFrame):
    """Args: `schema` has the knobs of the step as it can be turned now."""

    changed = Signal(object)
    """Another step in its place."""
    turning = Signal(object)
    """The step it would be while a slider is dragged."""
    moved = Signal(int)
    """So many places on; -1 is one up."""
    removed = Signal()

    def __init__(self, step: Any, kind: StepKind, schema: dict[str, Any]) -> None:
        super().__init__()
        self._step, self._schema = step, schema
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
        self.knobs.turning.connect(lambda values: self.turning.emit(self._turned(values)))
        self.knobs.committed.connect(self._committed)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 2, 0, 4)
        lines.setSpacing(2)
        lines.addLayout(top)
        lines.addWidget(self.knobs)
        self.knobs.setVisible(bool(self._schema["properties"]))  # only inside: alone it would open a window of its own
        self._show()

    def fits(self, step: Any, schema: dict[str, Any]) -> bool:
        """Whether `show_step` can show it: the same kind, with the same choices."""
        return type(step) is type(self._step) and schema == self._schema

    def show_step(self, step: Any, *, first: bool, last: bool) -> None:
        """Show this step, first or last of the list or between."""
        self._step = step
        self.up.setDisabled(first)
        self.down.setDisabled(last)
        self._show()

    def _show(self) -> None:
        with QSignalBlocker(self.switch):
            self.switch.setChecked(self._step.on)
        self.knobs.set_values(self._shown())
        self.knobs.setEnabled(self._step.on)

    def _committed(self, values: Mapping[str, Any]) -> None:
        self.changed.emit(self._turned(values))

    def _shown(self) -> dict[str, Any]:
        """What the knobs show: of amounts that they have not, the nearest that they have."""
        values = {name: value for name, value in dataclasses.asdict(self._step).items() if name != "on"}
        for name, knob in self._schema["properties"].items():
            if "minimum" in knob:
                values[name] = min(max(values[name], knob["minimum"]), knob["maximum"])
        return values

    def _turned(self, values: Mapping[str, Any]) -> Any:
        """The step with what its knobs say; an amount that no knob was turned away from stays what it is."""
        before = self._shown()
        changed = {name: value for name, value in values.items() if value != before.get(name)}
        whole = {name: round(value) for name, value in changed.items() if name == "most_px2"}
        return replace(self._step, **{**changed, **whole})


def small_button(picture: str, name: str, tip: str) -> QToolButton:
    """A flat button with a picture, for a row."""
    button = QToolButton()
    button.setIcon(icon(picture))
    button.setAutoRaise(True)
    button.setAccessibleName(name)
    button.setToolTip(f"{name}\n{tip}")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
