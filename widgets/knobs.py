"""Knobs from a JSON Schema: one field per option, grouped, ordered, with the schema's words as tooltips.

Knows the part of JSON Schema 2020-12 that a model's options use (number, integer, boolean, enum, string, with
`x-ui` hints). Does not know which model it turns; a value outside the schema never leaves this module.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.errors import OptionError
from widgets.chooser import Chooser, QuietWheel
from widgets.theme import icon

SLIDER_STEPS = 1000
MOST_INT = 2**31 - 1


class NumberField(QWidget):
    """A number with a slider where both ends are known; `turning` while it is dragged, `committed` at the end."""

    committed = Signal()
    turning = Signal()

    def __init__(self, knob: Mapping[str, Any], name: str) -> None:
        super().__init__()
        self._low = float(knob.get("minimum", knob.get("exclusiveMinimum", -1e6)))
        self._high = float(knob.get("maximum", knob.get("exclusiveMaximum", 1e6)))
        self._spin = QDoubleSpinBox()
        self._spin.setRange(self._low, self._high)
        step = float(knob.get("multipleOf", 0)) or 10.0 ** math.floor(math.log10((self._high - self._low) / 50))
        self._spin.setDecimals(max(2, -math.floor(math.log10(step))))
        self._spin.setSingleStep(step)
        self._spin.setKeyboardTracking(False)
        self._spin.setAccessibleName(name)
        self._spin.setFixedWidth(76)
        self._exact = 0.0
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, SLIDER_STEPS)
        self._slider.setAccessibleName(f"{name} slider")
        if not ("minimum" in knob and "maximum" in knob):
            self._slider.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._slider, 1)
        row.addWidget(self._spin, 1 if self._slider.isHidden() else 0)
        for turned in (self._slider, self._spin):
            QuietWheel(turned)
        self._slider.valueChanged.connect(self._slid)
        self._slider.sliderReleased.connect(self.committed)
        self._spin.valueChanged.connect(self._typed)

    def value(self) -> float:
        return self._exact

    def set_value(self, value: Any) -> None:
        self._exact = float(value)
        with QSignalBlocker(self._spin), QSignalBlocker(self._slider):
            self._spin.setValue(self._exact)
            self._slider.setValue(round((self._exact - self._low) / (self._high - self._low or 1) * SLIDER_STEPS))

    def _slid(self, place: int) -> None:
        wanted = self._low + (self._high - self._low) * place / SLIDER_STEPS
        with QSignalBlocker(self._spin):
            self._spin.setValue(wanted)
        self._exact = self._spin.value()
        (self.turning if self._slider.isSliderDown() else self.committed).emit()

    def _typed(self, value: float) -> None:
        self.set_value(value)
        self.committed.emit()


class IntegerField(QSpinBox):
    """A whole number."""

    committed = Signal()

    def __init__(self, knob: Mapping[str, Any], name: str) -> None:
        super().__init__()
        self.setRange(int(knob.get("minimum", -MOST_INT)), int(knob.get("maximum", MOST_INT)))
        self.setSingleStep(int(knob.get("multipleOf", 1)))
        self.setKeyboardTracking(False)
        self.setAccessibleName(name)
        QuietWheel(self)
        self.valueChanged.connect(lambda _value: self.committed.emit())

    def set_value(self, value: Any) -> None:
        with QSignalBlocker(self):
            self.setValue(int(value))


class SwitchField(QCheckBox):
    """On or off."""

    committed = Signal()

    def __init__(self, _knob: Mapping[str, Any], name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.toggled.connect(lambda _on: self.committed.emit())

    def value(self) -> bool:
        return self.isChecked()

    def set_value(self, value: Any) -> None:
        with QSignalBlocker(self):
            self.setChecked(bool(value))


class ChoiceField(Chooser):
    """One of the schema's `enum`, any JSON value; `x-ui.labels` may give nicer words."""

    committed = Signal()

    def __init__(self, knob: Mapping[str, Any], name: str) -> None:
        super().__init__()
        labels = knob.get("x-ui", {}).get("labels", {})
        self._choices = list(knob["enum"])
        for choice in self._choices:
            self.addItem(str(labels.get(str(choice), choice)))
        self.setAccessibleName(name)
        self.activated.connect(lambda _place: self.committed.emit())

    def value(self) -> Any:
        return self._choices[max(0, self.currentIndex())]

    def set_value(self, value: Any) -> None:
        self.setCurrentIndex(self._choices.index(value) if value in self._choices else 0)


