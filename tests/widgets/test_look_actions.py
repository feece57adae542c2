"""Next frame to look at, the Frames panel and the sheet: they bring the artist where the judge says, and say why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.error_removed import ErrorRemoved
from core.expected_error import LookAt
from core.frame_facts import FrameFacts
from core.frames import FrameRange
from core.layer import KeyFrame
from core.prompts import Click
from core.review import ReviewStatus
from core.review_commands import SetReviewStatus
from tests.widgets.fake_studio import FakeStudio
from widgets.judging import Heat, WorstFrame
from widgets.main_window import MainWindow
from widgets.panels.frame_curves import CURVES
from widgets.timeline.bars import Lane
from widgets.timeline.painting import BARS
from widgets.viewport.heat import HeatCoverage, heat_table

KEY = KeyFrame(prompts=(Click(20.0, 20.0, adds=True),))
FRAMES = FrameRange(1001, 1024)


def facts() -> dict[int, FrameFacts]:
    """Key frames at both ends; 1008 drops, 1017 chatters, all others are quiet."""
    found = {}
    for frame in FRAMES:
        distance = min(frame - 1001, 1024 - frame)
        found[frame] = FrameFacts(0.1, 0.2, distance, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    found[1008] = FrameFacts(0.05, 0.4, 7, 0.9, 0.0, 0.0, -0.7, -0.7, 0.5, 0.0)
    found[1017] = FrameFacts(0.1, 6.0, 7, 0.9, 0.0, 0.0, 0.0, 0.0, 0.6, 0.0)
    return found


@pytest.fixture
def studio() -> FakeStudio:
    studio = FakeStudio()
    studio.put_plate(FRAMES)
    studio.put_layer("hero", key_frames={1001: KEY, 1024: KEY})
    for frame in FRAMES:
        studio.put_picture(frame, 0.2)
        studio.put_matte("hero", frame, 0.0)
    studio.saving.save()
    return studio


@pytest.fixture
def window(qtbot: QtBot, studio: FakeStudio) -> MainWindow:
    window = MainWindow(studio)
    qtbot.addWidget(window)
    window.resize(1400, 900)
    window.show()
    return window


def test_n_brings_the_worst_frames_in_order_and_says_why(window: MainWindow, studio: FakeStudio) -> None:
    """1008 and 1017 first; no frame twice; Shift+N goes back; a changed matte is offered again."""
    studio.judging.put_facts("hero", facts())

    visited = []
    for _ in range(3):
        window.actions_table["look.next"].trigger()
        visited.append(window.view.look.frame)
    said = window.look_badge.text()
    window.actions_table["look.previous"].trigger()
    back = window.view.look.frame

    assert visited[:2] == [1008, 1017]
    assert len(set(visited)) == 3
    assert back == 1017
    assert said.startswith(f"Frame {visited[2]}: ")
    assert window.look_badge.text() == "Frame 1017: edge chatters, 6.0 px"
    assert ("judge", "hero", 1001) in studio.judging.asked


def test_the_line_goes_when_the_artist_moves_on(window: MainWindow, studio: FakeStudio) -> None:
    studio.judging.put_facts("hero", facts())
    window.actions_table["look.next"].trigger()
    shown = window.look_badge.isVisible()

    window.view.set(frame=1003)

    assert shown
    assert not window.look_badge.isVisible()


def test_n_waits_for_the_first_facts(window: MainWindow, studio: FakeStudio) -> None:
    """Nothing is known yet: N says so, and goes when something is."""
    window.actions_table["look.next"].trigger()
    first, said = window.view.look.frame, window.look_badge.text()

    studio.judging.put_facts("hero", facts())

    assert first == 1001
    assert said.startswith("Judging")
    assert window.view.look.frame == 1008


def test_without_a_key_frame_n_says_what_is_missing(qtbot: QtBot) -> None:
    studio = FakeStudio()
    studio.put_plate(FRAMES)
    studio.put_layer("hero", "Hero")
    studio.saving.save()
    told: list[str] = []
    studio.message.connect(lambda message: told.append(message.text))
    window = MainWindow(studio)
    qtbot.addWidget(window)

    window.actions_table["look.next"].trigger()

    assert told == ["Hero has no key frame yet: there is nothing to judge."]


def test_the_panel_draws_lists_and_scrubs(qtbot: QtBot, window: MainWindow, studio: FakeStudio) -> None:
    """Curves are 0-1 and NaN where nothing is known; a press in the plot moves the playhead; a line of the list too."""
    studio.judging.put_facts("hero", facts())
    hidden = window.frames.plot
    window.docks.open("Frames")
    qtbot.waitUntil(lambda: window.frames.plot is not None and window.frames.list.count() > 0)
    plot = window.frames.plot
    assert plot is not None
    qtbot.waitExposed(plot)

    errors = plot.drawn("error")
    places = [x for x in range(plot.width()) if plot.frame_at(x) == 1012]
    QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(places[len(places) // 2], 40))
    scrubbed = window.view.look.frame
    window.frames.list.itemClicked.emit(window.frames.list.item(0))

    assert hidden is None
    assert len(errors) == 24
    assert 0.0 <= errors.min() <= errors.max() <= 1.0
    assert int(np.argmax(errors)) + 1001 in (1008, 1017)
    assert scrubbed == 1012
    assert window.view.look.frame == 1008
    assert plot.playhead == 1008
    assert "area drops by 50 %" in window.frames.list.item(0).text()


def test_the_plot_shows_key_frames_and_what_was_said(qtbot: QtBot, window: MainWindow, studio: FakeStudio) -> None:
    """Diamonds at both key frames, and one mark at the frame that is to be fixed."""
    studio.judging.put_facts("hero", facts())
    studio.document.do(SetReviewStatus(1010, "hero", ReviewStatus.FIX))
    studio.saving.save()
    window.docks.open("Frames")
    qtbot.waitUntil(lambda: window.frames.plot is not None)
    plot = window.frames.plot
    assert plot is not None

    assert sorted(plot._keys.getData()[0].tolist()) == [1001.0, 1024.0]
    assert plot._reviewed.getData()[0].tolist() == [1010.0]


def test_what_is_approved_is_not_offered(window: MainWindow, studio: FakeStudio) -> None:
    """1008 is approved as it stands: N begins with 1017."""
    studio.judging.put_facts("hero", facts())
    seen = studio.reviewing.seen("hero", 1008)[0]
    studio.document.do(SetReviewStatus(1008, "hero", ReviewStatus.APPROVED, seen))
    studio.saving.save()

    window.actions_table["look.next"].trigger()

    assert window.view.look.frame == 1017


def test_a_curve_can_be_hidden_and_says_its_value(qtbot: QtBot, window: MainWindow, studio: FakeStudio) -> None:
    studio.judging.put_facts("hero", facts())
    window.docks.open("Frames")
    qtbot.waitUntil(lambda: window.frames.plot is not None)
    window.view.set(frame=1017)
    chatter = next(curve for curve in CURVES if curve.id == "chatter")

    button = window.frames.legend[chatter]
    button.click()

    assert button.text() == "Chatter 6.0 px"
    assert window.frames.plot is not None
    assert not window.frames.plot._lines[chatter].isVisible()


def test_every_lane_draws_its_bars(qtbot: QtBot, window: MainWindow, studio: FakeStudio) -> None:
    """1017 chatters: its bar is tall and in the color of what is bad, its neighbour's is not."""
    studio.judging.put_facts("hero", facts())
    window.timeline.choice.choose(Lane.CHATTER)
    scale = window.timeline.scale
    assert scale is not None
    picture = window.timeline.grab().toImage()
    ratio = picture.devicePixelRatio()

    def ink(frame: int, height: float) -> str:
        x, y = scale.center_x(frame), BARS.bottom() - height * BARS.height()
        return picture.pixelColor(round(x * ratio), round(y * ratio)).name()

    from widgets.theme import color

    assert ink(1017, 0.8) == color("bad").name()
    assert ink(1015, 0.8) == color("well").name()
    for lane in Lane:
        window.timeline.choice.choose(lane)
        assert window.timeline.lanes.bars, lane
        assert all(0.0 <= bar.height <= 1.0 for bar in window.timeline.lanes.bars.values())
    assert ("judge", "hero", 1001) in studio.judging.asked


