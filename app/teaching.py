"""Corrections → a taught model, offered to the artist with its figures, never forced.

Knows the document, the mattes and the engine; knows neither Qt nor files. What goes on by itself after each correction
is `app/live_teaching.py`; both teach the same lessons and judge them the same way.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.engine_jobs import LayerJobs
from app.mattes import Mattes
from core.errors import PromptError
from core.finish_keys import unfinished
from core.frames import FrameNumber
from core.layer import Adapter, AssetId, Layer, LayerId, MatteKey
from core.matte import Matte
from core.words import counted
from inference.messages import Example, JobEvent, TeachRequest

ONLY_CLICKED_WEIGHT = 0.5
"""How much a frame counts that was clicked but never painted: the artist looked at it, and may not have looked hard."""

APPROVED_WEIGHT = 0.4
"""How much a frame counts that was approved as it is: less than anything the hand was on."""

MOST_APPROVED = 4
"""So many approved frames are shown and asked at most: each takes time from learning."""

APPROVED_MAY_MOVE = 0.002
"""Mean absolute error, 0-1, by which approved frames may differ more than before and still not be worse."""

LEARNT_IOU = 0.7
"""A network that does not even answer its own lessons this well has not learnt yet, and is not offered as better."""

HELD_OUT_FROM = 6
"""With fewer key frames every one is needed for learning; the model then holds out regions instead."""


@dataclass(frozen=True, slots=True)
class Taught:
    """What a teaching made. Errors are of what was held out, 0-1, NaN where nothing could be.

    `improved`: it learnt its lessons, and neither what was held out nor what was approved got worse. Where nothing
    could be held out there is no proof of harm either: the artist sees the preview.
    """

    adapter: Adapter
    improved: bool


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the engine gave back at the end: the adapter's bytes and the newest of every figure it told."""

    adapter: bytes
    figures: Mapping[str, float]


