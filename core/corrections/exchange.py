"""Pairs carried from one store to another: as one file, or from folder to folder.

An export is a plain zip of the store's own files (docs/corrections.md); so is, but for the zip, a store. Bringing in
only ever adds: what is there already is left alone, and the same export may be brought in twice.
"""

from __future__ import annotations

import contextlib
import json
import re
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.corrections.blob import BlobDamaged, unpack
from core.corrections.record import VERSION, MarkKind, NewerFormat, PairId, PairRecord, file_id, read_mark, read_pair
from core.corrections.store import ABOUT_FILE, FORMAT, CorrectionStore, is_store
from core.disk import TEMPORARY, cause, sync_folder
from core.errors import ProjectError
from core.words import counted

_PAIR = re.compile(r"pairs/([0-9a-f]{32})\.json")
_MARK = re.compile(r"marks/([0-9a-f]{32})\.json")
_MOST_FILE_BYTES = 1 << 32
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Carried:
    """What was carried. `left` are sentences about what could not be."""

    pairs: int = 0
    known: int = 0
    marks: int = 0
    left: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        known = f", {self.known} were there already" if self.known else ""
        left = f"; {len(self.left)} could not be read and were left out" if self.left else ""
        return f"{counted(self.pairs, 'version')} of pairs{known}{left}."


class Source(Protocol):
    """Files by their names inside a store."""

    def names(self) -> list[str]: ...

    def read(self, name: str) -> bytes:
        """Raises OSError or one of the errors of a broken zip."""


def export(store: CorrectionStore, file: Path, wanted: Callable[[PairRecord], bool] = lambda _record: True) -> Carried:
    """Write all versions of the wanted pairs, and what was said of them, into one new zip. Deleted ones stay behind.

    Raises:
        ProjectError: the disk refused; no half file is left, and an older one of that name is as it was.
    """
    temporary = file.with_name(f"{TEMPORARY}{uuid.uuid4().hex[:12]}-{file.name}")
    try:
        store.refresh()
        with temporary.open("xb") as out:
            carried = _fill(store, zipfile.ZipFile(out, "w"), wanted)
        temporary.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise ProjectError(
            file, why=f"the export was not written, {cause(error)}", hint="Choose another place."
        ) from error
    return carried


def _fill(store: CorrectionStore, packed: zipfile.ZipFile, wanted: Callable[[PairRecord], bool]) -> Carried:
    records = {each: record for each, record in store.records.items() if wanted(record)}
    deleted = {mark.pair for mark in store.marks.values() if mark.kind is MarkKind.DELETED}
    left: list[str] = []
    written: set[str] = set()
    pairs = marks = 0
    with packed:
        packed.writestr(ABOUT_FILE, json.dumps({"format": FORMAT, "version": VERSION}))
        for each, record in records.items():
            if each in deleted:
                continue
            try:
                blobs = {key: store.blobs.path(key).read_bytes() for key in record.blobs.values() if key not in written}
                for key, data in blobs.items():
                    unpack(key, data)
                said = store.file_of(each)
            except FileNotFoundError:
                left.append(f"{_named(record)}: a file of it is missing.")
                continue
            except BlobDamaged as error:
                left.append(f"{_named(record)}: {error}.")
                continue
            for key, data in blobs.items():
                packed.writestr(f"blobs/{key[:2]}/{key}", data)
            written |= blobs.keys()
            packed.writestr(f"pairs/{each}.json", said)
            pairs += 1
        for mark in store.marks.values():
            if mark.pair in records:
                mark_id, data = mark.as_file()
                packed.writestr(f"marks/{mark_id}.json", data)
                marks += 1
    return Carried(pairs, 0, marks, tuple(left))


def bring(store: CorrectionStore, path: Path) -> Carried:
    """Everything of an export, or of another store's folder, that `store` does not have.

    Raises:
        ProjectError: `path` is neither, a newer program wrote it, or the disk refused. What came whole until then
            stays, and the same call goes on from there.
    """
    try:
        with _opened(path) as source:
            return _bring(store, source, path)
    except NewerFormat as error:
        raise ProjectError(path, why=f"a newer Penumbra wrote it, {error}", hint="Update this Penumbra.") from error
    except OSError as error:
        hint = "Make room, or choose another file; what was brought in stays."
        raise ProjectError(path, why=f"it could not be brought in, {cause(error)}", hint=hint) from error


