"""Which mattes a project needs: what stays when the oldest go, and what is on disk before an edit that stands on it.

Keys only. Knows shots, commands and takes; knows neither files nor pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.commands import Command, PutBack
from core.frames import FrameRange
from core.layer import Layer, MatteKey
from core.piece_commands import JoinLayers, SplitLayer
from core.shot import Shot
from core.take import Take


def reachable(shots: Sequence[Shot]) -> set[MatteKey]:
    """Every matte that one of these shots can show or deliver."""
    found: set[MatteKey] = set()
    seen: set[tuple[int, str, FrameRange]] = set()
    for shot in shots:
        if shot.plate is None or shot.range is None:
            continue
        for layer in shot.layers:
            place = (id(layer), shot.plate.identity, shot.range)
            if place not in seen:
                seen.add(place)
                found |= _of_layer(layer, *place[1:])
    return found


def authored(shots: Iterable[Shot], takes: Iterable[Take]) -> set[MatteKey]:
    """What no model can make again: approved, in a take, or the ground of a key frame."""
    found = {key for take in takes for key in take.keys}
    for shot in shots:
        found |= set(shot.sealed.values())
        found |= _grounds(shot.layers)
    return found


def ground(command: Command) -> Iterable[MatteKey]:
    """The mattes that what is authored by a command stands on."""
    layers = command.layers if isinstance(command, SplitLayer) else ()
    layers = (command.layer,) if isinstance(command, PutBack | JoinLayers) else layers
    if layers:
        return _grounds(layers)
    base = getattr(command, "base", None)
    sealed = [key for _layer, key in getattr(command, "sealed", ())]
    return [base, *sealed] if isinstance(base, str) else sealed


def _grounds(layers: Iterable[Layer]) -> set[MatteKey]:
    return {kept.base for layer in layers for kept in layer.key_frames.values()}


def _of_layer(layer: Layer, plate_identity: str, frames: FrameRange) -> set[MatteKey]:
    return {
        key
        for frame in frames
        for key in (
            layer.base_key(plate_identity, frame),
            layer.matte_key(plate_identity, frame),
            layer.refined_key(plate_identity, frame),
        )
    }
