"""Export a project without an engine: what is in its store is written, what is stale is refused by name."""

from __future__ import annotations

from app.console import Progress
from app.exporting import ExportReport, export
from app.fresh_mattes import refuse_stale
from app.job_board import JobBoard
from app.mattes import Mattes
from app.qc_project import gather, look_after
from core.color import ColorConfig
from core.delivery import ExportPlan
from core.errors import ExportError
from core.frames import FrameNumber
from core.jobs import JobState
from core.layer import LayerId
from core.matte import Matte
from core.plate_reader import PlateReader
from core.project_file import Project


def export_project(project: Project, plan: ExportPlan, progress: Progress) -> ExportReport:
    """Write the plan's mattes. Raises ExportError before a file is touched when a frame has no current matte."""
    shot, plate = project.shot, project.shot.plate
    if plate is None:
        raise ExportError(project.path, why="has no plate")
    color = ColorConfig.load(shot.color_config)
    reader = PlateReader(plate, color)
    mattes = Mattes.of(project)
    refuse_stale(plan, mattes)
    board = JobBoard()
    board.changed.connect(progress.show)
    job = board.open("export", f"Export {plan.frames}")

    def matte(layer_id: LayerId, frame: FrameNumber) -> Matte:
        found = mattes.delivered(shot.layer(layer_id), frame)
        if found is None:
            raise ExportError(f"Frame {frame}", why="its matte is not in the project's store")
        return found

    def told(done: float, message: str) -> None:
        board.update(job, JobState.RUNNING, done, message)

    report = export(plan, shot, matte, reader.read, told, lambda: False, color)
    if plan.report:
        material = gather(mattes, project.path, color, plan.layers, plan.frames, picture=reader.read)
        report = look_after(report, material, color, told, lambda: False)
    board.update(job, JobState.DONE, 1.0)
    return report
