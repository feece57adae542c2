"""Scrubbing, in and out, and lanes that tell the truth."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.commands import AddPrompt
from core.frames import FrameRange
from core.layer import EMPTY_MATTE
from core.prompts import Click
from tests.widgets.fake_studio import FakeStudio
from widgets.theme import color
from widgets.timeline.painting import CACHE, MATTE, RULER_PX, ready_color
from widgets.timeline.timeline import Timeline
from widgets.view_state import Look, ViewState


@pytest.fixture
def studio() -> FakeStudio:
    studio = FakeStudio()
    studio.put_plate(FrameRange(1001, 1048))
    studio.put_layer("hero")
    return studio


@pytest.fixture
def view() -> ViewState:
    return ViewState(Look(frame=1001, layer_id="hero"))


@pytest.fixture
def timeline(qtbot: QtBot, studio: FakeStudio, view: ViewState) -> Timeline:
    timeline = Timeline(studio, view)
    qtbot.addWidget(timeline)
    timeline.resize(1060, timeline.height())
    timeline.show()
    return timeline


def place(timeline: Timeline, frame: int, y: float = 50) -> QPoint:
    assert timeline.scale is not None
    return QPoint(round(timeline.scale.center_x(frame)), round(y))


def test_press_and_drag_scrub(timeline: Timeline, view: ViewState) -> None:
    seen: list[int] = []
    view.changed.connect(lambda change: seen.append(change[1].frame))
    QTest.mousePress(timeline, Qt.MouseButton.LeftButton, pos=place(timeline, 1010))
    QTest.mouseMove(timeline, place(timeline, 1011))
    QTest.mouseMove(timeline, place(timeline, 1030))
    QTest.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=place(timeline, 1030))

    assert seen == [1010, 1011, 1030]


def test_dragging_the_bracket_sets_the_in_point_as_one_step(timeline: Timeline, studio: FakeStudio) -> None:
    assert timeline.scale is not None
    steps = studio.document.steps
    start = QPoint(round(timeline.scale.x(1001)), RULER_PX)
    QTest.mousePress(timeline, Qt.MouseButton.LeftButton, pos=start)
    for frame in (1003, 1006, 1009):
        QTest.mouseMove(timeline, place(timeline, frame, RULER_PX))
    QTest.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=place(timeline, 1009, RULER_PX))

    assert studio.document.shot.frames == FrameRange(1009, 1048)
    assert studio.document.steps == steps + 1


def test_lanes_follow_the_studio(timeline: Timeline, studio: FakeStudio) -> None:
    studio.put_picture(1005)
    studio.errors[1007] = "missing"
    studio.put_matte("hero", 1005)
    studio.put_matte("hero", 1006, fresh=False)
    studio.document.do(AddPrompt("hero", 1005, Click(1, 1), EMPTY_MATTE))
    timeline.refresh()
    lanes = timeline.lanes

    assert (lanes.cached, lanes.missing) == ({1005}, {1007})
    assert (lanes.freshness.fresh, lanes.freshness.stale, lanes.freshness.key_frames) == ({1005}, {1006}, {1005})
    assert lanes.describe(1005) == "Frame 1005, key frame, matte is fresh, confidence 90%, in memory"
    assert lanes.describe(1007) == "Frame 1007, missing on disk, no matte yet"


def test_a_burst_of_frames_gathers_once(qtbot: QtBot, timeline: Timeline, studio: FakeStudio) -> None:
    gathered: list[int] = []
    refresh = timeline.refresh
    timeline._gather.timeout.disconnect()
    timeline._gather.timeout.connect(lambda: (gathered.append(1), refresh()))
    for frame in range(1001, 1041):
        studio.put_picture(frame)
    qtbot.waitUntil(lambda: len(timeline.lanes.cached) == 40, timeout=2000)

    assert len(gathered) == 1


@pytest.mark.parametrize("count", [24, 2000])
def test_colors_are_where_they_belong(qtbot: QtBot, studio: FakeStudio, view: ViewState, count: int) -> None:
    """Fresh, stale, missing, in memory and ready can be told apart in the painted widget, also at 2000 frames."""
    studio.document.shot = FakeStudio().document.shot
    studio.put_plate(FrameRange(1001, 1000 + count))
    studio.put_layer("hero")
    half = 1000 + count // 2
    for frame in range(1001, half):
        studio.put_picture(frame)
        studio.put_matte("hero", frame)
    missing = half + count // 4
    studio.errors[missing] = "missing"
    timeline = Timeline(studio, view)
    qtbot.addWidget(timeline)
    timeline.resize(1060, timeline.height())
    timeline.show_ready(frozenset(range(1001, 1001 + count // 8)))
    view.set(frame=1000 + count)
    picture = timeline.grab().toImage()
    assert timeline.scale is not None

    def ink(frame: int, y: float) -> str:
        assert timeline.scale is not None
        return picture.pixelColor(round(timeline.scale.center_x(frame)), round(y)).name()

    assert ink(1001 + count // 4, MATTE.center().y()) == color("good").name()
    assert ink(half + 3, MATTE.center().y()) == color("well").name()
    assert ink(1001 + count // 4, CACHE.center().y()) == color("text_off").name()
    assert ink(1001 + count // 16, CACHE.center().y()) == ready_color().name()
    assert ink(missing, CACHE.center().y()) == color("bad").name()


def test_nothing_open_is_a_sentence(qtbot: QtBot) -> None:
    timeline = Timeline(FakeStudio(), ViewState())
    qtbot.addWidget(timeline)
    timeline.grab()
    QTest.mousePress(timeline, Qt.MouseButton.LeftButton, pos=QPoint(200, 40))

    assert timeline.scale is None
