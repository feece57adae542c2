"""Offer the part and the whole where a first click is ambiguous.

After the first prompts of a frame are answered and the hand rests, the model is asked for what they would give if they
reached less and more. What differs enough to be worth a choice is offered; the next prompt, another place or a change
of the model ends it. Knows the document, the mattes and the engine; stores nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from app.hall import Hall
from app.hovering import Foreseen
from core.arrays import Bool
from core.commands import SetReach
from core.frames import FrameNumber
from core.layer import Layer, LayerId, MatteKey
from core.matte import Matte
from core.prompts import Click
from core.shot import Change
from core.signal import Signal
from inference.engine import Engine
from inference.messages import SegmentReply
from widgets.alternatives import Alternative

PART, WHOLE = 0.25, 4.0
"""The reach of a part, and of the whole; see `KeyFrame.reach`."""
MOST_PROMPTS: Final = 2
"""After more prompts than this the artist has said what is meant."""
SAME_IOU: Final = 0.85
"""Answers that share more than this are one answer."""
NEAR: Final = 1.6
"""A reach within this factor of the layer's own is no alternative to it."""
RESTS_S: Final = 0.2
"""How long an answer must have stood before others are asked for: the next click comes first."""
COMPARED_PX: Final = 256
"""Answers are compared on about so many rows and columns."""


@dataclass(slots=True)
class _Offer:
    """What is known of one place. `answers` by reach; None is the answer that stands without one."""

    layer_id: LayerId
    frame: FrameNumber
    basis: MatteKey
    wanted: list[float]
    answers: dict[float, Matte] = field(default_factory=dict)
    offered: tuple[tuple[str, float | None], ...] = ()
    """(word, reach) from the smallest to the largest."""
    running: Future[SegmentReply] | None = None


class Alternatives:
    """See `widgets.alternatives.AlternativeRoom` for what each call promises.

    Args:
        engine: is asked for the part and the whole.
    """

    def __init__(self, hall: Hall, engine: Engine) -> None:
        self.changed: Signal[tuple[LayerId, FrameNumber]] = Signal()
        self._hall, self._document, self._engine = hall, hall.document, engine
        self._offer: _Offer | None = None
        self._declined: MatteKey = ""
        self._timer: threading.Timer | None = None
        hall.document.changed.connect(self._edited)

    def look_for(self, layer_id: LayerId, frame: FrameNumber, *, asked: bool = False) -> bool:
        layer = self._document.shot.find(layer_id)
        plate = self._document.shot.plate
        questions = self._hall.bench().questions
        if layer is None or plate is None or not _ambiguous(layer, frame) or not questions.understands(layer, "reach"):
            self._drop()
            return False
        basis = _basis(layer, frame, plate.identity)
        offer = self._offer
        if offer is not None and (offer.layer_id, offer.frame, offer.basis) == (layer_id, frame, basis):
            return True
        if basis == self._declined and not asked:
            return False
        own = _own(layer)
        wanted = [reach for reach in (PART, WHOLE) if max(reach / own, own / reach) > NEAR]
        self._drop()
        self._declined = ""
        self._offer = _Offer(layer_id, frame, basis, wanted)
        self._timer = threading.Timer(RESTS_S, lambda: self._hall.post(self._go_on))
        self._timer.daemon = True
        self._timer.start()
        return True

    def of(self, layer_id: LayerId, frame: FrameNumber) -> tuple[Alternative, ...]:
        offer, layer = self._offer, self._document.shot.find(layer_id)
        if offer is None or layer is None or not offer.offered or (offer.layer_id, offer.frame) != (layer_id, frame):
            return ()
        plain = self._plain(layer, frame)
        if plain is None or layer.locked or (layer_id, frame) in self._document.shot.sealed:
            return ()
        chosen = layer.key_frame(frame).reach
        return tuple(
            Alternative(word, reach, plain if reach is None else offer.answers[reach], chosen == reach)
            for word, reach in offer.offered
        )

    def choose(self, layer_id: LayerId, frame: FrameNumber, reach: float | None) -> None:
        layer, plate, offer = self._document.shot.find(layer_id), self._document.shot.plate, self._offer
        if layer is None or plate is None or layer.locked or layer.key_frame(frame).reach == reach:
            return
        prompts = layer.key_frame(frame).prompts
        if offer is not None and reach in offer.answers and prompts:
            key = _reaching(layer, frame, reach).segment_key(plate.identity, frame)
            answer = Foreseen(layer_id, frame, prompts[-1], key, offer.answers[reach], coarse=False)
            self._hall.bench().hovering.remember(answer)
        self._document.do(SetReach(layer_id, frame, reach))

    def dismiss(self) -> None:
        if self._offer is not None:
            self._declined = self._offer.basis
        self._drop()

    def close(self) -> None:
        """Ask nothing more."""
        self._drop()

    def _drop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        offer, self._offer = self._offer, None
        if offer is None:
            return
        if offer.running is not None:
            offer.running.cancel()
        if offer.offered:
            self.changed.emit((offer.layer_id, offer.frame))

    def _edited(self, _: Change) -> None:
        """Another prompt, another model or another plate: what was offered is about something else."""
        offer, plate = self._offer, self._document.shot.plate
        if offer is None:
            return
        layer = self._document.shot.find(offer.layer_id)
        if layer is None or plate is None or _basis(layer, offer.frame, plate.identity) != offer.basis:
            self._drop()
        elif offer.offered:
            self.changed.emit((offer.layer_id, offer.frame))

    def _go_on(self) -> None:
        """Ask for the next answer; with the last one, see what differs."""
        offer = self._offer
        if offer is None or offer.running is not None:
            return
        layer = self._document.shot.layer(offer.layer_id)
        left = [reach for reach in offer.wanted if reach not in offer.answers]
        if not left:
            self._compare(layer, offer)
            return
        # In full: a coarse answer may be larger than the full one is, and the word beside it would be wrong.
        request = self._hall.bench().questions.of(_reaching(layer, offer.frame, left[0]), offer.frame, "alternatives")
        offer.running = future = self._engine.segment(request)
        future.add_done_callback(lambda done: self._hall.post(lambda: self._came(offer, left[0], done)))

    def _came(self, offer: _Offer, reach: float, done: Future[SegmentReply]) -> None:
        if self._offer is not offer:
            return
        offer.running = None
        if done.cancelled() or done.exception() is not None:
            offer.wanted.remove(reach)  # nothing to offer there; the artist asked for nothing
        else:
            offer.answers[reach] = done.result().matte
        self._go_on()

    def _compare(self, layer: Layer, offer: _Offer) -> None:
        plain = self._plain(layer, offer.frame)
        if plain is None:
            return
        kept: dict[float | None, Bool] = {None: _solid(plain)}
        for reach, matte in offer.answers.items():
            solid = _solid(matte)
            if solid.any() and all(_iou(solid, other) < SAME_IOU for other in kept.values()):
                kept[reach] = solid
        if len(kept) > 1:
            offer.offered = _named({reach: int(solid.sum()) for reach, solid in kept.items()})
            self.changed.emit((offer.layer_id, offer.frame))

    def _plain(self, layer: Layer, frame: FrameNumber) -> Matte | None:
        """What the prompts give when they reach as far as the layer says."""
        plate = self._document.shot.plate
        assert plate is not None
        return self._hall.bench().mattes.known(_reaching(layer, frame, None).segment_key(plate.identity, frame))


