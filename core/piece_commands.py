"""Undoable edits that make several layers of one, and one of several. See `core/commands.py`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from core.layer import Layer, LayerId
from core.shot import Change, Shot, Touched


@dataclass(frozen=True, slots=True)
class SplitLayer:
    """Put several layers in the place of one; the first of them has its id and stays what it was but for its mattes."""

    layers: tuple[Layer, ...]
    label: ClassVar[str] = "Split layer"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        first, *others = self.layers
        shot.layer(first.id)
        layers = [each for kept in shot.layers for each in ((first, *others) if kept.id == first.id else (kept,))]
        return replace(shot, layers=tuple(layers)), Change(Touched.LAYERS)


@dataclass(frozen=True, slots=True)
class JoinLayers:
    """Put one layer, with the id of one of them, in the place of several."""

    layer: Layer
    others: tuple[LayerId, ...]
    label: ClassVar[str] = "Join layers"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        kept = tuple(layer for layer in shot.layers if layer.id not in self.others)
        return replace(shot, layers=kept).with_layer(self.layer), Change(Touched.LAYERS)
