"""The undoable edits of what a layer was taught: live teaching on and off, keeping, renaming and removing adapters.

Using one is `core.commands.UseAdapter`. What live teaching makes is no step of the history: `RenewLive` is given to
`Document.amend`, so that undo takes back what the artist did and never what a machine did meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from core.layer import Adapter, AssetId, Layer, LayerId
from core.shot import Change, Shot, Touched


@dataclass(frozen=True, slots=True)
class TeachLive:
    """Let teaching go on by itself after each correction, or end it. What is in use when it ends stays in use."""

    layer_id: LayerId
    live: bool

    @property
    def label(self) -> str:
        return "Teach live" if self.live else "End live teaching"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        return shot.with_layer(replace(shot.layer(self.layer_id), live=self.live)), _taught(self.layer_id)


@dataclass(frozen=True, slots=True)
class RenewLive:
    """What a round of live teaching made takes the place of the round before, and is used; nothing where the switch
    is off by now, or the layer is locked."""

    layer_id: LayerId
    adapter: Adapter
    label: ClassVar[str] = "Teach live"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        layer = shot.find(self.layer_id)
        if layer is None or not layer.live or layer.locked:
            return shot, Change(Touched.ADAPTERS, self.layer_id)
        others = tuple(kept for kept in layer.adapters if not kept.live and kept.asset != self.adapter.asset)
        adapter = replace(self.adapter, live=True)
        renewed = replace(layer, adapters=(*others, adapter), adapter=adapter.asset)
        return shot.with_layer(renewed), Change(Touched.MODEL, self.layer_id)


@dataclass(frozen=True, slots=True)
class KeepAdapter:
    """Put what Teach made into the layer's list without using it: the previous model stays in use."""

    layer_id: LayerId
    adapter: Adapter

    @property
    def label(self) -> str:
        return f"Keep previous, not {self.adapter.name}"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        return shot.with_layer(shot.layer(self.layer_id).with_adapter(self.adapter)), _taught(self.layer_id)


@dataclass(frozen=True, slots=True)
class RenameAdapter:
    """Another name. One made by live teaching is kept under it: the next round makes another one."""

    layer_id: LayerId
    asset: AssetId
    name: str
    label: ClassVar[str] = "Rename taught model"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        layer = shot.layer(self.layer_id)
        adapter = replace(_adapter(layer, self.asset), name=self.name, live=False)
        return shot.with_layer(layer.with_adapter(adapter)), _taught(self.layer_id)


@dataclass(frozen=True, slots=True)
class RemoveAdapter:
    """Take an adapter off the list; a layer that uses it goes back to the model as it came, and live teaching ends.

    Its numbers stay with the project, so that undo finds them.
    """

    layer_id: LayerId
    asset: AssetId
    label: ClassVar[str] = "Remove taught model"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        layer = shot.layer(self.layer_id)
        layer = layer.with_adapter(replace(_adapter(layer, self.asset), removed=True, live=False))
        if layer.adapter != self.asset:
            return shot.with_layer(layer), _taught(self.layer_id)
        return shot.with_layer(replace(layer, adapter="", live=False)), Change(Touched.MODEL, self.layer_id)


def _adapter(layer: Layer, asset: AssetId) -> Adapter:
    """Raises KeyError when the layer does not know it: a programming error, never the artist's."""
    for kept in layer.adapters:
        if kept.asset == asset:
            return kept
    raise KeyError(asset)


def _taught(layer_id: LayerId) -> Change:
    """The list or the switch, and no matte."""
    return Change(Touched.ADAPTERS, layer_id)
