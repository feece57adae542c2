"""Takes: kept before anything changes, named, put back bit for bit, and never lost by tidying."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import numpy as np
import pytest

from app.loop import Loop
from app.studio import PenumbraStudio
from app.takes import AUTOMATIC_KEPT
from core.arrays import Float32
from core.commands import AddCorrection, AddPrompt, ChooseModels, StyleLayer, UseAdapter
from core.errors import ProjectError
from core.frames import FrameNumber
from core.layer import SEGMENTER, Adapter, ModelChoice
from core.matte import Matte
from core.project_file import Project
from core.prompts import Click, Stroke, StrokePoint
from core.roto.commands import AddShapes
from core.roto.shape import Role, RotoShape, ShapePoint
from core.take import Take, TakeKind
from core.trimap_commands import PaintTrimap
from core.trimap_mark import Mark, TrimapStroke
from tests.app.conftest import FRAMES, WINDOW, Desk
from tests.app.fake_engine import FakeEngine
from widgets.studio import Message


def click(desk: Desk, frame: FrameNumber, x: float = 30.0) -> None:
    studio = desk.studio
    studio.document.do(AddPrompt(desk.layer, frame, Click(x, 24.0), studio.shown_key(desk.layer, frame)))
    desk.settle()


def paint(desk: Desk, frame: FrameNumber, x: float = 50.0) -> None:
    studio = desk.studio
    stroke = Stroke((StrokePoint(x, 24.0),), 5.0)
    studio.document.do(AddCorrection(desk.layer, frame, stroke, studio.shown_key(desk.layer, frame)))
    desk.settle()


def everywhere(studio: PenumbraStudio, layer: str) -> dict[FrameNumber, Float32]:
    """Every frame's matte as it is shown; every one must be fresh."""
    found = {}
    for frame in FRAMES:
        matte, fresh = studio.matte(layer, frame)
        assert matte is not None
        assert fresh
        found[frame] = matte.float32().copy()
    return found


def same(a: dict[FrameNumber, Float32], b: dict[FrameNumber, Float32]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[frame], b[frame]) for frame in a)


@pytest.fixture
def matted(desk: Desk) -> Desk:
    """A disc on every frame, propagated from a click and a painted frame."""
    click(desk, 1001)
    paint(desk, 1004)
    desk.studio.propagate(desk.layer)
    desk.settle()
    return desk


def test_putting_back_is_bit_for_bit_and_asks_the_engine_nothing(matted: Desk) -> None:
    """So is undo, so is redo; and what was there is a take of its own."""
    studio, layer = matted.studio, matted.layer
    take = studio.keep_take(layer, "good")
    was = everywhere(studio, layer)
    click(matted, 1003, x=10.0)
    paint(matted, 1006, x=20.0)
    studio.propagate(layer)
    matted.settle()
    became = everywhere(studio, layer)
    asked, jobs = len(matted.engine.segments), len(matted.engine.jobs)

    studio.taking.put_back(take.id)
    matted.settle()
    put_back = everywhere(studio, layer)
    studio.document.undo()
    matted.settle()
    undone = everywhere(studio, layer)
    studio.document.redo()
    matted.settle()

    assert not same(was, became)
    assert same(put_back, was)
    assert same(undone, became)
    assert same(everywhere(studio, layer), was)
    assert (len(matted.engine.segments), len(matted.engine.jobs)) == (asked, jobs)
    names = [found.name for found in studio.takes(layer)]
    assert names[-1] == "before put back"
    kept = studio.takes(layer)[-1]
    for frame, coverage in became.items():
        matte = studio.take_matte(kept.id, frame)
        assert matte is not None
        assert np.array_equal(matte.float32(), coverage)


def test_putting_back_is_one_step_and_says_which(matted: Desk) -> None:
    studio = matted.studio
    take = studio.keep_take(matted.layer, "good")
    paint(matted, 1005)
    steps = studio.document.steps

    studio.taking.put_back(take.id)

    assert studio.document.steps == steps + 1
    assert studio.document.undo_label == "Put back good"


