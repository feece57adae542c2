"""Looking at other layers of the plate's files: pictures come, nothing is edited, and matting one is one step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from app.loop import Loop
from app.recent import Recent
from app.studio import PenumbraStudio
from core.commands import AddLayer, AddPrompt
from core.layer import EMPTY_MATTE, Layer
from core.plate_layers import AS_MATTED, Shown
from core.project_file import Project
from core.prompts import Click
from tests.app.conftest import Desk
from tests.app.fake_engine import FakeEngine

DEPTH = Shown("depth", "", "", "")


def write_frame(path: Path, frame: int) -> None:
    """A part of color and one of depth; depth is the frame's number."""
    color = {name: np.full((8, 12), 0.5, np.float16) for name in "RGB"}
    parts = [
        OpenEXR.Part({}, color, "rgba"),
        OpenEXR.Part({}, {"Z": np.full((8, 12), frame, np.float32)}, "depth"),
    ]
    with OpenEXR.File(parts) as file:
        file.write(str(path))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Desk]:
    """A desk with a plate of two parts."""
    folder = tmp_path / "plates"
    folder.mkdir()
    for frame in (1001, 1002, 1003):
        write_frame(folder / f"s.{frame}.exr", frame)
    engine, loop = FakeEngine(), Loop()
    project = Project.create(tmp_path / "work.penumbra")
    studio = PenumbraStudio(engine, loop.post, project, Recent(tmp_path / "recent.json"))
    studio.open(folder / "s.####.exr")
    loop.wait(lambda: bool(studio.plate_choices().lines), timeout_s=20)
    studio.document.do(AddLayer(Layer("hero", "Hero")))
    yield Desk(studio, engine, loop, folder / "s.####.exr", tmp_path)
    studio.close()


def test_another_layer_comes_without_an_edit(shelf: Desk) -> None:
    """Depth is seen; the shot, and so every key of a matte, is what it was."""
    studio = shelf.studio
    came: list[tuple[Shown, int]] = []
    studio.looking.picture_ready.connect(came.append)
    studio.document.do(AddPrompt("hero", 1002, Click(4, 4), EMPTY_MATTE))
    shelf.settle()
    before, steps = studio.shown_key("hero", 1002), studio.document.steps

    assert studio.looking.picture(DEPTH, 1002) is None
    shelf.until(lambda: (DEPTH, 1002) in came)
    depth = studio.looking.picture(DEPTH, 1002)

    assert depth is not None
    assert depth.is_data
    assert float(depth.rgba[0, 0, 0]) == 1002
    assert (studio.shown_key("hero", 1002), studio.document.steps) == (before, steps)


def test_going_back_to_the_plate_gives_the_memory_back(shelf: Desk) -> None:
    studio = shelf.studio
    shelf.until(lambda: studio.looking.picture(DEPTH, 1001) is not None)

    studio.looking.stop()

    assert studio.looking._cache.nbytes == 0
    shelf.until(lambda: studio.looking.picture(DEPTH, 1001) is not None)


def test_what_is_not_in_the_files_is_said(shelf: Desk) -> None:
    studio = shelf.studio
    wrong = Shown("depth", "", "", "Q")

    studio.looking.picture(wrong, 1001)
    shelf.until(lambda: bool(studio.looking.error(wrong, 1001)))

    assert "there is no channel 'Q'" in studio.looking.error(wrong, 1001)


def test_the_values_in_the_file(shelf: Desk) -> None:
    """They come once a frame, from a worker, as they are."""
    studio = shelf.studio
    came: list[tuple[Shown, int]] = []
    studio.looking.stored_ready.connect(came.append)

    assert studio.looking.stored(AS_MATTED, 1001) is None
    shelf.until(lambda: bool(came))
    stored = studio.looking.stored(AS_MATTED, 1001)

    assert came == [(AS_MATTED, 1001)]
    assert stored is not None
    assert {name: float(values[0, 0]) for name, values in stored.channels.items()} == {"R": 0.5, "G": 0.5, "B": 0.5}


def test_matting_what_is_looked_at_is_one_step_and_has_the_same_line(shelf: Desk) -> None:
    """`reading_of` is what `read_plate_as` wants; afterwards the line is the one that is matted, and undo goes back."""
    studio = shelf.studio
    plate, choices = studio.document.shot.plate, studio.plate_choices()
    assert plate is not None
    line, steps = choices.lines[1], studio.document.steps

    studio.read_plate_as(*choices.reading_of(plate, line))
    shelf.until(lambda: studio.document.steps == steps + 1)
    now = studio.document.shot.plate
    assert now is not None
    studio.document.undo()

    assert choices.line(now, AS_MATTED) == line
    assert studio.document.shot.plate == plate


def test_playing_leaves_no_queue_of_values_behind(shelf: Desk) -> None:
    """Frames that were passed while one was read are forgotten, all but the newest."""
    studio = shelf.studio
    came: list[tuple[Shown, int]] = []
    studio.looking.stored_ready.connect(came.append)

    for frame in (1001, 1002, 1003):
        studio.looking.stored(AS_MATTED, frame)
    shelf.until(lambda: (AS_MATTED, 1003) in came)

    assert came == [(AS_MATTED, 1001), (AS_MATTED, 1003)]
