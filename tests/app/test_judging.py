"""The judge of frames: measures on a worker, keeps by key, tells what is worth a look, and stops when it is told to."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import app.measuring
from app.judging import Judging
from core.arrays import Float32
from core.color import ColorConfig
from core.commands import AddLayer, AddPrompt, RemoveLayer
from core.error_removed import ErrorRemoved
from core.exr import write_exr
from core.frame_motion import Motion
from core.frames import FrameNumber, FrameRange
from core.geometry import Format, Window
from core.layer import EMPTY_MATTE, Correction, KeyFrame, Layer
from core.matte import Matte
from core.matte_facts import SmallMatte, Step, step
from core.prompts import Click
from tests.app.conftest import Desk
from widgets.judging import WorstFrame

WINDOW = Window(0, 0, 64, 48)
FRAMES = FrameRange(1001, 1006)


def disc(radius: float = 12.0) -> Float32:
    y, x = np.mgrid[:48, :64].astype(np.float32) + 0.5
    return np.asarray(np.clip(radius + 0.5 - np.hypot(x - 30, y - 24), 0, 1), np.float32)


def settled(desk: Desk) -> Judging:
    """A layer with key frames at both ends and a matte everywhere, one of them far too small, judged."""
    studio = desk.studio
    key = KeyFrame(prompts=(Click(30.0, 24.0, adds=True),))
    studio.document.do(AddLayer(Layer("cup", "Cup", key_frames={1001: key, 1006: key})))
    for frame in FRAMES:
        put(desk, frame, disc(6.0) if frame == 1004 else disc())
    studio.judging.judge("cup", 1001)
    desk.until(lambda: studio.judging.progress("cup") == (6, 6))
    return studio.judging


def put(desk: Desk, frame: FrameNumber, coverage: Float32) -> None:
    studio = desk.studio
    plate = studio.document.shot.plate
    assert plate is not None
    key = studio.document.shot.layer("cup").matte_key(plate.identity, frame)
    studio.bench.mattes.arrived("cup", frame, key, Matte(WINDOW, coverage, confidence=0.8))


def test_the_frame_that_is_wrong_is_offered_first(desk: Desk) -> None:
    """Six frames, the disc of 1004 has half the radius: a quarter of the area of its neighbours."""
    judging = settled(desk)

    first = judging.queue("cup")[0]

    assert first.frame == 1004
    assert "area drops by 7" in first.reason
    assert sorted(judging.facts("cup")) == list(FRAMES)
    assert judging.facts("cup")[1004].area == pytest.approx(np.pi * 36 / (64 * 48), rel=0.05)


def test_what_was_measured_is_kept_by_key(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking again measures nothing; a new matte in one frame measures the two steps beside it and no other."""
    judging = settled(desk)
    steps: list[float] = []

    def counted(here: SmallMatte, there: SmallMatte, moved: Motion) -> Step:
        steps.append(1.0)
        return step(here, there, moved)

    monkeypatch.setattr(app.measuring, "step", counted)
    judging._running.clear()
    judging.judge("cup", 1003)
    said: list[str] = []
    judging.changed.connect(said.append)
    desk.until(lambda: bool(said))
    again = len(steps)

    layer = desk.studio.document.shot.layer("cup")
    changed = layer.with_key_frame(1006, KeyFrame(prompts=(Click(31.0, 24.0, adds=True),)))
    desk.studio.document.do(RemoveLayer("cup"))
    desk.studio.document.do(AddLayer(changed))
    judging.judge("cup", 1001)
    put(desk, 1006, disc())
    judging.judge("cup", 1001)
    desk.until(lambda: 1006 in judging.facts("cup") and judging.facts("cup")[1006].measured)

    assert again == 0
    assert len(steps) <= 2


def test_an_undone_edit_finds_its_facts_again(desk: Desk) -> None:
    """The layer is removed and comes back by undo: everything is known at once when it is judged again."""
    judging = settled(desk)
    before = dict(judging.facts("cup"))

    desk.studio.document.do(RemoveLayer("cup"))
    gone = dict(judging.facts("cup"))
    desk.studio.document.undo()
    judging.judge("cup", 1001)
    desk.until(lambda: bool(judging.facts("cup")))

    assert gone == {}
    assert dict(judging.facts("cup")) == before


def test_a_matte_that_arrives_is_judged_by_itself(desk: Desk) -> None:
    """`matte_ready` after `judge` is enough: nobody has to ask again."""
    judging = settled(desk)
    key = KeyFrame(prompts=(Click(30.0, 24.0, adds=True),), correction=Correction())
    desk.studio.document.do(RemoveLayer("cup"))
    desk.studio.document.do(AddLayer(Layer("cup", "Cup", key_frames={1001: key})))
    judging.judge("cup", 1001)

    put(desk, 1002, disc(9.0))
    desk.studio.matte_ready.emit(("cup", 1002))
    desk.until(lambda: 1002 in judging.facts("cup"))

    assert judging.facts("cup")[1002].key_distance == 1


