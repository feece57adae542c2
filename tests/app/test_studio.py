"""The use cases together, with an engine that answers discs: what the artist does and what stands on screen."""

from __future__ import annotations

import numpy as np
import pytest

from app.loading import Loader
from core.commands import AddCorrection, AddLayer, AddPrompt, RemoveLayer, RemovePrompt, StyleLayer, UseAdapter
from core.errors import EngineError
from core.frame_cache import FrameCache
from core.frames import FrameRange
from core.jobs import JobState
from core.layer import EMPTY_MATTE, Layer
from core.picture import Picture
from core.plate_reader import PlateReader
from core.prompts import Click, Stroke, StrokePoint
from inference.messages import PropagateRequest, TeachRequest
from tests.app.conftest import Desk
from widgets.studio import Message, Severity, TeachResult

CLICK = Click(20.5, 20.5)


def click(desk: Desk, frame: int, prompt: Click = CLICK) -> None:
    base = desk.studio.shown_key(desk.layer, frame)
    desk.studio.document.do(AddPrompt(desk.layer, frame, prompt, base))


def paint(desk: Desk, frame: int, x: float, *, adds: bool = True) -> None:
    stroke = Stroke((StrokePoint(x, 24.0),), radius_px=4.0, adds=adds, hardness=1.0)
    base = desk.studio.shown_key(desk.layer, frame)
    desk.studio.document.do(AddCorrection(desk.layer, frame, stroke, base))


def coverage(desk: Desk, frame: int) -> np.ndarray:
    matte, fresh = desk.studio.matte(desk.layer, frame)
    assert matte is not None
    assert fresh
    return matte.float32()


def test_a_click_brings_a_matte(desk: Desk) -> None:
    """A click asks the engine once, with all prompts, and the answer stands on screen."""
    click(desk, 1001)
    desk.settle()

    assert coverage(desk, 1001)[20, 20] == 1.0
    assert coverage(desk, 1001)[40, 50] == 0.0
    assert [request.prompts for request in desk.engine.segments] == [(CLICK,)]


def test_undo_of_a_click_costs_no_inference(desk: Desk) -> None:
    """Undo and redo find the mattes under their keys; the engine is not asked again."""
    click(desk, 1001)
    desk.settle()
    click(desk, 1001, Click(40.5, 20.5))
    desk.settle()
    both = coverage(desk, 1001)
    asked = len(desk.engine.segments)

    desk.studio.document.undo()
    one = coverage(desk, 1001)
    desk.studio.document.redo()

    assert one[20, 40] == 0.0
    assert both[20, 40] == 1.0
    np.testing.assert_array_equal(coverage(desk, 1001), both)
    assert len(desk.engine.segments) == asked


def test_a_late_answer_does_not_reach_the_screen(desk: Desk) -> None:
    """The answer to a click that was undone meanwhile is kept under its own key, and nothing is shown."""
    desk.engine.hold = True
    click(desk, 1001)
    desk.studio.document.undo()
    desk.engine.release()
    desk.settle()

    matte, fresh = desk.studio.matte(desk.layer, 1001)

    assert not fresh or matte is None or not matte.coverage.any()


def test_a_correction_is_painted_over_the_answer(desk: Desk) -> None:
    """A solid stroke is exactly 1 where it adds and exactly 0 where it erases, whatever the model says."""
    click(desk, 1001)
    desk.settle()
    paint(desk, 1001, 50.0)
    paint(desk, 1001, 20.0, adds=False)

    painted = coverage(desk, 1001)

    assert painted[24, 50] == 1.0
    assert painted[24, 20] == 0.0
    assert painted[14, 20] == 1.0


def test_propagation_fills_the_range_from_the_playhead_outward(desk: Desk) -> None:
    click(desk, 1003)
    desk.settle()
    desk.studio.look_at(1003)
    desk.studio.propagate(desk.layer)
    desk.settle()

    request = desk.engine.jobs[-1]
    assert isinstance(request, PropagateRequest)
    assert request.frames == (1004, 1002, 1005, 1001, 1006)
    assert desk.studio.freshness(desk.layer).fresh == frozenset(FrameRange(1001, 1006))
    assert desk.studio.jobs()[-1].state is JobState.DONE


def test_a_correction_renews_only_what_it_made_stale(desk: Desk) -> None:
    """With key frames 1001 and 1006, a correction at 1004 changes 1002-1005 and nothing else; it happens by itself."""
    click(desk, 1001)
    click(desk, 1006)
    desk.settle()
    desk.studio.propagate(desk.layer)
    desk.settle()
    paint(desk, 1004, 50.0)
    stale = desk.studio.freshness(desk.layer).stale
    desk.until(lambda: len(desk.engine.jobs) == 2)
    desk.settle()

    request = desk.engine.jobs[-1]
    assert isinstance(request, PropagateRequest)
    assert stale == {1002, 1003, 1005}
    assert set(request.frames) == {1002, 1003, 1005}
    assert set(request.keys) == {1001, 1004, 1006}
    assert coverage(desk, 1004)[24, 50] == 1.0
    assert desk.studio.freshness(desk.layer).stale == frozenset()


