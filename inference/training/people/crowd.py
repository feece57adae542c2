"""Many people into a folder, each of a seed of its own: PNG cut-outs for `penumbra train bank`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from core.disk import cause, write_whole
from core.errors import PenumbraError
from inference.training.people.assets import Library
from inference.training.people.person import person


def crowd(
    library: Library, out: Path, count: int, seed: int, on_person: Callable[[int], None] = lambda _done: None
) -> None:
    """People `seed`, `seed` + 1, … as `person_000000.png`; those that are there already stay as they are."""
    if count < 1:
        raise PenumbraError(str(out), why="nobody is to be made", hint="--count takes 1 or more.")
    try:
        out.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            path = out / f"person_{seed + number:06d}.png"
            if not path.exists():
                picture = np.ascontiguousarray(person(library, seed + number)[..., [2, 1, 0, 3]])
                done, data = cv2.imencode(".png", picture)
                if not done:
                    raise PenumbraError(str(path), why="cannot be made a PNG")
                write_whole(path, data.tobytes(), sync=False)
            on_person(number + 1)
    except OSError as error:
        raise PenumbraError(str(out), why=f"cannot be written: {cause(error)}") from error
