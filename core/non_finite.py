"""NaN and Inf in pixels: found, counted and replaced. Knows arrays, nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from core.arrays import HALF_MAX, AnyFloat, UInt8

_BLOCK = 1 << 18


def find_and_contain(rgba: AnyFloat) -> tuple[int, UInt8 | None]:
    """As `contain`, and where they stood: one bit a pixel (`np.packbits`), None where there were none."""
    words = rgba.reshape(-1).view(np.uint16 if rgba.dtype == np.float16 else np.uint32)
    limit = words.dtype.type(0x7C00 if rgba.dtype == np.float16 else 0x7F800000)
    bad: dict[int, npt.NDArray[Any]] = {}
    scratch = np.empty(min(_BLOCK, words.size), words.dtype)
    for start in range(0, words.size, _BLOCK):
        block = words[start : start + _BLOCK]
        masked = np.bitwise_and(block, limit, out=scratch[: block.size])
        if masked.max(initial=0) >= limit:
            bad[start] = np.flatnonzero(masked == limit)
    if not bad:
        return 0, None
    pixels = np.zeros(words.size // rgba.shape[-1], bool)
    for start, places in bad.items():
        pixels[(places + start) // rgba.shape[-1]] = True
    return contain(rgba), np.packbits(pixels)


def contain(rgba: AnyFloat) -> int:
    """Replace NaN by 0 and Inf by the largest half of its sign, in place; how many there were."""
    flat = rgba.reshape(-1)
    bits, exponent = (np.uint16, 0x7C00) if rgba.dtype == np.float16 else (np.uint32, 0x7F800000)
    words = flat.view(bits)
    count = 0
    scratch = np.empty(min(_BLOCK, words.size), bits)
    for start in range(0, words.size, _BLOCK):
        block = words[start : start + _BLOCK]
        masked = np.bitwise_and(block, bits(exponent), out=scratch[: block.size])
        if masked.max(initial=0) < exponent:
            continue
        count += int(np.count_nonzero(masked == exponent))
        part = flat[start : start + _BLOCK]
        np.nan_to_num(part, copy=False, nan=0.0, posinf=HALF_MAX, neginf=-HALF_MAX)
    return count