def test_the_tooltip_gives_the_reason(window: MainWindow, studio: FakeStudio) -> None:
    studio.judging.put_facts("hero", facts())
    window.timeline.choice.choose(Lane.EXPECTED_ERROR)

    words = window.timeline.lanes.describe(1017)

    assert "likely error" in words
    assert words.endswith("Look here: edge chatters, 6.0 px")


def worst(frame: int) -> WorstFrame:
    return WorstFrame(LookAt(frame, 0.4, "edge chatters, 6.0 px"), np.full((260, 420, 3), 90, np.uint8))


def test_the_sheet_goes_to_the_frame_and_is_saved(window: MainWindow, studio: FakeStudio, tmp_path: Path) -> None:
    studio.judging.worst = [worst(1017), worst(1008)]
    studio.judging.put_facts("hero", facts())
    window.actions_table["look.sheet"].trigger()
    sheet = window.eyes.sheet
    assert sheet is not None

    sheet.list.itemClicked.emit(sheet.list.item(0))
    sheet.save_to(tmp_path / "sheet.png")

    assert sheet.isVisible()
    assert not sheet.isModal()
    assert [sheet.list.item(row).text() for row in range(2)] == [
        "1017   edge chatters, 6.0 px",
        "1008   edge chatters, 6.0 px",
    ]
    assert window.view.look.frame == 1017
    assert studio.judging.asked[-1] == ("save_sheet", "hero", 2, tmp_path / "sheet.png")
    sheet.close()


