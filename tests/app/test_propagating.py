"""Renewing while the artist goes on working: what a correction stops, what it asks for, and in which order."""

from __future__ import annotations

from core.commands import AddCorrection, AddPrompt
from core.prompts import Click, Stroke, StrokePoint
from inference.messages import PropagateRequest
from tests.app.conftest import Desk


def paint(desk: Desk, frame: int, x: float) -> None:
    stroke = Stroke((StrokePoint(x, 24.0),), radius_px=4.0, adds=True, hardness=1.0)
    desk.studio.document.do(AddCorrection(desk.layer, frame, stroke, desk.studio.shown_key(desk.layer, frame)))


def renewed(desk: Desk) -> list[PropagateRequest]:
    return [job for job in desk.engine.jobs if isinstance(job, PropagateRequest)]


def test_a_correction_while_frames_are_renewed_stops_that_and_begins_at_the_playhead(desk: Desk) -> None:
    """The engine is busy with a first correction when a second one is painted: the stroke stands at once, the older job
    answers no more, and one request asks for what is stale now, nearest to the playhead first."""
    desk.studio.document.do(AddPrompt(desk.layer, 1001, Click(20.5, 24.5), ""))
    desk.settle()
    desk.studio.propagate(desk.layer)
    desk.settle()
    desk.engine.hold = True
    paint(desk, 1003, 40.0)
    desk.until(lambda: len(renewed(desk)) == 2)
    desk.studio.look_at(1005)
    paint(desk, 1005, 40.0)

    standing, _ = desk.studio.matte(desk.layer, 1005)
    desk.until(lambda: len(renewed(desk)) == 3)
    desk.engine.release()
    desk.settle()

    assert standing is not None
    assert standing.float32()[24, 40] == 1.0  # before any answer
    assert renewed(desk)[1].frames == (1002, 1004, 1005, 1006)  # the playhead is still at 1001
    assert renewed(desk)[2].frames == (1006, 1004, 1002)
    assert set(renewed(desk)[2].keys) == {1001, 1003, 1005}
    assert desk.studio.freshness(desk.layer).stale == frozenset()
