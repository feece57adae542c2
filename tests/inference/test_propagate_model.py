"""Propagation by motion alone, on a disc whose place is known in every frame."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import inference.models.propagate as home
from core.arrays import Float32
from core.errors import Cancelled, EngineError
from inference.model import Propagated
from inference.models.propagate.model import create
from tests.inference.moving_disc import MovingDisc, overlap

FOLDER = Path(home.__path__[0])
SCHEMA = json.loads((FOLDER / "manifest.json").read_text())["options"]
OPTIONS: dict[str, Any] = {name: knob["default"] for name, knob in SCHEMA["properties"].items()} | {"memory": False}


def propagated(shot: MovingDisc, keys: tuple[int, ...], frames: tuple[int, ...]) -> list[Propagated]:
    mattes = {key: shot.truth(key) for key in keys}
    return list(create(FOLDER).propagate(shot, mattes, frames, b"", OPTIONS, lambda: False))


def test_both_directions_from_one_key() -> None:
    """A single key in the middle is good for four frames either way, and still holds at the ends."""
    shot = MovingDisc()

    answers = propagated(shot, (8,), (4, 12, 0, 16))

    overlaps = [overlap(answer.coverage, shot.truth(answer.frame)) for answer in answers]
    assert min(overlaps[:2]) > 0.9
    assert min(overlaps[2:]) > 0.7


def test_between_two_keys_is_as_good() -> None:
    shot = MovingDisc()

    answers = propagated(shot, (0, 16), tuple(range(1, 16)))

    assert min(overlap(answer.coverage, shot.truth(answer.frame)) for answer in answers) > 0.9


def test_frames_come_in_the_order_they_are_asked_for_once_and_without_the_keys() -> None:
    shot = MovingDisc()

    answers = propagated(shot, (0, 8), (5, 6, 4, 8, 7, 3, 5, 0, 12))

    assert [answer.frame for answer in answers] == [5, 6, 4, 7, 3, 12]


def test_soft_coverage_stays_soft_and_inside_0_to_1() -> None:
    shot = MovingDisc()
    keys = {8: 0.5 * shot.truth(8)}

    (answer,) = create(FOLDER).propagate(shot, keys, (9,), b"", OPTIONS, lambda: False)

    x, y = (int(place) for place in shot.place(9))
    assert answer.coverage.dtype == np.float32
    assert answer.coverage.shape == shot.shape()
    assert answer.coverage[y, x] == pytest.approx(0.5, abs=0.01)
    assert 0.0 <= answer.coverage.min() <= answer.coverage.max() <= 1.0


def test_keys_are_not_changed() -> None:
    shot = MovingDisc()
    keys = {8: shot.truth(8)}
    before = keys[8].copy()

    list(create(FOLDER).propagate(shot, keys, (7, 9), b"", OPTIONS, lambda: False))

    assert np.array_equal(keys[8], before)


def test_an_object_that_left_the_picture_leaves_less_and_says_so() -> None:
    """Sixteen pixels a frame to the right: gone after frame 9. Motion alone cannot know what ground it uncovered."""
    shot = MovingDisc(14, lambda frame: (120.0 + 16.0 * frame, 72.0))

    answers = propagated(shot, (2,), (4, 12))

    assert answers[0].coverage.sum() > 2000.0
    assert answers[1].coverage.sum() < 0.6 * answers[0].coverage.sum()
    assert answers[1].confidence < 0.2


def test_what_left_the_picture_is_gone_and_is_found_when_it_comes_back() -> None:
    """Eighteen pixels a frame out to the right, and back: memory knows it again, and the ground that it uncovered."""
    pytest.importorskip("torch")
    shot = MovingDisc(17, lambda frame: (200.0 + 18.0 * (frame if frame < 8 else 16 - frame), 72.0))
    keys = {0: shot.truth(0)}

    left, back = create(FOLDER).propagate(shot, keys, (8, 16), b"", {**OPTIONS, "memory": True}, lambda: False)

    assert left.coverage.sum() < 0.15 * keys[0].sum()
    assert overlap(back.coverage, shot.truth(16)) > 0.95


def test_confidence_falls_with_distance_from_the_keys() -> None:
    shot = MovingDisc()

    answers = propagated(shot, (0,), (1, 8, 16))

    assert [answer.confidence for answer in answers] == sorted((a.confidence for a in answers), reverse=True)
    assert all(0.0 <= answer.confidence <= 1.0 for answer in answers)


def test_a_missing_frame_is_stepped_over() -> None:
    """No matte for a frame without a picture; those behind it still get theirs."""
    shot = MovingDisc(missing=frozenset({5}))

    answers = propagated(shot, (3,), (4, 5, 6, 7))

    assert [answer.frame for answer in answers] == [4, 6, 7]
    assert overlap(answers[-1].coverage, shot.truth(7)) > 0.9


def test_cancel_within_one_frame() -> None:
    """The poll turns true after the first answer: nothing more is computed, not even on the way to a far frame."""
    shot = MovingDisc()
    polls: list[int] = []

    def cancelled() -> bool:
        polls.append(1)
        return len(polls) > 6

    answers = create(FOLDER).propagate(shot, {0: shot.truth(0)}, (1, 16), b"", OPTIONS, cancelled)

    assert next(answers).frame == 1
    with pytest.raises(Cancelled):
        next(answers)
    assert len(polls) == 7


def test_a_key_frame_that_the_taught_network_contradicts_has_less_say() -> None:
    """Between a right key and one that was clicked too small, the network decides for the right one."""
    from inference.motion.propagation import Propagation

    shot = MovingDisc()

    class Knows:
        long_edge_px = 240

        def look(self, rgb: Float32) -> Float32:
            frame = next(number for number in range(shot.frames) if np.array_equal(shot.rgb(number), rgb))
            return shot.truth(frame)

    keys = {6: shot.truth(6), 10: shot.truth(10, radius=14.0)}
    doubting = Propagation(shot, keys, 240, lambda: False)

    standing = doubting._standing((6, 10), Knows())
    (answer,) = doubting.taught((9,), Knows(), 1.0)

    assert standing[6] == pytest.approx(1.0)
    assert standing[10] < 0.1
    assert overlap(answer.coverage, shot.truth(9)) > 0.95


def test_a_network_that_stands_alone_is_less_sure_than_one_that_motion_confirms() -> None:
    """The same network, as sure of each frame: near the key frame motion says the same; far off, it is lost."""
    from inference.motion.propagation import Propagation

    shot = MovingDisc()

    class Knows:
        long_edge_px = 240

        def look(self, rgb: Float32) -> Float32:
            frame = next(number for number in range(shot.frames) if np.array_equal(shot.rgb(number), rgb))
            return shot.truth(frame)

    answers = list(Propagation(shot, {0: shot.truth(0)}, 240, lambda: False).taught((1, 8, 16), Knows(), 0.5))

    assert [answer.confidence for answer in answers] == sorted((a.confidence for a in answers), reverse=True)
    assert answers[0].confidence > 0.7
    assert all(0.0 <= answer.confidence <= 1.0 for answer in answers)


def test_no_keys_is_a_sentence() -> None:
    with pytest.raises(EngineError, match="Click the subject"):
        list(create(FOLDER).propagate(MovingDisc(), {}, (1,), b"", OPTIONS, lambda: False))


def test_matte_at_plate_size_where_motion_is_measured_smaller() -> None:
    """Edges come from the key's own pixels, whatever size motion was measured at."""
    shot = MovingDisc()
    keys = {8: shot.truth(8)}

    (answer,) = create(FOLDER).propagate(shot, keys, (10,), b"", {**OPTIONS, "motion_px": 200}, lambda: False)

    assert answer.coverage.shape == shot.shape()
    assert overlap(answer.coverage, shot.truth(10)) > 0.9


def test_motion_alone_needs_no_torch() -> None:
    """The first answer must not wait for torch to be imported."""
    import subprocess

    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from tests.inference.test_propagate_model import MovingDisc, propagated\n"
        "print(len(propagated(MovingDisc(), (8,), (9,))))"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60)

    assert done.stdout.strip() == "1", done.stderr
