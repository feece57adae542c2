"""A and B in the viewport: what is on screen in every way of comparing, and what the keys do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QPointF, QSizeF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.geometry import Format, Window
from core.matte import Matte
from core.picture import Picture
from tests.widgets.fake_studio import FRAMES, FakeStudio
from tests.widgets.test_viewport_widget import Bench, near
from widgets.compare_strip import CompareStrip
from widgets.main_window import MainWindow
from widgets.view_state import Backdrop, Blend, Compare, Look, MatteStyle, Source, SourceKind, ViewState
from widgets.viewport.badges import badge_lines, corner_of
from widgets.viewport.compare import arrange
from widgets.viewport.difference_meter import DifferenceMeter
from widgets.viewport.edges import AFTER, BEFORE, EdgeCoverage
from widgets.viewport.framing import Framing
from widgets.viewport.light import CHECKS
from widgets.viewport.overlay import LevelCache, StillCoverage
from widgets.viewport.pane import Pane
from widgets.viewport.pointer import Projection
from widgets.viewport.surface import RasterSurface

PLATE, MATTE, COMP = Source(), Source(SourceKind.MATTE), Source(SourceKind.COMP)
TAKE = Source(SourceKind.TAKE, "take1")
REFERENCE = Source(SourceKind.PLATE, plate_id="other")


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    """Grey plate, a matte on its left half, and a take of it on its upper half."""
    made = Bench(qtbot)
    half = np.zeros((48, 64), np.float32)
    half[:24] = 1.0
    made.studio.put_matte("hero", 1001, half)
    made.studio.keep_take("hero", "upper")
    left = np.zeros((48, 64), np.float32)
    left[:, :32] = 1.0
    made.studio.put_matte("hero", 1001, left)
    made.view.set(guides=False, overlay=False)
    yield made
    made.viewport.release()


def panes(bench: Bench) -> tuple[Pane, ...]:
    return bench.viewport._stage.scene.panes


def put_reference(studio: FakeStudio, rgb: Any = 0.5, window: Window | None = None) -> None:
    plate = studio.document.shot.plate
    assert plate is not None
    window = window or plate.format.display
    rgba = np.ones((*window.shape, 4), np.float16)
    rgba[..., :3] = rgb
    other = replace(plate, id="other", name="v002", path=Path("/show/v002.####.exr"), format=Format(window))
    studio.references.put(replace(other, data_window=window), {1001: Picture(rgba, window, Format(window))})


# --- on screen --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mix", [0.0, 0.25, 1.0])
def test_dissolve_weighs_the_whole_of_b(bench: Bench, mix: float) -> None:
    """B's matte over A's plate: each screen value is A(1 - mix) + B·mix."""
    bench.view.set(compare=Compare.DISSOLVE, a=PLATE, b=MATTE, mix=mix)
    plate = bench.exact([0.18] * 3)

    inside, outside = bench.colors((10, 30), (50, 30))

    assert near(inside, tuple(round(value * (1 - mix) + 255 * mix) for value in plate), 2)
    assert near(outside, tuple(round(value * (1 - mix)) for value in plate), 2)


def test_dissolve_weighs_overlays_with_their_pane(bench: Bench) -> None:
    """The overlay on both plates is the overlay on one: nothing is laid on twice."""
    bench.view.set(overlay=True)
    alone = bench.colors((10, 30))
    bench.view.set(compare=Compare.DISSOLVE, a=PLATE, b=PLATE, mix=0.5)

    assert near(bench.colors((10, 30))[0], alone[0], 1)


def test_stacked_shows_a_above_b(bench: Bench) -> None:
    """Two rooms, the same place in each."""
    bench.view.set(compare=Compare.STACKED, a=PLATE, b=MATTE)
    upper, lower = bench.viewport.framing.places

    assert upper.rect.bottom() == lower.rect.top() == 150
    assert near(bench.colors((10, 30))[0], bench.exact([0.18] * 3))
    assert bench.colors((10, 30), (50, 30), pane=1) == [(255, 255, 255), (0, 0, 0)]


def test_flip_shows_b_alone_and_says_so(bench: Bench) -> None:
    """One picture, of B; the badge names the side only while it is not A."""
    bench.view.set(b=MATTE)
    before = badge_lines(panes(bench)[0], bench.view.look)
    bench.view.set(flipped=True)

    assert bench.colors((10, 30), (50, 30)) == [(255, 255, 255), (0, 0, 0)]
    assert before == []
    assert badge_lines(panes(bench)[0], bench.view.look)[0][0] == "B  Hero"


def test_difference_of_two_mattes(bench: Bench) -> None:
    """Where one of them covers alone: the upper right and the lower left quarter."""
    bench.view.set(compare=Compare.DIFFERENCE, a=TAKE, b=MATTE)

    seen = bench.colors((10, 10), (50, 10), (10, 40), (50, 40))

    assert [color[0] for color in seen] == [0, 255, 255, 0]


def test_difference_with_a_reference_plate_is_in_light(bench: Bench) -> None:
    """|0.18 - 0.5|, twice, through the view."""
    put_reference(bench.studio)
    bench.view.set(compare=Compare.DIFFERENCE, a=PLATE, b=REFERENCE, difference_gain=2.0)

    assert near(bench.colors((30, 20))[0], bench.exact([0.64] * 3), 2)


def test_signed_matte_difference(qtbot: QtBot, bench: Bench) -> None:
    """Red where the matte lost what the take had, green where it gained; the badge counts it off the hot path."""
    bench.view.set(compare=Compare.MATTE_DIFFERENCE, a=TAKE, b=MATTE)
    same, red, green, empty = bench.colors((20, 22), (50, 22), (20, 40), (50, 40))

    assert red[0] > 200 > 100 > red[1]
    assert green[1] > 200 > 100 > green[0]
    assert same == empty
    assert max(same) < min(bench.exact([0.18] * 3))
    counted = "mean difference 0.5000, 50.00% of pixels changed"
    qtbot.waitUntil(lambda: counted in [line[0] for line in badge_lines(panes(bench)[0], bench.view.look)])


def test_nothing_is_counted_while_frames_fly_by(qtbot: QtBot) -> None:
    """Of three questions in a row only the last is counted, once; after `close` nothing is said any more."""
    window = Window.of_size(8, 8)
    cache = LevelCache()
    empty = StillCoverage(Matte(window, np.zeros(window.shape, np.float32)), cache)
    asked = [StillCoverage(Matte(window, np.full(window.shape, part, np.float32)), cache) for part in (0.2, 0.4, 0.6)]
    meter = DifferenceMeter()
    said: list[None] = []
    meter.measured.connect(lambda: said.append(None))

    for matte in asked:
        meter.of(empty, matte, window)
    qtbot.waitUntil(lambda: meter.of(empty, asked[2], window) is not None)

    assert len(said) == 1
    counted = meter.of(empty, asked[2], window)
    assert counted is not None
    assert (counted.mean, counted.changed, counted.added) == pytest.approx((0.6, 1.0, 38.4))
    assert meter.of(empty, asked[0], window) is None
    meter.close()
    qtbot.wait(250)
    assert len(said) == 1


@pytest.mark.parametrize(
    ("blend", "light"),
    [(Blend.ADD, 1.18), (Blend.SCREEN, 1.0), (Blend.MULTIPLY, 0.18)],
)
def test_blend_of_plate_and_matte(bench: Bench, blend: Blend, light: float) -> None:
    """Inside the matte: 0.18 + 1, 1 - 0.82 · 0, 0.18 · 1."""
    bench.view.set(compare=Compare.BLEND, a=PLATE, b=MATTE, blend=blend)

    assert near(bench.colors((10, 30))[0], bench.exact([light] * 3), 2)


def test_mattes_in_red_and_cyan(bench: Bench) -> None:
    """A alone is red, B alone cyan, both white."""
    bench.view.set(compare=Compare.BLEND, a=TAKE, b=MATTE, blend=Blend.RED_CYAN)

    seen = bench.colors((10, 10), (50, 10), (10, 40), (50, 40))

    assert seen == [(255, 255, 255), (255, 0, 0), (0, 255, 255), (0, 0, 0)]


@pytest.mark.parametrize(
    ("backdrop", "light"),
    [(Backdrop.BLACK, 0.0), (Backdrop.GREY, 0.18), (Backdrop.COLOR, 0.4), (Backdrop.PLATE, 0.5)],
)
def test_comp_over_a_backdrop(bench: Bench, backdrop: Backdrop, light: float) -> None:
    """Outside the matte the backdrop, inside the plate."""
    put_reference(bench.studio)
    bench.view.set(a=COMP, backdrop=backdrop, backdrop_plate="other", comp_color=(0.4, 0.4, 0.4))

    inside, outside = bench.colors((10, 30), (50, 30))

    assert near(inside, bench.exact([0.18] * 3), 2)
    assert near(outside, bench.exact([light] * 3), 2)


def test_comp_over_a_checker(bench: Bench) -> None:
    """Two greys that lie on the plate: the same at every zoom."""
    bench.view.set(a=COMP, backdrop=Backdrop.CHECKER)
    greys = [bench.exact([grey] * 3) for grey in CHECKS]

    for zoom in (5.0, 9.0):
        bench.viewport.zoom_to(zoom)
        assert near(bench.colors((40.5, 24.5))[0], greys[(40 // 2 + 24 // 2) % 2], 2)
        assert near(bench.colors((42.5, 24.5))[0], greys[(42 // 2 + 24 // 2) % 2], 2)


def test_edge_only_covers_no_inside(bench: Bench) -> None:
    """The plate shows inside and outside; the line is drawn where the matte crosses a half."""
    plain = bench.colors((10, 30), (50, 30))
    bench.view.set(overlay=True, overlay_opacity=1.0, matte_style=MatteStyle.EDGE)
    inside, outside, line = bench.colors((10, 30), (50, 30), (31.5, 30.5))

    assert [inside, outside] == plain
    assert line[0] > 220 > line[1] > plain[0][1]


def test_onion_skin_has_a_tint_for_before_and_after(bench: Bench) -> None:
    """The neighbours' edges where they lie; a neighbour without a matte shows nothing."""
    for frame, columns in ((1000, 16), (1002, 48)):
        coverage = np.zeros((48, 64), np.float32)
        coverage[:, :columns] = 1.0
        bench.studio.put_matte("hero", frame, coverage)
    bench.view.set(onion=True)
    before, here, after = bench.colors((15.5, 30.5), (31.5, 30.5), (47.5, 30.5))
    del bench.studio.mattes["hero", 1000]
    bench.view.set(onion=False)
    bench.view.set(onion=True)

    assert near(before, tuple(round(255 * part) for part in BEFORE), 20)
    assert near(after, tuple(round(255 * part) for part in AFTER), 20)
    assert near(here, bench.exact([0.18] * 3))
    assert len(panes(bench)[0].overlays) == 1


