"""Export what the layers look like now, on a worker, as a job. The writing itself is `app/exporting.py`."""

from __future__ import annotations

from collections.abc import Callable

from app.exporting import ExportReport, export
from app.fresh_mattes import refuse_stale
from app.job_board import JobBoard
from app.qc_project import gather, look_after
from app.workbench import Workbench
from core.color import ColorConfig
from core.delivered_keys import delivered_key
from core.delivery import ExportPlan
from core.errors import Cancelled, ExportError, PenumbraError
from core.frames import FrameNumber
from core.jobs import JobId, JobState
from core.layer import LayerId
from core.matte import Matte
from core.signal import Post

OF_EXPORT = 0.7
"""Where the bar stands when all is written and the QC report begins."""
InBackground = Callable[
    [Callable[[], ExportReport], Callable[[ExportReport], None], Callable[[PenumbraError], None]], None
]


def deliver(
    plan: ExportPlan,
    bench: Workbench,
    board: JobBoard,
    post: Post,
    in_background: InBackground,
    on_done: Callable[[ExportReport], None],
    on_error: Callable[[PenumbraError], None],
    color: ColorConfig | None = None,
) -> JobId:
    """Start an export job; `on_done` or `on_error` is called on the interface's thread.

    Raises ExportError, before a file is touched, when a frame of a layer has no current matte.
    """
    shot, loader, plate = bench.document.shot, bench.loader, bench.document.shot.plate
    if loader is None or plate is None:
        raise ExportError("Export", why="no plate is open")
    refuse_stale(plan, bench.mattes)
    keys = {
        (layer_id, frame): delivered_key(shot, shot.layer(layer_id), frame)
        for layer_id in plan.layers
        for frame in plan.frames
    }
    named = ", ".join(shot.layer(layer_id).name for layer_id in plan.layers)
    job = board.open("export", f"Export {named}, {plan.frames}")
    cancelled: list[bool] = []
    board.on_cancel(job, lambda: cancelled.append(True))

    def matte(layer_id: LayerId, frame: FrameNumber) -> Matte:
        found = bench.mattes.known(keys[layer_id, frame])
        if found is None:
            raise ExportError(f"Frame {frame}", why="its matte is no longer in the store", hint="Propagate again.")
        return found

    def progress(done: float, message: str) -> None:
        post(lambda: board.update(job, JobState.RUNNING, done, message))

    def ended(report: ExportReport) -> None:
        board.update(job, JobState.DONE, 1.0, report.sentence)
        on_done(report)

    def failed(error: PenumbraError) -> None:
        stopped = isinstance(error, Cancelled)
        board.update(job, JobState.CANCELLED if stopped else JobState.FAILED, message=error.sentence)
        if not stopped:
            on_error(error)

    shown = color or ColorConfig.load(shot.color_config)
    read, stop = loader.read, lambda: bool(cancelled)
    if not plan.report:
        in_background(lambda: export(plan, shot, matte, read, progress, stop, shown), ended, failed)
        return job
    place = None if bench.project.is_scratch else bench.project.path
    material = gather(bench.mattes, place, shown, plan.layers, plan.frames, picture=read)

    def with_report() -> ExportReport:
        made = export(plan, shot, matte, read, lambda done, said: progress(OF_EXPORT * done, said), stop, shown)

        def further(done: float, said: str) -> None:
            progress(OF_EXPORT + (1 - OF_EXPORT) * done, said)

        return look_after(made, material, shown, further, stop)

    in_background(with_report, ended, failed)
    return job
