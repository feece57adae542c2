"""Split and join: nothing looks different, nothing is computed again, and what is corrected later still travels."""

from __future__ import annotations

import time
from threading import Event

import numpy as np
import pytest

from core.commands import AddCorrection, AddLayer, PutBack, StyleLayer
from core.document import Document
from core.finish import Finish
from core.finish_commands import SetFinish
from core.jobs import JobState
from core.layer import KeyFrame, Layer, ModelChoice
from core.matte import Matte
from core.prompts import Stroke, StrokePoint
from tests.app.conftest import FRAMES, WINDOW, Desk
from widgets.studio import Message


def two(frame: int) -> Matte:
    """A large square at the left and a small one at the right that moves, and is gone on the last frame."""
    coverage = np.zeros(WINDOW.shape, np.float32)
    coverage[10:40, 5:25] = 1
    coverage[9, 5:25] = 0.25
    if frame < FRAMES.last:
        start = 40 + frame - FRAMES.first
        coverage[20:30, start : start + 12] = 1
    return Matte(WINDOW, coverage, 0.8).half()


@pytest.fixture
def pair(desk: Desk) -> Desk:
    """The layer has two pieces on all frames, from one key frame at 1002."""
    studio = desk.studio
    store, identity = studio.bench.mattes.store, plate_identity(desk)
    studio.bench.auto_renew = False
    base = KeyFrame(base="ground", frozen=True)
    store.put("ground", two(1002))
    layer = studio.document.shot.layer(desk.layer).with_key_frame(1002, base)

    for frame in FRAMES:
        if frame != 1002:
            store.put(layer.propagate_key(identity, frame), two(frame))
    studio.document.do(PutBack(desk.layer, layer))
    return desk


def plate_identity(desk: Desk) -> str:
    plate = desk.studio.document.shot.plate
    assert plate is not None
    return plate.identity


def done(desk: Desk) -> Document:
    """Wait for the job."""
    desk.until(lambda: all(job.state.ended for job in desk.studio.jobs()) and bool(desk.studio.jobs()))
    return desk.studio.document


def coverage(desk: Desk, layer_id: str, frame: int) -> np.ndarray:
    matte, fresh = desk.studio.matte(layer_id, frame)
    assert matte is not None
    assert fresh
    return matte.float32()


def test_a_layer_becomes_one_for_each_piece(pair: Desk) -> None:
    """The largest stays in the layer; together they are what it was, on every frame, fresh, and one undo away."""
    jobs = len(pair.engine.jobs)
    pair.studio.pieces.split(pair.layer, 1001)
    document = done(pair)

    first, second = document.shot.layers
    assert (first.id, first.name, second.name) == (pair.layer, "Hero", "Hero piece 2")
    assert first.color != second.color
    for frame in FRAMES:
        left, right = (coverage(pair, layer.id, frame) for layer in (first, second))
        assert np.array_equal(left + right, two(frame).float32())
        assert not left[:, 30:].any()
        assert not right[:, :30].any()
    assert not coverage(pair, second.id, FRAMES.last).any()
    assert tuple(first.key_frames) == (1002,)
    assert len(pair.engine.jobs) == jobs
    assert [take.name for take in pair.studio.takes(pair.layer)] == ["before split"]

    document.undo()
    assert [layer.name for layer in document.shot.layers] == ["Hero"]
    assert np.array_equal(coverage(pair, pair.layer, 1004), two(1004).float32())
    document.redo()
    assert coverage(pair, second.id, 1003).any()


def test_a_piece_is_corrected_and_propagated_like_any_layer(pair: Desk) -> None:
    """Its frames are not frozen: they go stale beside a stroke and are made again."""
    pair.studio.pieces.split(pair.layer, 1001)
    second = done(pair).shot.layers[1].id

    stroke = Stroke((StrokePoint(50, 40),), 3)
    pair.studio.document.do(AddCorrection(second, 1004, stroke, pair.studio.shown_key(second, 1004)))

    freshness = pair.studio.freshness(second)
    assert {1003, 1005} <= freshness.stale
    assert {1002, 1004} <= freshness.fresh


def test_the_piece_under_the_pointer_is_lifted(pair: Desk) -> None:
    """The large one here: the rest keeps the layer."""
    pair.studio.pieces.lift(pair.layer, 1003, 10.5, 20.5)
    first, second = done(pair).shot.layers

    assert not coverage(pair, first.id, 1003)[:, :30].any()
    assert not coverage(pair, second.id, 1003)[:, 30:].any()


