"""Shared by all tests. `PENUMBRA_WITHOUT=torch` makes a package unimportable, as on a machine that lacks it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

WITHOUT = tuple(name for name in os.environ.get("PENUMBRA_WITHOUT", "").split(",") if name)


class Absent:
    """A finder that says the named packages are not installed."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name.split(".")[0] in WITHOUT:
            raise ModuleNotFoundError(f"No module named {name!r} (PENUMBRA_WITHOUT)", name=name)
        return None


if WITHOUT:
    sys.meta_path.insert(0, Absent())

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real pictures beside the checkout; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is absent: this test needs real pictures")
    return SHARED