def test_heat_is_an_overlay_that_glows_where_it_is_hot(window: MainWindow, studio: FakeStudio) -> None:
    """One hot corner: the overlay is there when it was measured and asked for, and transparent where it is cold."""
    plate = studio.document.shot.plate
    assert plate is not None
    values = np.zeros((12, 16), np.uint8)
    values[:6, :8] = 255
    window.view.set(chatter=True)
    cold = window.viewport._stage.scene.panes[0]
    studio.judging.heats["hero", 1001] = Heat(plate.canvas, values)
    studio.judging.changed.emit("hero")
    hot = window.viewport._stage.scene.panes[0]
    overlay = hot.overlays[-1]
    level = overlay.coverage.level(1)
    table = overlay.seen_through.entries

    window.view.set(chatter=False)

    assert not any(isinstance(other.coverage, HeatCoverage) for other in cold.overlays)
    assert "chatter: not measured on this frame yet" in [words for words, _ink in cold.notes]
    assert "chatter: the brighter, the more" in [words for words, _ink in hot.notes]
    assert isinstance(overlay.coverage, HeatCoverage)
    assert table[level.values[4, 4]] >> 24 > 200
    assert table[level.values[40, 60]] == 0
    assert overlay.seen_through is heat_table()
    assert overlay.coverage.floats(0, 0, 8, (6, 8))[0, 0] == pytest.approx(1.0)
    assert not any(isinstance(other.coverage, HeatCoverage) for other in window.viewport._stage.scene.panes[0].overlays)


def test_the_curves_are_labelled_with_whole_frames() -> None:
    """A shot of four frames has no frame 1.5."""
    from widgets.panels.frames_plot import FrameAxis

    axis = FrameAxis("bottom")

    assert all(step >= 1 for step, _start in axis.tickSpacing(0.5, 4.5, 700))
    assert all(step >= 1 for step, _start in axis.tickSpacing(1000.5, 1050.5, 700))


def test_the_frame_to_correct_next_comes_with_its_reason(window: MainWindow, studio: FakeStudio) -> None:
    """Not the worst frame, which helps no other, but the one that speaks for a stretch between two key frames."""
    wrong = {
        frame: FrameFacts(0.1, 0.2, min(frame - 1001, 1024 - frame), 0.5, 1.0, lost_side="left") for frame in FRAMES
    }
    studio.judging.put_facts("hero", wrong | {1003: facts()[1008]})
    window.actions_table["look.correct_next"].trigger()

    assert 1010 <= window.view.look.frame <= 1015
    said = window.look_badge.text()
    assert said.startswith(f"Correct frame {window.view.look.frame}: ")
    assert "would help" in said
    assert ("judge", "hero", 1001) in studio.judging.asked


def test_a_correction_says_what_it_took_away(window: MainWindow, studio: FakeStudio) -> None:
    """The line over the picture, a veil on the bars up to where they stood, and the tooltip of the lane."""
    window.timeline.choice.choose(Lane.EXPECTED_ERROR)
    removed = ErrorRemoved("Frame 1008 corrected", {1007: 0.4, 1008: 0.5}, {1007: 0.1, 1008: 0.0})
    studio.judging.taken_away["hero"] = removed
    studio.judging.put_facts("hero", facts())
    window.timeline.refresh()
    bars = window.timeline.lanes.bars

    assert window.look_badge.text() == "Frame 1008 corrected: likely error 45 % → 5 % over 2 frames"
    assert bars[1007].was > bars[1007].height
    assert bars[1006].was == 0.0
    assert "Likely error before: 40%" in window.timeline.lanes.describe(1007)
