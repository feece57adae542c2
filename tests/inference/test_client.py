"""The client with an engine in a child process: answers, superseding, jobs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled, EngineError, FrameError, OptionError, PromptError
from core.exr_write import write_exr
from core.frames import FrameRange
from core.geometry import Format, Window
from core.jobs import JobState
from core.layer import ModelChoice
from core.matte import Matte
from core.plate import Plate
from core.prompts import Click
from inference.client import EngineClient
from inference.messages import (
    Example,
    JobEvent,
    PropagateRequest,
    RefineRequest,
    SegmentRequest,
    TeachRequest,
)

Until = Callable[[Callable[[], object]], None]
FAKE = ModelChoice("fake")


def request(plate: Plate, *prompts: Click, slot: str = "a", **options: object) -> SegmentRequest:
    model = ModelChoice("fake", options)
    return SegmentRequest(slot, plate, "", 1001, prompts or (Click(20.5, 10.5),), model)


def test_click_becomes_a_matte_over_the_canvas(shared_engine: EngineClient, plate: Plate) -> None:
    """A click in plate pixels lands on its pixel though the canvas begins left of zero, and 0.5 stays 0.5."""
    reply = shared_engine.segment(request(plate, Click(20.5, 10.5))).result(20)

    assert reply.matte.window == plate.canvas
    assert reply.matte.coverage[10, 22] == 0.5
    assert reply.matte.coverage[10, 28] == 0.0
    assert reply.matte.provenance.model == "fake"
    assert reply.matte.confidence == pytest.approx(1001 / 4000, rel=1e-3)


def test_second_click_finds_the_encoding(shared_engine: EngineClient, plate: Plate) -> None:
    """The picture is encoded once for a frame."""
    asked = replace(request(plate), frame=1017)
    first = shared_engine.segment(asked).result(20)
    second = shared_engine.segment(replace(asked, prompts=(Click(5.5, 5.5),))).result(20)

    assert (first.encoding_hit, second.encoding_hit) == (False, True)


def test_prefetch_encodes_ahead(shared_engine: EngineClient, plate: Plate, until: Until) -> None:
    """A prefetched frame is a hit at its first click."""
    shared_engine.prefetch(plate, "", (1003, 1004), FAKE)

    def hit() -> bool:
        time.sleep(0.1)
        asked = replace(request(plate, slot=str(time.monotonic())), frame=1004)
        return shared_engine.segment(asked).result(20).encoding_hit

    until(hit)


def test_previous_matte_arrives(shared_engine: EngineClient, plate: Plate, key_matte: Matte) -> None:
    """The matte under the prompts reaches the model."""
    reply = shared_engine.segment(replace(request(plate, Click(50.5, 30.5)), previous=key_matte)).result(20)

    assert reply.matte.coverage[15, 15] == 0.5


def test_newer_request_of_a_slot_supersedes(shared_engine: EngineClient, plate: Plate) -> None:
    """The older request fails with Cancelled well before its model would have answered."""
    old = shared_engine.segment(request(plate, segment_s=30.0))
    time.sleep(0.3)
    new = shared_engine.segment(request(plate, Click(5.5, 5.5)))

    with pytest.raises(Cancelled):
        old.result(5)
    assert new.result(5).matte.coverage[5, 7] == 0.5


def test_cancelled_future_stops_the_engine(shared_engine: EngineClient, plate: Plate) -> None:
    """Giving up a future ends the work in the engine: the next request of another slot does not wait for it."""
    old = shared_engine.segment(request(plate, segment_s=30.0))
    time.sleep(0.3)
    old.cancel()

    assert shared_engine.segment(request(plate, slot="b")).result(5).matte.coverage[10, 22] == 0.5


@pytest.mark.parametrize(
    ("asked", "kind", "says"),
    [
        ({"radius": -1}, OptionError, "radius"),
        ({"unheard": 1}, OptionError, "unheard"),
        ({"crash": True}, EngineError, "ZeroDivisionError"),
    ],
)
def test_bad_options_are_sentences(
    shared_engine: EngineClient, plate: Plate, asked: dict[str, object], kind: type[Exception], says: str
) -> None:
    """Options are checked against the schema; a model's own failure names the model."""
    with pytest.raises(kind, match=says):
        shared_engine.segment(request(plate, **asked)).result(20)


@pytest.mark.parametrize("click", [Click(float("nan"), 1.0), Click(999.0, 1.0), Click(1.0, -5.0)])
def test_clicks_that_mean_nothing_are_refused(shared_engine: EngineClient, plate: Plate, click: Click) -> None:
    """NaN, and clicks beside the plate."""
    with pytest.raises(PromptError):
        shared_engine.segment(request(plate, click)).result(20)


def test_missing_frame_is_a_frame_error(shared_engine: EngineClient, plate: Plate) -> None:
    """A frame that is not on disk is named."""
    with pytest.raises(FrameError, match="2000"):
        shared_engine.segment(replace(request(plate), frame=2000)).result(20)


def test_unknown_model_names_those_there_are(shared_engine: EngineClient, plate: Plate) -> None:
    """The sentence says what could be chosen instead."""
    with pytest.raises(EngineError, match="fake"):
        shared_engine.segment(replace(request(plate), model=ModelChoice("nowhere"))).result(20)


