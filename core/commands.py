"""Every undoable edit. A command is data with one method; the document keeps the shot before and after.

There is no `undo()` to get wrong, and the same data is a line of the journal (`core/journal.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

from core.finish import Finish
from core.frames import FrameNumber, FrameRange
from core.layer import Adapter, AssetId, Correction, KeyFrame, Layer, LayerId, MatteKey, ModelChoice
from core.plate import Plate, PlateId
from core.prompts import Prompt, Stroke
from core.shot import Change, Shot, Touched


class Command(Protocol):
    """An edit of the shot. `label` is what the Undo menu says."""

    @property
    def label(self) -> str: ...

    def apply(self, shot: Shot) -> tuple[Shot, Change]: ...


@dataclass(frozen=True, slots=True)
class AddPlate:
    """Bring footage into the shot; the first plate is the one being matted, the others are references."""

    plate: Plate
    label: ClassVar[str] = "Add plate"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        touched = Touched.REFERENCES if shot.plates else Touched.PLATE
        return replace(shot, plates=(*shot.plates, self.plate)), Change(touched)


@dataclass(frozen=True, slots=True)
class RemovePlate:
    """Take a reference plate out of the shot. Never the first: all that was authored lies on it."""

    plate_id: PlateId
    label: ClassVar[str] = "Remove reference plate"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        kept = tuple(plate for plate in shot.plates if plate.id != self.plate_id)
        if kept[:1] != shot.plates[:1]:
            raise ValueError("the plate being matted cannot be removed")
        return replace(shot, plates=kept), Change(Touched.REFERENCES)


@dataclass(frozen=True, slots=True)
class ChangePlate:
    """Read a plate differently: color space, part, layer, view, rate. Its id stays."""

    plate: Plate
    label: ClassVar[str] = "Change plate"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        plates = tuple(self.plate if kept.id == self.plate.id else kept for kept in shot.plates)
        touched = Touched.PLATE if plates[:1] != shot.plates[:1] else Touched.REFERENCES
        return replace(shot, plates=plates), Change(touched)


@dataclass(frozen=True, slots=True)
class SetRange:
    """Work on these frames only; None for all of the plate."""

    frames: FrameRange | None
    label: ClassVar[str] = "Set range"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        return replace(shot, frames=self.frames), Change(Touched.RANGE)


@dataclass(frozen=True, slots=True)
class SetColorConfig:
    """Use another color config; empty for the pinned default."""

    config: str
    label: ClassVar[str] = "Set color config"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        return replace(shot, color_config=self.config), Change(Touched.PLATE)


@dataclass(frozen=True, slots=True)
class AddLayer:
    """Add a layer at the end of the list; with what was authored in it, where the first gesture makes the layer."""

    layer: Layer

    @property
    def label(self) -> str:
        kept = next(iter(self.layer.key_frames.values()), KeyFrame())
        if kept.prompts:
            return f"Add {type(kept.prompts[-1]).__name__.lower()} in a new layer"
        if self.layer.shapes:
            drawing = not self.layer.shapes[-1].closed
            return "Begin shape in a new layer" if drawing else "Add shapes in a new layer"
        return "Paint in a new layer" if kept.by_hand else "Add layer"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        return shot.with_layer(self.layer), Change(Touched.LAYERS, self.layer.id)


@dataclass(frozen=True, slots=True)
class RemoveLayer:
    """Remove a layer with all that was authored for it."""

    layer_id: LayerId
    label: ClassVar[str] = "Remove layer"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        kept = tuple(layer for layer in shot.layers if layer.id != self.layer_id)
        return replace(shot, layers=kept), Change(Touched.LAYERS, self.layer_id)


@dataclass(frozen=True, slots=True)
class MoveLayer:
    """Put a layer at another place of the list."""

    layer_id: LayerId
    position: int
    label: ClassVar[str] = "Move layer"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        moved = shot.layer(self.layer_id)
        others = [layer for layer in shot.layers if layer.id != self.layer_id]
        others.insert(self.position, moved)
        return replace(shot, layers=tuple(others)), Change(Touched.LAYERS, self.layer_id)


@dataclass(frozen=True, slots=True)
class StyleLayer:
    """Name, overlay color, visibility and lock: nothing a matte depends on."""

    layer_id: LayerId
    name: str
    color: tuple[float, float, float]
    visible: bool
    locked: bool
    label: ClassVar[str] = "Change layer"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        layer = replace(
            shot.layer(self.layer_id), name=self.name, color=self.color, visible=self.visible, locked=self.locked
        )
        return shot.with_layer(layer), Change(Touched.LAYER, self.layer_id)


@dataclass(frozen=True, slots=True)
class AddPrompt:
    """Add a click, box or prompt stroke at one frame.

    `base` is the key of the matte on screen when a frame without anything authored becomes a key frame.
    """

    layer_id: LayerId
    frame: FrameNumber
    prompt: Prompt
    base: MatteKey

    @property
    def label(self) -> str:
        return f"Add {type(self.prompt).__name__.lower()}"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        kept = shot.layer(self.layer_id).key_frame(self.frame).standing_on(self.base)
        key_frame = replace(kept, prompts=(*kept.prompts, self.prompt))
        return keyed(shot, self.layer_id, self.frame, key_frame, Touched.PROMPTS)


@dataclass(frozen=True, slots=True)
class ReplacePrompt:
    """Put another prompt at `position` of a key frame's list: a click that was dragged, a box that was resized."""

    layer_id: LayerId
    frame: FrameNumber
    position: int
    prompt: Prompt

    @property
    def label(self) -> str:
        return f"Change {type(self.prompt).__name__.lower()}"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        kept = shot.layer(self.layer_id).key_frame(self.frame)
        if not 0 <= self.position < len(kept.prompts):
            raise IndexError(f"{self.position} of {len(kept.prompts)} prompts at {self.frame}")
        prompts = (*kept.prompts[: self.position], self.prompt, *kept.prompts[self.position + 1 :])
        return keyed(shot, self.layer_id, self.frame, replace(kept, prompts=prompts), Touched.PROMPTS)


