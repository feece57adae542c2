"""Which matte stands at a frame."""

from __future__ import annotations

import numpy as np

from core.commands import AddCorrection, AddPrompt
from core.layer import EMPTY_MATTE
from core.prompts import Click, Stroke, StrokePoint
from tests.app.conftest import FRAMES, Desk


def test_painted_matte_is_the_same_at_its_first_look_as_ever_after(desk: Desk) -> None:
    """A soft stroke has values that half rounds; what is shown first is what is stored, exported and opened again."""
    stroke = Stroke(tuple(StrokePoint(20.3 + step, 20.7, 0.37) for step in range(9)), 7.3, hardness=0.2)
    desk.studio.document.do(AddCorrection(desk.layer, 1001, stroke, EMPTY_MATTE))

    first, _ = desk.studio.matte(desk.layer, 1001)
    again, _ = desk.studio.matte(desk.layer, 1001)

    assert first is not None
    assert again is not None
    assert ((first.float32() > 0) & (first.float32() < 1)).any()
    np.testing.assert_array_equal(first.float32(), again.float32())


def test_frames_seen_before_there_was_a_key_frame_had_no_matte(desk: Desk) -> None:
    """A layer was added and every frame looked at; the first click propagates nothing that nobody asked for."""
    for frame in FRAMES:
        desk.studio.matte(desk.layer, frame)

    desk.studio.document.do(AddPrompt(desk.layer, 1001, Click(20.5, 20.5), EMPTY_MATTE))
    desk.settle()

    assert desk.studio.jobs() == ()
    assert desk.studio.freshness(desk.layer).stale == frozenset()
    assert desk.studio.freshness(desk.layer).fresh == {1001}
