"""Mattes by key: in memory up to a budget, on disk from then on, never lost silently and never wrong."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import core.matte_store
from core.disk import write_whole
from core.errors import ProjectError
from core.geometry import Window
from core.layer import EMPTY_MATTE
from core.matte import Matte, Provenance
from core.matte_file import pack, unpack
from core.matte_store import MatteStore

WINDOW = Window(-5, 3, 59, 35)
BYTES = WINDOW.pixels * 2


def matte(seed: int) -> Matte:
    coverage = np.random.default_rng(seed).uniform(0, 1, WINDOW.shape).astype(np.float32)
    return Matte(WINDOW, coverage, seed / 10, Provenance("propagate", "flow", "1.2", "ab" * 32, "", "engine 1"))


def same(left: Matte | None, right: Matte) -> bool:
    return (
        left is not None
        and left.window == right.window
        and np.array_equal(left.coverage, right.half().coverage)
        and left.confidence == right.confidence
        and left.provenance == right.provenance
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MatteStore]:
    store = MatteStore(tmp_path / "mattes", budget_bytes=3 * BYTES)
    yield store
    store.close()


def test_what_was_put_is_got(store: MatteStore) -> None:
    """At once from memory, half float, with window, confidence and provenance."""
    store.put("one", matte(1))

    assert store.has("one")
    assert same(store.get("one"), matte(1))
    assert store.get("two") is None
    assert not store.has("two")


def test_the_empty_matte_needs_no_pixels(store: MatteStore) -> None:
    """Its key is never kept: everyone knows what it is."""
    store.put(EMPTY_MATTE, matte(1))

    assert store.keys() == frozenset()


def test_over_budget_mattes_come_from_disk(store: MatteStore) -> None:
    """Twenty mattes in a store that may hold three in memory: all are there, bit for bit."""
    for number in range(20):
        store.put(str(number), matte(number))
    assert store.flush(20)

    assert store._bytes <= store.budget_bytes
    assert all(same(store.get(str(number)), matte(number)) for number in range(20))


def test_the_least_recently_used_leave_first(store: MatteStore) -> None:
    """What was looked at stays in memory."""
    for number in range(3):
        store.put(str(number), matte(number))
    store.flush()
    store.get("0")
    store.put("3", matte(3))
    store.flush()

    assert set(store._memory) == {"0", "2", "3"}


def test_another_session_finds_them(store: MatteStore, tmp_path: Path) -> None:
    """Mattes are saved with their keys."""
    store.put("one", matte(1))
    store.close()

    again = MatteStore(tmp_path / "mattes")
    assert again.has("one")
    assert again.confidence("one") == matte(1).confidence
    assert not again._memory, "a confidence costs no pixels"
    assert math.isnan(again.confidence("two"))
    assert same(again.get("one"), matte(1))


def test_the_first_matte_of_a_key_stays(store: MatteStore, tmp_path: Path) -> None:
    """A delivered matte must not change because a driver did."""
    store.put("one", matte(1))
    store.flush()
    store.put("one", matte(2))
    store.close()

    assert same(store.get("one"), matte(1))
    assert same(MatteStore(tmp_path / "mattes").get("one"), matte(1))


@pytest.mark.parametrize("key", ["one", "a" * 32])
def test_a_file_is_whole_or_absent(key: str) -> None:
    """Cut at any length, or with any one byte flipped, it reads as absent, never as another matte."""
    data = pack(key, Matte(Window(0, 0, 4, 3), np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)))

    assert unpack(key, data) is not None
    assert unpack("another key", data) is None
    for length in range(len(data)):
        assert unpack(key, data[:length]) is None
    for place in range(len(data)):
        broken = bytearray(data)
        broken[place] ^= 0x10
        assert unpack(key, bytes(broken)) is None
    assert unpack(key, data + b"x") is None


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_a_file_keeps_every_value(kind: type) -> None:
    """Half as half and float as float, odd sizes, NaN confidence."""
    values = np.random.default_rng(0).uniform(0, 1, (7, 5)).astype(kind)
    read = unpack("k", pack("k", Matte(Window(-3, -3, 2, 4), values)))

    assert read is not None
    assert read.coverage.dtype == kind
    assert np.array_equal(read.coverage, values)
    assert np.isnan(read.confidence)
    assert read.coverage.flags.c_contiguous


def test_a_torn_file_is_computed_again(store: MatteStore, tmp_path: Path) -> None:
    """It reads as absent, and can be put again."""
    store.put("one", matte(1))
    store.close()
    file = tmp_path / "mattes" / "one.matte"
    file.write_bytes(file.read_bytes()[:-7])

    again = MatteStore(tmp_path / "mattes")
    assert again.get("one") is None
    assert not again.has("one")
    again.put("one", matte(1))
    again.close()
    assert same(MatteStore(tmp_path / "mattes").get("one"), matte(1))


def test_kept_mattes_are_on_disk_at_once(store: MatteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ground of a correction does not wait for the writer behind."""
    monkeypatch.setattr(MatteStore, "_write_behind", lambda self: None)
    store.put("base", matte(1))
    assert not list((tmp_path / "mattes").iterdir())
    store.keep(["base", EMPTY_MATTE])

    assert same(unpack("base", (tmp_path / "mattes" / "base.matte").read_bytes()), matte(1))
    store._waiting.clear()