def test_the_onion_appears_when_its_matte_arrives(bench: Bench) -> None:
    """A neighbour's matte that comes later is drawn without a look at it."""
    bench.view.set(onion=True)
    none = panes(bench)[0].overlays
    bench.studio.put_matte("hero", 1002)

    assert none == ()
    assert [type(overlay.coverage) for overlay in panes(bench)[0].overlays] == [EdgeCoverage]


def test_another_layer_on_a_side(bench: Bench) -> None:
    """A layer that is not chosen can be compared with; one that is gone is said to be."""
    bench.studio.put_layer("sky", "Sky")
    bench.studio.put_matte("sky", 1001, 0.5)
    bench.view.set(a=Source(SourceKind.MATTE, layer_id="sky"))
    seen = bench.colors((50, 30))
    bench.view.set(a=Source(SourceKind.MATTE, layer_id="gone"))

    assert seen == [(128, 128, 128)]
    assert panes(bench)[0].sentence == "This layer is not in the shot any more. Choose another one."


# --- reference plates -------------------------------------------------------------------------------------------


def test_a_reference_plate_appears_when_it_is_read(bench: Bench) -> None:
    """First a sentence, then the picture; why there is none, where that is known."""
    put_reference(bench.studio)
    picture = bench.studio.references.pictures.pop(("other", 1001))
    bench.view.set(a=REFERENCE)
    reading = panes(bench)[0].sentence
    bench.studio.references.errors["other", 1001] = "v002.1001.exr is damaged. Copy it again."
    bench.studio.references.picture_ready.emit(("other", 1001))
    damaged = panes(bench)[0].sentence
    bench.studio.references.pictures["other", 1001] = picture
    bench.studio.references.picture_ready.emit(("other", 1001))

    assert reading == "Reading v002 at 1001…"
    assert damaged == "v002.1001.exr is damaged. Copy it again."
    assert near(bench.colors((30, 20))[0], bench.exact([0.5] * 3), 2)


