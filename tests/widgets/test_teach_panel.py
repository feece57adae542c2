"""The Teach panel: what it says in every state, and that each answer is one command or one request."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.adapter_commands import RenewLive, TeachLive
from core.commands import AddPrompt, UseAdapter
from core.jobs import JobState
from core.layer import EMPTY_MATTE, Adapter, Layer
from core.prompts import Click
from tests.widgets.fake_studio import FakeStudio
from widgets.panels.teach import TeachPanel
from widgets.panels.teach_models import ASSET
from widgets.panels.teach_words import about, change, details, frames_words, live_words, percent, verdict
from widgets.studio import TeachResult
from widgets.teaching import Live, LiveRound, SheetOf
from widgets.view_state import Compare, Look, Source, SourceKind, ViewState

ONE = Adapter("abc", "Hero teach 1", "propagate", 0.0612, 0.0184, (1001, 1004), (1003,), seconds=60.0, steps=412)
TWO = Adapter("def", "Hero teach 2", "propagate", 0.0184, 0.01, (1001, 1004, 1006), (1003,))


@pytest.fixture
def studio() -> FakeStudio:
    studio = FakeStudio()
    studio.put_plate()
    studio.put_layer("hero", "Hero")
    return studio


@pytest.fixture
def view() -> ViewState:
    return ViewState(Look(frame=1001, layer_id="hero"))


@pytest.fixture
def teach(qtbot: QtBot, studio: FakeStudio, view: ViewState) -> TeachPanel:
    panel = TeachPanel(studio, view)
    qtbot.addWidget(panel)
    panel.resize(310, 700)
    panel.show()
    return panel


def hero(studio: FakeStudio) -> Layer:
    return studio.document.shot.layer("hero")


def choose(teach: TeachPanel, asset: str) -> None:
    rows = teach.models.list
    rows.setCurrentRow(next(row for row in range(rows.count()) if rows.item(row).data(ASSET) == asset))


def listed(teach: TeachPanel) -> list[str]:
    return [teach.models.list.item(row).text() for row in range(teach.models.list.count())]


def test_teach_needs_a_key_frame_and_says_so(teach: TeachPanel, studio: FakeStudio) -> None:
    before = (teach.start.isEnabled(), teach.explain.text())
    studio.document.do(AddPrompt("hero", 1001, Click(1, 1), EMPTY_MATTE))
    teach.start.click()

    assert before == (False, "Click or paint on a frame of Hero first; corrections are what is taught.")
    assert studio.asked[-1] == ("teach", "hero", None)


def test_the_curves_are_drawn_as_they_come(teach: TeachPanel, studio: FakeStudio) -> None:
    """No plot before the first step; then loss and held-out error, each with its own points."""
    none_yet = teach.plot
    studio.curve = [
        {"step": 0, "seconds": 0.0, "loss": 0.5, "held_out_error": 0.06},
        {"step": 1, "seconds": 1.0, "loss": 0.4},
        {"step": 2, "seconds": 2.0, "loss": 0.3, "held_out_error": 0.02},
    ]
    studio.put_job("9", "teach", progress=0.5, metrics={"step": 2, "held_out_error": 0.02, "seconds": 2.0})

    assert none_yet is None
    assert teach.plot is not None
    assert teach.plot.drawn("loss") == ([0.0, 1.0, 2.0], [0.5, 0.4, 0.3])
    assert teach.plot.drawn("held_out_error") == ([0.0, 2.0], [0.06, 0.02])
    assert teach.said.text() == "Learning, step 2, 2 s, held-out error 2.00 %"
    assert (teach.start.isVisible(), teach.cancel.isVisible()) == (False, True)


def test_a_lesson_is_paused_and_goes_on(teach: TeachPanel, studio: FakeStudio) -> None:
    """The button says what it would do; a lesson that waits in the queue cannot be held yet."""
    studio.put_job("9", "teach", state=JobState.QUEUED, can_pause=True)
    queued = teach.pause.isEnabled()
    studio.put_job("9", "teach", can_pause=True)
    teach.pause.click()
    studio.put_job("9", "teach", can_pause=True, paused=True)
    paused = teach.pause.text(), teach.said.text()
    teach.pause.click()
    studio.put_job("9", "teach", state=JobState.CANCELLED)

    assert not queued
    assert paused == ("Go on", "Paused")
    assert studio.teaching.asked == [("pause", "9", True), ("pause", "9", False)]
    assert (teach.start.isVisible(), teach.pause.isVisible()) == (True, False)


@pytest.mark.parametrize("improved", [True, False])
def test_use_is_the_default_only_when_it_got_better(teach: TeachPanel, studio: FakeStudio, improved: bool) -> None:
    after = 0.018 if improved else 0.07
    result = TeachResult("hero", "abc", "Hero teach 1", 0.0612, after, improved)
    studio.teach_offered.emit(result)

    assert teach.card.isVisible()
    assert (teach.card.use.isDefault(), teach.card.keep.isDefault()) == (improved, not improved)
    assert (teach.card.before.text(), teach.card.after.text()) == ("6.12 %", percent(after))
    assert not teach.card.approved_after.isVisible()


@pytest.mark.parametrize("use", [True, False])
def test_the_answer_is_given_once(teach: TeachPanel, studio: FakeStudio, use: bool) -> None:
    result = TeachResult("hero", "abc", "Hero teach 1", 0.06, 0.02, improved=True)
    studio.teach_offered.emit(result)
    button = teach.card.use if use else teach.card.keep
    button.click()
    button.click()

    assert [asked for asked in studio.asked if asked[0] == "answer_teach"] == [("answer_teach", result, use)]
    assert not teach.card.isVisible()


@pytest.mark.parametrize(
    ("figures", "improved", "said"),
    [
        ((0.06, 0.02, math.inf, math.inf), True, "does better on what it has not seen"),
        ((0.06, 0.07, math.inf, math.inf), False, "is not better on what it has not seen"),
        ((0.06, 0.02, 0.001, 0.02), False, "makes frames worse that you approved"),
        ((0.06, 0.02, math.inf, math.inf), False, "has not learnt its own frames yet"),
        ((math.nan, math.nan, math.inf, math.inf), True, "There was nothing to compare it with"),
    ],
)
def test_the_verdict_says_why(figures: tuple[float, float, float, float], improved: bool, said: str) -> None:
    before, after, *approved = figures

    assert said in verdict(TeachResult("hero", "abc", "Hero teach 1", before, after, improved, *approved))


def test_approved_frames_are_a_line_of_the_offer(teach: TeachPanel, studio: FakeStudio) -> None:
    studio.teach_offered.emit(
        TeachResult("hero", "abc", "Hero teach 1", 0.06, 0.02, False, 0.001, 0.015, (1001, 1004), (1003,), 60.0)
    )

    assert (teach.card.approved_before.text(), teach.card.approved_after.text()) == ("0.10 %", "1.50 %")
    assert teach.card.learnt.text() == "Learnt from 1001 and 1004, measured on 1003, 60 s."
    teach.card.sheet.click()
    wanted = SheetOf("hero", ("", "abc"), ("Now: As it came", "With Hero teach 1"), (1003,))
    assert studio.teaching.asked[-1] == ("sheet", wanted)


def test_taught_models_are_listed_used_renamed_and_removed(teach: TeachPanel, studio: FakeStudio) -> None:
    """The newest on top; each of it one step of the history."""
    hidden = teach.models.isVisible()
    studio.document.do(UseAdapter("hero", ONE))
    studio.document.do(UseAdapter("hero", TWO))
    names, steps = listed(teach), studio.document.steps
    choose(teach, "abc")
    teach.models.use.click()
    used = hero(studio).adapter
    teach.models.list.currentItem().setText("Good hair")
    renamed = listed(teach)
    choose(teach, "def")
    teach.models.remove.click()
    left, after = listed(teach), studio.document.steps
    studio.document.undo()
    choose(teach, "")
    teach.models.use.click()

    assert not hidden
    assert names == ["Hero teach 2", "Hero teach 1", "As it came"]
    assert used == "abc"
    assert renamed == ["Hero teach 2", "Good hair", "As it came"]
    assert left == ["Good hair", "As it came"]
    assert after == steps + 3
    assert hero(studio).adapter == ""
    assert not teach.models.remove.isEnabled()


def test_two_models_are_compared_and_laid_on_a_sheet(teach: TeachPanel, studio: FakeStudio, view: ViewState) -> None:
    """The chosen one on A as a take, what is in use on B; the layer is not touched."""
    studio.document.do(UseAdapter("hero", ONE))
    studio.document.do(UseAdapter("hero", TWO))
    choose(teach, "abc")
    teach.models.compare.click()
    side_by_side = view.look.compare
    view.set(compare=Compare.WIPE)
    teach.models.compare.click()
    studio.teaching.made = np.zeros((40, 60, 3), np.uint8)
    teach.models.sheet.click()

    assert side_by_side is Compare.SIDE_BY_SIDE
    assert view.look.compare is Compare.WIPE
    assert (view.look.a, view.look.b) == (Source(SourceKind.TAKE, "take"), Source(SourceKind.MATTE))
    wanted = SheetOf("hero", ("def", "abc"), ("Hero teach 2", "Hero teach 1"), (1003,))
    assert studio.teaching.asked[-2:] == [("compare", "hero", "abc", 1001), ("sheet", wanted)]
    assert hero(studio).adapter == "def"


def test_the_live_switch_is_the_layers(teach: TeachPanel, studio: FakeStudio, view: ViewState) -> None:
    """Off by default; one undo puts the tick back; another layer has its own."""
    off = teach.live.isChecked(), teach.live_said.isVisible()
    QTest.mouseClick(teach.live, Qt.MouseButton.LeftButton, pos=teach.live.rect().center() * 0.2)
    on = teach.live.isChecked(), hero(studio).live, teach.live_said.isVisible()
    studio.put_layer("sky", "Sky")
    view.set(layer_id="sky")
    other = teach.live.isChecked()
    view.set(layer_id="hero")
    again = teach.live.isChecked()
    studio.document.undo()
    studio.document.undo()

    assert (off, on, other, again) == ((False, False), (True, True, True), False, True)
    assert (teach.live.isChecked(), hero(studio).live) == (False, False)


def test_live_rounds_say_what_they_won(teach: TeachPanel, studio: FakeStudio) -> None:
    studio.document.do(AddPrompt("hero", 1001, Click(1, 1), EMPTY_MATTE))
    studio.document.do(TeachLive("hero", live=True))
    studio.teaching.said = LiveRound(Live.LEARNS, 2, 0.06, 0.02, used=True)
    studio.document.amend(RenewLive("hero", ONE))
    studio.teaching.live_changed.emit("hero")

    assert teach.live_said.text() == "Learns, round 2; error 6.00 % \u2192 2.00 %, in use."
    assert live_words(hero(studio), LiveRound(Live.RESTS, 3, 0.02, 0.03)) == (
        "Rests after round 3, until you correct again; error 2.00 % \u2192 3.00 %, no better: not used."
    )
    assert live_words(Layer("x", "X", live=True), LiveRound(Live.RESTS)).startswith("On. It begins with the first")
    assert "Rename it to keep it" in details(hero(studio).adapters[0])


def test_an_unseen_frame_is_shown_as_it_is_learnt(teach: TeachPanel, studio: FakeStudio) -> None:
    """Beside what stands there; away when the lesson is over."""
    matte = studio.put_matte("hero", 1006, 0.5)
    studio.teaching.tried = (1006, matte)
    studio.teaching.preview_changed.emit("hero")
    shown = teach.preview.isVisible(), teach.preview.frame
    studio.teaching.tried = None
    studio.teaching.preview_changed.emit("hero")

    assert shown == (True, 1006)
    assert not teach.preview.isVisible()


def test_figures_as_words() -> None:
    assert about(ONE) == "2 frames · 60 s · 6.12 % \u2192 1.84 %"
    assert "Held out 1003: error 6.12 % \u2192 1.84 %" in details(ONE)
    assert change(math.nan, math.nan) == ""
    assert frames_words((1004, 1001, 1010)) == "1001, 1004 and 1010"
    assert frames_words(range(1001, 1010)) == "9 frames, 1001-1009"
