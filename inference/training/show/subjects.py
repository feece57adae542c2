"""The layers of a correction store, each as a small plate with corrected frames, so that `fine_tune` can be given it.

A pair holds what was cut out around the subject; frames of one layer differ in size. Knows stores and arrays; no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from core.arrays import Float32
from core.corrections.cutting import Pair
from core.corrections.record import PairRecord, Split
from core.corrections.store import CorrectionStore
from core.errors import FrameError, ProjectError
from core.frames import FrameNumber
from inference.model import Lesson

LEAST_PX: Final = 16
"""A subject with fewer pixels than this has nothing to teach."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One layer of one shot. `records` are its pairs, by frame."""

    shot: str
    layer: str
    records: tuple[PairRecord, ...]


class CutFrames:
    """A `FrameSource` of what was cut out of a layer's frames, each of its own size."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        """`pairs` are of one plate, one a frame, at least one."""
        self._pairs = {pair.record.about.frame: pair for pair in pairs}
        self._canvas = pairs[0].record.about.canvas

    def shape(self) -> tuple[int, int]:
        """Of the whole plate: sizes are meant as parts of it."""
        return self._canvas.shape

    def rgb(self, frame: FrameNumber, long_edge_px: int | None = None) -> Float32:
        """(h, w, 3) scene-linear: the piece, as large as it is in a plate of this longer edge. Raises FrameError."""
        if frame not in self._pairs:
            raise FrameError(f"Frame {frame}", "is not among the corrections", "Choose one that is.")
        whole = self._pairs[frame].rgb()
        scale = min(1.0, (long_edge_px or max(self.shape())) / max(self.shape()))
        if scale == 1.0:
            return whole
        size = (max(1, round(whole.shape[1] * scale)), max(1, round(whole.shape[0] * scale)))
        return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.float32)

    def lessons(self, held_out: Iterable[FrameNumber] = ()) -> tuple[Lesson, ...]:
        """One a pair, by frame; those of `held_out` are only measured on."""
        kept = set(held_out)
        return tuple(
            Lesson(
                frame,
                pair.pixels.after.astype(np.float32),
                pair.pixels.decided.astype(np.float32),
                held_out=frame in kept,
            )
            for frame, pair in sorted(self._pairs.items())
        )


def subjects(store: CorrectionStore, split: Split) -> tuple[Subject, ...]:
    """What a store has to teach (`train`) or to measure on (`validation`), without opening any pixels."""
    layers: dict[tuple[str, str], list[PairRecord]] = {}
    for record in store.teaching(split):
        layers.setdefault((record.about.plate, record.about.layer_id), []).append(record)
    found = [
        Subject(records[0].about.shot, records[0].about.layer or records[0].about.layer_id, tuple(records))
        for records in layers.values()
    ]
    return tuple(sorted(found, key=lambda subject: (subject.shot, subject.layer, subject.records[0].id)))


def opened(
    store: CorrectionStore, records: Iterable[PairRecord], damaged: Callable[[ProjectError], None]
) -> CutFrames | None:
    """The pixels of some of a subject's pairs; None where none of them can be read or shows anything.

    Args:
        damaged: told of each pair that cannot be read.
    """
    pairs = []
    for record in records:
        try:
            pairs.append(store.pair(record.id))
        except ProjectError as error:
            damaged(error)
    if any(np.count_nonzero(pair.pixels.after > 0.5) >= LEAST_PX for pair in pairs):
        return CutFrames(pairs)
    return None