def test_the_last_picture_stays_while_a_reference_is_read(qtbot: QtBot, bench: Bench) -> None:
    """One frame on, its reference is not there yet: no sentence flashes; after a while it says what it waits for."""
    put_reference(bench.studio)
    bench.studio.put_picture(1002)
    bench.view.set(compare=Compare.DIFFERENCE, a=PLATE, b=REFERENCE)
    before = bench.colors((30, 20))
    bench.view.set(frame=1002)

    assert bench.viewport._stage.scene.waiting
    assert bench.colors((30, 20)) == before
    qtbot.waitUntil(lambda: bench.viewport._stage.shown is bench.viewport._stage.scene)
    assert panes(bench)[0].sentence == "B: Reading v002 at 1002…"


def test_a_reference_of_another_format_is_fitted_and_says_so(bench: Bench) -> None:
    """Twice the size, its left half bright: the left half of the plate's display window is bright."""
    rgb = np.zeros((96, 128, 3), np.float16)
    rgb[:, :64] = 0.8
    put_reference(bench.studio, rgb, Window(0, 0, 128, 96))
    bench.view.set(a=REFERENCE)

    left, right = bench.colors((16, 24), (48, 24))

    assert near(left, bench.exact([0.8] * 3), 2)
    assert near(right, bench.exact([0.0] * 3), 2)
    assert ("v002: 128 × 96, fitted", "text") in panes(bench)[0].notes


