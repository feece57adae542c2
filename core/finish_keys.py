"""The keys of finished mattes: what a matte was made from, and everything that was done to it, said in its key.

Whoever has such a key can make the matte (`core/finished_mattes.py` does), so it is never computed by the engine and
never written. A key is the key of its source with a part for every step. The four plain steps in their own order are
one part, as they were in the first projects, and those keys stay what they were. Knows no pixels.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.finish import Finish
from core.finish_steps import (
    Blur,
    Combine,
    Feather,
    FillHoles,
    Grow,
    How,
    Invert,
    Levels,
    MotionBlur,
    RemoveSpecks,
    Side,
    Smooth,
    Step,
    Streak,
)
from core.frames import FrameNumber
from core.geometry import Window
from core.roto.telling import brings

_PLAIN = "~1~"
"""Stands before holes, specks, grow, inverted; the number counts ways of computing them."""
_STEP = "~2~"
"""Stands before one step."""
NOTHING = "empty"
"""The key of a matte that is zero everywhere (`core.layer.EMPTY_MATTE`)."""


@dataclass(frozen=True, slots=True)
class Blank:
    """Nothing, over this window: what a layer begins with that has only shapes or other layers."""

    window: Window


@dataclass(frozen=True, slots=True)
class Combined:
    """`Combine` with the very matte that it was combined with."""

    how: How
    key: str


@dataclass(frozen=True, slots=True)
class MotionBlurred:
    """`MotionBlur` with the frame whose motion it was."""

    shutter: float
    plate_identity: str
    frame: FrameNumber


@dataclass(frozen=True, slots=True)
class Shaped:
    """Roto shapes laid over it; `told` is what `core/roto/telling.py` says of them at the frame."""

    told: str


Done = (
    FillHoles | RemoveSpecks | Grow | Invert | Feather | Blur | Streak | Smooth | Levels
    | Blank | Combined | MotionBlurred | Shaped
)  # fmt: skip
"""What can be done to pixels: steps, with all that they depend on."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a matte stands that is being finished.

    Args:
        frame: of the plate.
        plate_identity: of the plate; empty without one.
        canvas: of the plate; None without one.
        other: the key of what another layer delivers here; None where there is no such layer.
    """

    frame: FrameNumber
    plate_identity: str = ""
    canvas: Window | None = None
    other: Callable[[str], str | None] = lambda _layer_id: None


def finished_key(key: str, finish: Finish, place: Place, drawn: str = "", held: str = "") -> str:
    """The key of a matte after all that a layer does to its mattes last; the key itself where nothing is done.

    Shapes that add and subtract come first, then the finish, then those that hold it: garbage and core. An empty matte
    stays empty until a shape or a step brings something: what is done to nothing is not said.

    Args:
        drawn, held: what the layer's shapes of either kind say of this frame (`core/roto/telling.py`).
    """
    key = _shaped(key, drawn, place)
    now = finish.at(place.frame)
    amounts = now.plain_amounts
    if amounts is not None and key != NOTHING:
        if not now.off:
            key += _PLAIN + ",".join(repr(int(each) if isinstance(each, bool) else each) for each in amounts)
    else:
        for step in now.active:
            key = _after(key, step, place)
    return _shaped(key, held, place)


def _shaped(key: str, shapes: str, place: Place) -> str:
    if shapes and key == NOTHING and brings(shapes) and place.canvas is not None:
        key = _with(key, Blank(place.canvas))
    return _with(key, Shaped(shapes)) if shapes and key != NOTHING else key


def _after(key: str, step: Step, place: Place) -> str:
    done: Done
    match step:
        case Combine():
            other = place.other(step.layer_id)
            if other is None:
                return key
            if other == NOTHING:
                return NOTHING if step.how == "intersect" else key
            if key == NOTHING:
                if step.how != "add" or place.canvas is None:
                    return key
                key = _with(key, Blank(place.canvas))
            done = Combined(step.how, other)
        case MotionBlur():
            done = MotionBlurred(step.shutter, place.plate_identity, place.frame)
        case _:
            done = step
    return key if key == NOTHING else _with(key, done)


def _with(key: str, done: Done) -> str:
    return key + _STEP + _said(done)


def _said(done: Done) -> str:
    match done:
        case Blank(window):
            values: tuple[object, ...] = ("blank", window.x0, window.y0, window.x1, window.y1)
        case Combined(how, key):
            values = ("with", how, _packed(key))
        case MotionBlurred(shutter, identity, frame):
            values = ("motion", float(shutter), frame, _packed(identity))
        case Shaped(told):
            values = ("shapes", _packed(told))
        case FillHoles(most):
            values = ("holes", most)
        case RemoveSpecks(most):
            values = ("specks", most)
        case Grow(by):
            values = ("grow", float(by))
        case Invert():
            values = ("invert",)
        case Feather(width, side):
            values = ("feather", float(width), side)
        case Blur(size):
            values = ("blur", float(size))
        case Streak(length, angle):
            values = ("streak", float(length), float(angle))
        case Smooth(size, corners):
            values = ("smooth", float(size), float(corners))
        case Levels(black, white, gamma):
            values = ("levels", float(black), float(white), float(gamma))
    return ",".join(map(str, values))


_SIDES: dict[str, Side] = {"out": "out", "in": "in", "both": "both"}
_HOWS: dict[str, How] = {"add": "add", "subtract": "subtract", "intersect": "intersect", "hold out": "hold out"}


def _read(said: str) -> Done:
    name, *values = said.split(",")
    match name:
        case "blank":
            return Blank(Window(*map(int, values)))
        case "with":
            return Combined(_HOWS[values[0]], _unpacked(values[1]))
        case "motion":
            return MotionBlurred(float(values[0]), _unpacked(values[2]), int(values[1]))
        case "shapes":
            return Shaped(_unpacked(values[0]))
        case "holes":
            return FillHoles(int(values[0]))
        case "specks":
            return RemoveSpecks(int(values[0]))
        case "invert":
            return Invert()
        case "feather":
            return Feather(float(values[0]), _SIDES[values[1]])
    numbers = tuple(map(float, values))
    kinds: dict[str, Callable[..., Done]] = {
        "grow": Grow, "blur": Blur, "streak": Streak, "smooth": Smooth, "levels": Levels
    }  # fmt: skip
    return kinds[name](*numbers)


def _packed(text: str) -> str:
    """Without a mark of its own inside."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 6)).decode()


def _unpacked(packed: str) -> str:
    return zlib.decompress(base64.urlsafe_b64decode(packed)).decode()


def taken_apart(key: str) -> tuple[str, tuple[Done, ...]]:
    """The key that a matte was made from last, and what was done to that; nothing for a matte that was not finished."""
    plain, step = key.rfind(_PLAIN), key.rfind(_STEP)
    if max(plain, step) < 0:
        return key, ()
    if step > plain:
        return key[:step], (_read(key[step + len(_STEP) :]),)
    holes, specks, grown, inverted = key[plain + len(_PLAIN) :].split(",")
    steps = Finish.of(int(holes), int(specks), float(grown), inverted == "1").steps
    return key[:plain], tuple(step for step in steps if not isinstance(step, Combine | MotionBlur))


def unfinished(key: str) -> str:
    """The key that lies in the store: of what was finished, all finishes taken away."""
    return key.partition("~")[0]


def sources(key: str) -> Iterator[str]:
    """The keys in the store that a matte is made from: its own, and those of the layers it was combined with."""
    own, done = taken_apart(key)
    if not done:
        yield key
        return
    for each in done:
        if isinstance(each, Combined):
            yield from sources(each.key)
    yield from sources(own)
