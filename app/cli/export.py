"""`penumbra export PROJECT`: write the mattes of a project as they are, without computing anything."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.qc import frames_named, layers_named
from app.console import Progress, say, say_json
from app.export_project import export_project
from core.delivery import COMPRESSIONS, DATA_WINDOWS, PIXEL_TYPES, PRESETS, ExportPlan, preset
from core.errors import ExportError
from core.frames import FrameRange
from core.project_file import Project


def describe(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    width = max(len(each.id) for each in PRESETS)
    parser.epilog = "presets:\n" + "\n".join(f"  {each.id:{width}}  {each.tip}" for each in PRESETS)
    parser.add_argument("project", type=Path)
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="OUT/{shot}_{layer}_v001.####.exr",
        help="the files' name, or a folder that exists: then the preset names them",
    )
    parser.add_argument("--preset", "--kind", dest="preset", choices=[each.id for each in PRESETS], default="matte")
    parser.add_argument("--layers", default="", help="names, separated by commas; all visible layers without it")
    parser.add_argument("--frames", type=FrameRange.parse, metavar="A-B")
    parser.add_argument("--pixel-type", choices=PIXEL_TYPES, help="of an EXR; half, but float for a Cryptomatte")
    parser.add_argument("--compression", choices=COMPRESSIONS, default="zip")
    parser.add_argument("--data-window", choices=DATA_WINDOWS, default="plate")
    parser.add_argument("--core-and-edge", action="store_true", help="also what is solid and what is soft, as channels")
    parser.add_argument("--foreground", action="store_true", help="also the subject's own color, as a layer")
    parser.add_argument("--use-alpha", action="store_true", help="four layers to an RGBA file instead of three")
    parser.add_argument("--sidecar", action="store_true", help="a Cryptomatte's names in a file beside the frames")
    parser.add_argument("--version", type=int, default=1, metavar="N", help="what {version} in the name stands for")
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument("--overwrite", action="store_true", help="replace files of these names")
    existing.add_argument(
        "--resume", action="store_true", help="keep what is still true, write what changed or is missing"
    )
    existing.add_argument("--version-up", action="store_true", help="the next version of which there is no file")
    parser.add_argument("--qc", action="store_true", help="look everything over afterwards, with a report beside it")
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
    layers = layers_named(shot, arguments.layers)
    frames = frames_named(shot, arguments.frames, arguments.project)
    if not layers:
        raise ExportError(arguments.project, why="has no layer to export")
    if not arguments.output.strip():
        raise ExportError("The output", why="is empty", hint="Name the files, or a folder that exists.")
    chosen = preset(arguments.preset)
    folder = Path(arguments.output).expanduser()
    plan = ExportPlan(
        path=str(folder / chosen.name) if folder.is_dir() else arguments.output,
        layers=layers,
        frames=frames,
        kind=chosen.kind,
        pixel_type=arguments.pixel_type or chosen.pixel_type,
        compression=arguments.compression,
        data_window=arguments.data_window,
        overwrite=arguments.overwrite,
        resume=arguments.resume,
        version=arguments.version,
        version_up=arguments.version_up,
        core_and_edge=arguments.core_and_edge,
        foreground=arguments.foreground or chosen.foreground,
        use_alpha=arguments.use_alpha,
        sidecar=arguments.sidecar,
        report=arguments.qc,
    )
    report = export_project(project, plan, Progress(quiet=arguments.quiet))
    if arguments.json:
        say_json(report.as_dict())
    else:
        say(report.sentence)
    return 0
