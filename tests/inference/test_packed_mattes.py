"""A matte is packed once and sent as often as it is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from core.geometry import Window
from core.matte import Matte
from inference import wire
from inference.packed_mattes import KEPT, PackedMattes


def ramp(seed: int = 0) -> Matte:
    window = Window(-3, 2, 29, 22)
    return Matte(window, np.random.default_rng(seed).uniform(0, 1, window.shape).astype(np.float32), 0.5)


def test_it_is_packed_once_and_what_is_given_may_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parking a body as a blob empties the message; the next one is whole again."""
    packed, count = PackedMattes(), [0]
    whole = wire.mask_from_matte

    def counted(matte: Matte, frame: int = 0) -> object:
        count[0] += 1
        return whole(matte, frame)

    monkeypatch.setattr(wire, "mask_from_matte", counted)
    matte = ramp()

    packed.mask(matte, 1001).blob.sha256 = b"elsewhere"
    again = packed.mask(matte, 1001)

    assert count == [1]
    np.testing.assert_array_equal(wire.matte_from_mask(again).coverage, matte.half().coverage)
    assert packed.mask(matte, 1002).frame == 1002
    assert count == [2]


def test_only_a_few_are_kept_and_another_matte_is_another() -> None:
    """Mattes are large."""
    packed = PackedMattes()
    mattes = [ramp(seed) for seed in range(KEPT + 2)]

    for matte in mattes:
        np.testing.assert_array_equal(wire.matte_from_mask(packed.mask(matte, 1)).coverage, matte.half().coverage)

    assert len(packed._kept) == KEPT
