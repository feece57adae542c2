"""Acceptance: the loop that learns, driven in the real window on a real sequence with a real engine. Click, propagate,
correct what is suggested, watch the lane renew, teach, watch the held-out error, compare, use, undo, roll back.

With `PENUMBRA_SCREENSHOTS=docs/images/learning` it plays more frames, teaches longer and keeps what it sees.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.bench.loop_artist import corrected
from core.arrays import Float32
from core.commands import UseAdapter
from core.error_removed import ErrorRemoved
from core.jobs import JobState
from core.layer import Layer
from core.prompts import Stroke
from tests.walks.conftest import FULL_SIZE, Artist
from tests.walks.plates import FIRST, centre_of, davis_as_exr, davis_truth
from widgets.studio import TeachResult
from widgets.timeline.bars import Lane
from widgets.view_state import Compare, Look, Source, SourceKind

SEQUENCE = "dog"
FRAMES, EVERY = (20, 3) if FULL_SIZE else (7, 3)
STROKES = 16 if FULL_SIZE else 5
TEACH_S = 30.0 if FULL_SIZE else 4.0
PATIENCE_S = 300
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


class Dog:
    """The shot in the window, and the truth beside it."""

    def __init__(self, artist: Artist, shared_data: Path) -> None:
        self.artist, self.studio, self.window = artist, artist.studio, artist.window
        self.truth = {FIRST + place: davis_truth(shared_data, SEQUENCE, place * EVERY) for place in range(FRAMES)}
        self.studio.open(davis_as_exr(shared_data, SEQUENCE, artist.folder / "plates", FRAMES, EVERY))
        artist.until(lambda: self.studio.document.shot.plate is not None and self.studio.picture(FIRST) is not None)

    @property
    def layer(self) -> Layer:
        return self.studio.document.shot.layer(self.artist.layer_id)

    def shown(self, frame: int) -> Float32:
        matte, _fresh = self.studio.matte(self.layer.id, frame)
        plate = self.studio.document.shot.plate
        assert matte is not None
        assert plate is not None
        return matte.over(plate.canvas)

    def mattes(self) -> dict[int, bytes]:
        return {frame: self.shown(frame).tobytes() for frame in self.truth}

    def error(self) -> float:
        """The mean absolute error over all frames, 0-1."""
        return float(np.mean([np.abs(self.shown(frame) - wanted).mean() for frame, wanted in self.truth.items()]))

    def renewed(self) -> None:
        """Every frame has the matte that is due now, and every one was looked at."""
        layer_id, everything = self.layer.id, frozenset(self.truth)
        self.artist.until(lambda: self.studio.freshness(layer_id).fresh == everything, PATIENCE_S)
        self.artist.settle(PATIENCE_S)
        self.artist.until(lambda: self.studio.judging.progress(layer_id) == (FRAMES, FRAMES), PATIENCE_S)

    def click(self, frame: int) -> None:
        """One click in the middle, and one where that is most wrong."""
        self.artist.go_to(frame)
        self.artist.act("tool.click")
        self.artist.click(*centre_of(self.truth[frame]))
        self.artist.settle()
        self.artist.until(lambda: self.studio.freshness(self.layer.id).fresh >= {frame})

    def correct(self, frame: int, most: int = STROKES) -> tuple[Stroke, ...]:
        """Some strokes of a hand that is not exact, made with the mouse."""
        strokes = corrected(self.truth[frame], self.shown(frame), frame, most).strokes
        self.artist.act("tool.brush")
        for stroke in strokes:
            self.window.viewport.set_brush(radius_px=stroke.radius_px, hardness=stroke.hardness)
            places = [(point.x, point.y) for point in stroke.points]
            self.artist.drag(LEFT if stroke.adds else RIGHT, *places)
        return strokes

    def taught(self) -> TeachResult:
        """Teach, watch, and hear what is offered."""
        offers: list[TeachResult] = []
        forget = self.studio.teach_offered.connect(offers.append)
        before = {job.id for job in self.studio.jobs()}
        self.studio.teach(self.layer.id, {"seconds": TEACH_S, "clock": "patient"})
        self.artist.until(lambda: bool(offers), PATIENCE_S)
        forget()
        (job,) = [each for each in self.studio.jobs() if each.kind == "teach" and each.id not in before]
        self.artist.until(lambda: self.job_state(job.id).ended)
        held_out = [each["held_out_error"] for each in self.studio.teach_curve(job.id) if "held_out_error" in each]
        assert self.job_state(job.id) is JobState.DONE
        assert held_out  # it was measured while it learnt, and fell where it says that it got better
        assert not offers[0].improved or offers[0].held_out_after <= offers[0].held_out_before
        return offers[0]

    def removed(self) -> ErrorRemoved:
        """What the last correction took away so far."""
        return self.studio.judging.removed(self.layer.id) or ErrorRemoved("nothing yet")

    def job_state(self, job_id: str) -> JobState:
        return next(job.state for job in self.studio.jobs() if job.id == job_id)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_loop_that_learns(artist: Artist, shared_data: Path) -> None:
    dog = Dog(artist, shared_data)
    window, studio = artist.window, artist.studio

    # One clicked frame, carried to all others.
    middle = FIRST + FRAMES // 2
    dog.click(middle)
    window.timeline.choice.choose(Lane.EXPECTED_ERROR)
    artist.act("matte.propagate")
    dog.renewed()

    # Correct what is suggested: the reason is over the picture; the lane says what the correction took away.
    artist.act("look.correct_next")
    first = window.view.look.frame
    assert first != middle
    assert window.look_badge.text().startswith(f"Correct frame {first}: ")
    artist.until(lambda: studio.picture(first) is not None)
    artist.shot("suggested")
    before, error = dog.mattes(), dog.error()
    dog.correct(first)
    painted = dog.shown(first)
    dog.renewed()
    anew = {frame for frame, matte in dog.mattes().items() if matte != before[frame]}
    artist.until(lambda: dog.removed().before.keys() == anew)
    removed = dog.removed()
    assert removed.cause == f"Frame {first} corrected"
    assert removed.before[first] > removed.after[first] == 0.0
    assert dog.error() < error
    assert window.look_badge.text() == removed.sentence
    artist.until(lambda: window.timeline.lanes.removed == removed)
    assert window.timeline.lanes.bars[first].was > 0
    artist.shot("corrected")

    # The next suggestion is another frame.
    artist.act("look.correct_next")
    second = window.view.look.frame
    assert second not in (first, middle)
    artist.until(lambda: studio.picture(second) is not None)
    dog.correct(second)
    dog.renewed()

    # Teach: the held-out error falls; figures before and after stand beside each other.
    untaught, untaught_error = dog.mattes(), dog.error()
    window.docks.open("Teach")
    result = dog.taught()
    assert math.isfinite(result.held_out_before)
    assert math.isfinite(result.held_out_after)
    assert dog.mattes() == untaught  # offered, not forced
    artist.shot("taught")

    # Use: one step; what was painted stays; the take of before is compared with now.
    studio.answer_teach(result, use=True)
    dog.renewed()
    assert dog.layer.adapter == result.asset
    np.testing.assert_array_equal(dog.shown(first)[_solid(painted)], painted[_solid(painted)])
    assert dog.error() < untaught_error + 0.01
    (take,) = [take for take in studio.takes(dog.layer.id) if take.name == f"before {result.name}"]
    between = next(frame for frame in sorted(dog.truth) if frame not in dog.layer.key_frames)
    window.view.set(
        frame=between, a=Source(SourceKind.TAKE, take.id), b=Source(SourceKind.MATTE), compare=Compare.SIDE_BY_SIDE
    )
    assert studio.take_matte(take.id, between) is not None
    artist.shot("compared")
    window.view.set(a=Look().a, b=Look().b, compare=Compare.SINGLE)
    window.docks.open("Inspector")
    artist.until(lambda: f"taught “{result.name}”" in window.inspector.origin.text())
    artist.shot("origin")

    # Undo: the mattes of before, bit for bit, and no frame is computed for it. Redo brings the taught ones back.
    used = dog.mattes()
    jobs = len(studio.jobs())
    studio.document.undo()
    dog.renewed()
    assert (dog.mattes(), len(studio.jobs())) == (untaught, jobs)
    studio.document.redo()
    dog.renewed()
    assert dog.mattes() == used

    # Roll back: a second lesson is used, then the first one again, by name.
    again = dog.taught()
    studio.answer_teach(again, use=True)
    dog.renewed()
    (earlier,) = [adapter for adapter in dog.layer.adapters if adapter.asset == result.asset]
    studio.document.do(UseAdapter(dog.layer.id, earlier))
    dog.renewed()
    assert dog.mattes() == used
    assert {adapter.name for adapter in dog.layer.adapters} == {result.name, again.name}

    # Approve: this frame stays as it is, whatever is used.
    window.docks.open("Inspector")
    window.view.set(frame=between)
    artist.act("review.approved")
    artist.until(lambda: "Approved: it stays" in window.inspector.origin.text())
    artist.shot("approved")
    studio.document.do(UseAdapter(dog.layer.id, None))
    dog.renewed()
    after = dog.mattes()
    assert after[between] == used[between]
    assert after != used


def _solid(matte: Float32) -> np.ndarray:
    """Where nobody but the artist decides is known to the studio; what is exactly 0 or 1 nearby is close enough."""
    return np.asarray((matte == 0.0) | (matte == 1.0))
