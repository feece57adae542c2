"""What the GPU surface must show, on a platform that has OpenGL. Run by `test_viewport_gl.py` in a process with a
display of its own; not collected by itself, because Qt's offscreen platform has no OpenGL.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.color import DEFAULT_CONFIG, ColorConfig
from core.geometry import Window
from tests.widgets.eye import PLAIN, apart, eyes
from tests.widgets.plates import DISPLAY, VIEWS, photograph, plate_pixels
from widgets.tools.toolbox import toolbox
from widgets.view_state import Backdrop, Channel, Compare, MatteStyle, Source, SourceKind
from widgets.viewport import gl_renderer, gl_textures
from widgets.viewport.gl_probe import is_software, probe

__all__ = ["eyes"]

MATTE, COMP = Source(SourceKind.MATTE), Source(SourceKind.COMP)


def test_the_probe_takes_software_only_when_it_is_asked_to(qapp: QApplication) -> None:
    real, any_at_all = probe(), probe(allow_software=True)

    assert any_at_all.usable
    assert any_at_all.renderer
    assert real.usable is not is_software(any_at_all.renderer)
    assert real.usable or "processor" in real.why


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("stops", "gamma"), [(0.0, 1.0), (2.5, 1.0), (-1.0, 1.6)])
def test_it_shows_what_opencolorio_says(eyes: Any, view: str, stops: float, gamma: float) -> None:
    """Negative values, highlights and noise: never more than 2 of 255 from the exact transform."""
    rgb = plate_pixels()
    eye = eyes("gl", replace(PLAIN, view=view, exposure_stops=stops, gamma=gamma), rgb=rgb)

    found = apart(eye.plate(), eye.exact(rgb.astype(np.float16).astype(np.float32)))

    assert eye.gl.path.startswith("GPU: ")
    assert found.max() <= 2
    assert found.mean() < 0.5


def test_a_look_lies_under_the_view(eyes: Any) -> None:
    rgb = plate_pixels()
    eye = eyes("gl", replace(PLAIN, ocio_look="ACES 1.3 Reference Gamut Compression"), rgb=rgb)

    found = apart(eye.plate(), eye.exact(rgb.astype(np.float16).astype(np.float32)))

    assert found[60:].max() <= 2, "above stands the badge that names the look"


def test_a_view_made_of_a_lattice_is_shown_exactly(eyes: Any, tmp_path: Path) -> None:
    """A show's own look-up table: a .cube behind a log curve, read as a 3D texture."""
    edge = 17
    steps = np.linspace(0, 1, edge)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    warm = np.stack([red**0.9, 0.8 * green + 0.2 * red, blue**1.3], -1).reshape(-1, 3)
    lines = "\n".join(" ".join(f"{value:.6f}" for value in entry) for entry in warm)
    (tmp_path / "show.cube").write_text(f"LUT_3D_SIZE {edge}\n{lines}\n")
    config = PyOpenColorIO.Config.CreateFromFile(DEFAULT_CONFIG)
    config.setSearchPath(str(tmp_path))
    onto = PyOpenColorIO.GroupTransform()
    onto.appendTransform(PyOpenColorIO.ColorSpaceTransform("ACES2065-1", "ACEScct"))
    onto.appendTransform(PyOpenColorIO.FileTransform("show.cube", interpolation=PyOpenColorIO.INTERP_TETRAHEDRAL))
    space = PyOpenColorIO.ColorSpace(name="Show LUT")
    space.setTransform(onto, PyOpenColorIO.COLORSPACE_DIR_FROM_REFERENCE)
    config.addColorSpace(space)
    config.addDisplayView("sRGB - Display", "Show", "Show LUT")
    config.setActiveViews("Show")
    (tmp_path / "config.ocio").write_text(config.serialize())
    color = ColorConfig.load(str(tmp_path / "config.ocio"))
    rgb = plate_pixels()

    eye = eyes("gl", replace(PLAIN, view="Show"), rgb=rgb, color=color)

    assert any(table.values.ndim == 4 for table in color.display("sRGB - Display", "Show").shader().tables)
    assert apart(eye.plate(), eye.exact(rgb.astype(np.float16).astype(np.float32))).max() <= 2


def test_it_shows_a_real_plate_exactly(eyes: Any, shared_data: Path) -> None:
    """A photograph, lifted two stops."""
    rgb = photograph(shared_data)
    shown = eyes("gl", replace(PLAIN, exposure_stops=2.0, view=VIEWS[0]), rgb=rgb)

    assert apart(shown.plate(), shown.exact(rgb)).max() <= 2


