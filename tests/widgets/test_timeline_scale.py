"""Frames to pixels and back, and numbers that do not touch."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtGui import QFont, QFontMetricsF
from pytestqt.qtbot import QtBot

from core.frames import FrameRange
from widgets.timeline.painting import number_boxes
from widgets.timeline.scale import Scale


@pytest.mark.parametrize("count", [1, 24, 100, 2000])
def test_the_frame_under_the_middle_of_a_frame_is_that_frame(count: int) -> None:
    scale = Scale.all_of(FrameRange(1001, 1000 + count), 84, 900)

    assert [frame for frame in scale.frames if scale.frame_at(scale.center_x(frame)) != frame] == []


@pytest.mark.parametrize("count", [1, 24, 240, 2000, 20000])
@pytest.mark.parametrize("width", [300, 900, 1800])
def test_numbers_are_written_and_do_not_touch(qtbot: QtBot, count: int, width: int) -> None:
    font = QFont()
    font.setPixelSize(11)
    scale = Scale.all_of(FrameRange(1001, 1000 + count), 84, width)

    boxes = number_boxes(scale, QFontMetricsF(font))
    touching = [(a, b) for (a, left), (b, right) in pairwise(boxes) if left.right() > right.left()]

    assert boxes
    assert touching == []
    assert all(box.left() >= 84 and box.right() <= 84 + width + 0.01 for _frame, box in boxes)


def test_beyond_the_ends_is_the_first_or_last_frame() -> None:
    scale = Scale.all_of(FrameRange(1001, 1024), 84, 900)

    assert (scale.frame_at(-50), scale.frame_at(5000)) == (1001, 1024)


def test_zoom_keeps_the_frame_under_the_pointer() -> None:
    scale = Scale.all_of(FrameRange(1001, 3000), 84, 900)
    before = scale.frame_at(500)

    closer = scale.zoomed(4, 500)

    assert closer.frame_at(500) == before
    assert closer.span == 500
    assert closer.zoomed(0.001, 500) == scale


def test_runs_are_neighbours_taken_together() -> None:
    scale = Scale.all_of(FrameRange(1, 20), 0, 200)

    assert scale.runs(frozenset({2, 3, 4, 7, 9, 10, 99})) == [(2, 4), (7, 7), (9, 10)]
