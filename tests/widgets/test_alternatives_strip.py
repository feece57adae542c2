"""The strip of alternatives: there when there is a choice, chosen by a chip or a key, gone when it is of no use."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.commands import AddPrompt
from core.layer import EMPTY_MATTE
from core.matte import Matte
from core.prompts import Click
from tests.widgets.fake_studio import FakeStudio
from widgets.alternatives import Alternative
from widgets.alternatives_strip import SIZE
from widgets.main_window import MainWindow

HERE = ("hero", 1001)


@pytest.fixture
def studio() -> FakeStudio:
    studio = FakeStudio()
    studio.put_plate()
    studio.put_layer()
    for frame in (1001, 1002):
        studio.put_picture(frame, 0.5)
    studio.put_matte("hero", 1001, 0.0)
    studio.saving.save()
    return studio


@pytest.fixture
def window(qtbot: QtBot, studio: FakeStudio) -> MainWindow:
    window = MainWindow(studio)
    qtbot.addWidget(window)
    window.resize(1200, 800)
    window.show()
    return window


def put(studio: FakeStudio) -> None:
    """Discs of three sizes in the plate's middle."""
    plate = studio.document.shot.plate
    assert plate is not None
    rows, columns = np.mgrid[: plate.canvas.height, : plate.canvas.width]
    away = np.hypot(columns - 32, rows - 24)
    sizes = {"part": (6, 0.25), "as is": (12, None), "whole": (20, 4.0)}
    studio.alternatives.offered[HERE] = tuple(
        Alternative(word, reach, Matte(plate.canvas, (away < radius).astype(np.float32)), chosen=reach is None)
        for word, (radius, reach) in sizes.items()
    )
    studio.alternatives.changed.emit(HERE)


def test_it_is_there_while_there_is_a_choice(window: MainWindow, studio: FakeStudio) -> None:
    """Three chips with what stands marked, inside the picture; another frame hides it, an end of the offer too."""
    strip = window.alternatives
    assert not strip.isVisible()

    put(studio)

    assert strip.isVisible()
    assert [(chip.text(), chip.isChecked()) for chip in strip.chips] == [
        ("part", False),
        ("as is", True),
        ("whole", False),
    ]
    picture = window.viewport.rect().translated(window.viewport.mapTo(window.pages, window.viewport.rect().topLeft()))
    assert picture.contains(strip.geometry())
    assert all(chip.focusPolicy() is Qt.FocusPolicy.NoFocus for chip in strip.chips)
    window.view.set(frame=1002)
    assert not strip.isVisible()
    window.view.set(frame=1001)
    assert strip.isVisible()
    strip.away.click()
    assert not strip.isVisible()


def test_a_thumbnail_is_bright_where_the_answer_is(window: MainWindow, studio: FakeStudio) -> None:
    """In the middle all three; near the rim of the largest only the largest."""
    put(studio)

    pictures = [chip.icon().pixmap(SIZE).toImage() for chip in window.alternatives.chips]

    high = pictures[0].height()
    middle = [picture.pixelColor(picture.width() // 2, high // 2).green() for picture in pictures]
    rim = [picture.pixelColor(picture.width() // 2, round(high * 0.2)).green() for picture in pictures]
    assert max(middle) - min(middle) <= 3
    assert rim[2] > rim[1] + 30
    assert abs(rim[0] - rim[1]) <= 3


def test_a_chip_and_the_keys_choose(window: MainWindow, studio: FakeStudio) -> None:
    """C goes round, Shift+C the other way, a chip goes straight there; the strip says which one stands."""
    put(studio)
    strip, actions = window.alternatives, window.actions_table
    studio.alternatives.asked.clear()

    actions["matte.alternative_next"].trigger()
    actions["matte.alternative_next"].trigger()
    actions["matte.alternative_previous"].trigger()
    strip.chips[1].click()

    assert [asked[3] for asked in studio.alternatives.asked] == [4.0, 0.25, 4.0, None]
    assert [chip.isChecked() for chip in strip.chips] == [False, True, False]
    assert actions["matte.alternative_next"].shortcut().toString() == "C"


def test_the_key_asks_where_nothing_is_offered_and_says_when_there_is_nothing(
    window: MainWindow, studio: FakeStudio
) -> None:
    """Never a dead key."""
    said: list[str] = []
    studio.message.connect(lambda message: said.append(message.text))
    studio.alternatives.asked.clear()

    QTest.keyClick(window, Qt.Key.Key_C)
    assert studio.alternatives.asked == [("look_for", "hero", 1001, True)]
    assert said == []

    studio.alternatives.may = False
    QTest.keyClick(window, Qt.Key.Key_C)
    assert len(said) == 1


def test_a_matte_that_comes_where_the_artist_looks_is_asked_about(window: MainWindow, studio: FakeStudio) -> None:
    """Only there, and only a full answer."""
    studio.alternatives.asked.clear()

    studio.put_matte("hero", 1002, 0.0)
    studio.put_matte("hero", 1001, 0.0, fresh=False)
    assert studio.alternatives.asked == []
    studio.put_matte("hero", 1001, 0.0)

    assert studio.alternatives.asked == [("look_for", "hero", 1001, False)]
    assert window.view.look.frame == 1001


def test_like_this_is_asked_for_what_is_chosen_and_shown(window: MainWindow, studio: FakeStudio) -> None:
    """Only where the layer has a key frame: there must be something to go by."""
    action = window.actions_table["matte.like"]
    assert not action.isEnabled()

    studio.document.do(AddPrompt("hero", 1001, Click(5, 5), EMPTY_MATTE))
    action.trigger()

    assert studio.like.asked == [("hero", 1001)]
    studio.saving.save()
