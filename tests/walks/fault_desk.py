"""A studio on a real engine, without a window: what the fault walks work at."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from app.exporting import ExportReport
from app.loop import Loop
from app.recent import Recent
from app.sample_shot import SampleShot
from app.studio import PenumbraStudio
from core.commands import AddCorrection, AddLayer, AddPrompt
from core.delivery import ExportPlan
from core.exr import read_channels
from core.layer import Layer
from core.project_file import Project
from core.prompts import Click, Stroke, StrokePoint
from inference.engine import Engine
from tests.walks.plates import centre_of
from widgets.studio import Message, Severity

LAYER = "fox"


@dataclass
class FaultDesk:
    """Steps return when their work is done. `said` is every message so far."""

    studio: PenumbraStudio
    loop: Loop
    folder: Path
    said: list[Message] = field(default_factory=list)
    reports: list[ExportReport] = field(default_factory=list)

    def until(self, condition: Callable[[], object], what: str = "The work") -> None:
        self.loop.wait(lambda: bool(condition()), 30, what)

    def settle(self) -> None:
        self.until(lambda: not self.studio.bench.busy)

    def open(self, path: Path) -> None:
        """Open a plate, with one empty layer."""
        self.studio.open(path)
        self.until(lambda: self.studio.document.shot.plate is not None, "Opening")
        self.studio.document.do(AddLayer(Layer(LAYER, "Fox")))

    def click(self, frame: int, x: float, y: float) -> None:
        base = self.studio.shown_key(LAYER, frame)
        self.studio.document.do(AddPrompt(LAYER, frame, Click(x, y), base))
        self.settle()

    def click_fox(self, sample: SampleShot, frame: int) -> None:
        """A click where the fox is."""
        self.click(frame, *centre_of(read_channels(sample.matte(frame))["A"] > 0.9))

    def paint(self, frame: int, number: int) -> None:
        """A short stroke, another one for every number."""
        points = tuple(StrokePoint(20.0 + number, 20.0 + step, 0.8) for step in range(20))
        base = self.studio.shown_key(LAYER, frame)
        self.studio.document.do(AddCorrection(LAYER, frame, Stroke(points, 6.0), base))

    def propagate(self) -> None:
        self.studio.propagate(LAYER)
        self.settle()

    def export(self, plan: ExportPlan) -> ExportReport | None:
        """None where it was refused or stopped; `said` says why."""
        before = len(self.reports)
        self.studio.export(plan)
        self.until(lambda: not self.studio.board.running("export"), "Exporting")
        return self.reports[-1] if len(self.reports) > before else None

    @property
    def fresh(self) -> frozenset[int]:
        return self.studio.freshness(LAYER).fresh

    @property
    def troubles(self) -> list[str]:
        """What was said that is not good news."""
        return [message.text for message in self.said if message.severity is not Severity.INFO]


def desk_on(engine: Engine, project: Project, folder: Path, cache_bytes: int = 1 << 28) -> FaultDesk:
    """A desk that works in `project`. Close its studio."""
    loop = Loop()
    studio = PenumbraStudio(engine, loop.post, project, Recent(folder / "recent.json"), cache_bytes=cache_bytes)
    desk = FaultDesk(studio, loop, folder)
    studio.message.connect(desk.said.append)
    studio.exported.connect(desk.reports.append)
    return desk


def engine_process() -> psutil.Process:
    """The newest living engine that is a child of this process."""
    children = [child for child in psutil.Process().children() if not is_gone(child)]
    engines = [child for child in children if "inference.serve" in " ".join(child.cmdline())]
    return max(engines, key=lambda child: child.create_time())


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def own_copy(sample: SampleShot, folder: Path) -> Path:
    """The sample's plate in a folder that the test may damage; returns its pattern."""
    copied = shutil.copytree(sample.plate_pattern.parent, folder)
    return Path(copied) / sample.plate_pattern.name