def test_what_cannot_be_split_says_why(pair: Desk) -> None:
    """One piece, nothing there, inverted, locked: a sentence and no edit."""
    said: list[Message] = []
    pair.studio.message.connect(said.append)
    steps = pair.studio.document.steps

    pair.studio.pieces.split(pair.layer, FRAMES.last)
    done(pair)
    pair.studio.pieces.lift(pair.layer, 1001, 60, 2)
    done(pair)
    pair.studio.pieces.lift(pair.layer, 1001, 600, 2)
    assert pair.studio.document.steps == steps
    pair.studio.document.do(SetFinish(pair.layer, Finish.of(inverted=True)))
    pair.studio.pieces.split(pair.layer, 1001)
    pair.studio.document.do(SetFinish(pair.layer, Finish()))
    pair.studio.document.do(StyleLayer(pair.layer, "Hero", (1, 0, 0), visible=True, locked=True))
    pair.studio.pieces.split(pair.layer, 1001)

    words = ("one piece", "under the pointer", "Point at a piece", "inverted", "locked")
    assert len(said) == len(words)
    for message, word in zip(said, words, strict=True):
        assert word in message.text
    assert len(pair.studio.document.shot.layers) == 1


def test_a_layer_that_changes_meanwhile_is_left_alone(pair: Desk) -> None:
    """Pieces of what it was would undo what the artist just did."""
    said: list[Message] = []
    pair.studio.message.connect(said.append)
    pair.studio.pieces.split(pair.layer, 1001)
    pair.studio.document.do(StyleLayer(pair.layer, "Other", (1, 0, 0), visible=True, locked=False))
    done(pair)

    assert len(pair.studio.document.shot.layers) == 1
    assert "changed meanwhile" in said[-1].text
    assert pair.studio.jobs()[-1].state is JobState.CANCELLED


def test_closing_waits_for_no_split(pair: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job hears of it where it says how far it is."""
    begun, whole = Event(), list[bool]()

    def slow(*asked: object) -> None:
        begun.set()
        for _ in range(500):
            asked[-1](0.5)  # type: ignore[operator]
            time.sleep(0.01)
        whole.append(True)

    monkeypatch.setattr("app.pieces.split", slow)
    pair.studio.pieces.split(pair.layer, 1001)
    assert begun.wait(5)

    pair.studio.close()

    assert whole == []


def test_split_and_joined_is_what_it_was(pair: Desk) -> None:
    """To the last bit, with the finish that both have still a knob."""
    pair.studio.document.do(SetFinish(pair.layer, Finish.of(grow_px=1.0)))
    before = {frame: coverage(pair, pair.layer, frame) for frame in FRAMES}
    pair.studio.pieces.split(pair.layer, 1001)
    second = done(pair).shot.layers[1].id
    pair.studio.pieces.join((pair.layer, second))
    document = done(pair)

    (layer,) = document.shot.layers
    assert layer.id == pair.layer
    assert layer.finish == Finish.of(grow_px=1.0)
    for frame in FRAMES:
        assert np.array_equal(coverage(pair, pair.layer, frame), before[frame])
    document.undo()
    assert [each.id for each in document.shot.layers] == [pair.layer, second]


def test_layers_with_different_settings_are_joined_as_they_are_seen(pair: Desk) -> None:
    """An inverted one brings what it shows; the joined layer has no finish of its own."""
    pair.studio.pieces.split(pair.layer, 1001)
    second = done(pair).shot.layers[1].id
    pair.studio.document.do(SetFinish(second, Finish.of(inverted=True)))
    shown = [coverage(pair, layer_id, 1003) for layer_id in (pair.layer, second)]

    pair.studio.pieces.join((pair.layer, second))
    (layer,) = done(pair).shot.layers

    assert layer.finish.off
    screen = 1 - (1 - shown[0]) * (1 - shown[1])
    assert np.abs(coverage(pair, pair.layer, 1003) - screen).max() < 0.001


def test_layers_without_fresh_mattes_are_not_joined(pair: Desk) -> None:
    """A key frame that another layer has no matte for would have to be guessed."""
    said: list[Message] = []
    pair.studio.message.connect(said.append)
    other = Layer("other", "Other", propagate=ModelChoice("flow")).with_key_frame(
        1005, KeyFrame(base="none", frozen=True)
    )

    pair.studio.document.do(AddLayer(other))
    pair.studio.pieces.join((pair.layer, "other"))
    done(pair)

    assert len(pair.studio.document.shot.layers) == 2
    assert "1002" in said[-1].text or "1005" in said[-1].text


def test_a_layer_that_was_joined_away_has_no_work_going_on(pair: Desk) -> None:
    """What was being propagated for it is cancelled."""
    pair.studio.pieces.split(pair.layer, 1001)
    second = done(pair).shot.layers[1].id
    pair.studio.document.do(
        AddCorrection(second, 1004, Stroke((StrokePoint(50, 40),), 3), pair.studio.shown_key(second, 1004))
    )
    pair.engine.hold = True
    pair.studio.propagate(second)
    assert pair.studio.bench.propagating.busy

    pair.studio.document.undo()  # the stroke
    pair.studio.document.undo()  # the split

    assert not pair.studio.bench.propagating.busy
