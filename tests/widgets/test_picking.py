"""The layer picker and the menu of pictures, in the window: what is looked at, and what stays what it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PySide6")

from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from core.color import DEFAULT_CONFIG
from core.commands import ChangePlate
from core.picture import Picture
from core.plate_choices import PartChoices, PlateChoices
from core.plate_layers import AS_MATTED, PlateLayer, Shown
from tests.widgets.fake_studio import FakeStudio
from widgets.main_window import MainWindow
from widgets.view_state import Compare, MissingFrame, Source, SourceKind, Warn

CTRL, SHIFT, NONE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)
LINES = (
    PlateLayer("rgba_right", "", "right", ("R", "G", "B", "A"), "rgba_right"),
    PlateLayer("depth_right", "", "right", ("Z",), "depth_right", is_color=False),
    PlateLayer("rgba_left", "", "left", ("R", "G", "B", "A"), "rgba_left"),
    PlateLayer("depth_left", "", "left", ("Z",), "depth_left", is_color=False),
    PlateLayer("smoke", "", "left", ("A", "Z"), "smoke", why_not="deep data, which Penumbra does not read"),
)
CHOICES = PlateChoices(
    tuple(PartChoices(line.part, (line.view,), {line.view: ("",)}) for line in LINES[:4]),
    {"": "rgba_right", "right": "rgba_right", "left": "rgba_left"},
    LINES,
)
DEPTH = Shown("depth_right", "", "right")


@pytest.fixture
def studio() -> FakeStudio:
    return FakeStudio()


@pytest.fixture
def window(qtbot: QtBot, studio: FakeStudio) -> MainWindow:
    """A stereo plate of four parts and a deep one."""
    window = MainWindow(studio)

    def without_question(window: MainWindow) -> None:
        window.files.may_leave = lambda: True  # type: ignore[method-assign]

    qtbot.addWidget(window, before_close_func=without_question)
    window.resize(1280, 800)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    studio.put_plate()
    for frame in (1001, 1002):
        studio.put_picture(frame, 0.18)
    studio.choices = CHOICES
    studio.plate_choices_changed.emit(CHOICES)
    window.viewport.setFocus()
    return window


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(window.viewport, key, modifiers)


def depth(studio: FakeStudio, value: float = 5.0) -> Picture:
    plate = studio.document.shot.plate
    assert plate is not None
    rgba = np.full((*plate.data_window.shape, 4), value, np.float32)
    rgba[:, :8, :3] = 0
    rgba[:, 8:16, :3] = value * 2
    return Picture(rgba, plate.data_window, plate.format, is_data=True)


def hover(window: MainWindow, place: QPointF) -> None:
    """The pointer moves over the picture, wherever the screen's own pointer is."""
    none, still = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    everywhere = QPointF(window.viewport.mapToGlobal(QPoint(0, 0))) + place
    QApplication.sendEvent(window.viewport, QMouseEvent(QEvent.Type.MouseMove, place, everywhere, none, none, still))


def test_page_keys_walk_through_the_layers_and_edit_nothing(window: MainWindow, studio: FakeStudio) -> None:
    """Round at the ends, past what cannot be read; the plate's own line is the empty name."""
    steps, seen = studio.document.steps, []
    for _ in range(4):
        press(window, Qt.Key.Key_PageDown)
        seen.append(window.view.look.shown)
    press(window, Qt.Key.Key_PageUp)

    assert [shown.part for shown in seen] == ["depth_right", "rgba_left", "depth_left", ""]
    assert seen[-1] == AS_MATTED
    assert window.view.look.shown.part == "depth_left"
    assert studio.document.steps == steps
    assert studio.looking.stopped == 1


def test_v_is_the_other_eye(window: MainWindow) -> None:
    press(window, Qt.Key.Key_PageDown)
    press(window, Qt.Key.Key_V)
    left = window.view.look.shown
    press(window, Qt.Key.Key_V)

    assert (left.part, window.view.look.shown.part) == ("depth_left", "depth_right")


