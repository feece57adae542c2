"""What the viewer lays around a view: exposure before it, gamma after it. OpenColorIO's transforms, nothing more."""

from __future__ import annotations

from typing import Any

import PyOpenColorIO


def between(gain: float, transform: Any, gamma: float) -> Any:
    """`transform` of values times `gain`, raised to 1 / `gamma`: neither needs a new bake."""
    group = PyOpenColorIO.GroupTransform()
    if gain != 1.0:
        group.appendTransform(PyOpenColorIO.MatrixTransform([gain, 0, 0, 0, 0, gain, 0, 0, 0, 0, gain, 0, 0, 0, 0, 1]))
    group.appendTransform(transform)
    if gamma != 1.0:
        power = 1.0 / max(gamma, 1e-3)
        group.appendTransform(PyOpenColorIO.ExponentTransform([power, power, power, 1.0]))
    return group
