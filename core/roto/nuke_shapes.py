"""Roto shapes as a Nuke `Roto` node, and shapes out of one: curves with numbers as the bits of floats, y up.

Knows Nuke's text and geometry; writes no files. Points and their handles are read, at every key; a feather outline of
its own and a layer's or shape's own transform are not, and are named.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from uuid import uuid4

from core.errors import PenumbraError
from core.frames import FrameNumber
from core.geometry import Format
from core.roto.shape import Points, Role, RotoShape, ShapePoint
from core.roto.sound import sound

DEEPEST = 200
HOLE = "_hole"
"""A shape of this name's ending takes away; Nuke draws it black."""
_WORD = re.compile(r'\{|\}|"(?:\\.|[^"\\])*"|[^\s{}"]+')
Tree = list["Tree | str"]


@dataclass(frozen=True, slots=True)
class NukeShapes:
    """Args: `unread` says what of the node was not understood, in a few words each."""

    shapes: tuple[RotoShape, ...]
    unread: tuple[str, ...] = ()


def nuke_roto(shapes: Sequence[RotoShape], form: Format, name: str = "Roto1") -> str:
    """A node that can be pasted into Nuke or saved as a `.nk`.

    Args:
        shapes: each with a key; feathers, switches and the roles garbage and core have no place in the node.
        form: of the plate: Nuke's zero is the lower left corner of its display window.
    """
    middle = f"{_hex(form.display.width / 2)} {_hex(form.display.height / 2)}"
    groups = "".join(_group(shape, form) for shape in shapes)
    return (
        "Roto {\n inputs 0\n output alpha\n cliptype none\n"
        f" curves {{{{{{v x3f99999a}}\n  {{f 0}}\n  {{n\n   {{layer Root\n    {{f 2097152}}\n    {{t {middle}}}\n"
        f"    {{a}}{groups}}}}}}}}}\n name {_legal(name)}\n}}\n"
    )


def _group(shape: RotoShape, form: Format) -> str:
    keys = "".join(
        f"\n       {{px {_hex(frame)}" + "".join(_triple(point, form) for point in shape.keys[frame]) + "}"
        for frame in shape.frames
    )
    takes = shape.role is Role.SUBTRACT
    name = _legal(shape.name) + (HOLE if takes and not shape.name.endswith(HOLE) else "")
    if not takes and name.endswith(HOLE):
        name += "_"  # on the way back it would take away
    color = "r 0 g 0 b 0 a 0 " if takes else ""
    first = shape.keys[shape.frames[0]]
    x = sum(point.x for point in first) / len(first) - form.display.x0
    y = form.display.y1 - sum(point.y for point in first) / len(first)
    return (
        f"\n    {{curvegroup {name} 512 bezier\n     {{{{cc\n       {{f 8192}}{keys}}}     idem}}\n"
        f"     {{tx {_hex(shape.frames[0])} {_hex(x)} {_hex(y)}}}\n     {{a vis 1 {color}str 1 tt x40800000}}}}"
    )


def _triple(point: ShapePoint, form: Format) -> str:
    x, y = point.x - form.display.x0, form.display.y1 - point.y
    pairs = ((point.in_dx, -point.in_dy), (x, y), (point.out_dx, -point.out_dy))
    return "".join(f"\n        {{{_hex(across)} {_hex(up)}}}" for across, up in pairs)


def shapes_of_nuke(text: str, form: Format, role: Role = Role.ADD) -> NukeShapes:
    """The Bezier shapes of all `Roto` and `RotoPaint` nodes of a script.

    Args:
        role: of the shapes; those that are called a hole subtract.

    Raises:
        PenumbraError: there is no such node, or its curves are cut off.
    """
    shapes: list[RotoShape] = []
    unread: list[str] = []
    nodes = list(re.finditer(r"\bRoto(?:Paint)?\s*\{", text))
    if not nodes:
        raise PenumbraError("The script", why="holds no Roto node", hint="Copy the node in Nuke, or save it as a .nk.")
    for start, end in zip(nodes, [*(node.start() for node in nodes[1:]), len(text)], strict=True):
        curves = re.compile(r"\bcurves\s+(?=\{)").search(text, start.end(), end)
        if curves is None:
            continue
        for group in _groups(_parsed(text, curves.end()), unread):
            shape = _shape(group, form, role, unread)
            if shape is not None:
                shapes.append(shape)
    return NukeShapes(tuple(shapes), tuple(dict.fromkeys(unread)))


