"""The browser of corrections: what is kept is seen, filtered, looked at large, excluded, put back, and deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from tests.widgets.fake_corrections import FakeCorrections, pair
from widgets.dialogs.pair import PairDialog, changed
from widgets.panels.corrections import CorrectionsPanel
from widgets.panels.pair_row import pictures


@pytest.fixture
def room() -> FakeCorrections:
    room = FakeCorrections()
    room.put(
        pair(1001),
        pair(1010, artist="bob"),
        pair(1004, layer="Cape", model="select"),
        pair(1007, shot="sh020"),
    )
    return room


@pytest.fixture
def panel(qtbot: QtBot, room: FakeCorrections) -> Iterator[CorrectionsPanel]:
    panel = CorrectionsPanel(room)
    qtbot.addWidget(panel)
    panel.resize(310, 460)
    panel.show()
    yield panel
    panel.release()


def frames(panel: CorrectionsPanel) -> list[int]:
    return [panel._entry(place).record.about.frame for place in range(panel.list.count())]


def choose(panel: CorrectionsPanel, *places: int) -> None:
    panel.list.clearSelection()
    for place in places:
        panel.list.item(place).setSelected(True)


def test_every_pair_is_listed_with_its_three_pictures(panel: CorrectionsPanel) -> None:
    """Before and after differ where the artist painted: the row shows both beside the picture."""
    assert frames(panel) == [1001, 1010, 1004, 1007]
    shot = panel.list.grab().toImage()
    ratio = shot.devicePixelRatio()
    row = panel.list.visualItemRect(panel.list.item(0))
    # the disc's rim at 35 of 120 px radius: black before, white after
    left, middle = row.x() + 5, row.center().y()

    def grey(number: int, x_part: float) -> int:
        x = left + number * 61 + round(58 * x_part)
        return shot.pixelColor(round(x * ratio), round(middle * ratio)).value()

    assert grey(1, 0.5) > 200
    assert grey(1, 80 / 160 - 35 / 160) < 60
    assert grey(2, 80 / 160 - 35 / 160) > 200
    assert 20 < grey(0, 0.5) < 250
    assert "Hero 1001" in panel.list.item(0).text()


def test_the_list_is_filtered_by_shot_layer_artist_and_model(panel: CorrectionsPanel, room: FakeCorrections) -> None:
    choosers = panel.filter.choosers
    for name, choice, wanted in (
        ("shots", "sh020", [1007]),
        ("layers", "Cape", [1004]),
        ("artists", "bob", [1010]),
        ("models", "select", [1004]),
    ):
        choosers[name].setCurrentText(choice)
        assert frames(panel) == wanted
        choosers[name].setCurrentIndex(0)
    choosers["shots"].setCurrentText("sh020")
    choosers["layers"].setCurrentText("Cape")
    assert frames(panel) == []
    assert panel.hint.isVisible()
    assert panel.hint.text() == "No correction is of this kind."


def test_what_is_excluded_says_so_and_can_be_undone(panel: CorrectionsPanel, room: FakeCorrections) -> None:
    """Several at once; undo gives back exactly those that were changed."""
    choose(panel, 1)
    panel.out.click()
    choose(panel, 0, 1, 2)
    panel.out.click()
    assert room.asked[-1] == ("exclude", ("sh010-Hero-1001", "sh010-Cape-1004"), True)
    assert [entry.excluded for entry in room.entries()] == [True, True, True, False]
    assert "excluded" in panel.list.item(0).text()
    assert panel.out.accessibleName() == "Include"

    panel.undo.click()

    assert [entry.excluded for entry in room.entries()] == [False, True, False, False]
    assert not panel.undo.isEnabled()
    choose(panel, 1)
    panel.out.click()
    assert [entry.excluded for entry in room.entries()] == [False] * 4


def test_deleting_asks_first(panel: CorrectionsPanel, room: FakeCorrections) -> None:
    choose(panel, 0, 3)
    for word in ("Cancel", "Delete"):
        panel.remove.click()
        asks = panel.findChildren(QMessageBox)[-1]
        assert asks.text() == "Delete 2 pairs for good?"
        button = next(each for each in asks.findChildren(QPushButton) if each.text().strip("&") == word)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        expected = [1010, 1004] if word == "Delete" else [1001, 1010, 1004, 1007]
        assert frames(panel) == expected


def test_a_pair_is_looked_at_large_and_its_neighbours_with_the_arrows(
    panel: CorrectionsPanel, room: FakeCorrections, qtbot: QtBot
) -> None:
    choose(panel, 0)
    panel.large.click()
    (dialog,) = (each for each in QApplication.topLevelWidgets() if isinstance(each, PairDialog) and each.isVisible())
    assert dialog.windowTitle() == "Hero, frame 1001"
    assert "propagate" in dialog.about.text()

    QTest.keyClick(dialog, Qt.Key.Key_Right)
    assert dialog.windowTitle() == "Hero, frame 1010"
    QTest.mouseClick(dialog.exclude, Qt.MouseButton.LeftButton)
    assert room.entries()[1].excluded
    assert dialog.exclude.text() == "Include"
    assert "not trained on" in dialog.about.text()
    QTest.keyClick(dialog, Qt.Key.Key_Left)
    QTest.keyClick(dialog, Qt.Key.Key_Left)

    assert dialog.windowTitle() == "Hero, frame 1001"
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()
    panel.large.click()  # and it opens again


def test_changes_are_green_and_red_and_what_was_decided_is_brighter() -> None:
    looked = np.zeros((1, 4, 6), np.uint8)
    looked[..., :3] = 128
    looked[0, 1, 4] = 255
    looked[0, 2, 3] = 255
    looked[0, 3, 5] = 255

    image = changed(looked)

    colors = [image.pixelColor(x, 0).getRgb()[:3] for x in range(4)]
    assert colors[0] == (45, 45, 45)
    assert colors[1][1] > 2 * colors[1][0]
    assert colors[2][0] > 2 * colors[2][1]
    assert colors[3] == (96, 96, 96)


def test_a_thumbnail_is_three_pictures() -> None:
    small = np.zeros((2, 3, 5), np.uint8)
    small[..., 0], small[..., 3], small[..., 4] = 10, 20, 30
    rgb, before, after = pictures(small)
    assert rgb.pixelColor(2, 1).getRgb()[:3] == (10, 0, 0)
    assert (before.pixelColor(0, 0).value(), after.pixelColor(0, 0).value()) == (20, 30)


def test_remembering_and_the_shows_store_are_chosen_and_kept(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From one start to the next."""
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    room = FakeCorrections()
    panel = CorrectionsPanel(room, settings)
    qtbot.addWidget(panel)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a: str(tmp_path / "show"))

    def act(word: str) -> None:
        menu = QMenu(panel)
        panel.fill(menu)
        next(action for action in menu.actions() if action.text().startswith(word)).trigger()

    act("Remember")
    act("Store of the show")
    act("List the show's")
    assert (room.on, room.show, room.of_show) == (False, tmp_path / "show", True)

    again = FakeCorrections()
    other = CorrectionsPanel(again, settings)
    qtbot.addWidget(other)
    assert (again.on, again.show) == (False, tmp_path / "show")
    act("No store of the show")
    act("Remember")
    assert (room.on, room.show) == (True, None)
    for each in (panel, other):
        each.release()


def test_stores_go_out_and_in_through_files(
    panel: CorrectionsPanel, room: FakeCorrections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a: ("/show/out.zip", ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_a: ("/show/in.zip", ""))
    menu = QMenu(panel)
    panel.fill(menu)
    for action in menu.actions()[-2:]:
        action.trigger()
    assert room.asked[-2:] == [("export", Path("/show/out.zip")), ("bring", Path("/show/in.zip"))]


def test_an_empty_store_says_what_to_do(qtbot: QtBot) -> None:
    room = FakeCorrections()
    panel = CorrectionsPanel(room)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.hint.isVisible()
    assert "Paint on a matte" in panel.hint.text()
    assert not panel.large.isEnabled()
    panel.release()