def test_the_picker_lists_every_line_and_says_what_is_deep(window: MainWindow) -> None:
    picker = window.display.layers
    model = picker.layer.model()
    names = [picker.layer.itemText(place) for place in range(picker.layer.count())]

    assert names == ["rgba_right ●", "depth_right", "rgba_left", "depth_left", "smoke (deep)"]
    assert not model.flags(model.index(4, 0)) & Qt.ItemFlag.ItemIsEnabled
    assert "deep data" in model.data(model.index(4, 0), Qt.ItemDataRole.ToolTipRole)

    picker.layer.activated.emit(2)
    picker.channel.activated.emit(3)

    assert window.view.look.shown == Shown("rgba_left", "", "left", "B")
    assert picker.channel.currentText() == "B"


def test_data_is_grey_between_its_ends_and_says_so(window: MainWindow, studio: FakeStudio) -> None:
    """Depth 5 to 10: 5 is black, 10 white; no display transform; 0 is where nothing was rendered."""
    studio.looking.put(DEPTH, 1001, depth(studio))
    window.view.set(shown=DEPTH, guides=False, overlay=False)
    scene = window.viewport._stage.scene
    image = window.viewport.grab().toImage()
    shades = []
    for x in (4, 12, 40):
        place = window.viewport.projection.to_view(x, 24)
        shade = image.pixelColor(int(place.x()), int(place.y()))
        shades.append((shade.red(), shade.green(), shade.blue()))

    assert scene.panes[0].notes[0] == ("looking at depth_right", "accent")
    assert scene.panes[0].notes[-1][0] == "black 5, white 10"
    assert shades == [(0, 0, 0), (255, 255, 255), (0, 0, 0)]


def test_a_layer_that_is_being_read_or_cannot_be_says_so(window: MainWindow, studio: FakeStudio) -> None:
    window.view.set(shown=DEPTH)
    reading = window.viewport._stage.scene
    studio.looking.errors[DEPTH, 1001] = "s.1001.exr: its pixels are damaged."
    studio.looking.picture_ready.emit((DEPTH, 1001))
    broken = window.viewport._stage.scene

    assert (reading.waiting, reading.panes[0].sentence) == (True, "Reading depth_right at 1001…")
    assert (broken.waiting, broken.panes[0].sentence) == (False, "s.1001.exr: its pixels are damaged.")


def test_matting_what_is_looked_at(window: MainWindow, studio: FakeStudio) -> None:
    """Asked of the studio as the plate keeps it; when the plate is that layer, nothing else is looked at any more."""
    action = window.actions_table["view.matte_layer"]
    before = action.isEnabled()
    window.view.set(shown=DEPTH)
    able = action.isEnabled()
    action.trigger()

    assert (before, able) == (False, True)
    assert ("read_plate_as", "depth_right", "", "") in studio.asked
    assert window.view.look.shown == AS_MATTED


def test_another_plate_is_looked_at_as_it_is(window: MainWindow, studio: FakeStudio) -> None:
    window.view.set(shown=DEPTH)
    plate = studio.document.shot.plate
    assert plate is not None

    studio.document.do(ChangePlate(replace(plate, path=Path("/show/other.####.exr"))))

    assert window.view.look.shown == AS_MATTED


def test_a_channel_becomes_a_take_or_a_layer(window: MainWindow, studio: FakeStudio) -> None:
    """Asked of the imports with the part's name."""
    studio.put_layer()
    window.view.set(layer_id="hero", shown=DEPTH)
    menu = window.pictures.as_matte
    menu.aboutToShow.emit()
    channel = menu.actions()[0].menu()
    assert isinstance(channel, QMenu)
    words = [action.text() for action in channel.actions()]
    for action in channel.actions():
        action.trigger()

    assert menu.actions()[0].text() == "Z"
    assert words == ["As a new layer", "As a take of Hero"]
    asked = [one for one in studio.importing.asked if one[0] == "channel"]
    assert [(layer, channel.part, channel.channel) for _, layer, channel in asked] == [
        ("", "depth_right", "Z"),
        ("hero", "depth_right", "Z"),
    ]


