"""The contact sheet: layout and burnt-in numbers."""

from __future__ import annotations

import numpy as np
import pytest

from app.contact_sheet import GAP_PX, GROUND, HEAD_PX, SheetRow, contact_sheet, difference


def flat(value: int) -> np.ndarray:
    return np.full((90, 160, 3), value, np.uint8)


def test_cells_lie_in_rows_and_columns() -> None:
    """Two rows of two cells at half size; each cell has its own gray, gaps have the ground's."""
    rows = [SheetRow(1001, (flat(50), flat(100))), SheetRow(1002, (flat(150), flat(200)))]
    sheet = contact_sheet(("before", "after"), rows, cell_width_px=80)
    assert sheet.shape == (HEAD_PX + 2 * (45 + GAP_PX), GAP_PX + 2 * (80 + GAP_PX), 3)
    # Probed at the lower right corner of a cell, where no number is written.
    found = [
        int(sheet[HEAD_PX + line * (45 + GAP_PX) + 44, GAP_PX + column * (80 + GAP_PX) + 79, 0])
        for line in range(2)
        for column in range(2)
    ]
    assert found == [50, 100, 150, 200]
    assert tuple(sheet[-1, 0]) == GROUND


def test_frame_number_is_burnt_in() -> None:
    """Two sheets that differ in the number only differ, inside the cell, at its upper left."""
    one, other = (contact_sheet(("only",), [SheetRow(frame, (flat(90),))], 160) for frame in (1001, 1048))
    changed = np.argwhere((one != other).any(axis=2))
    assert len(changed) > 20
    assert changed[:, 0].min() >= HEAD_PX
    assert changed[:, 0].max() < HEAD_PX + 30


def test_titles_must_fit_the_cells() -> None:
    """A column without a title is a mistake of the caller."""
    with pytest.raises(ValueError, match="a title for each"):
        contact_sheet(("one", "two"), [SheetRow(1001, (flat(0),))])


def test_difference_is_red_for_too_much_and_blue_for_too_little() -> None:
    """Too much, too little, right inside, right outside."""
    coverage = np.array([[1.0, 0.0, 1.0, 0.0]], np.float32)
    truth = np.array([[0.0, 1.0, 1.0, 0.0]], np.float32)
    much, little, inside, outside = difference(coverage, truth)[0].astype(int)
    assert much[0] == 255
    assert much[2] == 0
    assert little[2] == 255
    assert little[0] == 0
    assert inside.tolist() == [41, 41, 41]
    assert outside.tolist() == [0, 0, 0]
