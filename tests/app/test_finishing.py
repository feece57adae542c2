"""A finish reaches all who look at or write a matte, follows every frame, and never holds up the hand."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest

import app.cli.matte
import app.finishing
from app.console import Progress
from app.headless import Headless
from core.color import ColorConfig
from core.commands import AddCorrection, AddPrompt
from core.delivery import ExportPlan
from core.exr import read_channels
from core.finish import Finish
from core.finish_commands import FinishFrame, SetFinish
from core.finishing import finished
from core.frames import FrameRange
from core.layer import EMPTY_MATTE
from core.matte import Matte
from core.plate_reader import open_plate
from core.project_file import Project
from core.prompts import Click, Stroke, StrokePoint
from tests.app.conftest import Desk, write_plate
from tests.app.fake_engine import FakeEngine

GROWN = Finish.of(grow_px=2.25)


def clicked(desk: Desk) -> None:
    """A click on the first frame, carried to the others."""
    desk.studio.document.do(AddPrompt(desk.layer, 1001, Click(30, 24), EMPTY_MATTE))
    desk.settle()
    desk.studio.propagate(desk.layer)
    desk.settle()


def plate_identity(desk: Desk) -> str:
    plate = desk.studio.document.shot.plate
    assert plate is not None
    return plate.identity


def shown(desk: Desk, frame: int) -> Matte:
    matte, _ = desk.studio.matte(desk.layer, frame)
    assert matte is not None
    return matte


def awaited(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> tuple[Matte, list[tuple[str, int]]]:
    """The first frame's matte, its finish a worker's from now on, and a list of what is ready."""
    monkeypatch.setattr(app.finishing, "AT_ONCE_PIXELS", 1)
    clicked(desk)
    plain = shown(desk, 1001)
    ready: list[tuple[str, int]] = []
    desk.studio.matte_ready.connect(ready.append)
    return plain, ready


def test_one_knob_is_seen_on_every_frame_without_a_question_to_the_engine(desk: Desk) -> None:
    """All frames stay fresh, each is its own matte finished, and undo shows what was there before."""
    clicked(desk)
    before = {frame: shown(desk, frame) for frame in (1001, 1004)}
    asked = len(desk.engine.jobs)

    desk.studio.document.do(SetFinish(desk.layer, GROWN))

    assert desk.studio.freshness(desk.layer).fresh == frozenset(range(1001, 1007))
    for frame, matte in before.items():
        assert np.array_equal(shown(desk, frame).coverage, finished(matte, GROWN).coverage)
        assert shown(desk, frame).coverage.sum() > matte.coverage.sum()
    assert len(desk.engine.jobs) == asked
    desk.studio.document.undo()
    assert shown(desk, 1001) is before[1001]


def test_what_is_exported_is_what_is_seen(desk: Desk) -> None:
    """And only the frames of its range are finished."""
    clicked(desk)
    desk.studio.document.do(SetFinish(desk.layer, Finish.of(grow_px=1.5, inverted=True, frames=FrameRange(1002, 1003))))
    written: list[object] = []
    desk.studio.exported.connect(written.append)

    pattern = desk.folder / "out" / "hero.####.exr"
    desk.studio.export(ExportPlan(str(pattern), (desk.layer,), FrameRange(1001, 1003)))
    desk.until(lambda: bool(written))

    for frame in (1001, 1002, 1003):
        channels = read_channels(Path(str(pattern).replace("####", str(frame))))
        coverage = next(iter(channels.values()))
        assert np.array_equal(coverage, shown(desk, frame).coverage)
    assert shown(desk, 1001).coverage[0, 0] == 0
    assert shown(desk, 1002).coverage[0, 0] == 1


def test_a_new_key_frame_does_not_stand_on_a_finished_matte(desk: Desk) -> None:
    """A stroke on a grown frame is painted under the growing: it is not grown twice, now or later."""
    clicked(desk)
    plain = shown(desk, 1003)
    desk.studio.document.do(SetFinish(desk.layer, GROWN))

    stroke = Stroke((StrokePoint(5, 5),), 2)
    desk.studio.document.do(AddCorrection(desk.layer, 1003, stroke, desk.studio.shown_key(desk.layer, 1003)))
    desk.studio.document.do(SetFinish(desk.layer, Finish()))

    assert np.array_equal(shown(desk, 1003).coverage[15:], plain.coverage[15:])
    assert shown(desk, 1003).coverage[5, 5] == 1


def test_a_frame_that_is_finished_by_hand_is_the_ground_of_its_neighbours(desk: Desk) -> None:
    """It is a key frame: those beside it go stale and are propagated from it, and it survives."""
    clicked(desk)
    plain = shown(desk, 1004)

    desk.studio.document.do(
        FinishFrame(desk.layer, 1004, Finish.of(inverted=True), desk.studio.shown_key(desk.layer, 1004))
    )
    assert 1003 in desk.studio.freshness(desk.layer).stale
    desk.studio.propagate(desk.layer)
    desk.settle()

    assert np.array_equal(shown(desk, 1004).float32(), 1 - plain.float32())
    assert desk.studio.freshness(desk.layer).fresh == frozenset(range(1001, 1007))


def test_a_finish_is_tried_on_without_an_edit(desk: Desk) -> None:
    """While a knob is turned the picture follows; the shot and what would be exported do not."""
    clicked(desk)
    plain = shown(desk, 1001)
    ready: list[tuple[str, int]] = []
    desk.studio.matte_ready.connect(ready.append)
    steps = desk.studio.document.steps

    desk.studio.finishing.try_on(desk.layer, GROWN)
    assert ready == [(desk.layer, 1001)]
    assert shown(desk, 1001).coverage.sum() > plain.coverage.sum()
    layer = desk.studio.document.shot.layer(desk.layer)
    assert desk.studio.bench.mattes.delivered(layer, 1001) is plain

    desk.studio.finishing.try_on(desk.layer, None)
    assert shown(desk, 1001) is plain
    assert desk.studio.document.steps == steps


def test_a_large_matte_is_finished_by_a_worker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it is there, what was shown here before stays; what is asked for meanwhile comes after it."""
    plain, ready = awaited(desk, monkeypatch)

    desk.studio.document.do(SetFinish(desk.layer, GROWN))
    ready.clear()
    matte, fresh = desk.studio.matte(desk.layer, 1001)
    assert matte is plain
    assert not fresh

    desk.until(lambda: bool(ready))
    matte, fresh = desk.studio.matte(desk.layer, 1001)
    assert fresh
    assert matte is not None
    assert np.array_equal(matte.coverage, finished(plain, GROWN).coverage)


