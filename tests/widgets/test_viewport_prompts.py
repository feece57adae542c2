"""Prompts as the eye meets them: previews, first answers, boxes and lines under the hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from core.commands import AddPrompt
from core.layer import EMPTY_MATTE, KeyFrame
from core.prompts import Box, Click, Stroke
from tests.widgets.test_viewport_widget import ALT, LEFT, NOTHING, RIGHT, SHIFT, Bench, bench
from widgets.panels.inspector import authored_text

__all__ = ["bench"]
NO_BUTTON = Qt.MouseButton.NoButton


def hover(bench: Bench, x: float, y: float) -> None:
    bench.mouse(QEvent.Type.MouseMove, bench.viewport.projection.to_view(x, y), NO_BUTTON, SHIFT)


def left_half(bench: Bench) -> np.ndarray:
    coverage = np.zeros(bench.plate.canvas.shape, np.float32)
    coverage[:, :32] = 1.0
    return coverage


def test_shift_let_go_anywhere_ends_the_preview(bench: Bench, qtbot: QtBot) -> None:
    """The keyboard may be in another widget: the preview does not wait for the pointer to move."""
    elsewhere = QLineEdit()
    qtbot.addWidget(elsewhere)
    hover(bench, 20, 20)
    assert bench.studio.asked[-1][3] == Click(pytest.approx(20), pytest.approx(20))

    QApplication.sendEvent(elsewhere, QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Shift, NOTHING))

    assert bench.studio.asked[-1] == ("hover", "hero", 1001, None)


def test_a_preview_without_a_layer_is_drawn(bench: Bench) -> None:
    """In the color the layer would get, also where guides are off: it was asked for."""
    bench.studio.document.undo()
    bench.view.set(layer_id="", guides=False, overlay=False)
    before = bench.colors((10, 24), (50, 24))
    bench.studio.previews["", 1001] = bench.studio.put_matte("nobody", 1001, left_half(bench))

    bench.studio.preview_ready.emit(("", 1001))

    inside, outside = bench.colors((10, 24), (50, 24))
    assert inside != before[0]
    assert outside == before[1]


def test_a_first_answer_is_no_older_state(bench: Bench) -> None:
    """A coarse matte is drawn nearly as strongly as a fresh one, and a ring says that more follows."""
    bench.studio.document.do(AddPrompt("hero", 1001, Click(50.5, 24.5), EMPTY_MATTE))
    bench.studio.put_matte("hero", 1001, left_half(bench))
    fresh = bench.colors((10, 24))[0]
    ring = bench.viewport.grab().toImage()
    bench.studio.put_matte("hero", 1001, left_half(bench), fresh=False)
    stale = bench.colors((10, 24))[0]

    bench.studio.coarse.add(("hero", 1001))
    bench.studio.preview_ready.emit(("hero", 1001))

    coarse = bench.colors((10, 24))[0]
    assert fresh[1] < coarse[1] < stale[1]  # the layer is red: the stronger it is, the less green is left
    place = bench.viewport.projection.to_view(50.5, 24.5)
    seen = bench.viewport.grab().toImage()
    assert seen.pixelColor(int(place.x()), int(place.y()) - 11) != ring.pixelColor(int(place.x()), int(place.y()) - 11)


def test_a_box_under_the_hand_says_its_size_and_alt_is_heard(bench: Bench) -> None:
    """The readout stands below the corner; Alt after the press drags from the middle instead of moving the picture."""
    bench.viewport.set_tool(bench.tools["box"])
    before = bench.colors((33, 32))[0]
    origin = bench.viewport.projection.origin_x
    bench.drag((20, 20), (30, 28), up=False)
    assert bench.colors((33, 30))[0] != before

    bench.mouse(QEvent.Type.MouseMove, bench.viewport.projection.to_view(30, 28), LEFT, ALT)
    bench.mouse(QEvent.Type.MouseButtonRelease, bench.viewport.projection.to_view(30, 28), LEFT, ALT)

    (box,) = bench.studio.document.shot.layer("hero").key_frame(1001).prompts
    assert isinstance(box, Box)
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx((10, 12, 30, 28))
    assert bench.viewport.projection.origin_x == origin


def test_a_scribble_is_drawn_in_its_sign(bench: Bench) -> None:
    """Green for what belongs, red for what does not; as wide on screen at any zoom."""
    bench.viewport.set_tool(bench.tools["scribble"])
    bench.drag((10, 10), (30, 10))
    bench.drag((10, 30), (30, 30), button=RIGHT)

    adds, subtracts = bench.colors((20, 10), (20, 30))
    assert adds[1] > adds[0] + 40
    assert subtracts[0] > subtracts[1] + 40
    strokes = bench.studio.document.shot.layer("hero").key_frame(1001).prompts
    assert [isinstance(stroke, Stroke) and stroke.adds for stroke in strokes] == [True, False]
    radius = bench.viewport.line_radius_px
    bench.viewport.zoom_to(bench.viewport.zoom / 2)
    assert bench.viewport.line_radius_px >= radius


def test_alt_under_a_resting_pointer_turns_the_preview_round(bench: Bench) -> None:
    """Shift shows what a left click adds, Alt with it what a right click takes away; let go, it adds again."""
    hover(bench, 20, 20)
    bench.key(Qt.Key.Key_Alt, SHIFT)
    bench.key(Qt.Key.Key_Alt, SHIFT | ALT, up=True)

    assert [asked[3].adds for asked in bench.studio.asked if asked[0] == "hover"] == [True, False, True]


def test_the_inspector_says_how_the_prompts_are_taken() -> None:
    """A reach of the frame's own is told where the prompts are: the layer's knob does not change it."""
    clicked = KeyFrame(prompts=(Click(1, 1),))

    assert authored_text(1001, clicked) == "Frame 1001: 1 click"
    assert authored_text(1001, replace(clicked, reach=4.0)) == "Frame 1001: 1 click reaching further"
    assert authored_text(1001, replace(clicked, reach=0.25)) == "Frame 1001: 1 click reaching less"
