"""Which matte of a layer stands at a frame: the current one when it is known, else the newest older one.

Knows the document, the store and painting; knows neither Qt nor the engine. The one place where a correction is
painted over what a model answered: last, so that no model can break it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.painted import from_asset
from core.delivered_keys import delivered_key, finished_from
from core.document import Document
from core.finish import NO_FINISH, Finish
from core.finish_keys import unfinished
from core.frames import FrameNumber
from core.layer import EMPTY_MATTE, Correction, Layer, LayerId, MatteKey
from core.matte import Matte
from core.matte_store import MatteStore
from core.painting import apply_correction, solid_mask
from core.plate import Plate
from core.project_file import Project
from core.roto.shape import RotoShape
from widgets.studio import Freshness


@dataclass(frozen=True, slots=True)
class Standing:
    """What can be shown for a layer at a frame."""

    matte: Matte | None
    key: MatteKey
    fresh: bool
    coarse: bool = False
    """A first answer to the current prompts; the full one is on its way."""


@dataclass(frozen=True, slots=True)
class _Coarse:
    """A first answer of one place: shown while the key is awaited, and only with the painting it was made for."""

    layer_id: LayerId
    frame: FrameNumber
    key: MatteKey
    painted: MatteKey
    matte: Matte


class Mattes:
    """Looks mattes up by key, paints corrections, and remembers what was shown last where the current is not known.

    Args:
        document: the open shot.
        store: where derived mattes lie.
        painted: gives the painted matte of an asset.
    """

    def __init__(self, document: Document, store: MatteStore, painted: Callable[[str], Matte]) -> None:
        self.document = document
        self.store = store
        self._painted = painted
        self._shown: dict[tuple[LayerId, FrameNumber], MatteKey] = {}
        """What was shown last, before its finish: that is the layer's of now."""
        self._confidence: dict[MatteKey, float] = {}
        self._refined_from: dict[MatteKey, MatteKey] = {}
        self._empty: Matte | None = None
        self._tried: tuple[LayerId, dict[str, Any]] | None = None
        self._coarse: _Coarse | None = None
        self._coarse_finished: tuple[Matte, MatteKey, Matte] | None = None

    @classmethod
    def of(cls, project: Project, document: Document | None = None) -> Mattes:
        """Those of a project: as it was saved, or of the document it is open in."""
        document = project.document() if document is None else document
        return cls(document, project.store, lambda asset: from_asset(project.assets.get(asset)))

    @property
    def plate(self) -> Plate | None:
        return self.document.shot.plate

    def empty(self) -> Matte:
        """A matte that is zero over the plate's canvas; the same one each time, so that it is drawn from once."""
        assert self.plate is not None
        if self._empty is None or self._empty.window != self.plate.canvas:
            self._empty = Matte.empty(self.plate.canvas)
        return self._empty

    def known(self, key: MatteKey) -> Matte | None:
        """The matte of a key, or None when it must be computed."""
        return self.empty() if key == EMPTY_MATTE else self.store.get(key)

    def base(self, layer: Layer, frame: FrameNumber) -> Matte | None:
        """The matte under the correction of `frame`."""
        assert self.plate is not None
        return self.known(layer.base_key(self.plate.identity, frame))

    def current(self, layer: Layer, frame: FrameNumber) -> Matte | None:
        """The matte of the layer's current key, painted if only the painting is missing; None when it is stale."""
        assert self.plate is not None
        key = layer.matte_key(self.plate.identity, frame)
        matte = self.known(key)
        if matte is not None:
            return matte
        correction = layer.key_frame(frame).correction
        if correction.empty:
            return None
        painted = self._paint(layer, frame, correction)
        if painted is None:
            return None
        half = painted.half()  # as the store keeps it: what is seen first is what is seen for ever
        self.store.put(key, half)
        return half

    def _paint(self, layer: Layer, frame: FrameNumber, correction: Correction) -> Matte | None:
        """Only the last stroke where the matte before it is known; everything otherwise."""
        assert self.plate is not None
        asset = self._painted(correction.painted) if correction.painted else None
        if correction.strokes:
            earlier = replace(correction, strokes=correction.strokes[:-1])
            before = layer.with_key_frame(frame, replace(layer.key_frame(frame), correction=earlier))
            if not earlier.empty:
                ground = self.known(before.matte_key(self.plate.identity, frame))
                if ground is not None:
                    return _by_hand(ground, apply_correction(ground, Correction(strokes=correction.strokes[-1:])))
        ground = self.base(layer, frame)
        if ground is None and asset is not None:
            ground = self.empty()
        return None if ground is None else _by_hand(ground, apply_correction(ground, correction, asset))

    def fixed(self, layer: Layer, frame: FrameNumber) -> Matte | None:
        """1 where the artist decided for good, over the plate's canvas; None where nothing was painted."""
        correction = layer.key_frame(frame).correction
        if correction.empty or self.plate is None:
            return None
        asset = self._painted(correction.painted) if correction.painted else None
        return Matte(self.plate.canvas, solid_mask(correction, self.plate.canvas, asset, self.base(layer, frame)))

    def delivered(self, layer: Layer, frame: FrameNumber) -> Matte | None:
        """What is shown and exported; None when it (or its refinement) is not known yet."""
        assert self.plate is not None
        if not self.is_sealed(layer.id, frame) and self.current(layer, frame) is None:
            return None
        return self.known(delivered_key(self.document.shot, layer, frame))

    def is_sealed(self, layer_id: LayerId, frame: FrameNumber) -> bool:
        """Whether an approval keeps what stands here as it is."""
        return (layer_id, frame) in self.document.shot.sealed

    def try_on(
        self, layer_id: LayerId, finish: Finish | None = None, shapes: tuple[RotoShape, ...] | None = None
    ) -> bool:
        """Let a layer stand with another finish or other shapes than it has; None: with its own. Whether that is
        another now."""
        changes = {"finish": finish, "shapes": shapes}
        tried = {name: change for name, change in changes.items() if change is not None}
        before, self._tried = self._tried, (layer_id, tried) if tried else None
        return before != self._tried

    def layer(self, layer_id: LayerId) -> Layer:
        """The layer, with the finish or the shapes that are tried on."""
        layer = self.document.shot.layer(layer_id)
        return replace(layer, **self._tried[1]) if self._tried and self._tried[0] == layer_id else layer

    def standing(self, layer_id: LayerId, frame: FrameNumber, *, finish: bool = True) -> Standing:
        """The delivered matte if it is known; else the unrefined one; else what was shown here last.

        Args:
            finish: False leaves it unfinished, which takes no time.
        """
        if self.plate is None:
            return Standing(None, EMPTY_MATTE, fresh=False)
        layer, place, sealed = self.layer(layer_id), (layer_id, frame), self.is_sealed(layer_id, frame)
        if not finish and sealed:
            key = unfinished(self.document.shot.sealed[place])
            return Standing(self.known(key), key, fresh=False)
        if not finish:
            refined = layer.refined_key(self.plate.identity, frame)  # shapes that hold it count in its edge too
            layer = replace(layer, finish=NO_FINISH, shapes=())
            known = self.known(refined) if self.current(layer, frame) is not None else None
            if known is not None:
                self._shown[place] = refined
                return Standing(known, refined, fresh=True)
        delivered = self.delivered(layer, frame)
        if delivered is not None:
            if not sealed:
                self._shown[place] = layer.refined_key(self.plate.identity, frame)
            return Standing(delivered, delivered_key(self.document.shot, layer, frame), fresh=True)
        if self.current(layer, frame) is not None:
            key = layer.matte_key(self.plate.identity, frame)
            if self._refined_from.get(self._shown.get(place, "")) != key:  # an older edge of it beats none
                self._shown[place] = key
        older = self._shown.get(place, EMPTY_MATTE)
        key = self.seen_key(layer, older, frame)
        matte = self.known(key) if key != EMPTY_MATTE else None
        key = key if matte is not None else EMPTY_MATTE
        coarse = self.coarse(layer, frame)
        return Standing(matte, key, fresh=False) if coarse is None else Standing(coarse, key, fresh=False, coarse=True)

    def far(self, layer: Layer, frame: FrameNumber) -> MatteKey:
        """The key `standing` would have to read from disk or to paint; empty where all it needs is in memory."""
        if self.plate is None:
            return ""
        current = layer.matte_key(self.plate.identity, frame)
        older = self._shown.get((layer.id, frame), "")
        for source in (layer.refined_key(self.plate.identity, frame), current, older):
            key = self.seen_key(layer, source, frame) if source else ""
            if key == EMPTY_MATTE or self.store.at_hand(key):
                return ""
            paintable = source == current and not layer.key_frame(frame).correction.empty
            if key and (self.store.has(key) or paintable):
                return key
        return ""

    def fetch(self, layer: Layer, frame: FrameNumber, key: MatteKey) -> None:
        """Bring a `far` matte into memory. For a worker: it touches nothing but the store."""
        if self.store.get(key) is None and self.current(layer, frame) is not None:
            self.store.get(key)

    def ground_key(self, layer_id: LayerId, frame: FrameNumber) -> MatteKey:
        """The key a new key frame is built on: the unrefined current matte, else what is on screen."""
        if self.plate is None:
            return EMPTY_MATTE
        layer = self.document.shot.layer(layer_id)
        if self.current(layer, frame) is not None:
            return layer.matte_key(self.plate.identity, frame)
        return unfinished(self.standing(layer_id, frame).key)

    def arrived(
        self, layer_id: LayerId, frame: FrameNumber, key: MatteKey, matte: Matte, refined_from: MatteKey = EMPTY_MATTE
    ) -> None:
        """Keep a computed matte, and remember it as what can be shown at this frame.

        Args:
            refined_from: the key of the matte whose edge was refined; empty where this is no refined one.
        """
        self.store.put(key, matte)
        if refined_from != EMPTY_MATTE:
            self._refined_from[key] = refined_from
        if key != EMPTY_MATTE:
            self._confidence[key] = matte.confidence
            self._shown[(layer_id, frame)] = key

    # --- a first answer, to look at until the full one comes ------------------------------------------------------

    def coarse(self, layer: Layer, frame: FrameNumber) -> Matte | None:
        """The coarse answer that stands for the current matte, painted; None where there is none or it is too late."""
        kept = self._coarse
        if self.plate is None or kept is None or (kept.layer_id, kept.frame) != (layer.id, frame):
            return None
        stands = kept.painted == layer.matte_key(self.plate.identity, frame)
        return self._coarse_seen(kept.matte, self.seen_key(layer, "coarse", frame)) if stands else None

    def _coarse_seen(self, coarse: Matte, key: MatteKey) -> Matte:
        """It after its finish; the same one at every look."""
        before = self._coarse_finished
        if before is None or before[0] is not coarse or before[1] != key:
            before = self._coarse_finished = (coarse, key, self.store.finished(coarse, key))
        return before[2]

    def coarse_arrived(self, layer: Layer, frame: FrameNumber, key: MatteKey, matte: Matte) -> bool:
        """Show `matte` while the answer of `key` is awaited. It is kept nowhere. False when `key` is not current."""
        assert self.plate is not None
        if layer.base_key(self.plate.identity, frame) != key or self.store.has(key):
            return False
        correction = layer.key_frame(frame).correction
        if not correction.empty:
            matte = apply_correction(
                matte, correction, self._painted(correction.painted) if correction.painted else None
            )
        self._coarse = _Coarse(layer.id, frame, key, layer.matte_key(self.plate.identity, frame), matte)
        return True

    def coarse_over(self, key: MatteKey) -> None:
        """The answer of `key` came, or will not."""
        if self._coarse is not None and self._coarse.key == key:
            self._coarse = None

    def shown_keys(self, layer: Layer, *, paint: bool = False) -> dict[FrameNumber, MatteKey]:
        """The key of what can be shown at each frame of the range that shows anything; reads no pixels.

        Args:
            paint: also paint corrections that nobody has seen yet, which takes its time; else what is older counts.
        """
        found: dict[FrameNumber, MatteKey] = {}
        if self.plate is None:
            return found
        identity = self.plate.identity
        for frame in self.document.shot.range or ():
            key = layer.matte_key(identity, frame)
            if paint and not layer.key_frame(frame).correction.empty and not self.store.has(key):
                self.current(layer, frame)
            refined = layer.refined_key(identity, frame)
            older = self._shown.get((layer.id, frame), EMPTY_MATTE)
            shown = next((each for each in (refined, key, older) if self.store.has(each)), EMPTY_MATTE)
            seen = self.seen_key(layer, shown, frame)
            if seen != EMPTY_MATTE:
                found[frame] = seen
        return found

    def keys_beneath(self, layer: Layer) -> set[MatteKey]:
        """Keys of the mattes in the store that the layer's mattes stand on: bases, and what refine was given."""
        frames = self.document.shot.range
        if self.plate is None or frames is None:
            return set()
        identity = self.plate.identity
        keys = {kept.base for kept in layer.key_frames.values()}
        keys |= {layer.matte_key(identity, frame) for frame in frames}
        keys |= {layer.base_key(identity, frame) for frame in layer.key_frames}  # elsewhere it is the matte itself
        return {key for key in keys if self.store.has(key)}

    def show_again(self, layer_id: LayerId, mattes: Mapping[FrameNumber, MatteKey]) -> None:
        """Where the current matte is not known, these are what can be shown from now on."""
        self._shown.update({(layer_id, frame): unfinished(key) for frame, key in mattes.items()})

    def shown(self, layer_id: LayerId) -> dict[FrameNumber, MatteKey]:
        """The key of what was shown last at every frame of a layer where anything was."""
        layer = self.document.shot.layer(layer_id)
        shown = {frame: key for (shown_layer, frame), key in self._shown.items() if shown_layer == layer_id}
        return {frame: self.seen_key(layer, key, frame) for frame, key in shown.items()}

    def seen_key(
        self, layer: Layer, key: MatteKey, frame: FrameNumber, among: frozenset[LayerId] = frozenset()
    ) -> MatteKey:
        """The key of a matte after the layer's finish, combined with other layers as they can be shown now; of what
        is sealed here, whatever `key` is."""
        if (layer.id, frame) in self.document.shot.sealed:
            return self.document.shot.sealed[layer.id, frame]

        def of_other(other: Layer, inside: frozenset[LayerId]) -> MatteKey:
            delivered = delivered_key(self.document.shot, other, frame, inside)
            if delivered == EMPTY_MATTE or self.store.has(delivered):
                return delivered
            return self.seen_key(other, self._shown.get((other.id, frame), EMPTY_MATTE), frame, inside)

        return finished_from(self.document.shot, layer, key, frame, among, of_other)

    def had_one(self, layer_id: LayerId, frame: FrameNumber) -> bool:
        """Whether a matte, fresh or stale, was shown at this frame; that of a layer without key frames is none."""
        return self._shown.get((layer_id, frame), EMPTY_MATTE) != EMPTY_MATTE

    def confidence(self, layer: Layer, frame: FrameNumber) -> float:
        """What the model thinks of the current matte, 0-1; NaN when there is none or it does not say."""
        if layer.key_frame(frame).by_hand:
            return 1.0
        assert self.plate is not None
        sealed = self.document.shot.sealed.get((layer.id, frame))
        key = unfinished(sealed) if sealed else layer.matte_key(self.plate.identity, frame)
        if key not in self._confidence and self.store.has(key):
            self._confidence[key] = self.store.confidence(key)  # of a session before this one
        return self._confidence.get(key, float("nan"))

    def is_fresh(self, layer: Layer, frame: FrameNumber) -> bool:
        """Whether the delivered matte of the current key is known, without painting or reading it."""
        assert self.plate is not None
        key = delivered_key(self.document.shot, layer, frame)
        if key == EMPTY_MATTE:
            return False
        if not self.store.has(key) and layer.refine is None and not self.is_sealed(layer.id, frame):
            self.current(layer, frame)  # only the painting may be missing
        return self.store.has(key)

    def freshness(self, layer_id: LayerId) -> Freshness:
        """Of every frame of the shot at once, for the timeline."""
        frames = self.document.shot.range
        if frames is None or self.plate is None:
            return Freshness()
        layer = self.document.shot.layer(layer_id)
        fresh = {frame for frame in frames if self.is_fresh(layer, frame)}
        stale = {frame for frame in frames if frame not in fresh and self.had_one(layer_id, frame)}
        confidence = {frame: known for frame in fresh if not math.isnan(known := self.confidence(layer, frame))}
        keys = frozenset(layer.frames_by_hand)
        return Freshness(frozenset(fresh), frozenset(stale), keys, layer.shape_keys, confidence)


def _by_hand(ground: Matte, painted: Matte) -> Matte:
    """A painted matte says so, and keeps the name of what is underneath."""
    return replace(painted, provenance=replace(ground.provenance, made_by=ground.provenance.then("paint")))
