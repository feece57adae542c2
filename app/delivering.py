"""Export what the layers look like now, on a worker, as a job. The writing itself is `app/exporting.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.exporting import ExportReport, export
from app.job_board import JobBoard
from app.mattes import Mattes
from app.workbench import Workbench
from core.delivered_keys import delivered_key
from core.delivery import ExportPlan
from core.errors import Cancelled, ExportError, PenumbraError
from core.finish import NO_FINISH
from core.frames import FrameNumber, FrameRange
from core.jobs import JobId, JobState
from core.layer import EMPTY_MATTE, Layer, LayerId
from core.matte import Matte
from core.signal import Post

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

    in_background(lambda: export(plan, shot, matte, loader.read, progress, lambda: bool(cancelled)), ended, failed)
    return job


def refuse_stale(plan: ExportPlan, mattes: Mattes) -> None:
    """Raises ExportError naming the first layer and frame whose delivered matte is not known."""
    for layer_id in plan.layers:
        layer = mattes.document.shot.layer(layer_id)
        missing = not_delivered(mattes, layer, plan.frames)
        if missing:
            raise ExportError(
                f"{layer.name}, frame {missing[0]}",
                why=f"{len(missing)} of {len(plan.frames)} frames have no current matte",
                hint="Propagate (and refine) the layer first, or export a shorter range.",
            )


def not_delivered(mattes: Mattes, layer: Layer, frames: FrameRange) -> list[FrameNumber]:
    """Frames whose delivered matte is not known. A layer without a key frame is an empty matte, and is known."""
    if mattes.plate is None:
        return []
    shot = mattes.document.shot
    plain = replace(layer, finish=NO_FINISH, shapes=())  # what there is to finish is enough to know
    keys = {frame: delivered_key(shot, layer, frame) for frame in frames}
    wanted = [frame for frame, key in keys.items() if key != EMPTY_MATTE]
    return [frame for frame in wanted if mattes.delivered(plain, frame) is None or not mattes.store.has(keys[frame])]
