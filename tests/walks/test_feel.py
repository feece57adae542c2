"""Acceptance: selecting in the real window with a real engine, by everything there is to say what belongs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

from app.sample_shot import SampleShot
from core.commands import SetRange
from core.frames import FrameRange
from core.prompts import Box, Click, Stroke
from tests.walks.conftest import Artist
from tests.walks.plates import centre_of
from tests.walks.test_artist import truth

LEFT, RIGHT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton


def hover(artist: Artist, x: float, y: float, keys: Qt.KeyboardModifier) -> None:
    viewport, place = artist.window.viewport, artist.place(x, y)
    everywhere = QPointF(viewport.mapToGlobal(QPoint(0, 0))) + place
    QApplication.sendEvent(viewport, QMouseEvent(QEvent.Type.MouseMove, place, everywhere, NO_BUTTON, NO_BUTTON, keys))


@pytest.mark.timeout(300)
def test_selecting_feels_right(artist: Artist, sample: SampleShot) -> None:
    """Everything there is to say what belongs, each one step of undo; nothing is left when all is undone."""
    window, studio = artist.window, artist.studio
    first = sample.frames.first
    studio.open(sample.plate_pattern)
    artist.until(lambda: studio.document.shot.plate is not None and studio.picture(first) is not None)
    artist.until(lambda: bool(studio.models("segment")))
    studio.document.do(SetRange(FrameRange(first, first + 3)))
    x, y = centre_of(truth(sample, first) > 0.9)

    # A preview before there is a layer; Shift let go ends it, and nothing is authored.
    hover(artist, x, y, Qt.KeyboardModifier.ShiftModifier)
    artist.until(lambda: studio.preview("", first) is not None)
    artist.shot("feel_preview")
    QApplication.sendEvent(window, QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Shift, Qt.KeyboardModifier.NoModifier))
    assert studio.preview("", first) is None
    steps = studio.document.steps
    assert studio.document.shot.layers == ()

    # The click where it hovered is there at once, in its first answer or whole; layer and click are one step.
    artist.click(x, y)
    layer = artist.layer_id
    assert studio.matte(layer, first)[0] is not None
    assert studio.document.steps == steps + 1
    artist.until(lambda: studio.matte(layer, first)[1])
    clicked = studio.shown_key(layer, first)

    # The part or the whole, where they differ: the key takes the next, undo brings back what was there.
    artist.act("matte.alternative_next")
    artist.until(lambda: bool(studio.alternatives.of(layer, first)))
    offered = studio.alternatives.of(layer, first)
    assert [each.word for each in offered if each.chosen] == ["as is"]
    artist.until(lambda: window.alternatives.isVisible())
    artist.shot("feel_alternatives")
    artist.act("matte.alternative_next")
    artist.until(lambda: studio.matte(layer, first)[1])
    assert studio.shown_key(layer, first) != clicked
    artist.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert studio.shown_key(layer, first) == clicked

    # A scribble and a box are prompts beside the click; a box over the box takes its place.
    artist.act("tool.scribble")
    artist.drag(RIGHT, (20, 20), (60, 24), (100, 20))
    artist.act("tool.box")
    artist.drag(LEFT, (x - 60, y - 60), (x, y), (x + 60, y + 50))
    artist.drag(LEFT, (x - 62, y - 58), (x, y), (x + 58, y + 52))
    prompts = studio.document.shot.layer(layer).key_frame(first).prompts
    assert [type(prompt) for prompt in prompts] == [Click, Stroke, Box]
    assert not window.alternatives.isVisible()
    artist.until(lambda: studio.matte(layer, first)[1])
    artist.shot("feel_prompts")
    for _ in range(3):
        artist.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert studio.shown_key(layer, first) == clicked

    # Like this on all frames: a take of proposals; put back, undone.
    artist.act("matte.like")
    artist.until(lambda: any(job.kind == "like" and job.state.ended for job in studio.jobs()), 120)
    take = studio.takes(layer)[-1]
    assert take.name == f"like {first}"
    assert take.frames == (first + 1, first + 2, first + 3)
    studio.taking.put_back(take.id)
    assert set(studio.document.shot.layer(layer).key_frames) == {first, *take.frames}
    assert studio.document.shot.layer(layer).frames_by_hand == (first,)
    artist.shot("feel_like")

    # All of it undone is an empty shot.
    artist.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    artist.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert studio.document.shot.layers == ()
    assert studio.document.steps == steps
