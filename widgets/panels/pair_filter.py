"""Which pairs are listed: by shot, layer, artist and model. Four choosers that know what there is to choose."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QGridLayout, QWidget

from core.corrections.record import About
from core.corrections.store import Entry
from widgets.chooser import Chooser

KINDS: tuple[tuple[str, Callable[[About], str]], ...] = (
    ("shots", lambda about: about.shot),
    ("layers", lambda about: about.layer or about.layer_id),
    ("artists", lambda about: about.artist or "nobody"),
    ("models", lambda about: about.model or "no model"),
)


class PairFilter(QWidget):
    """Args: `filtered` is called when the artist chose something else."""

    def __init__(self, filtered: Callable[[], None]) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        self.choosers: dict[str, Chooser] = {}
        for number, (name, _value) in enumerate(KINDS):
            chooser = Chooser()
            chooser.setAccessibleName(f"Show {name}")
            chooser.setMinimumContentsLength(6)
            chooser.setSizeAdjustPolicy(Chooser.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            chooser.addItem(f"All {name}", "")
            chooser.currentIndexChanged.connect(lambda _place: filtered())
            grid.addWidget(chooser, number // 2, number % 2)
            grid.setColumnStretch(number % 2, 1)
            self.choosers[name] = chooser

    def offer(self, entries: Iterable[Entry]) -> None:
        """What there is to choose now. A choice that is there no more becomes all; nobody is called."""
        known = list(entries)
        for name, value in KINDS:
            chooser = self.choosers[name]
            wanted = sorted({value(entry.record.about) for entry in known})
            if [chooser.itemData(place) for place in range(1, chooser.count())] == wanted:
                continue
            chosen = chooser.currentData()
            with QSignalBlocker(chooser):
                while chooser.count() > 1:
                    chooser.removeItem(1)
                for each in wanted:
                    chooser.addItem(each, each)
                chooser.setCurrentIndex(wanted.index(chosen) + 1 if chosen in wanted else 0)

    def passes(self, entry: Entry) -> bool:
        """Whether a pair is to be listed."""
        chosen = ((self.choosers[name].currentData(), value) for name, value in KINDS)
        return all(not wanted or value(entry.record.about) == wanted for wanted, value in chosen)
