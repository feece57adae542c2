"""Export what the layers look like now, on a worker, as a job. The writing itself is `app/exporting.py`."""

from __future__ import annotations

from collections.abc import Callable

from app.exporting import ExportReport, export
from app.fresh_mattes import refuse_stale
from app.hall import Hall
from app.qc_project import gather, look_after
from app.worker_jobs import WorkerJob
from core.delivered_keys import delivered_key
from core.delivery import ExportPlan
from core.errors import ExportError
from core.frames import FrameNumber
from core.layer import LayerId
from core.matte import Matte

OF_EXPORT = 0.7
"""Where the bar stands when all is written and the QC report begins."""


def deliver(plan: ExportPlan, hall: Hall, on_done: Callable[[ExportReport], None]) -> None:
    """Start an export job; `on_done` is called on the interface's thread.

    Raises ExportError, before a file is touched, when a frame of a layer has no current matte.
    """
    shot, bench, color = hall.document.shot, hall.bench(), hall.color()
    loader, plate = bench.loader, shot.plate
    if loader is None or plate is None:
        raise ExportError("Export", why="no plate is open")
    refuse_stale(plan, bench.mattes)
    keys = {
        (layer_id, frame): delivered_key(shot, shot.layer(layer_id), frame)
        for layer_id in plan.layers
        for frame in plan.frames
    }
    named = ", ".join(shot.layer(layer_id).name for layer_id in plan.layers)

    def matte(layer_id: LayerId, frame: FrameNumber) -> Matte:
        found = bench.mattes.known(keys[layer_id, frame])
        if found is None:
            raise ExportError(f"Frame {frame}", why="its matte is no longer in the store", hint="Propagate again.")
        return found

    def done(report: ExportReport) -> str:
        on_done(report)
        return report.sentence

    read, material = loader.read, None
    if plan.report:
        place = None if bench.project.is_scratch else bench.project.path
        material = gather(bench.mattes, place, color, plan.layers, plan.frames, picture=read)
    job = WorkerJob(hall, "export", f"Export {named}, {plan.frames}")
    share = 1.0 if material is None else OF_EXPORT

    def work() -> ExportReport:
        made = export(plan, shot, matte, read, lambda part, said: job.progress(share * part, said), job.stopped, color)
        if material is None:
            return made

        def further(part: float, said: str) -> None:
            job.progress(share + (1 - share) * part, said)

        return look_after(made, material, color, further, job.stopped)

    job.run(work, done)
