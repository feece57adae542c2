"""Frames are made ready by workers, in the order of play, within the budget; drawing a ready frame converts nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from core.arrays import UInt8
from core.frames import FrameRange
from tests.widgets.fake_studio import FakeStudio
from widgets.playback import Playback
from widgets.read_ahead import ReadAhead
from widgets.view_state import Look, ViewState
from widgets.viewport.display_frame import READ_AHEAD
from widgets.viewport.pixels import PlatePixels
from widgets.viewport.viewport import Viewport

FRAMES = FrameRange(1001, 1008)
FRAME_BYTES = 64 * 48 * 4


@dataclass
class Conversions:
    """Which picture was converted on which thread, in order."""

    seen: list[tuple[int, str]] = field(default_factory=list)

    @property
    def frames(self) -> list[int]:
        return [frame for frame, _thread in self.seen]

    @property
    def elsewhere(self) -> list[int]:
        """Frames that were not converted by a worker of the read-ahead."""
        return [frame for frame, thread in self.seen if not thread.startswith(READ_AHEAD)]


@dataclass
class Room:
    studio: FakeStudio
    view: ViewState
    viewport: Viewport
    playback: Playback
    ahead: ReadAhead
    conversions: Conversions
    clock: list[float]


@pytest.fixture
def room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    studio = FakeStudio()
    studio.put_plate(FRAMES)
    studio.put_layer("hero")
    for frame in FRAMES:
        studio.put_picture(frame, rgb=(frame - 1000) / 10)
        studio.put_matte("hero", frame, 0.5)
    view = ViewState(Look(frame=1003, layer_id="hero"))
    viewport = Viewport(studio, view)
    qtbot.addWidget(viewport)
    viewport.resize(400, 300)
    viewport.show()
    conversions = Conversions()
    convert = PlatePixels.convert
    names = {id(picture.rgba): frame for frame, picture in studio.pictures.items()}

    def counted(pixels: PlatePixels, samples: tuple[slice, slice]) -> UInt8:
        conversions.seen.append((names[id(pixels.picture.rgba)], threading.current_thread().name))
        return convert(pixels, samples)

    monkeypatch.setattr(PlatePixels, "convert", counted)
    clock = [0.0]
    playback = Playback(view, lambda: FRAMES, now=lambda: clock[0])
    ahead = ReadAhead(studio, viewport, playback.upcoming, lambda: playback.playing)
    yield Room(studio, view, viewport, playback, ahead, conversions, clock)
    playback.stop()
    ahead.close()
    viewport.release()


def _settled(qtbot: QtBot, room: Room, count: int = len(FRAMES)) -> None:
    qtbot.waitUntil(lambda: len(room.ahead.ready) == count and not room.ahead.busy, timeout=10_000)


def test_frames_are_made_ready_in_the_order_of_play(qtbot: QtBot, room: Room) -> None:
    """From the playhead on, over the end, to where play began; one at a time while nothing plays."""
    room.playback.play(1)
    room.playback.stop()
    wanted = room.playback.upcoming()
    _settled(qtbot, room)

    assert room.ahead.ready == frozenset(FRAMES)
    converted = [frame for frame, thread in room.conversions.seen if thread.startswith(READ_AHEAD)]
    assert converted == [frame for frame in wanted if frame in converted]
    assert len(converted) >= len(FRAMES) - 1  # the one on screen may have been converted by its own repaint


def test_playing_ready_frames_converts_nothing(qtbot: QtBot, room: Room) -> None:
    """Two rounds with every frame painted: no conversion anywhere, and none dropped."""
    _settled(qtbot, room)
    room.viewport.painted.connect(room.playback.painted)
    room.conversions.seen.clear()
    room.playback.play(1)
    shown = []
    for number in range(1, 17):
        room.clock[0] = number / 24
        room.playback.tick()
        room.viewport.surface.redraw_now()
        shown.append(room.view.look.frame)

    assert shown == [*range(1004, 1009), *range(1001, 1009), 1001, 1002, 1003]
    assert room.conversions.seen == []
    assert room.playback.dropped == 0


def test_a_look_that_changed_is_made_ready_anew(qtbot: QtBot, room: Room) -> None:
    """After another exposure nothing is ready; once the look rests, all is again. A wipe changes no pixel."""
    _settled(qtbot, room)
    room.view.set(wipe_x=0.2)
    after_wipe = len(room.ahead.ready)
    room.view.set(exposure_stops=1.0)
    after_exposure = len(room.ahead.ready)
    _settled(qtbot, room)

    assert (after_wipe, after_exposure) == (8, 0)


def test_the_budget_is_kept(qtbot: QtBot, room: Room) -> None:
    """Room for five frames and their mattes: the next five are ready, the cache holds no more bytes than that."""
    budget = 5 * (FRAME_BYTES + 5 * 64 * 48) * 10 // 9 + 8
    room.viewport.rehearsal.budget_bytes = budget
    room.view.set(gamma=1.1)
    _settled(qtbot, room, 5)

    assert room.ahead.ready == frozenset(room.playback.upcoming()[:5])
    assert room.viewport.surface.cache.nbytes <= budget


def test_the_playhead_takes_the_room_with_it(qtbot: QtBot, room: Room) -> None:
    """What lies behind gives way to what comes."""
    room.viewport.rehearsal.budget_bytes = 5 * (FRAME_BYTES + 5 * 64 * 48) * 10 // 9 + 8
    room.view.set(gamma=1.1)
    _settled(qtbot, room, 5)
    room.view.set(frame=1008)
    qtbot.waitUntil(lambda: room.ahead.ready == frozenset(room.playback.upcoming()[:5]), timeout=10_000)

    assert 1001 not in room.ahead.ready


def test_mattes_on_disk_are_waited_for(qtbot: QtBot, room: Room) -> None:
    """A frame whose matte is being fetched is not looked at; when it has come, it is."""
    room.studio.mattes_ahead.far.add(1005)
    room.view.set(gamma=1.2)
    _settled(qtbot, room, 7)
    without = room.ahead.is_ready(1005)
    room.studio.mattes_ahead.far.clear()
    room.studio.mattes_ahead.came.emit(1005)
    _settled(qtbot, room)

    assert not without


def test_a_frame_that_arrives_is_made_ready(qtbot: QtBot, room: Room) -> None:
    picture: Any = room.studio.pictures.pop(1006)
    room.view.set(gamma=1.2)
    _settled(qtbot, room, 7)
    room.studio.pictures[1006] = picture
    room.studio.picture_ready.emit(1006)
    _settled(qtbot, room)

    assert room.ahead.is_ready(1006)


def test_many_mattes_that_come_at_once_are_looked_at_once(qtbot: QtBot, room: Room) -> None:
    """A long shot that is propagated must not ask for the order of play at every frame of it."""
    _settled(qtbot, room)
    asked: list[int] = []
    order = room.playback.upcoming
    room.ahead._order = lambda: asked.append(1) or order()  # type: ignore[func-returns-value]

    for _ in range(50):
        for frame in FRAMES:
            room.studio.matte_ready.emit(("hero", frame))
    _settled(qtbot, room)

    assert room.ahead.ready == frozenset(FRAMES)
    assert len(asked) <= 2 * len(FRAMES) + 2


def test_another_matte_is_made_ready(qtbot: QtBot, room: Room) -> None:
    """What the artist corrected is not shown from an older preparation."""
    _settled(qtbot, room)
    room.studio.put_matte("hero", 1007, 0.9)
    at_once = room.ahead.is_ready(1007)
    _settled(qtbot, room)

    assert not at_once


def test_a_view_that_was_baked_meanwhile_is_made_ready(qtbot: QtBot, room: Room) -> None:
    """While it bakes, frames may be made ready in the view before; they do not count as ready in this one."""
    _settled(qtbot, room)
    room.viewport.rehearsal.baked.emit()
    at_once = len(room.ahead.ready)
    _settled(qtbot, room)

    assert at_once == 0
