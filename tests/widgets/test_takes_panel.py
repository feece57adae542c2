"""The takes panel: the list follows the layer, every button does what it says, and nothing is lost by a slip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from core.commands import AddPrompt, PutBack
from core.errors import ProjectError
from core.geometry import Window
from core.matte import Matte
from core.matte_reader import MatteChannel
from core.prompts import Click
from core.take import TakeKind
from tests.widgets.fake_studio import FRAMES, FakeStudio
from widgets.dialogs.import_matte import ImportMatteDialog
from widgets.main_window import MainWindow
from widgets.panels.inspector import authored_text
from widgets.panels.take_row import ABOUT, PICTURE, SIDES, when
from widgets.panels.take_thumbnails import SIZE, thumbnail
from widgets.panels.takes import TakesPanel
from widgets.studio import Message, TakeInfo
from widgets.view_state import Compare, Source, SourceKind


@pytest.fixture
def studio() -> FakeStudio:
    studio = FakeStudio()
    studio.put_plate()
    studio.put_layer()
    for frame in FRAMES:
        studio.put_matte("hero", frame, 0.5)
    return studio


@pytest.fixture
def window(qtbot: QtBot, studio: FakeStudio) -> Iterator[MainWindow]:
    window = MainWindow(studio)
    window.files.may_leave = lambda: True  # type: ignore[method-assign]
    qtbot.addWidget(window)
    window.show()
    window.docks.open("Takes")
    yield window
    window.close()


@pytest.fixture
def panel(window: MainWindow) -> TakesPanel:
    return window.takes


def names(panel: TakesPanel) -> list[str]:
    return [panel.list.item(row).text() for row in range(panel.list.count())]


def test_keeping_a_take_lists_it_on_top(window: MainWindow, panel: TakesPanel) -> None:
    """Numbered by itself; the newest first; the hint goes."""
    assert panel.hint.isVisible()

    window.actions_table["layer.keep_take"].trigger()
    window.actions_table["layer.keep_take"].trigger()

    assert names(panel) == ["Take 2", "Take 1"]
    assert "8 frames · kept" in panel.list.item(0).data(ABOUT)
    assert not panel.hint.isVisible()


def test_the_list_is_of_the_chosen_layer(window: MainWindow, studio: FakeStudio, panel: TakesPanel) -> None:
    studio.keep_take("hero", "mine")
    studio.put_layer("dog", "Dog")

    window.view.set(layer_id="dog")
    assert names(panel) == []
    window.view.set(layer_id="hero")
    assert names(panel) == ["mine"]


def test_putting_back_takes_the_chosen_one(window: MainWindow, studio: FakeStudio, panel: TakesPanel) -> None:
    """By its key; without a choice there is nothing to put back."""
    studio.keep_take("hero", "first")
    studio.keep_take("hero", "second")
    action = window.actions_table["layer.put_back"]
    assert not action.isEnabled()

    panel.list.setCurrentRow(1)
    assert action.isEnabled()
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)

    assert studio.document.undo_label == "Put back first"


def test_without_the_panel_the_take_on_side_a_is_put_back(
    window: MainWindow, studio: FakeStudio, panel: TakesPanel
) -> None:
    """A choice nobody sees does not count."""
    chosen = studio.keep_take("hero", "chosen")
    shown = studio.keep_take("hero", "shown")
    panel.list.setCurrentRow(1)
    assert panel.chosen() == chosen
    window.docks["Takes"].hide()

    assert not window.actions_table["layer.put_back"].isEnabled()
    window.view.set(a=Source(SourceKind.TAKE, shown.id))
    window.actions_table["layer.put_back"].trigger()

    assert studio.document.undo_label == "Put back shown"


def test_comparing_sets_both_sides(window: MainWindow, studio: FakeStudio, panel: TakesPanel) -> None:
    """A wipe at first; a way of comparing that is on already stays. The row says which side shows it."""
    take = studio.keep_take("hero", "mine")
    panel.list.setCurrentRow(0)

    panel.compare.click()
    look = window.view.look
    assert (look.a, look.b, look.compare) == (
        Source(SourceKind.TAKE, take.id), Source(SourceKind.MATTE), Compare.WIPE,
    )  # fmt: skip
    assert panel.list.item(0).data(SIDES) == "A"
    window.view.set(compare=Compare.MATTE_DIFFERENCE)
    panel.compare.click()
    assert window.view.look.compare is Compare.MATTE_DIFFERENCE


def test_renaming_in_place(studio: FakeStudio, panel: TakesPanel) -> None:
    studio.keep_take("hero", "mine")

    panel.list.item(0).setText("better")

    assert [take.name for take in studio.takes("hero")] == ["better"]


def test_removing_asks_unless_it_came_by_itself(studio: FakeStudio, panel: TakesPanel, qtbot: QtBot) -> None:
    """What the artist kept cannot be brought back by undo."""
    studio.keep_take("hero", "mine")
    studio.take_list.append(TakeInfo("auto", "hero", "before correction 1003", kind=TakeKind.CORRECTION))
    studio.takes_changed.emit("hero")

    panel.list.setCurrentRow(0)
    panel.remove.click()
    assert names(panel) == ["mine"]
    panel.list.setCurrentRow(0)
    panel.remove.click()
    question = panel.findChild(QMessageBox)
    assert question is not None
    question.reject()
    assert names(panel) == ["mine"]
    panel.remove.click()
    question = next(found for found in panel.findChildren(QMessageBox) if found.isVisible())
    question.defaultButton().click()

    assert names(panel) == []


def test_a_take_that_is_removed_while_it_is_shown_is_a_sentence(
    window: MainWindow, studio: FakeStudio, panel: TakesPanel
) -> None:
    """Side B falls to words; nothing is raised when it is painted."""
    take = studio.keep_take("hero", "mine")
    studio.put_picture(FRAMES.first)
    window.view.set(b=Source(SourceKind.TAKE, take.id), compare=Compare.SIDE_BY_SIDE)
    before = [pane.sentence for pane in window.viewport.showing()[0].panes]
    studio.take_mattes.clear()

    studio.taking.remove(take.id)
    window.grab()

    assert names(panel) == []
    assert before == ["", ""]
    sentences = [pane.sentence for pane in window.viewport.showing()[0].panes]
    assert sentences == ["", "This take was removed. Choose another one."]


def test_what_the_disk_refuses_is_a_message(studio: FakeStudio, window: MainWindow, panel: TakesPanel) -> None:
    said: list[Message] = []
    studio.message.connect(said.append)

    def full(layer_id: str, name: str) -> TakeInfo:
        raise ProjectError("takes.json", why="the disk is full")

    studio.keep_take = full  # type: ignore[method-assign]
    window.actions_table["layer.keep_take"].trigger()

    assert [message.text for message in said] == ["takes.json: the disk is full."]


def test_thumbnails_follow_a_resting_playhead(
    window: MainWindow, studio: FakeStudio, panel: TakesPanel, qtbot: QtBot
) -> None:
    """Made on a worker, of the frame that is looked at; where the take has no matte there is none."""
    take = studio.keep_take("hero", "mine")
    del studio.take_mattes[take.id, 1002]

    qtbot.waitUntil(lambda: isinstance(panel.list.item(0).data(PICTURE), QImage))
    image = panel.list.item(0).data(PICTURE)
    window.view.set(frame=1002)
    qtbot.waitUntil(lambda: panel.list.item(0).data(PICTURE) is None)

    assert image.height() == SIZE.height()
    assert abs(image.pixelColor(10, 10).red() - 128) <= 1


def test_a_thumbnail_has_the_shape_of_the_plate() -> None:
    """Anamorphic pixels are wide; a half is a middle grey; the left half stays left."""
    coverage = np.zeros((400, 400), np.float16)
    coverage[:, :200] = 0.5

    image = thumbnail(Matte(Window.of_size(400, 400), coverage), 2.0)

    assert (image.width(), image.height()) == (60, 30)
    assert [abs(image.pixelColor(x, 15).red() - level) <= 1 for x, level in ((10, 128), (50, 0))] == [True, True]


def test_a_frozen_frame_says_what_it_is(window: MainWindow, studio: FakeStudio) -> None:
    """The inspector names it; stepping to the next key frame passes over it, for nobody decided anything there."""
    frozen = studio.document.shot.layer("hero").frozen_at(dict.fromkeys(FRAMES, "kept"))
    studio.document.do(PutBack("hero", frozen, "theirs"))
    studio.document.do(AddPrompt("hero", 1005, Click(3.0, 4.0), "kept"))

    window.actions_table["play.key_forward"].trigger()

    assert window.view.look.frame == 1005
    assert authored_text(1004, frozen.key_frame(1004)) == "Frame 1004: a kept matte"
    clicked = studio.document.shot.layer("hero").key_frame(1005)
    assert authored_text(1005, clicked) == "Frame 1005: 1 click, on a kept matte"


def test_when_a_take_was_made() -> None:
    """Today by the hour; before by the day; nothing where nobody wrote it down."""
    now = datetime(2026, 3, 5, 14, 3).astimezone()

    assert when(now.isoformat(), now) == "14:03"
    assert when((now - timedelta(days=2)).isoformat(), now) == "03 Mar 14:03"
    assert when("", now) == ""


def test_an_import_with_one_channel_asks_nothing(
    window: MainWindow, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path("/show/hero_v002.1001.exr")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))

    window.actions_table["layer.import_matte"].trigger()

    assert studio.importing.asked == [("channels", path), ("matte", "hero", path, MatteChannel("A"), 1001)]


def test_an_import_with_several_channels_asks_which(
    window: MainWindow, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The likeliest is chosen at first; the search narrows the list."""
    path = Path("/show/hero_v002.1001.exr")
    studio.importing.offered = (MatteChannel("A"), MatteChannel("hero.A", "key"))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))

    window.actions_table["layer.import_matte"].trigger()
    dialog = window.findChild(ImportMatteDialog)
    assert dialog is not None
    assert dialog.channel == MatteChannel("A")
    dialog.search.setText("hero")
    dialog.accept()

    assert studio.importing.asked[-1] == ("matte", "hero", path, MatteChannel("hero.A", "key"), 1001)


