"""A layer's foreground is put together by hand, one undoable step each, and seen in the comp."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from core.foreground.commands import SetForeground
from core.foreground.steps import Despill, Estimate, ExtendEdge, Foreground
from tests.widgets.fake_studio import FRAMES, FakeStudio
from widgets.knobs import NumberField
from widgets.panels.foreground_section import ForegroundSection
from widgets.view_state import Look, Source, SourceKind
from widgets.viewport.light import CompLight
from widgets.viewport.overlay import LevelCache
from widgets.viewport.sides import Sides


@pytest.fixture
def studio() -> FakeStudio:
    studio = FakeStudio()
    studio.put_plate()
    studio.put_layer("hero", "Hero")
    return studio


def test_a_list_is_put_together_and_undone(qtbot: QtBot, studio: FakeStudio) -> None:
    """Each press is one step to undo; a drag is only tried on."""
    section = ForegroundSection(studio)
    qtbot.addWidget(section)
    section.show_layer(studio.document.shot.layer("hero"))
    studio.document.changed.connect(lambda _change: section.show_layer(studio.document.shot.layer("hero")))
    for entry in section.list.add.menu().actions():
        entry.trigger()
    section.list.rows[2].up.click()
    section.list.rows[0].switch.click()

    estimate = Estimate(on=False)
    assert studio.document.shot.layer("hero").foreground.steps == (estimate, ExtendEdge(), Despill())
    field = section.list.rows[1].knobs.field("reach_px")
    assert isinstance(field, NumberField)
    field._slider.setSliderDown(True)
    field._slider.setValue(field._slider.maximum())
    assert studio.foregrounds.tried[-1][1] == Foreground((estimate, ExtendEdge(100), Despill()))
    steps = studio.document.steps
    field._slider.setSliderDown(False)
    assert studio.document.shot.layer("hero").foreground.steps == (estimate, ExtendEdge(100), Despill())
    assert studio.document.steps == steps + 1
    for _ in range(6):
        studio.document.undo()
    assert studio.document.shot.layer("hero").foreground.off


def test_the_comp_is_made_of_the_foreground(studio: FakeStudio) -> None:
    """Until it is wanted otherwise, to compare."""
    frame = FRAMES.first
    studio.put_picture(frame)
    studio.put_matte("hero", frame)
    studio.document.do(SetForeground("hero", Foreground((Estimate(),))))
    plate = studio.picture(frame)
    assert plate is not None
    made = studio.foregrounds.made["hero"] = replace(plate, rgba=plate.rgba * 0.5)
    sides, look = Sides(studio, LevelCache()), Look(frame=frame, layer_id="hero")

    def shown(look: Look) -> object:
        light = sides.of(Source(SourceKind.COMP), look, plate, None).light
        assert isinstance(light, CompLight)
        return light.origin

    assert shown(look) is made.rgba
    assert shown(replace(look, plate_colors=True)) is plate.rgba
