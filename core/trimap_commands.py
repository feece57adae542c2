"""Undoable edits of a layer's trimap. See `core/commands.py`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import ClassVar

from core.frames import FrameNumber
from core.layer import Layer, LayerId
from core.shot import Change, Shot, Touched
from core.trimap_mark import TrimapStroke


@dataclass(frozen=True, slots=True)
class PaintTrimap:
    """Mark pixels of one frame as inside, unknown or outside."""

    layer_id: LayerId
    frame: FrameNumber
    stroke: TrimapStroke

    @property
    def label(self) -> str:
        return f"Paint trimap {self.stroke.mark.value}"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        layer = shot.layer(self.layer_id)
        return _with_marks(shot, layer, self.frame, (*layer.trimap.get(self.frame, ()), self.stroke))


@dataclass(frozen=True, slots=True)
class ClearTrimap:
    """Forget what was marked on one frame: the band is measured again."""

    layer_id: LayerId
    frame: FrameNumber
    label: ClassVar[str] = "Clear trimap"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        return _with_marks(shot, shot.layer(self.layer_id), self.frame, ())


def _with_marks(shot: Shot, layer: Layer, frame: FrameNumber, strokes: tuple[TrimapStroke, ...]) -> tuple[Shot, Change]:
    others = {number: kept for number, kept in layer.trimap.items() if number != frame}
    if strokes:
        others[frame] = strokes
    changed = replace(layer, trimap=MappingProxyType(dict(sorted(others.items()))))
    return shot.with_layer(changed), Change(Touched.TRIMAP, layer.id, frozenset({frame}))