def test_undoing_a_correction_brings_the_old_mattes_back_without_work(desk: Desk) -> None:
    click(desk, 1001)
    desk.settle()
    desk.studio.propagate(desk.layer)
    desk.settle()
    before = {frame: coverage(desk, frame) for frame in FrameRange(1001, 1006)}
    paint(desk, 1004, 50.0)
    desk.until(lambda: len(desk.engine.jobs) == 2)
    desk.settle()
    desk.studio.document.undo()
    desk.settle()

    assert len(desk.engine.jobs) == 2
    for frame, old in before.items():
        np.testing.assert_array_equal(coverage(desk, frame), old)


def test_teach_offers_and_use_is_one_undoable_step(desk: Desk) -> None:
    """What Teach made is offered with its figures; using it makes frames stale, undo brings them back."""
    offers: list[TeachResult] = []
    desk.studio.teach_offered.connect(offers.append)
    click(desk, 1001)
    paint(desk, 1004, 50.0)
    desk.settle()
    desk.studio.propagate(desk.layer)
    desk.settle()
    desk.studio.teach(desk.layer)
    desk.settle()
    fresh_before = desk.studio.freshness(desk.layer).fresh
    desk.studio.answer_teach(offers[0], use=True)
    stale = desk.studio.freshness(desk.layer).stale
    desk.settle()
    adapter = desk.studio.document.shot.layer(desk.layer).adapter
    desk.studio.document.undo()

    request = next(job for job in desk.engine.jobs if isinstance(job, TeachRequest))
    assert {example.frame: example.weight for example in request.examples} == {1001: 0.5, 1004: 1.0}
    assert offers[0].improved
    assert (offers[0].held_out_before, offers[0].held_out_after) == (0.2, 0.1)
    assert adapter == offers[0].asset
    assert stale == fresh_before - {1001, 1004}
    assert desk.studio.document.shot.layer(desk.layer).adapter == ""
    assert desk.studio.freshness(desk.layer).fresh == fresh_before
    names = [take.name for take in desk.studio.takes(desk.layer)]
    assert names == ["before correction 1004", "before Hero teach 1"]


def test_a_teaching_that_made_it_worse_is_not_the_default(desk: Desk) -> None:
    offers: list[TeachResult] = []
    desk.studio.teach_offered.connect(offers.append)
    desk.engine.metrics = {"held_out_before": 0.1, "held_out_error": 0.2}
    click(desk, 1001)
    desk.settle()
    desk.studio.teach(desk.layer)
    desk.settle()

    assert not offers[0].improved


def test_the_adapter_goes_with_the_next_propagation(desk: Desk) -> None:
    offers: list[TeachResult] = []
    desk.studio.teach_offered.connect(offers.append)
    click(desk, 1001)
    desk.settle()
    desk.studio.teach(desk.layer)
    desk.settle()
    desk.studio.answer_teach(offers[0], use=True)
    desk.studio.propagate(desk.layer)
    desk.settle()

    request = desk.engine.jobs[-1]
    assert isinstance(request, PropagateRequest)
    assert request.adapter == b"taught"


def test_refine_keeps_solid_strokes_bit_for_bit(desk: Desk) -> None:
    """The fake refiner halves everything; the artist's solid pixels come back exactly as painted."""
    click(desk, 1001)
    desk.settle()
    paint(desk, 1001, 50.0)
    desk.studio.refine(desk.layer, FrameRange(1001, 1001))
    desk.settle()

    refined = coverage(desk, 1001)
    assert refined[24, 50] == 1.0
    assert refined[14, 20] == 0.5


def test_the_edge_of_a_locked_layer_is_not_refined(desk: Desk) -> None:
    click(desk, 1001)
    desk.settle()
    layer = desk.studio.document.shot.layer(desk.layer)
    desk.studio.document.do(StyleLayer(layer.id, layer.name, layer.color, layer.visible, locked=True))
    messages: list[Message] = []
    desk.studio.message.connect(messages.append)

    desk.studio.refine(desk.layer)

    assert desk.studio.document.shot.layer(desk.layer).refine is None
    assert "Unlock" in messages[0].text


def test_removing_the_last_prompt_makes_the_frame_an_ordinary_one(desk: Desk) -> None:
    click(desk, 1002)
    desk.settle()
    desk.studio.document.do(RemovePrompt(desk.layer, 1002, 0))

    layer = desk.studio.document.shot.layer(desk.layer)
    assert dict(layer.key_frames) == {}
    assert layer.delivered_key(desk.studio.document.shot.plate.identity, 1002) == EMPTY_MATTE


