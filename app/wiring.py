"""The one file that sees every floor: studio, engine and window put together."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.sample import sample_plate
from app.studio import PenumbraStudio
from core.errors import PenumbraError
from inference.engine import Engine
from widgets.application import make_application, post
from widgets.application import run_window as show
from widgets.first_look import FirstLook


def run_window(
    engine: Engine,
    path: Path | None,
    color_space: str | None = None,
    *,
    sample: bool = False,
    draw_with: str = "",
    first: FirstLook | None = None,
) -> int:
    """Open the window, on `path` if there is one or on the sample shot; returns the exit code when it is closed.

    `draw_with` is `auto`, `raster` or `gl` for this run; empty for what the artist chose in the View menu. `first` says
    which frame and layer to look at.
    Raises PenumbraError where there is no display to open a window on.
    """
    if sys.platform.startswith("linux") and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        engine.close()
        raise PenumbraError(
            "penumbra", why="there is no display to open a window on", hint="`penumbra matte --help` works without one."
        )
    make_application(sys.argv)
    studio = PenumbraStudio(engine, post, sample=sample_plate)
    if path is not None:
        studio.open(path, color_space)
    elif sample:
        studio.open_sample()
    try:
        return show(studio, draw_with, first)
    finally:
        studio.close()