SCENES = {
    "overlay": {"overlay": True},
    "edge": {"overlay": True, "matte_style": MatteStyle.EDGE},
    "matte": {"a": MATTE},
    "comp": {"a": COMP},
    "comp over a checker": {"a": COMP, "backdrop": Backdrop.CHECKER},
    "alpha of a comp": {"a": COMP, "channel": Channel.ALPHA},
    "wipe": {"compare": Compare.WIPE, "b": MATTE, "wipe_angle": 30.0, "overlay": True},
    "side by side": {"compare": Compare.SIDE_BY_SIDE, "b": COMP, "overlay": True},
    "stacked": {"compare": Compare.STACKED, "b": MATTE},
    "dissolve": {"compare": Compare.DISSOLVE, "b": COMP, "mix": 0.4, "overlay": True},
    "difference": {"compare": Compare.DIFFERENCE, "b": COMP},
    "matte difference": {"compare": Compare.MATTE_DIFFERENCE, "a": Source(SourceKind.TAKE, "before"), "b": MATTE},
    "red": {"channel": Channel.RED},
    "alpha": {"channel": Channel.ALPHA, "exposure_stops": -1.0},
    "luminance": {"channel": Channel.LUMINANCE},
    "proxy": {"proxy": 4},
    "without overscan": {"overscan": False, "overlay": True},
}


@pytest.mark.parametrize("name", SCENES)
def test_both_surfaces_draw_a_scene_alike(eyes: Any, name: str) -> None:
    """At one to one, where neither smooths: raster is baked, so a little apart in saturated colors only."""
    look = replace(PLAIN, **SCENES[name])
    rgb = np.clip(plate_pixels(), 0.02, 4.0)
    raster, gl = eyes("raster", look, rgb=rgb), eyes("gl", look, rgb=rgb)

    def alike() -> None:
        """Badges with counts may come a moment later."""
        found = apart(raster.pixels(), gl.pixels())
        assert found.mean() < 0.6
        assert np.percentile(found, 99) <= 4

    gl.qtbot.waitUntil(alike, timeout=3000)
    assert gl.gl.path.startswith("GPU: ")
    assert raster.pixels().std() > 10, "there must be something to see"


@pytest.mark.parametrize("source", [PLAIN.a, MATTE, COMP])
@pytest.mark.parametrize("overscan", [True, False])
def test_both_surfaces_know_the_windows(eyes: Any, source: Source, overscan: bool) -> None:
    """Pixels beyond the display window on two sides, none on the others."""
    data = Window(-9, -7, 230, 150)
    look = replace(PLAIN, a=source, overscan=overscan, overlay=True)
    rgb = np.random.default_rng(3).uniform(0.1, 0.5, (*data.shape, 3))
    raster, gl = eyes("raster", look, rgb=rgb, data=data), eyes("gl", look, rgb=rgb, data=data)

    assert apart(raster.pixels(), gl.pixels()).max() <= 2
    assert gl.gl.path.startswith("GPU: ")


@pytest.mark.parametrize("zoom", [0.45, 1.7, 5.0])
def test_both_surfaces_draw_the_same_place_at_any_zoom(eyes: Any, zoom: float) -> None:
    """A hard edge lies at the same pixel; between pixels the one smooths light, the other what is on screen."""
    rgb = np.full((*DISPLAY.shape, 3), 0.05, np.float32)
    rgb[30:90, 50:140] = 0.4
    raster, gl = eyes("raster", rgb=rgb, zoom=zoom), eyes("gl", rgb=rgb, zoom=zoom)

    found = apart(raster.pixels(), gl.pixels())

    assert (found > 3).mean() < 0.02
    assert found.max() < 60


