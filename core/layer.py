"""A layer, its key frames, and the keys of its mattes.

A matte is derived: its key is a hash of all it was computed from, so that undo finds the old matte where it was,
and a late reply cannot reach the screen. Nothing here computes a matte; see `app/segmenting.py` and friends.

How the matte of one frame comes about::

    prompts ── segment ──┐
                         ├─ base ── correction painted over ── matte ── refine ── finish ── delivered
    neighbours ─ propagate┘

Shapes that draw come before the finish, those that hold it (garbage, core) after; with other layers in it,
`core/delivered_keys.py` says its key.

On a key frame without prompts the base stands still: the matte the artist saw when the first stroke fell. That is
what the artist agreed to outside the stroke, and it keeps two corrected neighbours from depending on each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from core.digest import digest
from core.finish import NO_FINISH, Finish
from core.finish_keys import Place, finished_key
from core.foreground.steps import PLATE_COLORS, Foreground
from core.frames import FrameNumber
from core.prompts import Prompt, Stroke
from core.roto.shape import RotoShape
from core.roto.telling import told
from core.trimap_mark import TrimapStroke

LayerId = str
MatteKey = str
AssetId = str
"""Content hash of a file kept with the project: a painted matte or an adapter."""

EMPTY_MATTE: MatteKey = "empty"
"""The key of a matte that is zero everywhere: a frame before any key frame exists."""

SEGMENTER = "select"
"""The model that answers the prompts of a new layer. Each layer says its own, so older projects keep theirs."""

KEYER = "key"
"""The model of a layer that is keyed from a screen; it answers clicks, and every frame."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What the artist painted over a derived matte. It is law: see `core/painting.py`.

    Args:
        strokes: in the order they were painted; a finish among them was done to the whole frame at that moment.
        painted: a whole painted matte given from outside (`--correct FRAME:mask.exr`), under the strokes.
    """

    strokes: tuple[Stroke | Finish, ...] = ()
    painted: AssetId = ""

    @property
    def empty(self) -> bool:
        return not self.strokes and not self.painted


@dataclass(frozen=True)
class KeyFrame:
    """Everything the artist authored for one layer at one frame.

    Args:
        prompts: in the order they were given.
        correction: painted over what the prompts (or the frozen base) give.
        base: the matte underneath when the frame became a key frame: the previous matte of the segmenter where
            there are prompts, the ground of the correction where there are none.
        frozen: the base alone makes a key frame: a matte that was put back from a take.
        reach: how far these prompts reach, in place of the layer's option of that name: 0.25 a part … 4 the whole;
            None leaves it to the layer.
    """

    prompts: tuple[Prompt, ...] = ()
    correction: Correction = Correction()
    base: MatteKey = EMPTY_MATTE
    frozen: bool = False
    reach: float | None = None

    @property
    def empty(self) -> bool:
        return not self.by_hand and not self.frozen

    @property
    def by_hand(self) -> bool:
        """Whether the artist clicked or painted here: what there is to learn from."""
        return bool(self.prompts) or not self.correction.empty

    def standing_on(self, base: MatteKey) -> KeyFrame:
        """This key frame; where nothing was authored yet, one that begins over this matte."""
        return replace(self, base=base) if self.empty else self

    @cached_property
    def content(self) -> str:
        """Hash of all of it, computed once."""
        values: tuple[Any, ...] = ("key frame", self.prompts, self.correction, self.base)
        if self.frozen:
            values = (*values, "frozen")
        return digest(*values) if self.reach is None else digest(*values, "reach", self.reach)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model by name, with the options that travel in each request."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A small network taught on this layer's corrections; the numbers are a project asset.

    Args:
        asset: content hash of the safetensors file.
        name: what the artist reads ("Hero teach 3").
        model: the model that reads it.
        held_out_before, held_out_after: mean absolute error on held-out key frames, 0-1.
        taught_on: the key frames it was trained on.
        held_out: the key frames it was measured on; they stay held out in later rounds.
        approved: frames the artist had approved, which had to stay as they were.
        approved_before, approved_after: mean absolute error on those.
        seconds, steps: how long it was taught, over all rounds.
        live: made by live teaching; the next round takes its place.
        removed: in no list any more. What it was taught on and measured on is not forgotten.
    """

    asset: AssetId
    name: str
    model: str
    held_out_before: float = float("inf")
    held_out_after: float = float("inf")
    taught_on: tuple[FrameNumber, ...] = ()
    held_out: tuple[FrameNumber, ...] = ()
    approved: tuple[FrameNumber, ...] = ()
    approved_before: float = float("inf")
    approved_after: float = float("inf")
    seconds: float = 0.0
    steps: int = 0
    live: bool = False
    removed: bool = False


