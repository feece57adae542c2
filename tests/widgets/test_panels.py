"""Layers, inspector, jobs and Teach: they show the shot, and edit it by commands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from core.commands import AddPrompt, StyleLayer
from core.finish import Finish
from core.finish_commands import SetFinish
from core.finish_steps import Invert
from core.foreground.commands import SetForeground
from core.foreground.steps import Estimate, Foreground
from core.jobs import JobState
from core.layer import EMPTY_MATTE, SEGMENTER, KeyFrame
from core.plate_choices import PartChoices, PlateChoices
from core.prompts import Box, Click
from core.roto.commands import AddShape, ChangeShape
from core.roto.shape import RotoShape, ShapePoint
from tests.widgets.fake_studio import FakeStudio
from widgets.actions import Actions
from widgets.chooser import Chooser
from widgets.key_map import KeyMap
from widgets.knobs import IntegerField, NumberField
from widgets.panels.inspector import InspectorPanel, authored_text
from widgets.panels.jobs import JobsPanel
from widgets.panels.layers import EYE, LOCK, NAME, LayersPanel
from widgets.panels.plate_section import nearest_rate
from widgets.studio import Message
from widgets.view_state import Look, ViewState


@pytest.fixture
def studio() -> FakeStudio:
    studio = FakeStudio()
    studio.put_plate()
    studio.put_layer("hero", "Hero")
    studio.put_layer("sky", "Sky")
    return studio


@pytest.fixture
def view() -> ViewState:
    return ViewState(Look(frame=1001, layer_id="hero"))


@pytest.fixture
def layers(qtbot: QtBot, studio: FakeStudio, view: ViewState) -> Iterator[LayersPanel]:
    window = QWidget()
    qtbot.addWidget(window)
    panel = LayersPanel(studio, view, Actions(window, KeyMap()))
    panel.setParent(window)
    window.show()
    yield panel
    window.close()  # keeps the window alive until here


# --- layers -----------------------------------------------------------------------------------------------------


def test_the_list_is_the_shot(layers: LayersPanel, studio: FakeStudio) -> None:
    items = [layers.list.topLevelItem(place) for place in range(layers.list.topLevelItemCount())]
    names = [item.text(NAME) for item in items if item is not None]
    current = layers.list.currentItem()

    assert names == ["Hero", "Sky"]
    assert current is not None
    assert current.text(NAME) == "Hero"


def test_adding_chooses_the_new_layer_and_undo_takes_it_back(
    layers: LayersPanel, studio: FakeStudio, view: ViewState
) -> None:
    layers.add()
    added = studio.document.shot.layers[-1]
    chosen = view.look.layer_id
    studio.document.undo()

    assert chosen == added.id
    assert added.name == "Layer 3"
    assert [layer.name for layer in studio.document.shot.layers] == ["Hero", "Sky"]


def test_a_screen_key_is_a_layer_of_its_own_models(layers: LayersPanel, studio: FakeStudio, view: ViewState) -> None:
    """Clicks and all frames are the keyer's."""
    said: list[Message] = []
    studio.message.connect(said.append)
    tools: list[str] = []
    layers._actions.bind({"tool.click": lambda: tools.append("click")})
    layers.add_screen_key()
    added = studio.document.shot.layer(view.look.layer_id)

    assert (added.name, added.segment.name, added.propagate.name) == ("Screen key", "key", "key")
    assert "Click on the screen" in said[0].text
    assert tools == ["click"]


def test_renaming_in_the_list_is_a_command(layers: LayersPanel, studio: FakeStudio) -> None:
    item = layers.list.topLevelItem(0)
    assert item is not None
    item.setText(NAME, "Dog")

    assert studio.document.shot.layer("hero").name == "Dog"
    assert studio.document.undo_label == "Change layer"


