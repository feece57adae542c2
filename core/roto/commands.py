"""Undoable edits of a layer's shapes. See `core/commands.py`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from core.layer import Layer, LayerId
from core.roto.shape import RotoShape, ShapeId
from core.shot import Change, Shot, Touched


@dataclass(frozen=True, slots=True)
class AddShape:
    """A shape after the others of the layer."""

    layer_id: LayerId
    shape: RotoShape
    label: ClassVar[str] = "Begin shape"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        layer = shot.layer(self.layer_id)
        return _with_shapes(shot, layer, (*layer.shapes, self.shape))


@dataclass(frozen=True, slots=True)
class AddShapes:
    """Several shapes after the others of the layer. `what` is what the Undo menu says."""

    layer_id: LayerId
    shapes: tuple[RotoShape, ...]
    what: str = "Add shapes"

    @property
    def label(self) -> str:
        return self.what

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        layer = shot.layer(self.layer_id)
        return _with_shapes(shot, layer, (*layer.shapes, *self.shapes))


@dataclass(frozen=True, slots=True)
class ChangeShape:
    """Another shape in the place of the one with its id. `what` is what the Undo menu says."""

    layer_id: LayerId
    shape: RotoShape
    what: str = "Change shape"

    @property
    def label(self) -> str:
        return self.what

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        layer = shot.layer(self.layer_id)
        return _with_shapes(shot, layer, with_shape(layer, self.shape))


@dataclass(frozen=True, slots=True)
class RemoveShape:
    """Take a shape away, with all its keys."""

    layer_id: LayerId
    shape_id: ShapeId
    label: ClassVar[str] = "Remove shape"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        layer = shot.layer(self.layer_id)
        return _with_shapes(shot, layer, tuple(shape for shape in layer.shapes if shape.id != self.shape_id))


def with_shape(layer: Layer, shape: RotoShape) -> tuple[RotoShape, ...]:
    """The layer's shapes, with this one in the place of the one with its id."""
    return tuple(shape if kept.id == shape.id else kept for kept in layer.shapes)


def _with_shapes(shot: Shot, layer: Layer, shapes: tuple[RotoShape, ...]) -> tuple[Shot, Change]:
    return shot.with_layer(replace(layer, shapes=shapes)), Change(Touched.FINISH, layer.id)
