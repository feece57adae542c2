"""What the eye and the hand wait for: brush event → painted pixel, frame change, exposure change.

The part of `penumbra bench latency` that needs no engine. Pictures and mattes lie in memory, as they do while an
artist works; reading them is `bench exr`. Each case stands beside the plain way of doing it in the same run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from app.background import Background
from app.references import References
from core.arrays import Float16
from core.color import ColorConfig
from core.commands import AddLayer, AddPlate
from core.document import Document
from core.errors import PenumbraError
from core.frame_cache import FrameCache
from core.frames import FrameNumber, FrameRange
from core.geometry import Format, Window
from core.layer import Layer, LayerId, MatteKey
from core.matte import Matte
from core.picture import Picture
from core.plate import Plate
from core.prompts import Prompt
from core.signal import Signal
from widgets.studio import Message, TakeInfo
from widgets.view_state import Look

SIZES = {"2k": (2048, 1080), "4k": (4096, 2160)}
FRAMES = FrameRange(1001, 1012)
LAYER = "layer"
BRUSH_EVENTS = 300


class Repaints(Protocol):
    """A widget, as far as a bench needs one."""

    def repaint(self) -> None: ...


class StillStudio:
    """Pictures and mattes of a made-up plate, all in memory. Implements `widgets.seen.Seen`."""

    def __init__(self, size: tuple[int, int], color: ColorConfig | None = None) -> None:
        self.document = Document()
        self.color = color or ColorConfig.load()
        self.picture_ready: Signal[FrameNumber] = Signal()
        self.matte_ready: Signal[tuple[LayerId, FrameNumber]] = Signal()
        self.preview_ready: Signal[tuple[LayerId, FrameNumber]] = Signal()
        self.message: Signal[Message] = Signal()
        window = Window.of_size(*size)
        form = Format(window)
        path = Path("/bench/plate.####.exr")
        plate = Plate("plate", "plate", path, FRAMES, form, window, self.color.scene_linear, rate=Fraction(24))
        self.document.do(AddPlate(plate))
        self.document.do(AddLayer(Layer(LAYER, "Layer 1")))
        rgba, coverage = grained(window), soft_disc(window)
        self._pictures = {frame: Picture(rgba.copy(), window, form) for frame in FRAMES}
        self._mattes = {frame: Matte(window, coverage.copy()) for frame in FRAMES}
        idle = Background(lambda call: call(), self._failed)
        self.references = References(
            self.document, lambda: self.color, FrameCache(0), lambda call: call(), idle.run, self._failed
        )

    def _failed(self, error: PenumbraError) -> None:
        raise error

    def picture(self, frame: FrameNumber) -> Picture | None:
        return self._pictures.get(frame)

    def picture_error(self, frame: FrameNumber) -> str:
        return "" if frame in FRAMES else f"There is no frame {frame}."

    def matte(self, layer_id: LayerId, frame: FrameNumber) -> tuple[Matte | None, bool]:
        return (self._mattes.get(frame) if layer_id == LAYER else None), True

    def shown_key(self, layer_id: LayerId, frame: FrameNumber) -> MatteKey:
        return f"{layer_id} {frame}"

    def preview(self, layer_id: LayerId, frame: FrameNumber) -> Matte | None:
        del layer_id, frame
        return None

    def hover(self, layer_id: LayerId, frame: FrameNumber, prompt: Prompt | None) -> None:
        del layer_id, frame, prompt

    def takes(self, layer_id: LayerId) -> tuple[TakeInfo, ...]:
        del layer_id
        return ()

    def take_matte(self, take_id: str, frame: FrameNumber) -> Matte | None:
        del take_id, frame
        return None


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


def grained(window: Window, seed: int = 7) -> Float16:
    """(H, W, 4) scene-linear: light falling off to one side, with highlights above 1 and grain; alpha 1."""
    rng = np.random.default_rng(seed)
    across = np.linspace(0.02, 4.0, window.width, dtype=np.float32)[None, :, None]
    rgba = np.ones((*window.shape, 4), np.float32)
    rgba[..., :3] = across * np.array([0.9, 0.6, 0.4], np.float32)
    rgba[..., :3] += rng.standard_normal((*window.shape, 3), dtype=np.float32) * 0.01
    return rgba.astype(np.float16)


def soft_disc(window: Window) -> Float16:
    """(H, W) coverage of a disc in the middle with a soft edge."""
    rows, columns = np.ogrid[: window.height, : window.width]
    radius = np.hypot(columns - window.width / 2, rows - window.height / 2)
    return np.clip((window.height / 3 - radius) / 8 + 0.5, 0, 1).astype(np.float16)
