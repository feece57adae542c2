"""Layers made of other layers, with all their mattes: what `app/pieces.py` does on a worker.

Touches nothing but the store. Knows neither the document nor Qt.
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from app.importing import content_key
from app.mattes import Mattes
from core.arrays import AnyFloat, UInt8
from core.delivered_keys import delivered_key
from core.errors import PromptError
from core.finish import NO_FINISH
from core.frames import FrameNumber
from core.layer import KeyFrame, Layer, MatteKey
from core.matte import Matte
from core.pieces import followed, remembered
from core.plate import Plate
from widgets.tools.target import LAYER_COLORS

Progress = Callable[[float], None]
"""Told how far it is, 0-1, as often as cancelling may take; what it raises ends the work."""
Color = tuple[float, float, float]


@dataclass(frozen=True)
class Made:
    """Layers that a job made, and the keys of what can be shown of each: all in the store."""

    layers: tuple[Layer, ...]
    shown: tuple[dict[FrameNumber, MatteKey], ...]


@dataclass(frozen=True)
class Cut:
    """What is split: a layer with its mattes, read on a worker."""

    layer: Layer
    plate: Plate
    frames: list[FrameNumber]
    mattes: Mattes

    def matte(self, frame: FrameNumber) -> Matte | None:
        """The matte before refine and finish; None where it is stale. Raises PromptError where a key frame's is."""
        return _current(self.mattes, self.layer, frame)

    def refined(self, frame: FrameNumber) -> Matte | None:
        if self.layer.refine is None:
            return None
        return self.mattes.known(self.layer.refined_key(self.plate.identity, frame))


def split(
    cut: Cut,
    frame: FrameNumber,
    seen: Callable[[AnyFloat], UInt8],
    names: set[str],
    colors: list[Color],
    progress: Progress,
) -> Made:
    """The layers of the pieces that `seen` tells at `frame`, followed through all frames. For a worker.

    Raises:
        PromptError: there is no matte at `frame`, it is one piece, or a key frame's matte is still being made.
    """
    first = cut.matte(frame)
    labels = None if first is None else seen(first.coverage)
    if labels is None or not labels.any():
        raise PromptError(f"{cut.layer.name}, frame {frame}", why="there is no matte to split", hint="Propagate first.")
    if labels.max() < 2:
        raise PromptError(
            f"{cut.layer.name}, frame {frame}", why="it is one piece", hint="Go to a frame where the pieces are apart."
        )
    kept = _follow(cut, frame, labels, lambda part: progress(part / 2))
    layers = _named(cut.layer, int(labels.max()), names, colors)
    keyed = tuple(
        _with_keys(layer, {key: _piece(cut.matte(key), kept[key], number) for key in cut.layer.key_frames}, cut.mattes)
        for number, layer in enumerate(layers, start=1)
    )
    shown: tuple[dict[FrameNumber, MatteKey], ...] = tuple({} for _ in keyed)
    for done, number in enumerate(cut.frames):
        progress(0.5 + done / len(cut.frames) / 2)
        if number not in kept:
            continue
        for place, layer in enumerate(keyed):
            current, refined = (
                None if matte is None else _piece(matte, kept[number], place + 1)
                for matte in (cut.matte(number), cut.refined(number))
            )
            shown[place][number] = _put(cut.mattes, layer, cut.plate, number, current, refined)
    return Made(keyed, shown)


def joined(
    layers: tuple[Layer, ...],
    plate: Plate,
    frames: Sequence[FrameNumber],
    mattes: Mattes,
    progress: Progress,
) -> Made:
    """One layer with the id of the first and the coverage of all. For a worker.

    Layers with the same refine, finish and shapes keep them; else what is seen of each is what is joined.

    Raises:
        PromptError: the matte of a key frame of one of them is not known.
    """
    first, identity = layers[0], plate.identity
    alike = not first.finish.inverted and all(
        (each.refine, each.finish, each.shapes) == (first.refine, first.finish, first.shapes) for each in layers
    )
    shot = mattes.document.shot

    def matte(layer: Layer, frame: FrameNumber) -> Matte | None:
        current = _current(mattes, layer, frame)
        return current if alike or current is None else mattes.known(delivered_key(shot, layer, frame))

    def screened(found: list[Matte | None]) -> Matte | None:
        known = [each for each in found if each is not None]
        return _screen(known) if len(known) == len(layers) else None

    keys = sorted({frame for layer in layers for frame in layer.key_frames})
    keyed: dict[FrameNumber, Matte] = {}
    for frame in keys:
        progress(0)
        made = screened([matte(layer, frame) for layer in layers])
        if made is None:
            raise PromptError(
                f"Frame {frame}", why="not all of these layers have a fresh matte there", hint="Propagate them first."
            )
        keyed[frame] = made
    settings = first if alike else replace(first, refine=None, finish=NO_FINISH, shapes=())
    layer = _with_keys(settings, keyed, mattes)
    shown: dict[FrameNumber, MatteKey] = {}
    for done, frame in enumerate(frames):
        progress(done / len(frames))
        current = screened([matte(each, frame) for each in layers])
        if current is None:
            continue
        refined = None
        if layer.refine is not None:
            refined = screened([mattes.known(each.refined_key(identity, frame)) for each in layers])
        shown[frame] = _put(mattes, layer, plate, frame, current, refined)
    return Made((layer,), (shown,))


