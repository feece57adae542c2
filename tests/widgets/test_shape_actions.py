"""Fit, export and import shapes: asked of the studio for the chosen layer, from the menu and the Shapes section."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from core.frames import FrameRange
from core.roto.commands import AddShapes
from core.roto.shape import RotoShape, ShapePoint
from tests.widgets.fake_studio import FRAMES, FakeStudio
from widgets.main_window import MainWindow
from widgets.shape_actions import ACTION_IDS
from widgets.shaping import FitOrder

POINTS = (ShapePoint(10, 10), ShapePoint(40, 10), ShapePoint(20, 40))


def test_shapes_as_a_whole(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The range and what is asked of the fit come from the dialog; a file gets the ending of its kind; a layer without
    shapes has none to export, and where there is no layer import makes one."""
    studio = FakeStudio()
    studio.put_plate()
    studio.put_layer("hero", "Hero")
    window = MainWindow(studio)
    window.files.may_leave = lambda: True  # type: ignore[method-assign]
    qtbot.addWidget(window)
    actions, work = window.actions_table, window.work
    window.view.set(layer_id="hero")
    fit, export, import_ = (actions[action_id] for action_id in ACTION_IDS)

    assert [action.text() for action in window.inspector.shapes.more.menu().actions()] == [
        fit.text(),
        export.text(),
        import_.text(),
    ]
    assert (fit.isEnabled(), export.isEnabled(), import_.isEnabled()) == (True, False, True)
    fit.trigger()
    dialog = work.shapes.dialog
    assert dialog is not None
    assert dialog.order == FitOrder(FRAMES)
    dialog.last.setValue(FRAMES.first + 3)
    dialog.first.setValue(FRAMES.first + 5)
    dialog.points.setValue(24)
    dialog.tolerance.setValue(0.75)
    dialog.accept()
    assert studio.shaping.asked == [("fit", "hero", FitOrder(FrameRange(FRAMES.first + 5, FRAMES.first + 5), 0.75, 24))]

    studio.document.do(AddShapes("hero", (RotoShape("one", {1001: POINTS}, id="s"),)))
    assert export.isEnabled()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("/out/hero", "SVG, a group a frame (*.svg)"))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/in/roto.nk", ""))
    export.trigger()
    import_.trigger()
    window.view.set(layer_id="")
    import_.trigger()
    assert studio.shaping.asked[1:] == [
        ("write", "hero", Path("/out/hero.svg")),
        ("read", "hero", Path("/in/roto.nk")),
        ("read", "", Path("/in/roto.nk")),
    ]
