"""The room of the review: who reviews, what an approval is of, and the review's exports as jobs.

Knows the open project's workbench and the job list; knows neither Qt nor the engine. The record itself is part of the
shot, and everybody edits it by commands.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable
from functools import cache

from app.hall import Hall
from app.mattes import Mattes
from app.review_export import Material, ReviewReport, write_review
from app.worker_jobs import WorkerJob
from core.color import ColorConfig
from core.delivered_keys import current_key
from core.errors import ExportError, PenumbraError
from core.frames import FrameNumber
from core.layer import EMPTY_MATTE, LayerId, MatteKey
from core.picture import Picture
from core.plate_reader import PlateReader
from core.project_file import Project
from core.review import WHOLE_PICTURE, seen_key
from core.review_plan import PLATE, ReviewPlan, check
from core.shot import Shot
from core.signal import Signal
from core.take import Take


class Reviewing:
    """See `widgets.review.ReviewRoom` for what each call promises."""

    def __init__(self, hall: Hall) -> None:
        self.exported: Signal[ReviewReport] = Signal()
        self.author = reviewer()
        self._hall = hall

    def seen(self, layer_id: LayerId, frame: FrameNumber) -> tuple[MatteKey, bool]:
        mattes = self._hall.bench().mattes
        shot = mattes.document.shot
        layers = [layer for layer in shot.layers if layer_id in (WHOLE_PICTURE, layer.id)]
        key = seen_key({layer.id: mattes.standing(layer.id, frame).key for layer in layers}, layer_id)
        plate = shot.plate
        return key, plate is not None and key == current_key(shot, frame, layer_id)

    def sealable(self, layer_id: LayerId, frame: FrameNumber) -> tuple[tuple[LayerId, MatteKey], ...]:
        mattes = self._hall.bench().mattes
        layers = [layer for layer in mattes.document.shot.layers if layer_id in (WHOLE_PICTURE, layer.id)]
        standing = {layer.id: mattes.standing(layer.id, frame) for layer in layers}
        return tuple((each, found.key) for each, found in standing.items() if found.fresh and found.key != EMPTY_MATTE)

    def export(self, plan: ReviewPlan) -> None:
        try:
            self._start(plan)
        except PenumbraError as error:
            self._hall.report(error)

    def _start(self, plan: ReviewPlan) -> None:
        bench = self._hall.bench()
        shot, loader = bench.document.shot, bench.loader
        check(plan, shot)
        if loader is None:
            raise ExportError("Review", why="no plate is open")
        material = gather(plan, shot, self._hall.color(), bench.project, bench.mattes, loader.read)

        def done(report: ReviewReport) -> str:
            self.exported.emit(report)
            self._hall.said(report.sentence)
            return report.sentence

        job = WorkerJob(self._hall, "export", "Export review")
        job.run(lambda: write_review(plan, material, job.progress, job.stopped), done)


def gather(
    plan: ReviewPlan,
    shot: Shot,
    color: ColorConfig,
    project: Project,
    mattes: Mattes,
    pictures: Callable[[FrameNumber], Picture] | None = None,
) -> Material:
    """Everything an export reads, held fast: what the artist does meanwhile does not change it. Opens no file.

    Args:
        pictures: reads the plate's frames, where somebody has them already.

    Raises:
        ExportError: the take that was to stand before is not there any more.
    """
    plate = shot.plate
    assert plate is not None
    reader = cache(lambda: PlateReader(plate, color))
    return Material(
        shot,
        color,
        pictures or (lambda frame: reader().read(frame)),
        lambda frame: reader().path(frame),
        project.store.get,
        {layer.id: mattes.shown_keys(layer) for layer in shot.layers},
        _take(plan, project.takes),
    )


def reviewer() -> str:
    """The name this machine knows its user by; empty when it knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in a container; Python 3.13 has one error for both
        return ""


def _take(plan: ReviewPlan, takes: tuple[Take, ...]) -> Take | None:
    if plan.before == PLATE:
        return None
    for take in takes:
        if take.id == plan.before:
            return take
    raise ExportError("Review", why="the take that was to stand before is not there any more", hint="Choose another.")
