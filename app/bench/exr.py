"""`penumbra bench exr`: reading and writing half RGBA frames, beside OpenEXR's own packed reading in the same run.

The frames are made here, with grain, because grain is what compression is slow at. Times are the best of several
rounds; every round runs all methods in turn, so that a busy machine slows them alike.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR

from core.arrays import Float16
from core.color import ColorConfig
from core.errors import OptionError
from core.exr import COMPRESSIONS, write_exr
from core.geometry import Format, Window
from core.plate_reader import PlateReader, open_plate

SIZES = {"2K": (2048, 1080), "4K": (4096, 2160)}
FRAMES = 4
"""Frames a sequence has: what two threads share."""


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--size", action="append", choices=sorted(SIZES), help="2K and 4K if not given")
    parser.add_argument(
        "--compression", action="append", choices=sorted(COMPRESSIONS), help="zip, piz and none if not given"
    )
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many (3)")


def measure(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    sizes = arguments.size or ["2K", "4K"]
    return run([SIZES[size] for size in sizes], arguments.compression or ["zip", "piz", "none"], arguments.rounds)


def run(
    sizes: Sequence[tuple[int, int]], compressions: Sequence[str] = ("zip", "piz", "none"), rounds: int = 3
) -> Iterator[dict[str, Any]]:
    """One row per case and method, then one per method with case "mean".

    Args:
        sizes: (width, height) of the frames.
        compressions: keys of `core.exr.COMPRESSIONS`.
        rounds: how often each method runs; the fastest counts.

    Yields:
        `bench`, `case`, `method`, and `ms` per frame, `fps`, `relative` (times the baseline's speed); rows of writing
        also `mb` per frame. Baseline of reading is `read packed`, of writing `write`.
    """
    if rounds < 1:
        raise OptionError("--rounds", why="must be 1 or more")
    rows: list[dict[str, Any]] = []
    color = ColorConfig.load()
    for width, height in sizes:
        rgba = _frame(width, height)
        for compression in compressions:
            case = f"{width}x{height} half RGBA {compression}"
            with tempfile.TemporaryDirectory(prefix="penumbra-bench-") as folder:
                for row in _case(case, Path(folder), rgba, compression, rounds, color):
                    rows.append(row)
                    yield row
    for method in dict.fromkeys(row["method"] for row in rows):
        mine = [row for row in rows if row["method"] == method]
        figures = [name for name in ("ms", "fps", "relative", "mb") if name in mine[0]]
        means: dict[str, Any] = {name: float(np.mean([row[name] for row in mine])) for name in figures}
        yield {"bench": "exr", "case": "mean", "method": method, **means}


def _case(
    case: str, folder: Path, rgba: Float16, compression: str, rounds: int, color: ColorConfig
) -> Iterator[dict[str, Any]]:
    height, width = rgba.shape[:2]
    window = Window.of_size(width, height)
    channels = {name: np.ascontiguousarray(rgba[..., i]) for i, name in enumerate("RGBA")}

    def write(frame: int, verify: bool = False) -> None:
        path = folder / f"frame.{frame:04d}.exr"
        write_exr(path, channels, data_window=window, format=Format(window), compression=compression, verify=verify)

    for frame in range(1, FRAMES + 1):
        write(frame)
    mb = (folder / "frame.0001.exr").stat().st_size / 1e6
    reader = PlateReader(open_plate(folder / "frame.####.exr", color), color)

    def picture(frame: int) -> None:
        reader.read(frame)

    def packed(frame: int) -> None:
        with OpenEXR.File(str(reader.path(frame)), num_threads=0) as file:
            _touch(file.parts[0].channels["RGBA"].pixels)

    def separate(frame: int) -> None:
        with OpenEXR.File(str(reader.path(frame)), separate_channels=True, num_threads=0) as file:
            for channel in file.parts[0].channels.values():
                _touch(channel.pixels)

    with ThreadPoolExecutor(2) as pool:
        methods: dict[str, Callable[[], float]] = {
            "read packed": lambda: _one_by_one(packed),
            "read packed x2": lambda: _shared(pool, packed),
            "read separate": lambda: _one_by_one(separate),
            "read picture": lambda: _one_by_one(picture),
            "read picture x2": lambda: _shared(pool, picture),
            "write": lambda: _one_by_one(write),
            "write and verify": lambda: _one_by_one(lambda frame: write(frame, verify=True)),
        }
        best = dict.fromkeys(methods, float("inf"))
        for _ in range(rounds):
            for method, once in methods.items():
                best[method] = min(best[method], once())
    for method, seconds in best.items():
        baseline = best["write" if method.startswith("write") else "read packed"]
        figures = {"ms": seconds * 1e3, "fps": 1 / seconds, "relative": baseline / seconds}
        size = {"mb": mb} if method == "write" else {}
        yield {"bench": "exr", "case": case, "method": method, **figures, **size, "cores": os.cpu_count()}


def _one_by_one(work: Callable[[int], None]) -> float:
    """Seconds a frame takes."""
    start = time.perf_counter()
    for frame in range(1, FRAMES + 1):
        work(frame)
    return (time.perf_counter() - start) / FRAMES


def _shared(pool: ThreadPoolExecutor, work: Callable[[int], None]) -> float:
    """Seconds a frame takes when two threads share the frames."""
    start = time.perf_counter()
    list(pool.map(work, range(1, FRAMES + 1)))
    return (time.perf_counter() - start) / FRAMES


def _touch(pixels: Any) -> None:
    """Look at the first value: the pixels are there."""
    assert pixels.flat[0] is not None


def _frame(width: int, height: int) -> Float16:
    """(H, W, 4) half: a bright and a dark side, a soft disc in alpha, grain."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 0.05 + 2.0 * (x / width) ** 3 + 0.2 * np.sin(y / 90) ** 2
    distance = np.hypot(x - width / 2, y - height / 2) / (height / 3)
    frame = np.empty((height, width, 4), np.float32)
    for i, tint in enumerate((1.0, 0.8, 0.6)):
        frame[..., i] = light * tint + rng.normal(0, 0.004, (height, width)) * np.sqrt(light + 0.01)
    frame[..., 3] = np.clip(1.5 - distance, 0, 1)
    return frame.astype(np.float16)
