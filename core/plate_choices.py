"""What can be chosen about a plate: the parts, layers and views that its files have.

Knows names and headers, no pixels. Only EXR files have choices; a movie, PNG, TIFF or JPEG has none.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from core.channels import choose_channels, layers_of
from core.errors import FrameError
from core.exr import ExrFile, ExrPart, read_header
from core.plate import Plate
from core.plate_layers import AS_MATTED, PlateLayer, Shown, plate_layers
from core.plate_reader import is_exr
from core.sequence import find_sequence


class Reading(NamedTuple):
    """Part, layer and view by name, as `open_plate` takes them and a `Plate` keeps them; empty for the default."""

    part: str = ""
    layer: str = ""
    view: str = ""


@dataclass(frozen=True, slots=True)
class PartChoices:
    """One part that can be read.

    Args:
        name: its name, or its number where it has none.
        views: the views in it, the default one first; empty where the file does not say.
        layers: view → its layers, empty for the unnamed one; the key is empty where the part has no views. The
            unnamed layer is left out where an empty name means another one (`choose_channels`).
    """

    name: str
    views: tuple[str, ...] = ()
    layers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def view(self, wanted: str) -> str:
        """The view that is read for this name; the default one if it is empty or the part does not have it."""
        return wanted if wanted in self.views else self.views[0] if self.views else ""

    def reading(self, layer: str, view: str, part: str | None = None) -> Reading:
        """This part with these names as far as it has them; `part` is how the part is called, its name by default."""
        view = self.view(view)
        kept = layer if layer in self.layers.get(view, ()) else ""
        default = not self.views or view == self.views[0]
        return Reading(self.name if part is None else part, kept, "" if default else view)


@dataclass(frozen=True, slots=True)
class PlateChoices:
    """What the first readable frame of a plate offers; nothing where there is nothing to choose from.

    Args:
        parts: those with pixels that can be read, in the file's order.
        defaults: view → the part that is read when only the view is named; empty for no name at all.
        lines: everything that can be looked at, deep parts too: the layer picker's list.
    """

    parts: tuple[PartChoices, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[PlateLayer, ...] = ()

    def line(self, plate: Plate, shown: Shown) -> PlateLayer | None:
        """The line of the picker that is looked at; None where the file does not have it."""
        if shown == AS_MATTED:
            shown = Shown(*self.shown(plate))
        exact = (line for line in self.lines if line.shown() == shown._replace(channel=""))
        part = self.part(plate)
        default = shown.view or (part.view("") if part else "")
        of_view = (line for line in self.lines if line.part == shown.part and line.view == default)
        return next(exact, None) or next(of_view, None)

    def matted(self, plate: Plate) -> Shown:
        """The line that is matted, as the picker would name it."""
        line = self.line(plate, AS_MATTED)
        return line.shown() if line else AS_MATTED

    def look_at(self, plate: Plate, line: PlateLayer, channel: str = "") -> Shown:
        """What `Look.shown` is to be: empty when this line is the one that is matted."""
        shown = line.shown(channel)
        return AS_MATTED if shown == self.matted(plate) else shown

    def reading_of(self, plate: Plate, line: PlateLayer) -> Reading:
        """A line as a plate keeps it, its part and default view named only where the plate names them."""
        now = self.part(plate)
        part = next((part for part in self.parts if part.name == line.part), None)
        if part is None:
            return Reading(*_names(plate))
        return part.reading(line.layer, line.view, plate.part if part is now else None)

    def in_view(self, plate: Plate, shown: Shown, view: str) -> Shown:
        """The same thing seen by another eye, as far as the file has it; else that view's own picture."""
        line = self.line(plate, shown)
        of_view = [other for other in self.lines if other.view == view and not other.why_not]
        if line is None or not of_view:
            return shown
        twin = line.part.replace(line.view, view) if line.view else line.part
        for wanted in ((twin, line.layer), (twin, None), (self.defaults.get(view, ""), "")):
            for other in of_view:
                if other.part == wanted[0] and wanted[1] in (None, other.layer):
                    return self.look_at(plate, other, _same_channel(line, shown.channel, other))
        return self.look_at(plate, of_view[0])

    @property
    def views(self) -> tuple[str, ...]:
        """Every view of the file, the default one first."""
        return tuple(dict.fromkeys(view for part in self.parts for view in part.views))

    def part(self, plate: Plate) -> PartChoices | None:
        """The part that is shown; None where the file does not have it any more."""
        name = plate.part or self.defaults.get(plate.view, "")
        return next((part for part in self.parts if part.name == name), None) or self._numbered(name)

    def layers(self, plate: Plate) -> tuple[str, ...]:
        """The layers beside the one that is shown, itself included."""
        part = self.part(plate)
        return part.layers.get(part.view(plate.view), ()) if part else ()

    def shown(self, plate: Plate) -> Reading:
        """What is on screen, with the default part and view by their names in the file."""
        part = self.part(plate)
        return Reading(part.name, plate.layer, part.view(plate.view)) if part else Reading(*_names(plate))

    def with_part(self, plate: Plate, name: str) -> Reading:
        """Another part; layer and view stay where it has them, and its own defaults are taken where not."""
        part = next((part for part in self.parts if part.name == name), None)
        return part.reading(plate.layer, plate.view) if part else Reading(*_names(plate))

    def with_layer(self, plate: Plate, layer: str) -> Reading:
        """Another layer of the part and view that are shown."""
        return Reading(plate.part, layer, plate.view)

    def with_view(self, plate: Plate, view: str) -> Reading:
        """Another view: in the same part if it has it, else in the part of the same name (`rgba_right` for
        `rgba_left`), else in the part that is read for that view."""
        part, was = self.part(plate), self.shown(plate)
        if part is not None and view in part.views:
            return part.reading(plate.layer, view, plate.part)
        of_view = {each.name: each for each in self.parts if view in each.views}
        twin = was.part.replace(was.view, view) if was.view else ""
        other = of_view.get(twin) or of_view.get(self.defaults.get(view, ""))
        return other.reading(plate.layer, view) if other else Reading(*_names(plate))

    def _numbered(self, name: str) -> PartChoices | None:
        """Parts may be called by their number too."""
        return self.parts[int(name)] if name.isdigit() and int(name) < len(self.parts) else None