def test_matte_difference_without_a_matte_asks_for_one(bench: Bench) -> None:
    """A plate has no matte: the sentence says which side."""
    bench.view.set(compare=Compare.MATTE_DIFFERENCE, a=PLATE, b=MATTE)

    assert panes(bench)[0].sentence.startswith("A (Plate) has no matte to compare.")


# --- zoom -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("compare", "place"), [(Compare.SIDE_BY_SIDE, (300, 90)), (Compare.STACKED, (120, 220))])
def test_panes_zoom_together_around_the_cursor(compare: Compare, place: tuple[float, float]) -> None:
    """In the second pane too, what lies under the cursor stays there, and both panes show the same part."""
    view = ViewState(Look(compare=compare))
    framing = Framing(view, lambda: None)
    framing.resize(QSizeF(400, 300))
    framing.show(Format(Window.of_size(64, 48)))
    pane = framing.pane_under(QPointF(*place))
    under = framing.projection_of(pane).to_plate(*place)

    framing.zoom_to(17.0, QPointF(*place))

    first, second = framing.places
    assert pane == 1
    assert framing.projection_of(1).to_plate(*place) == pytest.approx(under, abs=0.06)
    offset = second.rect.topLeft() - first.rect.topLeft()
    corner = second.projection.to_view(5, 7) - first.projection.to_view(5, 7)
    assert (corner.x(), corner.y()) == (offset.x(), offset.y())


def test_other_ways_have_as_many_places_as_panes() -> None:
    """Whatever draws a scene finds a place for every pane."""
    for compare in Compare:
        look = Look(compare=compare)
        framing = Framing(ViewState(look), lambda: None)
        places = arrange(look, QSizeF(100, 80), framing.projection, framing.format)
        assert len(places) == (2 if compare.two_panes else 1)


# --- under the brush --------------------------------------------------------------------------------------------


def without_cursor(bench: Bench) -> QImage:
    bench.viewport._foreground.cursor.place = None
    return bench.viewport.grab().toImage()


