"""How the document's values are written as JSON and read again: tagged unions, paths relative to the project.

Knows every kind of command and prompt by its class name; that name is part of the file format. A value that was
written and read is equal to what it was, so that every matte key stays what it was.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import os
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any, Union, cast, get_args, get_origin

import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn
from cattrs.strategies import configure_tagged_union

from core import adapter_commands, commands, finish_commands, piece_commands, review_commands, trimap_commands
from core.commands import Command
from core.finish import Finish
from core.finish_steps import Step
from core.foreground import commands as foreground_commands
from core.foreground.steps import ColorStep
from core.frames import FrameRange
from core.layer import KeyFrame, Layer
from core.prompts import Prompt, Stroke, StrokePoint
from core.review import DrawnLine
from core.roto import commands as roto_commands
from core.roto.shape import RotoShape, ShapePoint
from core.shot import Shot
from core.take import Take

COMMANDS: tuple[type[Any], ...] = (
    commands.AddPlate,
    commands.ChangePlate,
    commands.RemovePlate,
    commands.SetRange,
    commands.SetColorConfig,
    commands.AddLayer,
    commands.RemoveLayer,
    commands.MoveLayer,
    commands.StyleLayer,
    commands.AddPrompt,
    commands.ReplacePrompt,
    commands.RemovePrompt,
    commands.SetReach,
    commands.AddCorrection,
    commands.SetPaintedMatte,
    commands.ClearKeyFrame,
    commands.ChooseModels,
    commands.UseAdapter,
    commands.PutBack,
    adapter_commands.TeachLive,
    adapter_commands.RenewLive,
    adapter_commands.KeepAdapter,
    adapter_commands.RenameAdapter,
    adapter_commands.RemoveAdapter,
    finish_commands.FinishFrame,
    finish_commands.SetFinish,
    foreground_commands.SetForeground,
    roto_commands.AddShape,
    roto_commands.AddShapes,
    roto_commands.ChangeShape,
    roto_commands.RemoveShape,
    trimap_commands.PaintTrimap,
    trimap_commands.ClearTrimap,
    piece_commands.SplitLayer,
    piece_commands.JoinLayers,
    review_commands.SetReviewStatus,
    review_commands.SetReviewNote,
    review_commands.AddReviewStroke,
    review_commands.EraseReviewStrokes,
    review_commands.ClearReviewDrawing,
    review_commands.RemoveReviewMark,
)
_AnyCommand: Any = Union[COMMANDS]  # noqa: UP007 - built from the list above


class ValueReader:
    """Writes and reads shots and commands of one project.

    Args:
        home: the folder that holds the project folder; plates below it are written relative to it.
    """

    def __init__(self, home: Path) -> None:
        self.home = Path(os.path.abspath(home))  # noqa: PTH100 - resolve() would follow the show's symbolic links

    def write_shot(self, shot: Shot) -> dict[str, Any]:
        raw = cast(dict[str, Any], _converter().unstructure(shot, Shot))
        return raw | {"plates": [self._away(plate) for plate in raw["plates"]]}

    def read_shot(self, raw: Any) -> Shot:
        """Raises one of `UNREADABLE` when `raw` is not a shot."""
        return _converter().structure(raw | {"plates": [self._home(plate) for plate in raw["plates"]]}, Shot)

    def write_command(self, command: Command) -> dict[str, Any]:
        raw = cast(dict[str, Any], _converter().unstructure(command, _AnyCommand))
        return raw | {"plate": self._away(raw["plate"])} if "plate" in raw else raw

    def read_command(self, raw: Any) -> Command:
        """Raises one of `UNREADABLE` when `raw` is not a command."""
        placed = raw | {"plate": self._home(raw["plate"])} if "plate" in raw else raw
        return cast(Command, _converter().structure(placed, _AnyCommand))

    def write_layer(self, layer: Layer) -> dict[str, Any]:
        return cast(dict[str, Any], _converter().unstructure(layer, Layer))

    def write_key_frame(self, key_frame: KeyFrame) -> dict[str, Any]:
        return cast(dict[str, Any], _converter().unstructure(key_frame, KeyFrame))

    def read_layer(self, raw: Any) -> Layer:
        """Raises one of `UNREADABLE` when `raw` is not a layer."""
        return _converter().structure(raw, Layer)

    def write_take(self, take: Take) -> dict[str, Any]:
        return cast(dict[str, Any], _converter().unstructure(take, Take))

    def read_take(self, raw: Any) -> Take:
        """Raises one of `UNREADABLE` when `raw` is not a take."""
        return _converter().structure(raw, Take)

    def _away(self, plate: dict[str, Any]) -> dict[str, Any]:
        """A plate as it is written: its path from the project's home where it lies below."""
        path = Path(os.path.abspath(plate["path"]))  # noqa: PTH100 - as above
        below = path.is_relative_to(self.home)
        return plate | {"path": path.relative_to(self.home).as_posix() if below else str(path)}

    def _home(self, plate: dict[str, Any]) -> dict[str, Any]:
        return plate | {"path": os.path.normpath(self.home / plate["path"])}


