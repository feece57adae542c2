"""A delivery as Nuke nodes: text that is pasted into a node graph. The plate is read, each matte is read and copied in.

Knows Nuke's way to write nodes, and no files: a script is a stack machine, so each node takes its inputs from the
nodes above it. Channels have Nuke's names there: `A` of an EXR is `alpha`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.delivery.frame import CRYPTOMATTE
from core.delivery.plan import ExportPlan
from core.delivery.sequences import Delivery
from core.frames import FrameRange
from core.plate import Plate

STEP_X, STEP_Y = 140, 90
_NUKE = {"R": "red", "G": "green", "B": "blue", "A": "alpha"}
Knobs = Sequence[tuple[str, str]]


def nuke_nodes(plan: ExportPlan, planned: Sequence[Delivery], plate: Plate) -> str:
    """The text for the clipboard.

    A matte, a layer, a channel of a multi-matte: the plate with it in its alpha, premultiplied. A Cryptomatte: the
    node that picks the layers from it. A comp or a movie: read alone, for it brings its own color and alpha.
    """
    made = ["set cut_paste_input [stack 0]", "version 13.0 v1"]
    column = 0
    for delivery in planned:
        path, name = (delivery.directory / delivery.pattern).as_posix(), _legal(delivery.stem)
        if plan.is_movie:
            knobs = _of_movie(path, plan.frames) + ((("premultiplied", "false"),) if plan.kind == "prores" else ())
            made.append(_node("Read", [*knobs, ("name", name)], column, 0))
        elif plan.kind in ("comp", "cryptomatte"):
            made.append(_node("Read", [*_of_frames(path, plan.frames), ("raw", "true"), ("name", name)], column, 0))
        if plan.kind == "cryptomatte":
            names = ", ".join(_quoted(each) for each in delivery.channels)
            picks = [("matteList", names), ("cryptoLayer", CRYPTOMATTE), ("name", f"pick_{name}")]
            made.append(_node("Cryptomatte", picks, column, 2))
        if plan.kind in ("matte", "layers", "rgb"):
            for layer, channel in zip(delivery.layers, delivery.channels, strict=True):
                from_ = nuke_channel(channel, still=plan.suffix != ".exr")
                made += _copied(layer.name, path, from_, plate.path.as_posix(), plan.frames, column)
                column += 2
        column += 1
    return "\n".join(made) + "\n"


def _copied(name: str, path: str, channel: str, plate: str, frames: FrameRange, column: int) -> list[str]:
    """Matte and plate read, the matte copied into the plate's alpha, premultiplied. Of the two on the stack the upper
    one, read last, is what is copied into."""
    legal = _legal(name)
    layer = channel.partition(".")[0]
    known = [] if layer == "rgba" else [f"add_layer {{{layer} {channel}}}"]
    return [
        *known,
        _node("Read", [*_of_frames(path, frames), ("raw", "true"), ("name", f"matte_{legal}")], column + 1, 0),
        _node("Read", [*_of_frames(plate, frames), ("name", f"plate_{legal}")], column, 0),
        _node(
            "Copy",
            [("inputs", "2"), ("from0", channel), ("to0", "rgba.alpha"), ("name", f"copy_{legal}")],
            column,
            2,
        ),
        _node("Premult", [("name", f"premult_{legal}")], column, 3),
    ]


def _of_frames(path: str, frames: FrameRange) -> tuple[tuple[str, str], ...]:
    first, last = str(frames.first), str(frames.last)
    ends = (("first", first), ("last", last), ("origfirst", first), ("origlast", last), ("origset", "true"))
    return (("inputs", "0"), ("file", path), *ends, ("on_error", "black"))


def _of_movie(path: str, frames: FrameRange) -> tuple[tuple[str, str], ...]:
    """A movie's own frames begin at 1; they are shown at the shot's numbers."""
    ends = (("first", "1"), ("last", str(len(frames))), ("frame_mode", "start at"), ("frame", str(frames.first)))
    return (("inputs", "0"), ("file", path), *ends)


def _quoted(name: str) -> str:
    """A name in a Cryptomatte node's list."""
    if not re.search(r'[,\s"\\]', name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def nuke_channel(channel: str, *, still: bool = False) -> str:
    """What Nuke calls a channel of ours: `A` is `rgba.alpha`, `Hero.A` is `Hero.alpha`.

    Args:
        still: the file is a PNG or TIFF, whose one grey channel Nuke reads as red, green and blue.
    """
    layer, _, last = channel.rpartition(".")
    if still and channel == "A":
        return "rgba.red"
    return f"{_legal(layer) if layer else 'rgba'}.{_NUKE.get(last, last)}"


def _node(kind: str, knobs: Knobs, x: int, y: int) -> str:
    lines = [f" {name} {_word(value)}" for name, value in knobs]
    return "\n".join([f"{kind} {{", *lines, f" xpos {x * STEP_X}", f" ypos {y * STEP_Y}", "}"])


def _word(value: str) -> str:
    """A value as Tcl reads it back."""
    if re.fullmatch(r"[\w./:#%+-]+", value):
        return value
    escaped = re.sub(r'([\\"\[\]${}])', r"\\\1", value)
    return f'"{escaped}"'


def _legal(name: str) -> str:
    """A node's and a layer's name: letters, digits and `_`."""
    legal = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_") or "layer"
    return f"_{legal}" if legal[0].isdigit() else legal
