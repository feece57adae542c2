"""Which frame to correct next, on facts and pictures whose answer is known by hand; and what a subject looks like."""

from __future__ import annotations

import numpy as np
import pytest

from core.appearance import Appearance, appearance, unlikeness
from core.correct_next import Suggestion, suggestions
from core.error_removed import ErrorRemoved
from core.frame_facts import FrameFacts, Measurements, Shape, gather
from core.frame_motion import Sight, sight
from core.geometry import Window
from core.matte_facts import SmallMatte, Step, measured

WINDOW = Window(0, 0, 96, 64)
GREEN, RED = (0.02, 0.3, 0.02), (0.4, 0.03, 0.03)


def seen(
    x: int = 30, width: int = 20, height: int = 30, color: tuple[float, float, float] = RED
) -> tuple[Sight, SmallMatte]:
    """A box of one color on grey, its top at 20."""
    rgb = np.full((64, 96, 3), 0.1, np.float32)
    coverage = np.zeros((64, 96), np.float32)
    rgb[20 : 20 + height, x : x + width] = color
    coverage[20 : 20 + height, x : x + width] = 1
    return sight(rgb, WINDOW), measured(coverage)


def look(x: int = 30, width: int = 20, height: int = 30, color: tuple[float, float, float] = RED) -> Appearance:
    found = appearance(*seen(x, width, height, color))
    assert found is not None
    return found


def between(wrong: dict[int, float]) -> dict[int, FrameFacts]:
    """Frames 0-20 with key frames at both ends; `wrong` gives the flicker of some, which adds to the error."""
    return {
        frame: FrameFacts(key_distance=min(frame, 20 - frame), confidence=0.9, flicker=wrong.get(frame, 0.0))
        for frame in range(21)
    }


def first(facts: dict[int, FrameFacts], looks: dict[int, Appearance | None] | None = None) -> Suggestion:
    return suggestions(facts, looks or {})[0]


def test_the_same_elsewhere_is_alike_and_another_shape_color_or_nothing_is_not() -> None:
    """A moved box is the same; a lying one, a green one, and no subject at all are not."""
    standing = look()
    others = [look(x=60), look(width=40, height=12), look(color=GREEN), None]

    told = unlikeness([standing], others)

    assert told.whole[0, 0] < 0.05
    assert told.shape[0].argsort()[0] == 0
    assert told.shape[0, 1] > 0.2
    assert told.shape[0, 2] < 0.05 < 0.5 < told.color[0, 2]
    assert told.whole[0, 3] == pytest.approx(1.0)
    assert unlikeness([None], [None]).whole[0, 0] == 0.0


def test_a_correction_goes_where_it_helps_most() -> None:
    """All equally wrong: the middle, which speaks for both halves. One frame that is worse alone changes nothing."""
    middle = first(between(dict.fromkeys(range(1, 20), 0.3)))
    with_fault = first(between({**dict.fromkeys(range(1, 20), 0.3), 2: 0.9}))

    assert 8 <= middle.frame <= 12
    assert middle.helps >= 6
    assert 7 <= with_fault.frame <= 12
    assert middle.reason.endswith(f"would help {middle.helps} frames around it")


def test_a_frame_like_a_key_frame_teaches_little() -> None:
    """Frames 1-12 look like the key frames, 13-19 do not: the suggestion is one of those, and says why."""
    facts = between(dict.fromkeys(range(1, 20), 0.3))
    looks: dict[int, Appearance | None] = {
        frame: look() if frame < 13 or frame == 20 else look(width=40, height=12, color=GREEN) for frame in range(21)
    }

    suggested = first(facts, looks)

    assert 13 <= suggested.frame <= 19
    assert suggested.reason.startswith("unlike every key frame: ")


def test_the_words_name_what_is_different() -> None:
    facts = {frame: FrameFacts(key_distance=frame, confidence=0.5, drift=1.0, lost_side="left") for frame in range(3)}

    def words(other: Appearance) -> str:
        return first(facts, {0: look(), 1: other, 2: other}).reason

    assert words(look(width=36, height=12)).startswith("unlike key frame 0: the subject turned or changed its shape")
    assert "its light or colors changed" in words(look(color=GREEN))
    assert "the subject leaves the picture at the left" in words(look(x=0, width=10))
    assert "the subject is 150 % larger" in words(look(x=10, width=50, color=GREEN))
    assert "motion is lost at the left edge" in words(look())


def test_each_suggestion_counts_on_those_before_it_and_approved_frames_on_none() -> None:
    """The next one lies in a half that the first left; approved frames are neither offered nor helped."""
    facts = between(dict.fromkeys(range(1, 20), 0.3))

    several = suggestions(facts, {}, most=3)
    left_half = suggestions(facts, {}, approved=frozenset(range(10, 20)), most=20)

    assert sorted(each.frame for each in several)[1] == several[0].frame
    assert [each.removes for each in several] == sorted((each.removes for each in several), reverse=True)
    assert {each.frame for each in left_half} == set(range(1, 10))
    assert suggestions({}, {}) == ()
    assert suggestions({0: FrameFacts(key_distance=0)}, {}) == ()


def test_a_long_shot_is_looked_at_in_steps() -> None:
    """Two thousand frames from one key frame: an answer in the half that has most to give."""
    facts = {frame: FrameFacts(key_distance=frame, confidence=0.9, drift=frame / 500) for frame in range(2000)}

    assert 600 < first(facts).frame < 1600


def test_the_end_where_motion_is_lost_is_named() -> None:
    """On the way from key frame 0 the right end slips; of a way that slips everywhere no end is named."""
    shapes = {frame: Shape(100.0, 40.0, 1) for frame in range(4)}

    def side(lost_at: tuple[float, float]) -> str:
        steps = {frame: Step(0.0, 2.0, 0.0, 0.0, lost_at) for frame in range(3)}
        return gather(tuple(range(4)), frozenset({0}), {}, Measurements(shapes, steps))[3].lost_side

    assert [side(at) for at in ((0.6, 0.1), (-0.6, 0.1), (0.1, 0.5), (0.1, -0.5), (0.1, 0.1))] == [
        "right",
        "left",
        "bottom",
        "top",
        "",
    ]


def test_what_was_taken_away_is_one_sentence() -> None:
    removed = ErrorRemoved("Frame 1047 corrected", {1046: 0.3, 1047: 0.5}, {1046: 0.1, 1047: 0.0})

    assert removed.sentence == "Frame 1047 corrected: likely error 40 % → 5 % over 2 frames"
    assert ErrorRemoved("Frame 1047 corrected").sentence == ""
