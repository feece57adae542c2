"""Live teaching: rounds after each correction, used while they do no worse, and taken back by one undo."""

from __future__ import annotations

import shutil

import pytest

from app import live_teaching
from core.adapter_commands import TeachLive
from core.commands import AddCorrection, AddPrompt, UseAdapter
from core.layer import Layer
from core.prompts import Click, Stroke, StrokePoint
from core.take import TakeKind
from inference.messages import PropagateRequest, TeachRequest
from tests.app.conftest import Desk
from tests.app.fake_engine import FakeEngine
from widgets.teaching import Live, LiveRound


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RESTS_S", "AGAIN_S"):
        monkeypatch.setattr(live_teaching, name, 0.0)


class Pupil(FakeEngine):
    """Each lesson makes another adapter, with the next of `errors` (before, after), and the last of them for ever."""

    errors: tuple[tuple[float, float], ...] = ((0.2, 0.1), (0.1, 0.05), (0.05, 0.05))

    @property
    def adapter(self) -> bytes:
        return f"taught {len(self.lessons)}".encode()

    @adapter.setter
    def adapter(self, _value: bytes) -> None: ...

    @property
    def metrics(self) -> dict[str, float]:
        before, after = self.errors[min(len(self.lessons), len(self.errors)) - 1]
        return {"held_out_before": before, "held_out_error": after}

    @metrics.setter
    def metrics(self, _value: dict[str, float]) -> None: ...

    @property
    def lessons(self) -> list[TeachRequest]:
        return [job for job in self.jobs if isinstance(job, TeachRequest)]


@pytest.fixture
def live(desk: Desk) -> Desk:
    """A desk with a clicked and a corrected frame, propagated; its engine's lessons follow the test's script."""
    desk.engine.__class__ = Pupil
    click(desk, 1001)
    paint(desk, 1004)
    desk.settle()
    desk.studio.propagate(desk.layer)
    desk.settle()
    return desk


def click(desk: Desk, frame: int) -> None:
    base = desk.studio.shown_key(desk.layer, frame)
    desk.studio.document.do(AddPrompt(desk.layer, frame, Click(20.5, 20.5), base))


def paint(desk: Desk, frame: int, x: float = 50.0) -> None:
    stroke = Stroke((StrokePoint(x, 24.0),), radius_px=4.0, adds=True, hardness=1.0)
    base = desk.studio.shown_key(desk.layer, frame)
    desk.studio.document.do(AddCorrection(desk.layer, frame, stroke, base))


def hero(desk: Desk) -> Layer:
    return desk.studio.document.shot.layer(desk.layer)


def engine(desk: Desk) -> Pupil:
    assert isinstance(desk.engine, Pupil)
    return desk.engine


def said(desk: Desk) -> LiveRound:
    return desk.studio.teaching.live(desk.layer)


def test_rounds_go_on_until_nothing_is_won_and_one_undo_goes_back(live: Desk) -> None:
    """Each goes on from the one before; the mattes are renewed; the history has the switch and nothing else."""
    before = live.studio.freshness(live.layer).fresh
    steps = live.studio.document.steps
    live.studio.teaching.set_live(live.layer, live=True)
    live.settle()
    lessons = engine(live).lessons
    renewed = [job.adapter for job in engine(live).jobs if isinstance(job, PropagateRequest)][-1]

    assert [lesson.resume_from for lesson in lessons] == [b"", b"taught 1", b"taught 2", b"taught 3"]
    assert [lesson.model.options["seconds"] for lesson in lessons] == [6.0, 8.0, 10.0, 12.0]
    assert [(kept.name, kept.live) for kept in hero(live).adapters] == [("Hero live", True)]
    assert renewed == b"taught 4"
    assert live.studio.freshness(live.layer).fresh == before
    assert said(live) == LiveRound(Live.RESTS, 4, 0.05, 0.05, used=True)
    assert live.studio.document.steps == steps + 1
    assert [take.name for take in live.studio.takes(live.layer)][-1] == "before live teaching"

    live.studio.document.undo()
    assert (hero(live).adapter, hero(live).live, said(live).state) == ("", False, Live.OFF)
    assert live.studio.freshness(live.layer).fresh == before


