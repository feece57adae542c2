"""What the viewport keeps in the GPU's memory: pictures, mattes and tables as textures, within a budget of bytes.

A texture belongs to the array it was made from and goes with it. Knows numpy arrays and GL; nothing of scenes.
A context must be current for every call.
"""

from __future__ import annotations

import ctypes
import weakref
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from OpenGL import GL

from core.geometry import Window

BUDGET_BYTES = 1 << 30
"""About twelve 4K plates in half float."""
Array = npt.NDArray[Any]

_FORMATS: dict[tuple[int, str], tuple[int, int, int]] = {
    (1, "uint8"): (GL.GL_R8, GL.GL_RED, GL.GL_UNSIGNED_BYTE),
    (1, "float16"): (GL.GL_R16F, GL.GL_RED, GL.GL_HALF_FLOAT),
    (1, "float32"): (GL.GL_R32F, GL.GL_RED, GL.GL_FLOAT),
    (3, "float32"): (GL.GL_RGB32F, GL.GL_RGB, GL.GL_FLOAT),
    (4, "uint8"): (GL.GL_RGBA8, GL.GL_BGRA, GL.GL_UNSIGNED_BYTE),
    (4, "float16"): (GL.GL_RGBA16F, GL.GL_RGBA, GL.GL_HALF_FLOAT),
    (4, "float32"): (GL.GL_RGBA32F, GL.GL_RGBA, GL.GL_FLOAT),
}
"""(channels, type) of an array → internal format, format and type. Four bytes are blue, green, red, alpha."""


def upload(values: Array, *, linear: bool = False) -> int:
    """A new texture from an array, bound to the active unit; returns its name.

    Args:
        values: (H, W), (H, W, C) or, for a lattice, (D, H, W, 3), of a kind in `_FORMATS`.
        linear: whether a sampler reads between texels.
    """
    channels = values.shape[-1] if values.ndim > 2 else 1
    internal, form, kind = _FORMATS[channels, values.dtype.name]
    target = GL.GL_TEXTURE_3D if values.ndim == 4 else GL.GL_TEXTURE_2D
    values = np.ascontiguousarray(values)
    start = ctypes.c_void_p(values.ctypes.data)
    texture = int(GL.glGenTextures(1))
    GL.glBindTexture(target, texture)
    nearness = GL.GL_LINEAR if linear else GL.GL_NEAREST
    GL.glTexParameteri(target, GL.GL_TEXTURE_MIN_FILTER, nearness)
    GL.glTexParameteri(target, GL.GL_TEXTURE_MAG_FILTER, nearness)
    for axis in (GL.GL_TEXTURE_WRAP_S, GL.GL_TEXTURE_WRAP_T, GL.GL_TEXTURE_WRAP_R):
        GL.glTexParameteri(target, axis, GL.GL_CLAMP_TO_EDGE)
    GL.glTexParameteri(target, GL.GL_TEXTURE_MAX_LEVEL, 0)
    GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
    if target == GL.GL_TEXTURE_3D:
        depth, height, width = values.shape[:3]
        GL.glTexImage3D(target, 0, internal, width, height, depth, 0, form, kind, start)
    else:
        height, width = values.shape[:2]
        GL.glTexImage2D(target, 0, internal, width, height, 0, form, kind, start)
    return texture


def patch(values: Array, cells: Window) -> None:
    """Bring part of the texture bound to the active unit up to date with the array it was made from.

    Args:
        cells: the part, in columns and rows of the array.
    """
    channels = values.shape[-1] if values.ndim > 2 else 1
    _, form, kind = _FORMATS[channels, values.dtype.name]
    piece = np.ascontiguousarray(values[cells.y0 : cells.y1, cells.x0 : cells.x1])
    start = ctypes.c_void_p(piece.ctypes.data)
    GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
    GL.glTexSubImage2D(GL.GL_TEXTURE_2D, 0, cells.x0, cells.y0, cells.width, cells.height, form, kind, start)


@dataclass(slots=True)
class _Kept:
    texture: int
    nbytes: int
    origin: weakref.ref[Any]
    revision: int = 0
    stale: Window | None = None
    """Columns and rows that changed since they were uploaded."""
    repaint: int = 0
    """The repaint it was last drawn in."""


class TextureCache:
    """Textures by what they were made from, least recently used out first once the budget is passed."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self.budget_bytes = budget_bytes
        self.nbytes = 0
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._repaint = 0

    def begin(self) -> None:
        """A repaint begins. What it binds is not thrown away before it ends; what nobody holds any more is."""
        self._repaint += 1
        for key in [key for key, kept in self._kept.items() if kept.origin() is None]:
            self._drop(key)
        for key in list(self._kept):
            if self.nbytes <= self.budget_bytes:
                break
            if self._kept[key].repaint < self._repaint - 1:
                self._drop(key)

    def bind(self, unit: int, origin: Any, values: Array, revision: int = 0) -> None:
        """Bind the texture of `values` to a unit: the kept one, brought up to date, or a new one.

        Args:
            origin: the object the values belong to; the texture goes when it does.
            revision: of the values; another one than the kept means that all of them may have changed.
        """
        GL.glActiveTexture(GL.GL_TEXTURE0 + unit)
        key = id(origin)
        kept = self._kept.get(key)
        if kept is not None and (kept.origin() is not origin or kept.revision != revision):
            self._drop(key)
            kept = None
        if kept is None:
            kept = _Kept(upload(values), int(values.nbytes), weakref.ref(origin), revision)
            self._kept[key] = kept
            self.nbytes += kept.nbytes
        else:
            self._kept.move_to_end(key)
            GL.glBindTexture(GL.GL_TEXTURE_2D, kept.texture)
            if kept.stale is not None:
                patch(values, kept.stale)
        kept.stale = None
        kept.repaint = self._repaint

    def touch(self, origin: Any, cells: Window) -> None:
        """These columns and rows of the origin's values changed: upload them at the next `bind`."""
        kept = self._kept.get(id(origin))
        if kept is not None and not cells.empty:
            kept.stale = cells if kept.stale is None else kept.stale.union(cells)

    def clear(self) -> None:
        """Forget all of them."""
        for key in list(self._kept):
            self._drop(key)

    def _drop(self, key: int) -> None:
        kept = self._kept.pop(key)
        self.nbytes -= kept.nbytes
        GL.glDeleteTextures(1, [kept.texture])
