"""Scopes and history: what they show, that they come late, and that they rest while hidden."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.commands import AddLayer, RemoveLayer
from core.geometry import Window
from core.layer import Layer
from core.scopes import CoverageHistogram, StopHistogram
from tests.widgets.fake_studio import FakeStudio
from widgets.panels.history import BEGINNING, HistoryPanel
from widgets.panels.scopes import Reading, ScopeKind, ScopesPanel, share
from widgets.view_state import ViewState


@pytest.fixture
def studio() -> FakeStudio:
    studio = FakeStudio()
    studio.put_plate()
    studio.put_picture(1001)
    studio.put_layer("hero", "Hero")
    coverage = np.zeros((48, 64), np.float32)
    coverage[:, 16:] = 1.0
    coverage[:, 32:] = 0.5
    studio.put_matte("hero", 1001, coverage)
    return studio


@pytest.fixture
def scopes(qtbot: QtBot, studio: FakeStudio) -> Iterator[ScopesPanel]:
    view = ViewState()
    view.set(frame=1001, layer_id="hero")
    panel = ScopesPanel(studio, view, lambda: Window(0, 0, 32, 48), lambda: False)
    qtbot.addWidget(panel)
    yield panel
    panel.release()


def reading(qtbot: QtBot, panel: ScopesPanel, kind: ScopeKind) -> Reading:
    found: list[Reading] = []
    panel._read.connect(lambda one: found.append(one) if one is not None and one.kind is kind else None)
    panel.kind.setCurrentIndex(tuple(ScopeKind).index(kind))
    panel.show()
    panel.refresh()
    qtbot.waitUntil(lambda: bool(found))
    qtbot.waitUntil(lambda: panel.caption.text() == found[-1].caption)
    return found[-1]


def test_pyqtgraph_waits_until_a_plot_is_wanted() -> None:
    """A window with its scopes hidden does not pay for them."""
    code = (
        "import sys\n"
        "from widgets.application import make_application\n"
        "app = make_application()\n"
        "from tests.widgets.fake_studio import FakeStudio\n"
        "from widgets.main_window import MainWindow\n"
        "window = MainWindow(FakeStudio())\n"
        "window.show()\n"
        "before = 'pyqtgraph' in sys.modules\n"
        "window.docks.open('Scopes')\n"
        "print(before, 'pyqtgraph' in sys.modules)\n"
        "window.close()\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert ran.stdout.split() == ["False", "True"], ran.stderr


@pytest.mark.parametrize("kind", ScopeKind)
def test_every_scope_draws(qtbot: QtBot, scopes: ScopesPanel, kind: ScopeKind) -> None:
    found = reading(qtbot, scopes, kind)

    assert found.caption
    assert not scopes.grab().isNull()


def test_the_mattes_ends_are_numbers_of_what_is_seen_or_of_all(qtbot: QtBot, scopes: ScopesPanel) -> None:
    """Seen: half 0, half 1. The whole frame: a quarter 0, a quarter 1, half between."""
    seen = reading(qtbot, scopes, ScopeKind.MATTE_HISTOGRAM)
    scopes.whole.setChecked(True)
    qtbot.waitUntil(lambda: scopes.caption.text() != seen.caption)

    assert isinstance(seen.counted, CoverageHistogram)
    assert seen.caption == "0: 50.0 %   between: 0.0 %   1: 50.0 %"
    assert scopes.caption.text() == "0: 25.0 %   between: 50.0 %   1: 25.0 %"


def test_the_scene_linear_histogram_ignores_the_viewers_exposure(qtbot: QtBot, scopes: ScopesPanel) -> None:
    """0.18 everywhere stands at zero stops, whatever the exposure of the viewer."""
    scopes._view.set(exposure_stops=3.0)
    found = reading(qtbot, scopes, ScopeKind.STOPS)

    assert isinstance(found.counted, StopHistogram)
    assert found.counted.spread[0].reshape(20, 10).sum(axis=1)[9:11].sum() == pytest.approx(1.0)


def test_the_waveform_follows_the_exposure(qtbot: QtBot, scopes: ScopesPanel) -> None:
    def height() -> int:
        found = reading(qtbot, scopes, ScopeKind.WAVEFORM)
        assert isinstance(found.counted, tuple)
        return int(found.counted[0][:, 0].argmax())

    before = height()
    scopes._view.set(exposure_stops=1.0)

    assert height() > before


def test_nothing_is_counted_while_hidden(qtbot: QtBot, scopes: ScopesPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    reading(qtbot, scopes, ScopeKind.HISTOGRAM)
    scopes.hide()
    asked: list[int] = []
    monkeypatch.setattr(scopes, "_wish", lambda: asked.append(1))
    scopes._view.set(exposure_stops=2.0)
    qtbot.wait(150)

    assert asked == []


def test_a_frame_without_a_matte_says_so(qtbot: QtBot, scopes: ScopesPanel) -> None:
    reading(qtbot, scopes, ScopeKind.MATTE_HISTOGRAM)
    scopes._view.set(frame=1002)

    qtbot.waitUntil(lambda: scopes.caption.text() == "Nothing to measure here.")


def test_shares_are_never_rounded_to_nothing_or_all() -> None:
    shares = [share(part) for part in (0.0, 0.0001, 0.5, 0.9999, 1.0)]

    assert shares == ["0.0 %", "< 0.1 %", "50.0 %", "> 99.9 %", "100.0 %"]


# --- history ----------------------------------------------------------------------------------------------------


@pytest.fixture
def history(qtbot: QtBot, studio: FakeStudio) -> HistoryPanel:
    panel = HistoryPanel(studio.document)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def texts(panel: HistoryPanel) -> list[str]:
    return [panel.list.item(row).text() for row in range(panel.list.count())]


def test_the_history_lists_the_steps_and_marks_the_current_one(history: HistoryPanel, studio: FakeStudio) -> None:
    studio.document.do(AddLayer(Layer("sky", "Sky")))
    studio.document.do(RemoveLayer("hero"))
    studio.document.undo()

    assert texts(history) == [BEGINNING, "Add plate", "Add layer", "Add layer", "Remove layer"]
    assert history.list.currentRow() == studio.document.steps == 3


def test_a_click_goes_there_and_back(history: HistoryPanel, studio: FakeStudio) -> None:
    studio.document.do(AddLayer(Layer("sky", "Sky")))
    place = history.list.visualItemRect(history.list.item(1)).center()
    QTest.mouseClick(history.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    gone = len(studio.document.shot.layers)
    history.go_to(3)

    assert gone == 0
    assert [layer.id for layer in studio.document.shot.layers] == ["hero", "sky"]


def test_a_new_step_forgets_what_was_undone(history: HistoryPanel, studio: FakeStudio) -> None:
    history.go_to(1)
    studio.document.do(AddLayer(Layer("sea", "Sea")))

    assert texts(history) == [BEGINNING, "Add plate", "Add layer"]
    assert history.list.currentRow() == 2
