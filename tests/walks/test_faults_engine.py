"""kill -9 of the engine under a living window: it is said, the engine comes back, and the work goes on."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer

from app.sample_shot import SampleShot
from core.exr import read_channels
from core.jobs import JobState, JobStatus
from tests.walks.conftest import Artist
from tests.walks.fault_desk import engine_process, is_gone
from tests.walks.plates import centre_of
from widgets.message_bar import MessageRow
from widgets.studio import Message, Severity

pytestmark = pytest.mark.timeout(90)
TEACH_S = 4.0
INTO_IT_MS = 1500
"""How long after its beginning a teaching is killed."""


@dataclass
class Watched:
    """An artist's window, and everything it was told."""

    artist: Artist
    fox: tuple[float, float]
    said: list[Message] = field(default_factory=list)
    lamp: list[tuple[bool, str]] = field(default_factory=list)
    arrived: list[int] = field(default_factory=list)
    progress: list[float] = field(default_factory=list)

    def killed_and_back(self) -> None:
        """One sentence for each kill, the lamp went out and is lit again, the window stands, nothing is an error."""
        self.artist.until(lambda: bool(self.lamp) and self.lamp[-1][0])
        away = [sentence for ready, sentence in self.lamp if not ready]
        assert any("started again" in sentence for sentence in away)
        warnings = [message.text for message in self.said if message.severity is Severity.WARNING]
        assert any("started again" in text for text in warnings)
        assert not [message.text for message in self.said if message.severity is Severity.ERROR]
        assert self.artist.window.isVisible()
        rows = self.artist.window.findChildren(MessageRow)
        assert any("started again" in row.text.text() for row in rows)

    def last_job(self, kind: str) -> JobStatus:
        return [job for job in self.artist.studio.jobs() if job.kind == kind][-1]


@pytest.fixture
def watched(artist: Artist, sample: SampleShot) -> Watched:
    """The sample's plate on screen and an engine that is ready."""
    studio, first = artist.studio, sample.frames.first
    studio.open(sample.plate_pattern)
    artist.until(lambda: studio.picture(first) is not None and bool(studio.models("segment")))
    fox = centre_of(read_channels(sample.matte(first))["A"] > 0.9)
    found = Watched(artist, fox)
    studio.message.connect(found.said.append)
    studio.engine_said.connect(found.lamp.append)
    return found


def watch_job(watched: Watched, kind: str, each: Callable[[JobStatus], None]) -> None:
    """Note the progress of the newest job of a kind."""

    def jobs_changed(jobs: Any) -> None:
        found = [job for job in jobs if job.kind == kind]
        if found:
            watched.progress.append(found[-1].progress)
            each(found[-1])

    watched.artist.studio.jobs_changed.connect(jobs_changed)


def test_killed_while_a_click_is_being_answered(watched: Watched) -> None:
    """The click's matte comes from the next engine; the frozen one never answered."""
    artist = watched.artist
    engine = engine_process()
    engine.send_signal(signal.SIGSTOP)
    artist.click(*watched.fox)
    artist.qtbot.wait(300)
    assert artist.studio.bench.busy
    engine.kill()
    artist.settle()

    assert is_gone(engine)
    assert engine_process().pid != engine.pid
    matte, fresh = artist.studio.matte(artist.layer_id, artist.window.view.look.frame)
    assert matte is not None
    assert fresh
    assert matte.float32().max() == 1.0
    watched.killed_and_back()


def test_killed_twice_while_it_propagates(watched: Watched, sample: SampleShot) -> None:
    """Every frame's matte arrives once, from three engines; progress never goes back."""
    artist, studio = watched.artist, watched.artist.studio
    artist.click(*watched.fox)
    artist.settle()
    killed: list[int] = []

    def arrived(place: tuple[str, int]) -> None:
        watched.arrived.append(place[1])
        if len(watched.arrived) in (2, 5):
            killed.append(engine_process().pid)
            engine_process().kill()

    studio.matte_ready.connect(arrived)
    watch_job(watched, "propagate", lambda _job: None)
    artist.act("matte.propagate")
    artist.settle()

    assert len(set(killed)) == 2
    assert Counter(watched.arrived) == Counter(set(sample.frames) - {sample.frames.first})
    assert studio.freshness(artist.layer_id).fresh == set(sample.frames)
    assert watched.last_job("propagate").state is JobState.DONE
    assert watched.progress == sorted(watched.progress)
    assert watched.progress[-1] == 1.0
    watched.killed_and_back()


def test_killed_while_it_teaches(watched: Watched, sample: SampleShot) -> None:
    """Teaching goes on in the next engine and ends with its offer; the mattes are as they were."""
    artist, studio = watched.artist, watched.artist.studio
    artist.click(*watched.fox)
    artist.settle()
    before, _ = studio.matte(artist.layer_id, sample.frames.first)
    offers: list[Any] = []
    studio.teach_offered.connect(offers.append)
    begun: list[JobStatus] = []
    killed: list[int] = []

    def kill() -> None:
        assert watched.last_job("teach").state is JobState.RUNNING
        killed.append(engine_process().pid)
        engine_process().kill()

    def kill_once(job: JobStatus) -> None:
        if job.state is JobState.RUNNING and not begun:
            begun.append(job)
            QTimer.singleShot(INTO_IT_MS, kill)

    watch_job(watched, "teach", kill_once)
    studio.teach(artist.layer_id, {"seconds": TEACH_S})
    artist.until(lambda: bool(offers), 60)

    assert killed
    assert engine_process().pid not in killed
    assert watched.last_job("teach").state is JobState.DONE
    assert all(0.0 <= progress <= 1.0 for progress in watched.progress)
    assert len(offers) == 1
    after, fresh = studio.matte(artist.layer_id, sample.frames.first)
    assert before is not None
    assert after is not None
    assert fresh
    assert (after.float32() == before.float32()).all()
    watched.killed_and_back()


def test_a_click_right_after_the_kill_is_not_lost(watched: Watched) -> None:
    """An artist who does not notice goes on working: what is asked while no engine is there is answered later."""
    artist = watched.artist
    artist.click(*watched.fox)
    artist.settle()
    engine_process().kill()
    x, y = watched.fox
    artist.click(x + 6, y + 4)
    artist.click(8, 8, Qt.MouseButton.RightButton)
    assert artist.studio.document.steps >= 3
    artist.settle()

    matte, fresh = artist.studio.matte(artist.layer_id, artist.window.view.look.frame)
    assert matte is not None
    assert fresh
    watched.killed_and_back()
