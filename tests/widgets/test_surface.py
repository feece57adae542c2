"""Surfaces in a viewport: what raster shows, what is chosen, and what happens where there is no OpenGL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.eye import PLAIN, apart, eyes
from tests.widgets.fake_studio import FakeStudio
from tests.widgets.plates import VIEWS, photograph, plate_pixels
from widgets import surface_choice
from widgets.main_window import MainWindow
from widgets.surface_choice import SETTING, VARIABLE, Choice
from widgets.viewport import gl_probe
from widgets.viewport.gl_probe import Probed, is_software, probe

__all__ = ["eyes"]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("stops", "gamma"), [(0.0, 1.0), (2.5, 1.0), (-1.0, 1.6)])
def test_raster_shows_what_opencolorio_says(eyes: Any, view: str, stops: float, gamma: float) -> None:
    """Baked: 99 of 100 values at most 1 of 255 from the exact transform, negative ones and highlights among them."""
    rgb = plate_pixels()
    eye = eyes("raster", replace(PLAIN, view=view, exposure_stops=stops, gamma=gamma), rgb=rgb)

    wanted = eye.exact(rgb.astype(np.float16).astype(np.float32)).astype(int)

    assert np.percentile(np.abs(eye.plate() - wanted), 99) <= 1


def test_raster_shows_a_photograph_as_opencolorio_says(eyes: Any, shared_data: Path) -> None:
    """Lifted two stops: 99 of 100 pixels at most 1 of 255 away, in each of their channels."""
    rgb = photograph(shared_data)
    eye = eyes("raster", replace(PLAIN, exposure_stops=2.0, view=VIEWS[0]), rgb=rgb)

    assert np.percentile(apart(eye.plate(), eye.exact(rgb)), 99) <= 1


def test_without_opengl_the_viewport_goes_on_with_a_sentence(eyes: Any) -> None:
    """Qt's offscreen platform has none: asking for it all the same ends in raster, once said."""
    if QApplication.platformName() != "offscreen":
        pytest.skip("this platform may have OpenGL")
    eye = eyes("gl")
    eye.qtbot.waitUntil(lambda: eye.viewport.surface.path == "Raster")

    assert len(eye.said) == 1
    assert eye.said[0].startswith("The GPU stopped drawing (")
    assert eye.plate().std() > 10


def test_the_probe_never_raises(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Probed:
        raise OSError("libGL.so.1: no such file")

    monkeypatch.setattr(gl_probe, "_probed", broken)

    assert not probe().usable
    assert "libGL.so.1" in probe().why


@pytest.mark.parametrize(
    ("renderer", "software"),
    [
        ("llvmpipe (LLVM 15.0.6, 256 bits)", True),
        ("Google SwiftShader", True),
        ("GDI Generic", True),
        ("NVIDIA RTX A5000/PCIe/SSE2", False),
        ("Mesa Intel(R) UHD Graphics 620 (KBL GT2)", False),
        ("AMD Radeon RX 6800 (radeonsi, navi21)", False),
        ("Apple M2", False),
    ],
)
def test_a_renderer_on_the_processor_is_no_gpu(
    renderer: str, software: bool, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gl_probe, "_probed", lambda: Probed(True, renderer))

    assert is_software(renderer) is software
    assert probe().usable is not software
    assert probe(allow_software=True).usable


@pytest.fixture
def windows(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.delenv(VARIABLE, raising=False)
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    made: list[MainWindow] = []

    def make(draw_with: str = "") -> MainWindow:
        made.append(MainWindow(FakeStudio(), settings, draw_with))
        qtbot.addWidget(made[-1])
        return made[-1]

    yield make
    for window in made:
        window.viewport.release()


def test_the_choice_is_remembered_and_the_command_line_stands_above_it(
    windows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = windows()
    assert first.surfaces.choice is Choice.AUTOMATIC
    first.actions_table["view.draw_raster"].trigger()

    again = windows()
    assert again.surfaces.choice is Choice.RASTER
    assert again.actions_table["view.draw_raster"].isChecked()
    assert windows("auto").surfaces.choice is Choice.AUTOMATIC
    monkeypatch.setenv(VARIABLE, "gl")
    assert windows().surfaces.choice is Choice.GPU
    assert windows("raster").surfaces.choice is Choice.RASTER
    monkeypatch.setenv(VARIABLE, "teapot")
    assert windows().surfaces.choice is Choice.RASTER
    assert again._settings.value(SETTING) == "raster"


def test_a_gpu_that_took_the_program_with_it_is_not_tried_again_by_itself(
    windows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its driver crashed: `trying` was written down, and nothing took it back."""
    asked: list[bool] = []
    monkeypatch.setattr(surface_choice, "probe", lambda **how: asked.append(True) or Probed(False, "GPU", "no"))
    first = windows()
    assert asked == [True]
    first.viewport.easel.trying.emit(True)

    second = windows()
    assert asked == [True]
    assert "ended the program" in second.status.path.toolTip()

    second.actions_table["view.draw_auto"].trigger()
    assert asked == [True, True]
    windows()
    assert asked == [True, True, True]


def test_the_status_bar_names_what_draws_and_why(windows: Any) -> None:
    window = windows("gl")

    assert window.status.path.text() == "Raster"
    assert "offscreen" in window.status.path.toolTip()
    window.viewport.easel.changed.emit("GPU: Some Card")
    assert window.status.path.text() == "GPU"
    window.viewport.easel.changed.emit("GPU: llvmpipe (LLVM 15.0.6, 256 bits)")
    assert window.status.path.text() == "OpenGL"
