"""A shot: plates, frame range and layers. Immutable; the document holds the current one and its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

from core.frames import FrameNumber, FrameRange
from core.layer import Layer, LayerId, MatteKey
from core.plate import Plate
from core.review import Review, seals


@dataclass(frozen=True)
class Shot:
    """The unit of work. The first plate is the one being matted."""

    plates: tuple[Plate, ...] = ()
    frames: FrameRange | None = None
    """The range being worked on; the plate's own where None."""
    layers: tuple[Layer, ...] = ()
    color_config: str = ""
    """Path or `ocio://` name; empty for the pinned default."""
    review: Review = ()
    """What was said of frames and mattes: notes, drawings, statuses. No matte is computed from it."""

    @property
    def plate(self) -> Plate | None:
        return self.plates[0] if self.plates else None

    @property
    def range(self) -> FrameRange | None:
        """The frames to work on."""
        if self.frames is not None:
            return self.frames
        return self.plate.frames if self.plate else None

    @cached_property
    def sealed(self) -> Mapping[tuple[LayerId, FrameNumber], MatteKey]:
        """The key of every matte that an approval keeps as it is, by layer and frame."""
        return seals(self.review)

    def find(self, layer_id: LayerId) -> Layer | None:
        """The layer; None where none is chosen, or it was removed meanwhile."""
        return next((layer for layer in self.layers if layer.id == layer_id), None)

    def layer(self, layer_id: LayerId) -> Layer:
        """Raises KeyError when there is no such layer: a programming error, never the artist's."""
        layer = self.find(layer_id)
        if layer is None:
            raise KeyError(layer_id)
        return layer

    def with_layer(self, layer: Layer) -> Shot:
        """The layer of the same id replaced in its place, or appended."""
        if any(kept.id == layer.id for kept in self.layers):
            return replace(self, layers=tuple(layer if kept.id == layer.id else kept for kept in self.layers))
        return replace(self, layers=(*self.layers, layer))


class Touched(Enum):
    """What kind of thing a change touched; listeners redraw only what they show."""

    PLATE = "plate"
    REFERENCES = "references"
    """Only plates beside the one being matted."""
    RANGE = "range"
    LAYERS = "layers"
    LAYER = "layer"
    PROMPTS = "prompts"
    CORRECTION = "correction"
    TRIMAP = "trimap"
    """What was painted for refine; nothing but refined mattes depends on it."""
    MODEL = "model"
    ADAPTERS = "adapters"
    """The list of what a layer was taught, or whether it is taught live; no matte depends on it."""
    FINISH = "finish"
    """What is done to finished mattes; nothing is computed again."""
    FOREGROUND = "foreground"
    """The colors of a layer's comp; no matte depends on them."""
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Change:
    """What a command changed: the record that do, undo and redo all send.

    `layer_id` is empty when the change is not about one layer; `frames` is empty when it is about all frames.
    """

    touched: Touched
    layer_id: LayerId = ""
    frames: frozenset[FrameNumber] = frozenset()