def test_putting_back_what_is_there_already_does_nothing_and_says_so(matted: Desk) -> None:
    said: list[Message] = []
    studio = matted.studio
    take = studio.keep_take(matted.layer, "good")
    studio.message.connect(said.append)
    steps = studio.document.steps

    studio.taking.put_back(take.id)

    assert studio.document.steps == steps
    assert said[0].text == "Hero is what it was in good."


@pytest.mark.parametrize("saved", [True, False])
def test_a_take_is_put_back_after_the_project_was_closed_and_tidied(matted: Desk, saved: bool) -> None:
    """Takes, what they stand on, and what was put back survive closing, collecting and reopening; with or without a
    save, and without the engine."""
    studio, layer = matted.studio, matted.layer
    take = studio.keep_take(layer, "good")
    was = everywhere(studio, layer)
    paint(matted, 1004, x=20.0)
    matted.settle()
    path = studio.saving.path
    assert path is not None
    if saved:
        studio.saving.save()
    studio.close()

    loop, engine = Loop(), FakeEngine()
    engine.hold = True
    project = Project.open(path)
    project.collect(project.document(), most_bytes=0)
    again = PenumbraStudio(engine, loop.post, project, studio._recent)
    again.bench.auto_renew = False
    again.taking.put_back(take.id)

    assert same(everywhere(again, layer), was)
    assert engine.segments == []
    again.close()


def test_a_take_of_mattes_only_is_put_back_frozen(matted: Desk) -> None:
    """As of a project of before layers were kept: the same pixels, refine off, no engine, and they survive tidying."""
    studio, layer = matted.studio, matted.layer
    was = everywhere(studio, layer)
    shot = studio.document.shot
    assert shot.plate is not None
    keys = {frame: shot.layer(layer).delivered_key(shot.plate.identity, frame) for frame in FRAMES}
    matted.studio._project.keep_take(Take("old", layer, "before Teach", keys))
    refine = ModelChoice("refine")
    studio.document.do(ChooseModels(layer, ModelChoice(SEGMENTER), ModelChoice("propagate"), refine))
    matted.settle()
    asked, jobs = len(matted.engine.segments), len(matted.engine.jobs)

    studio.taking.put_back("old")
    matted.settle()
    studio.taking.remove("old")
    path = studio.saving.path
    assert path is not None
    put_back = everywhere(studio, layer)
    studio.close()
    project = Project.open(path)
    project.collect(project.document(), most_bytes=0)
    loop, engine = Loop(), FakeEngine()
    again = PenumbraStudio(engine, loop.post, project, studio._recent)

    assert same(put_back, was)
    assert (len(matted.engine.segments), len(matted.engine.jobs)) == (asked, jobs)
    assert set(again.document.shot.layer(layer).key_frames) == set(FRAMES)
    assert same(everywhere(again, layer), was)
    assert engine.jobs == []
    again.close()


def test_a_frozen_matte_can_be_corrected_and_taught_from(matted: Desk) -> None:
    """A stroke on it lies over what was put back; Teach learns from the stroke and not from frozen frames."""
    studio, layer = matted.studio, matted.layer
    shot = studio.document.shot
    assert shot.plate is not None
    keys = {frame: shot.layer(layer).delivered_key(shot.plate.identity, frame) for frame in FRAMES}
    studio._project.keep_take(Take("old", layer, "before Teach", keys))
    studio.taking.put_back("old")
    before = everywhere(studio, layer)[1005]

    paint(matted, 1005, x=10.0)
    after = everywhere(studio, layer)[1005]
    examples = studio.bench.teaching.examples(studio.document.shot.layer(layer))

    assert before[24, 10] == 0.0
    assert after[24, 10] == 1.0
    assert np.array_equal(after[:, 20:], before[:, 20:])
    assert [example.frame for example in examples] == [1005]


