"""Acceptance: random input for a while does no harm. `PENUMBRA_SOAK_S=600` makes it ten minutes; `PENUMBRA_SOAK_SEED`
repeats a run."""

from __future__ import annotations

import logging
import os
import traceback
from typing import Any

import pytest

from app.sample_shot import SampleShot
from core.cache_room import VARIABLE, CacheRoom
from tests.walks.conftest import Artist
from tests.walks.soak import MEGABYTE, Soak, SoakReport
from widgets.studio import Severity

SECONDS = float(os.environ.get("PENUMBRA_SOAK_S", "20"))
SEED = int(os.environ.get("PENUMBRA_SOAK_SEED", "7"))
CACHE_GB = 0.25
"""What the artist gives to pictures, so that a leak is not taken for a cache that fills."""
STORE_BYTES = 48 * MEGABYTE
SLACK_BYTES = 200 * MEGABYTE
"""What Qt, baked views, measured frames, the undo history and Python's own pools may take beside those caches."""
INTERNAL = "inside Penumbra"


@pytest.fixture(autouse=True)
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set before the window is made: a budget poked into a cache later is set right again by the window."""
    monkeypatch.setenv(VARIABLE, str(CACHE_GB))


def held_bytes(artist: Artist) -> int:
    """How much the process may keep: pictures read, pictures and mattes made ready, the store."""
    studio, rehearsal = artist.studio, artist.window.viewport.rehearsal
    room = CacheRoom.of()
    assert rehearsal.budget_bytes == room.ready
    studio._project.store.budget_bytes = STORE_BYTES
    return room.read + 2 * room.ready + STORE_BYTES


@pytest.mark.timeout(SECONDS + 240)
def test_random_input_does_no_harm(
    artist: Artist, sample: SampleShot, qtbot: Any, qtlog: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """No exception, no fault of ours in a message or the log, no complaint of Qt's painter, no growing memory."""
    studio, window = artist.studio, artist.window
    studio.open(sample.plate_pattern)
    artist.until(lambda: studio.document.shot.plate is not None and studio.picture(sample.frames.first) is not None)
    artist.click(240, 135)
    artist.settle()
    held = held_bytes(artist)
    window.activateWindow()

    with qtbot.captureExceptions() as thrown, caplog.at_level(logging.ERROR):
        report = Soak(window, studio, SEED).run(SECONDS)
        window.picture_only.leave()
        artist.settle()

    history = "\n".join(report.acts)
    assert not thrown, f"{''.join(traceback.format_exception(thrown[0][1]))}\nafter {report.sentence}\n{history}"
    faults = [message.text for message in report.said if message.severity is Severity.ERROR]
    assert [text for text in faults if INTERNAL in text] == [], history
    assert [record.getMessage() for record in caplog.records] == [], history
    assert painter_complaints(qtlog) == [], history
    assert report.growth(warm_up=0.3) < held + SLACK_BYTES, report.sentence
    assert report.done > SECONDS, report.sentence
    logging.getLogger(__name__).warning(report.sentence)


def painter_complaints(qtlog: Any) -> list[str]:
    """What Qt says when something is painted or connected wrongly."""
    wrong = ("QPainter", "QObject::connect", "QBackingStore", "QWidget::repaint", "QImage", "QPixmap")
    return [record.message for record in qtlog.records if any(word in record.message for word in wrong)]


def test_growth_is_measured_after_the_warm_up() -> None:
    report = SoakReport(1, seconds=10, rss=[(0, 100), (3, 300), (6, 320), (9, 350), (10, 340)])

    assert report.growth(warm_up=0.3) == 50
