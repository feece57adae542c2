"""A small EXR plate on disk and a studio on it with a fake engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from app.loop import Loop
from app.recent import Recent
from app.studio import PenumbraStudio
from core.commands import AddLayer
from core.exr import write_exr
from core.frames import FrameRange
from core.geometry import Format, Window
from core.layer import Layer
from core.project_file import Project
from tests.app.fake_engine import FakeEngine

WINDOW = Window(0, 0, 64, 48)
FRAMES = FrameRange(1001, 1006)


def write_plate(folder: Path, frames: FrameRange = FRAMES, window: Window = WINDOW) -> Path:
    """A sequence of a grey ramp; returns its pattern."""
    folder.mkdir(parents=True, exist_ok=True)
    ramp = np.linspace(0, 2, window.width, dtype=np.float16)[None, :].repeat(window.height, 0)
    for frame in frames:
        channels = {"R": ramp, "G": ramp, "B": ramp}
        path = folder / f"plate.{frame}.exr"
        write_exr(path, channels, data_window=window, format=Format(WINDOW), attributes={"reelName": "A001"})
    return folder / "plate.####.exr"


@dataclass
class Desk:
    """What a test works at: a studio with one layer on a plate, its engine and its loop."""

    studio: PenumbraStudio
    engine: FakeEngine
    loop: Loop
    plate: Path
    folder: Path
    layer: str = "hero"

    def settle(self) -> None:
        """Run everything that was set in motion."""
        self.loop.wait(lambda: not self.studio.bench.busy, timeout_s=20)

    def until(self, condition: Callable[[], bool]) -> None:
        self.loop.wait(condition, timeout_s=20)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    plate = write_plate(tmp_path / "plates")
    engine, loop = FakeEngine(), Loop()
    project = Project.create(tmp_path / "work.penumbra")
    studio = PenumbraStudio(engine, loop.post, project, Recent(tmp_path / "recent.json"))
    studio.open(plate)
    loop.wait(lambda: studio.document.shot.plate is not None, timeout_s=20)
    studio.document.do(AddLayer(Layer("hero", "Hero")))
    studio.look_at(1001)
    yield Desk(studio, engine, loop, plate, tmp_path)
    studio.close()
