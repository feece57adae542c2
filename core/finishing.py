"""What a finish does to pixels: holes filled, specks removed, edges moved, in and out exchanged, in this order.

A matte lies over the plate's canvas, so its own window is all there is: an inverted matte is full to the window's
border. Knows neither layers nor keys.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.arrays import AnyFloat
from core.finish import Finish
from core.grow import grow
from core.holes import fill_holes, remove_specks
from core.matte import Matte


def finished(matte: Matte, finish: Finish) -> Matte:
    """The matte after `finish` (whatever its frames), stored as half; the matte itself where nothing changes."""
    coverage = finished_coverage(matte.half().coverage, finish)
    if coverage is matte.half().coverage and matte.coverage.dtype == np.float16:
        return matte
    made_by = f"{matte.provenance.made_by}+finish" if matte.provenance.made_by else "finish"
    half = np.ascontiguousarray(coverage, dtype=np.float16)
    return replace(matte, coverage=half, provenance=replace(matte.provenance, made_by=made_by))


def finished_coverage(coverage: AnyFloat, finish: Finish) -> AnyFloat:
    """(H, W), 0-1, of the same kind; the very same array where nothing changes. Never written into."""
    result = fill_holes(coverage, finish.holes_px2) if finish.holes_px2 else coverage
    result = remove_specks(result, finish.specks_px2) if finish.specks_px2 else result
    result = grow(result, finish.grow_px) if finish.grow_px else result
    return np.subtract(1, result, dtype=result.dtype) if finish.inverted else result
