"""Select like this on all frames: proposals where the thing looks the same, and nothing of the artist's is touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.loop import Loop
from app.recent import Recent
from app.studio import PenumbraStudio
from core.commands import AddCorrection, AddLayer, AddPrompt
from core.errors import FrameError
from core.exr import write_exr
from core.geometry import Format, Window
from core.jobs import JobState
from core.layer import EMPTY_MATTE, Layer
from core.picture import Picture
from core.project_file import Project
from core.prompts import Box, Click, Stroke, StrokePoint
from core.take import TakeKind
from tests.app.conftest import Desk
from tests.app.fake_engine import FakeEngine, refused

WINDOW = Window(0, 0, 160, 90)
PLACES = {1001: (40, 45), 1002: (120, 30), 1003: None, 1004: (90, 60), 1005: (30, 30)}
"""Where the orange disc is; it jumps, and on frame 1003 it is gone."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "plates"
    folder.mkdir()
    noise = np.random.default_rng(1).uniform(0.05, 0.25, (*WINDOW.shape, 3)).astype(np.float32)
    for frame, place in PLACES.items():
        rgb = noise * np.array([0.7, 1.0, 0.8], np.float32)
        if place is not None:
            cv2.circle(rgb, place, 8, (0.7, 0.3, 0.05), -1)
        channels = {name: np.ascontiguousarray(rgb[..., at], np.float16) for at, name in enumerate("RGB")}
        write_exr(folder / f"plate.{frame}.exr", channels, data_window=WINDOW, format=Format(WINDOW), attributes={})
    engine, loop = FakeEngine(), Loop()
    project = Project.create(tmp_path / "work.penumbra")
    studio = PenumbraStudio(engine, loop.post, project, Recent(tmp_path / "recent.json"))
    studio.open(folder / "plate.####.exr")
    loop.wait(lambda: studio.document.shot.plate is not None, timeout_s=20)
    studio.document.do(AddLayer(Layer("hero", "Hero")))
    studio.look_at(1001)
    made = Desk(studio, engine, loop, folder, tmp_path)
    studio.document.do(AddPrompt("hero", 1001, Click(40.5, 45.5), EMPTY_MATTE))  # the fake answers a disc of 8 pixels
    made.settle()
    yield made
    studio.close()


def job(desk: Desk) -> tuple[JobState, str]:
    status = [each for each in desk.studio.jobs() if each.kind == "like"][-1]
    return status.state, status.message


def search(desk: Desk, frame: int = 1001) -> None:
    desk.studio.like.select("hero", frame)
    desk.until(lambda: job(desk)[0].ended)


def test_it_is_proposed_where_it_looks_like_it_and_nowhere_else(desk: Desk) -> None:
    """A take of the frames where the disc is, wherever it jumped; the frame without it is named. Nothing is edited."""
    said: list[str] = []
    desk.studio.message.connect(lambda message: said.append(message.text))
    steps = desk.studio.document.steps

    search(desk)

    (take,) = desk.studio.takes("hero")
    assert (take.name, take.frames, take.kind) == ("like 1001", (1002, 1004, 1005), TakeKind.LIKE)
    assert job(desk) == (JobState.DONE, "3 of 4 frames found")
    assert "Not found on 1003." in said[-1]
    assert desk.studio.document.steps == steps
    for frame in take.frames:
        place = PLACES[frame]
        assert place is not None
        matte = desk.studio.take_matte(take.id, frame)
        assert matte is not None
        assert matte.coverage[place[1], place[0]] == 1.0
        assert 0.3 < matte.confidence < 1.0
    asked = desk.engine.segments[-1].prompts
    assert isinstance(asked[0], Box)
    assert all(isinstance(prompt, Click) for prompt in asked[1:])


