"""`penumbra export PROJECT`: write the mattes of a project as they are, without computing anything."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.console import Progress, say, say_json
from app.export_project import export_project
from core.delivery import ExportPlan
from core.errors import ExportError
from core.frames import FrameRange
from core.project_file import Project


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path)
    parser.add_argument("-o", "--output", required=True, metavar="OUT/{shot}_{layer}_v001.####.exr")
    parser.add_argument("--layers", default="", help="names, separated by commas; all visible layers without it")
    parser.add_argument("--frames", type=FrameRange.parse, metavar="A-B")
    parser.add_argument("--kind", choices=("matte", "layers", "comp"), default="matte")
    parser.add_argument("--pixel-type", choices=("half", "float"), default="half")
    parser.add_argument("--compression", choices=("zip", "zips", "piz", "none"), default="zip")
    parser.add_argument("--data-window", choices=("plate", "matte"), default="plate")
    parser.add_argument("--overwrite", action="store_true")
    parser.add_argument("--resume", action="store_true", help="keep frames of an earlier export that are still true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quiet", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    project = Project.open(arguments.project)
    try:
        return _export(project, arguments)
    finally:
        project.close()


def _export(project: Project, arguments: argparse.Namespace) -> int:
    shot = project.shot
    names = [name.strip() for name in arguments.layers.split(",") if name.strip()]
    unknown = [name for name in names if name not in {layer.name for layer in shot.layers}]
    if unknown:
        raise ExportError(unknown[0], why="the project has no such layer")
    layers = tuple(layer.id for layer in shot.layers if (layer.name in names if names else layer.visible))
    frames = arguments.frames or shot.range
    if not layers or frames is None:
        raise ExportError(arguments.project, why="has no layer to export")
    plan = ExportPlan(
        path=arguments.output,
        layers=layers,
        frames=frames,
        kind=arguments.kind,
        pixel_type=arguments.pixel_type,
        compression=arguments.compression,
        data_window=arguments.data_window,
        overwrite=arguments.overwrite,
        resume=arguments.resume,
    )
    report = export_project(project, plan, Progress(quiet=arguments.quiet))
    if arguments.json:
        say_json(report.as_dict())
    else:
        say(report.sentence)
    return 0
