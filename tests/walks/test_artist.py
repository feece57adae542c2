"""Acceptance: a scripted artist drives the real window with a real engine, from an empty window to written EXR.

With PENUMBRA_SCREENSHOTS=docs/images the walk plays on the whole sample shot and keeps its screenshots.
"""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.sample_shot import SampleShot
from core.commands import ChooseModels, UseAdapter
from core.delivery import ExportPlan
from core.exr import read_channels, read_header
from core.jobs import JobState
from core.layer import Adapter, ModelChoice
from tests.walks.conftest import FULL_SIZE, Artist
from tests.walks.plates import centre_of
from widgets.view_state import Compare, Source, SourceKind

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
TEACH_S = 45.0 if FULL_SIZE else 6.0
PATIENCE_S = TEACH_S * 4 + 60


def truth(sample: SampleShot, frame: int) -> np.ndarray:
    return read_channels(sample.matte(frame))["A"].astype(np.float32)


def error_spot(matte: np.ndarray, wanted: np.ndarray) -> tuple[tuple[float, float], bool, float]:
    """The middle of the thickest error, whether the matte lacks something there, and how far it reaches in px."""
    lacking, too_much = (wanted > 0.5) & (matte < 0.5), (wanted < 0.5) & (matte >= 0.5)
    adds = depth(lacking) >= depth(too_much)
    where = lacking if adds else too_much
    return centre_of(where), adds, depth(where)


def depth(mask: np.ndarray) -> float:
    """The radius of the largest disc inside."""
    return float(cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5).max())


def shown(artist: Artist, frame: int) -> np.ndarray:
    matte, _ = artist.studio.matte(artist.layer_id, frame)
    assert matte is not None
    return matte.over(artist.studio.document.shot.plate.canvas)


def click_until_good(artist: Artist, frame: int, wanted: np.ndarray, most: int) -> None:
    artist.click(*centre_of(wanted > 0.9))
    artist.settle()
    for _ in range(most - 1):
        place, adds, _ = error_spot(shown(artist, frame), wanted)
        artist.click(*place, LEFT if adds else RIGHT)
        artist.settle()


def paint_over(artist: Artist, frame: int, wanted: np.ndarray, strokes: int) -> None:
    """Short strokes over the thickest errors, with a brush as large as the error."""
    for _ in range(strokes):
        (x, y), adds, reach = error_spot(shown(artist, frame), wanted)
        artist.window.viewport.set_brush(radius_px=max(2.0, reach * 1.1), hardness=0.8)
        artist.drag(LEFT if adds else RIGHT, (x - 1, y), (x, y), (x + 1, y))