def test_putting_back_is_one_step_that_leaves_key_frames_alone(desk: Desk) -> None:
    """What was corrected before the putting back is law; the others become frames that nobody clicked."""
    search(desk)
    (take,) = desk.studio.takes("hero")
    stroke = Stroke((StrokePoint(100.5, 70.5),), 5.0)
    desk.studio.document.do(AddCorrection("hero", 1004, stroke, EMPTY_MATTE))
    desk.settle()
    corrected = desk.studio.matte("hero", 1004)[0]
    steps = desk.studio.document.steps

    desk.studio.taking.put_back(take.id)
    desk.settle()

    layer = desk.studio.document.shot.layer("hero")
    assert desk.studio.document.steps == steps + 1
    assert sorted(layer.key_frames) == [1001, 1002, 1004, 1005]
    assert layer.frames_by_hand == (1001, 1004)
    assert layer.key_frame(1004).correction.strokes == (stroke,)
    after = desk.studio.matte("hero", 1004)[0]
    assert corrected is not None
    assert after is not None
    np.testing.assert_array_equal(after.coverage, corrected.coverage)
    shown, fresh = desk.studio.matte("hero", 1002)
    assert fresh
    assert shown is not None
    assert shown.coverage[30, 120] == 1.0

    desk.studio.document.undo()
    assert sorted(desk.studio.document.shot.layer("hero").key_frames) == [1001, 1004]


def test_frames_with_a_key_frame_are_not_searched(desk: Desk) -> None:
    """What the artist said of a frame is not proposed again; with key frames everywhere there is nothing to do."""
    desk.studio.document.do(AddPrompt("hero", 1002, Click(120.5, 30.5), EMPTY_MATTE))
    desk.settle()
    search(desk)
    assert desk.studio.takes("hero")[-1].frames == (1004, 1005)

    said: list[str] = []
    desk.studio.message.connect(lambda message: said.append(message.text))
    for frame in (1003, 1004, 1005):
        desk.studio.document.do(AddPrompt("hero", frame, Click(3.5, 3.5), EMPTY_MATTE))
    desk.settle()
    desk.studio.like.select("hero", 1001)
    assert "every other frame has a key frame" in said[-1]


def test_without_a_matte_here_it_says_so(desk: Desk) -> None:
    """There is nothing to look for yet."""
    said: list[str] = []
    desk.studio.message.connect(lambda message: said.append(message.text))

    desk.studio.like.select("hero", 1003)

    assert "has no matte to go by" in said[-1]
    assert not [each for each in desk.studio.jobs() if each.kind == "like"]


def test_a_cancelled_search_keeps_what_it_found(desk: Desk) -> None:
    """The take has the frames that were answered before."""
    desk.engine.hold = True
    desk.studio.like.select("hero", 1001)
    desk.until(lambda: desk.engine.held == 1)
    desk.engine.release_one()
    desk.until(lambda: desk.engine.held == 1)

    desk.studio.cancel(next(each.id for each in desk.studio.jobs() if each.kind == "like"))
    desk.until(lambda: job(desk)[0].ended)

    assert job(desk)[0] is JobState.CANCELLED
    (take,) = desk.studio.takes("hero")
    assert take.frames == (1002,)


def test_a_click_comes_first(desk: Desk) -> None:
    """While it is being answered the search asks for nothing; afterwards it goes on."""
    desk.engine.hold = True
    desk.studio.document.do(AddPrompt("hero", 1003, Click(80.5, 40.5), EMPTY_MATTE))
    asked = len(desk.engine.segments)
    desk.studio.like.select("hero", 1001)
    desk.until(lambda: bool(desk.studio.like._running and desk.studio.like._running.looks))
    assert len(desk.engine.segments) == asked

    desk.engine.release()
    desk.until(lambda: job(desk)[0].ended)

    assert desk.studio.takes("hero")[-1].frames == (1002, 1004, 1005)


def test_an_engine_that_fails_ends_it_with_its_sentence(desk: Desk) -> None:
    """One reason, not one for each frame; no take."""
    said: list[str] = []
    desk.studio.message.connect(lambda message: said.append(message.text))
    desk.engine.failing = refused("is out of memory")

    search(desk)

    assert job(desk)[0] is JobState.FAILED
    assert any("is out of memory" in text for text in said)
    assert desk.studio.takes("hero") == ()


def test_a_frame_that_cannot_be_read_is_named_and_passed_over(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are found all the same."""
    loader = desk.studio.bench.loader
    assert loader is not None
    whole = loader.read

    def read(frame: int) -> Picture:
        if frame == 1004:
            raise FrameError("plate.1004.exr", why="the file ends early")
        return whole(frame)

    monkeypatch.setattr(loader, "read", read)
    said: list[str] = []
    desk.studio.message.connect(lambda message: said.append(message.text))

    search(desk)

    assert desk.studio.takes("hero")[-1].frames == (1002, 1005)
    assert "Could not be read: 1004." in said[-1]
