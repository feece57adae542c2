"""The corrections in the real window, on real pictures: painted, remembered, looked at, excluded, put back, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from app.remembering import FOLDER
from core.arrays import Float32
from core.corrections.store import CorrectionStore
from core.corrections.upkeep import verify
from core.matte import Matte, Provenance
from inference.messages import SegmentRequest
from tests.app.fake_engine import FakeEngine
from tests.walks.conftest import Artist
from tests.walks.plates import davis_as_exr, davis_truth
from widgets.dialogs.pair import PairDialog

FRAMES = 3
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


class OneSwan(FakeEngine):
    """Answers the true swan, but for its neck: an honest model with one fault."""

    def __init__(self, truth: dict[int, np.ndarray]) -> None:
        super().__init__()
        self.truth = truth

    def _disc(self, request: SegmentRequest) -> Matte:  # type: ignore[override]
        coverage: Float32 = self.truth[request.frame].astype(np.float32)
        columns = np.flatnonzero(coverage.any(axis=0))
        rows = np.flatnonzero(coverage.any(axis=1))
        coverage[: (rows[0] + rows[-1]) // 2, (columns[0] + columns[-1] * 2) // 3 :] = 0
        return Matte(request.plate.canvas, coverage, 0.9, Provenance("segment", request.model.name, "1", "ab" * 32))


@pytest.fixture
def engine(shared_data: Path) -> Iterator[OneSwan]:
    engine = OneSwan({1001 + position: davis_truth(shared_data, "blackswan", position) for position in range(FRAMES)})
    yield engine
    engine.close()


def correct(artist: Artist, engine: OneSwan, frame: int) -> None:
    """A click on the body, strokes along what the model left out, and one that takes a bit of the rim away."""
    artist.go_to(frame)
    wanted = engine.truth[frame]
    rows, columns = np.nonzero(wanted)
    artist.act("tool.click")
    artist.click(float(np.median(columns)), float(np.median(rows)))
    artist.settle()
    matte, _fresh = artist.studio.matte(artist.layer_id, frame)
    assert matte is not None
    missing = wanted & (matte.over(matte.window) < 0.5)
    artist.act("tool.brush")
    artist.window.viewport.set_brush(radius_px=9, hardness=0.8)
    rows_missing = np.flatnonzero(missing.any(axis=1))[::6]
    middle = [(float(np.median(np.flatnonzero(missing[row]))), float(row)) for row in rows_missing]
    artist.drag(LEFT, *middle)
    artist.drag(LEFT, middle[2], (middle[2][0] + 12, middle[2][1] + 10))
    row = int(np.flatnonzero(matte.over(matte.window).any(axis=1))[-1])
    column = float(np.median(np.flatnonzero(wanted[row])))
    artist.drag(RIGHT, (column - 12, row), (column + 12, row))  # what is law may also take away


def test_corrections_are_remembered_and_looked_after(
    artist: Artist, engine: OneSwan, shared_data: Path, tmp_path: Path
) -> None:
    """Two frames painted with the mouse and saved are two pairs in the panel; excluding is undone; deleting is not."""
    window, studio = artist.window, artist.studio
    studio.open(davis_as_exr(shared_data, "blackswan", tmp_path / "plates", FRAMES))
    artist.until(lambda: studio.document.shot.plate is not None and studio.picture(1001) is not None)
    for frame in (1001, 1003):
        correct(artist, engine, frame)
    studio.saving.save_as(tmp_path / "sh010.penumbra")
    window.docks.open("Corrections")
    panel, room = window.corrections, studio.corrections
    artist.until(lambda: panel.list.count() == 2 and not room.busy)
    for entry in room.entries():
        artist.until(lambda entry=entry: room.thumbnail(entry.record.id) is not None)
    panel.list.setCurrentRow(0)
    artist.shot("corrections")
    store = CorrectionStore.open(tmp_path / "sh010.penumbra" / FOLDER)
    pair = store.pair(store.entries()[0].record.id)
    canvas = studio.document.shot.plate.canvas  # type: ignore[union-attr]
    shown, _fresh = studio.matte(artist.layer_id, 1001)
    assert shown is not None
    assert np.array_equal(Matte(pair.record.about.window, pair.pixels.after).over(canvas), shown.over(canvas))
    assert (pair.pixels.after > 0.5).sum() > (pair.pixels.before > 0.5).sum()
    assert pair.record.about.weights_sha256 == "ab" * 32

    panel.large.click()
    artist.until(lambda: any(isinstance(each, PairDialog) for each in QApplication.topLevelWidgets()))
    dialog = next(each for each in QApplication.topLevelWidgets() if isinstance(each, PairDialog))
    artist.shot("correction_large", dialog)
    dialog.close()

    panel.out.click()
    artist.until(lambda: not room.busy)
    assert [entry.excluded for entry in room.entries()] == [True, False]
    artist.shot("correction_excluded")
    panel.undo.click()
    artist.until(lambda: not room.busy)
    assert [entry.excluded for entry in room.entries()] == [False, False]

    panel.list.setCurrentRow(1)
    panel.remove.click()
    asks = window.findChildren(QMessageBox)[-1]
    next(button for button in asks.buttons() if button.text() == "Delete").click()
    artist.until(lambda: panel.list.count() == 1 and not room.busy)
    studio.saving.save()
    artist.until(lambda: not room.busy)

    store.refresh()
    assert [kept.record.about.frame for kept in store.pairs()] == [1001]
    assert verify(store).wrong == ()
    assert panel.list.count() == 1