def test_exposure_wipe_and_overlay_upload_nothing(eyes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    eye = eyes("gl", replace(PLAIN, compare=Compare.WIPE, b=COMP, overlay=True))
    eye.pixels()
    uploads: list[int] = []
    upload = gl_textures.upload
    for module in (gl_textures, gl_renderer):
        monkeypatch.setattr(
            module, "upload", lambda values, **how: uploads.append(values.size) or upload(values, **how)
        )

    for changes in ({"exposure_stops": 1.0}, {"gamma": 1.2}, {"wipe_x": 0.3}, {"channel": Channel.GREEN}):
        eye.view.set(**changes)
        eye.pixels()
    assert uploads == []

    eye.view.set(overlay_opacity=0.3)
    eye.pixels()
    assert uploads == [1024], "an overlay of another strength is a table of 256 colors"


def test_a_brush_uploads_and_repaints_only_what_it_touched(eyes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a stroke drawn in parts, drawing everything anew changes no pixel."""
    eye = eyes("gl", replace(PLAIN, compare=Compare.SIDE_BY_SIDE, b=COMP, overlay=True))
    eye.viewport.set_tool(toolbox()["brush"])
    eye.viewport.set_brush(radius_px=7, hardness=0.6)
    eye.drag((20.5, 20.5), (30.5, 24.5), up=False)
    eye.pixels()
    areas: list[int] = []
    patch = gl_textures.patch
    monkeypatch.setattr(gl_textures, "patch", lambda values, cells: areas.append(cells.pixels) or patch(values, cells))
    before = eye.kept()
    for step in range(1, 5):
        eye.mouse(QEvent.Type.MouseMove, eye.viewport.projection.to_view(30.5 + 6 * step, 24.5 + 3 * step))
        eye.qtbot.wait(30)
    in_parts = eye.kept()

    assert areas
    assert max(areas) < DISPLAY.pixels / 10
    assert apart(before, in_parts).max() > 30
    assert apart(in_parts, eye.pixels()).max() <= 1
    eye.viewport.cancel_gesture()
    assert apart(eye.pixels(), before).max() > 30


def test_textures_stay_within_their_budget(eyes: Any) -> None:
    eye = eyes("gl")
    renderer = eye.gl._renderer
    assert renderer is not None
    one = renderer.textures.nbytes
    assert one >= DISPLAY.pixels * 8
    renderer.textures.budget_bytes = int(one * 1.5)

    for frame in (1002, 1003, 1001, 1002, 1003):
        eye.view.set(frame=frame)
        eye.pixels()
    eye.pixels()

    assert renderer.textures.nbytes <= one * 2
    assert apart(eye.plate(), eye.exact(plate_pixels().astype(np.float16).astype(np.float32))).max() <= 2


def test_another_window_and_so_another_context_shows_the_same(eyes: Any, qtbot: QtBot) -> None:
    eye = eyes("gl")
    before = eye.plate()
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(eye.viewport.size())
    eye.viewport.setParent(window)
    eye.viewport.show()
    window.show()
    qtbot.waitExposed(window)

    assert eye.gl.path.startswith("GPU: ")
    assert apart(eye.plate(), before).max() == 0
    eye.viewport.setParent(None)


def test_a_gpu_that_fails_in_the_middle_of_a_stroke_costs_nothing(eyes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Raster takes its place, says so once, and the stroke under the hand becomes its command."""
    eye = eyes("gl", replace(PLAIN, overlay=True))
    eye.viewport.set_tool(toolbox()["brush"])
    eye.viewport.set_brush(radius_px=8, hardness=1.0)
    steps = eye.studio.document.steps
    eye.drag((20.5, 20.5), (40.5, 20.5), up=False)

    def broken(*_: object) -> None:
        raise RuntimeError("the GPU fell off the bus\nand rolled away")

    monkeypatch.setattr(gl_renderer.GLRenderer, "_draw_graded", broken)
    eye.mouse(QEvent.Type.MouseMove, eye.viewport.projection.to_view(60.5, 20.5))
    eye.qtbot.waitUntil(lambda: eye.viewport.surface.path == "Raster")
    eye.mouse(QEvent.Type.MouseMove, eye.viewport.projection.to_view(80.5, 20.5))
    painted = eye.plate()[20, 70].astype(int)
    eye.mouse(QEvent.Type.MouseButtonRelease, eye.viewport.projection.to_view(80.5, 20.5))

    assert eye.studio.document.steps == steps + 1
    assert painted[0] > eye.exact(plate_pixels()[20, 70])[0].astype(int) - 40
    assert len(eye.said) == 1
    assert "fell off the bus and rolled away" in eye.said[0]

    monkeypatch.undo()
    eye.viewport.easel.use("gl")
    eye.pixels()
    assert eye.gl.path.startswith("GPU: ")


def test_a_shader_that_does_not_compile_is_a_sentence(eyes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gl_renderer, "picture_shader", lambda text: "#version 330 core\nvoid main() { nonsense }")
    eye = eyes("gl")
    eye.qtbot.waitUntil(lambda: eye.viewport.surface.path == "Raster")

    assert "does not compile" in eye.said[0]
    assert eye.plate().std() > 10
