"""Every way of looking, driven in the real window on a real sequence and on a rendered multi-part one.

With `PENUMBRA_SCREENSHOTS=docs/images/looking` it plays the whole sequence and keeps what it sees.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from app.painted import to_asset
from core.commands import AddLayer, SetPaintedMatte
from core.layer import Layer
from core.matte import Matte
from tests.walks.conftest import FULL_SIZE, Artist
from tests.walks.plates import FIRST, davis_as_exr, davis_truth
from widgets.view_state import Backdrop, Compare, MatteStyle, Source, SourceKind

FRAMES = 50 if FULL_SIZE else 8
SEQUENCE = "horsejump-high"
MODES = {
    "view.wipe": Compare.WIPE,
    "view.dissolve": Compare.DISSOLVE,
    "view.side_by_side": Compare.SIDE_BY_SIDE,
    "view.stacked": Compare.STACKED,
    "view.difference": Compare.DIFFERENCE,
    "view.matte_difference": Compare.MATTE_DIFFERENCE,
    "view.blend": Compare.BLEND,
}


def pixels(artist: Artist) -> np.ndarray:
    """What the viewport shows: (H, W, 3) uint8."""
    image = artist.window.viewport.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def settled(artist: Artist) -> np.ndarray:
    """The viewport once it shows the same twice: finer conversions and measures have arrived."""
    seen = pixels(artist)
    for _ in range(80):
        artist.qtbot.wait(120)
        again = pixels(artist)
        if artist.window.viewport.waiting:
            continue
        if np.array_equal(seen, again):
            return again
        seen = again
    raise AssertionError("the viewport never comes to rest")


def paint_truth(artist: Artist, shared_data: Path, position: int) -> None:
    """A patient artist's correction: the frame's matte is the true one."""
    plate = artist.studio.document.shot.plate
    assert plate is not None
    painted = Matte(plate.canvas, davis_truth(shared_data, SEQUENCE, position).astype(np.float32))
    asset = artist.studio.put_asset(to_asset(painted))
    artist.studio.document.do(SetPaintedMatte("horse", FIRST + position, asset))


def matted_horse(artist: Artist, shared_data: Path) -> int:
    """The sequence open, a layer painted on its ends and propagated; returns the frame in the middle."""
    studio = artist.studio
    studio.open(davis_as_exr(shared_data, SEQUENCE, artist.folder / "plates", FRAMES))
    artist.until(lambda: studio.document.shot.plate is not None and studio.picture(FIRST) is not None)
    studio.document.do(AddLayer(Layer("horse", "Horse")))
    artist.window.view.set(layer_id="horse")
    plate = studio.document.shot.plate
    assert plate is not None
    ends = (0, FRAMES // 4, 3 * FRAMES // 4, FRAMES - 1) if FULL_SIZE else (0, FRAMES - 1)
    for position in ends:
        paint_truth(artist, shared_data, position)
    studio.propagate("horse")
    artist.until(lambda: studio.freshness("horse").fresh == frozenset(plate.frames), 240)
    artist.settle(240)
    middle = FIRST + FRAMES // 2
    artist.go_to(middle)
    return middle


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_compare_mode_and_panel_on_a_real_sequence(artist: Artist, shared_data: Path) -> None:
    window, studio, view = artist.window, artist.studio, artist.window.view
    middle = matted_horse(artist, shared_data)
    artist.shot("single")

    # Two takes of the matte: as propagated, and corrected.
    before = studio.keep_take("horse", "propagated")
    paint_truth(artist, shared_data, middle - FIRST)
    artist.settle(240)
    view.set(a=Source(SourceKind.PLATE), b=Source(SourceKind.COMP))
    single = settled(artist)
    seen = {"single": single}
    for action, mode in MODES.items():
        mattes = mode in (Compare.MATTE_DIFFERENCE, Compare.DIFFERENCE)
        view.set(
            a=Source(SourceKind.TAKE, before.id) if mattes else Source(SourceKind.PLATE),
            b=Source(SourceKind.MATTE) if mattes else Source(SourceKind.COMP),
        )
        artist.act(action)
        assert view.look.compare is mode
        seen[mode.value] = settled(artist)
        artist.shot(mode.value.replace(" ", "_"))
        artist.act(action)
        assert view.look.compare is Compare.SINGLE
    names = list(seen)
    for place_a, one in enumerate(names):
        for other in names[place_a + 1 :]:
            assert not np.array_equal(seen[one], seen[other]), f"{one} and {other} look the same"

    # Flip: the other side in the same place, and back.
    view.set(a=Source(SourceKind.PLATE), b=Source(SourceKind.COMP))
    artist.press(Qt.Key.Key_Z)
    assert view.look.flipped
    assert not np.array_equal(settled(artist), single)
    artist.press(Qt.Key.Key_Z)
    assert not view.look.flipped

    looks: dict[str, dict[str, object]] = {
        "edge_only": {"matte_style": MatteStyle.EDGE},
        "onion": {"matte_style": MatteStyle.EDGE, "onion": True},
        "chatter": {"chatter": True},
        "comp_black": {"a": Source(SourceKind.COMP), "backdrop": Backdrop.BLACK},
        "comp_grey": {"a": Source(SourceKind.COMP), "backdrop": Backdrop.GREY},
        "comp_checker": {"a": Source(SourceKind.COMP), "backdrop": Backdrop.CHECKER},
    }
    studio.judging.judge("horse", middle)
    artist.until(lambda: studio.judging.progress("horse") == (FRAMES, FRAMES), 240)
    plain = {name: getattr(view.look, name) for name in ("matte_style", "onion", "chatter", "a", "backdrop")}
    for name, change in looks.items():
        view.set(**change)
        assert not np.array_equal(settled(artist), single), f"{name} shows nothing"
        artist.shot(name)
        view.set(**plain)

    # Every panel, filled.
    artist.act("review.fix")
    studio.document.undo()
    artist.act("review.approved")
    for name in window.docks:
        if name != "Timeline":
            window.docks.open(name)
            artist.qtbot.wait(900 if FULL_SIZE else 60)
            artist.shot(f"panel_{name.lower()}")
    window.docks.reset()

    # The next frame to look at: the playhead goes there and says why.
    artist.press(Qt.Key.Key_N)
    artist.until(lambda: view.look.frame != middle)
    artist.shot("next_frame")
    for action in ("help.palette", "help.keys", "look.sheet", "file.export_review"):
        _with_dialog(artist, action, lambda name=action: name.partition(".")[2])


def _with_dialog(artist: Artist, action: str, name: Callable[[], str]) -> None:
    """Open a dialog, take its picture, close it."""
    already = set(_dialogs(artist))
    artist.act(action)
    artist.until(lambda: bool(set(_dialogs(artist)) - already))
    artist.qtbot.wait(1500 if FULL_SIZE else 120)
    opened = next(iter(set(_dialogs(artist)) - already))
    artist.shot(f"dialog_{name()}", opened)
    opened.close()
    artist.until(lambda: not opened.isVisible())


def _dialogs(artist: Artist) -> list[QWidget]:
    return [widget for widget in QApplication.topLevelWidgets() if widget.isVisible() and widget is not artist.window]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_part_and_view_of_a_rendered_shot(artist: Artist, shared_data: Path) -> None:
    """Beachball: PgDn goes through its parts, V to the other eye, and the matte that is there stays fresh."""
    studio, view = artist.studio, artist.window.view
    studio.open(shared_data / "exr/openexr-images/Beachball" / "multipart.####.exr")
    artist.until(lambda: studio.document.shot.plate is not None and studio.picture(1) is not None)
    artist.click(1000, 700)
    artist.settle()
    layer_id = artist.layer_id
    identity = studio.document.shot.plate.identity if studio.document.shot.plate else ""
    steps = studio.document.steps
    seen = [settled(artist)]
    artist.shot("beachball")
    for number in range(4):
        artist.press(Qt.Key.Key_PageDown)
        seen.append(settled(artist))
        artist.shot(f"beachball_layer_{number + 1}")
    assert len({picture.tobytes() for picture in seen}) >= 4
    for _ in range(4):
        artist.press(Qt.Key.Key_PageUp)
    artist.qtbot.wait(300)
    artist.press(Qt.Key.Key_V)
    assert not np.array_equal(settled(artist), seen[0])
    artist.shot("beachball_right_eye")

    # Looking is not editing.
    assert studio.document.steps == steps
    assert studio.document.shot.plate is not None
    assert studio.document.shot.plate.identity == identity
    assert view.look.frame in studio.freshness(layer_id).fresh