class Teaching:
    """Teaches a layer's key frames.

    Args:
        jobs: of the kind `teach`.
        put_asset: keeps the adapter with the project.
        on_preview: called with (layer, frame, matte) as the network learns.
        on_taught: called when there is something to offer.
    """

    def __init__(
        self,
        mattes: Mattes,
        jobs: LayerJobs,
        asset: Callable[[AssetId], bytes],
        put_asset: Callable[[bytes], AssetId],
        on_preview: Callable[[LayerId, FrameNumber, Matte], None],
        on_taught: Callable[[LayerId, Taught], None],
    ) -> None:
        self._mattes = mattes
        self._jobs = jobs
        self._asset = asset
        self._put_asset = put_asset
        self._on_preview = on_preview
        self._on_taught = on_taught
        self.start: Callable[[], bytes] = lambda: b""
        """Where a layer begins that has no adapter: a model of the show, or empty for as it came."""
        self._strokes: dict[tuple[LayerId, FrameNumber], tuple[MatteKey, Matte | None]] = {}

    @property
    def busy(self) -> bool:
        return self._jobs.busy

    def teach(self, layer_id: LayerId, options: Mapping[str, Any]) -> str:
        """Start; returns the job's id. Raises PromptError when there is nothing to learn from yet."""
        layer = self._mattes.document.shot.layer(layer_id)
        request = self.request(layer, options, self.in_use(layer))
        self.stop(layer_id)
        authored = sum(not example.approved for example in request.examples)
        title = f"Teach {layer.name} on {counted(authored, 'frame')}"
        name = f"{layer.name} teach {1 + sum(not kept.live for kept in layer.adapters)}"

        def learnt(end: Learnt) -> None:
            taught = self.judged(layer, name, request.examples, end)
            kept = replace(taught.adapter, asset=self._put_asset(end.adapter))
            self._on_taught(layer_id, replace(taught, adapter=kept))

        return self.run(self._jobs, layer_id, title, request, learnt)

    def stop(self, layer_id: LayerId) -> None:
        self._jobs.stop(layer_id)

    # --- shared with live teaching --------------------------------------------------------------------------------

    def request(self, layer: Layer, options: Mapping[str, Any], resume_from: bytes) -> TeachRequest:
        """The lessons of a layer. Raises PromptError when there is nothing to learn from, or not yet."""
        plate = self._mattes.plate
        if plate is None or not layer.frames_by_hand:
            raise PromptError(layer.name, why="has no key frame to learn from", hint="Correct one frame first.")
        examples = self.examples(layer)
        unknown = sorted(set(layer.frames_by_hand) - {example.frame for example in examples})
        if unknown:
            raise PromptError(
                f"{layer.name}, frame {unknown[0]}", why="its matte is still being made", hint="Try again in a moment."
            )
        return TeachRequest(
            plate=plate,
            color_config=self._mattes.document.shot.color_config,
            examples=examples + self._approved(layer),
            model=replace(layer.propagate, options={**layer.propagate.options, **options}),
            resume_from=resume_from,
        )

    def in_use(self, layer: Layer) -> bytes:
        """The adapter the layer uses, or where it begins. Raises ProjectError where it is not there any more."""
        return self._asset(layer.adapter) if layer.adapter else self.start()

    def run(
        self,
        jobs: LayerJobs,
        layer_id: LayerId,
        title: str,
        request: TeachRequest,
        learnt: Callable[[Learnt], None],
        *,
        previews: bool = True,
    ) -> str:
        """Start a job; `learnt` is called when it ended well and made something. `previews`: show what it tries."""
        adapter, figures = b"", dict[str, float]()

        def came(event: JobEvent) -> None:
            nonlocal adapter
            if previews and event.matte is not None and event.frame is not None:
                self._on_preview(layer_id, event.frame, event.matte)
            adapter = event.adapter or adapter
            figures.update({name: float(value) for name, value in event.metrics.items()})

        return jobs.start(layer_id, title, request, came, lambda: learnt(Learnt(adapter, figures)) if adapter else None)

    def judged(self, layer: Layer, name: str, examples: Iterable[Example], learnt: Learnt) -> Taught:
        """What was learnt, and whether it is better; its numbers are not kept yet."""
        figures, examples = learnt.figures, tuple(examples)
        before, after = (figures.get(name, math.nan) for name in ("held_out_before", "held_out_error"))
        approved_before, approved_after = (
            figures.get(name, math.inf) for name in ("approved_before", "approved_error")
        )
        authored = [example for example in examples if not example.approved]
        adapter = Adapter(
            asset="",
            name=name,
            model=layer.propagate.name,
            held_out_before=before,
            held_out_after=after,
            taught_on=tuple(example.frame for example in authored if not example.held_out),
            held_out=tuple(example.frame for example in authored if example.held_out),
            approved=tuple(example.frame for example in examples if example.approved),
            approved_before=approved_before,
            approved_after=approved_after,
            seconds=round(figures.get("seconds", 0.0), 1),
            steps=int(figures.get("step", 0)),
        )
        moved = approved_after > approved_before + APPROVED_MAY_MOVE
        well = figures.get("training_iou", 1.0) >= LEARNT_IOU
        return Taught(adapter, improved=not (after > before) and not moved and well)

    def examples(self, layer: Layer) -> tuple[Example, ...]:
        """One example a key frame made by hand whose matte is known: what a take put back teaches nothing."""
        held_out = held_out_frame(layer)
        found = []
        for frame in layer.frames_by_hand:
            kept = layer.key_frame(frame)
            matte = self._mattes.current(layer, frame)
            if matte is not None:
                decided = None if kept.correction.painted else self._decided(layer, frame)
                weight = ONLY_CLICKED_WEIGHT if kept.correction.empty else 1.0
                found.append(Example(frame, matte, decided, weight, frame == held_out))
        return tuple(found)

    def _decided(self, layer: Layer, frame: FrameNumber) -> Matte | None:
        """Where the artist decided. Painted once: live teaching asks round after round."""
        assert self._mattes.plate is not None
        key = layer.matte_key(self._mattes.plate.identity, frame)
        known = self._strokes.get((layer.id, frame))
        if known is None or known[0] != key:
            known = self._strokes[layer.id, frame] = key, self._mattes.fixed(layer, frame)
        return known[1]

    def _approved(self, layer: Layer) -> tuple[Example, ...]:
        """Frames that were approved as they are and are no key frames, spread over the shot."""
        sealed = self._mattes.document.shot.sealed
        frames = sorted(frame for known, frame in sealed if known == layer.id and frame not in layer.key_frames)
        every = max(1.0, len(frames) / MOST_APPROVED)
        chosen = [frames[int(every * place)] for place in range(min(len(frames), MOST_APPROVED))]
        mattes = {frame: self._mattes.known(unfinished(sealed[layer.id, frame])) for frame in chosen}
        return tuple(
            Example(frame, matte, None, APPROVED_WEIGHT, approved=True)
            for frame, matte in mattes.items()
            if matte is not None
        )


def held_out_frame(layer: Layer) -> FrameNumber | None:
    """The key frame that is never trained on; None while every key frame is needed for learning.

    Once held out, a frame stays held out over rounds. A new one is chosen among corrected frames that no adapter of
    the layer has seen, by a hash, so that neither the first nor the easiest frame is always taken.
    """
    for adapter in reversed(layer.adapters):
        for frame in adapter.held_out:
            if frame in layer.frames_by_hand:
                return frame
    seen = {frame for adapter in layer.adapters for frame in adapter.taught_on}
    unseen = [frame for frame, kept in layer.key_frames.items() if not kept.correction.empty and frame not in seen]
    if len(layer.frames_by_hand) < HELD_OUT_FROM or not unseen:
        return None
    return min(unseen, key=lambda frame: hashlib.sha256(f"{layer.id}/{frame}".encode()).hexdigest())