@dataclass(frozen=True, slots=True)
class RemovePrompt:
    """Remove the prompt at `position` of a key frame's list."""

    layer_id: LayerId
    frame: FrameNumber
    position: int
    label: ClassVar[str] = "Remove prompt"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        kept = shot.layer(self.layer_id).key_frame(self.frame)
        prompts = kept.prompts[: self.position] + kept.prompts[self.position + 1 :]
        return keyed(shot, self.layer_id, self.frame, replace(kept, prompts=prompts), Touched.PROMPTS)


@dataclass(frozen=True, slots=True)
class SetReach:
    """How far the prompts of one frame reach: a part of the thing, the whole, or (None) as the layer says."""

    layer_id: LayerId
    frame: FrameNumber
    reach: float | None

    @property
    def label(self) -> str:
        return "Take it as it was understood" if self.reach is None else "Take another answer"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        key_frame = replace(shot.layer(self.layer_id).key_frame(self.frame), reach=self.reach)
        return keyed(shot, self.layer_id, self.frame, key_frame, Touched.PROMPTS)


@dataclass(frozen=True, slots=True)
class AddCorrection:
    """Paint one stroke over the matte of a frame. `base` as in `AddPrompt`."""

    layer_id: LayerId
    frame: FrameNumber
    stroke: Stroke
    base: MatteKey
    label: ClassVar[str] = "Paint"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        return corrected(shot, self.layer_id, self.frame, self.stroke, self.base)


