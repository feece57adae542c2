"""Teaching on a made shot: it learns, it says how well, it can be stopped, and what it made can be used and resumed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="teaching needs torch", exc_type=ImportError)

import inference.models.propagate as home
from core.errors import Cancelled, EngineError
from inference.model import Lesson, TeachStep
from inference.models.propagate.model import create
from inference.training import fine_tune as loop
from inference.training.adapter import unpacked
from inference.training.crops import Crops, Drawn
from inference.training.falling import PATIENCE
from inference.training.prepared import Prepared
from inference.training.threads import PERIOD, TRIALS, Threads
from tests.inference.moving_disc import MovingDisc, overlap

FOLDER = Path(home.__path__[0])
SCHEMA = json.loads((FOLDER / "manifest.json").read_text())["options"]
OPTIONS: dict[str, Any] = {
    **{name: knob["default"] for name, knob in SCHEMA["properties"].items()},
    "crop_px": 96,
    "taught_px": 240,
}


def steps_of(shot: MovingDisc, lessons: tuple[Lesson, ...], steps: int, resume: bytes = b"") -> list[TeachStep]:
    """Exactly `steps` steps, whatever the machine's speed: the clock is the poll for cancelling."""
    plan = loop.Plan(seconds=float(steps), seed=0, long_edge_px=240, crop_px=96)
    return list(loop.fine_tune(shot, lessons, resume, plan, lambda: False, ticking()))


def ticking() -> Callable[[], float]:
    """A clock that goes on by one second at each look but the first."""
    ticks: Iterator[float] = iter(float(tick) for tick in range(1_000_000))
    return lambda: next(ticks)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """So that a busy machine slows these tests no more than its share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "Threads", lambda: Threads(1))
        yield


@pytest.fixture(scope="module")
def taught() -> list[TeachStep]:
    """Fifty steps on two frames; a third is held out."""
    shot = MovingDisc()
    return steps_of(shot, (shot.lesson(2), shot.lesson(14), shot.lesson(8, held_out=True)), 50)


def test_the_loss_and_the_held_out_error_fall(taught: list[TeachStep]) -> None:
    """On a frame it never trained on, the taught network is nearly right after fifty steps."""
    errors = [step.metrics["held_out_error"] for step in taught if "held_out_error" in step.metrics]

    assert taught[-1].metrics["loss"] < 0.5 * taught[0].metrics["loss"]
    assert errors[-1] < errors[0]
    assert errors[-1] < 0.005


def test_teaching_stops_where_the_held_out_error_stops_falling(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lesson that would take a thousand steps ends soon after the least error, and brings what had it."""
    errors = iter([0.5, 0.4, 0.1, *[0.3] * 100])
    monkeypatch.setattr(loop, "mean_error", lambda *_: next(errors))
    monkeypatch.setattr(loop, "CHECKPOINT_S", 2.0)
    monkeypatch.setattr(loop, "COARSE_S", -1.0)
    shot = MovingDisc()

    told = steps_of(shot, (shot.lesson(2), shot.lesson(8, held_out=True)), 1000)

    kept = [step for step in told if step.adapter]
    assert [step.metrics["held_out_error"] for step in kept] == [0.5, 0.4, 0.1, *[0.3] * (PATIENCE + 1)]
    assert told[-1].progress == 1.0
    assert told[-1].step == kept[2].step
    assert unpacked(told[-1].adapter)[1].steps == kept[2].step


def test_progress_is_told_every_few_steps_and_ends_at_one(taught: list[TeachStep]) -> None:
    assert [step.step for step in taught] == [*range(5, 50, 5), 50]
    assert taught[-1].progress == 1.0
    assert taught[-1].adapter


def test_the_held_out_frame_is_the_preview(taught: list[TeachStep]) -> None:
    """A checkpoint shows the frame that is never trained on, at the plate's size."""
    shot = MovingDisc()
    shown = [step for step in taught if step.previews]

    assert all(step.adapter for step in shown)
    assert [list(step.previews) for step in shown] == [[8]] * len(shown)
    assert shown[-1].previews[8].shape == shot.shape()
    assert overlap(shown[-1].previews[8], shot.truth(8)) > 0.8


def test_the_taught_network_finds_the_disc_where_motion_was_not_followed(taught: list[TeachStep]) -> None:
    shot = MovingDisc()

    (answer,) = create(FOLDER).propagate(
        shot, {2: shot.truth(2)}, (11,), taught[-1].adapter, {**OPTIONS, "motion_weight": 0.0}, lambda: False
    )

    assert overlap(answer.coverage, shot.truth(11)) > 0.8
    assert answer.coverage[4, 4] == 0.0


def test_the_adapter_is_safetensors_that_say_what_they_are(taught: list[TeachStep]) -> None:
    adapter = taught[-1].adapter
    header = json.loads(adapter[8 : 8 + int.from_bytes(adapter[:8], "little")])
    _, recipe = unpacked(adapter)

    assert header["__metadata__"]["kind"] == "penumbra-matte-net"
    assert recipe.steps == 50
    assert recipe.held_out_error == pytest.approx(taught[-1].metrics["held_out_error"])


