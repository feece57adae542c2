"""Which frames of a layer can be delivered as they are: every one has the matte of its current key."""

from __future__ import annotations

from dataclasses import replace

from app.mattes import Mattes
from core.delivered_keys import delivered_key
from core.delivery import ExportPlan
from core.errors import ExportError
from core.finish import NO_FINISH
from core.frames import FrameNumber, FrameRange
from core.layer import EMPTY_MATTE, Layer


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
    plain = replace(layer, finish=NO_FINISH, shapes=())  # what there is to finish is enough to know
    keys = {frame: delivered_key(shot, layer, frame) for frame in frames}
    wanted = [frame for frame, key in keys.items() if key != EMPTY_MATTE]
    return [frame for frame in wanted if mattes.delivered(plain, frame) is None or not mattes.store.has(keys[frame])]
