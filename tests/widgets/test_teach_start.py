"""The chooser of where Teach begins: there when there is something to choose, and "as it came" until it is chosen."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.show_models import ShowModel
from tests.widgets.fake_starts import FakeStarts
from widgets.panels.teach_start import StartChooser
from widgets.starts import Start


def test_hidden_until_there_is_a_model_and_chosen_by_the_artist_only(qtbot: QtBot) -> None:
    room = FakeStarts()
    chooser = StartChooser(room)
    qtbot.addWidget(chooser)
    assert chooser.isHidden()

    model = ShowModel("show-002", "2026-01-02", "ann", "store", ("a",) * 214, before=0.05, after=0.04, measured_on=3)
    room.offered = (Start("/show/models/show-002", model, current=True),)
    room.refresh()

    assert not chooser.isHidden()
    assert [chooser.field.itemText(row) for row in range(2)] == ["As it came", "show-002, current, 214 corrections"]
    assert chooser.field.currentText() == "As it came"
    assert room.chosen == ""
    chooser.field.setCurrentIndex(1)
    chooser.field.activated.emit(1)
    assert room.chosen == "/show/models/show-002"
    room.choose("")
    assert chooser.field.currentIndex() == 0
    room.offered = ()
    room.refresh()
    assert chooser.isHidden()
