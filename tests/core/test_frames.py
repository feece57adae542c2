"""Frame ranges: both ends included."""

from __future__ import annotations

import random

import pytest

from core.errors import PenumbraError
from core.frames import FrameRange


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1001-1048", FrameRange(1001, 1048)),
        ("7", FrameRange(7, 7)),
        (" 3 - 5 ", FrameRange(3, 5)),
        ("-5--2", FrameRange(-5, -2)),
        ("-5-3", FrameRange(-5, 3)),
    ],
)
def test_parse(text: str, expected: FrameRange) -> None:
    assert FrameRange.parse(text) == expected


@pytest.mark.parametrize("text", ["", "a", "1-", "1:5", "5-3", "1-2-3", "1.5"])
def test_parse_refuses_with_a_sentence(text: str) -> None:
    with pytest.raises(PenumbraError):
        FrameRange.parse(text)


def test_writing_and_parsing_are_inverse() -> None:
    """For 200 random ranges, negative ones too."""
    rng = random.Random(2)
    for _ in range(200):
        first = rng.randint(-50, 2000)
        frames = FrameRange(first, first + rng.randint(0, 50))

        assert FrameRange.parse(str(frames)) == frames
        assert len(list(frames)) == len(frames)


def test_outward_from_is_every_frame_nearest_first() -> None:
    """All frames once, distances never shrink, and ahead comes before behind."""
    frames = FrameRange(10, 16)

    assert frames.outward_from(12) == [12, 13, 11, 14, 10, 15, 16]
    assert frames.outward_from(99)[0] == 16
    assert sorted(frames.outward_from(-5)) == list(frames)
