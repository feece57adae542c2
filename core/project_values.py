"""How the document's values are written as JSON and read again: tagged unions, paths relative to the project.

Knows every kind of command and prompt by its class name; that name is part of the file format. A value that was
written and read is equal to what it was, so that every matte key stays what it was.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any, Union, cast, get_args, get_origin

import cattrs
from cattrs.strategies import configure_tagged_union

from core import commands
from core.commands import Command
from core.prompts import Prompt, StrokePoint
from core.shot import Shot

COMMANDS: tuple[type[Any], ...] = (
    commands.AddPlate,
    commands.ChangePlate,
    commands.SetRange,
    commands.SetColorConfig,
    commands.AddLayer,
    commands.RemoveLayer,
    commands.MoveLayer,
    commands.StyleLayer,
    commands.AddPrompt,
    commands.ReplacePrompt,
    commands.RemovePrompt,
    commands.AddCorrection,
    commands.SetPaintedMatte,
    commands.ClearKeyFrame,
    commands.ChooseModels,
    commands.UseAdapter,
)
_AnyCommand: Any = Union[COMMANDS]  # noqa: UP007 - built from the list above


class ValueReader:
    """Writes and reads shots and commands of one project.

    Args:
        home: the folder that holds the project folder; plates below it are written relative to it.
    """

    def __init__(self, home: Path) -> None:
        self.home = Path(os.path.abspath(home))  # noqa: PTH100 - resolve() would follow the show's symbolic links
        self._converter = _converter(self.home)

    def write_shot(self, shot: Shot) -> dict[str, Any]:
        return cast(dict[str, Any], self._converter.unstructure(shot, Shot))

    def read_shot(self, raw: Any) -> Shot:
        """Raises cattrs' errors, KeyError, TypeError or ValueError when `raw` is not a shot."""
        return self._converter.structure(raw, Shot)

    def write_command(self, command: Command) -> dict[str, Any]:
        return cast(dict[str, Any], self._converter.unstructure(command, _AnyCommand))

    def read_command(self, raw: Any) -> Command:
        """Raises as `read_shot`."""
        return cast(Command, self._converter.structure(raw, _AnyCommand))

    def write(self, value: Any, kind: type[Any]) -> Any:
        """Any other value of the document's floor (takes)."""
        return self._converter.unstructure(value, kind)

    def read(self, raw: Any, kind: type[Any]) -> Any:
        """Raises as `read_shot`."""
        return self._converter.structure(raw, kind)


UNREADABLE = (cattrs.BaseValidationError, cattrs.StructureHandlerNotFoundError, KeyError, TypeError, ValueError)
"""What reading a value that is not what it should be raises."""


def _converter(home: Path) -> cattrs.Converter:
    converter = cattrs.Converter()
    converter.register_unstructure_hook(Path, lambda path: _relative(path, home))
    converter.register_structure_hook(Path, lambda text, _: Path(os.path.normpath(home / text)))
    converter.register_unstructure_hook(Fraction, str)
    converter.register_structure_hook(Fraction, lambda text, _: Fraction(text))
    converter.register_unstructure_hook(float, lambda number: number if math.isfinite(number) else str(number))
    converter.register_unstructure_hook(StrokePoint, lambda point: [point.x, point.y, point.pressure])
    converter.register_structure_hook(StrokePoint, lambda raw, _: StrokePoint(*(float(number) for number in raw)))
    converter.register_structure_hook_factory(
        lambda kind: cast(Any, get_origin(kind)) is Mapping, lambda kind: _read_mapping(kind, converter)
    )
    configure_tagged_union(Prompt, converter, tag_name="kind")
    configure_tagged_union(_AnyCommand, converter, tag_name="command")
    return converter


def _relative(path: Path, home: Path) -> str:
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - as above
    return absolute.relative_to(home).as_posix() if absolute.is_relative_to(home) else str(absolute)


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
