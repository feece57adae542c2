"""Mattes are brought into memory by a worker, each once, and what cannot be had is not tried for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.loop import Loop
from app.mattes import Mattes
from app.mattes_ahead import MattesAhead
from core.commands import AddLayer, AddPlate, AddPrompt
from core.document import Document
from core.errors import PenumbraError
from core.frames import FrameRange
from core.geometry import Format, Window
from core.layer import EMPTY_MATTE, KeyFrame, Layer
from core.matte import Matte
from core.matte_store import MatteStore
from core.plate import Plate
from core.prompts import Click
from tests.app.fake_hall import fake_hall

WINDOW = Window.of_size(32, 24)
CLICKED = KeyFrame(prompts=(Click(4, 4),))
MORE = Click(9, 9)


class Shelf:
    """A shot with one clicked frame, 1001. Its matte lies on disk, in no memory; so does that of one click more."""

    def __init__(self, folder: Path) -> None:
        self.document = Document()
        frames, form = FrameRange(1001, 1004), Format(WINDOW)
        self.plate = Plate("p", "p", folder / "p.####.exr", frames, form, WINDOW, "ACEScg")
        self.document.do(AddPlate(self.plate))
        self.layer = Layer("hero", "Hero").with_key_frame(1001, CLICKED).with_key_frame(1003, CLICKED)
        self.document.do(AddLayer(self.layer))
        self.key = self.layer.matte_key(self.plate.identity, 1001)
        earlier = MatteStore(folder / "mattes")
        more = KeyFrame(prompts=(*CLICKED.prompts, MORE))
        self.next_key = self.layer.with_key_frame(1001, more).matte_key(self.plate.identity, 1001)
        for key in (self.key, self.next_key):
            earlier.put(key, Matte(WINDOW, np.full(WINDOW.shape, 0.5, np.float16)))
        earlier.close()
        self.store = MatteStore(folder / "mattes")
        self.mattes = Mattes(self.document, self.store, _nothing_painted)
        self.loop = Loop()
        self.trouble: list[PenumbraError] = []
        self.ahead = MattesAhead(
            fake_hall(self.document, mattes=self.mattes, post=self.loop.post, report=self.trouble.append)
        )
        self.came: list[int] = []
        self.ahead.came.connect(self.came.append)

    def damage(self) -> None:
        """The file of `key` can no longer be read."""
        next((self.store.folder or Path()).glob(f"{self.key}*.matte")).write_bytes(b"no matte at all")


def _nothing_painted(asset: str) -> Matte:
    raise AssertionError(asset)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.ahead.close()
    made.store.close()


def test_a_matte_on_disk_is_fetched_by_a_worker(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked twice it is read once, never on the thread that asks."""
    readers: list[str] = []
    read = MatteStore.get

    def get(store: MatteStore, key: str) -> Matte | None:
        readers.append(threading.current_thread().name)
        return read(store, key)

    monkeypatch.setattr(MatteStore, "get", get)
    first = shelf.ahead.at_hand(1001)
    shelf.ahead.at_hand(1001)  # the worker may have come in between
    shelf.loop.wait(lambda: bool(shelf.came), timeout_s=20)

    assert (first, shelf.ahead.at_hand(1001)) == (False, True)
    assert shelf.came == [1001]
    assert len(readers) == 1
    assert readers[0] != threading.current_thread().name
    assert not shelf.trouble


def test_what_is_nowhere_is_at_hand(shelf: Shelf) -> None:
    """Frame 1003 has a prompt but no matte yet: there is nothing to wait for. So has one that is hidden."""
    assert shelf.ahead.at_hand(1003)
    assert shelf.store.at_hand(shelf.key) is False


def test_a_damaged_file_is_tried_once(shelf: Shelf) -> None:
    """Play goes on without the matte; nobody waits for it again."""
    shelf.damage()
    shelf.ahead.at_hand(1001)
    shelf.loop.wait(lambda: bool(shelf.came), timeout_s=20)

    assert shelf.ahead.at_hand(1001)
    assert shelf.came == [1001]


def test_the_next_matte_of_that_frame_is_tried_again(shelf: Shelf) -> None:
    """A click makes it another one: a file of its own, and a good one."""
    shelf.damage()
    shelf.ahead.at_hand(1001)
    shelf.loop.wait(lambda: bool(shelf.came), timeout_s=20)
    shelf.document.do(AddPrompt("hero", 1001, MORE, EMPTY_MATTE))

    assert not shelf.ahead.at_hand(1001)
    shelf.loop.wait(lambda: len(shelf.came) == 2, timeout_s=20)
    assert shelf.store.at_hand(shelf.next_key)


def test_the_empty_matte_is_one(shelf: Shelf) -> None:
    """What is drawn from it is drawn once, not anew at every frame."""
    assert shelf.mattes.empty() is shelf.mattes.empty()
