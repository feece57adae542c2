"""A moving disc with faults put into single frames: the facts see them, and the order finds them first."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from core.arrays import Float32
from core.expected_error import LookAt, expected_error, queue, reason, spread
from core.frame_facts import NO_KEY_FRAME, FrameFacts, Measurements, Shape, gather
from core.frame_motion import WORK_PX, motion, sight, work_size
from core.geometry import Window
from core.matte_facts import SmallMatte, chatter_heat, likeness, measured, palette, step

WINDOW = Window.of_size(192, 128)
FRAMES = range(12)
KEYS = (0, 11)


def disc(frame: int, radius: float = 24.0) -> Float32:
    """(128, 192) 0-1, a soft-edged disc that moves three pixels a frame."""
    y, x = np.mgrid[:128, :192].astype(np.float32) + 0.5
    far = np.hypot(x - 60 - 3 * frame, y - 64)
    return np.asarray(np.clip(radius + 0.5 - far, 0, 1), np.float32)


def plate(frame: int) -> Float32:
    """(128, 192, 3) scene-linear: an orange textured disc over bluish texture."""
    random = np.random.default_rng(3)
    ground = cv2.GaussianBlur(random.random((128, 192), np.float32), (0, 0), 2.0)[..., None] * (0.1, 0.2, 0.5)
    skin = cv2.GaussianBlur(random.random((400, 400), np.float32), (0, 0), 2.0)[..., None] * (0.9, 0.5, 0.1)
    left = 100 - 3 * frame
    over = disc(frame)[..., None]
    return np.asarray(ground * (1 - over) + skin[100:228, left : left + 192] * over, np.float32)


def facts_of(mattes: dict[int, Float32], confidence: float = 0.9) -> dict[int, FrameFacts]:
    """The facts of a sequence of mattes over the plate, with key frames at both ends."""
    seen = {frame: sight(plate(frame), WINDOW) for frame in mattes}
    small: dict[int, SmallMatte] = {frame: measured(coverage) for frame, coverage in mattes.items()}
    pairs = [frame for frame in mattes if frame + 1 in mattes]
    steps = {frame: step(small[frame], small[frame + 1], motion(seen[frame], seen[frame + 1])) for frame in pairs}
    likenesses = {}
    for key in KEYS:
        known = palette(seen[key], small[key])
        assert known is not None
        likenesses.update({(frame, key): likeness(seen[frame], small[frame], known) for frame in mattes})
    shapes = {frame: Shape(one.area_px, one.edge_px, one.parts) for frame, one in small.items()}
    all_of_it = Measurements(shapes, steps, likenesses, 128.0 * 192.0, 1.0)
    return gather(tuple(mattes), frozenset(KEYS), dict.fromkeys(mattes, confidence), all_of_it)


@pytest.fixture(scope="module")
def right() -> dict[int, FrameFacts]:
    return facts_of({frame: disc(frame) for frame in FRAMES})


def with_fault(frame: int, coverage: Float32) -> dict[int, FrameFacts]:
    return facts_of({other: coverage if other == frame else disc(other) for other in FRAMES})


def holed(frame: int) -> Float32:
    return np.where(disc(frame, 12.0) > 0, np.float32(0), disc(frame))


FAULTS = {
    "jitter": (np.roll(disc(4), 8, axis=0), "edge chatters"),
    "hole": (holed(4), "area drops by"),
    "area drop": (disc(4, 15.0), "area drops by 6"),
    "a second piece": (np.maximum(disc(4), np.roll(disc(4, 10.0), 60, axis=1)), "a piece comes and goes again"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_order_finds_a_fault_in_one_frame_first(fault: str) -> None:
    """Of ten frames between two key frames the spoilt one is offered first, and the reason names the fault."""
    coverage, words = FAULTS[fault]

    first = queue(with_fault(4, coverage))[0]

    assert first.frame == 4
    assert words in first.reason


def test_the_numbers_of_a_right_matte(right: dict[int, FrameFacts]) -> None:
    """A disc of radius 24 in 192 x 128: 7.4 % of the canvas, one piece, an edge that stays on the picture's."""
    here = right[5]

    assert here.area == pytest.approx(math.pi * 24**2 / (192 * 128), rel=0.02)
    assert here.key_distance == 5
    assert here.chatter_px < 0.5
    assert abs(here.jump) < 0.02
    assert abs(here.size_change) < 0.02
    assert here.doubt < 0.1
    assert here.parts_change == 0


def test_chatter_is_measured_along_the_motion(right: dict[int, FrameFacts]) -> None:
    """The disc moves three pixels a frame and chatters by none of them; a matte pushed by eight pixels chatters."""
    pushed = with_fault(4, np.roll(disc(4), 8, axis=0))

    assert right[4].chatter_px < 0.5
    assert pushed[4].chatter_px > 3.0
    assert pushed[4].flicker > 5 * right[4].flicker
    assert pushed[4].flicker > 2 * pushed[3].flicker


def test_colors_speak_against_a_matte_that_slipped(right: dict[int, FrameFacts]) -> None:
    """Frames 3 to 8 are all pushed by ten pixels: nothing chatters between them, but their colors do not fit."""
    pushed = {frame: np.roll(disc(frame), 10, axis=1) if 3 <= frame <= 8 else disc(frame) for frame in FRAMES}

    found = facts_of(pushed)

    assert found[5].doubt > right[5].doubt + 0.15
    assert expected_error(found[5]) > expected_error(right[5])


