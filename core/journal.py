"""The journal: one line per do, undo, redo and amend, handed to the operating system before the screen changes.

After `kill -9` at any moment the snapshot plus the journal is everything up to the last finished command. Each line
carries a checksum; the first line that is not whole ends the journal. The journal says which snapshot it belongs to,
so that a crash between writing a new snapshot and a new journal replays nothing twice.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.disk import cause, write_whole
from core.document import Document, Edit
from core.errors import ProjectError
from core.project_values import UNREADABLE, ValueReader, as_json
from core.shot import Shot
from core.signal import Signal

_VERSION = 1
_SYNC_EVERY_S = 0.5
"""Often enough for a power cut, seldom enough that the hand does not wait for a disk that is syncing."""


def _line(record: dict[str, Any]) -> bytes:
    text = as_json(record)
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _lines(data: bytes) -> Iterator[tuple[dict[str, Any], int]]:
    """Every whole record with the offset after it, up to the first that is not whole."""
    offset = 0
    for raw in data.splitlines(keepends=True):
        if not raw.endswith(b"\n") or raw[8:9] != b" " or raw[:8] != b"%08x" % zlib.crc32(raw[9:-1]):
            return
        offset += len(raw)
        yield json.loads(raw[9:]), offset


@dataclass(frozen=True, slots=True)
class Replayed:
    """A journal read back.

    Args:
        document: the snapshot with every whole line replayed, history included.
        edits: how many lines were replayed.
        whole_bytes: how much of the file is good; 0 when the journal does not belong to the snapshot.
        damaged: whether something after the good part was dropped.
        torn: whether that was no more than one line that a crash cut short.
    """

    document: Document
    edits: int
    whole_bytes: int
    damaged: bool
    torn: bool = False


def replay(path: Path, shot: Shot, generation: int, values: ValueReader) -> Replayed:
    """The document after every whole line of the journal that belongs to snapshot `generation`."""
    document = Document(shot)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Replayed(document, 0, 0, damaged=False)
    except OSError as error:
        raise ProjectError(path, why=cause(error), hint="Check the permissions of the project folder.") from error
    edits, good = 0, 0
    for record, offset in _lines(data):
        if good == 0:
            if record.get("generation") != generation or record.get("journal") != _VERSION:
                return Replayed(document, 0, 0, damaged=False)
        else:
            try:
                document = _replay(document, record, values)
            except (*UNREADABLE, IndexError):
                break
            edits += 1
        good = offset
    return Replayed(document, edits, good, damaged=good < len(data), torn=b"\n" not in data[good:])


def _replay(document: Document, record: dict[str, Any], values: ValueReader) -> Document:
    match record["edit"]:
        case "do":
            document.do(values.read_command(record["command"]))
        case "undo":
            document.undo()
        case "redo":
            document.redo()
        case "amend":
            document.amend(values.read_command(record["command"]))
        case "shot":
            return Document(values.read_shot(record["shot"]))
        case other:
            raise ValueError(f"unknown edit {other!r}")
    return document


class Journal:
    """The open journal of one snapshot; called on the interface's thread. Use `begin` or `resume`."""

    def __init__(self, path: Path, values: ValueReader, size: int) -> None:
        self.trouble: Signal[ProjectError] = Signal()
        """Emitted once when the disk begins to refuse. The lines wait in memory and are written as soon as it can."""
        self.path = path
        self.edits = 0
        self._values = values
        self._done = self._undone = 0
        """How far a replay of this file could undo and redo."""
        self._waiting = b""
        self._in_trouble = False
        self._size = size
        self._syncing = threading.Condition()
        self._unsynced = False
        self._closed = False
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
        self._syncer = threading.Thread(target=self._sync_behind, name="journal-sync", daemon=True)
        self._syncer.start()

    @classmethod
    def begin(cls, path: Path, generation: int, values: ValueReader) -> Journal:
        """An empty journal for snapshot `generation`. Raises ProjectError; nothing else was touched then."""
        line = _line({"journal": _VERSION, "generation": generation})
        try:
            write_whole(path, line)
            return cls(path, values, len(line))
        except OSError as error:
            raise ProjectError(path, why=cause(error), hint="Make room on the disk and save again.") from error

    @classmethod
    def resume(cls, path: Path, values: ValueReader, replayed: Replayed) -> Journal:
        """Go on after the good part of a journal; what was dropped is kept beside it. Raises ProjectError."""
        try:
            if replayed.damaged:
                write_whole(path.with_suffix(".damaged"), path.read_bytes())
                os.truncate(path, replayed.whole_bytes)
            journal = cls(path, values, replayed.whole_bytes)
        except OSError as error:
            raise ProjectError(path, why=cause(error), hint="Make the project folder writable.") from error
        journal.edits = replayed.edits
        journal._done, journal._undone = replayed.document.steps, replayed.document.undone_steps
        return journal

    def record(self, edit: Edit) -> None:
        """Write one line; connected to `Document.edited`. Never raises: a refusal is `trouble`, and the line waits."""
        line = _line(self._record(edit))
        self.edits += 1
        self._waiting += line
        self.write_waiting()

    def _record(self, edit: Edit) -> dict[str, Any]:
        if edit.kind == "do":
            self._done, self._undone = self._done + 1, 0
            return {"edit": "do", "command": self._values.write_command(edit.command)}
        if edit.kind == "amend":
            return {"edit": "amend", "command": self._values.write_command(edit.command)}
        if edit.kind == "undo" and self._done:
            self._done, self._undone = self._done - 1, self._undone + 1
            return {"edit": "undo"}
        if edit.kind == "redo" and self._undone:
            self._done, self._undone = self._done + 1, self._undone - 1
            return {"edit": "redo"}
        # Undone past the snapshot: the replay has no history there and is told where the artist arrived.
        self._done = self._undone = 0
        return {"edit": "shot", "shot": self._values.write_shot(edit.after)}

    def write_waiting(self) -> bool:
        """Hand the lines that wait to the operating system; whether none waits any more."""
        if not self._waiting:
            return True
        try:
            written = os.write(self._file, self._waiting)
            if written < len(self._waiting):
                written += os.write(self._file, self._waiting[written:])
        except OSError as error:
            self._refused(error)
            return False
        self._size += written
        self._waiting = b""
        self._in_trouble = False
        with self._syncing:
            self._unsynced = True
            self._syncing.notify_all()
        return True

    def _refused(self, error: OSError) -> None:
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, self._size)
        if not self._in_trouble:
            self._in_trouble = True
            self.trouble.emit(
                ProjectError(
                    self.path,
                    why=f"the last edit could not be written, {cause(error)}",
                    hint="It is kept in memory and written as soon as there is room. Make room, or save elsewhere.",
                )
            )

    def _sync_behind(self) -> None:
        """The syncer's body: what was written reaches the disk without the hand waiting for it."""
        while True:
            with self._syncing:
                self._syncing.wait_for(lambda: self._unsynced or self._closed)
                if not self._unsynced:
                    return
                self._unsynced = False
                handle = os.dup(self._file)
            try:
                with contextlib.suppress(OSError):
                    os.fsync(handle)
            finally:
                os.close(handle)
            with self._syncing:
                self._syncing.wait_for(lambda: self._closed, _SYNC_EVERY_S)

    def close(self) -> None:
        """Write and sync what waits, and close the file."""
        self.write_waiting()
        with self._syncing:
            self._closed = True
            self._syncing.notify_all()
        self._syncer.join()
        with self._syncing:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1
