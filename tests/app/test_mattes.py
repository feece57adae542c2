"""Which matte stands at a frame."""

from __future__ import annotations

import numpy as np

from core.commands import AddCorrection
from core.layer import EMPTY_MATTE
from core.prompts import Stroke, StrokePoint
from tests.app.conftest import Desk


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
