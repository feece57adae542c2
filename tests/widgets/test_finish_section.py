"""The finish is turned by knobs, keys and menu, each one undoable step."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.finish import Finish
from core.finish_commands import FinishFrame, SetFinish
from core.finish_steps import Blur, Combine, Feather, Grow
from core.frames import FrameRange
from core.roto.commands import AddShape
from core.roto.shape import Role, RotoShape, ShapePoint
from tests.widgets.fake_studio import FakeStudio
from widgets.actions import Actions
from widgets.finish_actions import FinishActions
from widgets.key_map import KeyMap
from widgets.knobs import ChoiceField, NumberField
from widgets.panels.finish_section import FinishSection
from widgets.panels.inspector import authored_text
from widgets.panels.shapes_section import ShapesSection
from widgets.studio import Message
from widgets.view_state import Look, ViewState


@pytest.fixture
def studio() -> FakeStudio:
    studio = FakeStudio()
    studio.put_plate()
    studio.put_layer("hero", "Hero")
    return studio


@pytest.fixture
def section(qtbot: QtBot, studio: FakeStudio) -> FinishSection:
    section = FinishSection(studio)
    qtbot.addWidget(section)
    section.show_layer(studio.document.shot.layer("hero"))
    studio.document.changed.connect(lambda _change: section.show_layer(studio.document.shot.layer("hero")))
    return section


@pytest.fixture
def actions(qtbot: QtBot, studio: FakeStudio) -> Iterator[Actions]:
    window = QWidget()
    qtbot.addWidget(window)
    actions = Actions(window, KeyMap())
    actions.finish = FinishActions(studio, ViewState(Look(frame=1003, layer_id="hero")), actions)  # type: ignore[attr-defined]
    yield actions
    window.close()


def grow_field(section: FinishSection) -> NumberField:
    row = next(row for row in section.rows if row.switch.text() == "Grow")
    field = row.knobs.field("by_px")
    assert isinstance(field, NumberField)
    return field


def add(section: FinishSection, name: str) -> None:
    """Choose from the menu."""
    next(entry for entry in section.add.menu().actions() if entry.text() == name).trigger()


def finish(studio: FakeStudio) -> Finish:
    return studio.document.shot.layer("hero").finish


def test_a_number_typed_is_one_step(section: FinishSection, studio: FakeStudio) -> None:
    studio.document.do(SetFinish("hero", Finish((Grow(),))))
    steps = studio.document.steps
    grow_field(section)._spin.setValue(-1.25)

    assert finish(studio) == Finish.of(grow_px=-1.25)
    assert studio.document.steps == steps + 1
    studio.document.undo()
    assert grow_field(section).value() == 0


def test_a_drag_is_tried_on_and_one_step_at_its_end(section: FinishSection, studio: FakeStudio) -> None:
    """Every place of the slider is looked at; only the last one is an edit."""
    studio.document.do(SetFinish("hero", Finish((Grow(),))))
    field, steps = grow_field(section), studio.document.steps
    field._slider.setSliderDown(True)
    field._slider.setValue(600)
    field._slider.setValue(750)
    assert studio.finishing.tried == [("hero", Finish.of(grow_px=4.0)), ("hero", Finish.of(grow_px=10.0))]
    assert studio.document.steps == steps

    field._slider.setSliderDown(False)

    assert finish(studio) == Finish.of(grow_px=10.0)
    assert studio.document.steps == steps + 1
    assert studio.finishing.tried[-1] == ("hero", None)


def test_only_some_frames(section: FinishSection, studio: FakeStudio) -> None:
    """Which begin as the range that is worked on."""
    add(section, "Grow")
    grow_field(section)._spin.setValue(2.0)
    section.only.click()
    assert finish(studio) == Finish.of(grow_px=2.0, frames=FrameRange(1001, 1008))

    section.first.setValue(1004)
    assert finish(studio).frames == FrameRange(1004, 1008)
    section.only.click()
    assert finish(studio) == Finish.of(grow_px=2.0)


def test_amounts_beyond_the_knobs_are_kept(section: FinishSection, studio: FakeStudio) -> None:
    """A project may say more than a slider can; showing it does not change it."""
    studio.document.do(SetFinish("hero", Finish.of(holes_px2=90_000, grow_px=50.0)))

    assert grow_field(section).value() == 20
    section.only.click()
    assert finish(studio) == Finish.of(holes_px2=90_000, grow_px=50.0, frames=FrameRange(1001, 1008))
    grow_field(section)._spin.setValue(3.0)
    assert finish(studio) == Finish.of(holes_px2=90_000, grow_px=3.0, frames=FrameRange(1001, 1008))


def test_a_list_is_put_together(section: FinishSection, studio: FakeStudio) -> None:
    """Steps come at the end, are moved, switched off and taken out; each is one step of the history."""
    before = studio.document.steps
    for name in ("Grow", "Feather", "Blur"):
        add(section, name)
    section.rows[2].up.click()
    section.rows[0].switch.click()
    assert finish(studio).steps == (Grow(1.0, on=False), Blur(2.0), Feather(4.0))
    assert not section.rows[0].up.isEnabled()
    assert not section.rows[2].down.isEnabled()

    section.rows[1].remove.click()

    assert finish(studio).steps == (Grow(1.0, on=False), Feather(4.0))
    assert studio.document.steps == before + 6
    studio.document.undo()
    assert [row.switch.text() for row in section.rows] == ["Grow", "Blur", "Feather"]


def test_layers_that_would_go_in_a_circle_are_not_offered(section: FinishSection, studio: FakeStudio) -> None:
    studio.put_layer("dog", "Dog")
    studio.put_layer("both", "Both", finish=Finish((Combine("hero"),)))

    add(section, "Combine with a layer")

    assert finish(studio).steps == (Combine("dog"),)
    field = section.rows[0].knobs.field("layer_id")
    assert isinstance(field, ChoiceField)
    assert [field.itemText(place) for place in range(field.count())] == ["No layer", "Dog"]


def test_keys_grow_every_frame(actions: Actions, studio: FakeStudio) -> None:
    """Each press is half a pixel and one step."""
    actions["matte.grow"].trigger()
    actions["matte.grow"].trigger()
    actions["matte.shrink"].trigger()
    actions["matte.invert"].trigger()

    assert finish(studio) == Finish.of(grow_px=0.5, inverted=True)
    studio.document.undo()
    assert finish(studio) == Finish.of(grow_px=0.5)


def test_one_frame_is_a_correction(actions: Actions, studio: FakeStudio) -> None:
    """Built on what is on screen, named in the inspector."""
    studio.put_matte("hero", 1003)
    actions["matte.fill_holes"].trigger()
    actions["matte.invert_frame"].trigger()

    key_frame = studio.document.shot.layer("hero").key_frame(1003)
    assert key_frame.base == "hero@1003"
    assert key_frame.correction.strokes == (Finish.of(holes_px2=1), Finish.of(inverted=True))
    assert authored_text(1003, key_frame) == "Frame 1003: fill holes, invert"
    assert studio.document.undo_label == "Invert"


def test_the_size_of_a_hole_is_what_the_layer_says(actions: Actions, studio: FakeStudio) -> None:
    studio.put_matte("hero", 1003)
    studio.document.do(SetFinish("hero", Finish.of(holes_px2=77)))
    actions["matte.fill_holes"].trigger()

    assert studio.document.shot.layer("hero").key_frame(1003).correction.strokes == (Finish.of(holes_px2=77),)


def test_a_frame_without_a_matte_says_so(actions: Actions, studio: FakeStudio) -> None:
    said: list[Message] = []
    studio.message.connect(said.append)
    before = studio.document.steps

    actions["matte.fill_holes"].trigger()

    assert "no matte on frame 1003" in said[0].text
    assert studio.document.steps == before


def test_a_locked_layer_says_so(actions: Actions, studio: FakeStudio) -> None:
    said: list[Message] = []
    studio.message.connect(said.append)
    studio.put_layer("hero", "Hero", locked=True)
    studio.put_matte("hero", 1003)
    before = studio.document.steps

    actions["matte.remove_specks"].trigger()

    assert "locked" in said[0].text
    assert studio.document.steps == before
    assert isinstance(FinishFrame("hero", 1, Finish(), "").label, str)


def test_shapes_are_listed_switched_and_feathered(qtbot: QtBot, studio: FakeStudio) -> None:
    """Each edit is one step; a key goes, but never the last; the role of the next one is the view's."""
    corners = tuple(ShapePoint(x, y) for x, y in ((1, 1), (9, 1), (5, 9)))
    studio.document.do(AddShape("hero", RotoShape("Ear", {1003: corners, 1005: corners}, id="ear")))
    view = ViewState(Look(frame=1005, layer_id="hero"))
    section = ShapesSection(studio, view)
    qtbot.addWidget(section)

    def show() -> None:
        section.show_layer(studio.document.shot.layer("hero"))

    show()
    studio.document.changed.connect(lambda _change: show())
    before = studio.document.steps
    (row,) = section.rows
    row.switch.click()
    role, feather = row.knobs.field("role"), row.knobs.field("feather_px")
    assert isinstance(role, ChoiceField)
    assert isinstance(feather, NumberField)
    role.setCurrentIndex(1)
    role.activated.emit(1)
    feather._slider.setSliderDown(True)
    feather._slider.setValue(550)
    assert studio.finishing.shapes[-1] is not None
    feather._slider.setSliderDown(False)
    row.unkey.click()

    (ear,) = studio.document.shot.layer("hero").shapes
    assert (ear.on, ear.role, ear.feather_px, ear.frames) == (False, Role.CORE, 10.0, (1003,))
    assert studio.document.steps == before + 4
    assert not row.unkey.isEnabled()
    section.next_role.activated.emit(0)
    assert view.look.shape_role is Role.GARBAGE
    row.remove.click()
    assert not section.rows
    studio.document.undo()
    assert authored_text(1003, studio.document.shot.layer("hero").key_frame(1003), shaped=True).endswith(
        "a key of a shape"
    )