def test_heat_is_computed_once_and_lies_at_the_edge(desk: Desk) -> None:
    """The small disc of 1004 against its larger neighbours: hot in the ring between the radii, cold in the middle."""
    judging = settled(desk)

    at_first = judging.chatter("cup", 1004)
    desk.until(lambda: judging.chatter("cup", 1004) is not None)
    heat = judging.chatter("cup", 1004)

    assert at_first is None
    assert heat is not None
    assert heat.window == WINDOW
    assert heat.values[24, 39] > 200
    assert heat.values[24, 30] < 20
    assert judging.chatter("cup", 1004) is heat
    assert judging.chatter("nobody", 1004) is None


def test_the_sheet_shows_the_worst_and_is_written(desk: Desk) -> None:
    judging = settled(desk)
    found: list[WorstFrame] = []
    color = ColorConfig.load()
    transform = color.display(color.default_display, color.default_view)

    judging.sheet("cup", 2, transform, found.extend)
    desk.until(lambda: len(found) == 2)
    path = desk.folder / "worst.png"
    judging.save_sheet("cup", found, path)
    desk.until(path.exists)

    assert found[0].look.frame == 1004
    sheet = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    assert sheet is not None
    assert sheet.shape[1] > 2 * found[0].picture.shape[1]


def test_closing_ends_the_work(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The studio is closed at the first frame: no other frame is looked at, and nothing is said any more."""
    looked: list[int] = []
    judging = desk.studio.judging

    def look(_case: object, frame: int) -> None:
        looked.append(frame)
        judging._tickets["cup"] += 1  # as `close` does, from the other thread, while this frame is measured

    monkeypatch.setattr(judging._measuring, "look", look)
    key = KeyFrame(prompts=(Click(30.0, 24.0, adds=True),))
    desk.studio.document.do(AddLayer(Layer("cup", "Cup", key_frames={1001: key, 1006: key})))
    for frame in FRAMES:
        put(desk, frame, disc())
    judging.judge("cup", 1001)
    said: list[str] = []
    judging.changed.connect(said.append)
    desk.studio.close()

    assert len(looked) <= 1
    assert said == []


def test_frames_without_a_picture_are_judged_by_what_is_left(desk: Desk) -> None:
    """1003 is gone from the disk: its area is known, its motion is not, and no error reaches the artist."""
    desk.plate.with_name("plate.1003.exr").unlink()
    desk.studio.bench._cache.clear()
    studio = desk.studio
    key = KeyFrame(prompts=(Click(30.0, 24.0, adds=True),))
    studio.document.do(AddLayer(Layer("cup", "Cup", key_frames={1001: key})))
    for frame in FRAMES:
        put(desk, frame, disc())
    studio.judging.judge("cup", 1001)

    desk.until(lambda: studio.judging.progress("cup")[0] >= 4)

    facts = studio.judging.facts("cup")
    assert facts[1003].area > 0
    assert facts[1005].measured


def test_a_textured_plate_is_read(desk: Desk) -> None:
    """A plate with a data window smaller than the canvas is judged over the canvas."""
    folder = desk.folder / "crop"
    folder.mkdir()
    grey = np.full((24, 32), 0.2, np.float16)
    for frame in FRAMES:
        write_exr(
            folder / f"crop.{frame}.exr",
            {"R": grey, "G": grey, "B": grey},
            data_window=Window(10, 10, 42, 34),
            format=Format(WINDOW),
            attributes={},
        )
    desk.studio.open(folder / "crop.####.exr")
    desk.until(lambda: (plate := desk.studio.document.shot.plate) is not None and plate.name.startswith("crop"))

    judging = settled(desk)

    assert judging.queue("cup")[0].frame == 1004


def test_nothing_is_measured_while_frames_play(desk: Desk) -> None:
    judging = settled(desk)
    layer = desk.studio.document.shot.layer("cup")
    judging.pause(paused=True)
    desk.studio.document.do(RemoveLayer("cup"))
    desk.studio.document.do(AddLayer(layer))

    judging.judge("cup", 1001)
    paused = dict(judging.facts("cup"))
    judging.pause(paused=False)
    desk.until(lambda: judging.progress("cup") == (6, 6))

    assert paused == {}


def test_what_a_correction_takes_away(desk: Desk) -> None:
    """1004 is corrected, the frames beside it come anew: the error of those before and after; undo forgets it."""
    judging, studio = settled(desk), desk.studio
    assert judging.removed("cup") is None
    assert judging.suggestions("cup")[0].frame in range(1002, 1006)

    studio.document.do(AddPrompt("cup", 1004, Click(30.0, 24.0), EMPTY_MATTE))
    for frame in (1002, 1003, 1004, 1005):
        put(desk, frame, disc())
    judging.judge("cup", 1004)
    desk.until(lambda: len((judging.removed("cup") or ErrorRemoved("")).before) == 4)
    removed = judging.removed("cup")

    assert removed is not None
    assert removed.cause == "Frame 1004 corrected"
    assert set(removed.before) == {1002, 1003, 1004, 1005}
    assert removed.before[1004] > 0.3
    assert removed.after[1004] == 0.0
    assert removed.means[1] < removed.means[0]
    studio.document.undo()
    assert judging.removed("cup") is None
