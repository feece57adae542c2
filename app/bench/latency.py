"""`penumbra bench latency`: click → matte on screen, brush event → painted pixel, frame and exposure change.

Clicks are `answers.py`'s, what needs no model is `screen.py`'s.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from app.bench import answers, screen

MODELS = ("select", "segment")


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--size", action="append", choices=sorted(answers.SIZES), help="all if not given")
    parser.add_argument("--model", action="append", metavar="NAME", help="what answers clicks (select and segment)")
    parser.add_argument("--events", type=int, default=screen.BRUSH_EVENTS, help="brush events a case (300)")
    parser.add_argument("--clicks", action="store_true", help="clicks only")
    parser.add_argument("--no-engine", action="store_true", help="clicks in the process only")


def measure(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    return run(
        arguments.size or sorted(answers.SIZES),
        0 if arguments.clicks else arguments.events,
        arguments.model or MODELS,
        engine=not arguments.no_engine,
    )


def run(
    sizes: Sequence[str], events: int, models: Sequence[str] = MODELS, *, engine: bool = True
) -> Iterator[dict[str, Any]]:
    """One row per case and method: `bench`, `case`, `method`, `ms` (median) and `p95`; then the mean of each method.

    Args:
        events: of a brush stroke; 0 leaves out all but the clicks.
    """
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    rows: list[dict[str, Any]] = []
    for row in _all(sizes, events, models, engine):
        rows.append(row)
        yield row
    for method in dict.fromkeys(row["method"] for row in rows):
        mine = [row for row in rows if row["method"] == method]
        mean = {name: round(float(np.mean([row[name] for row in mine])), 3) for name in ("ms", "p95")}
        yield {"bench": "latency", "case": "mean", "method": method, **mean, "cases": len(mine)}


def _all(sizes: Sequence[str], events: int, models: Sequence[str], engine: bool) -> Iterator[dict[str, Any]]:
    if events:
        yield from screen.run([size for size in sizes if size in screen.SIZES], events)
    yield from answers.run(models, sizes, engine=engine)