@pytest.mark.parametrize("compare", list(Compare))
def test_a_stroke_is_seen_while_it_is_painted(bench: Bench, compare: Compare) -> None:
    """Every way of comparing shows the stroke under the hand, and the same picture as when it is made anew."""
    bench.view.set(compare=compare, a=PLATE, b=MATTE, overlay=True, matte_style=MatteStyle.EDGE, mix=0.5, wipe_x=0.2)
    if compare is Compare.MATTE_DIFFERENCE:
        bench.view.set(a=TAKE)
    bench.viewport.set_tool(bench.tools["brush"])
    bench.viewport.set_brush(radius_px=5.0, hardness=1.0, opacity=1.0)
    bench.viewport._stage._meter.close()  # its numbers would come at any time
    before = without_cursor(bench)

    bench.drag((44, 36), (50, 36), (56, 36), up=False)
    painted = without_cursor(bench)
    surface = bench.viewport.surface
    assert isinstance(surface, RasterSurface)
    surface._darkroom.stroke_gone()
    bench.viewport._stage._scene = None
    anew = without_cursor(bench)
    bench.viewport.cancel_gesture()

    assert painted != before
    assert painted == anew
    assert without_cursor(bench) == before


# --- the strip and the keys -------------------------------------------------------------------------------------


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    studio = FakeStudio()
    studio.put_plate()
    studio.put_layer()
    studio.put_layer("sky", "Sky")
    studio.put_picture(1001)
    studio.saving.save()
    made = MainWindow(studio, settings=None)
    qtbot.addWidget(made)
    made.resize(1600, 900)
    made.show()
    qtbot.waitExposed(made)
    made.view.set(frame=FRAMES.first, layer_id="hero")
    yield made
    made.close()


def press(window: MainWindow, key: Qt.Key, *keys: Qt.KeyboardModifier) -> None:
    held = Qt.KeyboardModifier.NoModifier
    for one in keys:
        held |= one
    QTest.keyClick(window, key, held)


ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


@pytest.mark.parametrize(
    ("key", "held", "compare"),
    [
        (Qt.Key.Key_W, (ALT,), Compare.DISSOLVE),
        (Qt.Key.Key_W, (CTRL, SHIFT), Compare.STACKED),
        (Qt.Key.Key_D, (SHIFT,), Compare.DIFFERENCE),
        (Qt.Key.Key_M, (SHIFT,), Compare.MATTE_DIFFERENCE),
        (Qt.Key.Key_B, (SHIFT,), Compare.BLEND),
    ],
)
def test_a_key_again_is_a_alone(
    window: MainWindow, key: Qt.Key, held: tuple[Qt.KeyboardModifier, ...], compare: Compare
) -> None:
    press(window, key, *held)
    once = window.view.look.compare
    press(window, key, *held)

    assert (once, window.view.look.compare) == (compare, Compare.SINGLE)


def test_flip_key(window: MainWindow) -> None:
    """B, A; and from a comparison B alone."""
    press(window, Qt.Key.Key_Z)
    once = window.view.look.flipped
    press(window, Qt.Key.Key_Z)
    twice = window.view.look.flipped
    press(window, Qt.Key.Key_W)
    press(window, Qt.Key.Key_Z)

    assert (once, twice) == (True, False)
    assert (window.view.look.compare, window.view.look.flipped) == (Compare.SINGLE, True)
    assert window.actions_table["view.flip"].isChecked()


def test_edge_and_onion_keys(window: MainWindow) -> None:
    """Edge only brings the overlay with it."""
    window.view.set(overlay=False)
    press(window, Qt.Key.Key_M, CTRL)
    press(window, Qt.Key.Key_M, ALT)
    both = window.view.look
    press(window, Qt.Key.Key_M, CTRL)
    press(window, Qt.Key.Key_M, ALT)

    assert (both.overlay, both.matte_style, both.onion) == (True, MatteStyle.EDGE, True)
    assert (window.view.look.matte_style, window.view.look.onion) == (MatteStyle.FILL, False)


def test_matte_difference_takes_the_newest_take(window: MainWindow) -> None:
    """Against the plate there is nothing to count: the newest take is put on side A."""
    window.actions_table["layer.keep_take"].trigger()
    window.view.set(b=PLATE)
    press(window, Qt.Key.Key_M, SHIFT)

    assert (window.view.look.a, window.view.look.b) == (TAKE, MATTE)


def strip_of(window: MainWindow) -> CompareStrip:
    return window.compare


