"""The store: a folder of blobs, records and marks, which any number of programs may write at once.

Nothing in it is ever changed: a file is written whole beside its place and renamed into it, under a name that is the
hash of what it holds. So there is no lock to hold, to lose on a network share or to be left behind by a crash, and two
writers cannot undo each other. Pixels are written before the record that names them. The reasons: docs/decisions/0015.
Thread-safe. Knows neither documents nor learning.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core.arrays import UInt8
from core.corrections.blob import BlobDamaged, Blobs
from core.corrections.catalog import Catalog
from core.corrections.cutting import Pair, PairPixels, authored_bytes, authored_from, thumbnail
from core.corrections.record import (
    VERSION,
    About,
    Mark,
    MarkKind,
    NewerFormat,
    PairId,
    PairRecord,
    Place,
    Split,
    now,
    read_mark,
    read_pair,
)
from core.disk import cause, write_whole
from core.errors import ProjectError
from core.signal import Signal

ABOUT_FILE = "store.json"
FORMAT = "penumbra corrections"
_EXCLUDED_IN_VERSION_1 = "excluded.json"
_BEGINNING = "1970-01-01T00:00:00.000000+00:00"


@dataclass(frozen=True, slots=True)
class Entry:
    """The newest version of a pair, and what was said of it since.

    Args:
        versions: ids of all versions, oldest first.
        excluded: the artist does not want it trained on; a newer version stays so.
    """

    record: PairRecord
    versions: tuple[PairId, ...]
    excluded: bool = False
    deleted: bool = False
    withdrawn: bool = False

    @property
    def teaches(self) -> bool:
        return not (self.excluded or self.deleted or self.withdrawn)


class CorrectionStore:
    """One store. Make it with `open`.

    Args:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.changed: Signal[None] = Signal()
        """Something was stored or marked through this very object; on the thread that did it."""
        self.path = path
        self.blobs = Blobs(path / "blobs")
        self.damaged: dict[Path, str] = {}
        """Files that were found not to be what they should be, and why, each a clause."""
        self._lock = threading.RLock()
        self._pairs = Catalog(path / "pairs", read_pair, PairRecord.as_file, self._damage)
        self._marks = Catalog(path / "marks", read_mark, Mark.as_file, self._damage)

    @classmethod
    def open(cls, path: Path, *, make: bool = False) -> CorrectionStore:
        """The store in the folder `path`.

        Args:
            make: begin a store where there is none.

        Raises:
            ProjectError: there is none, a newer program wrote it, or the folder cannot be read or made.
        """
        try:
            if not is_store(path):
                if not make:
                    hint = "Name the folder of a store, or a project that has one."
                    raise ProjectError(path, why="it holds no corrections", hint=hint)
                for name in ("pairs", "marks", "blobs"):
                    (path / name).mkdir(parents=True, exist_ok=True)
            if _version(path) > VERSION:
                raise _newer(path, f"its format is {_version(path)}, and this program knows {VERSION}")
            store = cls(path)
            store.refresh()
        except OSError as error:
            raise ProjectError(path, why=cause(error), hint="Choose another folder for the corrections.") from error
        return store

    # --- reading ------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look for what others have written since. Raises OSError."""
        with self._lock:
            self._pairs.refresh()
            self._marks.refresh()

    def entries(self, *, everything: bool = False) -> tuple[Entry, ...]:
        """The newest version of every pair, by shot, layer and frame.

        Args:
            everything: also what was deleted or withdrawn.
        """
        with self._lock:
            versions: dict[Place, list[PairRecord]] = {}
            for record in self._pairs.all().values():
                versions.setdefault(record.place, []).append(record)
            said = self._said()
        entries = [_entry(sorted(records, key=_age), said) for records in versions.values()]
        shown = [entry for entry in entries if everything or not (entry.deleted or entry.withdrawn)]
        return tuple(sorted(shown, key=_order))

    def find(self, pair_id: PairId) -> PairRecord:
        """Any version, by its id. Raises ProjectError when there is none."""
        with self._lock:
            record = self._pairs.all().get(pair_id)
        if record is None:
            raise ProjectError(self.path, why=f"it has no pair {pair_id}", hint="List it again: another may be newer.")
        return record

    def at(self, place: Place) -> Entry | None:
        """What the store holds of one place, deleted or not."""
        with self._lock:
            records = [record for record in self._pairs.all().values() if record.place == place]
            return _entry(sorted(records, key=_age), self._said()) if records else None

    def has_pixels(self, record: PairRecord) -> bool:
        """Whether every file of a pair is there; what is in them is not read."""
        return all(self.blobs.has(key) for key in record.blobs.values())

    def pair(self, pair_id: PairId) -> Pair:
        """A pair with its pixels, checked.

        Raises:
            ProjectError: there is none, or a file of it is missing or damaged.
        """
        record = self.find(pair_id)
        blobs: dict[str, Any] = {
            name: self._blob(record, name) for name in ("picture", "before", "after", "decided", "authored")
        }
        try:
            authored = authored_from(blobs.pop("authored"))
        except ValueError as error:
            raise self._lost(record, "authored", str(error)) from error
        shapes = {name: blob.shape[:2] for name, blob in blobs.items()}
        if set(shapes.values()) != {record.about.window.shape}:
            raise self._lost(record, "picture", "its pixels do not have the size it says")
        return Pair(record, PairPixels(**blobs, authored=authored))

    def thumbnail(self, pair_id: PairId) -> UInt8:
        """(h, w, 5) uint8, see `PairPixels.thumbnail`; made from the pixels where none was stored. Raises as `pair`."""
        record = self.find(pair_id)
        if "thumbnail" in record.blobs:
            with contextlib.suppress(ProjectError):
                kept: UInt8 = self._blob(record, "thumbnail")
                return kept
        pair = self.pair(pair_id)
        return thumbnail(pair.rgb(), pair.pixels, record.about.pixel_aspect)

    def pairs(
        self, split: Split | None = None, damaged: Callable[[ProjectError], None] | None = None
    ) -> Iterator[Pair]:
        """What may be learnt from: the newest version of every pair that is neither excluded nor taken back.

        Which shots are held out is decided by `split_of` alone and never changes. A plate that is held out under one
        shot's name is not trained on under another's.

        Args:
            split: `train`, `validation`, or None for both.
            damaged: told of each pair that cannot be read; the others still come. Without it the first one raises.

        Raises:
            ProjectError: a pair cannot be read, and nobody is told.
        """
        for record in self.teaching(split):
            try:
                pair = self.pair(record.id)
            except ProjectError as error:
                if damaged is None:
                    raise
                damaged(error)
                continue
            yield pair

    def teaching(self, split: Split | None = None) -> tuple[PairRecord, ...]:
        """The records of `pairs`, without opening their pixels."""
        records = [entry.record for entry in self.entries() if entry.teaches]
        held_out = {record.about.plate for record in records if record.about.split == "validation"}
        validation = [record for record in records if record.about.split == "validation"]
        train = [record for record in records if record.about.plate not in held_out]
        return tuple(records if split is None else train if split == "train" else validation)

    # --- writing ------------------------------------------------------------------------------------------------

    def put(self, about: About, pixels: PairPixels) -> PairRecord:
        """Keep a pair; it is on disk when this returns. What the store has already is not kept again.

        Returns:
            The record of it, new or old.

        Raises:
            ProjectError: the disk refused; nothing is half-stored.
        """
        arrays = {
            "picture": pixels.picture,
            "before": pixels.before,
            "after": pixels.after,
            "decided": pixels.decided,
            "authored": authored_bytes(pixels.authored),
        }
        if pixels.thumbnail is not None:
            arrays["thumbnail"] = pixels.thumbnail
        with self._refusing():
            record = PairRecord(about, now(), {name: self.blobs.put(array) for name, array in arrays.items()})
            self.blobs.sync(record.blobs.values())
            with self._lock:
                known = self.at(about.place)
                if known is not None and known.record.content == record.content and not known.withdrawn:
                    return known.record
                if known is not None and record.made <= known.record.made:  # another machine's clock is ahead
                    record = replace(record, made=_just_after(known.record.made))
                self._begin_writing()
                record = replace(record, id=self._pairs.add(record))
        self.changed.emit(None)
        return record

    def mark(self, pairs: Iterable[PairId], kind: MarkKind, artist: str = "") -> None:
        """Say something of pairs. To delete means every version of them.

        Raises:
            ProjectError: the disk refused; some may be marked.
        """
        with self._refusing(), self._lock:
            self._begin_writing()
            moment = now()
            newest = max((mark.made for mark in self._marks.all().values()), default="")
            moment = _just_after(newest) if moment <= newest else moment
            for pair_id in pairs:
                entry = self.at(self.find(pair_id).place)
                ids = entry.versions if entry is not None and kind is MarkKind.DELETED else (pair_id,)
                for each in ids:
                    self._marks.add(Mark(each, kind, artist, moment))
        self.changed.emit(None)

    def take_files(self, pairs: Mapping[PairId, bytes], marks: Mapping[str, bytes]) -> None:
        """Keep records and marks from elsewhere as they are; the blobs are here already. Raises OSError."""
        with self._lock:
            self._begin_writing()
            for each, data in pairs.items():
                self._pairs.add_file(each, data)
            for each, data in marks.items():
                self._marks.add_file(each, data)
        self.changed.emit(None)

    @property
    def records(self) -> dict[PairId, PairRecord]:
        """Every version of every pair, by id."""
        with self._lock:
            return dict(self._pairs.all())

    @property
    def marks(self) -> dict[str, Mark]:
        """Everything that was ever said of a pair."""
        with self._lock:
            old = {mark.as_file()[0]: mark for mark in self._excluded_in_version_1()}
            return old | self._marks.all()

    def file_of(self, pair_id: PairId) -> bytes:
        """A record's file as it lies here. Raises OSError."""
        return self._pairs.path(pair_id).read_bytes()

    # --- inside -------------------------------------------------------------------------------------------------

    def _said(self) -> dict[PairId, list[Mark]]:
        said: dict[PairId, list[Mark]] = {}
        for mark in self.marks.values():
            said.setdefault(mark.pair, []).append(mark)
        return said

    def _excluded_in_version_1(self) -> list[Mark]:
        """The draft kept one list of ids; it is read where it lies and never written again."""
        try:
            ids = json.loads((self.path / _EXCLUDED_IN_VERSION_1).read_bytes())
        except (OSError, ValueError):
            return []
        return [Mark(str(each), MarkKind.EXCLUDED, "", _BEGINNING) for each in ids] if isinstance(ids, list) else []

    def _begin_writing(self) -> None:
        """From now on programs that know less than this format leave the store alone."""
        if _version(self.path) < VERSION:
            about = {"format": FORMAT, "version": VERSION}
            write_whole(self.path / ABOUT_FILE, json.dumps(about, indent=1).encode() + b"\n")

    def _blob(self, record: PairRecord, name: str) -> Any:
        try:
            return self.blobs.get(record.blobs[name])
        except FileNotFoundError as error:
            raise self._lost(record, name, "it is missing") from error
        except (BlobDamaged, ValueError) as error:
            raise self._lost(record, name, str(error)) from error
        except OSError as error:
            raise self._lost(record, name, cause(error)) from error

    def _lost(self, record: PairRecord, name: str, why: str) -> ProjectError:
        about = record.about
        subject = f"{about.shot}, {about.layer or about.layer_id}, frame {about.frame}"
        return ProjectError(
            subject,
            why=f"its {name} cannot be read from {self.path}, {why}",
            hint="Correct the frame again, or bring it back from an export; the other pairs are whole.",
        )

    def _damage(self, path: Path, error: ValueError) -> None:
        if isinstance(error, NewerFormat):
            raise _newer(self.path, str(error)) from error
        self.damaged[path] = str(error)

    @contextlib.contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            hint = "Make room there; what was stored before is whole."
            raise ProjectError(self.path, why=f"the correction was not stored, {cause(error)}", hint=hint) from error


