"""A window in a process of its own, driven by a scripted artist until somebody kills it.

`python -m tests.walks.window_driver FOLDER PLATE stroke|propagate|export`; says what is finished as lines of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, Qt, QTimer

from app.recent import Recent
from app.studio import PenumbraStudio
from core.commands import AddLayer
from core.delivery import ExportPlan
from core.layer import Layer
from core.project_file import Project
from inference.client import EngineClient
from tests.walks.conftest import Artist
from widgets.application import make_application, post
from widgets.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
LAYERS = 8
"""Sequences of an export: enough files to be killed among them."""


class Patient:
    """Waits as pytest-qt's bot does."""

    def waitUntil(self, condition: Callable[[], bool], timeout: int) -> None:
        deadline = time.monotonic() + timeout / 1000
        while not condition():
            assert time.monotonic() < deadline, "the window did not get there"
            self.wait(5)

    def wait(self, milliseconds: int) -> None:
        """`QTest.qWait` would keep Python's lock all the while, and no other thread could work."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()


def say(what: str, **more: object) -> None:
    sys.stdout.write(json.dumps({"said": what, **more}) + "\n")
    sys.stdout.flush()


def clicked(artist: Artist, plate: Path) -> None:
    """One click in the middle of the plate, answered."""
    studio = artist.studio
    studio.open(plate)
    artist.until(lambda: studio.document.shot.plate is not None and studio.picture(artist.window.view.look.frame))
    window = studio.document.shot.plate.canvas  # type: ignore[union-attr]
    artist.click((window.x0 + window.x1) / 2, (window.y0 + window.y1) / 2)
    artist.settle()


def stroke(artist: Artist) -> None:
    """Three strokes, and a fourth whose end never comes."""
    artist.act("tool.brush")
    artist.window.viewport.set_brush(radius_px=8.0, hardness=0.7)
    for number in range(3):
        artist.drag(LEFT, (60, 60 + 30 * number), (120, 70 + 30 * number), (180, 60 + 30 * number))
        say("stroke", strokes=number + 1)
    matte, _ = artist.studio.matte(artist.layer_id, artist.window.view.look.frame)
    assert matte is not None
    np.save(artist.folder / "shown.npy", matte.float32())
    artist.drag(LEFT, (200, 20), (210, 30), release=False)
    say("middle", steps=artist.studio.document.steps)
    for number in range(10_000):
        artist.mouse(QEvent.Type.MouseMove, LEFT, (210 + number % 90, 30 + number % 70))
        artist.qtbot.wait(5)


def propagate(artist: Artist) -> None:
    """Says each frame whose matte arrived."""
    artist.studio.matte_ready.connect(lambda place: say("matte", frame=place[1]))
    artist.act("matte.propagate")
    artist.qtbot.wait(60_000)


def export(artist: Artist) -> None:
    """Several layers of every frame, file after file."""
    studio = artist.studio
    artist.act("matte.propagate")
    artist.settle()
    say("propagated")
    for number in range(1, LAYERS):
        studio.document.do(AddLayer(Layer(f"extra{number}", f"extra {number}")))
    layers = tuple(layer.id for layer in studio.document.shot.layers)
    frames = studio.document.shot.range
    assert frames is not None
    total = len(frames) * len(layers)
    studio.jobs_changed.connect(
        lambda jobs: [say("file", files=round(job.progress * total)) for job in jobs if job.kind == "export"]
    )
    studio.export(ExportPlan(str(artist.folder / "out" / "{layer}.####.exr"), layers, frames))
    artist.qtbot.wait(60_000)


def main(folder: Path, plate: Path, what: str) -> None:
    make_application()
    project = Project.create(folder / "work.penumbra")
    studio = PenumbraStudio(EngineClient.local(folder / "engine"), post, project, Recent(folder / "recent.json"))
    window = MainWindow(studio)
    window.resize(1280, 800)
    window.show()
    artist = Artist(window, studio, Patient(), folder)
    clicked(artist, plate)
    say("clicked", layer=artist.layer_id)
    {"stroke": stroke, "propagate": propagate, "export": export}[what](artist)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
