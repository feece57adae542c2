"""What was taught: approved frames in the offer, held-out ones over rounds, models compared and laid on a sheet."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from app.teaching import APPROVED_WEIGHT, held_out_frame
from core.adapter_commands import KeepAdapter
from core.arrays import UInt8
from core.commands import AddCorrection, AddPrompt
from core.jobs import JobState
from core.layer import Adapter, Correction, KeyFrame, Layer
from core.prompts import Click, Stroke, StrokePoint
from core.review import ReviewStatus
from core.review_commands import SetReviewStatus
from core.take import TakeId
from inference.messages import PropagateRequest, TeachRequest
from tests.app.conftest import Desk
from widgets.studio import TeachResult
from widgets.teaching import SheetOf

STROKE = Stroke((StrokePoint(50.0, 24.0),), radius_px=4.0, adds=True, hardness=1.0)


@pytest.fixture
def taught(desk: Desk) -> Desk:
    """Clicked, corrected and propagated; what Teach makes waits for an answer."""
    desk.studio.document.do(AddPrompt(desk.layer, 1001, Click(20.5, 20.5), desk.studio.shown_key(desk.layer, 1001)))
    desk.studio.document.do(AddCorrection(desk.layer, 1004, STROKE, desk.studio.shown_key(desk.layer, 1004)))
    desk.settle()
    desk.studio.propagate(desk.layer)
    desk.settle()
    return desk


def teach(desk: Desk) -> TeachResult:
    offers: list[TeachResult] = []
    forget = desk.studio.teach_offered.connect(offers.append)
    desk.studio.teach(desk.layer)
    desk.settle()
    forget()
    return offers[0]


def lesson(desk: Desk) -> TeachRequest:
    return [job for job in desk.engine.jobs if isinstance(job, TeachRequest)][-1]


def hero(desk: Desk) -> Layer:
    return desk.studio.document.shot.layer(desk.layer)


def test_an_approved_frame_is_shown_lightly_and_must_not_get_worse(taught: Desk) -> None:
    """It is a lesson of little weight, as it was approved; where it moves, nothing is offered as better."""
    studio = taught.studio
    sealed = studio.reviewing.sealable(taught.layer, 1002)
    studio.document.do(SetReviewStatus(1002, taught.layer, ReviewStatus.APPROVED, "key", sealed=sealed))
    taught.engine.metrics = {**taught.engine.metrics, "approved_before": 0.001, "approved_error": 0.02}
    worse = teach(taught)
    taught.engine.metrics = {**taught.engine.metrics, "approved_error": 0.002}
    kept = teach(taught)
    approved = [example for example in lesson(taught).examples if example.approved]
    matte, _fresh = studio.matte(taught.layer, 1002)

    assert [(example.frame, example.weight, example.held_out) for example in approved] == [
        (1002, APPROVED_WEIGHT, False)
    ]
    assert matte is not None
    np.testing.assert_array_equal(approved[0].matte.float32(), matte.float32())
    assert (worse.improved, kept.improved) == (False, True)
    assert (worse.approved_before, worse.approved_after) == (0.001, 0.02)
    assert worse.taught_on == (1001, 1004)


def test_what_was_not_used_is_listed_and_one_undo_takes_it_out(taught: Desk) -> None:
    offer = teach(taught)
    taught.studio.answer_teach(offer, use=False)
    kept = [adapter.name for adapter in hero(taught).listed_adapters], hero(taught).adapter
    taught.studio.document.undo()

    assert kept == (["Hero teach 1"], "")
    assert hero(taught).adapters == ()


def test_held_out_stays_held_out_over_rounds_whatever_is_corrected_next() -> None:
    """From the sixth key frame on; also when the adapter that was measured on it was removed."""
    painted = KeyFrame(correction=Correction(strokes=(STROKE,)))
    layer = Layer("hero", "Hero", key_frames=dict.fromkeys((1001, 1004, 1007, 1010, 1013, 1016), painted))
    first = held_out_frame(layer)
    five = Layer("hero", "Hero", key_frames=dict.fromkeys((1001, 1004, 1007, 1010, 1013), painted))
    assert first is not None
    others = tuple(frame for frame in layer.key_frames if frame != first)
    adapter = Adapter("a", "Hero teach 1", "propagate", taught_on=others, held_out=(first,), removed=True)
    later = replace(layer, adapters=(adapter,))
    for frame in (1012, 1002, 1020):
        later = later.with_key_frame(frame, painted)
        assert held_out_frame(later) == first

    assert held_out_frame(five) is None


def test_another_model_is_compared_as_a_take_and_the_layer_is_not_touched(taught: Desk) -> None:
    """Its mattes arrive in a take under keys of their own; asked again, it is the same one, and nothing is computed."""
    taught.studio.answer_teach(teach(taught), use=True)
    taught.settle()
    other = Adapter(taught.studio.put_asset(b"other"), "Hero teach 2", "propagate")
    taught.studio.document.do(KeepAdapter(taught.layer, other))
    before, found = taught.studio.document.shot, list[TakeId]()
    taught.studio.teaching.compare(taught.layer, other.asset, 1003, found.append)
    taught.until(lambda: taught.studio.take_matte(found[0], 1006) is not None)
    asked = taught.engine.jobs[:]
    taught.studio.teaching.compare(taught.layer, other.asset, 1002, found.append)
    taught.studio.teaching.compare(taught.layer, "", 1002, found.append)
    taught.until(lambda: not taught.studio.board.running())
    take = next(take for take in taught.studio.takes(taught.layer) if take.id == found[0])
    came = next(take for take in taught.studio.takes(taught.layer) if take.id == found[2])

    assert found[0] == found[1]
    assert isinstance(asked[-1], PropagateRequest)
    assert (asked[-1].adapter, asked[-1].frames) == (b"other", (1003, 1002, 1005, 1006))
    assert taught.engine.jobs == asked
    assert (take.name, take.frames) == ("with Hero teach 2", (1001, 1002, 1003, 1004, 1005, 1006))
    assert came.name == "before Hero teach 1"
    assert taught.studio.document.shot == before


def test_a_sheet_asks_for_each_key_frame_from_the_others(taught: Desk) -> None:
    """Two models, two key frames: four questions, none with the answer among its keys; then a picture."""
    taught.studio.answer_teach(teach(taught), use=True)
    taught.settle()
    asset, sheets = hero(taught).adapter, list[UInt8 | None]()
    before = len(taught.engine.jobs)
    color = taught.studio.color
    transform = color.display(color.default_display, color.default_view)
    of = SheetOf(taught.layer, ("", asset), ("As it came", "Hero teach 1"), (1004,))
    taught.studio.teaching.sheet(of, transform, sheets.append)
    taught.until(lambda: bool(sheets))
    asked = [job for job in taught.engine.jobs[before:] if isinstance(job, PropagateRequest)]

    assert [(job.frames, tuple(job.keys), job.adapter) for job in asked] == [
        ((1001,), (1004,), b""),
        ((1001,), (1004,), b"taught"),
        ((1004,), (1001,), b""),
        ((1004,), (1001,), b"taught"),
    ]
    assert sheets[0] is not None
    assert sheets[0].shape[1] > 3 * 400
    assert taught.studio.board.all()[-1].state is JobState.DONE


def test_one_key_frame_is_no_sheet_and_says_so(desk: Desk) -> None:
    said: list[str] = []
    desk.studio.message.connect(lambda message: said.append(message.text))
    desk.studio.document.do(AddPrompt(desk.layer, 1001, Click(20.5, 20.5), desk.studio.shown_key(desk.layer, 1001)))
    desk.settle()
    sheets: list[UInt8 | None] = []
    transform = desk.studio.color.display(desk.studio.color.default_display, desk.studio.color.default_view)
    desk.studio.teaching.sheet(SheetOf(desk.layer, ("",), ("As it came",)), transform, sheets.append)

    assert sheets == [None]
    assert "wants two key frames" in said[0]


def test_a_lesson_is_held_and_let_go(taught: Desk) -> None:
    """The board says so; an ended job can be neither."""
    taught.engine.hold = True
    taught.studio.teach(taught.layer)
    job = taught.studio.board.running("teach")[0]
    taught.studio.teaching.pause(job.id, paused=True)
    held = taught.studio.board.running("teach")[0]
    taught.studio.teaching.pause(job.id, paused=False)
    taught.engine.release()
    taught.settle()
    ended = next(status for status in taught.studio.jobs() if status.id == job.id)

    assert (job.can_pause, held.paused, ended.paused, ended.can_pause) == (True, True, False, False)
    assert math.isfinite(teach(taught).held_out_after)
