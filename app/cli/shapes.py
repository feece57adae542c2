"""`penumbra shapes PROJECT -o OUT.nk`: Bezier shapes with key frames out of mattes; or shapes into a layer."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from functools import partial
from pathlib import Path

from app.cli.qc import layers_named
from app.console import say, say_json
from app.mattes import Mattes
from app.painted import from_asset
from app.shaping import score, shapes_out_of
from core.disk import cause, write_whole
from core.errors import ExportError, PenumbraError
from core.frames import FrameRange
from core.geometry import Format
from core.project_file import Project
from core.roto.commands import AddShape
from core.roto.nuke_shapes import nuke_roto, shapes_of_nuke
from core.roto.shape import RotoShape
from core.roto.shape_files import shapes_json, shapes_of_json, svg
from core.shot import Shot

ENDINGS = (".nk", ".svg", ".json")


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
    frames, plate = arguments.frames or shot.range, shot.plate
    layers = layers_named(shot, arguments.layer)
    if plate is None or frames is None or not layers:
        raise ExportError(arguments.project, why="has no layer with mattes")
    if output.suffix.lower() not in ENDINGS:
        raise ExportError(output, why="ends in nothing that holds shapes", hint=f"Choose {', '.join(ENDINGS)}.")
    if output.exists() and not arguments.overwrite:
        raise ExportError(output, why="this file exists already", hint="Choose another name, or allow overwriting.")
    if arguments.points < 4 or arguments.tolerance <= 0:
        raise ExportError("Shapes", why="need four points or more, and a tolerance above 0")
    layer = shot.layer(layers[0])
    mattes = Mattes(project.document(), project.store, lambda asset: from_asset(project.asset(asset)))
    wanted = {frame: partial(mattes.delivered, layer, frame) for frame in frames}
    fitted = shapes_out_of(wanted, arguments.tolerance, arguments.points, layer.name)
    try:
        write_whole(output, _text(fitted.shapes, plate.format, frames, output.suffix.lower()).encode())
    except OSError as error:
        raise ExportError(output, why=cause(error), hint="Make room, or choose another place.") from error
    told = score(fitted.shapes, wanted)
    if arguments.json:
        say_json({"file": str(output), "worst_px": fitted.worst_px, "left_out": fitted.left_out, **asdict(told)})
        return 0
    left = f" {fitted.left_out} small or passing pieces and holes were left out." if fitted.left_out else ""
    say(
        f"{output}: {len(fitted.shapes)} shapes, {told.points} points, {told.keys} of {len(frames)} frames are keys;"
        f" drawn again they cover what the mattes do to {told.iou:.1%} (worst {told.least_iou:.1%}).{left}"
    )
    return 0


def _text(shapes: tuple[RotoShape, ...], form: Format, frames: FrameRange, ending: str) -> str:
    if ending == ".nk":
        return nuke_roto(shapes, form)
    return svg(shapes, form, frames) if ending == ".svg" else shapes_json(shapes, form)


def _add(project: Project, arguments: argparse.Namespace) -> int:
    shot: Shot = project.shot
    layers = layers_named(shot, arguments.layer)
    if shot.plate is None or not layers:
        raise ExportError(arguments.project, why="has no layer to put shapes into")
    try:
        text = Path(arguments.add).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PenumbraError(arguments.add, why=f"could not be read ({error})") from error
    unread: tuple[str, ...] = ()
    if arguments.add.suffix.lower() == ".json":
        shapes = shapes_of_json(text)
    else:
        read = shapes_of_nuke(text, shot.plate.format)
        shapes, unread = read.shapes, read.unread
    document = project.document()
    document.edited.connect(project.record)
    for shape in shapes:
        document.do(AddShape(layers[0], shape))
    project.save(document.shot)
    said = f"{len(shapes)} shapes were added to {shot.layer(layers[0]).name}."
    say(said + (f" Not read: {', '.join(unread)}." if unread else ""))
    return 0