def test_resuming_goes_on_from_what_was_learnt(taught: list[TeachStep]) -> None:
    shot = MovingDisc()

    lessons = (shot.lesson(2), shot.lesson(14), shot.lesson(8, held_out=True))
    resumed = steps_of(shot, lessons, 5, taught[-1].adapter)

    assert resumed[-1].step == 55
    assert resumed[-1].metrics["held_out_error"] < 0.02
    assert resumed[0].metrics["loss"] < 0.5 * taught[0].metrics["loss"]


def test_cancel_within_a_step() -> None:
    """The third poll says stop: two steps were done, and not one more."""
    shot, polls = MovingDisc(), [0]

    def cancelled() -> bool:
        polls[0] += 1
        return polls[0] == 3

    with pytest.raises(Cancelled):
        list(create(FOLDER).teach(shot, (shot.lesson(8),), b"", {**OPTIONS, "seconds": 1000.0}, cancelled))

    assert polls[0] == 3


def test_a_loss_that_is_not_finite_stops_before_the_optimizer() -> None:
    shot = MovingDisc()
    broken = Lesson(8, np.full(shot.shape(), np.nan, np.float32))
    broken.coverage[40:100, 60:160] = 1.0

    with pytest.raises(EngineError, match="not a finite number at step 1"):
        steps_of(shot, (broken,), 3)


def test_nothing_in_the_mattes_is_a_sentence() -> None:
    shot = MovingDisc()

    with pytest.raises(EngineError, match="Paint the subject"):
        steps_of(shot, (Lesson(8, np.zeros(shot.shape(), np.float32)),), 3)


def test_only_held_out_frames_is_a_sentence() -> None:
    shot = MovingDisc()

    with pytest.raises(EngineError, match="every corrected frame is held out"):
        steps_of(shot, (shot.lesson(8, held_out=True),), 3)


def test_bytes_that_are_no_adapter_are_a_sentence() -> None:
    shot = MovingDisc()

    with pytest.raises(EngineError, match="cannot be read"):
        list(create(FOLDER).propagate(shot, {2: shot.truth(2)}, (3,), b"not an adapter", OPTIONS, lambda: False))


def test_a_single_key_frame_holds_out_a_region() -> None:
    """With one frame a part of it is measured and never trained on: its weight is zero."""
    shot = MovingDisc()
    prepared = Prepared(shot, (shot.lesson(8),), 240, 1.0)
    (drawn,), (measured,) = prepared.drawn, prepared.measured

    assert measured.where.sum() > 50
    assert not drawn.truth[..., 1][measured.where > 0].any()


def test_strokes_count_more() -> None:
    """Under the artist's strokes a pixel weighs three times as much, times the weight of the frame."""
    shot = MovingDisc()
    decided = np.zeros(shot.shape(), np.float32)
    decided[:10] = 1.0
    lessons = (Lesson(8, shot.truth(8), decided, weight=0.5), shot.lesson(2, held_out=True))

    (drawn,) = Prepared(shot, lessons, 240, 1.0).drawn

    assert drawn.truth[5, 5, 1] == pytest.approx(1.5)
    assert drawn.truth[120, 5, 1] == pytest.approx(0.5)


def test_a_frame_that_was_only_clicked_is_doubted_where_the_network_contradicts_it(taught: list[TeachStep]) -> None:
    """A click also took a corner of the ground: the corner loses its weight, strokes and the disc keep theirs."""
    shot = MovingDisc()
    wrong = shot.truth(8)
    wrong[:30, :30] = 1.0
    strokes = np.zeros(shot.shape(), np.float32)
    strokes[:10, :10] = 1.0
    network, recipe = unpacked(taught[-1].adapter)
    lessons = (Lesson(8, wrong, strokes, weight=0.5), Lesson(2, shot.truth(2)), shot.lesson(5, held_out=True))
    prepared = Prepared(shot, lessons, recipe.long_edge_px, recipe.gain)
    drawn = prepared.drawn
    before = [frame.truth[..., 1].copy() for frame in drawn]

    prepared.doubt(network)

    x, y = (int(place) for place in shot.place(8))
    assert drawn[0].truth[20, 20, 1] < 0.1
    assert drawn[0].truth[5, 5, 1] == before[0][5, 5] == pytest.approx(1.5)
    assert drawn[0].truth[y, x, 1] == before[0][y, x] == pytest.approx(0.5)
    assert np.array_equal(drawn[1].truth[..., 1], before[1])


def test_the_same_seed_draws_the_same_crops() -> None:
    random = np.random.default_rng(0)
    frame = Drawn(random.random((100, 120, 3), np.float32), random.random((100, 120, 2), np.float32))

    one, other = (Crops([frame], 64, seed=3).batch(2) for _ in range(2))

    assert np.array_equal(one.color, other.color)
    assert np.array_equal(one.coverage, other.coverage)


def test_threads_settle_on_what_is_quickest() -> None:
    """Two threads take ten times as long here: tried once, and not used again before the next period."""
    now = [0.0]
    threads = Threads(2, lambda: now[0])
    used = []
    for _ in range(PERIOD - TRIALS):
        count = threads.count
        used.append(count)
        with threads.step():
            now[0] += 10.0 if count == 2 else 1.0

    assert used.count(2) == 1
    assert used[-1] == 1