def test_takes_before_corrections_are_the_last_few(matted: Desk) -> None:
    """Named by frame; the oldest gives way, but not one the artist gave a name or asked for."""
    studio, layer = matted.studio, matted.layer
    mine = studio.keep_take(layer, "mine")
    first = studio.takes(layer)[0]
    assert first.name == "before correction 1004"
    studio.taking.rename(first.id, "before I painted")

    for number, frame in enumerate((1001, 1002, 1003, 1005, 1006)):
        paint(matted, frame, x=10.0 + number)
    studio.document.undo()
    paint(matted, 1006, x=40.0)

    takes = studio.takes(layer)
    assert [take.name for take in takes] == [
        "before I painted",
        mine.name,
        "before correction 1002",
        "before correction 1003",
        "before correction 1005",
        "before correction 1006",
        "before correction 1006 2",
    ]
    assert sum(take.kind is TakeKind.CORRECTION for take in takes) == AUTOMATIC_KEPT
    assert all(take.made for take in takes)


def test_what_was_before_other_models_is_kept_once(matted: Desk) -> None:
    """One take for a row of changes that made no new matte; refine is named."""
    studio, layer = matted.studio, matted.layer
    plain, flow = ModelChoice(SEGMENTER), ModelChoice("propagate")

    for radius in (1, 2, 3):
        studio.document.do(ChooseModels(layer, plain, ModelChoice("propagate", {"radius": radius}), None))
    matted.settle()
    studio.document.do(ChooseModels(layer, plain, flow, ModelChoice("refine")))

    assert [take.name for take in studio.takes(layer)][1:] == ["before model change", "before refine"]


def test_a_take_tells_apart_what_was_drawn_and_marked_by_hand(matted: Desk) -> None:
    """A shape and a painted trimap are no obstacle to refine, and two takes that differ only in them are two."""
    studio, layer = matted.studio, matted.layer
    corners = tuple(ShapePoint(float(x), float(y)) for x, y in ((4, 4), (60, 4), (60, 44)))
    studio.document.do(AddShapes(layer, (RotoShape("hand", {1001: corners}, Role.CORE, id="s"),)))
    stroke = Stroke((StrokePoint(50.0, 24.0),), 4.0)
    studio.document.do(PaintTrimap(layer, 1001, TrimapStroke(stroke, Mark.UNKNOWN)))
    matted.settle()

    studio.document.do(ChooseModels(layer, ModelChoice(SEGMENTER), ModelChoice("propagate"), ModelChoice("refine")))
    assert studio.takes(layer)[-1].name == "before refine"
    for mark in Mark:
        studio.document.do(PaintTrimap(layer, 1001, TrimapStroke(stroke, mark)))
        studio.keep_take(layer, mark.value)

    assert len({kept.state for kept in studio.taking.of(layer)[-3:]}) == 3


def test_a_take_before_teach_is_put_back_with_its_adapter(matted: Desk) -> None:
    """Model 1 against model 2: the adapter in use goes back, and neither is forgotten."""
    studio, layer = matted.studio, matted.layer
    one = Adapter(studio.put_asset(b"one"), "Hero teach 1", "propagate")
    two = Adapter(studio.put_asset(b"two"), "Hero teach 2", "propagate")
    studio.document.do(UseAdapter(layer, one))
    matted.settle()
    take = studio.keep_take(layer, "model 1")
    studio.document.do(UseAdapter(layer, two))
    matted.settle()

    studio.taking.put_back(take.id)

    now = studio.document.shot.layer(layer)
    assert now.adapter == one.asset
    assert now.adapters == (one, two)


def test_trying_another_adapter_keeps_what_was_there(matted: Desk) -> None:
    """Back to the model as it came, and there is something to compare it with."""
    studio, layer = matted.studio, matted.layer
    studio.document.do(UseAdapter(layer, Adapter(studio.put_asset(b"one"), "Hero teach 1", "propagate")))
    matted.settle()
    studio.document.do(UseAdapter(layer, None))

    assert [take.name for take in studio.takes(layer)][1:] == ["before model change", "before model change 2"]


