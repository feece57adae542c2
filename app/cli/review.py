"""`penumbra review PROJECT`: a project's notes and statuses as a list, a movie, pictures or a contact sheet."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.console import Progress, say, say_json
from app.job_board import JobBoard
from app.mattes import Mattes
from app.review_export import ReviewReport, write_review
from app.reviewing import gather
from core.color import ColorConfig
from core.errors import ExportError
from core.jobs import JobState
from core.project_file import Project
from core.review import WHOLE_PICTURE, ReviewStatus
from core.review_list import PICTURE, ReviewFilter
from core.review_plan import AFTER, LAYOUTS, PLATE, ReviewPlan, check
from core.shot import Shot

STATUSES = {"todo": ReviewStatus.TO_DO, "fix": ReviewStatus.FIX, "approved": ReviewStatus.APPROVED}


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path)
    parser.add_argument("--csv", type=Path, metavar="OUT.csv", help="one line per mark")
    parser.add_argument("--movie", type=Path, metavar="OUT.mp4", help="H.264, at the plate's rate (.mov too)")
    parser.add_argument("--pictures", type=Path, metavar="OUT.####.jpg", help="an image sequence (.png too)")
    parser.add_argument("--sheet", type=Path, metavar="OUT.png", help="a contact sheet of the marked frames")
    parser.add_argument("--status", choices=STATUSES, action="append", default=[], help="only these; may be repeated")
    parser.add_argument("--layer", default="", help=f"only marks of this layer, or '{PICTURE}'; and only its matte")
    parser.add_argument("--text", default="", help="only marks with this in their note")
    parser.add_argument("--marked", action="store_true", help="movie and pictures of marked frames only, each held")
    parser.add_argument("--hold", type=int, default=0, metavar="N", help="movie frames each; a second without it")
    parser.add_argument("--before", default=PLATE, metavar="plate|TAKE", help="the plate, or a take by its name")
    parser.add_argument("--after", choices=AFTER, default="overlay")
    parser.add_argument("--layout", choices=LAYOUTS, default="side by side")
    parser.add_argument("--width", type=int, default=1920, metavar="PIXELS", help="the most a page is across")
    parser.add_argument("--overwrite", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quiet", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    project = Project.open(arguments.project)
    try:
        report = _write(project, plan_of(project, arguments), Progress(quiet=arguments.quiet))
    finally:
        project.close()
    if arguments.json:
        say_json(report.as_dict())
    else:
        say(report.sentence)
    return 0


def plan_of(project: Project, arguments: argparse.Namespace) -> ReviewPlan:
    """The plan in the project's terms. Raises ExportError for a layer or take it does not have."""
    shot = project.shot
    wanted_layer, shown = _layer(shot, arguments.layer)
    rate = float(shot.plate.rate) if shot.plate is not None else 24.0
    return ReviewPlan(
        csv=arguments.csv,
        movie=arguments.movie,
        sheet=arguments.sheet,
        pictures=arguments.pictures,
        wanted=ReviewFilter(
            frozenset(STATUSES[status] for status in arguments.status),
            frozenset() if wanted_layer is None else frozenset({wanted_layer}),
            arguments.text,
        ),
        marked_only=arguments.marked,
        hold=arguments.hold or max(1, round(rate)),
        layers=shown,
        before=_before(project, arguments.before),
        after=arguments.after,
        layout=arguments.layout,
        width_px=max(320, arguments.width),
        overwrite=arguments.overwrite,
    )


def _layer(shot: Shot, name: str) -> tuple[str | None, tuple[str, ...]]:
    """(whose marks, whose mattes): None for all marks, empty for every visible layer."""
    if not name:
        return None, ()
    if name == PICTURE:
        return WHOLE_PICTURE, ()
    for layer in shot.layers:
        if layer.name == name:
            return layer.id, (layer.id,)
    raise ExportError(name, why="the project has no such layer")


def _before(project: Project, name: str) -> str:
    if name == PLATE:
        return PLATE
    for take in project.takes:
        if take.name == name:
            return take.id
    known = ", ".join(take.name for take in project.takes)
    raise ExportError(name, why="the project has no such take", hint=f"It has: {known}." if known else "It has none.")


def _write(project: Project, plan: ReviewPlan, progress: Progress) -> ReviewReport:
    shot = project.shot
    check(plan, shot)
    mattes = Mattes.of(project)
    material = gather(plan, shot, ColorConfig.load(shot.color_config), project, mattes)
    board = JobBoard()
    board.changed.connect(progress.show)
    job = board.open("export", "Export review")
    report = write_review(
        plan, material, lambda done, said: board.update(job, JobState.RUNNING, done, said), lambda: False
    )
    board.update(job, JobState.DONE, 1.0)
    return report