def test_what_could_not_be_finished_is_tried_again_on_the_worker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it is made from was not to be had; when it is, the hand does not wait for the finish."""
    plain, ready = awaited(desk, monkeypatch)
    with monkeypatch.context() as away:
        away.setattr(type(desk.studio.bench.mattes), "fetch", lambda *_: None)
        away.setattr(type(desk.studio.bench.mattes.store), "at_hand", lambda *_: False)
        desk.studio.document.do(SetFinish(desk.layer, GROWN))
        ready.clear()
        desk.studio.matte(desk.layer, 1001)
        desk.until(lambda: bool(ready))

    ready.clear()
    _, fresh = desk.studio.matte(desk.layer, 1001)
    assert not fresh
    desk.until(lambda: bool(ready))
    matte, fresh = desk.studio.matte(desk.layer, 1001)
    assert fresh
    assert matte is not None
    assert np.array_equal(matte.coverage, finished(plain, GROWN).coverage)


def test_play_finds_finished_mattes_ready(desk: Desk) -> None:
    """A frame is not at hand before its matte is finished, and a worker finishes it."""
    clicked(desk)
    desk.studio.document.do(SetFinish(desk.layer, GROWN))
    key = desk.studio.document.shot.layer(desk.layer).delivered_key(plate_identity(desk), 1005)
    came: list[int] = []
    desk.studio.mattes_ahead.came.connect(came.append)

    assert not desk.studio.mattes_ahead.at_hand(1005)
    desk.until(lambda: came == [1005])

    assert desk.studio.mattes_ahead.at_hand(1005)
    assert desk.studio.bench.mattes.store.at_hand(key)


def test_a_finish_survives_saving_and_opening(desk: Desk, tmp_path: Path) -> None:
    """The same matte, to the last bit, in the next session."""
    clicked(desk)
    desk.studio.document.do(SetFinish(desk.layer, GROWN))
    key = desk.studio.bench.mattes.standing(desk.layer, 1002).key
    coverage = shown(desk, 1002).coverage
    path = tmp_path / "kept.penumbra"
    desk.studio.saving.save_as(path)
    desk.studio.close()

    again = Project.open(path)
    assert again.shot.layer(desk.layer).finish == GROWN
    matte = again.store.get(key)
    assert matte is not None
    assert np.array_equal(matte.coverage, coverage)
    again.close()


def test_the_command_line_finishes_what_it_writes(tmp_path: Path) -> None:
    """`penumbra matte --grow 1.5 --invert`: the same knobs; less than nothing is refused."""
    parser = argparse.ArgumentParser()
    app.cli.matte.describe(parser)
    words = ["plate.exr", "-o", "out.exr", "--click", "1001:30,24", "--grow", "-1.5", "--fill-holes", "40", "--invert"]
    arguments = parser.parse_args(words)
    assert (arguments.grow, arguments.fill_holes, arguments.remove_specks) == (-1.5, 40, 0)
    with pytest.raises(SystemExit):
        parser.parse_args([*words, "--remove-specks", "-3"])

    plate = open_plate(write_plate(tmp_path), ColorConfig.load())
    with Headless(FakeEngine(), plate, "", plate.frames, "hero", Progress(quiet=True)) as work:
        plain = work.prompt(1001, Click(30, 24))
        work.finish(Finish.of(grow_px=-1.5, inverted=True))
        finished_matte = work.matte(1001)
    assert np.array_equal(finished_matte.coverage, finished(plain, Finish.of(grow_px=-1.5, inverted=True)).coverage)
