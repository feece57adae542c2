"""Whether a store is whole, and room given back. Knows the store's files; changes no pair that counts."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.corrections.blob import BlobDamaged, unpack
from core.corrections.record import MarkKind
from core.corrections.store import CorrectionStore
from core.disk import TEMPORARY, cause

KEPT_FOR_S = 24 * 3600.0
"""Files nobody refers to stay so long: another program may be about to refer to them."""


@dataclass(frozen=True, slots=True)
class Soundness:
    """What `verify` found. `wrong` are sentences; `unused` are pixels that no pair refers to, which is no fault."""

    pairs: int
    versions: int
    files: int
    total_bytes: int
    unused: int
    wrong: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        size = f"{self.total_bytes / 1e6:.1f} MB"
        held = f"{self.pairs} pairs in {self.versions} versions, {self.files} files, {size}"
        if not self.wrong:
            return f"{held}: whole."
        return f"{held}: {len(self.wrong)} thing{'s are' if len(self.wrong) > 1 else ' is'} wrong."


def verify(store: CorrectionStore, progress: Callable[[float], None] = lambda _done: None) -> Soundness:
    """Read every file of a store and compare it with its name. Raises OSError when the folder cannot be listed."""
    store.refresh()
    records = store.records
    deleted = {mark.pair for mark in store.marks.values() if mark.kind is MarkKind.DELETED}
    wrong = [f"{path}: {why}." for path, why in sorted(store.damaged.items())]
    files = store.blobs.all()
    needed = {key: record for each, record in records.items() if each not in deleted for key in record.blobs.values()}
    total = 0
    for number, (key, path) in enumerate(files.items(), 1):
        try:
            data = path.read_bytes()
            total += len(data)
            unpack(key, data)
        except OSError as error:
            wrong.append(f"{path}: it cannot be read, {cause(error)}.")
        except BlobDamaged as error:
            wrong.append(f"{path}: {error}.")
        progress(number / len(files))
    for key, record in needed.items():
        if key not in files:
            about = record.about
            wrong.append(f"{about.shot}, {about.layer}, frame {about.frame}: a file of it, {key[:12]}…, is missing.")
    return Soundness(
        len(store.entries()), len(records), len(files), total, len(files.keys() - needed.keys()), tuple(wrong)
    )


def clean(store: CorrectionStore, kept_for_s: float = KEPT_FOR_S) -> tuple[int, int]:
    """Remove the pixels of deleted pairs, and what crashes left behind, once they are old enough.

    Returns:
        How many files and bytes were removed.

    Raises:
        OSError: the folder cannot be listed.
    """
    store.refresh()
    deleted = {mark.pair for mark in store.marks.values() if mark.kind is MarkKind.DELETED}
    needed = {key for each, record in store.records.items() if each not in deleted for key in record.blobs.values()}
    unused = [path for key, path in store.blobs.all().items() if key not in needed]
    unused += [path for path in store.path.rglob(f"{TEMPORARY}*") if path.is_file()]
    return _remove(unused, time.time() - kept_for_s)


def _remove(paths: list[Path], before: float) -> tuple[int, int]:
    files, freed = 0, 0
    for path in paths:
        with contextlib.suppress(OSError):
            stat = path.stat()
            if stat.st_mtime < before:
                path.unlink()
                files, freed = files + 1, freed + stat.st_size
    return files, freed
