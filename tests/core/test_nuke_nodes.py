"""The text for Nuke is read back by a small reader of such scripts: nodes, knobs, and who is connected to whom."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.delivery import ExportPlan, deliveries
from core.frames import FrameRange
from core.geometry import Format, Window
from core.layer import Layer
from core.nuke_nodes import nuke_channel, nuke_nodes
from core.plate import Plate
from core.shot import Shot

FORMAT = Format(Window(0, 0, 8, 6))
PLATE = Plate(
    "p", "sh010", Path("/show/my plates/sh010.####.exr"), FrameRange(990, 1010), FORMAT, FORMAT.display, "ACEScg"
)
SHOT = Shot((PLATE,), None, (Layer("a", "Hero"), Layer("b", "Häare, links"), Layer("c", "Sky")))


@dataclass
class Node:
    kind: str
    knobs: dict[str, str] = field(default_factory=dict)
    inputs: list[Node] = field(default_factory=list)


def read_back(text: str) -> tuple[list[Node], list[str]]:
    """The nodes in their order, each with what it takes from the stack (input 0 first); and the layers it adds."""
    nodes, layers, stack = [], [], list[Node]()
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("add_layer"):
            layers.append(line.removeprefix("add_layer {").removesuffix("}"))
        if not (begun := re.fullmatch(r"(\w+) \{", line)):
            continue
        node = Node(begun[1])
        while (line := next(lines)) != "}":
            name, value = line.strip().split(" ", 1)
            quoted = re.fullmatch(r'"(.*)"', value)
            node.knobs[name] = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else value
        count = int(node.knobs.get("inputs", "1"))
        node.inputs = [stack.pop() for _ in range(count)]
        stack.append(node)
        nodes.append(node)
    return nodes, layers


def nodes_of(name: str, layers: tuple[str, ...], **more: Any) -> tuple[list[Node], list[str]]:
    plan = ExportPlan(f"/out/{name}", layers, FrameRange(1001, 1004), **more)
    return read_back(nuke_nodes(plan, deliveries(plan, SHOT), PLATE))


def test_a_matte_is_copied_into_the_plates_alpha() -> None:
    """Copy takes the alpha of its second input into its first, which is the plate; then it is premultiplied."""
    nodes, layers = nodes_of("{layer}.####.exr", ("a",))

    premult = nodes[-1]
    (copy,) = premult.inputs
    into, from_ = copy.inputs
    assert (premult.kind, copy.kind, into.kind, from_.kind) == ("Premult", "Copy", "Read", "Read")
    assert (copy.knobs["from0"], copy.knobs["to0"]) == ("rgba.alpha", "rgba.alpha")
    assert into.knobs["file"] == "/show/my plates/sh010.####.exr"
    assert from_.knobs["file"] == "/out/Hero.####.exr"
    assert (from_.knobs["first"], from_.knobs["last"], from_.knobs["raw"]) == ("1001", "1004", "true")
    assert "raw" not in into.knobs
    assert layers == []


def test_layers_bring_their_own_channels() -> None:
    """Each layer of one file, by Nuke's name for its channel, which is made known first."""
    nodes, layers = nodes_of("mattes.####.exr", ("a", "b"), kind="layers")

    copies = [node for node in nodes if node.kind == "Copy"]
    assert [copy.knobs["from0"] for copy in copies] == ["Hero.alpha", "H_are_links.alpha"]
    assert layers == ["Hero Hero.alpha", "H_are_links H_are_links.alpha"]
    assert {copy.inputs[1].knobs["file"] for copy in copies} == {"/out/mattes.####.exr"}


def test_channels_of_a_multi_matte() -> None:
    """Red, green and blue of one file."""
    nodes, _ = nodes_of("rgb.####.exr", ("a", "b", "c"), kind="rgb")

    froms = [node.knobs["from0"] for node in nodes if node.kind == "Copy"]
    assert froms == ["rgba.red", "rgba.green", "rgba.blue"]


def test_a_cryptomatte_picks_every_layer() -> None:
    """By name, quoted where a name has a comma; its channels by the name of the Cryptomatte."""
    nodes, _ = nodes_of("crypto.####.exr", ("a", "b"), kind="cryptomatte", pixel_type="float")

    assert [node.kind for node in nodes] == ["Read", "Cryptomatte"]
    assert nodes[1].knobs["matteList"] == 'Hero, "Häare, links"'
    assert nodes[1].knobs["cryptoLayer"] == "crypto_penumbra"
    assert nodes[1].inputs == [nodes[0]]


@pytest.mark.parametrize(("name", "kind"), [("comp.####.exr", "comp"), ("m.mov", "prores"), ("m.mp4", "h264")])
def test_what_brings_its_own_color_is_read_alone(name: str, kind: str) -> None:
    """A comp by its frames, a movie shifted to the shot's numbers; a straight one is said to be."""
    nodes, _ = nodes_of(name, ("a", "b"), kind=kind)

    (read,) = nodes
    assert read.knobs["file"] == f"/out/{name}"
    if kind != "comp":
        assert (read.knobs["first"], read.knobs["last"], read.knobs["frame"]) == ("1", "4", "1001")
    assert read.knobs.get("premultiplied") == ("false" if kind == "prores" else None)


def test_grey_stills_are_red_in_nuke() -> None:
    assert (nuke_channel("A", still=True), nuke_channel("A"), nuke_channel("G")) == (
        "rgba.red",
        "rgba.alpha",
        "rgba.green",
    )
