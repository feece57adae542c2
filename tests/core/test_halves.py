"""Halves and floats: the same numbers as NumPy's, for every half there is and for floats that lie between two."""

from __future__ import annotations

import numpy as np
import pytest

from core.arrays import Float16
from core.halves import to_float, to_half


def every_half() -> Float16:
    """(256, 248) all finite halves, with a few again."""
    halves = np.arange(65536, dtype=np.uint16).view(np.float16)
    return np.resize(halves[np.isfinite(halves)], (256, 248))


def test_every_half_becomes_its_float_and_comes_back() -> None:
    halves = every_half()

    floats = to_float(halves)

    assert floats.dtype == np.float32
    assert np.array_equal(floats.view(np.uint32), halves.astype(np.float32).view(np.uint32))
    assert np.array_equal(to_half(floats).view(np.uint16), halves.view(np.uint16))


@pytest.mark.parametrize("largest", [1.0, 1e-4, 1e-7, 60000.0])
def test_floats_are_rounded_as_numpy_rounds_them(largest: float) -> None:
    """Between two halves, exactly in the middle of two, and below the smallest."""
    floats = np.random.default_rng(0).random((200, 200), dtype=np.float32) * np.float32(largest)
    halves = every_half().astype(np.float32)
    middles = np.asarray((halves[:, :-1] + halves[:, 1:]) * np.float32(0.5), np.float32)

    for values in (floats, -floats, middles, floats[3:190, 5:120]):
        assert np.array_equal(to_half(values).view(np.uint16), values.astype(np.float16).view(np.uint16))


@pytest.mark.parametrize("shape", [(0, 5), (1, 1), (4, 1), (1, 5000), (5000, 1), (3, 4, 5)])
def test_any_shape(shape: tuple[int, ...]) -> None:
    values = np.full(shape, 0.3, np.float32)

    assert to_half(values).shape == shape
    assert np.array_equal(to_float(to_half(values)), values.astype(np.float16).astype(np.float32))


def test_what_may_not_be_written_to_can_be_read() -> None:
    halves = np.frombuffer(bytes(2 * 100 * 100), np.float16).reshape(100, 100)

    assert not to_float(halves).any()
