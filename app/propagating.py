"""Key frames → mattes of the other frames, from the playhead outward.

Knows the document, the mattes and the engine; knows neither Qt nor files. What is fresh is never asked for again,
so an interrupted propagation goes on at the next missing frame by asking once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from app.engine_jobs import LayerJobs
from app.mattes import Mattes
from core.errors import PromptError
from core.frames import FrameNumber
from core.layer import EMPTY_MATTE, Layer, LayerId, MatteKey
from core.matte import Matte
from inference.messages import JobEvent, PropagateRequest


class Propagating:
    """Renews what is stale of a layer.

    Args:
        jobs: of the kind `propagate`.
        asset: the bytes of an adapter by its asset id.
        ask_prompts: asks the segmenter for a key frame's matte that is not known yet; False when none will come.
        on_matte: called with (layer, frame) when a matte arrived.
    """

    def __init__(
        self,
        mattes: Mattes,
        jobs: LayerJobs,
        asset: Callable[[str], bytes],
        ask_prompts: Callable[[LayerId, FrameNumber], bool],
        on_matte: Callable[[LayerId, FrameNumber], None],
    ) -> None:
        self._mattes = mattes
        self._jobs = jobs
        self._asset = asset
        self._ask_prompts = ask_prompts
        self._on_matte = on_matte
        self._waiting: dict[LayerId, tuple[tuple[FrameNumber, ...], FrameNumber]] = {}

    @property
    def busy(self) -> bool:
        return self._jobs.busy or bool(self._waiting)

    def stale(self, layer: Layer, frames: Iterable[FrameNumber]) -> list[FrameNumber]:
        """Those of `frames` that want a propagated matte and have no current one, in the order given."""
        plate = self._mattes.plate
        if plate is None or not layer.key_frames:
            return []
        return [
            frame
            for frame in frames
            if frame not in layer.key_frames
            and not self._mattes.is_sealed(layer.id, frame)
            and (key := layer.propagate_key(plate.identity, frame)) != EMPTY_MATTE
            and not self._mattes.store.has(key)
        ]

    def renew(self, layer_id: LayerId, frames: Iterable[FrameNumber], playhead: FrameNumber) -> bool:
        """Propagate to those of `frames` that are stale, nearest to the playhead first.

        Waits for key frames whose own matte is still being made, and does without those whose matte cannot be made.
        False when nothing was stale. Raises PromptError when the layer has no key frame to start from.
        """
        layer = self._mattes.document.shot.layer(layer_id)
        if not layer.key_frames:
            raise PromptError(
                layer.name, why="has no key frame to propagate from", hint="Click or paint on one frame first."
            )
        wanted = sorted(frames, key=lambda frame: (abs(frame - playhead), frame < playhead))
        stale = self.stale(layer, wanted)
        self.stop(layer_id)
        if not stale:
            return False
        keys, unknown = self._keys(layer, stale)
        asked = [self._ask_prompts(layer_id, frame) for frame in unknown]
        if any(asked):
            self._waiting[layer_id] = (tuple(wanted), playhead)
            return True
        if not keys:
            hint = "Remove what was authored there, or change it."
            raise PromptError(f"{layer.name}, frame {unknown[0]}", why="its matte could not be made", hint=hint)
        self._start(layer, stale, keys)
        return True

    def go_on(self, layer_id: LayerId) -> None:
        """A key frame's matte arrived: start what waited for it."""
        waiting = self._waiting.pop(layer_id, None)
        if waiting is not None:
            self.renew(layer_id, *waiting)

    def give_up_waiting(self, layer_id: LayerId) -> None:
        """A key frame's matte could not be made: nothing will come to wait for."""
        self._waiting.pop(layer_id, None)

    def stop(self, layer_id: LayerId) -> None:
        """Cancel the layer's running propagation; finished frames stay."""
        self._waiting.pop(layer_id, None)
        self._jobs.stop(layer_id)

    def _keys(self, layer: Layer, stale: Iterable[FrameNumber]) -> tuple[dict[FrameNumber, Matte], list[FrameNumber]]:
        """The mattes of the key frames beside `stale`, and the key frames whose matte is not known yet."""
        beside = {source for frame in stale for source in layer.neighbours(frame) if source is not None}
        mattes = {frame: self._mattes.current(layer, frame) for frame in sorted(beside)}
        known = {frame: matte for frame, matte in mattes.items() if matte is not None}
        return known, [frame for frame in mattes if frame not in known]

    def _start(self, layer: Layer, stale: list[FrameNumber], keys: dict[FrameNumber, Matte]) -> None:
        plate = self._mattes.plate
        assert plate is not None
        answers: dict[FrameNumber, MatteKey] = {frame: layer.propagate_key(plate.identity, frame) for frame in stale}
        request = PropagateRequest(
            plate=plate,
            color_config=self._mattes.document.shot.color_config,
            keys=keys,
            frames=tuple(stale),
            model=layer.propagate,
            adapter=self._asset(layer.adapter) if layer.adapter else b"",
        )

        def came(event: JobEvent) -> None:
            if event.matte is None or event.frame not in answers:
                return
            signed = self._signed(layer, event.frame, event.matte)
            self._mattes.arrived(layer.id, event.frame, answers[event.frame], signed)
            self._on_matte(layer.id, event.frame)

        self._jobs.start(layer.id, f"Propagate {layer.name}, {min(stale)}-{max(stale)}", request, came)

    @staticmethod
    def _signed(layer: Layer, frame: FrameNumber, matte: Matte) -> Matte:
        beside = tuple(source for source in layer.neighbours(frame) if source is not None)
        name = next((adapter.name for adapter in layer.adapters if adapter.asset == layer.adapter), "")
        made = replace(matte.provenance, adapter=layer.adapter, adapter_name=name, key_frames=beside)
        return replace(matte, provenance=made)
