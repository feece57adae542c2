"""Invertible encodings between scene-linear light and what a network likes to see.

A model declares one by name. Nothing is clipped: values above 1 and below 0 come back. All in float32.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.arrays import AnyFloat, Float32
from core.errors import OptionError

KAPPA = 0.6
MU = 5000.0
LOG_SCALE = float(np.log1p(MU))


@dataclass(frozen=True, slots=True)
class Encoding:
    """A pair of functions of float32 arrays, each other's inverse."""

    name: str
    encode: Callable[[Float32], Float32]
    decode: Callable[[Float32], Float32]


def encode(name: str, rgb: AnyFloat) -> Float32:
    """Scene-linear `rgb`, any shape and range, in the named encoding; a new array."""
    return _find(name).encode(np.asarray(rgb, np.float32))


def decode(name: str, values: AnyFloat) -> Float32:
    """The inverse of `encode`: scene-linear, a new array."""
    return _find(name).decode(np.asarray(values, np.float32))


def _find(name: str) -> Encoding:
    if name not in ENCODINGS:
        raise OptionError(name, why="is not an encoding", hint=f"Known are {', '.join(sorted(ENCODINGS))}.")
    return ENCODINGS[name]


def _compress(linear: Float32) -> Float32:
    """Pixar's range compression, 0.6 * log(1 + 5000 y) / log(5001), with odd extension below zero.

    T(1) is 0.6 and T(292.5) is 1. In float32: in half, 5000 y overflows above 13.
    """
    magnitude = np.log1p(MU * np.abs(linear)) * np.float32(KAPPA / LOG_SCALE)
    return np.copysign(magnitude, linear).astype(np.float32, copy=False)


def _expand(compressed: Float32) -> Float32:
    magnitude = np.expm1(np.abs(compressed) * np.float32(LOG_SCALE / KAPPA)) / np.float32(MU)
    return np.copysign(magnitude, compressed).astype(np.float32, copy=False)


def _to_srgb(linear: Float32) -> Float32:
    """The sRGB curve, continued above 1 by its own power law and below 0 by odd extension: 0-1 stays 0-1."""
    magnitude = np.abs(linear)
    curved = 1.055 * np.power(np.maximum(magnitude, 0.0031308), 1 / 2.4) - 0.055
    encoded = np.where(magnitude <= 0.0031308, magnitude * 12.92, curved)
    return np.copysign(encoded, linear).astype(np.float32, copy=False)


def _from_srgb(encoded: Float32) -> Float32:
    magnitude = np.abs(encoded)
    curved = np.power((np.maximum(magnitude, 0.04045) + 0.055) / 1.055, 2.4)
    linear = np.where(magnitude <= 0.04045, magnitude / 12.92, curved)
    return np.copysign(linear, encoded).astype(np.float32, copy=False)


ENCODINGS = {
    encoding.name: encoding
    for encoding in (
        Encoding("linear", np.copy, np.copy),
        Encoding("log", _compress, _expand),
        Encoding("srgb", _to_srgb, _from_srgb),
    )
}
"""By the name a model's manifest gives."""
