"""Mattes → the same mattes with a better edge, where the layer asks for it.

Knows the document, the mattes and the engine; knows neither Qt nor files. The artist's solid strokes are told to
the model and painted over its answer once more, so they come back bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from app.engine_jobs import LayerJobs
from app.mattes import Mattes
from core.frames import FrameNumber
from core.layer import EMPTY_MATTE, Layer, LayerId, MatteKey
from core.matte import Matte
from core.trimap_paint import marked, told
from inference.messages import JobEvent, RefineRequest


class Refining:
    """Renews what is unrefined of a layer. Arguments as `Propagating`; the jobs are of the kind `refine`."""

    def __init__(
        self,
        mattes: Mattes,
        jobs: LayerJobs,
        on_matte: Callable[[LayerId, FrameNumber], None],
    ) -> None:
        self._mattes = mattes
        self._jobs = jobs
        self._on_matte = on_matte

    @property
    def busy(self) -> bool:
        return self._jobs.busy

    def unrefined(self, layer: Layer, frames: Iterable[FrameNumber]) -> dict[FrameNumber, Matte]:
        """Those of `frames` whose matte is current but not refined yet, with that matte; in the order given."""
        plate = self._mattes.plate
        if plate is None or layer.refine is None:
            return {}
        found = {}
        for frame in frames:
            if layer.matte_key(plate.identity, frame) == EMPTY_MATTE or self._mattes.is_sealed(layer.id, frame):
                continue
            if self._mattes.store.has(layer.refined_key(plate.identity, frame)):
                continue
            matte = self._mattes.current(layer, frame)
            if matte is not None:
                found[frame] = matte
        return found

    def renew(self, layer_id: LayerId, frames: Iterable[FrameNumber], playhead: FrameNumber) -> bool:
        """Refine those of `frames` that need it, nearest to the playhead first. False when none did."""
        plate = self._mattes.plate
        layer = self._mattes.document.shot.layer(layer_id)
        wanted = sorted(frames, key=lambda frame: (abs(frame - playhead), frame < playhead))
        mattes = self.unrefined(layer, wanted)
        self.stop(layer_id)
        if not mattes or plate is None or layer.refine is None:
            return False
        fixed = {frame: kept for frame in mattes if (kept := self._mattes.fixed(layer, frame)) is not None}
        answers: dict[FrameNumber, MatteKey] = {frame: layer.refined_key(plate.identity, frame) for frame in mattes}
        given = {frame: as_marked(layer, frame, matte, fixed.get(frame)) for frame, matte in mattes.items()}
        request = RefineRequest(
            plate,
            self._mattes.document.shot.color_config,
            {frame: known for frame, (known, _) in given.items()},
            layer.refine,
            {frame: stays for frame, (_, stays) in given.items() if stays is not None},
        )

        def came(event: JobEvent) -> None:
            if event.matte is None or event.frame not in answers:
                return
            kept = keep_fixed(event.matte, mattes[event.frame], fixed.get(event.frame))
            made = mattes[event.frame].provenance.refined(event.matte.provenance)
            made_from = layer.matte_key(plate.identity, event.frame)
            edge = replace(kept, provenance=made)
            self._mattes.arrived(layer_id, event.frame, answers[event.frame], edge, refined_from=made_from)
            self._on_matte(layer_id, event.frame)

        title = f"Refine {layer.name}, {len(mattes)} frame{'s' if len(mattes) > 1 else ''}"
        self._jobs.start(layer_id, title, request, came)
        return True

    def stop(self, layer_id: LayerId) -> None:
        """Cancel the layer's running refine job; finished frames stay."""
        self._jobs.stop(layer_id)


def as_marked(layer: Layer, frame: FrameNumber, matte: Matte, fixed: Matte | None) -> tuple[Matte, Matte | None]:
    """A matte and what is fixed of it, with what the layer's trimap and its core and garbage shapes say here."""
    strokes, held = layer.trimap.get(frame, ()), layer.shapes_told(frame)[1]
    if not strokes and not held:
        return matte, fixed
    window = matte.window
    solid = fixed.over(window) if fixed is not None else np.zeros(window.shape, np.float32)
    known, stays = told(matte.float32(), marked(strokes, window, held), solid)
    return replace(matte, coverage=known), Matte(window, stays)


def keep_fixed(refined: Matte, matte: Matte, fixed: Matte | None) -> Matte:
    """`refined` with the artist's solid pixels of `matte` put back bit for bit.

    Args:
        fixed: 1 where a solid stroke lies, over any window; None where nothing was painted.
    """
    if fixed is None:
        return refined
    solid = fixed.over(refined.window) >= 1.0
    coverage = np.where(solid, matte.over(refined.window), refined.float32())
    return Matte(refined.window, np.ascontiguousarray(coverage), refined.confidence, refined.provenance)
