"""A list of everything a side of a comparison can show: plate, references, each layer's matte, comp and takes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QSizePolicy

from core.layer import Layer
from widgets.chooser import Chooser
from widgets.studio import Studio
from widgets.view_state import Look, Source, SourceKind

GONE = "not there any more"
Entry = tuple[str, Source | None]
"""What the list says and what it stands for; a heading stands for nothing."""


def entries(studio: Studio, look: Look) -> tuple[Entry, ...]:
    """The chosen layer comes first and is what matte and comp mean; the other layers are named."""
    found: list[Entry] = [("Plate", Source())]
    layers = studio.document.shot.layers
    chosen = studio.document.shot.find(look.layer_id)
    found += [("Matte", Source(SourceKind.MATTE)), ("Comp", Source(SourceKind.COMP))]
    takes = studio.takes(chosen.id) if chosen is not None else ()
    if takes:
        found.append(("Takes", None))
    for take in takes:
        found.append((take.name, Source(SourceKind.TAKE, take.id)))
        found.append((f"Comp of {take.name}", Source(SourceKind.COMP, take.id)))
    references = studio.references.plates()
    if references:
        found.append(("Reference plates", None))
    for plate in references:
        placing = studio.references.placing(plate.id)
        name = plate.name if placing == "same frame numbers" else f"{plate.name} ({placing})"
        found.append((name, Source(SourceKind.PLATE, plate_id=plate.id)))
        found.append((f"Comp of {plate.name}", Source(SourceKind.COMP, plate_id=plate.id)))
    for layer in layers:
        if layer is not chosen:
            found += _of_another(studio, layer)
    return tuple(found)


def _of_another(studio: Studio, layer: Layer) -> list[Entry]:
    found: list[Entry] = [(layer.name, None)]
    found.append((f"{layer.name}: matte", Source(SourceKind.MATTE, layer_id=layer.id)))
    found.append((f"{layer.name}: comp", Source(SourceKind.COMP, layer_id=layer.id)))
    for take in studio.takes(layer.id):
        found.append((f"{layer.name}: {take.name}", Source(SourceKind.TAKE, take.id, layer.id)))
        found.append((f"{layer.name}: comp of {take.name}", Source(SourceKind.COMP, take.id, layer.id)))
    return found


class SourceChooser(Chooser):
    """The list of one side. `chosen` is called with what the artist picks."""

    def __init__(self, side: str, chosen: Callable[[Source], None]) -> None:
        super().__init__()
        self._listed: tuple[Entry, ...] = ()
        self.setAccessibleName(f"Source {side}")
        self.setToolTip(f"What side {side} shows")
        self.setMinimumWidth(104)
        self.setMaximumWidth(220)
        self.setMaxVisibleItems(30)
        self.setPlaceholderText(GONE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.activated.connect(lambda place: self._picked(place, chosen))

    def show_source(self, listed: tuple[Entry, ...], source: Source) -> None:
        """List these and show this one, without saying that it was picked."""
        with QSignalBlocker(self):
            if listed != self._listed:
                self._listed = listed
                self._fill()
            sources = [_named(known) for _text, known in listed]
            self.setCurrentIndex(sources.index(_named(source)) if _named(source) in sources else -1)

    def _picked(self, place: int, chosen: Callable[[Source], None]) -> None:
        source = self._listed[place][1]
        if source is not None:
            chosen(source)

    def _fill(self) -> None:
        model = QStandardItemModel(self)
        for text, source in self._listed:
            item = QStandardItem(text)
            if source is None:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            model.appendRow(item)
        self.setModel(model)
        longest = max((self.fontMetrics().horizontalAdvance(text) for text, _source in self._listed), default=80)
        self.view().setMinimumWidth(min(420, longest + 28))


def _named(source: Source | None) -> Source | None:
    """A take is the same one whoever's it is."""
    return Source(source.kind, source.take_id) if source is not None and source.take_id else source
