"""A project: the folder `NAME.penumbra` with the snapshot, the journal, assets and mattes.

::

    project.json        the shot as it was saved last, readable, one schema number
    journal-7.jsonl     every edit since snapshot 7 (`core/journal.py`)
    takes.json, takes/  kept sets of mattes (`core/take_files.py`)
    assets/             painted mattes and adapters, named by their SHA-256 (`core/asset_files.py`)
    mattes/             derived mattes by key (`core/matte_store.py`)
    lock                held by the window that has the project open

Saving writes the next journal first, then replaces `project.json` in one rename: that rename is the save. What lies
around of other generations is ignored and swept. Lives on the interface's thread, except `assets`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import platformdirs

from core.asset_files import AssetFiles
from core.disk import TEMPORARY, cause, remove_leftovers
from core.document import Document, Edit
from core.errors import ProjectError
from core.journal import Journal, Replayed, replay
from core.layer import AssetId, Layer, MatteKey
from core.matte_store import DEFAULT_BUDGET_BYTES, MatteStore
from core.needed_mattes import authored, ground, reachable
from core.project_lock import ProjectLock, is_locked
from core.project_values import ValueReader
from core.shot import Shot
from core.signal import Signal
from core.snapshot import SNAPSHOT, read_shot, read_snapshot, write_snapshot
from core.take import Take, TakeId
from core.take_files import TakeFiles

SUFFIX = ".penumbra"
ASSETS = "assets"


def is_project(path: Path) -> bool:
    """Whether `path` is a project folder (or the `project.json` in one)."""
    return (path / SNAPSHOT).is_file() or (path.name == SNAPSHOT and path.is_file())


def scratch_folder() -> Path:
    """Where sessions that were never saved keep themselves."""
    return platformdirs.user_data_path("penumbra", appauthor=False) / "autosave"


def abandoned(folder: Path | None = None) -> tuple[Path, ...]:
    """Unsaved sessions that no living window has open, newest first: what a crash left behind, if anything."""
    found = [path for path in (folder or scratch_folder()).glob(f"*{SUFFIX}") if is_project(path)]
    free = [path for path in found if not is_locked(path / "lock") and _has_edits(path)]
    return tuple(sorted(free, key=lambda path: path.stat().st_mtime, reverse=True))


class Project:
    """An open project. Make one with `create`, `open` or `scratch`.

    A window connects `record` to `Document.edited`, so that every edit is on disk before anyone sees it.
    """

    def __init__(
        self, path: Path, lock: ProjectLock, snapshot: dict[str, Any], values: ValueReader, budget_bytes: int
    ) -> None:
        self.trouble: Signal[ProjectError] = Signal()
        """The disk refuses something that is now only in memory. May be emitted on another thread."""
        self.path = path
        self.is_scratch = bool(snapshot.get("scratch", False))
        self._lock = lock
        self._values = values
        self._generation = int(snapshot["generation"])
        replayed = replay(
            self._journal_path(self._generation), read_shot(path, snapshot, values), self._generation, values
        )
        self._document = replayed.document
        self.recovered = replayed.edits
        """Edits found in the journal beyond the last save."""
        self.damage: ProjectError | None = _damage(path, replayed)
        """What could not be recovered, for the artist to read; None when all is well."""
        self.shot = replayed.document.shot
        """The newest shot that was recorded here."""
        self.assets = AssetFiles(path / ASSETS)
        self._takes = TakeFiles(path, values)
        self._takes.trouble.connect(self.trouble.emit)
        self.store = MatteStore(path / "mattes", budget_bytes)
        self.store.trouble.connect(self.trouble.emit)
        self.store.protect(authored(self._document.shots(), self.takes))
        self._use_journal(self._continued(replayed))
        self._sweep()

    # --- making and opening -------------------------------------------------------------------------------------
    @classmethod
    def create(
        cls,
        path: Path,
        shot: Shot | None = None,
        *,
        scratch: bool = False,
        budget_bytes: int = DEFAULT_BUDGET_BYTES,
    ) -> Project:
        """A new project folder. Raises ProjectError when there is something at `path` already, or no room."""
        path = _with_suffix(path)
        if path.exists():
            raise ProjectError(path, why="there is something of that name already", hint="Choose another name.")
        values = ValueReader(path.parent)
        try:
            for folder in (path, path / ASSETS, path / "mattes"):
                folder.mkdir(parents=True)
            write_snapshot(path, shot or Shot(), 1, values, scratch=scratch)
        except OSError as error:
            raise ProjectError(path, why=cause(error), hint="Choose another place for the project.") from error
        return cls.open(path, budget_bytes=budget_bytes)

    @classmethod
    def open(cls, path: Path, *, budget_bytes: int = DEFAULT_BUDGET_BYTES) -> Project:
        """Open a project and replay its journal.

        Raises:
            ProjectError: it is none, is open elsewhere, was written by a newer program, or cannot be read.
        """
        path = path.parent if path.name == SNAPSHOT else path
        if not is_project(path):
            raise ProjectError(
                path, why="it is not a Penumbra project", hint="Open a folder whose name ends in .penumbra."
            )
        path = path.absolute()
        lock = ProjectLock(path / "lock")
        with contextlib.ExitStack() as unless_opened:
            unless_opened.callback(lock.release)
            project = cls(path, lock, read_snapshot(path), ValueReader(path.parent), budget_bytes)
            unless_opened.pop_all()
        return project

    @classmethod
    def scratch(cls, folder: Path | None = None, *, budget_bytes: int = DEFAULT_BUDGET_BYTES) -> Project:
        """A project for a session that has no name yet; `save_as` gives it one."""
        name = f"untitled-{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:6]}{SUFFIX}"
        return cls.create((folder or scratch_folder()) / name, scratch=True, budget_bytes=budget_bytes)

    # --- the document -------------------------------------------------------------------------------------------
    def document(self) -> Document:
        """The recovered shot with the history since the last save. Not connected: see `record`."""
        return self._document

    def record(self, edit: Edit) -> None:
        """Journal one edit; never raises. The ground of a new key frame is on disk before the edit is."""
        if edit.kind == "do":
            self.store.keep(ground(edit.command))
        self._journal.record(edit)
        self.shot = edit.after

    @property
    def unsaved(self) -> bool:
        """Whether there are edits beyond the last save."""
        return self._journal.edits > 0

    def save(self, shot: Shot | None = None) -> None:
        """Make the current shot the snapshot and begin a new journal.

        Raises:
            ProjectError: the project on disk is as it was, and edits go on into the old journal.
        """
        self._commit(self.path, self._values, shot or self.shot, scratch=self.is_scratch)
        self._sweep()
        self.store.flush(timeout_s=2)
        if self.store.refused:
            raise ProjectError(
                self.store.folder or self.path,
                why="the shot is saved, but some mattes could not be written",
                hint="They stay in memory. Make room on the disk and save again.",
            )

    def save_as(self, path: Path, shot: Shot | None = None) -> None:
        """Save under another name and go on there; a session that had no name moves, a project is copied.

        Raises:
            ProjectError: everything is as it was.
        """
        path = _with_suffix(path).absolute()
        if path == self.path:
            self.save(shot)
            return
        if path.exists():
            raise ProjectError(path, why="there is something of that name already", hint="Choose another name.")
        old_path, old_lock, was_scratch = self.path, self._lock, self.is_scratch
        self.store.flush(timeout_s=60)
        values = ValueReader(path.parent)
        try:
            _copy_content(old_path, path)
            self._takes.copy_to(path)
            self._lock = ProjectLock(path / "lock")
            self._commit(path, values, shot or self.shot, scratch=False)
        except (OSError, ProjectError) as error:
            if self._lock is not old_lock:
                self._lock.release()
            self._lock = old_lock
            shutil.rmtree(path, ignore_errors=True)
            if isinstance(error, ProjectError):
                raise
            raise ProjectError(path, why=cause(error), hint="Choose another place for the project.") from error
        self.path, self._values, self.is_scratch = path, values, False
        self.assets.move_to(path / ASSETS)
        self.store.move_to(path / "mattes")
        self._takes.move_to(path, values)
        old_lock.release()
        if was_scratch:
            shutil.rmtree(old_path, ignore_errors=True)

    def close(self, *, discard: bool = False) -> None:
        """Write what waits and give the lock back. `discard` removes a session that never had a name; one in which
        nothing was ever done goes anyway."""
        self.store.close()
        self._takes.close()
        self._journal.close()
        if self.is_scratch and (discard or not _has_edits(self.path)):
            shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()

    def _commit(self, path: Path, values: ValueReader, shot: Shot, *, scratch: bool) -> None:
        """The next journal, then the snapshot in one rename. Raises ProjectError; the old ones count until then."""
        generation = self._generation + 1
        journal_path = path / _journal_name(generation)
        journal = Journal.begin(journal_path, generation, values)
        try:
            write_snapshot(path, shot, generation, values, scratch=scratch)
        except OSError as error:
            journal.close()
            journal_path.unlink(missing_ok=True)
            raise ProjectError(
                path, why=f"it was not saved, {cause(error)}", hint="Make room, or save elsewhere; no edit is lost."
            ) from error
        self._journal.close()
        self._generation = generation
        self.shot = shot
        self._use_journal(journal)

    def drop_asset(self, asset: AssetId, document: Document) -> bool:
        """Forget an adapter that nothing of this session needs any more; whether it is gone. A refusal costs room only.

        For what live teaching made: it makes many, and only those that the history or a take can bring back are kept.
        """
        layers = {id(layer): layer for shot in document.shots() for layer in shot.layers}
        known = (*layers.values(), *self._takes.of_this_session)
        if not asset or any(asset in (layer.adapter, *(kept.asset for kept in layer.adapters)) for layer in known):
            return False
        return self.assets.drop(asset)

    # --- takes --------------------------------------------------------------------------------------------------
    @property
    def takes(self) -> tuple[Take, ...]:
        """Every take of every layer, oldest first."""
        return self._takes.takes

    def keep_take(self, take: Take, layer: Layer | None = None) -> None:
        """Keep a take (or another state of the one of the same id), its mattes, and the layer as it was authored. The
        mattes of a take that nobody asked for reach the disk behind the hand that is painting.

        Raises ProjectError when it cannot.
        """
        self._takes.keep(take, layer)
        self.store.keep(take.keys, wait=not take.kind.automatic)

    def drop_take(self, *take_ids: TakeId) -> None:
        """Forget takes; their mattes may be collected once the project is opened again. Raises ProjectError."""
        self._takes.drop(*take_ids)

    def take_layer(self, take_id: TakeId) -> Layer | None:
        """The layer of a take as it was authored; None where only mattes are known. Raises ProjectError."""
        return self._takes.layer(take_id)

    # --- tidying ------------------------------------------------------------------------------------------------
    def collect(self, document: Document, also: Iterable[MatteKey] = (), most_bytes: int = 0) -> int:
        """Remove the oldest mattes nobody can reach until they fit `most_bytes`; how many were removed.

        Every delivered matte of every shot in the history stays, as do frozen bases, takes and `also`.
        """
        return self.store.collect({*also, *reachable(document.shots())}, most_bytes)

    def _sweep(self) -> None:
        """Remove journals of other generations and what a crash left half written."""
        remove_leftovers(self.path)
        remove_leftovers(self.path / ASSETS)
        for path in self.path.glob("journal-*.jsonl"):
            if path.name != _journal_name(self._generation):
                with contextlib.suppress(OSError):
                    path.unlink()

    def _journal_path(self, generation: int) -> Path:
        return self.path / _journal_name(generation)

    def _continued(self, replayed: Replayed) -> Journal:
        path = self._journal_path(self._generation)
        if replayed.whole_bytes:
            return Journal.resume(path, self._values, replayed)
        return Journal.begin(path, self._generation, self._values)

    def _use_journal(self, journal: Journal) -> None:
        self._journal = journal
        journal.trouble.connect(self.trouble.emit)


def _damage(path: Path, replayed: Replayed) -> ProjectError | None:
    if not replayed.damaged or replayed.torn:
        return None
    return ProjectError(
        path,
        why=f"the journal is damaged after line {replayed.edits + 1}, and the rest could not be recovered",
        hint="The damaged journal is kept in the project folder.",
    )


def _has_edits(path: Path) -> bool:
    """Whether anything was ever done in the project at `path`."""
    if (path / _journal_name(1)).exists():
        return len((path / _journal_name(1)).read_bytes().splitlines()) > 1
    return True


def _journal_name(generation: int) -> str:
    return f"journal-{generation}.jsonl"


def _with_suffix(path: Path) -> Path:
    return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)


def _copy_content(old: Path, new: Path) -> None:
    """Files that are only ever replaced, never written into, are linked where possible."""
    for name in (ASSETS, "mattes", "corrections"):
        (new / name).mkdir(parents=True)
        for source in (path for path in (old / name).rglob("*") if path.is_file() and TEMPORARY not in path.name):
            target = new / source.relative_to(old)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(source, target)
            except OSError:
                shutil.copyfile(source, target)
