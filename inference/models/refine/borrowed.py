"""Closed-form and KNN matting as the package PyMatting has them: to compare with, and for who knows them by name.

The package is in the extra `matting`, because it brings a compiler (Numba) that nothing else here needs. It solves a
whole picture at once: only the rectangle around the band is given to it.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout

import numpy as np

from core.arrays import Bool, Float32
from core.errors import Cancelled, OptionError

BORROWED = ("pymatting-closed-form", "pymatting-knn")
_CALLED = {"pymatting-closed-form": "estimate_alpha_cf", "pymatting-knn": "estimate_alpha_knn"}
_AROUND_PX = 32


def borrowed(method: str, rgb: Float32, coverage: Float32, band: Bool, cancelled: Callable[[], bool]) -> Float32:
    """(H, W) coverage with the band found, a new array.

    Args:
        method: one of `BORROWED`.
        rgb: (H, W, 3); light above 1 is scaled until only its brightest hundredth is clipped.

    Raises:
        OptionError: the package is not installed.
    """
    try:
        package = importlib.import_module("pymatting")
    except ImportError as error:
        raise OptionError(
            f"refine option method {method}", "PyMatting is not installed", "Install penumbra with its extra matting."
        ) from error
    result = coverage.astype(np.float32, copy=True)
    ys, xs = np.nonzero(band)
    place = (
        slice(max(0, int(ys.min()) - _AROUND_PX), int(ys.max()) + _AROUND_PX + 1),
        slice(max(0, int(xs.min()) - _AROUND_PX), int(xs.max()) + _AROUND_PX + 1),
    )
    trimap = np.where(band[place], 0.5, np.round(coverage[place])).astype(np.float64)
    if not (trimap == 0).any() or not (trimap == 1).any():
        return result
    brightest = float(np.quantile(rgb[place], 0.99)) if float(rgb[place].max()) > 1.0 else 1.0
    picture = np.clip(rgb[place] / max(brightest, 1e-4), 0.0, 1.0).astype(np.float64)
    if cancelled():
        raise Cancelled
    # It talks to standard output, where a bench's rows go.
    with warnings.catch_warnings(), redirect_stdout(sys.stderr):
        warnings.simplefilter("ignore")
        result[place] = np.clip(getattr(package, _CALLED[method])(picture, trimap), 0.0, 1.0)
    return result