def test_superseded_rounds_leave_nothing_behind(live: Desk) -> None:
    """Of four rounds one file is left; one that the history can bring back stays."""
    assets = live.folder / "work.penumbra" / "assets"
    live.studio.teaching.set_live(live.layer, live=True)
    live.settle()
    first = {path.read_bytes() for path in assets.iterdir()}
    paint(live, 1004, 40.0)
    live.settle()

    assert first == {b"taught 4"}
    assert {path.read_bytes() for path in assets.iterdir()} == {
        b"taught 4",
        f"taught {len(engine(live).lessons)}".encode(),
    }


def test_a_round_that_does_worse_is_not_used(live: Desk) -> None:
    """Neither on what was held out nor on what was approved: what is in use stays, and two such rounds are enough."""
    engine(live).errors = ((0.2, 0.3), (0.3, 0.25))
    live.studio.teaching.set_live(live.layer, live=True)
    live.settle()

    rested = said(live)
    live.studio.teach(live.layer)
    live.settle()

    assert hero(live).adapters == ()
    assert len(engine(live).lessons) == 3, "a lesson by hand wakes no course that is over"
    assert rested == said(live) == LiveRound(Live.RESTS, 2, 0.2, 0.25, used=False)


def test_a_correction_ends_the_round_and_begins_with_the_new_frames(live: Desk) -> None:
    engine(live).hold = True
    live.studio.teaching.set_live(live.layer, live=True)
    live.until(lambda: len(engine(live).lessons) == 1)
    paint(live, 1003)
    live.until(lambda: len(engine(live).lessons) == 2)
    engine(live).release()
    live.settle()

    frames = [[example.frame for example in lesson.examples] for lesson in engine(live).lessons]
    assert frames[:2] == [[1001, 1004], [1001, 1003, 1004]]
    assert hero(live).adapter
    assert b"taught 1" not in [lesson.resume_from for lesson in engine(live).lessons]


def test_who_chooses_by_hand_or_teaches_comes_first(live: Desk) -> None:
    """A lesson of the artist's takes the engine; choosing the model as it came ends live teaching."""
    engine(live).hold = True
    live.studio.teaching.set_live(live.layer, live=True)
    live.until(lambda: len(engine(live).lessons) == 1)
    live.studio.teach(live.layer)
    alone = [job.kind for job in live.studio.jobs() if not job.state.ended]
    live.studio.document.do(UseAdapter(live.layer, None))
    engine(live).release()
    live.settle()

    assert alone.count("live") <= 1
    assert not hero(live).live
    assert hero(live).adapter == ""
    assert said(live).state is Live.OFF


def test_off_by_default_and_resting_when_a_project_is_opened(live: Desk) -> None:
    """Nothing is taught without the switch, nor by an undo; a live project that is opened waits for a correction."""
    live.studio.document.undo()
    live.settle()
    assert engine(live).lessons == []

    live.studio.document.do(TeachLive(live.layer, live=True))
    live.settle()
    taught = len(engine(live).lessons)
    live.studio.saving.save()
    shutil.copytree(live.folder / "work.penumbra", live.folder / "other.penumbra")
    live.studio.open(live.folder / "other.penumbra")
    live.until(lambda: live.studio.document.steps == 0)
    live.settle()

    assert hero(live).live
    assert said(live).state is Live.RESTS
    assert len(engine(live).lessons) == taught


def test_the_take_before_is_one_of_the_layer(live: Desk) -> None:
    """It is what the mattes were, to compare with."""
    live.studio.teaching.set_live(live.layer, live=True)
    live.studio.teaching.set_live(live.layer, live=False)
    live.settle()

    take = next(take for take in live.studio.takes(live.layer) if take.name == "before live teaching")
    assert take.kind is TakeKind.ADAPTER
    assert not hero(live).live
