"""The memory of what key frames look like: with places whose likeness is known, computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.arrays import Float32
from core.errors import Cancelled, FrameError
from inference.motion.chain import Carried
from inference.motion.memory import UNKNOWN_RELIABILITY, Memory
from inference.motion.propagation import MEMORY_LEAST, memory_weight, remembered

RED, GREEN = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)


class Colors:
    """Every pixel is a place and looks like its color."""

    long_edge_px = 16

    def places(self, rgb: Float32) -> Float32:
        return rgb


class Squares:
    """A red square on green, four pixels wide, at frame's place; frame 9 has none, frame 7 cannot be read."""

    def shape(self) -> tuple[int, int]:
        return 8, 16

    def truth(self, frame: int) -> Float32:
        coverage = np.zeros(self.shape(), np.float32)
        if frame != 9:
            coverage[2:6, frame : frame + 4] = 1.0
        return coverage

    def rgb(self, frame: int, long_edge_px: int | None = None) -> Float32:
        if frame == 7:
            raise FrameError("Frame 7", "is not there")
        return np.where(self.truth(frame)[..., None] > 0, np.float32(RED), np.float32(GREEN))


def test_the_thing_is_found_wherever_it_went_and_not_where_it_is_gone() -> None:
    shot = Squares()
    memory = Memory(Colors(), shot, {0: shot.truth(0)})

    far, gone = memory.recalled(11), memory.recalled(9)

    assert far is not None
    assert gone is not None
    assert far == pytest.approx(shot.truth(11), abs=1e-4)
    assert gone.max() < 1e-4
    assert memory.reliability == UNKNOWN_RELIABILITY


def test_how_well_key_frames_are_recalled_from_each_other() -> None:
    """Two keys agree; the third calls the ground the thing: it is recalled from the others as their opposite."""
    shot = Squares()
    agree = {0: shot.truth(0), 5: shot.truth(5)}

    assert Memory(Colors(), shot, agree).reliability == pytest.approx(1.0, abs=1e-3)
    assert Memory(Colors(), shot, {**agree, 10: 1.0 - shot.truth(10)}).reliability < 0.7


def test_frames_that_cannot_be_read_are_no_memory_and_recall_nothing() -> None:
    shot = Squares()

    assert Memory(Colors(), shot, {0: shot.truth(0)}).recalled(7) is None
    assert Memory(Colors(), shot, {7: shot.truth(6)}).recalled(0) is None
    with pytest.raises(Cancelled):
        Memory(Colors(), shot, {0: shot.truth(0)}, lambda: True)


def test_memory_speaks_where_motion_is_lost_and_only_there() -> None:
    """Left half: motion is sure, and its pixels stay as they are. Right half: nothing is left of its trust."""
    coverage = np.full((4, 8), 0.25, np.float32)
    trust = np.zeros((4, 8), np.float32)
    trust[:, :4] = 1.0
    recalled = np.ones((4, 8), np.float32)

    fused = remembered(Carried(coverage, trust, 3), recalled, 0.1)

    assert np.array_equal(fused[:, :4], coverage[:, :4])
    assert fused[:, 4:].min() > 0.9


def test_what_neither_sees_stays_exactly_empty() -> None:
    nothing = np.zeros((4, 8), np.float32)

    assert not remembered(Carried(nothing, nothing, 3), nothing, 0.1).any()


def test_memory_counts_more_where_it_is_good_and_motion_is_not() -> None:
    assert memory_weight(0.0, 0.0) == MEMORY_LEAST
    assert memory_weight(0.6, 0.1) > memory_weight(0.6, 0.9) > MEMORY_LEAST
    assert memory_weight(0.6, 0.5) > memory_weight(0.3, 0.5)
