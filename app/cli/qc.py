"""`penumbra qc PROJECT --out FOLDER`: everything that is wrong with a project's mattes and deliveries, as a report."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.console import Progress, say, say_json
from app.job_board import JobBoard
from app.qc_project import qc_project
from core.delivery import check_frames
from core.errors import ExportError
from core.frames import FrameRange
from core.jobs import JobState
from core.project_file import Project
from core.quality import Severity
from core.shot import Shot

FOUND = 3
"""The exit code with `--strict` where something must be fixed."""


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the HTML and the JSON go")
    parser.add_argument("--layers", default="", help="names, separated by commas; all visible layers without it")
    parser.add_argument("--frames", type=FrameRange.parse, metavar="A-B")
    parser.add_argument(
        "--delivered",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="an export to be read back and compared: its folder or its manifest; may be repeated",
    )
    parser.add_argument("--still", action="store_true", help="leave out chatter and jumps, which read every frame")
    parser.add_argument("--strict", action="store_true", help=f"exit code {FOUND} where something must be fixed")
    parser.add_argument("--json", action="store_true", help="the report on standard output too")
    parser.add_argument("--quiet", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    project = Project.open(arguments.project)
    progress = Progress(quiet=arguments.quiet)
    board = JobBoard()
    board.changed.connect(progress.show)
    job = board.open("qc", "QC")
    try:
        shot = project.shot
        frames = frames_named(shot, arguments.frames, arguments.project)
        report, html, _told = qc_project(
            project,
            arguments.out,
            layers_named(shot, arguments.layers),
            frames,
            tuple(arguments.delivered),
            lambda done, said: board.update(job, JobState.RUNNING, done, said),
            motion=not arguments.still,
        )
        board.update(job, JobState.DONE, 1.0)
    finally:
        project.close()
        progress.close()
    if arguments.json:
        say_json(report.as_dict())
    else:
        say(f"{html}: {report.short or 'nothing stands out'}")
    return FOUND if arguments.strict and report.count(Severity.MUST) else 0


def frames_named(shot: Shot, asked: FrameRange | None, project: Path) -> FrameRange:
    """What was asked for; the shot's own range where nothing was.

    Raises:
        ExportError: there is no plate, or the frames lie outside of it.
    """
    if shot.plate is None or shot.range is None:
        raise ExportError(project, why="has no plate")
    if asked is not None:
        check_frames(asked, shot.plate)
    return asked or shot.range


def layers_named(shot: Shot, text: str) -> tuple[str, ...]:
    """Ids of the layers named in `text`, separated by commas; of all visible ones where it is empty.

    Raises:
        ExportError: the project has no such layer.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in {layer.name for layer in shot.layers}]
    if unknown:
        known = ", ".join(layer.name for layer in shot.layers)
        raise ExportError(unknown[0], why="the project has no such layer", hint=f"It has: {known}." if known else "")
    return tuple(layer.id for layer in shot.layers if (layer.name in names if names else layer.visible))
