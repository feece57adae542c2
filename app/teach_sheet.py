"""A contact sheet of what was taught: each key frame as the artist left it, and what two models make of it.

Each frame is asked for as if it were no key frame: propagated from the others. Knows mattes, pictures and a display
transform; the drawing runs on a worker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.contact_sheet import SheetRow, contact_sheet
from app.worst_frames import CELL_PX, around_subject, picture_of
from core.arrays import UInt8
from core.color import DisplayTransform
from core.errors import FrameError
from core.frames import FrameNumber
from core.geometry import Window
from core.layer import Layer
from core.matte import Matte
from core.picture import Picture

MOST_FRAMES: Final = 6
CELL_WIDTH_PX: Final = 420


@dataclass(frozen=True, slots=True)
class SheetFrame:
    """One row: the matte the artist agreed to, and what each model answers; None where it gave no answer."""

    frame: FrameNumber
    held_out: bool
    agreed: Matte
    answers: tuple[Matte | None, ...]

    def note(self, canvas: Window) -> str:
        """`held out   2.10 % > 0.84 %`: mean absolute error of each answer."""
        truth = self.agreed.over(canvas)
        errors = [
            "-" if answer is None else f"{float(np.abs(answer.over(canvas) - truth).mean()):.2%}"
            for answer in self.answers
        ]
        return f"{'held out' if self.held_out else 'taught'}   {' > '.join(errors)}"


def frames_shown(layer: Layer, held_out: Sequence[FrameNumber]) -> tuple[FrameNumber, ...]:
    """What was held out first; then the other key frames made by hand, spread over the shot; ascending."""
    first = [frame for frame in layer.frames_by_hand if frame in held_out][:MOST_FRAMES]
    others = [frame for frame in layer.frames_by_hand if frame not in first]
    room = min(len(others), MOST_FRAMES - len(first))
    spread = [others[place * len(others) // room] for place in range(room)]
    return tuple(sorted([*first, *spread]))


def drawn(
    rows: Sequence[SheetFrame],
    titles: Sequence[str],
    canvas: Window,
    read: Callable[[FrameNumber], Picture],
    transform: DisplayTransform,
) -> UInt8 | None:
    """(H, W, 3) uint8; None where no frame can be read. `titles` are of the models."""
    lines = []
    for row in rows:
        try:
            picture = read(row.frame)
        except FrameError:
            continue
        around = around_subject(row.agreed, canvas)
        nothing = np.full((CELL_PX[1], CELL_PX[0], 3), 24, np.uint8)
        cells = [
            nothing if matte is None else picture_of(picture, matte, canvas, transform, around)
            for matte in (row.agreed, *row.answers)
        ]
        lines.append(SheetRow(row.frame, tuple(cells), row.note(canvas)))
    return contact_sheet(("Yours", *titles), lines, CELL_WIDTH_PX) if lines else None
