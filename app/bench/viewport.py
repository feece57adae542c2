"""`penumbra bench viewport`: what looking costs, case by case, beside pyqtgraph's ImageItem in the same run.

Pictures and mattes lie in memory; a figure reaches from the change of the look to the picture on screen, as sharp as
the screen can show it. Where there is a GPU (or software that plays one) the same is measured on it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from app.bench.screen import SIZES
from app.bench.still_studio import FRAMES, LAYER, StillStudio
from core.color import ColorConfig
from core.frames import FrameRange
from widgets.view_state import Compare, Look, Source, SourceKind

METHODS = ("raster", "gl", "pyqtgraph")
BRUSH_EVENTS = 120
BRUSH_PX = 50.0
"""Plate pixels."""
PLAYED_S = 10.0
PLAYED_FRAMES = 36
"""What is played lies in memory three times: half float, made ready, matte."""
STEPS = 12
Looks = Sequence[Mapping[str, Any]]


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--size", action="append", choices=sorted(SIZES), help="2k and 4k if not given")
    parser.add_argument("--method", action="append", choices=METHODS, help="all that can be had if not given")
    parser.add_argument("--seconds", type=float, default=PLAYED_S, help="how long to play (10)")
    parser.add_argument("--events", type=int, default=BRUSH_EVENTS, help="brush events a case (120)")


def measure(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    sizes, methods = arguments.size or sorted(SIZES), arguments.method or METHODS
    return run(sizes, methods, arguments.events, arguments.seconds)


def run(
    sizes: Sequence[str] = ("2k", "4k"),
    methods: Sequence[str] = METHODS,
    events: int = BRUSH_EVENTS,
    seconds: float = PLAYED_S,
) -> Iterator[dict[str, Any]]:
    """One row per case and method: `bench` "viewport", `case`, `method`, `ms` (median) and `p95`.

    Cases, each for 2k and 4k: `new_frame` (a picture not shown before), `cached_frame` (one that was), `exposure`,
    `wipe` (its line moved), `overlay` (its opacity), `brush` (an event of a stroke). Rows of a viewport also have
    `ms_first`: until something new was seen, if only coarsely. `playback_2k` has `fps`, `dropped` and `frames` (those
    painted).
    Methods: `raster`, `gl` with its `renderer` and whether that is `software`, and the baseline `pyqtgraph` where it
    can do the case at all.
    """
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    color = ColorConfig.load()
    for size in sizes:
        studio = StillStudio(SIZES[size], color)
        for method in methods:
            rows = _baseline(studio, events) if method == "pyqtgraph" else _viewport(studio, method, events)
            for case, found in rows:
                yield {"bench": "viewport", "case": f"{case}_{size}", "method": method, **found}
        del studio
    if "2k" in sizes:
        for method in methods:
            for found in _played(color, method, seconds):
                yield {"bench": "viewport", "case": "playback_2k", "method": method, **found}


def _viewport(studio: StillStudio, method: str, events: int) -> Iterator[tuple[str, dict[str, Any]]]:
    from widgets.viewport.stopwatch import Stopwatch  # Qt is wanted only once the bench runs

    about = _renderer(method)
    if about is None:
        return
    watch = Stopwatch(studio, Look(frame=FRAMES.first, layer_id=LAYER), "gl" if method == "gl" else "raster")
    try:
        if watch.viewport.easel.way != method:
            return
        for case, looks in _cases().items():
            taken = watch.changes(looks)
            first = {"ms_first": _part([each.first_ms for each in taken], 50)}
            yield case, {**_times([each.ms for each in taken]), **first, **about}
        watch.changes([{"compare": Compare.SINGLE}])
        if method == "raster":  # a GPU is not waited for after each event, so a figure would say too little
            yield "brush", _times(watch.brush(BRUSH_PX, events))
    finally:
        watch.close()


def _cases() -> dict[str, Looks]:
    """The changes of the look that make a case; the first of `wipe` also brings the second pane and is counted in."""
    others: Looks = [{"frame": frame} for frame in list(FRAMES)[1:]]
    sides = {"compare": Compare.WIPE, "a": Source(), "b": Source(SourceKind.MATTE)}
    return {
        "new_frame": others,
        "cached_frame": others,
        "exposure": [{"exposure_stops": step / 4} for step in range(1, STEPS + 1)],
        "overlay": [{"overlay_opacity": 0.3 + step / 40} for step in range(STEPS)],
        "wipe": [{**sides, "wipe_x": 0.3 + step / 30} for step in range(STEPS)],
    }


def _baseline(studio: StillStudio, events: int) -> Iterator[tuple[str, dict[str, Any]]]:
    from widgets.viewport.graph_stopwatch import GraphStopwatch  # Qt is wanted only once the bench runs

    watch = GraphStopwatch(studio, FRAMES.first, LAYER)
    try:
        others = list(FRAMES)[1:]
        yield "new_frame", _times(watch.frames(others))
        yield "cached_frame", _times(watch.frames(others))
        yield "exposure", _times(watch.exposures([step / 4 for step in range(1, STEPS + 1)]))
        yield "overlay", _times(watch.overlays([0.3 + step / 40 for step in range(STEPS)]))
        yield "brush", _times(watch.brush(BRUSH_PX, events))
    finally:
        watch.close()


def _played(color: ColorConfig, method: str, seconds: float) -> Iterator[dict[str, Any]]:
    """The plate with its overlay, every frame of it made ready before; pyqtgraph has no playback."""
    from widgets.viewport.stopwatch import Stopwatch  # Qt is wanted only once the bench runs

    about = _renderer(method)
    if method == "pyqtgraph" or about is None:
        return
    frames = FrameRange(1001, 1000 + PLAYED_FRAMES)
    studio = StillStudio(SIZES["2k"], color, frames)
    watch = Stopwatch(studio, Look(frame=frames.first, layer_id=LAYER), "gl" if method == "gl" else "raster")
    try:
        if watch.viewport.easel.way == method:
            played = watch.play(studio, seconds)
            kept = {"dropped": played.dropped, "frames": played.frames, "ready": played.ready}
            yield {"fps": round(played.fps, 2), **kept, **about}
    finally:
        watch.close()


def _renderer(method: str) -> dict[str, Any] | None:
    """What draws by OpenGL, and whether it is software; nothing to say of the other ways; None where it cannot be."""
    if method != "gl":
        return {}
    from widgets.application import make_application
    from widgets.viewport.gl_probe import is_software, probe

    make_application()
    found = probe(allow_software=True)
    return {"renderer": found.renderer, "software": is_software(found.renderer)} if found.usable else None


def _times(times_ms: Sequence[float]) -> dict[str, float]:
    return {"ms": _part(times_ms, 50), "p95": _part(times_ms, 95)}


def _part(times_ms: Sequence[float], percent: int) -> float:
    return round(float(np.percentile(times_ms, percent)), 3)