def choices_of(file: ExrFile) -> PlateChoices:
    """The choices of one file; deep parts are none."""
    flat = [part for part in file.parts if not part.deep]
    if not flat:
        return PlateChoices(lines=plate_layers(file))
    names = {part.index: part.name or str(part.index) for part in flat}
    parts = tuple(PartChoices(names[part.index], part.views, _layers(file, part, names[part.index])) for part in flat)
    views = dict.fromkeys(("", *(view for part in flat for view in part.views)))
    defaults = {view: names[choose_channels(file, view=view).part] for view in views}
    return PlateChoices(parts, defaults, plate_layers(file))


def read_choices(path: str | os.PathLike[str]) -> PlateChoices:
    """The choices of the first readable frame; only headers are read. Nothing for a format without parts.

    Raises:
        PlateError: nothing usable there.
    """
    sequence = find_sequence(path)
    if not is_exr(sequence):
        return PlateChoices()
    for frame in sequence.frames:
        try:
            return choices_of(read_header(sequence.path(frame)))
        except FrameError:
            continue  # named when it is read; the next one tells
    return PlateChoices()


def _layers(file: ExrFile, part: ExrPart, name: str) -> dict[str, tuple[str, ...]]:
    found = {}
    for view in part.views or ("",):
        unnamed = choose_channels(file, name, "", view).layer == ""
        found[view] = tuple(layer for layer in layers_of(part, view) if layer or unnamed)
    return found


def _same_channel(line: PlateLayer, channel: str, other: PlateLayer) -> str:
    """The channel of another line that is called alike; empty where it has none."""
    short = line.short(channel)
    return next((name for name in other.channels if channel and other.short(name) == short), "")


def _names(plate: Plate) -> tuple[str, str, str]:
    return plate.part, plate.layer, plate.view