class TextField(QLineEdit):
    """Any text; `pattern` is checked when it is left."""

    committed = Signal()

    def __init__(self, _knob: Mapping[str, Any], name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.editingFinished.connect(self.committed)

    def value(self) -> str:
        return self.text()

    def set_value(self, value: Any) -> None:
        self.setText(str(value))


FieldWidget = NumberField | IntegerField | SwitchField | ChoiceField | TextField


def field_for(knob: Mapping[str, Any], name: str) -> FieldWidget:
    """The widget for one property of a schema; OptionError for a type that knobs do not know."""
    if "enum" in knob:
        return ChoiceField(knob, name)
    kinds: dict[str, Callable[[Mapping[str, Any], str], FieldWidget]] = {
        "number": NumberField,
        "integer": IntegerField,
        "boolean": SwitchField,
        "string": TextField,
    }
    kind = str(knob.get("type"))
    if kind not in kinds:
        raise OptionError(name, why=f"has the type {kind!r}, which no knob can show")
    return kinds[kind](knob, name)


class Knobs(QWidget):
    """All options of one model. `committed` carries the whole mapping when the artist finished changing one, `turning`
    what it would be while a slider is dragged."""

    committed = Signal(dict)
    turning = Signal(dict)
    refused = Signal(str)
    """A sentence: why a value was not taken. The old value is back in the field."""

    def __init__(self, schema: Mapping[str, Any], values: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self._schema = schema
        known: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
        self._properties = {name: knob for name, knob in known.items() if not knob.get("x-ui", {}).get("hidden")}
        self._fields: dict[str, FieldWidget] = {}
        self._resets: dict[str, QToolButton] = {}
        self._values: dict[str, Any] = {
            name: knob["default"] for name, knob in self._properties.items() if "default" in knob
        }
        self.setAccessibleName("Options")
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(4)
        for group, names in self._grouped(advanced=False).items():
            self._add_group(lines, group, names)
        folded = self._grouped(advanced=True)
        if folded:
            self._add_advanced(lines, folded)
        self.set_values(values or {})

    def values(self) -> dict[str, Any]:
        """The current value of every option; always valid against the schema."""
        return dict(self._values)

    def field(self, name: str) -> FieldWidget:
        """The widget of one option; KeyError for an unknown name."""
        return self._fields[name]

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these values, without `committed`. OptionError, and nothing changed, when one is outside the schema."""
        wanted = {**self._values, **{name: value for name, value in values.items() if name in self._properties}}
        problem = self._problem(wanted)
        if problem:
            raise OptionError("Options", why=problem)
        self._values = wanted
        self._show()

    def reset(self, name: str) -> None:
        """One option back to its default."""
        self._take({**self._values, name: self._properties[name]["default"]})

    def _take(self, wanted: dict[str, Any]) -> None:
        problem = self._problem(wanted)
        if problem:
            self._show()
            self.refused.emit(problem)
        elif wanted != self._values:
            self._values = wanted
            self._show()
            self.committed.emit(dict(wanted))

    def _problem(self, wanted: Mapping[str, Any]) -> str:
        for fault in jsonschema.Draft202012Validator(dict(self._schema)).iter_errors(dict(wanted)):
            name = str(fault.path[0]) if fault.path else ""
            title = self._properties.get(name, {}).get("title", name)
            return f"{title}: {fault.message}" if title else str(fault.message)
        return ""

    def _show(self) -> None:
        for name, widget in self._fields.items():
            if name in self._values:
                widget.set_value(self._values[name])
            knob = self._properties[name]
            self._resets[name].setEnabled("default" in knob and self._values.get(name) != knob["default"])

    def _grouped(self, *, advanced: bool) -> dict[str, list[str]]:
        def hints(name: str) -> Mapping[str, Any]:
            found: Mapping[str, Any] = self._properties[name].get("x-ui", {})
            return found

        names = [name for name in self._properties if bool(hints(name).get("advanced")) == advanced]
        names.sort(key=lambda name: hints(name).get("order", 1000))
        groups: dict[str, list[str]] = {}
        for name in names:
            groups.setdefault(str(hints(name).get("group", "")), []).append(name)
        return groups

    def _add_advanced(self, lines: QVBoxLayout, groups: Mapping[str, list[str]]) -> None:
        unfold = QToolButton()
        unfold.setText("Advanced")
        unfold.setIcon(icon("chevron-right"))
        unfold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        unfold.setCheckable(True)
        unfold.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        unfold.setAccessibleName("Show advanced options")
        inside = QWidget()
        inside.setObjectName("advanced")
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(0, 0, 0, 0)
        for group, names in groups.items():
            self._add_group(inner, group, names)
        inside.hide()
        unfold.toggled.connect(inside.setVisible)
        unfold.toggled.connect(lambda on: unfold.setIcon(icon("chevron-down" if on else "chevron-right")))
        lines.addWidget(unfold)
        lines.addWidget(inside)

    def _add_group(self, lines: QVBoxLayout, group: str, names: list[str]) -> None:
        if group:
            heading = QLabel(group.capitalize())
            heading.setProperty("dim", True)
            lines.addWidget(heading)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(8)
        form.setVerticalSpacing(4)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name in names:
            form.addRow(*self._row(name))
        lines.addLayout(form)

    def _row(self, name: str) -> tuple[QLabel, QWidget]:
        knob = self._properties[name]
        title = str(knob.get("title", name))
        widget = field_for(knob, title)
        tip = str(knob.get("description", ""))
        label = QLabel(title)
        label.setMinimumSize(92, 26)
        for tipped in (label, widget):
            tipped.setToolTip(tip)
        self._fields[name] = widget
        widget.committed.connect(lambda: self._take({**self._values, name: widget.value()}))
        if isinstance(widget, NumberField):
            widget.turning.connect(lambda: self.turning.emit({**self._values, name: widget.value()}))
        reset = QToolButton()
        reset.setIcon(icon("undo"))
        reset.setToolTip(f"Reset to {knob.get('default')}")
        reset.setAccessibleName(f"Reset {title}")
        reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        reset.clicked.connect(lambda: self.reset(name))
        self._resets[name] = reset
        row = QWidget()
        inside = QHBoxLayout(row)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        inside.addWidget(widget, 1)
        inside.addWidget(reset)
        return label, row