def test_an_engine_error_becomes_a_message_and_is_not_asked_again(desk: Desk) -> None:
    messages: list[Message] = []
    desk.studio.message.connect(messages.append)
    desk.engine.failing = EngineError("Frame 1001", why="the model ran out of memory", hint="Choose a smaller size.")
    click(desk, 1001)
    desk.settle()

    assert [message.text for message in messages] == ["Frame 1001: the model ran out of memory. Choose a smaller size."]
    assert messages[0].severity is Severity.ERROR
    assert len(desk.engine.segments) == 1


def test_propagating_nothing_is_a_sentence(desk: Desk) -> None:
    messages: list[Message] = []
    desk.studio.message.connect(messages.append)
    desk.studio.propagate(desk.layer)

    assert messages[0].text == ("Hero: has no key frame to propagate from. Click or paint on one frame first.")


def test_propagation_waits_for_a_key_frame_that_is_still_being_made(desk: Desk) -> None:
    desk.engine.hold = True
    click(desk, 1003)
    desk.studio.propagate(desk.layer)
    waiting = len(desk.engine.jobs)
    desk.engine.release()
    desk.settle()

    assert waiting == 0
    assert len(desk.engine.jobs) == 1
    assert desk.studio.freshness(desk.layer).fresh == frozenset(FrameRange(1001, 1006))


def test_propagation_does_without_a_key_frame_whose_matte_cannot_be_made(desk: Desk) -> None:
    """A key frame the engine could not segment is left out instead of being waited for; alone it is a sentence."""
    messages: list[Message] = []
    desk.studio.message.connect(messages.append)
    desk.engine.failing = EngineError("Frame 1001", why="cannot be read")
    click(desk, 1001)
    desk.settle()
    desk.studio.propagate(desk.layer)
    alone = messages[-1].text
    click(desk, 1006)
    desk.settle()
    desk.studio.propagate(desk.layer)
    desk.settle()

    assert alone.startswith("Hero, frame 1001: its matte could not be made.")
    assert not desk.studio.bench.busy
    assert desk.studio.freshness(desk.layer).fresh == {1002, 1003, 1004, 1005, 1006}


def test_removing_a_layer_stops_its_work(desk: Desk) -> None:
    click(desk, 1001)
    desk.settle()
    desk.engine.hold = True
    desk.studio.propagate(desk.layer)
    desk.studio.document.do(RemoveLayer(desk.layer))
    desk.engine.release()
    desk.until(lambda: desk.studio.jobs()[0].state.ended)

    assert [job.state for job in desk.studio.jobs()] == [JobState.CANCELLED]
    assert desk.studio.document.shot.layers == ()


def test_a_cancelled_propagation_keeps_what_is_finished_and_can_go_on(desk: Desk) -> None:
    click(desk, 1001)
    desk.settle()
    desk.engine.hold = True
    desk.studio.propagate(desk.layer)
    job = desk.studio.jobs()[-1]
    desk.studio.cancel(job.id)
    desk.engine.release()
    desk.settle()
    state = desk.studio.jobs()[-1].state
    desk.studio.propagate(desk.layer)
    desk.settle()

    assert state is JobState.CANCELLED
    assert desk.studio.freshness(desk.layer).fresh == frozenset(FrameRange(1001, 1006))


def test_hover_previews_one_more_prompt_and_leaves_no_trace(desk: Desk) -> None:
    click(desk, 1001)
    desk.settle()
    steps = desk.studio.document.steps
    desk.studio.hover(desk.layer, 1001, Click(40.5, 20.5))
    desk.until(lambda: desk.studio.preview(desk.layer, 1001) is not None)
    preview = desk.studio.preview(desk.layer, 1001)
    desk.studio.hover(desk.layer, 1001, None)

    assert preview is not None
    assert preview.coverage[20, 40] == 1.0
    assert desk.studio.preview(desk.layer, 1001) is None
    assert desk.studio.document.steps == steps
    assert coverage(desk, 1001)[20, 40] == 0.0


def test_a_lost_engine_is_said_and_the_studio_stays(desk: Desk) -> None:
    messages: list[Message] = []
    said: list[tuple[bool, str]] = []
    desk.studio.message.connect(messages.append)
    desk.studio.engine_said.connect(said.append)
    desk.engine.die()
    desk.until(lambda: bool(said))

    assert [ready for ready, _ in said] == [False]
    assert messages[0].text == "The engine stopped. It is being started again."


