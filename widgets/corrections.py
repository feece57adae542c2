"""What the window asks of the corrections that are kept for learning. The real room is `app/corrections.py`. Qt-free.

Every call returns at once; what came of it is heard through the signals, on the interface's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from core.arrays import UInt8
from core.corrections.record import PairId, PairRecord
from core.corrections.store import Entry
from core.signal import Signal


class CorrectionRoom(Protocol):
    """The project's store, and the show's where there is one."""

    changed: Signal[None]
    """The list or the sentence is another now."""
    thumbnail_ready: Signal[PairId]

    @property
    def on(self) -> bool:
        """Whether corrections are remembered."""

    def switch(self, on: bool) -> None:
        """Remember corrections from now on, or do not. What is kept stays."""

    @property
    def show(self) -> Path | None:
        """The folder of the whole show's store, to which new pairs are copied as well."""

    def use_show(self, folder: Path | None) -> None:
        """Copy to this folder from now on; it need not be there yet."""

    @property
    def of_show(self) -> bool:
        """Whether the show's pairs are listed, not the project's."""

    def list_show(self, of_show: bool) -> None:
        """List the show's pairs, or the project's."""

    @property
    def busy(self) -> bool:
        """Whether something is being read or written."""

    @property
    def sentence(self) -> str:
        """What is being done, or what there is."""

    def entries(self) -> tuple[Entry, ...]:
        """What was listed last: neither deleted nor withdrawn pairs."""

    def refresh(self) -> None:
        """List again: others may have written."""

    def remember(self) -> None:
        """Look for corrections that are not kept yet, if remembering is on."""

    def thumbnail(self, pair_id: PairId) -> UInt8 | None:
        """(h, w, 5) uint8, see `core.corrections.cutting.PairPixels`; None until `thumbnail_ready`."""

    def look(self, pair_id: PairId, came: Callable[[PairRecord, UInt8], None]) -> None:
        """Read a pair to look at it: its record, and (h, w, 6) uint8 as `core.corrections.cutting.seen` has it."""

    def exclude(self, pairs: Sequence[PairId], excluded: bool = True) -> None:
        """Do not train on these, or do so again."""

    def delete(self, pairs: Sequence[PairId]) -> None:
        """Never show these again, nor train on them."""

    def export(self, path: Path) -> None:
        """Write what is listed into one file."""

    def bring(self, path: Path) -> None:
        """Take in what an export or another store has."""