def test_a_locked_layer_is_left_alone(matted: Desk) -> None:
    said: list[Message] = []
    studio, layer = matted.studio, matted.layer
    take = studio.keep_take(layer, "good")
    paint(matted, 1005)
    hero = studio.document.shot.layer(layer)
    studio.document.do(StyleLayer(layer, hero.name, hero.color, hero.visible, locked=True))
    studio.message.connect(said.append)

    studio.taking.put_back(take.id)

    assert said[0].text == "Hero is locked. Unlock it to put a take back."
    assert studio.document.undo_label == "Change layer"


def test_names_are_never_the_same(matted: Desk) -> None:
    """An empty name changes nothing; a taken one is numbered."""
    studio, layer = matted.studio, matted.layer
    one, two = studio.keep_take(layer, "try"), studio.keep_take(layer, "try")

    studio.taking.rename(one.id, "  ")
    studio.taking.rename(two.id, "try")

    assert [take.name for take in studio.takes(layer)][1:] == ["try", "try 2"]


def test_a_removed_take_is_gone_everywhere(matted: Desk) -> None:
    """Whoever still shows it has no matte; putting it back does nothing; `changed` names the layer."""
    changed: list[str] = []
    studio, layer = matted.studio, matted.layer
    take = studio.keep_take(layer, "good")
    studio.taking.changed.connect(changed.append)
    steps = studio.document.steps

    studio.taking.remove(take.id)
    studio.taking.put_back(take.id)
    studio.taking.remove(take.id)

    assert changed == [layer]
    assert studio.take_matte(take.id, 1001) is None
    assert studio.document.steps == steps


def test_a_take_whose_strokes_are_damaged_still_gives_its_mattes(matted: Desk) -> None:
    """One sentence, and the same pixels."""
    said: list[Message] = []
    studio, layer = matted.studio, matted.layer
    take = studio.keep_take(layer, "good")
    was = everywhere(studio, layer)
    paint(matted, 1005, x=10.0)
    studio._project._takes.flush()
    (studio._project.path / "takes" / f"{take.id}.json").write_text("{")
    studio._project._takes._layers.clear()
    studio.message.connect(said.append)

    studio.taking.put_back(take.id)

    assert "strokes cannot be read" in said[0].text
    assert same(everywhere(studio, layer), was)


def test_a_disk_that_refuses_takes_refuses_no_stroke(matted: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A take nobody asked for is missing, in one sentence; painting and putting back go on."""
    said: list[Message] = []
    studio, layer = matted.studio, matted.layer
    take = studio.keep_take(layer, "good")
    was = everywhere(studio, layer)
    before = studio.takes(layer)
    studio._project._takes.flush()
    studio.message.connect(said.append)

    def full(path: Path, data: bytes, *, sync: bool = True) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("core.take_files.write_whole", full)
    paint(matted, 1005, x=10.0)
    painted = everywhere(studio, layer)[1005]
    studio.taking.put_back(take.id)
    with pytest.raises(ProjectError, match="the disk is full"):
        studio.taking.rename(take.id, "better")

    assert painted[24, 10] == 1.0
    assert same(everywhere(studio, layer), was)
    assert studio.takes(layer) == before
    assert all("the disk is full" in message.text for message in said)
    assert len(said) == 2


def test_keeping_a_take_reads_no_pixels(matted: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long shot is kept at once: only keys are looked at. (Workers may be reading for other reasons.)"""
    store = matted.studio.bench.mattes.store
    reads: list[str] = []
    get, here = store.get, threading.get_ident()

    def counted(key: str) -> Matte | None:
        if threading.get_ident() == here:
            reads.append(key)
        return get(key)

    monkeypatch.setattr(store, "get", counted)
    take = matted.studio.keep_take(matted.layer, "good")

    assert reads == []
    assert take.frames == tuple(FRAMES)
    assert WINDOW.shape == (48, 64)
