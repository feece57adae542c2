"""Generated scenes kept on disk, so that training draws them faster than they can be made.

A pool is a folder of shards. A shard is one compressed NumPy file with the scenes of some seeds in a row; it is
written whole or not at all, so a pool that was broken off is a smaller pool, and going on is calling again.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.arrays import UInt8
from core.disk import write_whole
from core.encoding import encode
from core.errors import PenumbraError
from inference.training.pictures.scene import Scene

PER_SHARD = 16
"""Scenes in a shard, unless the pool says otherwise."""
ENCODING = "srgb"
"""What the pool's pictures are kept in: 8 bits, above 1 clipped, as the segmenter sees them."""


@dataclass(frozen=True)
class Drawn:
    """A scene of the pool.

    Args:
        rgb: (H, W, 3) uint8 in `ENCODING`.
        mattes: (N, H, W) uint8 coverage, 255 is 1; one for each thing that can be seen.
    """

    rgb: UInt8
    mattes: UInt8


class PicturePool:
    """The scenes of seeds `first * per_shard` and on, of one size.

    Args:
        folder: made where it is not there.
        side: width and height in pixels.
        per_shard: scenes in a file; what is there and has another number is read as well, but not gone on with.
    """

    def __init__(self, folder: Path, side: int = 320, per_shard: int = PER_SHARD) -> None:
        self.folder, self.side, self.per_shard = folder, side, per_shard
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def shards(self) -> tuple[Path, ...]:
        """Those that are complete."""
        return tuple(sorted(self.folder.glob(f"scenes_{self.side}_*.npz")))

    def fill(
        self,
        scenes: int,
        first_shard: int = 0,
        workers: int = 1,
        on_progress: Callable[[int, int], bool] = lambda _done, _all: True,
    ) -> None:
        """Make what is missing of so many scenes. `on_progress` (done, all) is asked after each shard whether to go on.

        Raises:
            PenumbraError: the disk refused.
        """
        numbers = range(first_shard, first_shard + -(-scenes // self.per_shard))
        missing = [number for number in numbers if not self._path(number).exists()]
        done = len(numbers) - len(missing)
        try:
            for _ in self._made(missing, workers):
                done += 1
                if not on_progress(done * self.per_shard, len(numbers) * self.per_shard):
                    return
        except OSError as error:
            why = f"cannot be filled: {error.strerror}"
            raise PenumbraError(
                str(self.folder), why=why, hint="What is there is kept; make room and go on."
            ) from error

    def _made(self, missing: list[int], workers: int) -> Iterator[None]:
        if workers <= 1:
            for number in missing:
                write_shard(self._path(number), self._seeds(number), self.side)
                yield
            return
        with ProcessPoolExecutor(workers) as pool:
            running: list[Future[None]] = []
            try:
                for number in missing:
                    running.append(pool.submit(write_shard, self._path(number), self._seeds(number), self.side))
                    if len(running) > 2 * workers:
                        yield running.pop(0).result()
                while running:
                    yield running.pop(0).result()
            finally:
                for left in running:
                    left.cancel()

    def scenes(self, shard: Path) -> Iterator[Drawn]:
        """Those of one shard. Raises PenumbraError for a file that is not one."""
        try:
            with np.load(shard, allow_pickle=False) as stored:
                pictures, mattes, counts = stored["rgb"], stored["mattes"], stored["counts"]
        except (OSError, ValueError, KeyError) as error:
            hint = "Delete it and fill the pool again."
            raise PenumbraError(str(shard), why=f"is not a shard of a pool ({error})", hint=hint) from error
        start = 0
        for rgb, count in zip(pictures, counts.tolist(), strict=True):
            yield Drawn(rgb, mattes[start : start + count])
            start += count

    def _seeds(self, number: int) -> range:
        return range(number * self.per_shard, (number + 1) * self.per_shard)

    def _path(self, number: int) -> Path:
        return self.folder / f"scenes_{self.side}_{number:05d}.npz"


def write_shard(path: Path, seeds: range, side: int) -> None:
    """Draw the scenes of these seeds into one file, atomically."""
    cv2.setNumThreads(1)
    pictures, mattes, counts = [], [], []
    for seed in seeds:
        frame = Scene(seed, (side, side)).frame()
        shown = np.clip(encode(ENCODING, frame.rgb), 0, 1)
        pictures.append(np.rint(shown * 255).astype(np.uint8))
        counts.append(len(frame.mattes))
        mattes += [np.rint(np.clip(matte, 0, 1) * 255).astype(np.uint8) for matte in frame.mattes.values()]
    whole = np.stack(mattes) if mattes else np.zeros((0, side, side), np.uint8)
    packed = io.BytesIO()
    np.savez_compressed(packed, rgb=np.stack(pictures), mattes=whole, counts=np.array(counts, np.int64))
    write_whole(path, packed.getvalue())


def contact_sheet(first_seed: int, columns: int = 8, rows: int = 3, side: int = 256) -> UInt8:
    """(H, W, 3) uint8 red, green, blue: generated pictures with their mattes in colors below, to be looked at."""
    inks = np.array([(1, 0.25, 0.2), (0.25, 1, 0.3), (0.35, 0.45, 1), (1, 0.9, 0.2)], np.float32)
    lines = []
    for row in range(rows):
        cells = []
        for column in range(columns):
            frame = Scene(first_seed + row * columns + column, (side, side)).frame()
            shown = np.clip(encode(ENCODING, frame.rgb), 0, 1)
            mattes = np.zeros_like(shown)
            for number, matte in enumerate(frame.mattes.values()):
                mattes += matte[..., None] * inks[number % len(inks)]
            cells.append(np.concatenate([shown, np.clip(mattes, 0, 1)]))
        lines.append(np.concatenate(cells, axis=1))
    return np.asarray(np.rint(np.concatenate(lines) * 255), np.uint8)
