"""A folder of small immutable JSON files, read once each.

A thousand small files are slow to read from a network share, so what was read is also kept in one file beside the
folder. It is only a copy: when it is missing, torn or stale the files themselves are read. Knows no meaning.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import zstandard

from core.corrections.record import file_id
from core.disk import write_whole

Item = TypeVar("Item")

WORTH_COPYING = 200
"""With so many files that were not in the copy yet, a new copy is written."""
_NAME = re.compile(r"([0-9a-f]{32})\.json")


class Catalog(Generic[Item]):
    """The items of one folder by id.

    Args:
        folder: may not exist yet.
        read: an item from the bytes of its file; raises ValueError.
        as_file: its id and its bytes.
        damaged: told of a file that cannot be read. May raise.
    """

    def __init__(
        self,
        folder: Path,
        read: Callable[[bytes], Item],
        as_file: Callable[[Item], tuple[str, bytes]],
        damaged: Callable[[Path, ValueError], None],
    ) -> None:
        self.folder = folder
        self._read, self._as_file, self._damaged = read, as_file, damaged
        self._items: dict[str, Item] = {}
        self._copied = 0
        self._copy = folder.with_name(f"{folder.name}.copy")

    def all(self) -> dict[str, Item]:
        """What is known; not to be changed."""
        return self._items

    def refresh(self) -> None:
        """Read what is new in the folder. Raises OSError."""
        names = self._names()
        if not self._items and names:
            kept = self._copied_texts()
            for item_id in names & kept.keys():
                self._take(item_id, kept[item_id].encode())
            self._copied = len(self._items)
        for item_id in names - self._items.keys():
            with contextlib.suppress(FileNotFoundError):
                self._take(item_id, self.path(item_id).read_bytes())
        for item_id in self._items.keys() - names:
            del self._items[item_id]
        if len(self._items) - self._copied >= WORTH_COPYING:
            self._write_copy()

    def add(self, item: Item) -> str:
        """Keep an item; it is on disk when this returns. Returns its id. Raises OSError with nothing half-written."""
        item_id, data = self._as_file(item)
        self.add_file(item_id, data)
        return item_id

    def add_file(self, item_id: str, data: bytes) -> None:
        """Keep an item's file as it is. Raises OSError."""
        path = self.path(item_id)
        self.folder.mkdir(exist_ok=True)
        if not _holds(path, data):
            write_whole(path, data)
        self._take(item_id, data)

    def path(self, item_id: str) -> Path:
        """Where an item lies."""
        return self.folder / f"{item_id}.json"

    def _take(self, item_id: str, data: bytes) -> None:
        if file_id(data) != item_id:
            self._damaged(self.path(item_id), ValueError("it is cut or was overwritten"))
            return
        try:
            self._items[item_id] = self._read(data)
        except ValueError as error:
            self._damaged(self.path(item_id), error)

    def _names(self) -> set[str]:
        try:
            with os.scandir(self.folder) as files:
                return {found.group(1) for file in files if (found := _NAME.fullmatch(file.name))}
        except FileNotFoundError:
            return set()

    def _copied_texts(self) -> dict[str, str]:
        """What the copy holds, unchecked but for its own sum. Whatever is wrong with it, the files are the truth."""
        try:
            kept = json.loads(zstandard.ZstdDecompressor().decompress(self._copy.read_bytes()))
            return {str(each): str(said) for each, said in kept.items()}
        except (OSError, ValueError, AttributeError, zstandard.ZstdError):
            return {}

    def _write_copy(self) -> None:
        """Known files only; what is new is read once more, which is rare."""
        old = self._copied_texts()
        with contextlib.suppress(OSError, UnicodeDecodeError):  # full or read-only: the copy is only for speed
            kept = {each: old[each] if each in old else self.path(each).read_bytes().decode() for each in self._items}
            text = json.dumps(kept, separators=(",", ":")).encode()
            packed = zstandard.ZstdCompressor(level=3, write_checksum=True).compress(text)
            write_whole(self._copy, packed, sync=False)
            self._copied = len(self._items)


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False