def test_an_empty_name_is_not_taken(layers: LayersPanel, studio: FakeStudio) -> None:
    item = layers.list.topLevelItem(0)
    assert item is not None
    item.setText(NAME, "   ")
    shown = layers.list.topLevelItem(0)

    assert studio.document.shot.layer("hero").name == "Hero"
    assert shown is not None
    assert shown.text(NAME) == "Hero"


def test_eye_and_lock_toggle(layers: LayersPanel, studio: FakeStudio) -> None:
    for column in (EYE, LOCK):
        item = layers.list.topLevelItem(0)
        assert item is not None
        layers.list.itemClicked.emit(item, column)

    layer = studio.document.shot.layer("hero")
    assert (layer.visible, layer.locked) == (False, True)


def test_a_locked_layer_is_not_removed(layers: LayersPanel, studio: FakeStudio) -> None:
    said: list[Message] = []
    studio.message.connect(said.append)
    hero = studio.document.shot.layer("hero")
    studio.document.do(StyleLayer("hero", hero.name, hero.color, hero.visible, locked=True))

    layers.remove()

    assert [layer.id for layer in studio.document.shot.layers] == ["hero", "sky"]
    assert "Unlock" in said[0].text


def test_moving_and_removing(layers: LayersPanel, studio: FakeStudio) -> None:
    layers.shift(1)
    moved = [layer.name for layer in studio.document.shot.layers]
    layers.remove()

    assert moved == ["Sky", "Hero"]
    assert [layer.name for layer in studio.document.shot.layers] == ["Sky"]


# --- inspector --------------------------------------------------------------------------------------------------


@pytest.fixture
def inspector(qtbot: QtBot, studio: FakeStudio, view: ViewState) -> InspectorPanel:
    panel = InspectorPanel(studio, view)
    qtbot.addWidget(panel)
    panel.resize(310, 900)
    panel.show()
    return panel


def test_knobs_of_the_layers_model_write_its_options(inspector: InspectorPanel, studio: FakeStudio) -> None:
    knobs = inspector.sections["segment"].knobs
    assert knobs is not None
    edge = knobs.field("edge")
    assert isinstance(edge, NumberField)
    edge._spin.setValue(3.5)

    assert studio.document.shot.layer("hero").segment.options["edge"] == 3.5
    assert studio.document.shot.layer("hero").propagate.options == {}
    studio.document.undo()
    assert edge.value() == 1.0


def test_long_names_take_no_room_from_the_picture(inspector: InspectorPanel, studio: FakeStudio) -> None:
    """Of a layer, and of shapes as other programs name them: the tooltip has them whole."""
    before, long = inspector.minimumSizeHint().width(), "left arm in front of the door " * 4
    corners = tuple(ShapePoint(x, y) for x, y in ((0, 0), (9, 0), (9, 9)))
    studio.document.do(AddShape("hero", RotoShape("Shape 1", {1001: corners}, id="one")))
    short = inspector.minimumSizeHint().width()
    hero = studio.document.shot.layer("hero")
    studio.document.do(StyleLayer("hero", long, hero.color, visible=True, locked=False))
    studio.document.do(ChangeShape("hero", replace(hero.shapes[0], name=long)))

    assert inspector.minimumSizeHint().width() <= max(before, short) + 40
    assert inspector.layer_name.toolTip() == long
    assert long in inspector.shapes.rows[0].switch.toolTip()


def test_what_begins_is_brought_into_sight(qtbot: QtBot, inspector: InspectorPanel, studio: FakeStudio) -> None:
    """The first step of a finish or a foreground, and a shape that is begun: their knobs, however long the panel."""
    inspector.resize(300, 200)
    inspector.show()
    for command, section in (
        (SetForeground("hero", Foreground((Estimate(),))), inspector.foreground),
        (SetFinish("hero", Finish((Invert(),))), inspector.finish),
    ):
        studio.document.do(command)
        qtbot.waitUntil(lambda seen=section: -1 <= seen.mapTo(inspector, QPoint(0, 0)).y() <= 150, timeout=5000)
    inspector._view.set(shape_id="one")
    qtbot.waitUntil(lambda: -1 <= inspector.shapes.mapTo(inspector, QPoint(0, 0)).y() <= 150, timeout=5000)


