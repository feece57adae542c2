"""The real window, a real engine in its own process, and a small sample shot of the project's own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.recent import Recent
from app.sample_shot import SampleShot, ensure_sample_shot
from app.studio import PenumbraStudio
from core.project_file import Project
from inference.client import EngineClient
from widgets.application import make_application, post
from widgets.main_window import MainWindow

SCREENSHOTS = os.environ.get("PENUMBRA_SCREENSHOTS", "")
"""A folder that keeps the walk's screenshots, at the sample shot's full size; without it the walk is a small one."""
FULL_SIZE = bool(SCREENSHOTS)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleShot:
    """The sample shot: small and short for the tests, whole for the screenshots."""
    folder = tmp_path_factory.mktemp("sample") / "shot"
    size, count = ((1280, 720), 36) if FULL_SIZE else ((480, 270), 10)
    return ensure_sample_shot(folder, size=size, count=count)


@dataclass
class Artist:
    """A hand on the real window. All coordinates are plate pixels."""

    window: MainWindow
    studio: PenumbraStudio
    qtbot: Any
    folder: Path
    shots: list[Path] = field(default_factory=list)

    def until(self, condition: Callable[[], bool], timeout_s: float = 60) -> None:
        self.qtbot.waitUntil(condition, timeout=int(timeout_s * 1000))

    def settle(self, timeout_s: float = 120) -> None:
        """Until nothing is being computed."""
        self.until(lambda: not self.studio.bench.busy, timeout_s)

    def act(self, action: str) -> None:
        """Choose an action as the menu would."""
        self.window.actions_table[action].trigger()

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window.viewport, key, modifiers)

    def place(self, x: float, y: float) -> QPointF:
        return self.window.viewport.projection.to_view(x, y)

    def click(self, x: float, y: float, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        self.drag(button, (x, y))

    def drag(self, button: Qt.MouseButton, *points: tuple[float, float], release: bool = True) -> None:
        """Press at the first point, move over the others, release at the last: sub-pixel mouse events."""
        self.mouse(QEvent.Type.MouseButtonPress, button, points[0])
        for point in points[1:]:
            self.mouse(QEvent.Type.MouseMove, button, point)
        if release:
            self.mouse(QEvent.Type.MouseButtonRelease, button, points[-1])

    def mouse(self, kind: QEvent.Type, button: Qt.MouseButton, point: tuple[float, float]) -> None:
        viewport, place = self.window.viewport, self.place(*point)
        held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else button
        of_event = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else button
        everywhere = QPointF(viewport.mapToGlobal(QPoint(0, 0))) + place
        event = QMouseEvent(kind, place, everywhere, of_event, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(viewport, event)

    def go_to(self, frame: int) -> None:
        self.window.view.set(frame=frame)
        self.until(lambda: self.studio.picture(frame) is not None)

    def shot(self, name: str, widget: QWidget | None = None) -> None:
        """A screenshot of the window or of another widget; kept in `PENUMBRA_SCREENSHOTS` when that is set."""
        self.qtbot.wait(120)
        folder = Path(SCREENSHOTS) if SCREENSHOTS else self.folder
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.jpg"
        picture = (widget or self.window).grab()
        assert not picture.isNull()
        assert picture.save(str(path), quality=88)
        self.shots.append(path)

    @property
    def layer_id(self) -> str:
        return self.studio.document.shot.layers[0].id


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EngineClient]:
    client = EngineClient.local(tmp_path / "engine")
    yield client
    client.close()


@pytest.fixture
def artist(qtbot: Any, tmp_path: Path, engine: EngineClient) -> Iterator[Artist]:
    """An empty window with a session in the test's folder."""
    make_application()
    project = Project.scratch(tmp_path / "autosave")
    studio = PenumbraStudio(engine, post, project, Recent(tmp_path / "recent.json"))
    window = MainWindow(studio)
    window.resize(1600, 960)
    window.show()
    yield Artist(window, studio, qtbot, tmp_path / "screenshots")
    # A test that failed half-way leaves edits; nobody is there to answer the question about them.
    window.files.may_leave = lambda: True  # type: ignore[method-assign]
    window.close()
    studio.close()
    window.deleteLater()
    qtbot.wait(50)


def wait_until(condition: Callable[[], bool], timeout_s: float, what: str) -> None:
    """For what happens in another process."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {timeout_s} s"
        time.sleep(0.02)
