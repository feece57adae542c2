"""Before and after are asked the same way, about what the network is never shown."""

from __future__ import annotations

import numpy as np
import pytest

from inference.model import Lesson
from inference.training.adapter import Recipe, packed
from inference.training.evaluate import held_out_region
from inference.training.exam import Exam
from inference.training.network import FINE, WIDTHS, MatteNet
from tests.inference.moving_disc import MovingDisc


def exam_of(shot: MovingDisc, *lessons: Lesson) -> Exam:
    return Exam(shot, lessons, motion_px=320, motion_weight=0.5, cancelled=lambda: False)


def test_a_held_out_frame_is_asked_by_motion_alone_before_anything_was_taught() -> None:
    """The error is the mean over the whole frame of what propagation answers, and it is repeatable."""
    shot = MovingDisc()
    exam = exam_of(shot, shot.lesson(4), shot.lesson(12), shot.lesson(8, held_out=True))

    first, second = exam.error(b""), exam.error(b"")

    assert first is not None
    assert 0.0 < first < 0.05
    assert first == second


def test_the_region_of_a_lesson_is_asked_from_the_other_lessons() -> None:
    """Where no frame is held out, only pixels of the held-out region count."""
    shot = MovingDisc()
    right = exam_of(shot, shot.lesson(4), shot.lesson(12)).error(b"")
    wrong_lesson = Lesson(4, np.zeros_like(shot.lesson(4).coverage))
    wrong = exam_of(shot, shot.lesson(4), Lesson(12, wrong_lesson.coverage)).error(b"")

    assert right is not None
    assert wrong is not None
    assert wrong > right + 0.2


def test_one_lesson_alone_leaves_nothing_to_ask() -> None:
    shot = MovingDisc()

    assert exam_of(shot, shot.lesson(4)).error(b"") is None


@pytest.mark.parametrize("held_out", [True, False])
def test_an_empty_matte_is_a_question_too(held_out: bool) -> None:
    """A held-out frame without the subject is asked; a region of an empty matte is not."""
    shot = MovingDisc()
    empty = Lesson(8, np.zeros_like(shot.lesson(8).coverage), held_out=held_out)
    error = exam_of(shot, shot.lesson(4), empty).error(b"")

    assert error is not None


def test_an_approved_frame_is_asked_and_gives_nothing_away() -> None:
    """It is no key frame: nothing is propagated from it, and it is no part of the other figure."""
    shot = MovingDisc()
    lessons = shot.lesson(4), shot.lesson(12), shot.lesson(8, held_out=True)
    approved = Lesson(10, shot.truth(10), weight=0.4, approved=True)
    wrong = Lesson(10, np.zeros_like(shot.truth(10)), weight=0.4, approved=True)
    exam = exam_of(shot, *lessons, approved)

    right = exam.approved_error(b"")
    changed = exam_of(shot, *lessons, wrong).approved_error(b"")

    assert right is not None
    assert changed is not None
    assert changed > right + 0.01
    assert exam.error(b"") == exam_of(shot, *lessons).error(b"")
    assert exam_of(shot, *lessons).approved_error(b"") is None


def test_an_unseen_frame_is_tried_where_no_frame_is_held_out() -> None:
    """In the middle of the longest stretch between lessons; nothing where they follow each other."""
    shot = MovingDisc()
    adapter = packed(MatteNet(3), Recipe(WIDTHS, FINE, 160, 1.0))

    tried = exam_of(shot, shot.lesson(2), shot.lesson(4), shot.lesson(12)).preview(adapter)

    assert list(tried) == [8]
    assert tried[8].shape == shot.shape()
    assert exam_of(shot, shot.lesson(4), shot.lesson(5)).preview(adapter) == {}


def test_the_region_lies_in_a_frame_that_was_painted() -> None:
    """A frame that was only clicked is no truth to be measured against, also when it comes first."""
    shot = MovingDisc()
    clicked = Lesson(4, shot.truth(4), weight=0.5)

    region = held_out_region((clicked, shot.lesson(12)))

    assert region is not None
    assert region[0] == 1
