"""How much memory pictures may take."""

from __future__ import annotations

import pytest

from core import cache_room
from core.cache_room import MOST_READ_BYTES, MOST_READY_BYTES, VARIABLE, CacheRoom

GIB = 1 << 30


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def test_what_the_artist_wants_is_shared_out() -> None:
    assert CacheRoom.of(3.0) == CacheRoom(2 * GIB, 1 * GIB)
    assert CacheRoom.of(3.0).gb == 3.0


def test_the_environment_stands_above_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "1.5")

    assert CacheRoom.of(3.0) == CacheRoom(1 * GIB, GIB // 2)


@pytest.mark.parametrize("nonsense", ["", "much", "-2", "0", "nan", "inf", "-inf"])
def test_nonsense_in_the_environment_is_not_heard(monkeypatch: pytest.MonkeyPatch, nonsense: str) -> None:
    monkeypatch.setenv(VARIABLE, nonsense)

    assert CacheRoom.of(3.0) == CacheRoom(2 * GIB, 1 * GIB)


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf"), -1.0])
def test_a_settings_file_with_nonsense_is_not_heard(monkeypatch: pytest.MonkeyPatch, nonsense: float) -> None:
    monkeypatch.setattr(cache_room, "_machine_bytes", lambda: 8 * GIB)

    assert CacheRoom.of(nonsense) == CacheRoom(2 * GIB, 1 * GIB)


def test_no_wish_is_larger_than_any_machine() -> None:
    assert CacheRoom.of(1e300).gb == pytest.approx(cache_room.LARGEST_GB)


@pytest.mark.parametrize(
    ("machine", "read", "ready"),
    [(8 * GIB, 2 * GIB, 1 * GIB), (1024 * GIB, MOST_READ_BYTES, MOST_READY_BYTES)],
)
def test_without_a_wish_the_machine_decides(
    monkeypatch: pytest.MonkeyPatch, machine: int, read: int, ready: int
) -> None:
    monkeypatch.setattr(cache_room, "_machine_bytes", lambda: machine)

    assert CacheRoom.of() == CacheRoom(read, ready)
