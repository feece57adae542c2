"""Knobs come from the schema, and what leaves them is valid against it."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLabel, QSlider, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from core.errors import OptionError
from widgets.knobs import ChoiceField, IntegerField, Knobs, NumberField, SwitchField, TextField, field_for

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "reach": {
            "title": "Reach",
            "description": "How far a click spreads.",
            "type": "number",
            "default": 1.0,
            "minimum": 0.25,
            "maximum": 4.0,
            "x-ui": {"group": "Selection", "order": 2},
        },
        "size": {
            "title": "Size",
            "type": "integer",
            "default": 448,
            "minimum": 192,
            "maximum": 1024,
            "x-ui": {"group": "Selection", "order": 1},
        },
        "holes": {"title": "Fill holes", "type": "boolean", "default": True},
        "mode": {"title": "Mode", "enum": ["fast", "fine", 3], "default": "fast"},
        "note": {"title": "Note", "type": "string", "default": "", "pattern": "^[a-z]*$", "x-ui": {"advanced": True}},
    },
}


@pytest.fixture
def knobs(qtbot: QtBot) -> Knobs:
    knobs = Knobs(SCHEMA)
    qtbot.addWidget(knobs)
    knobs.show()
    return knobs


def test_every_type_gets_its_field_and_its_default(knobs: Knobs) -> None:
    kinds = {name: type(knobs.field(name)) for name in SCHEMA["properties"]}

    assert kinds == {
        "reach": NumberField,
        "size": IntegerField,
        "holes": SwitchField,
        "mode": ChoiceField,
        "note": TextField,
    }
    assert knobs.values() == {"reach": 1.0, "size": 448, "holes": True, "mode": "fast", "note": ""}


def test_values_round_trip(knobs: Knobs) -> None:
    wanted = {"reach": 0.123456789 + 1, "size": 500, "holes": False, "mode": 3, "note": "abc"}

    knobs.set_values(wanted)

    assert knobs.values() == wanted
    jsonschema.validate(knobs.values(), SCHEMA)


def test_turning_a_knob_says_all_values_once(qtbot: QtBot, knobs: Knobs) -> None:
    said: list[dict[str, Any]] = []
    knobs.committed.connect(said.append)
    size, holes = knobs.field("size"), knobs.field("holes")
    assert isinstance(size, IntegerField)
    assert isinstance(holes, SwitchField)
    size.setValue(640)
    holes.click()

    assert [values["size"] for values in said] == [640, 640]
    assert said[-1] == {"reach": 1.0, "size": 640, "holes": False, "mode": "fast", "note": ""}


def test_a_slider_drag_is_one_change(qtbot: QtBot, knobs: Knobs) -> None:
    said: list[dict[str, Any]] = []
    knobs.committed.connect(said.append)
    reach = knobs.field("reach")
    assert isinstance(reach, NumberField)
    reach._slider.setSliderDown(True)
    for place in (300, 400, 500):
        reach._slider.setValue(place)
    reach._slider.setSliderDown(False)

    assert [values["reach"] for values in said] == [pytest.approx(2.12, abs=0.01)]


def test_a_value_outside_the_schema_is_refused_with_a_sentence(knobs: Knobs) -> None:
    with pytest.raises(OptionError, match="Reach"):
        knobs.set_values({"reach": 9.0, "size": 300})

    assert knobs.values()["size"] == 448


def test_typed_text_that_does_not_match_goes_back(qtbot: QtBot, knobs: Knobs) -> None:
    refused: list[str] = []
    knobs.refused.connect(refused.append)
    note = knobs.field("note")
    assert isinstance(note, TextField)
    note.setText("NOT GOOD")
    note.editingFinished.emit()

    assert len(refused) == 1
    assert refused[0].startswith("Note: ")
    assert (note.text(), knobs.values()["note"]) == ("", "")


def test_the_wheel_scrolls_past_a_knob_nobody_clicked(qtbot: QtBot, knobs: Knobs) -> None:
    """Scrolling the panel must not make every matte stale."""
    before = knobs.values()
    knobs.show()
    fields = [*knobs.findChildren(QAbstractSpinBox), *knobs.findChildren(QSlider), *knobs.findChildren(QComboBox)]
    assert len(fields) >= 3

    for field in fields:
        field.clearFocus()
        place = QPointF(5, 5)
        turn = QWheelEvent(
            place,
            QPointF(field.mapToGlobal(QPoint(5, 5))),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(field, turn)

    assert knobs.values() == before


def test_reset_returns_to_the_default(knobs: Knobs) -> None:
    knobs.set_values({"size": 900})
    knobs.reset("size")

    assert knobs.values()["size"] == 448


def test_order_tooltip_and_the_fold(qtbot: QtBot, knobs: Knobs) -> None:
    """Within a group by order; words of the schema as tooltip; advanced ones are folded away until asked for."""
    titles = [label.text() for label in knobs.findChildren(QLabel)]
    advanced = knobs.findChild(QWidget, "advanced")
    unfold = next(button for button in knobs.findChildren(QToolButton) if button.text() == "Advanced")
    assert advanced is not None
    folded = advanced.isHidden()
    qtbot.mouseClick(unfold, Qt.MouseButton.LeftButton)

    assert titles.index("Size") < titles.index("Reach")
    assert knobs.field("reach").toolTip() == "How far a click spreads."
    assert (folded, advanced.isHidden()) == (True, False)


def test_a_type_no_knob_can_show_is_an_error_that_names_it(qtbot: QtBot) -> None:
    with pytest.raises(OptionError, match="array"):
        field_for({"type": "array"}, "Things")


def test_an_option_the_program_sends_is_no_knob(qtbot: QtBot) -> None:
    """A hidden option has no field and is in no value that leaves the knobs."""
    quick = {"title": "Quick", "type": "boolean", "default": False, "x-ui": {"hidden": True}}
    made = Knobs({**SCHEMA, "properties": {**SCHEMA["properties"], "quick": quick}})
    qtbot.addWidget(made)

    assert "quick" not in made.values()
    with pytest.raises(KeyError):
        made.field("quick")