def _ambiguous(layer: Layer, frame: FrameNumber) -> bool:
    """Whether so little was said at a frame that a part or a whole may be meant."""
    kept = layer.key_frame(frame)
    said = all(isinstance(prompt, Click) and prompt.adds for prompt in kept.prompts)
    return not layer.locked and said and 0 < len(kept.prompts) <= MOST_PROMPTS and kept.correction.empty


def _reaching(layer: Layer, frame: FrameNumber, reach: float | None) -> Layer:
    return layer.with_key_frame(frame, replace(layer.key_frame(frame), reach=reach))


def _basis(layer: Layer, frame: FrameNumber, plate_identity: str) -> MatteKey:
    """All that the offered answers depend on; the reach chosen now is not among it."""
    return _reaching(layer, frame, None).matte_key(plate_identity, frame)


def _own(layer: Layer) -> float:
    return max(1e-3, float(layer.segment.options.get("reach", 1.0)))


def _named(sizes: Mapping[float | None, int]) -> tuple[tuple[str, float | None], ...]:
    """A word for each answer by how much it covers: a model that is asked to reach less may well answer more."""
    order: list[float | None] = sorted(sizes, key=lambda reach: (sizes[reach], reach is not None))
    own = order.index(None)
    smaller = ("detail", "part")[-own:] if own else ()
    larger = {0: (), 1: ("whole",), 2: ("more", "whole")}[len(order) - own - 1]
    return tuple(zip((*smaller, "as is", *larger), order, strict=True))


def _solid(matte: Matte) -> Bool:
    step = max(1, max(matte.coverage.shape) // COMPARED_PX)
    return np.asarray(matte.coverage[::step, ::step] >= 0.5)


def _iou(one: Bool, other: Bool) -> float:
    return float((one & other).sum() / max(1, (one | other).sum()))