@pytest.mark.parametrize(
    ("look", "seen"),
    [
        ({}, ""),
        ({"compare": Compare.DISSOLVE}, "mix"),
        ({"compare": Compare.DIFFERENCE}, "gain"),
        ({"compare": Compare.MATTE_DIFFERENCE}, "gain"),
        ({"compare": Compare.BLEND}, "blend"),
        ({"a": COMP}, "background"),
    ],
)
def test_the_strip_shows_what_the_way_of_comparing_uses(window: MainWindow, look: dict[str, object], seen: str) -> None:
    window.view.set(**look)
    strip = strip_of(window)

    assert [name for name in ("mix", "gain", "blend", "background") if getattr(strip, name).isVisible()] == [
        name for name in [seen] if name
    ]


@pytest.mark.parametrize(
    ("turn", "field", "value"),
    [
        (lambda strip: strip.mix.setValue(30), "mix", 0.3),
        (lambda strip: strip.gain.setValue(3), "difference_gain", 8.0),
        (lambda strip: strip.blend.activated.emit(2), "blend", Blend.MULTIPLY),
        (lambda strip: strip.background.fill().actions()[2].trigger(), "backdrop", Backdrop.CHECKER),
    ],
)
def test_the_strip_sets_the_look(
    window: MainWindow, turn: Callable[[CompareStrip], None], field: str, value: object
) -> None:
    turn(strip_of(window))

    assert getattr(window.view.look, field) == value


def test_sources_are_listed_by_layer(window: MainWindow) -> None:
    """References, the chosen layer, then the others under their names; headings cannot be picked."""
    studio = window.studio
    assert isinstance(studio, FakeStudio)
    put_reference(studio)
    a = window.compare.a
    names = [a.itemText(place) for place in range(a.count())]
    wanted = ["Plate", "Matte", "Comp", "Reference plates", "v002", "Comp of v002", "Sky", "Sky: matte", "Sky: comp"]
    a.activated.emit(3)
    heading = window.view.look.a
    a.activated.emit(7)

    assert names == wanted
    assert heading == PLATE
    assert window.view.look.a == Source(SourceKind.MATTE, layer_id="sky")
    window.view.set(layer_id="sky", a=Source(SourceKind.TAKE, "gone"))
    assert a.currentIndex() == -1


@pytest.mark.parametrize("compare", list(Compare))
def test_the_strip_fits_a_small_window(qtbot: QtBot, window: MainWindow, compare: Compare) -> None:
    """At 1024 points nothing is cut or lies on another; what has no room is hidden."""
    window.view.set(compare=compare, a=COMP, b=TAKE)
    window.resize(1024, 680)
    qtbot.wait(20)
    strip = strip_of(window)
    parts = [part for part in strip.children() if isinstance(part, QWidget) and part.isVisible()]
    rects = [part.geometry() for part in parts]

    assert window.width() == 1024
    assert all(strip.rect().contains(rect) for rect in rects)
    assert not any(one.intersects(other) for place, one in enumerate(rects) for other in rects[:place])
    assert all(part.width() >= part.minimumSizeHint().width() for part in (strip.mode, strip.channel))
    assert strip.a.isVisible()
    assert strip.b.isVisible()


def test_takes_keep_their_matte_windows(bench: Bench) -> None:
    """A take whose matte is smaller than the plate is 0 outside, in the difference too."""
    bench.studio.take_mattes["take1", 1001] = Matte(Window(20, 20, 24, 24), np.ones((4, 4), np.float32))
    bench.view.set(compare=Compare.DIFFERENCE, a=TAKE, b=MATTE)

    assert [color[0] for color in bench.colors((22, 22), (10, 30), (50, 30))] == [0, 255, 0]


@pytest.mark.parametrize(
    ("angle", "corner_a", "corner_b"),
    [
        (0.0, (False, False), (True, False)),
        (180.0, (True, False), (False, False)),
        (-67.0, (False, True), (True, False)),
        (90.0, (False, False), (True, True)),
    ],
)
def test_a_badge_stands_on_its_own_side_of_a_turned_wipe(
    angle: float, corner_a: tuple[bool, bool], corner_b: tuple[bool, bool]
) -> None:
    """(right, low) of both."""
    form = Format(Window(0, 0, 800, 450))
    look = Look(compare=Compare.WIPE, wipe_angle=angle)

    a, b = arrange(look, QSizeF(800, 450), Projection(), form)

    assert corner_of(a, right_first=False) == corner_a
    assert corner_of(b, right_first=True) == corner_b
