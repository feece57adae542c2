"""Which frames of a layer can be delivered as they are: every one has the matte of its current key."""

from __future__ import annotations

from app.mattes import Mattes
from core.delivered_keys import delivered_key
from core.delivery import ExportPlan
from core.errors import ExportError
from core.finish_keys import unfinished
from core.frames import FrameNumber, FrameRange
from core.layer import EMPTY_MATTE, Layer, MatteKey


def refuse_stale(plan: ExportPlan, mattes: Mattes) -> None:
    """Raises ExportError naming the first layer and frame whose delivered matte is not known."""
    for layer_id in plan.layers:
        layer = mattes.document.shot.layer(layer_id)
        missing = not_delivered(mattes, layer, plan.frames)
        if missing:
            raise ExportError(
                f"{layer.name}, frame {missing[0]}",
                why=f"{len(missing)} of {len(plan.frames)} frames have no current matte",
                hint="Propagate (and refine) the layer first, or export a shorter range.",
            )


def not_delivered(mattes: Mattes, layer: Layer, frames: FrameRange) -> list[FrameNumber]:
    """Frames whose delivered matte is not known. A layer without a key frame is an empty matte, and is known."""
    if mattes.plate is None:
        return []
    shot = mattes.document.shot
    keys = {frame: delivered_key(shot, layer, frame) for frame in frames}
    wanted = [frame for frame, key in keys.items() if key != EMPTY_MATTE]
    return [frame for frame in wanted if not _can_be_made(mattes, layer, frame, keys[frame])]


def _can_be_made(mattes: Mattes, layer: Layer, frame: FrameNumber, key: MatteKey) -> bool:
    """Whether all is known that is finished into the matte of this key; no finish is computed for that."""
    stands = mattes.is_sealed(layer.id, frame) or mattes.current(layer, frame) is not None
    return stands and mattes.store.has(key) and mattes.known(unfinished(key)) is not None
