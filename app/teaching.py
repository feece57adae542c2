"""Corrections → a taught model, offered to the artist with its figures, never forced.

Knows the document, the mattes and the engine; knows neither Qt nor files.
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
from core.frames import FrameNumber
from core.layer import Adapter, AssetId, Layer, LayerId
from core.matte import Matte
from inference.messages import Example, JobEvent, TeachRequest

ONLY_CLICKED_WEIGHT = 0.5
"""How much a frame counts that was clicked but never painted: the artist looked at it, and may not have looked hard."""

LEARNT_IOU = 0.7
"""A network that does not even answer its own lessons this well has not learnt yet, and is not offered as better."""

HELD_OUT_FROM = 4
"""With fewer key frames every one is needed for learning; the model then holds out regions instead."""


@dataclass(frozen=True, slots=True)
class Taught:
    """What a teaching made. Errors are of what was held out, 0-1, NaN where nothing could be.

    `improved`: it learnt its lessons, and what was held out did not get worse. Where nothing could be held out there
    is no proof of harm either: the artist sees the preview.
    """

    adapter: Adapter
    improved: bool


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

    @property
    def busy(self) -> bool:
        return self._jobs.busy

    def teach(self, layer_id: LayerId, options: Mapping[str, Any]) -> str:
        """Start; returns the job's id. Raises PromptError when there is nothing to learn from yet."""
        plate = self._mattes.plate
        layer = self._mattes.document.shot.layer(layer_id)
        if plate is None or not layer.frames_by_hand:
            raise PromptError(layer.name, why="has no key frame to learn from", hint="Correct one frame first.")
        examples = self.examples(layer)
        unknown = sorted(set(layer.frames_by_hand) - {example.frame for example in examples})
        if unknown:
            raise PromptError(
                f"{layer.name}, frame {unknown[0]}", why="its matte is still being made", hint="Try again in a moment."
            )
        self.stop(layer_id)
        request = TeachRequest(
            plate=plate,
            color_config=self._mattes.document.shot.color_config,
            examples=examples,
            model=replace(layer.propagate, options={**layer.propagate.options, **options}),
            resume_from=self._asset(layer.adapter) if layer.adapter else b"",
        )
        name = f"{layer.name} teach {len(layer.adapters) + 1}"

        def came(event: JobEvent) -> None:
            if event.matte is not None and event.frame is not None:
                self._on_preview(layer_id, event.frame, event.matte)
            if event.adapter:
                newest["adapter"] = event.adapter
            newest["metrics"] = {**newest["metrics"], **event.metrics}

        def learnt() -> None:
            if newest["adapter"]:
                self._on_taught(layer_id, self._made(layer, name, examples, newest))

        newest: dict[str, Any] = {"adapter": b"", "metrics": {}}
        title = f"Teach {layer.name} on {len(examples)} frame{'s' if len(examples) > 1 else ''}"
        return self._jobs.start(layer_id, title, request, came, learnt)

    def stop(self, layer_id: LayerId) -> None:
        self._jobs.stop(layer_id)

    def examples(self, layer: Layer) -> tuple[Example, ...]:
        """One example a key frame made by hand whose matte is known: what a take put back teaches nothing."""
        held_out = held_out_frame(layer)
        found = []
        for frame in layer.frames_by_hand:
            kept = layer.key_frame(frame)
            matte = self._mattes.current(layer, frame)
            if matte is not None:
                decided = None if kept.correction.painted else self._mattes.fixed(layer, frame)
                weight = ONLY_CLICKED_WEIGHT if kept.correction.empty else 1.0
                found.append(Example(frame, matte, decided, weight, frame == held_out))
        return tuple(found)

    def _made(self, layer: Layer, name: str, examples: Iterable[Example], newest: Mapping[str, Any]) -> Taught:
        before = float(newest["metrics"].get("held_out_before", math.nan))
        after = float(newest["metrics"].get("held_out_error", math.nan))
        return Taught(
            Adapter(
                asset=self._put_asset(newest["adapter"]),
                name=name,
                model=layer.propagate.name,
                held_out_before=before,
                held_out_after=after,
                taught_on=tuple(example.frame for example in examples if not example.held_out),
                held_out=tuple(example.frame for example in examples if example.held_out),
            ),
            improved=not (after > before) and float(newest["metrics"].get("training_iou", 1.0)) >= LEARNT_IOU,
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