def test_no_refine_is_a_choice(inspector: InspectorPanel, studio: FakeStudio) -> None:
    section = inspector.sections["refine"]

    assert section.model.currentText() == "Leave the edge as it is"
    assert section.knobs is None


def test_models_that_arrive_later_are_shown(inspector: InspectorPanel, studio: FakeStudio) -> None:
    kept, studio.model_list = studio.model_list, ()
    studio.models_changed.emit(())
    without = inspector.sections["segment"].model.currentText()
    studio.model_list = kept
    studio.models_changed.emit(kept)

    assert without == f"{SEGMENTER} (not loaded)"
    assert inspector.sections["segment"].model.currentText() == "Segment"


def test_what_was_authored_is_counted_and_can_be_cleared(
    inspector: InspectorPanel, studio: FakeStudio, view: ViewState
) -> None:
    for prompt in (Click(1, 1), Click(2, 2, adds=False), Box(0, 0, 4, 4)):
        studio.document.do(AddPrompt("hero", 1001, prompt, EMPTY_MATTE))
    said = inspector.authored.text()
    inspector.remove_prompt.click()
    without_box = studio.document.shot.layer("hero").key_frame(1001).prompts
    inspector.clear_key.click()

    assert said == "Frame 1001: 2 clicks, 1 box"
    assert len(without_box) == 2
    assert studio.document.shot.layer("hero").key_frame(1001).empty
    assert inspector.authored.text() == authored_text(1001, KeyFrame())


def test_the_plates_color_space_and_rate_are_commands(inspector: InspectorPanel, studio: FakeStudio) -> None:
    inspector.plate._change_space("ACES2065-1")
    inspector.plate.rate.setValue(23.976)
    plate = studio.document.shot.plate

    assert plate is not None
    assert (plate.color_space, plate.rate) == ("ACES2065-1", nearest_rate(24000 / 1001))
    assert studio.document.undo_label == "Change plate"


STEREO = PlateChoices(
    (
        PartChoices("rgba_right", ("right",), {"right": ("", "key")}),
        PartChoices("rgba_left", ("left",), {"left": ("",)}),
    ),
    {"": "rgba_right", "right": "rgba_right", "left": "rgba_left"},
)


def rows(inspector: InspectorPanel) -> list[tuple[str, list[str], str]]:
    """The plate's choosers that can be seen: name, entries, current entry."""
    boxes = (inspector.plate.part, inspector.plate.layer, inspector.plate.view)
    return [
        (box.accessibleName(), [box.itemText(place) for place in range(box.count())], box.currentText())
        for box in boxes
        if box.isVisible()
    ]


def choose(box: QComboBox, text: str) -> None:
    """As a hand does: the entry becomes current, then it is activated."""
    box.setCurrentIndex(box.findText(text))
    box.activated.emit(box.currentIndex())


def test_part_layer_and_view_are_shown_where_there_is_a_choice(inspector: InspectorPanel, studio: FakeStudio) -> None:
    """Nothing before the header is known; then what has more than one name, with the one on screen current."""
    before = rows(inspector)
    studio.choices = STEREO
    studio.plate_choices_changed.emit(STEREO)

    assert before == []
    assert rows(inspector) == [
        ("Part", ["rgba_right", "rgba_left"], "rgba_right"),
        ("Layer of the plate", ["(unnamed)", "key"], "(unnamed)"),
        ("View", ["right", "left"], "right"),
    ]