def test_heat_lies_where_the_matte_differs() -> None:
    """A hole in one frame is hot against the next one; far from it nothing is."""
    here, there = measured(holed(4)), measured(disc(5))

    heat = chatter_heat(here, there, motion(sight(plate(4), WINDOW), sight(plate(5), WINDOW)))

    assert heat[64, 72] > 0.9
    assert heat[10, 10] == 0.0


def test_without_measurements_the_frame_farthest_from_a_key_frame_comes_first() -> None:
    facts = gather(tuple(range(1, 11)), frozenset({1, 10}), {}, Measurements())

    order = queue(facts)

    assert order[0].frame in (5, 6)
    assert order[0].reason == "4 frames from the nearest key frame"
    assert {look.frame for look in order} == set(range(2, 10))


def test_neighbours_of_an_offered_frame_wait_a_little() -> None:
    """Three frames in a row are nearly as bad as the worst; one far away, a little better, is offered second."""
    facts = {frame: FrameFacts(key_distance=1, confidence=0.9, flicker=0.0, jump=0.0) for frame in range(40)}
    for frame, jump in ((10, -0.60), (11, -0.59), (12, -0.58), (30, -0.55)):
        facts[frame] = FrameFacts(key_distance=1, confidence=0.9, flicker=0.0, jump=jump)

    order = queue(facts)

    assert [look.frame for look in order[:2]] == [10, 30]
    assert {look.frame for look in order[2:4]} == {11, 12}


def test_key_frames_and_frames_left_out_are_not_offered() -> None:
    facts = {1: FrameFacts(), 2: FrameFacts(key_distance=1), 3: FrameFacts(key_distance=2)}

    assert [look.frame for look in queue(facts, without=(3,))] == [2]
    assert expected_error(facts[1]) == 0.0
    assert reason(facts[1]) == ""


def test_a_model_that_says_nothing_is_not_quoted() -> None:
    """Without a confidence the reason never says that the model is unsure."""
    silent, unsure = FrameFacts(key_distance=1), FrameFacts(key_distance=1, confidence=0.2)

    assert "unsure" not in reason(silent)
    assert "the model is unsure" in reason(unsure)


def test_mattes_from_elsewhere_are_judged_against_their_neighbours() -> None:
    """A layer without key frames: no distance, no drift, but the frame that jumps is offered first, and says so."""
    shapes = {frame: Shape(1000.0 if frame != 3 else 400.0, 100.0, 1) for frame in range(1, 6)}

    facts = gather((1, 2, 3, 4, 5), frozenset(), {}, Measurements(shapes))
    first = queue(facts)[0]

    assert {each.key_distance for each in facts.values()} == {NO_KEY_FRAME}
    assert (first.frame, first.reason) == (3, "area drops by 60 %")
    assert gather((), frozenset(), {}, Measurements()) == {}
    assert queue({}) == ()


def test_an_empty_matte_is_measured_too() -> None:
    """A subject that left the picture is no error by itself: two empty mattes do not chatter."""
    empty = measured(np.zeros((128, 192), np.float32))
    still = motion(sight(plate(4), WINDOW), sight(plate(5), WINDOW))

    assert empty.empty
    assert step(empty, empty, still).change == 0.0
    assert palette(sight(plate(4), WINDOW), empty) is None


def test_a_large_frame_is_judged_small() -> None:
    assert work_size(Window(-100, 0, 3900, 2000)) == (WORK_PX // 2, WORK_PX)
    assert work_size(WINDOW) == (128, 192)


def test_an_error_is_between_0_and_1() -> None:
    worst = FrameFacts(0.1, 50.0, 400, 0.0, 99.0, 9.0, -9.0, -9.0, 1.0, 1.0, 5)

    assert 0.8 < expected_error(worst) < 1.0
    assert isinstance(queue({1: worst})[0], LookAt)


def test_a_sheet_takes_one_of_each_trouble_first() -> None:
    """Of 10, 11, 12 and 30 the first two that are three frames apart are 10 and 30; a third one has to be 11."""
    looks = [LookAt(frame, 0.5, "") for frame in (10, 11, 12, 30)]

    assert [look.frame for look in spread(looks, 2, 3)] == [10, 30]
    assert [look.frame for look in spread(looks, 3, 3)] == [10, 11, 30]
    assert spread((), 3, 3) == ()


def test_a_frame_without_neighbours_is_measured_once_its_area_is_known() -> None:
    """The first click of a shot: nothing to compare with, and nobody waits for it."""
    lone = gather((5,), frozenset({5}), {}, Measurements({5: Shape(100.0, 40.0, 1)}, {}, {}, 1000.0, 1.0))
    unseen = gather((5,), frozenset({5}), {}, Measurements({}, {}, {}, 1000.0, 1.0))
    beside = gather((5, 6), frozenset({5}), {}, Measurements({5: Shape(100.0, 40.0, 1)}, {}, {}, 1000.0, 1.0))

    assert lone[5].measured
    assert not unseen[5].measured
    assert not beside[5].measured
