"""Playing by the clock: late ticks drop frames and count them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from pytestqt.qtbot import QtBot

from core.frames import FrameRange
from widgets.playback import FASTEST, Playback
from widgets.view_state import Look, ViewState

FRAMES = FrameRange(1001, 1048)


class Clock:
    """Seconds that a test moves by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def view() -> ViewState:
    return ViewState(Look(frame=1001))


@pytest.fixture
def playback(qtbot: QtBot, view: ViewState, clock: Clock) -> Playback:
    return Playback(view, lambda: FRAMES, now=clock)


def test_a_tick_in_time_moves_one_frame_and_drops_none(playback: Playback, view: ViewState, clock: Clock) -> None:
    playback.play(1)
    for step in range(1, 25):
        clock.seconds = step / 24
        playback.tick()

    assert (view.look.frame, playback.dropped) == (1025, 0)


def test_a_late_tick_drops_frames_and_counts_them(playback: Playback, view: ViewState, clock: Clock) -> None:
    """After a quarter of a second six frames are due; one is shown, five were dropped."""
    playback.play(1)
    clock.seconds = 0.25
    playback.tick()

    assert (view.look.frame, playback.dropped) == (1007, 5)


def test_a_frame_that_is_not_cached_counts_as_dropped(qtbot: QtBot, view: ViewState, clock: Clock) -> None:
    playback = Playback(view, lambda: FRAMES, shown=lambda frame: frame != 1003, now=clock)
    playback.play(1)
    for step in range(1, 5):
        clock.seconds = step / 24
        playback.tick()

    assert playback.dropped == 1


def test_it_plays_at_the_rate_of_the_plate(playback: Playback, view: ViewState, clock: Clock) -> None:
    playback.rate = Fraction(12)
    playback.play(1)
    clock.seconds = 0.5
    playback.tick()

    assert view.look.frame == 1007


def test_it_loops_over_the_range_and_stops_at_its_end_without_loop(
    playback: Playback, view: ViewState, clock: Clock
) -> None:
    view.set(frame=1047)
    playback.play(1)
    clock.seconds = 2 / 24
    playback.tick()
    looped = view.look.frame
    playback.stop()
    playback.set_loops(loops=False)
    view.set(frame=1047)
    playback.play(1)
    clock.seconds += 5 / 24
    playback.tick()

    assert looped == 1001
    assert (view.look.frame, playback.playing) == (1048, False)


def test_backward_and_faster(playback: Playback, view: ViewState, clock: Clock) -> None:
    """J plays backward; again doubles the speed, up to a limit; frames skipped by the speed are not dropped."""
    view.set(frame=1040)
    playback.play(-1)
    playback.play(-1)
    clock.seconds = 1 / 24
    playback.tick()
    at_double, dropped = view.look.frame, playback.dropped
    for _again in range(6):
        playback.play(-1)

    assert (at_double, dropped) == (1038, 0)
    assert playback.speed == -FASTEST


def test_the_timer_really_plays(qtbot: QtBot, view: ViewState) -> None:
    """With the real clock and the event loop, half a second is about twelve frames."""
    playback = Playback(view, lambda: FRAMES)
    playback.play(1)
    qtbot.waitUntil(lambda: view.look.frame >= 1007, timeout=5000)
    playback.stop()
    stopped_at = view.look.frame
    qtbot.wait(80)

    assert view.look.frame == stopped_at


def test_nothing_to_play_is_no_error(qtbot: QtBot, view: ViewState) -> None:
    playback = Playback(view, lambda: None)
    playback.toggle()

    assert not playback.playing