@dataclass(frozen=True)
class Layer:
    """One thing being matted. Immutable: every edit is a new layer.

    `color` is sRGB 0-1 for the overlay. `refine` is None when the edge is left as it is. `finish` is done to every
    matte that is shown or delivered, and to none that anything is computed from.
    """

    id: LayerId
    name: str
    color: tuple[float, float, float] = (0.94, 0.35, 0.30)
    visible: bool = True
    locked: bool = False
    key_frames: Mapping[FrameNumber, KeyFrame] = field(default_factory=dict)
    shapes: tuple[RotoShape, ...] = ()
    segment: ModelChoice = ModelChoice(SEGMENTER)
    propagate: ModelChoice = ModelChoice("propagate")
    refine: ModelChoice | None = None
    adapters: tuple[Adapter, ...] = ()
    adapter: AssetId = ""
    """The adapter in use; empty for the model as it came."""
    live: bool = False
    """Teaching goes on by itself after each correction, and what it makes is used: see `core/adapter_commands.py`."""
    finish: Finish = NO_FINISH
    foreground: Foreground = PLATE_COLORS
    """The colors of its comp: no matte depends on them."""
    trimap: Mapping[FrameNumber, tuple[TrimapStroke, ...]] = field(default_factory=dict)
    """Painted over the band that refine works in; it makes no key frame, and nothing but refine reads it."""

    @property
    def frames_by_hand(self) -> tuple[FrameNumber, ...]:
        """The key frames where the artist clicked or painted, ascending: all but those a take put back frozen."""
        return tuple(frame for frame, kept in self.key_frames.items() if kept.by_hand)

    @property
    def listed_adapters(self) -> tuple[Adapter, ...]:
        """Those that can be used, oldest first."""
        return tuple(kept for kept in self.adapters if not kept.removed)

    def with_adapter(self, adapter: Adapter) -> Layer:
        """A new layer that knows the adapter: in its old place, or as the newest."""
        if all(kept.asset != adapter.asset for kept in self.adapters):
            return replace(self, adapters=(*self.adapters, adapter))
        kept = tuple(adapter if each.asset == adapter.asset else each for each in self.adapters)
        return replace(self, adapters=kept)

    def key_frame(self, frame: FrameNumber) -> KeyFrame:
        """What was authored at `frame`; an empty key frame where nothing was."""
        return self.key_frames.get(frame, KeyFrame())

    def with_key_frame(self, frame: FrameNumber, key_frame: KeyFrame) -> Layer:
        """A new layer; an empty key frame removes the entry."""
        others = {number: kept for number, kept in self.key_frames.items() if number != frame}
        if not key_frame.empty:
            others[frame] = key_frame
        return replace(self, key_frames=MappingProxyType(dict(sorted(others.items()))))

    def frozen_at(self, mattes: Mapping[FrameNumber, MatteKey]) -> Layer:
        """These mattes as key frames that no model touches, neither refined nor finished; other key frames stay."""
        frozen = {frame: KeyFrame(base=key, frozen=True) for frame, key in mattes.items()}
        kept = MappingProxyType(dict(sorted({**self.key_frames, **frozen}.items())))
        return replace(self, key_frames=kept, refine=None, finish=NO_FINISH, shapes=())

    def filled_up(self, mattes: Mapping[FrameNumber, MatteKey]) -> Layer:
        """These mattes as frozen key frames where there is no key frame yet; everything else stays."""
        frozen = {frame: KeyFrame(base=key, frozen=True) for frame, key in mattes.items()}
        return replace(self, key_frames=MappingProxyType(dict(sorted({**frozen, **self.key_frames}.items()))))

    def neighbours(self, frame: FrameNumber) -> tuple[FrameNumber | None, FrameNumber | None]:
        """The nearest key frames before and after `frame`, not counting `frame` itself."""
        before = [number for number in self.key_frames if number < frame]
        after = [number for number in self.key_frames if number > frame]
        return (max(before) if before else None), (min(after) if after else None)

    def segment_at(self, frame: FrameNumber) -> ModelChoice:
        """The model and options that answer the prompts of `frame`."""
        reach = self.key_frame(frame).reach
        if reach is None:
            return self.segment
        return replace(self.segment, options={**self.segment.options, "reach": reach})

    def segment_key(self, plate_identity: str, frame: FrameNumber) -> MatteKey:
        """Key of what the prompts alone give at `frame`."""
        kept = self.key_frame(frame)
        return digest("segment", plate_identity, frame, self.segment_at(frame), kept.prompts, kept.base)

    def base_key(self, plate_identity: str, frame: FrameNumber) -> MatteKey:
        """Key of the matte under the correction at `frame`."""
        kept = self.key_frames.get(frame)
        if kept is None:
            return self.propagate_key(plate_identity, frame)
        return self.segment_key(plate_identity, frame) if kept.prompts else kept.base

    def matte_key(self, plate_identity: str, frame: FrameNumber) -> MatteKey:
        """Key of the current matte at `frame`, before refine. The one that decides what is fresh."""
        place = (plate_identity, frame)
        if place not in self._matte_keys:
            base = self.base_key(plate_identity, frame)
            correction = self.key_frame(frame).correction
            self._matte_keys[place] = base if correction.empty else digest("corrected", base, correction)
        return self._matte_keys[place]

    @cached_property
    def _matte_keys(self) -> dict[tuple[str, FrameNumber], MatteKey]:
        """Keys already computed for this very layer; the timeline asks for all of them at every redraw."""
        return {}

    def propagate_key(self, plate_identity: str, frame: FrameNumber) -> MatteKey:
        """Key of the propagated matte at `frame`: the mattes of both neighbouring key frames, model and adapter."""
        before, after = self.neighbours(frame)
        if before is None and after is None:
            return EMPTY_MATTE
        sources = [(source, self.matte_key(plate_identity, source)) for source in (before, after) if source is not None]
        return digest("propagate", plate_identity, frame, self.propagate, self.adapter, sources)

    def delivered_key(self, plate_identity: str, frame: FrameNumber) -> MatteKey:
        """Key of what is shown and exported, of a layer that is alone and has no shapes without a matte; of one among
        others see `core/delivered_keys.py`."""
        return finished_key(
            self.refined_key(plate_identity, frame), self.finish, Place(frame, plate_identity), *self.shapes_told(frame)
        )

    def shapes_told(self, frame: FrameNumber) -> tuple[str, str]:
        """What the shapes say of a frame, in the key of its matte: those that draw it, and those that hold it."""
        if not self.shapes:
            return "", ""
        keyed = self.shape_keys
        still = min(max(frame, min(keyed)), max(keyed)) if keyed else frame  # before and after they hold still
        if still not in self._told:
            drawn = [shape for shape in self.shapes if not shape.role.holds]
            held = [shape for shape in self.shapes if shape.role.holds]
            self._told[still] = told(drawn, still), told(held, still)
        return self._told[still]

    @cached_property
    def shape_keys(self) -> frozenset[FrameNumber]:
        """The key frames of all its shapes."""
        return frozenset(frame for shape in self.shapes for frame in shape.keys)

    @cached_property
    def _told(self) -> dict[FrameNumber, tuple[str, str]]:
        return {}

    def refined_key(self, plate_identity: str, frame: FrameNumber) -> MatteKey:
        """Key of the matte before its finish, refined where the layer asks for it."""
        matte = self.matte_key(plate_identity, frame)
        if self.refine is None or matte == EMPTY_MATTE:
            return matte
        said: tuple[Any, ...] = (self.refine, matte, self.key_frame(frame).correction)
        marks, held = self.trimap.get(frame, ()), self.shapes_told(frame)[1]
        if marks or held:
            said = (*said, "trimap", tuple((each.stroke, each.mark.value) for each in marks), held)
        return digest("refine", plate_identity, frame, *said)