@dataclass(frozen=True, slots=True)
class SetPaintedMatte:
    """Use a whole painted matte for a frame; the pixels are a project asset. Strokes painted before it are dropped."""

    layer_id: LayerId
    frame: FrameNumber
    asset: AssetId
    label: ClassVar[str] = "Set painted matte"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        correction = Correction(painted=self.asset)
        key_frame = replace(shot.layer(self.layer_id).key_frame(self.frame), correction=correction)
        return keyed(shot, self.layer_id, self.frame, key_frame, Touched.CORRECTION)


@dataclass(frozen=True, slots=True)
class ClearKeyFrame:
    """Forget all that was authored for a layer at one frame; its matte is propagated again."""

    layer_id: LayerId
    frame: FrameNumber
    label: ClassVar[str] = "Clear key frame"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        return keyed(shot, self.layer_id, self.frame, KeyFrame(), Touched.CORRECTION)


@dataclass(frozen=True, slots=True)
class ChooseModels:
    """The models of a layer and their options; `refine` None leaves the edge as it is."""

    layer_id: LayerId
    segment: ModelChoice
    propagate: ModelChoice
    refine: ModelChoice | None
    label: ClassVar[str] = "Change model options"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        layer = replace(shot.layer(self.layer_id), segment=self.segment, propagate=self.propagate, refine=self.refine)
        return shot.with_layer(layer), Change(Touched.MODEL, self.layer_id)


@dataclass(frozen=True, slots=True)
class PutBack:
    """Make a layer what it was when a take was kept: key frames, shapes, models and the adapter in use.

    Its id, name, color, visibility and lock stay, and so do adapters taught since: what a later round must not
    learn from (`Adapter.held_out`) is not forgotten. Live teaching ends: whoever puts back has chosen.
    """

    layer_id: LayerId
    layer: Layer
    take: str = ""

    @property
    def label(self) -> str:
        return f"Put back {self.take or 'take'}"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        now = shot.layer(self.layer_id)
        known = {adapter.asset: adapter for adapter in (*self.layer.adapters, *now.adapters)}
        same = {name: getattr(now, name) for name in ("id", "name", "color", "visible", "locked")}
        layer = replace(self.layer, adapters=tuple(known.values()), live=False, **same)
        return shot.with_layer(layer), Change(Touched.MODEL, self.layer_id)


@dataclass(frozen=True, slots=True)
class UseAdapter:
    """Use what Teach made (it joins the layer's list), or with None go back to the model as it came.

    Who chooses by hand has chosen: live teaching ends. See `core/adapter_commands.py` for what else is done with them.
    """

    layer_id: LayerId
    adapter: Adapter | None

    @property
    def label(self) -> str:
        return f"Use {self.adapter.name}" if self.adapter is not None else "Use the model as it came"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        layer = replace(shot.layer(self.layer_id), live=False)
        if self.adapter is None:
            return shot.with_layer(replace(layer, adapter="")), Change(Touched.MODEL, self.layer_id)
        used = replace(layer.with_adapter(self.adapter), adapter=self.adapter.asset)
        return shot.with_layer(used), Change(Touched.MODEL, self.layer_id)


def keyed(
    shot: Shot, layer_id: LayerId, frame: FrameNumber, key_frame: KeyFrame, touched: Touched
) -> tuple[Shot, Change]:
    """The shot with another key frame of a layer; an empty one removes it."""
    layer = shot.layer(layer_id).with_key_frame(frame, key_frame)
    return shot.with_layer(layer), Change(touched, layer_id, frozenset({frame}))


def corrected(
    shot: Shot, layer_id: LayerId, frame: FrameNumber, stroke: Stroke | Finish, base: MatteKey
) -> tuple[Shot, Change]:
    """The shot with one more stroke over a matte; `base` as in `AddPrompt`."""
    kept = shot.layer(layer_id).key_frame(frame).standing_on(base)
    correction = replace(kept.correction, strokes=(*kept.correction.strokes, stroke))
    return keyed(shot, layer_id, frame, replace(kept, correction=correction), Touched.CORRECTION)