def run(engine: EngineClient, asked: PropagateRequest | TeachRequest | RefineRequest) -> list[JobEvent]:
    """All events of a job that ends well."""
    events: list[JobEvent] = []
    engine.start(asked, events.append).done.result(60)
    return events


def test_propagate_brings_every_frame_once_in_order(
    shared_engine: EngineClient, plate: Plate, key_matte: Matte
) -> None:
    """Events are numbered without gaps; frames come in the order they were asked for."""
    wanted = (1005, 1004, 1006, 1003)
    events = run(shared_engine, PropagateRequest(plate, "", {1002: key_matte}, wanted, FAKE))

    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.frame for event in events if event.matte] == list(wanted)
    assert events[-1].state is JobState.DONE
    shifted = next(event.matte for event in events if event.frame == 1005)
    assert shifted is not None
    np.testing.assert_array_equal(shifted.float32(), np.roll(key_matte.coverage, 3, axis=1))


def test_teach_streams_figures_and_ends_with_the_adapter(
    shared_engine: EngineClient, plate: Plate, key_matte: Matte
) -> None:
    """Every step's loss arrives; the adapter comes with the last event."""
    examples = (Example(1001, key_matte, decided=key_matte), Example(1010, key_matte, held_out=True))
    events = run(shared_engine, TeachRequest(plate, "", examples, FAKE))

    steps = [event.metrics["step"] for event in events if event.metrics]
    assert steps == list(range(1, 21))
    assert events[-1].adapter == b"20"
    assert [event.frame for event in events if event.matte] == [1001]


def test_refine_keeps_solid_strokes(shared_engine: EngineClient, plate: Plate, key_matte: Matte) -> None:
    """Where the artist's stroke is solid the matte comes back bit for bit, whatever the model made of it."""
    solid = np.zeros(key_matte.window.shape, np.float32)
    solid[12, 12] = 1.0
    fixed = {1002: Matte(key_matte.window, solid)}
    events = run(shared_engine, RefineRequest(plate, "", {1002: key_matte, 1003: key_matte}, FAKE, fixed))

    mattes = {event.frame: event.matte for event in events if event.matte}
    assert mattes[1002].coverage[12, 12] == 0.5
    assert mattes[1002].coverage[13, 13] == 0.25
    assert mattes[1003].coverage[12, 12] == 0.25


def test_job_is_cancelled_within_a_step(shared_engine: EngineClient, plate: Plate, key_matte: Matte) -> None:
    """Cancel ends a job before its next frame but one; the frames it had are kept."""
    got = threading.Event()
    events: list[JobEvent] = []

    def note(event: JobEvent) -> None:
        events.append(event)
        if event.matte:
            got.set()

    slow = ModelChoice("fake", {"step_s": 0.2})
    job = shared_engine.start(PropagateRequest(plate, "", {1001: key_matte}, tuple(range(1002, 1041)), slow), note)
    assert got.wait(20)
    seen = sum(event.matte is not None for event in events)
    job.cancel()

    with pytest.raises(Cancelled):
        job.done.result(5)
    assert sum(event.matte is not None for event in events) <= seen + 2
    assert events[-1].state is JobState.CANCELLED


def test_click_is_answered_during_teaching(shared_engine: EngineClient, plate: Plate, key_matte: Matte) -> None:
    """Clicks do not wait for a job of 20 s: the median of ten stays far below it, on a slow machine too."""
    slow = ModelChoice("fake", {"step_s": 0.05, "steps": 400})
    job = shared_engine.start(TeachRequest(plate, "", (Example(1001, key_matte),), slow), lambda _: None)
    shared_engine.segment(request(plate)).result(20)
    times = []
    for _ in range(10):
        began = time.perf_counter()
        shared_engine.segment(request(plate)).result(20)
        times.append(time.perf_counter() - began)
    job.cancel()

    assert sorted(times)[5] < 1.0


def test_large_mattes_travel_as_blobs(shared_engine: EngineClient, tmp_path: Path) -> None:
    """A noisy matte of two megabytes is no message; it arrives bit for bit in both directions, in clicks and jobs."""
    window = Window.of_size(1024, 1024)
    write_exr(
        tmp_path / "still.exr", {"R": np.ones(window.shape, np.float16)}, data_window=window, format=Format(window)
    )
    still = Plate(
        "s", "still", tmp_path / "still.exr", FrameRange(1, 1), Format(window), window, "ACEScg", rate=Fraction(24)
    )
    noise = Matte(window, np.random.default_rng(3).random(window.shape).astype(np.float16))
    asked = SegmentRequest("big", still, "", 1, (Click(0.5, 0.5, False),), ModelChoice("fake", {"radius": 0.0}), noise)

    reply = shared_engine.segment(asked).result(30)
    events = run(shared_engine, PropagateRequest(still, "", {1: noise}, (2,), FAKE))

    np.testing.assert_array_equal(reply.matte.coverage[1:], noise.coverage[1:])
    propagated = next(event.matte for event in events if event.matte)
    np.testing.assert_array_equal(propagated.coverage, np.roll(noise.coverage, 1, axis=1))


def test_models_are_listed_with_their_options(shared_engine: EngineClient) -> None:
    """What the knobs are built from arrives whole."""
    fake = next(info for info in shared_engine.models().result(20) if info.id == "fake")

    assert fake.defaults()["radius"] == 4.0
    assert fake.tasks == ("segment", "propagate", "teach", "refine")