def as_json(raw: Any, indent: int | None = None) -> bytes:
    """As it is written to a project's files, and read back by `json.loads`.

    A name in another encoding (an old server's folder) comes from the operating system as lone surrogates; they are
    written as such, for a shot must not be lost because of them.
    """
    separators = (",", ":") if indent is None else None
    return json.dumps(raw, ensure_ascii=False, indent=indent, separators=separators).encode("utf-8", "surrogatepass")


UNREADABLE = (
    cattrs.BaseValidationError,
    cattrs.StructureHandlerNotFoundError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
)
"""What reading a value that is not what it should be raises."""


@functools.cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    converter.register_unstructure_hook(Path, str)
    converter.register_structure_hook(Path, lambda text, _: Path(text))
    converter.register_unstructure_hook(Fraction, str)
    converter.register_structure_hook(Fraction, lambda text, _: Fraction(text))
    converter.register_unstructure_hook(float, lambda number: number if math.isfinite(number) else str(number))
    converter.register_unstructure_hook(Stroke, _write_stroke)
    converter.register_structure_hook(Stroke, lambda raw, _: _read_stroke(raw))
    configure_tagged_union(Step, converter, tag_name="step")
    configure_tagged_union(ColorStep, converter, tag_name="step")
    fields = make_dict_structure_fn(Finish, converter)
    converter.register_structure_hook(
        Finish, lambda raw, kind: fields(raw, kind) if "steps" in raw else _read_plain(raw, converter)
    )
    converter.register_structure_hook(
        Stroke | Finish, lambda raw, _: _read_stroke(raw) if "points" in raw else converter.structure(raw, Finish)
    )
    written = make_dict_unstructure_fn(RotoShape, converter)
    converter.register_unstructure_hook(RotoShape, lambda shape: written(shape) | {"keys": _write_keys(shape)})
    converter.register_structure_hook_func(
        lambda kind: kind == tuple[ShapePoint, ...], lambda raw, _: _read_points(raw)
    )
    converter.register_unstructure_hook(DrawnLine, _write_line)
    converter.register_structure_hook(DrawnLine, lambda raw, _: _read_line(raw))
    converter.register_structure_hook_factory(
        lambda kind: cast(Any, get_origin(kind)) is Mapping, lambda kind: _read_mapping(kind, converter)
    )
    configure_tagged_union(Prompt, converter, tag_name="kind")
    configure_tagged_union(_AnyCommand, converter, tag_name="command")
    return converter


def _write_stroke(stroke: Stroke) -> dict[str, Any]:
    """Pen points as one text, `x,y,pressure x,y,pressure ...`: a long stroke is one line and quickly written."""
    points = " ".join(f"{float(p.x)!r},{float(p.y)!r},{float(p.pressure)!r}" for p in stroke.points)
    others = {f.name: getattr(stroke, f.name) for f in dataclasses.fields(stroke) if f.name != "points"}
    return {"points": points, **others}


def _read_stroke(raw: dict[str, Any]) -> Stroke:
    points = tuple(StrokePoint(*map(float, point.split(","))) for point in raw["points"].split())
    numbers = (float(raw[name]) for name in ("hardness", "opacity"))
    return Stroke(points, float(raw["radius_px"]), bool(raw["adds"]), *numbers)


def _read_plain(raw: dict[str, Any], converter: cattrs.Converter) -> Finish:
    """A finish as it was written before it was a list of steps."""
    frames = converter.structure(raw["frames"], FrameRange) if raw["frames"] is not None else None
    amounts = int(raw["holes_px2"]), int(raw["specks_px2"]), float(raw["grow_px"]), bool(raw["inverted"])
    return Finish.of(*amounts, frames)


def _write_keys(shape: RotoShape) -> dict[str, str]:
    """The points of each key as one text, `x,y,in_dx,in_dy,out_dx,out_dy ...`."""
    return {
        str(frame): " ".join(",".join(repr(float(number)) for number in point.numbers) for point in points)
        for frame, points in shape.keys.items()
    }


def _read_points(raw: str) -> tuple[ShapePoint, ...]:
    return tuple(ShapePoint(*map(float, point.split(","))) for point in raw.split())


def _write_line(line: DrawnLine) -> dict[str, Any]:
    """Points as one text, `x,y x,y ...`, as those of a stroke."""
    points = " ".join(f"{float(x)!r},{float(y)!r}" for x, y in line.points)
    return {"points": points, "color": list(line.color), "width_px": line.width_px}


def _read_line(raw: dict[str, Any]) -> DrawnLine:
    pairs = [tuple(map(float, point.split(","))) for point in raw["points"].split()]
    red, green, blue = map(float, raw["color"])
    return DrawnLine(tuple((x, y) for x, y in pairs), (red, green, blue), float(raw["width_px"]))


def _read_mapping(kind: Any, converter: cattrs.Converter) -> Callable[[Any, Any], Mapping[Any, Any]]:
    """Mappings come back read-only, with whole-number keys where the type says so."""
    key_kind, value_kind = get_args(kind)

    def read(raw: Any, _: Any) -> Mapping[Any, Any]:
        items = {
            (int(key) if key_kind is int else key): (
                value if value_kind is Any else converter.structure(value, value_kind)
            )
            for key, value in raw.items()
        }
        return MappingProxyType(items)

    return read