def test_overscan_proxy_and_warnings_have_keys(window: MainWindow) -> None:
    """Ctrl+P goes round; the warnings that were chosen come back with their key."""
    press(window, Qt.Key.Key_O, CTRL | SHIFT)
    overscan, proxies = window.view.look.overscan, []
    for _ in range(3):
        press(window, Qt.Key.Key_P, CTRL)
        proxies.append(window.view.look.proxy)
    press(window, Qt.Key.Key_G, CTRL)
    everything = window.view.look.warnings
    window.pictures._warns[Warn.CLIP].trigger()
    press(window, Qt.Key.Key_G, CTRL)
    nothing = window.view.look.warnings
    press(window, Qt.Key.Key_G, CTRL)

    assert overscan is False
    assert proxies == [2, 4, 1]
    assert (everything, nothing) == (frozenset(Warn), frozenset())
    assert window.view.look.warnings == frozenset(Warn) - {Warn.CLIP}


def test_a_proxy_is_coarser_and_says_so_and_the_readout_stays_whole(window: MainWindow, studio: FakeStudio) -> None:
    rgb = np.zeros((48, 64, 3))
    rgb[24, 32] = 1.0
    studio.put_picture(1001, rgb)
    window.view.set(proxy=4)
    place = window.viewport.framing.places[0]
    said: list[str] = []
    window.viewport.probed.connect(said.append)
    point = window.viewport.projection.to_view(32.5, 24.5)
    hover(window, point)

    assert place.stride == 4 * place.projection.stride
    assert ("proxy 1:4", "text") in window.viewport._stage.scene.panes[0].notes
    assert "linear R         1" in said[-1]


def test_a_missing_frame_is_held(window: MainWindow, studio: FakeStudio) -> None:
    """The frame before it, with a badge; blank again when that is chosen."""
    studio.errors[1003] = "plate.1003.exr: the file does not exist."
    window.view.set(frame=1003, missing=MissingFrame.HOLD)
    held = window.viewport._stage.scene
    window.pictures._missing[MissingFrame.BLANK].trigger()
    blank = window.viewport._stage.scene

    assert held.picture is studio.pictures[1002]
    assert ("held 1002: frame 1003 is missing", "warn") in held.panes[0].notes
    assert blank.picture is None
    assert "does not exist" in blank.panes[0].sentence


def test_the_config_menu_asks_for_another_config(window: MainWindow, studio: FakeStudio) -> None:
    """Without $OCIO the built-in one is the project's own; with it both are there."""
    menu = window.pictures.config
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OCIO", raising=False)
        menu.aboutToShow.emit()
        without = [(action.text(), action.isChecked()) for action in menu.actions() if action.isCheckable()]
        patch.setenv("OCIO", "/show/config.ocio")
        menu.aboutToShow.emit()
        given = [action.text() for action in menu.actions() if action.isCheckable()]
        menu.actions()[0].trigger()

    assert without == [("Built-in (ACES)", True)]
    assert given == ["Built-in (ACES)", "$OCIO"]
    assert studio.colors.asked == [("choose", DEFAULT_CONFIG)]


def test_looks_of_the_config_are_in_the_menu(window: MainWindow, studio: FakeStudio) -> None:
    menu = window.pictures.look
    menu.aboutToShow.emit()
    menu.actions()[1].trigger()

    assert [action.text() for action in menu.actions()] == ["No look", *studio.color.looks]
    assert window.view.look.ocio_look == studio.color.looks[0]
    assert window.viewport._stage.builder.grade(window.view.look).ocio_look == studio.color.looks[0]


def test_another_layer_stands_against_the_plate(window: MainWindow, studio: FakeStudio) -> None:
    """Both sides on the plate: A is what is looked at, B what is matted. A alone on the plate: it is looked at too."""
    seen = depth(studio)
    studio.looking.put(DEPTH, 1001, seen)
    window.view.set(shown=DEPTH, compare=Compare.WIPE, b=Source(SourceKind.PLATE))
    a, b = window.viewport._stage.scene.panes
    window.view.set(a=Source(SourceKind.MATTE))
    _, alone = window.viewport._stage.scene.panes

    assert a.pixels is not None
    assert b.pixels is not None
    assert alone.pixels is not None
    assert a.pixels.origin is seen.rgba
    assert b.pixels.origin is studio.pictures[1001].rgba
    assert alone.pixels.origin is seen.rgba