def _follow(cut: Cut, start: FrameNumber, labels: UInt8, progress: Progress) -> dict[FrameNumber, bytes]:
    """The labels of every frame that has a matte, packed; from `start` forward, then back."""
    kept = {start: zlib.compress(labels.tobytes(), 1)}
    ways = ([each for each in cut.frames if each > start], [each for each in reversed(cut.frames) if each < start])
    done = 0
    for way in ways:
        memory = labels
        for frame in way:
            done += 1
            progress(done / len(cut.frames))
            matte = cut.matte(frame)
            if matte is None:
                continue
            here = followed(matte.coverage, memory)
            kept[frame] = zlib.compress(here.tobytes(), 1)
            memory = remembered(here, memory)
    return kept


def _named(layer: Layer, count: int, names: set[str], colors: list[Color]) -> tuple[Layer, ...]:
    """The layer for the first piece, and one for each other: free names, new ids, colors that are used least."""
    made, taken, used = [layer], set(names), list(colors)
    taking_away = tuple(shape for shape in layer.shapes if not shape.role.brings)
    for _ in range(count - 1):
        number = next(number for number in range(2, len(taken) + 3) if f"{layer.name} piece {number}" not in taken)
        color = min(LAYER_COLORS, key=used.count)
        name = f"{layer.name} piece {number}"
        made.append(replace(layer, id=uuid.uuid4().hex[:12], name=name, color=color, shapes=taking_away))
        taken.add(name)
        used.append(color)
    return tuple(made)


def _with_keys(layer: Layer, mattes: dict[FrameNumber, Matte], known: Mattes) -> Layer:
    """The layer with these mattes as its key frames, in the store for good."""
    keys = {frame: content_key(matte) for frame, matte in mattes.items()}
    for frame, matte in mattes.items():
        known.store.put(keys[frame], matte)
    known.store.keep(keys.values())
    frozen = {frame: KeyFrame(base=key, frozen=True) for frame, key in keys.items()}
    return replace(layer, key_frames=MappingProxyType(dict(sorted(frozen.items()))))


def _put(
    mattes: Mattes, layer: Layer, plate: Plate, frame: FrameNumber, current: Matte | None, refined: Matte | None
) -> MatteKey:
    """Mattes where the layer's keys look for them; the key of what is shown."""
    key = layer.matte_key(plate.identity, frame)
    if current is not None:
        mattes.store.put(key, current)
    if refined is not None:
        key = layer.refined_key(plate.identity, frame)
        mattes.store.put(key, refined)
    return key


def _piece(matte: Matte | None, packed: bytes, number: int) -> Matte:
    """What of a matte belongs to one piece."""
    assert matte is not None
    labels = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(matte.coverage.shape)
    coverage = np.where(labels == number, matte.coverage, matte.coverage.dtype.type(0))
    return _made_by(replace(matte, coverage=np.ascontiguousarray(coverage)).half(), "split")


def _screen(mattes: Sequence[Matte]) -> Matte:
    """All coverages over one another: 1 - (1 - a)(1 - b)."""
    first = mattes[0]
    coverage = first.float32()
    for other in mattes[1:]:
        more = other.over(first.window)
        coverage = coverage + more - coverage * more
    return _made_by(replace(first, coverage=np.ascontiguousarray(coverage, np.float32)).half(), "join")


def _made_by(matte: Matte, what: str) -> Matte:
    made_by = f"{matte.provenance.made_by}+{what}" if matte.provenance.made_by else what
    return replace(matte, provenance=replace(matte.provenance, made_by=made_by))


def _current(mattes: Mattes, layer: Layer, frame: FrameNumber) -> Matte | None:
    """The layer's own matte; None where it is stale. Raises PromptError where that is a key frame."""
    matte = mattes.current(layer, frame)
    if matte is None and frame in layer.key_frames:
        raise PromptError(
            f"{layer.name}, frame {frame}", why="its matte is still being made", hint="Try again in a moment."
        )
    return matte