def is_store(path: Path) -> bool:
    """Whether a folder holds corrections."""
    return (path / ABOUT_FILE).is_file() or (path / "pairs").is_dir()


def _version(path: Path) -> int:
    """What the newest writer said; 0 where nobody has written yet, or what was said is torn (records say it too)."""
    try:
        return int(json.loads((path / ABOUT_FILE).read_bytes())["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _newer(path: Path, why: str) -> ProjectError:
    return ProjectError(path, why=f"a newer Penumbra wrote these corrections, {why}", hint="Update this Penumbra.")


def _entry(records: list[PairRecord], said: dict[PairId, list[Mark]]) -> Entry:
    """Of the versions of one place, oldest first."""
    newest = records[-1]
    about = [mark for record in records for mark in said.get(record.id, ())]
    wanted = [mark for mark in about if mark.kind in (MarkKind.EXCLUDED, MarkKind.INCLUDED)]
    last = max(wanted, key=lambda mark: (mark.made, mark.kind.value, mark.pair), default=None)
    for_good = {mark.kind for mark in said.get(newest.id, ())}
    return Entry(
        newest,
        tuple(record.id for record in records),
        excluded=last is not None and last.kind is MarkKind.EXCLUDED,
        deleted=MarkKind.DELETED in for_good,
        withdrawn=MarkKind.WITHDRAWN in for_good,
    )


def _age(record: PairRecord) -> tuple[str, PairId]:
    return record.made, record.id


def _order(entry: Entry) -> tuple[str, str, str, int, str]:
    about = entry.record.about
    return about.shot, about.layer, about.layer_id, about.frame, about.plate


def _just_after(made: str) -> str:
    return (datetime.fromisoformat(made) + timedelta(microseconds=1)).isoformat(timespec="microseconds")