def test_choosing_a_part_layer_or_view_asks_for_it_and_follows_undo(
    inspector: InspectorPanel, studio: FakeStudio
) -> None:
    studio.choices = STEREO
    studio.plate_choices_changed.emit(STEREO)
    choose(inspector.plate.part, "rgba_right")  # shown already
    nothing = [asked for asked in studio.asked if asked[0] == "read_plate_as"]
    choose(inspector.plate.layer, "key")
    choose(inspector.plate.view, "left")
    left = rows(inspector)
    studio.document.undo()
    key = rows(inspector)
    studio.document.redo()

    assert nothing == []
    assert [asked for asked in studio.asked if asked[0] == "read_plate_as"] == [
        ("read_plate_as", "", "key", ""),
        ("read_plate_as", "rgba_left", "", ""),
    ]
    assert [(name, current) for name, _entries, current in left] == [("Part", "rgba_left"), ("View", "left")]
    assert [current for _name, _entries, current in key] == ["rgba_right", "key", "right"]
    assert rows(inspector) == left


def test_a_choice_that_cannot_be_read_leaves_the_choosers_alone(
    inspector: InspectorPanel, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "read_plate_as", lambda *_names: None)
    studio.choices = STEREO
    studio.plate_choices_changed.emit(STEREO)
    before = rows(inspector)
    choose(inspector.plate.part, "rgba_left")

    assert rows(inspector) == before


# --- jobs -------------------------------------------------------------------------------------------------------


def test_a_job_is_shown_followed_and_cancelled(qtbot: QtBot, studio: FakeStudio) -> None:
    panel = JobsPanel(studio)
    qtbot.addWidget(panel)
    panel.show()
    studio.put_job("7", title="Propagate Hero, 1001-1048", progress=0.25, message="frame 1012")
    row = panel.row("7")
    running = (row.title.text(), row.bar.value(), row.words.text(), not row.cancel.isHidden())
    row.cancel.click()
    studio.put_job("7", title="Propagate Hero, 1001-1048", state=JobState.CANCELLED)

    assert running == ("Propagate Hero, 1001-1048", 250, "Running 25% · frame 1012", True)
    assert ("cancel", "7") in studio.asked
    assert panel.row("7") is row
    assert (row.words.text(), not row.cancel.isHidden()) == ("Cancelled", False)


def test_unknown_progress_and_clearing(qtbot: QtBot, studio: FakeStudio) -> None:
    panel = JobsPanel(studio)
    qtbot.addWidget(panel)
    studio.put_job("1", "load", progress=float("nan"))
    studio.put_job("2", "export", state=JobState.DONE)
    busy = panel.row("1").bar.maximum()
    panel.clear.click()

    assert busy == 0
    assert panel.row("1")
    with pytest.raises(KeyError):
        panel.row("2")


def test_long_names_end_in_an_ellipsis_and_leave_cancel_in_reach(qtbot: QtBot, studio: FakeStudio) -> None:
    panel = JobsPanel(studio)
    qtbot.addWidget(panel)
    panel.resize(300, 200)
    panel.show()
    name = "a_very_long_name_without_a_gap_" * 6
    studio.put_job("1", "export", title=f"Export {name}", progress=0.5, message=f"/a/{name}/{name}.####.exr")
    row = panel.row("1")
    qtbot.waitUntil(lambda: row.cancel.width() > 0 and row.width() > 100)
    qtbot.waitUntil(lambda: row.cancel.mapTo(panel, row.cancel.rect().bottomRight()).x() < panel.width())

    box = Chooser()
    qtbot.addWidget(box)
    box.addItem(name)
    box.setFixedWidth(120)
    box.grab()
    assert (box.shown_text()[-1], box.toolTip()) == ("…", name)


# --- knobs ------------------------------------------------------------------------------------------------------------


def test_typing_an_integer_by_hand(qtbot: QtBot) -> None:
    field = IntegerField({"type": "integer", "minimum": 0, "maximum": 100}, "Count")
    qtbot.addWidget(field)
    field.selectAll()
    QTest.keyClicks(field, "42")
    QTest.keyClick(field, Qt.Key.Key_Return)

    assert field.value() == 42
