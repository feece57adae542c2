"""A delivery as one movie: ProRes 4444 with the matte as alpha, or an H.264 to look at. Whole, or not there.

Colors are those of a display, through the project's config; a matte is never color-managed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from app.export_manifest import tool_version
from app.frame_files import said_of
from app.movie_file import H264, PRORES_4444, MovieFile
from app.review_page import PageMaker, Panel
from core.arrays import Float32
from core.color import ColorConfig
from core.delivery import Delivery, ExportPlan, provenance
from core.delivery.colors import straight_over
from core.errors import Cancelled
from core.frames import FrameNumber
from core.geometry import Window
from core.layer import Layer, LayerId, MatteKey
from core.matte import Matte
from core.picture import Picture
from core.plate import Plate

GREY = (0.18, 0.18, 0.18)
WIDTH_PX = 1920
BANDS = 8


def write_movie(
    plan: ExportPlan,
    delivery: Delivery,
    plate: Plate,
    keys: Sequence[MatteKey],
    color: ColorConfig,
    mattes: Callable[[LayerId, FrameNumber], Matte],
    pictures: Callable[[FrameNumber], Picture | None],
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> None:
    """Write all frames of the plan into the delivery's one file.

    Args:
        keys: of the first frame's mattes, for its provenance.

    Raises:
        ExportError: no encoder, or the disk refuses.
        Cancelled: no file is left.
    """
    display, view, _ = color.named(plan.display, plan.view)
    path, frames = delivery.path(plan.frames.first), plan.frames
    window = plate.format.display
    maker = None
    if plan.kind == "h264":
        maker = PageMaker(
            plate,
            color.display(display, view),
            "side by side",
            WIDTH_PX,
            notes=False,
            title=plate.name,
            comp_color=GREY,
            opacity=1.0,
        )
    transform = color.display(display, view)
    size = (maker.width, maker.height) if maker else (window.width, window.height)
    coding, aspect = (H264, 1.0) if maker else (PRORES_4444, plate.format.pixel_aspect)  # a page has square pixels
    first = [mattes(layer.id, frames.first) for layer in delivery.layers]
    with (
        MovieFile(path, size, plate.rate, plate.name, coding, aspect) as movie,
        ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="movie") as workers,
    ):

        def shown(rgb: Float32) -> Float32:
            """Exact display colors take over a second of a 2K frame; OpenColorIO lets several threads run at once."""
            return np.concatenate(list(workers.map(transform.exact, np.array_split(rgb, BANDS))))

        movie.say("comment", _comment(plan, delivery, first, keys, f"{display}, {view}"))
        for done, frame in enumerate(frames):
            if cancelled():
                raise Cancelled("Export", f"was cancelled after {done} of {len(frames)} frames of the movie")
            picture = pictures(frame)
            found = [mattes(layer.id, frame) for layer in delivery.layers]
            if maker is not None:
                movie.add(maker.page(frame, picture, _panels(delivery, found), ()))
            else:
                movie.add(_straight(picture, delivery.layers, found, window, shown))
            progress((done + 1) / (len(frames) + 1), f"frame {frame}")


def _straight(
    picture: Picture | None,
    layers: Sequence[Layer],
    mattes: Sequence[Matte],
    window: Window,
    shown: Callable[[Float32], Float32],
) -> Float32:
    """(H, W, 4) float32: display colors that were not multiplied by the matte, and the matte as alpha."""
    colors, coverage = straight_over(picture, window, layers, mattes)
    return np.dstack([np.clip(shown(colors), 0, 1), coverage])


def _panels(delivery: Delivery, mattes: Sequence[Matte]) -> tuple[Panel, ...]:
    pairs = tuple(zip(delivery.layers, mattes, strict=True))
    named = ", ".join(layer.name for layer in delivery.layers)
    return Panel(f"matte of {named}", "matte", pairs), Panel(f"comp of {named}", "comp", pairs)


def _comment(plan: ExportPlan, delivery: Delivery, mattes: Sequence[Matte], keys: Sequence[str], shown: str) -> str:
    """Where it came from, for a movie's one line of comment."""
    said = provenance(plan, delivery, mattes, keys, tool_version())
    alpha = "straight alpha; " if plan.kind == "prores" else ""
    return f"{alpha}{shown}; " + "; ".join(f"{name} {text}" for name, text in sorted(said_of(said).items()))
