"""A shape is drawn, moved over time, taken back, feathered and exported: the real window on a small plate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.recent import Recent
from app.studio import PenumbraStudio
from core.delivery import ExportPlan
from core.exr import read_channels, write_exr
from core.finish_steps import Blur
from core.frames import FrameRange
from core.geometry import Format, Window
from core.project_file import Project
from core.roto.shape import Role, RotoShape
from tests.app.fake_engine import FakeEngine
from tests.walks.conftest import Artist
from widgets.application import make_application, post
from widgets.main_window import MainWindow

PLATE = Window(0, 0, 320, 180)
FRAMES = FrameRange(1001, 1005)
LEFT = Qt.MouseButton.LeftButton
CORNERS = ((60.0, 40.0), (200.0, 40.0), (200.0, 140.0), (60.0, 140.0))


@pytest.fixture
def roto(qtbot: Any, tmp_path: Path) -> Iterator[Artist]:
    """A window on five frames of a slope of grey, with an engine that is never asked."""
    (tmp_path / "plates").mkdir()
    slope = np.linspace(0.02, 0.6, PLATE.width, dtype=np.float16)[None, :].repeat(PLATE.height, 0)
    for frame in FRAMES:
        path = tmp_path / "plates" / f"plate.{frame}.exr"
        write_exr(path, dict.fromkeys("RGB", slope), data_window=PLATE, format=Format(PLATE))
    make_application()
    project = Project.create(tmp_path / "work.penumbra")
    studio = PenumbraStudio(FakeEngine(), post, project, Recent(tmp_path / "recent.json"))
    window = MainWindow(studio)
    window.resize(1280, 900)
    window.show()
    artist = Artist(window, studio, qtbot, tmp_path / "screenshots")
    studio.open(tmp_path / "plates" / "plate.####.exr")
    artist.until(lambda: studio.picture(FRAMES.first) is not None)
    yield artist
    window.files.may_leave = lambda: True  # type: ignore[method-assign]
    window.close()
    studio.close()
    window.deleteLater()
    qtbot.wait(50)


def coverage(roto: Artist, frame: int) -> Any:
    found: list[Any] = []

    def there() -> bool:
        matte, fresh = roto.studio.matte(roto.layer_id, frame)
        found[:] = [matte.float32()] if matte is not None and fresh else []
        return bool(found)

    roto.until(there)
    return found[0]


def shape(roto: Artist) -> RotoShape:
    return roto.studio.document.shot.layers[0].shapes[0]


def test_a_shape_from_the_first_point_to_the_file(roto: Artist, tmp_path: Path) -> None:
    document = roto.studio.document
    roto.act("tool.roto")
    for corner in CORNERS:
        roto.click(*corner)
    assert shape(roto).count == 4
    assert not shape(roto).closed
    roto.shot("roto-drawing")
    roto.press(Qt.Key.Key_Return)

    assert shape(roto).closed
    assert shape(roto).role is Role.ADD
    drawn = coverage(roto, 1001)
    assert drawn.sum() == pytest.approx(140 * 100, rel=1e-4)
    assert drawn[90, 100] == 1

    roto.go_to(1005)
    roto.drag(LEFT, (130, 40), (140, 43), (170, 60))  # by its outline
    roto.click(200 + 40, 40 + 20)
    assert shape(roto).frames == (1001, 1005)
    assert coverage(roto, 1005)[150, 230] == 1
    assert coverage(roto, 1003)[50 + 2, 80 + 2] == 1
    assert coverage(roto, 1003)[50 - 2, 80 + 2] == 0
    assert np.array_equal(coverage(roto, 1001), drawn)
    assert roto.studio.freshness(roto.layer_id).shape_keys == {1001, 1005}
    assert roto.studio.freshness(roto.layer_id).fresh == frozenset(FRAMES)

    steps = document.steps
    roto.drag(LEFT, (240, 60), (300, 20), release=False)
    live, _ = roto.studio.matte(roto.layer_id, 1005)
    assert live is not None
    assert live.coverage[40, 280] > 0
    roto.press(Qt.Key.Key_Escape)
    assert document.steps == steps
    assert coverage(roto, 1005)[40, 280] == 0
    roto.act("edit.undo")
    assert shape(roto).frames == (1001,)
    roto.act("edit.redo")

    row = roto.window.inspector.shapes.rows[0]
    row.changed.emit(replace(shape(roto), feather_px=8.0))
    section = roto.window.inspector.finish
    next(entry for entry in section.add.menu().actions() if entry.text() == "Blur").trigger()
    assert document.shot.layers[0].finish.steps == (Blur(2.0),)
    soft = coverage(roto, 1005)
    assert 0 < soft[56, 150] < 1
    roto.shot("roto-keyed")
    roto.shot("roto-finish", roto.window.inspector.finish)
    roto.shot("roto-shapes", roto.window.inspector.shapes)

    written: list[object] = []
    roto.studio.exported.connect(written.append)
    pattern = str(tmp_path / "out" / "hero.####.exr")
    roto.studio.export(ExportPlan(pattern, (roto.layer_id,), FRAMES))
    roto.until(lambda: bool(written))
    (read,) = read_channels(Path(pattern.replace("####", "1005"))).values()
    assert np.array_equal(read, soft.astype(np.float16))

    roto.press(Qt.Key.Key_Delete)
    assert shape(roto).count == 3
    roto.press(Qt.Key.Key_Delete)
    assert not document.shot.layers[0].shapes
    roto.act("edit.undo")
    roto.act("edit.undo")
    assert shape(roto).count == 4
