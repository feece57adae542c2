"""Generated pictures as cases of a bench: for figures that can be had again without any data."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from app.bench.truth import Pair
from core.arrays import Float32
from core.errors import PenumbraError
from inference.training.pictures.unseen import unseen_pictures

SIDE = 480


def generated_pair(folder: Path, count: int, side: int = SIDE) -> Pair:
    """Write pictures of seeds that were never trained on, and their masks, as PNGs below `folder`/generated."""
    pictures, masks = folder / "generated/pictures", folder / "generated/masks"
    for each in (pictures, masks):
        each.mkdir(parents=True, exist_ok=True)
    for seed, rgb, matte in unseen_pictures(count, side):
        _write(pictures / f"{seed}.png", rgb[..., ::-1])
        _write(masks / f"{seed}.png", np.asarray(matte >= 0.5, np.float32))
    return pictures, masks


def _write(path: Path, values: Float32) -> None:
    done, data = cv2.imencode(".png", np.rint(values * 255).astype(np.uint8))
    if not done:
        raise PenumbraError(str(path), why="cannot be made a PNG")
    path.write_bytes(data.tobytes())