def _parsed(text: str, begin: int) -> Tree:
    """The braces that begin here, as lists in lists."""
    stack: list[Tree] = []
    for word in _WORD.finditer(text, begin):
        if word[0] == "{":
            if len(stack) == DEEPEST:
                raise PenumbraError("The script", why="its braces do not fit", hint="Copy or save the node again.")
            stack.append([])
        elif word[0] == "}":
            done = stack.pop()
            if not stack:
                return done
            stack[-1].append(done)
        else:
            stack[-1].append(word[0].strip('"'))
    raise PenumbraError("The script", why="ends in the middle of a Roto node", hint="Copy or save the node again.")


def _groups(tree: Tree, unread: list[str]) -> Iterator[Tree]:
    """All curve groups, however deep their layers are."""
    if tree[:1] == ["curvegroup"]:
        yield tree
        return
    if tree[:1] == ["layer"] and any(_starts(part, "t") and len(part) > 3 for part in tree if isinstance(part, list)):
        unread.append(f"the transform of layer {tree[1]}")
    if tree[:1] == ["stroke"]:
        unread.append("brush strokes")
    for part in tree:
        if isinstance(part, list):
            yield from _groups(part, unread)


def _starts(part: Tree | str, word: str) -> bool:
    return isinstance(part, list) and part[:1] == [word]


def _shape(group: Tree, form: Format, role: Role, unread: list[str]) -> RotoShape | None:
    name = str(group[1]) if len(group) > 1 else "shape"
    if "bezier" not in group[:4]:
        unread.append(f"{name}, which is no Bezier")
        return None
    curves = [part for part in group if isinstance(part, list) and part and _starts(part[0], "cc")]
    if not curves:
        return None
    if any(_starts(part, "t") for part in group):
        unread.append(f"the transform of {name}")
    outline = curves[0]
    if len(outline) > 1 and _starts(outline[1], "cc"):
        unread.append(f"the feather of {name}")
    keys = dict(_keys(outline[0], form, name))
    if not keys:
        return None
    none: Tree = ["a"]
    attributes = next((part for part in group if isinstance(part, list) and _starts(part, "a")), none)
    on = not _says(attributes, "vis", "0")
    ordered = MappingProxyType(dict(sorted(keys.items())))
    made = sound(RotoShape(name, ordered, role, on=on, id=uuid4().hex[:12]))
    if name.endswith(HOLE):
        return replace(made, name=name.removesuffix(HOLE), role=Role.SUBTRACT)
    return made


def _says(attributes: Tree, name: str, value: str) -> bool:
    return name in attributes[:-1] and attributes[attributes.index(name) + 1] == value


def _keys(outline: Tree | str, form: Format, name: str) -> Iterator[tuple[FrameNumber, Points]]:
    for part in outline:
        if not isinstance(part, list) or part[:1] not in (["px"], ["p"]):
            continue
        pairs = [pair for pair in part if isinstance(pair, list)]
        timed = part[0] == "px"
        if len(pairs) % 3 or any(len(pair) != 2 for pair in pairs) or (timed and pairs == part[1:]):
            raise PenumbraError(name, why="has a point that is not three pairs of numbers", hint="Save it again.")
        frame = round(_number(str(part[1]))) if timed else 1
        numbers = [(_number(str(across)), _number(str(up))) for across, up in pairs]
        yield frame, tuple(_point(*numbers[at : at + 3], form=form) for at in range(0, len(numbers), 3))


def _point(
    before: tuple[float, float], place: tuple[float, float], after: tuple[float, float], *, form: Format
) -> ShapePoint:
    x, y = place[0] + form.display.x0, form.display.y1 - place[1]
    return ShapePoint(x, y, before[0], -before[1] + 0.0, after[0], -after[1] + 0.0)


def _hex(number: float) -> str:
    """A float's bits as Nuke writes them; zero as it is."""
    bits = struct.pack(">f", number + 0.0).hex()
    return "0" if bits == "00000000" else f"x{bits}"


def _number(word: str) -> float:
    if re.fullmatch(r"x[0-9a-fA-F]{1,8}", word):
        number = float(struct.unpack(">f", bytes.fromhex(word[1:].zfill(8)))[0])
    else:
        try:
            number = float(word)
        except ValueError:
            number = math.nan
    if not math.isfinite(number):
        hint = "Bake expressions and save the node again."
        raise PenumbraError("The script", why=f"{word[:40]!r} stands where a number should be", hint=hint)
    return number


def _legal(name: str) -> str:
    legal = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_") or "shape"
    return f"_{legal}" if legal[0].isdigit() else legal
