"""The memory of what key frames look like: with places whose likeness is known, computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.arrays import Float32
from core.errors import Cancelled, FrameError
from inference.motion.chain import Carried
from inference.motion.edge import by_color
from inference.motion.memory import UNKNOWN_RELIABILITY, Memory, Witness
from inference.motion.propagation import memory_say, remembered

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
        return np.where(self.truth(frame)[..., None] > 0, np.array(RED, np.float32), np.array(GREEN, np.float32))


def test_the_thing_is_found_wherever_it_went_and_not_where_it_is_gone() -> None:
    shot = Squares()
    memory = Memory(Colors(), shot, {0: shot.truth(0)})

    far, gone = memory.recalled(11, (0,)), memory.recalled(9, (0,))

    assert far is not None
    assert gone is not None
    assert far.coverage == pytest.approx(shot.truth(11), abs=1e-4)
    assert far.familiar.min() == pytest.approx(1.0)
    assert gone.coverage.max() < 1e-4
    assert memory.reliability((0,)) == UNKNOWN_RELIABILITY


def test_how_well_key_frames_are_recalled_from_each_other() -> None:
    """Two keys agree; the third calls the ground the thing: it is recalled from the others as their opposite."""
    shot = Squares()
    agree = {0: shot.truth(0), 5: shot.truth(5)}

    assert Memory(Colors(), shot, agree).reliability((0, 5)) == pytest.approx(1.0, abs=1e-3)
    assert Memory(Colors(), shot, {**agree, 10: 1.0 - shot.truth(10)}).reliability((0, 5, 10)) < 0.7


def test_frames_that_cannot_be_read_are_no_memory_and_recall_nothing() -> None:
    shot = Squares()

    assert Memory(Colors(), shot, {0: shot.truth(0)}).recalled(7, (0,)) is None
    assert Memory(Colors(), shot, {7: shot.truth(6)}).recalled(0, (7,)) is None
    with pytest.raises(Cancelled):
        Memory(Colors(), shot, {0: shot.truth(0)}, lambda: True).recalled(3, (0,))


def test_a_recent_frame_is_a_witness_for_as_much_as_motion_trusts_it() -> None:
    """The key frame calls red the thing; a frame on the way says the opposite: half-trusted, it halves the answer."""
    shot = Squares()
    memory = Memory(Colors(), shot, {0: shot.truth(0)})

    def red(trust: float) -> float:
        against = Witness(5, 1.0 - shot.truth(5), np.full(shot.shape(), trust, np.float32))
        found = memory.recalled(11, (0,), recent=[against])
        assert found is not None
        return float(found.coverage[3, 12])

    assert red(1.0) == pytest.approx(0.5, abs=1e-3)
    assert red(0.5) == pytest.approx(1.0 / 1.5, abs=1e-3)
    assert red(0.05) == pytest.approx(1.0, abs=1e-3), "too little to be remembered"


def test_memory_speaks_where_motion_is_lost_and_only_there() -> None:
    """Left half: motion is sure, and its pixels stay as they are. Right half: nothing is left of its trust."""
    coverage = np.full((4, 8), 0.25, np.float32)
    trust = np.zeros((4, 8), np.float32)
    trust[:, :4] = 1.0
    recalled = np.ones((4, 8), np.float32)

    carried = Carried(coverage, trust, 3)
    fused = remembered(carried, recalled, memory_say(carried, 0.6, 0.3))

    assert np.array_equal(fused[:, :4], coverage[:, :4])
    assert fused[:, 4:].min() > 0.9


def test_what_neither_sees_stays_exactly_empty() -> None:
    nothing = np.zeros((4, 8), np.float32)

    assert not remembered(Carried(nothing, nothing, 3), nothing, np.full_like(nothing, 0.1)).any()


def test_memory_counts_more_where_it_is_good_and_motion_is_not() -> None:
    lost, sure = (Carried(np.zeros((1, 1), np.float32), np.full((1, 1), trust, np.float32), 3) for trust in (0.0, 1.0))

    assert memory_say(lost, 0.6, 0.1) > memory_say(lost, 0.6, 0.9) > memory_say(lost, 0.6, 1.0) == 0.0
    assert memory_say(lost, 0.6, 0.5) > memory_say(lost, 0.3, 0.5)
    assert memory_say(sure, 0.6, 0.1) == 0.0


def test_only_places_are_asked_where_the_answer_counts() -> None:
    """Of the left half nothing is wanted: it is as it was given; the right half is recalled."""
    shot = Squares()
    counts = np.zeros(shot.shape(), np.float32)
    counts[:, 8:] = 1.0

    found = Memory(Colors(), shot, {0: shot.truth(0)}).recalled(
        6, (0,), np.full(shot.shape(), 0.25, np.float32), counts
    )

    assert found is not None
    assert (found.coverage[:, :8] == 0.25).all()
    assert found.coverage[:, 8:] == pytest.approx(shot.truth(6)[:, 8:], abs=1e-4)


def test_what_is_like_nothing_remembered_is_hardly_spoken_of() -> None:
    """A key frame of red on green, and a blue frame: memory does not know it, and does not call it the thing."""
    shot = Squares()

    class Blue(Squares):
        def rgb(self, frame: int, long_edge_px: int | None = None) -> Float32:
            return (
                super().rgb(frame)
                if frame == 0
                else np.full((8, 16, 3), np.array((0.6, 0.0, 1.0), np.float32), np.float32)
            )

    found = Memory(Colors(), Blue(), {0: shot.truth(0)}).recalled(3, (0,))

    assert found is not None
    assert found.familiar.max() < 0.01
    assert found.coverage.max() < 0.5


def test_coarse_coverage_follows_the_colors_of_the_picture() -> None:
    """Places of four pixels; the red square's edge lies inside of some: a pixel goes with the place of its color."""
    seen = np.full((32, 32, 3), np.array(GREEN, np.float32), np.float32)
    seen[:, 9:19] = RED
    coarse = np.full((8, 8), 0.0, np.float32)
    coarse[:, 2] = 0.75
    coarse[:, 3] = 1.0
    coarse[:, 4] = 0.75

    found = by_color(coarse, seen)

    assert ((found > 0.5) == (seen[..., 0] > 0.5)).mean() > 0.96
    assert np.array_equal(by_color(np.zeros_like(coarse), seen), np.zeros((32, 32), np.float32))
