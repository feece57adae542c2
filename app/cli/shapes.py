"""`penumbra shapes PROJECT -o OUT.nk`: Bezier shapes with key frames out of mattes; or shapes into a layer."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from functools import partial
from pathlib import Path

from app.cli.qc import frames_named, layers_named
from app.console import say, say_json
from app.mattes import Mattes
from app.shaping import ENDINGS, read_shapes, score, sentence, shapes_out_of, write_shapes
from core.errors import ExportError, PenumbraError
from core.frames import FrameRange
from core.project_file import Project
from core.roto.commands import AddShapes
from core.shot import Shot


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path)
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("-o", "--output", type=Path, metavar="OUT.nk", help="a Nuke Roto (.nk), .svg or .json")
    way.add_argument("--add", type=Path, metavar="ROTO.nk", help="put the shapes of this .nk or .json into the layer")
    parser.add_argument("--layer", default="", help="by name; the first visible one without it")
    parser.add_argument("--frames", type=FrameRange.parse, metavar="A-B")
    parser.add_argument("--tolerance", type=float, default=1.0, metavar="PIXELS", help="how far a curve may be off")
    parser.add_argument("--points", type=int, default=30, help="at most so many, all shapes together")
    parser.add_argument("--overwrite", action="store_true", help="replace the file")
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    project = Project.open(arguments.project)
    try:
        return _add(project, arguments) if arguments.add else _write(project, arguments)
    finally:
        project.close()


def _write(project: Project, arguments: argparse.Namespace) -> int:
    shot, output = project.shot, Path(arguments.output)
    frames = frames_named(shot, arguments.frames, arguments.project)
    layers, plate = layers_named(shot, arguments.layer), shot.plate
    if plate is None or not layers:
        raise ExportError(arguments.project, why="has no layer with mattes")
    if output.suffix.lower() not in ENDINGS:
        raise ExportError(output, why="ends in nothing that holds shapes", hint=f"Choose {', '.join(ENDINGS)}.")
    if output.exists() and not arguments.overwrite:
        raise ExportError(output, why="this file exists already", hint="Choose another name, or allow overwriting.")
    if not output.parent.is_dir():
        raise ExportError(output.parent, why="there is no such folder", hint="Make it first, or choose another place.")
    layer = shot.layer(layers[0])
    mattes = Mattes.of(project)
    wanted = {frame: partial(mattes.delivered, layer, frame) for frame in frames}
    fitted = shapes_out_of(wanted, arguments.tolerance, arguments.points, layer.name)
    write_shapes(output, fitted.shapes, plate.format, frames)
    told = score(fitted.shapes, wanted)
    if arguments.json:
        say_json({"file": str(output), "worst_px": fitted.worst_px, "left_out": fitted.left_out, **asdict(told)})
    else:
        say(sentence(str(output), fitted, told, len(frames), arguments.tolerance))
    return 0


def _add(project: Project, arguments: argparse.Namespace) -> int:
    shot: Shot = project.shot
    layers = layers_named(shot, arguments.layer)
    if shot.plate is None or not layers:
        raise PenumbraError(arguments.project, why="has no layer to put shapes into")
    read = read_shapes(arguments.add, shot.plate.format)
    document = project.document()
    document.edited.connect(project.record)
    document.do(AddShapes(layers[0], read.shapes, "Import shapes"))
    project.save(document.shot)
    said = f"{len(read.shapes)} shapes were added to {shot.layer(layers[0]).name}."
    say(said + (f" Not read: {', '.join(read.unread)}." if read.unread else ""))
    return 0