def test_kept_mattes_that_nobody_waits_for_follow(
    store: MatteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A take before a stroke holds a thousand of them: the hand that keeps it writes none, the writer all."""
    writers: list[str] = []

    def noted(path: Path, data: bytes, *, sync: bool = True) -> None:
        writers.append(threading.current_thread().name)
        write_whole(path, data, sync=sync)

    monkeypatch.setattr(core.matte_store, "write_whole", noted)
    with store._files:  # the writer waits
        for number in range(4):
            store.put(str(number), matte(number))
        store.keep(map(str, range(4)), wait=False)
    assert store.flush(timeout_s=20)

    assert set(writers) == {"matte-store"}
    assert store.collect(set()) == 0
    assert {path.name for path in (tmp_path / "mattes").iterdir()} == {f"{number}.matte" for number in range(4)}


def test_collecting_spares_what_is_kept_and_referenced(store: MatteStore, tmp_path: Path) -> None:
    """Frozen bases and takes are never collected; the oldest of the others go until the folder fits."""
    for number in range(6):
        store.put(str(number), matte(number))
    store.flush()
    for number in range(6):
        os.utime(tmp_path / "mattes" / f"{number}.matte", (number, number))
    store.keep(["0"])
    size = (tmp_path / "mattes" / "0.matte").stat().st_size

    assert store.collect({"1"}, most_bytes=size * 4 + 200) == 2
    assert {str(number) for number in range(6) if store.has(str(number))} == {"0", "1", "4", "5"}
    assert store.collect(set()) == 3
    assert store.keys() == {"0"}


class FullDisk:
    """A disk without room, until there is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = True
        monkeypatch.setattr(core.matte_store, "write_whole", self.write)

    def write(self, path: Path, data: bytes, *, sync: bool = True) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        write_whole(path, data, sync=sync)


def test_a_full_disk_is_said_once_and_loses_nothing(
    store: MatteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mattes stay in memory beyond the budget, and are written when there is room again."""
    disk = FullDisk(monkeypatch)
    heard: list[ProjectError] = []
    store.trouble.connect(heard.append)
    for number in range(8):
        store.put(str(number), matte(number))
    assert not store.flush(20)

    assert [error.why for error in heard] == ["mattes cannot be written, the disk is full"]
    assert all(same(store.get(str(number)), matte(number)) for number in range(8))
    assert store.refused == {str(number) for number in range(8)}
    disk.full = False
    store.put("8", matte(8))
    assert store.flush(20)
    assert store.refused == frozenset()
    assert store._bytes <= store.budget_bytes
    again = MatteStore(tmp_path / "mattes")
    assert all(same(again.get(str(number)), matte(number)) for number in range(9))


def test_without_a_folder_everything_stays_in_memory() -> None:
    """There is nowhere else."""
    store = MatteStore(None, budget_bytes=1)
    for number in range(5):
        store.put(str(number), matte(number))

    assert store.flush(1)
    assert all(same(store.get(str(number)), matte(number)) for number in range(5))
    assert store.collect(set()) == 0


def test_many_threads_see_whole_mattes(store: MatteStore) -> None:
    """Writers, readers and the collector at once: a matte is the right one or absent."""
    wrong: list[str] = []

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for _ in range(40):
            number = int(rng.integers(12))
            if rng.integers(2):
                store.put(str(number), matte(number))
            found = store.get(str(number))
            if found is not None and not same(found, matte(number)):
                wrong.append(str(number))
            if rng.integers(10) == 0:
                store.collect(set())

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert store.flush(20)


def test_moving_to_another_folder_writes_what_is_not_there_yet(store: MatteStore, tmp_path: Path) -> None:
    """Save as: the files were copied, the rest follows from memory."""
    store.put("one", matte(1))
    store.move_to(tmp_path / "elsewhere")
    assert store.flush(20)

    assert same(MatteStore(tmp_path / "elsewhere").get("one"), matte(1))


def test_leftovers_of_a_crash_are_removed(tmp_path: Path) -> None:
    """A half-written file has a name nobody reads, and goes when the store is opened."""
    folder = tmp_path / "mattes"
    folder.mkdir()
    (folder / ".partial-123-one.matte").write_bytes(b"half")

    store = MatteStore(folder)
    assert list(folder.iterdir()) == []
    assert store.keys() == frozenset()
