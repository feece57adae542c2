"""Where the sample shot lies on this machine: the user's cache folder, or `$PENUMBRA_SAMPLE`. Made on first use."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import platformdirs

from app.sample_shot import SampleShot, ensure_sample_shot


def sample_shot(progress: Callable[[float], None] | None = None) -> SampleShot:
    """The sample shot at full size; takes some seconds the first time."""
    named = os.environ.get("PENUMBRA_SAMPLE")
    folder = Path(named) if named else platformdirs.user_cache_path("penumbra") / "sample_shot"
    return ensure_sample_shot(folder, progress)


def sample_plate() -> Path:
    """The sample shot's plate, as `…/sample.####.exr`."""
    return sample_shot().plate_pattern
