"""The key of what a layer delivers: its refined matte, finished, with its shapes over it, and other layers where a step
of its finish combines it with them; where an approval sealed a matte, that one. A layer alone cannot say it; the shot
can.
"""

from __future__ import annotations

from collections.abc import Callable

from core.finish_keys import Place, finished_key
from core.frames import FrameNumber
from core.layer import Layer, LayerId, MatteKey
from core.review import WHOLE_PICTURE, seen_key
from core.shot import Shot

OfOther = Callable[[Layer, frozenset[LayerId]], MatteKey]


def delivered_key(shot: Shot, layer: Layer, frame: FrameNumber, among: frozenset[LayerId] = frozenset()) -> MatteKey:
    """Key of what is shown and exported.

    Args:
        layer: of the shot, or one that stands in the place of one of its layers.
        among: layers that are being combined with this one: they are not combined with it again.
    """
    if (layer.id, frame) in shot.sealed:
        return shot.sealed[layer.id, frame]
    identity = shot.plate.identity if shot.plate is not None else ""
    return finished_from(shot, layer, layer.refined_key(identity, frame), frame, among)


def finished_from(
    shot: Shot,
    layer: Layer,
    key: MatteKey,
    frame: FrameNumber,
    among: frozenset[LayerId] = frozenset(),
    of_other: OfOther | None = None,
) -> MatteKey:
    """Key of a matte (of any key) after what the layer does to its mattes last.

    Args:
        of_other: gives the key of another layer, and is told what is being combined; what it delivers where None.
    """
    if layer.finish.off and not layer.shapes:
        return key
    inside = among | {layer.id}

    def other(layer_id: LayerId) -> MatteKey | None:
        found = None if layer_id in inside else shot.find(layer_id)
        if found is None:
            return None
        return delivered_key(shot, found, frame, inside) if of_other is None else of_other(found, inside)

    plate = shot.plate
    place = Place(
        frame, plate.identity if plate is not None else "", plate.canvas if plate is not None else None, other
    )
    return finished_key(key, layer.finish, place, *layer.shapes_told(frame))


def current_key(shot: Shot, frame: FrameNumber, layer_id: LayerId) -> MatteKey:
    """What an approval holds on to (`core.review.seen_key`), of the mattes that would be delivered now."""
    wanted = [layer for layer in shot.layers if layer_id in (WHOLE_PICTURE, layer.id)]
    return seen_key({layer.id: delivered_key(shot, layer, frame) for layer in wanted}, layer_id)


def combined_with(shot: Shot, layer: Layer) -> frozenset[LayerId]:
    """The layers that this one is made of, by whatever way: it cannot be a part of theirs."""
    found: set[LayerId] = set()
    waiting = [layer]
    while waiting:
        for step in waiting.pop().finish.steps:
            other = shot.find(getattr(step, "layer_id", ""))
            if other is not None and other.id not in found:
                found.add(other.id)
                waiting.append(other)
    return frozenset(found)
