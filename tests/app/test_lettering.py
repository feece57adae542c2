"""Letters on pictures: they fit where they are put, in any script."""

from __future__ import annotations

import numpy as np
import pytest

from app.lettering import BOLD, Letters
from app.review_sheet import GAP_PX, GROUND, HEAD_PX, sheet_of
from core.arrays import UInt8


def black() -> UInt8:
    return np.zeros((60, 400, 3), np.uint8)


@pytest.mark.parametrize("text", ["1003", "schön – “ear”", "髪の毛", "Привет", "M" * 12])
def test_a_text_stays_within_its_width(text: str) -> None:
    """What `width` says is what is written, to two pixels, in the ink that was asked for."""
    letters, picture = Letters(22), black()
    after = letters.write(picture, text, 10, 40, (255, 128, 0))
    columns = np.flatnonzero(picture.any(axis=(0, 2)))

    assert after == 10 + letters.width(text)
    assert 8 <= columns[0] <= 14
    assert after - 6 <= columns[-1] <= after + 2
    assert picture.reshape(-1, 3).max(axis=0).tolist()[0] > 240
    assert not picture[..., 2].any()


def test_bold_is_wider_and_nothing_writes_nothing() -> None:
    """An empty text has no width and leaves the picture as it was."""
    picture = black()
    assert Letters(22, BOLD).width("1003") > Letters(22).width("1003")
    assert Letters(22).write(picture, "", 5, 5) == 5
    assert not picture.any()


def test_half_a_character_is_a_question_mark() -> None:
    """OpenCV would end the program."""
    letters = Letters(20)
    there, wanted = black(), black()

    letters.write(there, "a\udce9b\ud800", 5, 25)
    letters.write(wanted, "a?b?", 5, 25)

    assert np.array_equal(there, wanted)


@pytest.mark.parametrize("room", [0, 20, 90, 200, 5000])
def test_a_text_is_cut_to_fit(room: int) -> None:
    """As much as fits, with an ellipsis where something is missing; nothing where not even that fits."""
    letters, text = Letters(18), "the tail is cut off at the end"
    fitted = letters.fitting(text, room)

    assert letters.width(fitted) <= room
    assert fitted == text or fitted == "" or (fitted.endswith("…") and text.startswith(fitted[:-1]))
    assert (fitted == text) == (letters.width(text) <= room)


def test_a_note_is_broken_between_words() -> None:
    """No line is wider than the room, none is lost but the end, which is marked."""
    letters, text = Letters(18), "grow it two pixels and check against the frame after it, then ask again"
    lines = letters.lines(text, 220, 2)
    assert len(lines) == 2
    assert max(map(letters.width, lines)) <= 220
    assert lines[-1].endswith("…")
    assert " ".join(letters.lines(text, 220, 20)) == text


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 1), (12, 3)])
def test_a_sheet_is_a_grid_near_a_landscape_page(count: int, columns: int) -> None:
    """Pages 96 x 60 in order; what is left over is ground."""
    pages = [np.full((60, 96, 3), 60 + place, np.uint8) for place in range(count)]
    sheet = sheet_of(pages, "shot", "said")

    assert sheet.shape[1] == GAP_PX + columns * (96 + GAP_PX)
    for place in range(count):
        top = HEAD_PX + place // columns * (60 + GAP_PX)
        left = GAP_PX + place % columns * (96 + GAP_PX)
        assert (sheet[top : top + 60, left : left + 96] == 60 + place).all()
    assert sheet[-1, -1].tolist() == list(GROUND)
