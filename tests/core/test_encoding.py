"""Encodings come back: over HDR, over negatives, over zero."""

from __future__ import annotations

import numpy as np
import pytest

from core.encoding import ENCODINGS, decode, encode
from core.errors import OptionError

LIGHT = np.logspace(-6, np.log10(65504), 5000).astype(np.float32)
EVERYTHING = np.concatenate([-LIGHT[::-1], np.zeros(1, np.float32), LIGHT])


@pytest.mark.parametrize("name", sorted(ENCODINGS))
def test_decoding_undoes_encoding(name: str) -> None:
    """Within 1e-5 of each value, from -65504 to 65504, in float32; zero is exactly zero."""
    back = decode(name, encode(name, EVERYTHING))

    assert back.dtype == np.float32
    assert np.max(np.abs(back - EVERYTHING) / np.maximum(np.abs(EVERYTHING), 1e-30)) < 1e-5
    assert encode(name, np.zeros(1, np.float32))[0] == 0


@pytest.mark.parametrize("name", sorted(ENCODINGS))
def test_encodings_grow_and_leave_their_input_alone(name: str) -> None:
    """More light is always a larger number, and half input is taken."""
    light = EVERYTHING.astype(np.float16)
    kept = light.copy()

    encoded = encode(name, light)

    assert encoded.dtype == np.float32
    assert np.all(np.diff(encoded) >= 0)
    assert np.array_equal(light, kept)
    assert encode(name, LIGHT) is not LIGHT


@pytest.mark.parametrize(("light", "code"), [(1, 0.6), (0.18, 0.479), (292.5, 1.0), (300, 1.0018), (-1, -0.6)])
def test_pixars_range_compression(light: float, code: float) -> None:
    """T(y) = 0.6 log(1 + 5000 y) / log 5001, odd below zero: the published points."""
    assert encode("log", np.array([light], np.float32))[0] == pytest.approx(code, abs=5e-4)


@pytest.mark.parametrize(("light", "code"), [(0.2158605, 128 / 255), (1, 1), (0, 0), (0.0031308, 0.04045)])
def test_srgb(light: float, code: float) -> None:
    """The standard's own points; what is within 0-1 stays within 0-1."""
    assert encode("srgb", np.array([light], np.float32))[0] == pytest.approx(code, abs=1e-5)


def test_an_unknown_encoding_names_the_known() -> None:
    with pytest.raises(OptionError, match="linear, log, srgb"):
        encode("gamma", EVERYTHING)
