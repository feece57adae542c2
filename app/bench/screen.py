"""What the eye and the hand wait for: brush event → painted pixel, frame change, exposure change.

The part of `penumbra bench latency` that needs no engine. Pictures and mattes lie in memory, as they do while an
artist works; reading them is `bench exr`. Each case stands beside the plain way of doing it in the same run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from app.bench.still_studio import FRAMES, LAYER, StillStudio
from core.color import ColorConfig
from widgets.view_state import Look

SIZES = {"2k": (2048, 1080), "4k": (4096, 2160)}
BRUSH_EVENTS = 300


class Repaints(Protocol):
    """A widget, as far as a bench needs one."""

    def repaint(self) -> None: ...


def run(sizes: Sequence[str] = ("2k", "4k"), events: int = BRUSH_EVENTS) -> Iterator[dict[str, Any]]:
    """One row per case and method: `bench` "latency", `case`, `method`, `ms` (median), `p95`.

    Cases: `frame_*` (a picture not shown before), `frame_*_again` (one that was), `exposure_*`, and at 4K
    `brush_4k_r50`, `brush_4k_r200`. Methods: `viewport`, and as baseline `plain` (the whole plate converted and
    drawn, nothing kept) for frames and exposure, `whole repaint` for the brush.
    """
    from widgets.viewport.stopwatch import Stopwatch  # Qt is wanted only once the bench runs

    color = ColorConfig.load()
    for size in sizes:
        studio = StillStudio(SIZES[size], color)
        watch = Stopwatch(studio, Look(frame=FRAMES.first, layer_id=LAYER))
        try:
            others = list(FRAMES)[1:]
            plain = watch.plain(others, LAYER, color.display(color.default_display, color.default_view))
            yield row(f"frame_{size}", "viewport", watch.frames(others))
            yield row(f"frame_{size}", "plain", plain)
            yield row(f"frame_{size}_again", "viewport", watch.frames(others))
            yield row(f"frame_{size}_again", "plain", plain)
            yield row(f"exposure_{size}", "viewport", watch.exposures([step / 4 for step in range(1, 13)]))
            yield row(f"exposure_{size}", "plain", plain)
            if size == "4k":
                for radius_px in (50, 200):
                    case = f"brush_{size}_r{radius_px}"
                    yield row(case, "viewport", watch.brush(radius_px, events))
                    yield row(case, "whole repaint", watch.brush(radius_px, max(1, events // 5), whole=True))
        finally:
            watch.close()


def row(case: str, method: str, times_ms: Sequence[float]) -> dict[str, Any]:
    """Median and 95th percentile of times in milliseconds, as a bench row."""
    median, late = (round(float(np.percentile(times_ms, part)), 3) for part in (50, 95))
    return {"bench": "latency", "case": case, "method": method, "ms": median, "p95": late}
