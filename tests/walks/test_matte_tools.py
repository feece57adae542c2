"""Grow, clean, invert, split and join as the artist does them: the real window, a real engine, real pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

import widgets.piece_actions
from core.finish import Finish
from core.finishing import finished
from core.matte import Matte
from tests.walks.conftest import Artist
from tests.walks.plates import FIRST, centre_of, davis_as_exr, davis_truth
from widgets.knobs import NumberField

pytestmark = pytest.mark.timeout(300)
FRAMES = 3


@pytest.fixture
def swan(artist: Artist, shared_data: Path, tmp_path: Path) -> Artist:
    """A swan on a river, selected with a click and carried to all frames."""
    pattern = davis_as_exr(shared_data, "blackswan", tmp_path / "plate", FRAMES)
    artist.studio.open(pattern)
    artist.until(lambda: artist.studio.picture(FIRST) is not None)
    artist.click(*centre_of(davis_truth(shared_data, "blackswan", 0)))
    artist.settle()
    artist.act("matte.propagate")
    artist.settle()
    return artist


def shown(artist: Artist, frame: int, layer_id: str = "") -> Matte:
    matte, fresh = artist.studio.matte(layer_id or artist.layer_id, frame)
    assert matte is not None
    assert fresh
    return matte


def test_the_finish_follows_every_frame_and_comes_off_again(swan: Artist) -> None:
    """The knob is dragged and let go, keys go on from there; a hole of one frame is filled by hand."""
    plain = {FIRST + number: shown(swan, FIRST + number) for number in range(FRAMES)}
    swan.shot("finish-none")
    section = swan.window.inspector.finish
    next(entry for entry in section.add.menu().actions() if entry.text() == "Grow").trigger()
    field = section.rows[0].knobs.field("by_px")
    assert isinstance(field, NumberField)

    field._slider.setSliderDown(True)
    field._slider.setValue(600)
    tried, _ = swan.studio.matte(swan.layer_id, FIRST)
    assert tried is not None
    assert np.array_equal(tried.coverage, finished(plain[FIRST], Finish.of(grow_px=4.0)).coverage)
    field._slider.setSliderDown(False)
    swan.press(Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    swan.press(Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)

    finish = Finish.of(grow_px=3.5, inverted=True)
    assert swan.studio.document.shot.layers[0].finish == finish
    for frame, matte in plain.items():
        assert np.array_equal(shown(swan, frame).coverage, finished(matte, finish).coverage)
    swan.shot("finish-grown-and-inverted")
    for _ in range(4):
        swan.act("edit.undo")
    assert shown(swan, FIRST) is plain[FIRST]

    last = FIRST + FRAMES - 1
    swan.go_to(last)
    swan.act("tool.brush")
    swan.window.viewport.set_brush(radius_px=4.0, hardness=1.0)
    inside = centre_of(plain[last].float32() > 0.99)
    swan.drag(Qt.MouseButton.RightButton, inside, inside)
    row, column = int(inside[1]), int(inside[0])
    assert shown(swan, last).coverage[row, column] == 0
    swan.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert shown(swan, last).coverage[row, column] == 1
    swan.settle()
    assert swan.studio.freshness(swan.layer_id).fresh == frozenset(plain)


def test_pieces_become_layers_and_layers_one_again(swan: Artist, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stroke beside the swan is a second piece; lifted, it is a layer of its own, and joined it is what it was."""
    before = shown(swan, FIRST).float32()
    far = centre_of(cv2.dilate((before > 0).astype(np.uint8), np.ones((41, 41), np.uint8)) == 0)
    swan.act("tool.brush")
    swan.window.viewport.set_brush(radius_px=14.0, hardness=0.7)
    swan.drag(Qt.MouseButton.LeftButton, far, (far[0] + 3, far[1]))
    swan.settle()
    both = {FIRST + number: shown(swan, FIRST + number).float32() for number in range(FRAMES)}

    place = swan.window.viewport.mapToGlobal(swan.place(*far).toPoint())
    monkeypatch.setattr(
        widgets.piece_actions, "QCursor", type("Pointer", (), {"pos": staticmethod(lambda: QPoint(place))})
    )
    swan.act("layer.lift")
    swan.until(lambda: len(swan.studio.document.shot.layers) == 2)
    rest, piece = (layer.id for layer in swan.studio.document.shot.layers)

    for frame, coverage in both.items():
        assert np.array_equal(shown(swan, frame, rest).float32() + shown(swan, frame, piece).float32(), coverage)
    row, column = int(far[1]), int(far[0])
    assert shown(swan, FIRST, piece).coverage[row, column] == 1
    assert shown(swan, FIRST, rest).coverage[row, column] == 0
    swan.shot("piece-lifted")

    assert swan.window.view.look.layer_id == piece
    swan.window.view.set(layer_id=rest)
    swan.act("layer.join")
    swan.until(lambda: len(swan.studio.document.shot.layers) == 1)
    for frame, coverage in both.items():
        assert np.array_equal(shown(swan, frame).float32(), coverage)
    swan.act("edit.undo")
    swan.act("edit.undo")
    assert len(swan.studio.document.shot.layers) == 1
    assert np.array_equal(shown(swan, FIRST).float32(), both[FIRST])
