"""`penumbra bench exr` measures every method in every case and ends with means."""

from __future__ import annotations

import math

import pytest

from app.bench.exr import run
from core.errors import OptionError


def test_rows_and_means() -> None:
    """A small frame in two compressions: seven methods each, then their means, with the baseline at 1."""
    rows = list(run([(96, 64)], ("zip", "none"), rounds=1))

    cases = [row for row in rows if row["case"] != "mean"]
    means = [row for row in rows if row["case"] == "mean"]
    methods = list(dict.fromkeys(row["method"] for row in rows))
    assert len(methods) == 7
    assert len(cases) == 14
    assert [row["method"] for row in means] == methods
    assert rows[-7:] == means
    assert all(row["bench"] == "exr" and row["ms"] > 0 and math.isfinite(row["fps"]) for row in rows)
    assert {row["relative"] for row in rows if row["method"] in ("read packed", "write")} == {1.0}
    assert all(row["mb"] > 0 for row in rows if row["method"] == "write")


def test_no_rounds_is_refused() -> None:
    with pytest.raises(OptionError):
        list(run([(8, 8)], ("zip",), rounds=0))
