"""A display transform as text for a GPU: OpenColorIO's shader and the tables it reads. Knows no graphics library.

Exposure and gamma are not in it: the one comes before and the other after, and both change while a hand moves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import PyOpenColorIO

from core.arrays import Float32

FUNCTION = "onto_display"
"""The shader's function: `vec4 onto_display(vec4)`, scene-linear working space → display values, not clipped."""


@dataclass(frozen=True, slots=True, eq=False)
class ShaderTable:
    """A table the shader reads.

    Args:
        sampler: the name of its uniform, a `sampler2D` or a `sampler3D`.
        values: (H, W, C) or, for a lattice, (D, H, W, 3) float32; C is 1 or 3.
        linear: whether values between entries are wanted.
    """

    sampler: str
    values: Float32
    linear: bool


@dataclass(frozen=True, slots=True, eq=False)
class DisplayShader:
    """GLSL for version 330 and later. Equal only to itself: the same object is handed out for the same view."""

    text: str
    tables: tuple[ShaderTable, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A transform of a config, named by its words: transforms that read alike are alike."""

    config: Any
    words: str
    transform: Any = field(compare=False)


def display_shader(config: Any, transform: Any) -> DisplayShader:
    """The shader of an OpenColorIO transform; about 20 ms the first time, kept after that.

    Args:
        config: the OpenColorIO config the transform belongs to.
        transform: from the working space onto a display.
    """
    return _extracted(_Wanted(config, str(transform), transform))


@lru_cache(maxsize=16)
def _extracted(wanted: _Wanted) -> DisplayShader:
    description = PyOpenColorIO.GpuShaderDesc.CreateShaderDesc()
    description.setLanguage(PyOpenColorIO.GPU_LANGUAGE_GLSL_4_0)
    description.setFunctionName(FUNCTION)
    description.setResourcePrefix("ocio_")
    description.setAllowTexture1D(False)
    processor = wanted.config.getProcessor(wanted.transform).getDefaultGPUProcessor()
    processor.extractGpuShaderInfo(description)
    tables = [
        ShaderTable(
            lattice.samplerName,
            np.array(lattice.getValues(), np.float32).reshape(lattice.edgeLen, lattice.edgeLen, lattice.edgeLen, 3),
            lattice.interpolation != PyOpenColorIO.INTERP_NEAREST,
        )
        for lattice in description.get3DTextures()
    ]
    for table in description.getTextures():
        channels = 1 if table.channel == PyOpenColorIO.GpuShaderDesc.TEXTURE_RED_CHANNEL else 3
        values = np.array(table.getValues(), np.float32).reshape(table.height, table.width, channels)
        tables.append(ShaderTable(table.samplerName, values, table.interpolation != PyOpenColorIO.INTERP_NEAREST))
    return DisplayShader(str(description.getShaderText()), tuple(tables))
