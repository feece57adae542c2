"""Where pictures stand on screen: the sixteen display window pictures of the OpenEXR project, as their notes say.

Skipped where the pictures are absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PySide6")

from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from core.arrays import UInt8
from core.color import ColorConfig
from core.commands import AddPlate
from core.geometry import Window
from core.plate_reader import PlateReader, open_plate
from tests.widgets.fake_studio import FakeStudio
from widgets.theme import color
from widgets.view_state import Compare, Look, Source, SourceKind, ViewState
from widgets.viewport.viewport import Viewport


def ink(name: str) -> tuple[int, int, int]:
    """A color of the theme, 0-255."""
    shown = color(name)
    return shown.red(), shown.green(), shown.blue()


class Screen:
    """A viewport of 1000 x 900 at 1:1 on one of the pictures, guides off."""

    def __init__(self, qtbot: QtBot, path: Path, config: ColorConfig, **look: object) -> None:
        self.studio = FakeStudio(config)
        self.plate = open_plate(path, config)
        self.frame = self.plate.frames.first
        self.picture = PlateReader(self.plate, config).read(self.frame)
        self.studio.document.do(AddPlate(self.plate))
        self.studio.pictures[self.frame] = self.picture
        self.view = ViewState(Look(frame=self.frame, guides=False, overlay=False))
        self.view.set(**look)
        self.viewport = Viewport(self.studio, self.view)
        qtbot.addWidget(self.viewport)
        self.viewport.resize(1000, 900)
        self.viewport.show()
        self.viewport.zoom_to(1.0)

    def pixels(self) -> UInt8:
        """(H, W, 3) of the whole viewport."""
        image = self.viewport.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()

    def expected(self, *, overscan: bool) -> UInt8:
        """What the notes ask for, without any of the viewport's code: canvas, then pixels, cut at the display."""
        origin = self.viewport.projection.to_view(0, 0)
        x0, y0 = round(origin.x()), round(origin.y())
        config = self.studio.color
        shown = config.display(config.default_display, config.default_view).apply(self.picture.rgba)[..., :3]
        screen = np.empty((900, 1000, 3), np.uint8)
        screen[:] = ink("surround")
        display, data = self.picture.format.display, self.picture.data_window
        whole = Window(-x0, -y0, 1000 - x0, 900 - y0)
        screen[display.within(whole)] = ink("canvas")
        seen = data if overscan else data.intersect(display)
        seen = seen.intersect(whole)
        if not seen.empty:
            screen[seen.within(whole)] = shown[seen.within(data)]
        return screen


Show = Callable[..., Screen]


@pytest.fixture(scope="module")
def config() -> ColorConfig:
    return ColorConfig.load("ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5")


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "exr/openexr-images/DisplayWindow"


@pytest.fixture
def screens(qtbot: QtBot, folder: Path, config: ColorConfig) -> Iterator[Show]:
    made: list[Screen] = []

    def show(name: str, **look: object) -> Screen:
        made.append(Screen(qtbot, folder / f"{name}.exr", config, **look))
        return made[-1]

    yield show
    for screen in made:
        screen.viewport.release()


SQUARE = [f"t{number:02d}" for number in range(1, 15)]


@pytest.mark.parametrize("name", SQUARE)
def test_every_pixel_stands_where_its_note_says(screens: Show, name: str) -> None:
    """Inside the display window what there is, elsewhere in it the background, outside of it nothing of the picture."""
    screen = screens(name, overscan=False)

    difference = np.abs(screen.pixels().astype(int) - screen.expected(overscan=False).astype(int))

    assert difference.max() <= 1


@pytest.mark.parametrize("name", ["t05", "t09", "t13"])
def test_overscan_shows_what_lies_outside(screens: Show, name: str) -> None:
    """The same places, not cut off: an artist paints there."""
    screen = screens(name, overscan=True)

    difference = np.abs(screen.pixels().astype(int) - screen.expected(overscan=True).astype(int))

    assert difference.max() <= 1
    assert not np.array_equal(screen.expected(overscan=True), screen.expected(overscan=False))


@pytest.mark.parametrize(("name", "aspect"), [("t15", 1.5), ("t16", 2 / 3)])
@pytest.mark.parametrize("compare", list(Compare))
def test_pixel_aspect_stretches_both_windows_in_every_way_of_comparing(
    screens: Show,
    name: str,
    aspect: float,
    compare: Compare,
) -> None:
    """481 x 371 pixels with 400 x 300 of them filled, drawn `aspect` times as wide as high: the picture's own edge."""
    screen = screens(name, overscan=False, compare=compare, b=Source(SourceKind.PLATE), wipe_x=0.0, mix=1.0)
    screen.viewport.fit()
    place = screen.viewport.framing.places[-1]
    display = place.projection.window_rect(screen.picture.format.display)
    data = place.projection.window_rect(screen.picture.data_window)

    assert display.width() / display.height() == pytest.approx(481 * aspect / 371, rel=0.01)
    assert data.width() / data.height() == pytest.approx(400 * aspect / 300, rel=0.01)
    if compare not in (Compare.DIFFERENCE, Compare.MATTE_DIFFERENCE):
        pixels = screen.pixels()
        middle = round(data.center().y())
        edge = round(data.right())
        inside, outside = pixels[middle, edge - 4 : edge].max(axis=0), pixels[middle, edge + 3]
        assert inside.max() > 40
        assert tuple(outside.tolist()) == ink("canvas")