def _bring(store: CorrectionStore, source: Source, path: Path) -> Carried:
    """Marks are read first: the pixels of what was deleted there may be gone."""
    store.refresh()
    here, said, left = store.records, store.marks, list[str]()
    marks: dict[str, bytes] = {}
    deleted: set[PairId] = set()
    pairs = known = 0
    for name, mark_id in _matching(source, _MARK):
        with _leaving_out(left, path, name):
            mark = read_mark(data := _whole(source, name, mark_id))
            if mark.kind is MarkKind.DELETED:
                deleted.add(mark.pair)
            if mark_id not in said:
                marks[mark_id] = data
    for name, pair_id in _matching(source, _PAIR):
        if pair_id in here:
            known += 1
        elif pair_id not in deleted:
            with _leaving_out(left, path, name):
                data = _whole(source, name, pair_id)
                _bring_pixels(store, source, read_pair(data))
                store.take_files({pair_id: data}, {})
                pairs += 1
    store.take_files({}, marks)
    return Carried(pairs, known, len(marks), tuple(left))


def _matching(source: Source, pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    return [(name, found.group(1)) for name in source.names() if (found := pattern.fullmatch(name))]


@contextlib.contextmanager
def _leaving_out(left: list[str], path: Path, name: str) -> Iterator[None]:
    """One file that is not what it should be does not keep the others away."""
    try:
        yield
    except NewerFormat:
        raise
    except (ValueError, KeyError, FileNotFoundError, *_BROKEN_ZIP) as error:
        why = "a file of it is missing" if isinstance(error, KeyError | FileNotFoundError) else str(error)
        left.append(f"{path}, {name}: {why}.")


def _bring_pixels(store: CorrectionStore, source: Source, record: PairRecord) -> None:
    """The blobs of one record, checked. Raises ValueError when one is not what it should be."""
    for key in record.blobs.values():
        if not store.blobs.has(key):
            data = source.read(f"blobs/{key[:2]}/{key}")
            unpack(key, data)
            store.blobs.put_file(key, data)
    store.blobs.sync(record.blobs.values())


def _whole(source: Source, name: str, item_id: str) -> bytes:
    data = source.read(name)
    if file_id(data) != item_id:
        raise ValueError("it is cut or was overwritten")
    return data


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Source]:
    """Raises ProjectError when `path` is neither a store nor an export."""
    if path.is_dir():
        if not is_store(path):
            raise ProjectError(path, why="it holds no corrections", hint="Name a store or an export of one.")
        yield _Folder(path)
        return
    try:
        packed = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        hint = "Copy the file again: an export that was cut cannot be read."
        raise ProjectError(path, why="it is no whole export of corrections", hint=hint) from error
    with packed:
        if ABOUT_FILE not in packed.namelist():
            raise ProjectError(path, why="it is no export of corrections", hint="Name a store or an export of one.")
        yield _Zip(packed)


class _Folder:
    """Another store; what it says of an older format's pairs is said as of today."""

    def __init__(self, path: Path) -> None:
        self._store = CorrectionStore.open(path)
        self._marks = {f"marks/{each}.json": mark.as_file()[1] for each, mark in self._store.marks.items()}

    def names(self) -> list[str]:
        return [*self._marks, *(f"pairs/{each}.json" for each in self._store.records)]

    def read(self, name: str) -> bytes:
        return self._marks[name] if name in self._marks else (self._store.path / name).read_bytes()


class _Zip:
    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed

    def names(self) -> list[str]:
        return self._packed.namelist()

    def read(self, name: str) -> bytes:
        if self._packed.getinfo(name).file_size > _MOST_FILE_BYTES:
            raise ValueError("it is larger than any file of a store")
        return self._packed.read(name)


def _named(record: PairRecord) -> str:
    about = record.about
    return f"{about.shot}, {about.layer or about.layer_id}, frame {about.frame}"
