"""Split, lift and join ask the studio for the chosen layer, and only where there is something to ask."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

import widgets.piece_actions
from core.commands import AddPrompt
from core.layer import EMPTY_MATTE
from core.prompts import Click
from tests.widgets.fake_studio import FakeStudio
from widgets.actions import Actions
from widgets.key_map import KeyMap
from widgets.piece_actions import PieceActions
from widgets.studio import Message
from widgets.view_state import Look, ViewState
from widgets.viewport.viewport import Viewport


@pytest.fixture
def studio() -> FakeStudio:
    studio = FakeStudio()
    studio.put_plate()
    studio.put_layer("hero", "Hero")
    studio.put_layer("sky", "Sky")
    studio.document.do(AddPrompt("hero", 1001, Click(1, 1), EMPTY_MATTE))
    return studio


class Pointer:
    """Stands where a test puts it, for `QCursor`."""

    place = QPoint()

    @classmethod
    def pos(cls) -> QPoint:
        return cls.place


def test_the_three_of_them(qtbot: QtBot, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last layer has none below it; a layer without a key frame has no pieces; lifting needs a place."""
    window = QWidget()
    qtbot.addWidget(window)
    view = ViewState(Look(frame=1003, layer_id="hero"))
    viewport = Viewport(studio, view)
    QVBoxLayout(window).addWidget(viewport)
    window.resize(640, 480)
    window.show()
    actions = Actions(window, KeyMap())
    pieces = PieceActions(studio, view, actions, viewport)
    monkeypatch.setattr(widgets.piece_actions, "QCursor", Pointer)
    said: list[Message] = []
    studio.message.connect(said.append)

    pieces.enable()
    for name in ("split", "lift", "join"):
        assert actions[f"layer.{name}"].isEnabled()
    Pointer.place = viewport.mapToGlobal(viewport.rect().center())
    for name in ("split", "lift", "join"):
        actions[f"layer.{name}"].trigger()
    Pointer.place = viewport.mapToGlobal(QPoint(-50, -50))
    actions["layer.lift"].trigger()

    split, lift, join = studio.pieces.asked
    assert split == ("split", "hero", 1003)
    assert lift[:3] == ("lift", "hero", 1003)
    assert lift[3:] == (pytest.approx(32, abs=1), pytest.approx(24, abs=1))
    assert join == ("join", "hero", "sky")
    assert "Point at a piece" in said[0].text

    studio.put_layer("lifted", "Hero piece 2")
    assert view.look.layer_id == "lifted"
    studio.document.undo()
    studio.put_layer("another", "Another")
    assert view.look.layer_id == "lifted"
    studio.document.undo()

    view.set(layer_id="sky")
    pieces.enable()
    assert not actions["layer.split"].isEnabled()
    assert not actions["layer.join"].isEnabled()
    viewport.release()
    window.close()