@pytest.mark.timeout(600)
def test_the_main_job_in_the_window(artist: Artist, sample: SampleShot) -> None:
    """Open, click, paint, undo ten, redo ten, propagate, correct, teach, compare, export; then the project again."""
    window, studio = artist.window, artist.studio
    first, last = sample.frames.first, sample.frames.last
    artist.shot("start")

    # Open: the plate is on screen under its own frame numbers.
    studio.open(sample.plate_pattern)
    artist.until(lambda: studio.document.shot.plate is not None and studio.picture(first) is not None)
    assert window.view.look.frame == first
    assert studio.document.shot.range == sample.frames
    artist.shot("opened")

    # Click: the first one makes the layer; the matte lies where the fox is.
    wanted = truth(sample, first)
    click_until_good(artist, first, wanted, 12 if FULL_SIZE else 6)
    clicked = shown(artist, first)
    assert clicked[wanted > 0.9].mean() > clicked[wanted < 0.1].mean() + 0.3
    artist.shot("clicked")

    # Paint: ten strokes, ten steps; undo ten and redo ten give the same pixels.
    artist.act("tool.brush")
    before = shown(artist, first)
    steps = studio.document.steps
    paint_over(artist, first, wanted, 10)
    painted = shown(artist, first)
    assert studio.document.steps == steps + 10
    assert np.abs(painted - wanted).mean() < np.abs(before - wanted).mean()
    for _ in range(10):
        artist.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_array_equal(shown(artist, first), before)
    for _ in range(10):
        artist.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    np.testing.assert_array_equal(shown(artist, first), painted)
    artist.shot("painted")

    paint_over(artist, first, wanted, 60 if FULL_SIZE else 0)
    painted = shown(artist, first)

    # Propagate: every frame of the range has a fresh matte.
    artist.act("matte.propagate")
    artist.settle()
    assert studio.freshness(artist.layer_id).fresh == frozenset(sample.frames)
    assert [job.state for job in studio.jobs() if job.kind == "propagate"][-1] is JobState.DONE
    artist.shot("propagated")

    # Correct: a later frame becomes a key frame, its neighbours are renewed by themselves.
    middle = (first + last) // 2
    artist.go_to(middle)
    wanted_there = truth(sample, middle)
    paint_over(artist, middle, wanted_there, 60 if FULL_SIZE else 12)
    corrected = shown(artist, middle)
    artist.until(lambda: studio.freshness(artist.layer_id).fresh == frozenset(sample.frames), 120)
    artist.settle()
    assert set(studio.document.shot.layer(artist.layer_id).key_frames) == {first, middle}
    np.testing.assert_array_equal(shown(artist, middle), corrected)
    artist.shot("corrected")

    # Teach: curves while it learns, figures at the end; the artist uses it, and what was painted stays.
    offers = []
    studio.teach_offered.connect(offers.append)
    untaught = shown(artist, last)
    layer = studio.document.shot.layer(artist.layer_id)
    studio.teach(artist.layer_id, {"seconds": TEACH_S, "clock": "patient"})
    window.docks["Teach"].raise_()
    artist.until(
        lambda: any(job.kind == "teach" and (job.progress > 0.4 or job.state.ended) for job in studio.jobs()),
        PATIENCE_S,
    )
    artist.shot("teaching")
    artist.until(lambda: bool(offers), PATIENCE_S)
    artist.shot("taught")
    (window.teach.card.use if offers[0].improved else window.teach.card.keep).click()
    if not offers[0].improved:
        # The small walk teaches a few seconds only; what follows wants a taught layer all the same.
        studio.document.do(UseAdapter(artist.layer_id, Adapter(offers[0].asset, offers[0].name, "propagate")))
    artist.until(lambda: studio.freshness(artist.layer_id).fresh == frozenset(sample.frames), 180)
    artist.settle()
    np.testing.assert_array_equal(shown(artist, middle), corrected)
    np.testing.assert_array_equal(shown(artist, first), painted)
    assert not np.array_equal(shown(artist, last), untaught)

    # Compare: before and after Teach, across a wipe and side by side.
    artist.go_to(last - 1)
    take = studio.takes(artist.layer_id)[-1]
    window.view.set(a=Source(SourceKind.TAKE, take.id), b=Source(SourceKind.MATTE), compare=Compare.WIPE)
    artist.shot("wipe")
    window.view.set(compare=Compare.SIDE_BY_SIDE)
    artist.shot("side_by_side")
    window.view.set(a=Source(SourceKind.COMP), compare=Compare.SINGLE)
    artist.shot("comp")
    window.view.set(a=Source(SourceKind.PLATE))

    # Refine and export: the frames of the plate, its numbers, its windows.
    studio.document.do(ChooseModels(artist.layer_id, layer.segment, layer.propagate, ModelChoice("refine")))
    studio.refine(artist.layer_id)
    artist.settle(300)
    artist.shot("refined")
    reports = []
    studio.exported.connect(reports.append)
    out = artist.folder / "out" / "fox.####.exr"
    studio.export(ExportPlan(str(out), (artist.layer_id,), sample.frames))
    artist.until(lambda: bool(reports), 120)
    for frame in sample.frames:
        path = out.with_name(f"fox.{frame}.exr")
        part = read_header(path).parts[0]
        assert [channel.name for channel in part.channels] == ["A"]
        delivered, _ = studio.matte(artist.layer_id, frame)
        assert delivered is not None
        np.testing.assert_array_equal(read_channels(path)["A"], delivered.half().over(part.data_window))

    # Save, and open again: the same mattes without asking the engine.
    project = artist.folder / "fox.penumbra"
    studio.saving.save_as(project)
    assert not studio.saving.unsaved
    assert studio.saving.path == project
    artist.shot("saved")
