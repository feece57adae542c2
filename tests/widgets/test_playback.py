"""Playing by the clock: late ticks drop frames and count them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from pytestqt.qtbot import QtBot

from core.frames import FrameRange
from widgets.playback import FASTEST, Playback
from widgets.track import Ends
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
    playback.set_ends(Ends.ONCE)
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


def _play(playback: Playback, clock: Clock, view: ViewState, ticks: int, *, seen: bool = True) -> list[int]:
    """So many ticks, each when the next frame is due; the frames that were shown."""
    shown = []
    start = clock.seconds
    for number in range(1, ticks + 1):
        clock.seconds = start + number / 24
        playback.tick()
        shown.append(view.look.frame)
        if seen:
            playback.painted(view.look.frame)
    return shown


def test_ping_pong_turns_round_at_both_ends(qtbot: QtBot, view: ViewState, clock: Clock) -> None:
    """No frame is shown twice in a row at an end."""
    playback = Playback(view, lambda: FrameRange(1001, 1003), now=clock)
    playback.set_ends(Ends.PING_PONG)
    playback.play(1)

    assert _play(playback, clock, view, 7) == [1002, 1003, 1002, 1001, 1002, 1003, 1002]
    assert playback.dropped == 0


def test_once_stops_at_the_last_frame_and_begins_again_from_the_first(
    playback: Playback, view: ViewState, clock: Clock
) -> None:
    playback.set_ends(Ends.ONCE)
    view.set(frame=1047)
    playback.play(1)
    shown = _play(playback, clock, view, 3)
    stopped = not playback.playing
    playback.play(1)

    assert (shown, stopped) == ([1048, 1048, 1048], True)
    assert view.look.frame == 1001


def test_frames_that_are_passed_over_are_neither_shown_nor_dropped(qtbot: QtBot, view: ViewState, clock: Clock) -> None:
    playback = Playback(view, lambda: FrameRange(1001, 1006), passed=lambda: frozenset({1002, 1003, 1006}), now=clock)
    playback.play(1)

    assert _play(playback, clock, view, 4) == [1004, 1005, 1001, 1004]
    assert playback.dropped == 0


def test_every_frame_is_played_however_late(playback: Playback, view: ViewState, clock: Clock) -> None:
    """Ticks come only ten times a second: the actual rate is said, and no frame is left out."""
    playback.set_every_frame(every_frame=True)
    playback.play(1)
    shown = []
    for number in range(1, 31):
        clock.seconds = number / 10
        playback.tick()
        playback.painted(view.look.frame)
        shown.append(view.look.frame)

    assert shown == list(range(1002, 1032))
    assert playback.dropped == 0
    assert playback.fps == pytest.approx(10, abs=0.2)


def test_every_frame_waits_for_the_one_that_is_not_ready(qtbot: QtBot, view: ViewState, clock: Clock) -> None:
    ready = {1002}
    playback = Playback(view, lambda: FRAMES, ready=lambda frame: frame in ready, now=clock)
    playback.set_every_frame(every_frame=True)
    playback.play(1)
    waited = _play(playback, clock, view, 5)
    ready.add(1003)
    went_on = _play(playback, clock, view, 1)

    assert (waited, went_on) == ([1002] * 5, [1003])


def test_a_frame_that_never_reached_the_screen_is_dropped(playback: Playback, view: ViewState, clock: Clock) -> None:
    """The clock was kept, but the picture was not painted before the next one was due."""
    playback.play(1)
    _play(playback, clock, view, 2)
    _play(playback, clock, view, 2, seen=False)

    assert playback.dropped == 1


def test_the_actual_rate_is_that_of_painted_frames(playback: Playback, view: ViewState, clock: Clock) -> None:
    playback.play(1)
    _play(playback, clock, view, 40)

    assert playback.fps == pytest.approx(24, abs=0.1)
    assert playback.dropped == 0


def test_what_comes_next_goes_over_the_end(qtbot: QtBot, view: ViewState, clock: Clock) -> None:
    """The order in which frames are read and converted ahead."""
    playback = Playback(view, lambda: FrameRange(1001, 1005), now=clock)
    view.set(frame=1004)
    playback.play(1)
    looped = playback.upcoming()
    playback.set_ends(Ends.PING_PONG)
    turned = playback.upcoming()
    playback.play(-1)
    backward = playback.upcoming()
    playback.stop()

    assert looped == (1004, 1005, 1001, 1002, 1003)
    assert turned == (1004, 1005, 1003, 1002, 1001)
    assert backward == (1004, 1003, 1002, 1001, 1005)
    assert playback.upcoming() == (1004, 1005, 1003, 1002, 1001)
