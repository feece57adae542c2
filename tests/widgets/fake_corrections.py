"""Corrections for the widgets' tests: pairs that a test puts in, marks that count at once, requests written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.arrays import UInt8
from core.corrections.cutting import Pair, PairPixels, cut, seen, thumbnail
from core.corrections.record import About, PairId, PairRecord
from core.corrections.store import Entry
from core.geometry import Format, Window
from core.matte import Matte
from core.picture import Picture
from core.signal import Signal

CANVAS = Window(0, 0, 160, 120)


def pair(frame: int, shot: str = "sh010", layer: str = "Hero", artist: str = "ann", model: str = "propagate") -> Pair:
    """A disc of 30 px that the artist made 40 px; decided in its middle; on a blue ramp."""
    rows, columns = np.mgrid[:120, :160] + 0.5
    distance = np.hypot(columns - 80, rows - 60)
    before, after = (Matte(CANVAS, np.clip(r - distance, 0, 1).astype(np.float32)) for r in (30, 40))
    decided = Matte(CANVAS, (distance < 20).astype(np.float32))
    rgba = np.ones((120, 160, 4), np.float16)
    rgba[..., :3] = np.stack([columns / 640, rows / 480, np.full((120, 160), 0.3)], axis=-1)
    about = About(
        shot=shot,
        plate=f"plate of {shot}",
        layer_id=layer.lower(),
        frame=frame,
        window=CANVAS,
        canvas=CANVAS,
        layer=layer,
        artist=artist,
        model=model,
        prompts=1,
        strokes=2,
    )
    said, pixels = cut(about, Picture(rgba, CANVAS, Format(CANVAS)), before, after, decided, {})
    made = f"2026-01-02T10:{frame % 60:02d}:00.000000+00:00"
    return Pair(PairRecord(said, made, {}, f"{shot}-{layer}-{frame}"), pixels)


class FakeCorrections:
    """Implements `widgets.corrections.CorrectionRoom`."""

    def __init__(self) -> None:
        self.changed: Signal[None] = Signal()
        self.thumbnail_ready: Signal[PairId] = Signal()
        self.on = True
        self.show: Path | None = None
        self.of_show = False
        self.busy = False
        self.sentence = ""
        self.pairs: dict[PairId, Pair] = {}
        self.listed: tuple[Entry, ...] = ()
        self.asked: list[tuple[Any, ...]] = []

    def put(self, *pairs: Pair) -> None:
        """What a test puts in."""
        self.pairs |= {each.record.id: each for each in pairs}
        self.listed = tuple(Entry(each.record, (each.record.id,)) for each in self.pairs.values())
        self.sentence = f"{len(self.listed)} pairs."
        self.changed.emit(None)

    def switch(self, on: bool) -> None:
        self.on = on
        self.changed.emit(None)

    def use_show(self, folder: Path | None) -> None:
        self.show = folder
        self.changed.emit(None)

    def list_show(self, of_show: bool) -> None:
        self.of_show = of_show
        self.changed.emit(None)

    def entries(self) -> tuple[Entry, ...]:
        return self.listed

    def refresh(self) -> None:
        self.asked.append(("refresh",))
        self.changed.emit(None)

    def remember(self) -> None:
        self.asked.append(("remember",))

    def thumbnail(self, pair_id: PairId) -> UInt8 | None:
        kept = self.pairs[pair_id]
        pixels: PairPixels = kept.pixels
        return pixels.thumbnail if pixels.thumbnail is not None else thumbnail(kept.rgb(), pixels)

    def look(self, pair_id: PairId, came: Callable[[PairRecord, UInt8], None]) -> None:
        self.asked.append(("look", pair_id))
        kept = self.pairs[pair_id]
        came(kept.record, seen(kept.rgb(), kept.pixels, 1.0, 1400))

    def exclude(self, pairs: Sequence[PairId], excluded: bool = True) -> None:
        self.asked.append(("exclude", tuple(pairs), excluded))
        self.listed = tuple(
            replace(each, excluded=excluded) if each.record.id in pairs else each for each in self.listed
        )
        self.changed.emit(None)

    def delete(self, pairs: Sequence[PairId]) -> None:
        self.asked.append(("delete", tuple(pairs)))
        self.listed = tuple(each for each in self.listed if each.record.id not in pairs)
        self.changed.emit(None)

    def export(self, path: Path) -> None:
        self.asked.append(("export", path))

    def bring(self, path: Path) -> None:
        self.asked.append(("bring", path))