def test_the_layer_before_a_correction_can_be_compared(desk: Desk) -> None:
    """The first stroke on a frame keeps a take of what was there; the second stroke does not."""
    click(desk, 1001)
    desk.settle()
    desk.studio.propagate(desk.layer)
    desk.settle()
    paint(desk, 1003, 50.0)
    paint(desk, 1003, 40.0)
    desk.settle()
    first = desk.studio.takes(desk.layer)
    paint(desk, 1005, 30.0)
    desk.settle()
    second = desk.studio.takes(desk.layer)

    before = desk.studio.take_matte(second[1].id, 1005)
    assert [take.name for take in first] == ["before correction 1003"]
    assert [take.name for take in second] == ["before correction 1003", "before correction 1005"]
    assert before is not None
    assert before.coverage[24, 30] == 0.0
    assert coverage(desk, 1005)[24, 30] == 1.0


def test_a_take_remembers_the_mattes_before(desk: Desk) -> None:
    click(desk, 1001)
    desk.settle()
    take = desk.studio.keep_take(desk.layer, "before paint")
    paint(desk, 1001, 50.0)

    before = desk.studio.take_matte(take.id, 1001)
    assert before is not None
    assert before.coverage[24, 50] == 0.0
    assert coverage(desk, 1001)[24, 50] == 1.0


@pytest.mark.parametrize("saved", [True, False])
def test_a_project_reopened_shows_the_same_mattes(desk: Desk, saved: bool) -> None:
    """With or without a save: authored data and derived mattes are all there again, without the engine."""
    click(desk, 1001)
    desk.settle()
    desk.studio.propagate(desk.layer)
    desk.settle()
    if saved:
        desk.studio.saving.save()
    old, lane = coverage(desk, 1005), desk.studio.freshness(desk.layer).confidence
    path = desk.studio.saving.path
    assert path is not None
    desk.studio.bench.project.store.flush()
    other = desk.plate.parent / "other.exr"
    other.write_bytes((desk.plate.parent / "plate.1001.exr").read_bytes())
    desk.studio.open(other)
    desk.until(lambda: desk.studio.saving.path != path)
    asked = len(desk.engine.segments), len(desk.engine.jobs)
    desk.studio.open(path)
    desk.until(lambda: desk.studio.saving.path == path)
    desk.settle()

    assert len(lane) > 1
    assert desk.studio.freshness(desk.layer).confidence == lane
    np.testing.assert_array_equal(coverage(desk, 1005), old)
    assert (len(desk.engine.segments), len(desk.engine.jobs)) == asked


def test_use_adapter_none_goes_back(desk: Desk) -> None:
    click(desk, 1001)
    desk.settle()
    desk.studio.document.do(UseAdapter(desk.layer, None))

    assert desk.studio.document.shot.layer(desk.layer).adapter == ""


def test_a_second_plate_is_read_although_the_window_looked_first(desk: Desk) -> None:
    """A window hears of the plate before the workbench that was made for it; its look must not be lost."""
    studio = desk.studio
    other = desk.plate.parent / "other.0007.exr"
    other.write_bytes((desk.plate.parent / "plate.1001.exr").read_bytes())
    studio.document.changed.connect(lambda _change: studio.look_at(7))

    studio.open(other)

    desk.until(lambda: studio.picture(7) is not None)
    assert studio.saving.path is None


def test_a_plate_that_was_only_opened_is_nothing_to_save(desk: Desk) -> None:
    """No question about it and no session left behind; a layer is work."""
    studio = desk.studio
    states: list[str] = []
    studio.saving.changed.connect(states.append)
    studio.open(desk.plate)
    desk.until(lambda: studio.saving.path is None and studio.document.shot.plate is not None)

    assert (studio.saving.unsaved, states[-1]) == (False, "new")
    studio.document.do(AddLayer(Layer("late", "Late")))
    assert (studio.saving.unsaved, states[-1]) == (True, "unsaved")
    studio.document.undo()
    assert not studio.saving.unsaved


def test_frames_are_read_in_the_order_they_are_wanted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the end of a loop to its beginning, before what lies behind; a frame nobody named comes last."""
    desk.until(lambda: desk.studio.cached_frames() == frozenset(range(1001, 1007)))
    desk.studio.bench.loader.close()  # type: ignore[union-attr]
    read: list[int] = []
    reader = PlateReader.read
    monkeypatch.setattr("app.loading.WORKERS", 1)

    def slowly(plate: PlateReader, frame: int) -> Picture:
        read.append(frame)
        return reader(plate, frame)

    monkeypatch.setattr(PlateReader, "read", slowly)
    plate = desk.studio.document.shot.plate
    assert plate is not None
    loader = Loader(plate, desk.studio.color, FrameCache(1 << 24), desk.loop.post, lambda _frame: None)
    loader.look_at(1005, (1005, 1006, 1001, 1002, 1003))
    desk.until(lambda: len(read) == 6)
    loader.close()

    assert read == [1005, 1006, 1001, 1002, 1003, 1004]
