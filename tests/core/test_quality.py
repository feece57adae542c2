"""What counts as a hole, a speck, chatter, a gap; and what does not."""

from __future__ import annotations

import numpy as np

from core.arrays import Float32
from core.frame_facts import FrameFacts
from core.geometry import Window
from core.matte import Matte
from core.quality import Concern, Finding, by_urgency, in_short, of_one_matte, over_time, runs

CANVAS = Window(-10, -20, 390, 280)


def disc() -> Float32:
    """(300, 400): a soft-edged disc in the middle."""
    y, x = np.mgrid[:300, :400]
    return np.clip(100.5 - np.hypot(y - 150, x - 200), 0, 1).astype(np.float32)


def found(coverage: Float32) -> list[Finding]:
    return of_one_matte("Hero", 1003, Matte(CANVAS, coverage), CANVAS)


def test_a_clean_matte_has_no_findings() -> None:
    assert found(disc()) == []
    assert found(np.zeros(CANVAS.shape, np.float32)) == []


def test_holes_and_specks_with_their_place() -> None:
    """The largest is placed in plate pixels; how many, how large and how deep is said; the remedy mends it."""
    coverage = disc()
    coverage[120:124, 180:185] = 0.25
    coverage[160:162, 220:222] = 0.5
    coverage[10:13, 15:19] = 0.75
    hole, speck = found(coverage)

    assert (hole.concern, hole.place) == (Concern.HOLE, Window(170, 100, 175, 104))
    assert hole.reason == "2, the largest 20 px² and 0.75 deep"
    assert "Fill holes in the layer's finish to 20 px²" in hole.next_step
    assert (speck.concern, speck.place) == (Concern.SPECK, Window(5, -10, 9, -7))
    assert speck.reason == "1, the largest 12 px² and 0.75 deep"


def test_a_hole_that_is_meant_is_none() -> None:
    """One that is large belongs to the subject."""
    coverage = disc()
    coverage[120:150, 180:210] = 0

    assert found(coverage) == []


def test_values_that_do_not_fit_are_counted() -> None:
    coverage = disc()
    coverage[0, 0], coverage[0, 1], coverage[150, 200] = -0.5, np.nan, 1.25

    (clipped,) = [each for each in found(coverage) if each.concern is Concern.CLIPPED]
    assert clipped.reason == "3 values outside 0-1 or no number"


def facts(chatter: float = 0.5, area: float = 0.1, jump: float = 0.0, flicker: float = 0.0) -> FrameFacts:
    return FrameFacts(chatter_px=chatter, area=area, jump=jump, flicker=flicker, key_distance=4)


def test_chatter_is_told_where_it_is_worst() -> None:
    """A frame that jumps moves the edge of its neighbours too; only it is named. What is usual is no chatter."""
    frames = {1000 + number: facts() for number in range(9)}
    frames |= {1003: facts(3.0), 1004: facts(6.0), 1005: facts(3.0)}

    (finding,) = over_time("Hero", frames, 1.0)
    assert (finding.concern, finding.frame) == (Concern.CHATTER, 1004)
    assert finding.reason == "the edge moves 6.0 px against the picture; usual here is 0.5 px"


def test_jumps_and_gaps() -> None:
    """A part that goes and comes, and a matte that is empty between two that are not; empty ends are none."""
    frames = {1000 + number: facts() for number in range(10)}
    frames[1002] = facts(jump=-0.7, flicker=0.4)
    frames |= {number: facts(area=0.0) for number in (1000, 1005, 1006, 1009)}
    jump, gap = over_time("Hero", frames, 1.0)

    assert (jump.concern, jump.frame, jump.reason) == (Concern.JUMP, 1002, "50% less than in the frames beside it")
    assert (gap.concern, gap.frames) == (Concern.VANISHES, "1005-1006")


def test_runs_and_order() -> None:
    """Frames that follow each other are one; what must be fixed comes first; notes are not counted."""
    note = Finding(Concern.NOT_APPROVED, "Hero", 1, 9, "", "")
    must = Finding(Concern.NO_MATTE, "Sky", 4, 4, "", "")
    look = Finding(Concern.HOLE, "Hero", 2, 2, "", "")

    assert runs({5, 1, 2, 3, 9}) == [(1, 3), (5, 5), (9, 9)]
    assert by_urgency([note, look, must]) == [must, look, note]
    assert in_short([note, look, must, look]) == "2 × holes, 1 × no current matte"