def test_an_import_without_a_layer_makes_one(
    window: MainWindow, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/show/m.png", ""))
    studio.document.undo()

    window.actions_table["layer.import_matte"].trigger()

    layer = studio.document.shot.layers[-1]
    assert studio.importing.asked[-1][:2] == ("matte", layer.id)
    assert window.view.look.layer_id == layer.id


def test_long_names_are_cut_and_everything_has_a_name(
    studio: FakeStudio, panel: TakesPanel, window: MainWindow
) -> None:
    """A reader says the name, the frames and the side; nothing is drawn past the edge."""
    take = studio.keep_take("hero", "a very long name of a take that does not fit in a narrow panel at all")
    window.view.set(a=Source(SourceKind.TAKE, take.id))

    panel.resize(200, 160)
    panel.grab()

    said = panel.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said.startswith(take.name)
    assert said.endswith("shown on A")
    assert replace(take, name="").id == take.id


def test_a_window_that_goes_hides_its_panel_without_a_word(window: MainWindow, panel: TakesPanel) -> None:
    """Qt hides the docks of a window while it is deleted, when its actions are gone."""
    panel.show()
    action = window.actions_table["layer.keep_take"]
    action.setEnabled(False)
    panel.release()
    panel.hide()

    assert not action.isEnabled()  # not asked any more, though the layer could be kept
