"""Acceptance: the whole walk with the keyboard alone. No mouse event of the artist, no call into the window.

Every step is a key pressed in whatever has the keyboard. The crosshair is brought to a place by pressing its keys until
it is there; where that place is comes from the sample shot's truth, as an artist's eye would have it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLineEdit, QWidget

from app.recent import Recent
from app.sample_shot import SampleShot
from core.commands import AddCorrection
from core.exr import read_channels
from core.review import ReviewStatus, mark_at
from tests.walks.conftest import Artist
from tests.walks.plates import centre_of
from tests.walks.test_artist import error_spot, shown, truth
from widgets.keyboard_pointer import COARSE, FINE
from widgets.view_state import Compare

Key = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


@dataclass
class Keyboard:
    """Ten fingers on the real window."""

    artist: Artist

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE, times: int = 1) -> None:
        """A key goes to whatever has the keyboard, as on a desk."""
        for _ in range(times):
            QTest.keyClick(self._listener(), key, modifiers)

    def type(self, text: str) -> None:
        QTest.keyClicks(self._listener(), text)

    def command(self, words: str) -> None:
        """Find a command by typing and run it."""
        self.press(Key.Key_P, CTRL | SHIFT)
        self.artist.until(lambda: self.dialog() is not None)
        self.type(words)
        self.press(Key.Key_Return)
        self.artist.until(lambda: self.dialog() is None)

    def dialog(self) -> QDialog | None:
        """The dialog that has the keyboard."""
        active = QApplication.activeWindow()
        return active if isinstance(active, QDialog) else None

    def tab_to(self, wanted: QWidget) -> None:
        """Tab until a field has the keyboard."""
        for _ in range(60):
            if QApplication.focusWidget() is wanted:
                return
            self.press(Key.Key_Tab)
        raise AssertionError(f"Tab never comes to {wanted.accessibleName()}")

    def point(self, x: float, y: float) -> None:
        """Bring the crosshair to a plate pixel: coarse steps, then fine ones."""
        pointing, projection = self.artist.window.pointing, self.artist.window.viewport.projection
        if pointing.place is None:
            self.press(Key.Key_Home, CTRL | ALT)
        wanted = projection.to_view(x, y)
        for step, modifiers in ((COARSE, CTRL | ALT), (FINE, CTRL | ALT | SHIFT)):
            assert pointing.place is not None
            gap: QPointF = wanted - pointing.place
            self._along(gap.x(), step, Key.Key_Right, Key.Key_Left, modifiers)
            self._along(gap.y(), step, Key.Key_Down, Key.Key_Up, modifiers)
        assert pointing.place is not None
        assert (pointing.place - wanted).manhattanLength() <= 2 * FINE

    def _along(self, gap: float, step: float, on: Qt.Key, back: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        self.press(on if gap > 0 else back, modifiers, round(abs(gap) / step))

    def _listener(self) -> QWidget:
        if QApplication.activeWindow() is None:
            # A window manager gives the window the keyboard back when a dialog closes; here there is none.
            self.artist.window.activateWindow()
            self.artist.until(lambda: QApplication.activeWindow() is not None, 10)
        return QApplication.focusWidget() or QApplication.activeWindow() or self.artist.window


def fresh_everywhere(artist: Artist, sample: SampleShot) -> Callable[[], bool]:
    return lambda: artist.studio.freshness(artist.layer_id).fresh == frozenset(sample.frames)


@pytest.mark.timeout(600)
def test_the_whole_walk_by_keyboard(artist: Artist, sample: SampleShot, tmp_path: Path) -> None:
    """Open, click, propagate, look for bad frames, correct, compare, review, export, save."""
    window, studio, keys = artist.window, artist.studio, Keyboard(artist)
    first, last = sample.frames.first, sample.frames.last
    Recent(tmp_path / "recent.json").add(sample.plate_pattern)
    window.activateWindow()

    # Open: a recent plate, found by its name.
    keys.command(f"open {sample.plate_pattern.name}")
    artist.until(lambda: studio.document.shot.plate is not None and studio.picture(first) is not None)
    artist.until(lambda: QApplication.focusWidget() is window.viewport)

    # Click: the crosshair goes where the fox is and clicks; two more clicks mend the worst of it.
    wanted = truth(sample, first)
    keys.press(Key.Key_Q)
    keys.point(*centre_of(wanted > 0.9))
    keys.press(Key.Key_Insert)
    artist.settle()
    for _ in range(3):
        place, adds, _reach = error_spot(shown(artist, first), wanted)
        keys.point(*place)
        keys.press(Key.Key_Insert, NONE if adds else SHIFT)
        artist.settle()
    clicked = shown(artist, first)
    assert len(studio.document.shot.layer(artist.layer_id).key_frame(first).prompts) == 4
    assert clicked[wanted > 0.9].mean() > clicked[wanted < 0.1].mean() + 0.3

    # Propagate: every frame has a fresh matte.
    keys.press(Key.Key_T, CTRL)
    artist.settle()
    assert fresh_everywhere(artist, sample)()

    # Go to a frame that needs a look, and correct it with one stroke.
    frame = to_a_frame_to_look_at(artist, keys, first, last)
    there = truth(sample, frame)
    before = shown(artist, frame)
    (x, y), adds, reach = error_spot(before, there)
    keys.press(Key.Key_D)
    while window.viewport.brush.radius_px > max(3.0, reach):
        keys.press(Key.Key_BracketLeft)
    keys.point(x - 2, y)
    held = CTRL if adds else CTRL | SHIFT
    keys.press(Key.Key_Insert, held)
    keys.point(x + 4, y)
    keys.press(Key.Key_Insert, held)
    assert isinstance(studio.document._done[-1].command, AddCorrection)
    assert frame in studio.document.shot.layer(artist.layer_id).key_frames
    artist.until(fresh_everywhere(artist, sample), 120)
    artist.settle()
    assert not np.array_equal(shown(artist, frame), before)
    keys.press(Key.Key_Z, CTRL)
    np.testing.assert_array_equal(shown(artist, frame), before)
    keys.press(Key.Key_Z, CTRL | SHIFT)
    artist.until(fresh_everywhere(artist, sample), 120)
    artist.settle()

    # Compare: every mode and back.
    for key, modifiers, mode in (
        (Key.Key_W, NONE, Compare.WIPE),
        (Key.Key_W, SHIFT, Compare.SIDE_BY_SIDE),
        (Key.Key_W, CTRL | SHIFT, Compare.STACKED),
        (Key.Key_W, ALT, Compare.DISSOLVE),
        (Key.Key_D, SHIFT, Compare.DIFFERENCE),
        (Key.Key_M, SHIFT, Compare.MATTE_DIFFERENCE),
        (Key.Key_B, SHIFT, Compare.BLEND),
    ):
        keys.press(key, modifiers)
        assert window.view.look.compare is mode
        assert not window.viewport.grab().isNull()
        keys.press(key, modifiers)
        assert window.view.look.compare is Compare.SINGLE
    keys.press(Key.Key_Z)
    assert window.view.look.flipped
    keys.press(Key.Key_Z)

    # Review: a status, a note, and on.
    keys.press(Key.Key_2, ALT)
    keys.press(Key.Key_Return, CTRL)
    artist.until(lambda: QApplication.focusWidget() is not window.viewport)
    keys.type("the tail chatters")
    keys.press(Key.Key_Escape)
    artist.until(lambda: QApplication.focusWidget() is window.viewport)
    mark = mark_at(studio.document.shot.review, frame, artist.layer_id)
    assert (mark.status, mark.note) == (ReviewStatus.FIX, "the tail chatters")
    keys.press(Key.Key_3, ALT)
    assert mark_at(studio.document.shot.review, frame, artist.layer_id).status is ReviewStatus.APPROVED

    # Export: the folder is typed, Enter exports.
    out = tmp_path / "out"
    reports: list[object] = []
    studio.exported.connect(reports.append)
    keys.press(Key.Key_E, CTRL)
    artist.until(lambda: keys.dialog() is not None)
    dialog = keys.dialog()
    assert dialog is not None
    keys.tab_to(next(field for field in dialog.findChildren(QWidget) if field.accessibleName() == "Folder"))
    keys.press(Key.Key_A, CTRL)
    keys.type(str(out))
    keys.press(Key.Key_Return)
    artist.until(lambda: bool(reports), 120)
    written = sorted(out.glob("*.exr"))
    assert len(written) == len(sample.frames)
    delivered, _ = studio.matte(artist.layer_id, last)
    assert delivered is not None
    np.testing.assert_array_equal(
        read_channels(written[-1])["A"], delivered.half().over(studio.document.shot.plate.canvas)
    )

    # Save: the name is typed into the file dialog.
    project = tmp_path / "fox.penumbra"
    saving(project)
    keys.press(Key.Key_S, CTRL)
    assert studio.saving.path == project
    assert not studio.saving.unsaved


def to_a_frame_to_look_at(artist: Artist, keys: Keyboard, first: int, last: int) -> int:
    """N: the frame with the largest expected error; never the one that was clicked on."""
    artist.until(lambda: artist.window.actions_table["look.next"].isEnabled())
    keys.press(Key.Key_N)
    artist.until(lambda: artist.window.view.look.frame != first)
    frame = artist.window.view.look.frame
    artist.until(lambda: artist.studio.picture(frame) is not None)
    assert first < frame <= last
    return frame


def saving(path: Path) -> None:
    """Type a name into the file dialog that is about to open, and press Enter: it holds the loop until it closes.

    What the dialog proposes while one types is waved away with Escape; if it only went into a folder, once more.
    """

    def answer(patience: int = 40) -> None:
        dialog = QApplication.activeModalWidget()
        if not patience:
            if isinstance(dialog, QDialog):
                dialog.reject()  # the loop goes on, and the test says that nothing was saved
            return
        if isinstance(dialog, QFileDialog) and QApplication.activeWindow() is not dialog:
            dialog.activateWindow()  # what a window manager does; there is none
        field = QApplication.focusWidget()
        if isinstance(dialog, QFileDialog) and isinstance(field, QLineEdit) and dialog.isAncestorOf(field):
            QTest.keyClick(field, Key.Key_A, CTRL)
            QTest.keyClicks(field, str(path))
            proposals = QApplication.activePopupWidget()
            if proposals is not None:
                QTest.keyClick(proposals, Key.Key_Escape)
            QTest.keyClick(field, Key.Key_Return)
        if dialog is None or QApplication.activeModalWidget() is not None:
            QTimer.singleShot(300, lambda: answer(patience - 1))

    QTimer.singleShot(300, answer)
