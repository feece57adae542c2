"""`penumbra bench latency`: click → matte on screen, brush event → painted pixel, frame and exposure change.

Clicks go the whole way: tool's command, document, engine in its own process, matte store, viewport. What needs no
engine is `app/bench/screen.py`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.bench import screen
from app.bench.still_studio import grained, soft_disc
from app.cli.engine_options import local_engine
from app.console import Progress
from app.headless import Headless
from core.color import ColorConfig
from core.exr import write_exr
from core.frames import FrameRange
from core.geometry import Format, Window
from core.layer import SEGMENTER
from core.plate import Plate
from core.plate_reader import open_plate
from core.prompts import Click
from widgets.view_state import Look

FRAMES = FrameRange(1001, 1004)
NEXT_CLICKS = ((0.30, 0.62), (0.66, 0.35), (0.50, 0.71), (0.06, 0.08), (0.43, 0.30))
"""Places on the plate, 0-1: four on the subject and one beside it."""


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--size", action="append", choices=sorted(screen.SIZES), help="2k and 4k if not given")
    parser.add_argument("--events", type=int, default=screen.BRUSH_EVENTS, help="brush events a case (300)")
    parser.add_argument("--no-engine", action="store_true", help="only what needs no engine")


def measure(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    return run(arguments.size or sorted(screen.SIZES), arguments.events, engine=not arguments.no_engine)


def run(
    sizes: Sequence[str] = ("2k", "4k"), events: int = screen.BRUSH_EVENTS, *, engine: bool = True
) -> Iterator[dict[str, Any]]:
    """One row per case and method: `bench`, `case`, `method`, `ms` (median) and `p95`; then the mean of each method.

    Cases `click_*` have the methods `next click`, and as baseline `first click`: what every click would cost if the
    frame were encoded again each time. The other cases are those of `app.bench.screen.run`.
    """
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    rows: list[dict[str, Any]] = []
    for row in _all(sizes, events, engine):
        rows.append(row)
        yield row
    for method in dict.fromkeys(row["method"] for row in rows):
        mine = [row for row in rows if row["method"] == method]
        mean = {name: round(float(np.mean([row[name] for row in mine])), 3) for name in ("ms", "p95")}
        yield {"bench": "latency", "case": "mean", "method": method, **mean, "cases": len(mine)}


def _all(sizes: Sequence[str], events: int, engine: bool) -> Iterator[dict[str, Any]]:
    yield from screen.run(sizes, events)
    if engine:
        for size in sizes:
            yield from _clicks(size)


def _clicks(size: str) -> Iterator[dict[str, Any]]:
    from widgets.viewport.stopwatch import Stopwatch  # Qt is wanted only once the bench runs

    with tempfile.TemporaryDirectory(prefix="penumbra-bench-") as folder:
        plate = _write_plate(Path(folder), screen.SIZES[size])
        first: list[float] = []
        later: list[float] = []
        with Headless(local_engine(), plate, "", FRAMES, "bench", Progress(quiet=True)) as work:
            work.choose_models(SEGMENTER)
            watch = Stopwatch(work.studio, Look(frame=FRAMES.first, layer_id=work.layer_id))
            try:
                for frame in FRAMES:
                    watch.view.set(frame=frame)
                    first.append(_click(work, watch.viewport, frame, plate, (0.5, 0.5)))
                    later += [_click(work, watch.viewport, frame, plate, place) for place in NEXT_CLICKS]
            finally:
                watch.close()
    yield screen.row(f"click_{size}", "next click", later)
    yield screen.row(f"click_{size}", "first click", first)


def _click(work: Headless, viewport: screen.Repaints, frame: int, plate: Plate, place: tuple[float, float]) -> float:
    display = plate.format.display
    adds = place[0] > 0.1
    click = Click(display.width * place[0], display.height * place[1], adds)
    start = time.perf_counter()
    work.prompt(frame, click)
    viewport.repaint()
    return (time.perf_counter() - start) * 1e3


def _write_plate(folder: Path, size: tuple[int, int]) -> Plate:
    """A bright, grained disc on a darker, grained ground; every frame a little different."""
    window = Window.of_size(*size)
    disc = soft_disc(window).astype(np.float32)[..., None]
    for frame in FRAMES:
        picture = grained(window, seed=frame).astype(np.float32)
        rgb = picture[..., :3] * 0.1 + disc * np.array([0.7, 0.35, 0.1], np.float32)
        halves = rgb.astype(np.float16)
        channels = {name: np.ascontiguousarray(halves[..., place]) for place, name in enumerate("RGB")}
        write_exr(folder / f"plate.{frame}.exr", channels, data_window=window, format=Format(window))
    return open_plate(folder / "plate.####.exr", ColorConfig.load())
