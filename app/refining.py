"""Mattes → the same mattes with a better edge, where the layer asks for it.

Knows the document, the mattes and the engine; knows neither Qt nor files. The artist's solid strokes are told to
the model and painted over its answer once more, so they come back bit for bit. What is on screen is refined first and
quickly, to be looked at; it stands under a key of its own, and no delivery takes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.engine_jobs import LayerJobs
from app.mattes import Mattes
from core.digest import digest
from core.frames import FrameNumber
from core.geometry import Window
from core.layer import EMPTY_MATTE, Layer, LayerId, MatteKey, ModelChoice
from core.matte import Matte
from core.plate import Plate
from core.trimap_paint import marked, told
from core.words import counted
from inference.messages import JobEvent, RefineRequest

_FIRST_LOOK_LARGE: Mapping[str, Mapping[str, Any]] = {"refine": {"method": "guided"}}
"""What makes a model quick enough for a first look at a large part of a plate, by its name."""
_LARGE_PIXELS = 2_500_000
_AROUND_PX = 32


@dataclass(slots=True)
class _Looking:
    """What is on screen is being refined; then `frames` are."""

    frame: FrameNumber
    awaited: MatteKey
    frames: set[FrameNumber]


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
        self._looking: dict[LayerId, _Looking] = {}

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

    def renew(
        self, layer_id: LayerId, frames: Iterable[FrameNumber], playhead: FrameNumber, seen: Window | None = None
    ) -> bool:
        """Refine those of `frames` that need it, nearest to the playhead first. False when none did.

        Args:
            seen: the part of the plate that is on screen; where the playhead's frame needs it, that part comes first.
        """
        plate = self._mattes.plate
        layer = self._mattes.document.shot.layer(layer_id)
        frames = set(frames)
        looking = self._looking.get(layer_id)
        if plate is not None and looking is not None and self._looks_still(layer, looking, plate):
            looking.frames |= frames
            return True
        wanted = sorted(frames, key=lambda frame: (abs(frame - playhead), frame < playhead))
        mattes = self.unrefined(layer, wanted)
        self.stop(layer_id)
        if not mattes or plate is None or layer.refine is None:
            return False
        part = seen.grow(_AROUND_PX).intersect(plate.canvas) if seen is not None else plate.canvas
        if seen is not None and playhead in mattes and not part.empty:
            self._look_first(layer, layer.refine, plate, playhead, mattes[playhead], part, frames)
            return True
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

        title = f"Refine {layer.name}, {counted(len(mattes), 'frame')}"
        self._jobs.start(layer_id, title, request, came)
        return True

    def _looks_still(self, layer: Layer, looking: _Looking, plate: Plate) -> bool:
        """Whether the first look is on its way and nothing that it shows has changed."""
        return self._jobs.runs(layer.id) and looking.awaited == layer.refined_key(plate.identity, looking.frame)

    def _look_first(
        self,
        layer: Layer,
        model: ModelChoice,
        plate: Plate,
        frame: FrameNumber,
        matte: Matte,
        part: Window,
        frames: set[FrameNumber],
    ) -> None:
        """Refine a part of a frame quickly, to be looked at; then all of `frames` as they should be."""
        known, told = as_marked(layer, frame, matte, self._mattes.fixed(layer, frame))
        stays = np.ones(plate.canvas.shape, np.float32)
        inner = told.over(part) if told is not None else np.zeros(part.shape, np.float32)
        stays[part.within(plate.canvas)] = inner
        fixed = Matte(plate.canvas, stays)
        quick = _FIRST_LOOK_LARGE.get(model.name, {}) if part.pixels > _LARGE_PIXELS else {}
        alone = {name: value for name, value in model.options.items() if name != "steady"}
        model = replace(model, options={**alone, **quick})
        made_from = layer.matte_key(plate.identity, frame)
        awaited = layer.refined_key(plate.identity, frame)
        key = digest("a first look", awaited, part)
        looking = self._looking[layer.id] = _Looking(frame, awaited, frames)

        def came(event: JobEvent) -> None:
            if event.matte is not None and event.frame == frame:
                made = matte.provenance.refined(event.matte.provenance)
                edge = replace(keep_fixed(event.matte, known, fixed), provenance=made)
                self._mattes.arrived(layer.id, frame, key, edge, refined_from=made_from)
                self._on_matte(layer.id, frame)

        def then() -> None:
            self._looking.pop(layer.id, None)
            self.renew(layer.id, looking.frames, frame)

        request = RefineRequest(plate, self._mattes.document.shot.color_config, {frame: known}, model, {frame: fixed})
        self._jobs.start(layer.id, f"Refine {layer.name}, what is seen of frame {frame}", request, came, then)

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