def test_the_flip_key_goes_to_the_plate_and_back(window: MainWindow, studio: FakeStudio) -> None:
    """A and B both on the plate: Z shows what is matted, not what is looked at; the readout reads what is seen."""
    seen = depth(studio)
    studio.looking.put(DEPTH, 1001, seen)
    window.view.set(shown=DEPTH, b=Source(SourceKind.PLATE))
    pictures = []
    for _ in range(3):
        pictures.append(window.viewport._stage.scene.picture)
        press(window, Qt.Key.Key_Z)

    assert [picture is seen for picture in pictures] == [True, False, True]
    assert pictures[1] is studio.pictures[1001]


def test_the_inspector_says_why_the_color_space_and_leads_back(window: MainWindow, studio: FakeStudio) -> None:
    """The reason is a sentence; a space chosen by hand has a button back to what the file says."""
    section = window.inspector.plate
    studio.colors.reason_changed.emit(studio.colors.reason)
    before = (section.why.text(), section.as_file_says.isHidden())
    studio.colors.suggested = "Linear Rec.709 (sRGB)"
    studio.colors.reason_changed.emit("")
    section.as_file_says.click()
    plate = studio.document.shot.plate

    assert before == ("Read as ACEScg. The file does not say.", True)
    assert plate is not None
    assert plate.color_space == "Linear Rec.709 (sRGB)"
    assert section.as_file_says.isHidden()


def test_the_readout_is_of_the_side_under_the_pointer(window: MainWindow, studio: FakeStudio) -> None:
    """Side by side: depth on A, the plate on B, the comp of a half matte over black as what is seen of it."""
    studio.put_layer()
    studio.put_matte("hero", 1001, 0.5)
    studio.put_picture(1001, 0.5)
    studio.looking.put(DEPTH, 1001, depth(studio))
    plate, comp = Source(SourceKind.PLATE), Source(SourceKind.COMP)
    window.view.set(layer_id="hero", shown=DEPTH, compare=Compare.SIDE_BY_SIDE, b=plate, comp_color=(0.0, 0.0, 0.0))
    said: list[str] = []
    window.viewport.probed.connect(said.append)
    read = []
    for pane, b in ((0, plate), (1, plate), (1, comp)):
        window.view.set(b=b)
        there = window.viewport.framing.places[pane].projection.to_view(40.5, 24.5)
        hover(window, there)
        read.append(" ".join(said[-1].split("│")[1].split()))

    assert read == ["value 5", "linear R 0.5 G 0.5 B 0.5 A 1", "linear R 0.25 G 0.25 B 0.25 A 0.5"]


def test_beside_a_smaller_picture_its_comp_is_what_stands_behind(window: MainWindow, studio: FakeStudio) -> None:
    """In the whole display window, as it is drawn there."""
    studio.put_layer()
    studio.put_matte("hero", 1001, 0.5)
    picture = studio.put_picture(1001, 0.5)
    some = replace(picture.data_window, x1=20)
    studio.pictures[1001] = replace(picture, rgba=picture.rgba[:, :20].copy(), data_window=some)
    said: list[str] = []
    window.viewport.probed.connect(said.append)
    window.view.set(layer_id="hero", a=Source(SourceKind.COMP), comp_color=(1.0, 0.0, 0.0))
    for x in (10.5, 40.5):
        hover(window, window.viewport.framing.places[0].projection.to_view(x, 24.5))

    assert [" ".join(words.split("│")[1].split()) for words in said[-2:]] == [
        "linear R 0.75 G 0.25 B 0.25 A 0.5",
        "linear R 1 G 0 B 0 A 0",
    ]
