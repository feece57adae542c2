"""A view of a color config as a shaper and a lattice: fast enough for every frame where there is no GPU.

Knows OpenColorIO and nothing of pictures. `core/color.py` keeps what is baked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import PyOpenColorIO

from core.half_lattice import HalfLattice

EDGE = 65
"""Edge of the baked lattice."""
STOPS = (-8.0, 10.0)
"""Range of the baked shaper around middle grey."""
MIDDLE_GREY = 0.18

_CHEAP = (
    PyOpenColorIO.MatrixTransform,
    PyOpenColorIO.RangeTransform,
    PyOpenColorIO.ExponentTransform,
    PyOpenColorIO.ExponentWithLinearTransform,
    PyOpenColorIO.LogTransform,
    PyOpenColorIO.LogAffineTransform,
    PyOpenColorIO.LogCameraTransform,
    PyOpenColorIO.CDLTransform,
    PyOpenColorIO.Lut1DTransform,
)
"""Steps that are as fast as a lattice, and exact."""


@dataclass(frozen=True, slots=True)
class Bake:
    """A view made fast.

    Args:
        transform: all of it, as one OpenColorIO transform.
        lattice: the same for half-float pixels; None where the view is made of cheap steps only.
    """

    transform: Any
    lattice: HalfLattice | None = None


def bake(config: Any, view_transform: Any) -> Bake:
    """Shaper and lattice as one group, or the view itself where it is made of cheap steps only. About 0.2 s.

    The lattice's fastest axis is blue, as OpenColorIO wants it.

    Args:
        config: the OpenColorIO config.
        view_transform: from its scene-linear role onto a display.
    """
    steps = config.getProcessor(view_transform).createGroupTransform()
    if all(isinstance(step, _CHEAP) for step in steps):
        return Bake(view_transform)
    low, high = (float(np.log2(MIDDLE_GREY) + stops) for stops in STOPS)
    shaper = PyOpenColorIO.AllocationTransform()
    shaper.setAllocation(PyOpenColorIO.ALLOCATION_LG2)
    shaper.setVars([low, high, float(2.0**low)])  # the offset makes black fall on the lattice's first point
    unshaper = PyOpenColorIO.AllocationTransform()
    unshaper.setAllocation(PyOpenColorIO.ALLOCATION_LG2)
    unshaper.setVars([low, high, float(2.0**low)])
    unshaper.setDirection(PyOpenColorIO.TRANSFORM_DIR_INVERSE)
    whole = PyOpenColorIO.GroupTransform()
    whole.appendTransform(unshaper)
    whole.appendTransform(view_transform)
    axis = np.linspace(0, 1, EDGE, dtype=np.float32)
    lattice = np.ascontiguousarray(np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3))
    image = PyOpenColorIO.PackedImageDesc(lattice, EDGE, EDGE * EDGE, 3)
    config.getProcessor(whole).getDefaultCPUProcessor().apply(image)
    lut = PyOpenColorIO.Lut3DTransform(EDGE)
    lut.setData(lattice.reshape(-1))
    lut.setInterpolation(PyOpenColorIO.INTERP_TETRAHEDRAL)
    baked = PyOpenColorIO.GroupTransform()
    baked.appendTransform(shaper)
    baked.appendTransform(lut)
    return Bake(baked, HalfLattice(config, shaper, lut))
