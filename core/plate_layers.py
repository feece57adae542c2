"""Everything in a plate's files that can be looked at: a line for each layer of each part and view, with its channels.

Knows names and headers, no pixels. What is matted is another question (`core/plate_choices.py`): looking at depth
edits nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from core.channels import layers_of, split_channel
from core.exr import ExrFile, ExrPart
from core.plate import Plate


class Shown(NamedTuple):
    """What is looked at, by the names in the file; all empty for the plate as it is matted.

    `channel` is one channel alone by its full name, shown as data.
    """

    part: str = ""
    layer: str = ""
    view: str = ""
    channel: str = ""

    def of(self, plate: Plate) -> Plate:
        """The plate read so: the same files, other pixels. The plate itself where nothing is named."""
        if self == AS_MATTED:
            return plate
        return replace(plate, part=self.part, layer=self.layer, view=self.view, channel=self.channel)


AS_MATTED = Shown()


@dataclass(frozen=True, slots=True)
class PlateLayer:
    """One line of the layer picker.

    Args:
        part: its name, or its number where it has none.
        layer: empty for the unnamed one.
        view: by name; empty where the file does not say.
        channels: full names, R, G, B, A first.
        name: what the artist reads.
        is_color: whether it has R, G, B or luminance; else it is data.
        why_not: why it cannot be read, as a sentence's end; empty where it can.
    """

    part: str
    layer: str
    view: str
    channels: tuple[str, ...]
    name: str
    is_color: bool = True
    why_not: str = ""

    def shown(self, channel: str = "") -> Shown:
        """What `Look.shown` is to be for this line, or for one channel of it."""
        return Shown(self.part, self.layer, self.view, channel)

    def short(self, channel: str) -> str:
        """A channel's name without what the line says already: `R` of `diffuse.R`."""
        return channel.rsplit(".", 1)[-1]


_ORDER = {name: place for place, name in enumerate(("R", "G", "B", "A", "Y", "RY", "BY", "Z"))}


def plate_layers(file: ExrFile) -> tuple[PlateLayer, ...]:
    """Every layer of every view of every part, in the file's order; deep parts say that they cannot be read."""
    deep_beside = any(part.deep for part in file.parts) and not all(part.deep for part in file.parts)
    several_views = len({view for part in file.parts for view in part.views}) > 1
    found = []
    for part in file.parts:
        why_not = ""
        if part.deep:
            why_not = "deep data, which Penumbra does not read; flatten it in the compositor first"
        elif deep_beside:
            why_not = "the file holds deep parts beside it; write the flat part into a file of its own"
        for view in part.views or ("",):
            for layer, channels in layers_of(part, view).items():
                names = sorted((one.name for one in channels), key=lambda name: (_place(name, part), name))
                short = {split_channel(name, part.views)[2].upper() for name in names}
                color = {"R", "G", "B"} <= short or "Y" in short
                words = _words(file, part, layer, names)
                if several_views and view and view not in part.name:
                    words = f"{words} ({view})"
                found.append(PlateLayer(_called(part), layer, view, tuple(names), words, color, why_not))
    return tuple(found)


def _place(name: str, part: ExrPart) -> int:
    return _ORDER.get(split_channel(name, part.views)[2].upper(), len(_ORDER))


def _called(part: ExrPart) -> str:
    return part.name or str(part.index)


def _words(file: ExrFile, part: ExrPart, layer: str, names: list[str]) -> str:
    """`rgba_left`, `rgba_left: key`, `diffuse`; an unnamed layer of an only part is called by its channels."""
    if len(file.parts) > 1:
        return _called(part) if not layer or layer in part.name else f"{_called(part)}: {layer}"
    if layer:
        return layer
    short = [split_channel(name, part.views)[2] for name in names]
    if set(short) >= {"R", "G", "B"}:
        return "RGBA" if "A" in short else "RGB"
    return ", ".join(short[:4]) + ("…" if len(short) > 4 else "")
