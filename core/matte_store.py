"""Where derived mattes live, by key: in memory up to a budget, on disk under the project from then on.

Every matte is written behind the caller's back as soon as it arrives, so that the budget can drop it from memory and
a crash loses next to nothing. What could not be written stays in memory, budget or not, and is said in one sentence.
Kept keys (frozen bases of key frames, takes) are authored ground: written through at once and never collected.
The key of a finished matte (`core/finish.py`) stands for what it was made from: there when that is there, kept with
it, never written. Thread-safe. Knows neither layers nor how a matte is made.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections import OrderedDict, deque
from collections.abc import Iterable
from pathlib import Path

from core.disk import cause, remove_leftovers, sync_file, write_whole
from core.errors import ProjectError
from core.finish_keys import sources, unfinished
from core.finished_mattes import FinishedMattes
from core.finishing import MotionOf
from core.layer import EMPTY_MATTE, MatteKey
from core.matte import Matte
from core.matte_file import HEADER_BYTES, confidence_of, pack, unpack
from core.signal import Signal

DEFAULT_BUDGET_BYTES = 2 << 30
_SUFFIX = ".matte"


class MatteStore:
    """Mattes by key, half float.

    Args:
        folder: where they are written, made if need be; None keeps them in memory only (and then all of them).
        budget_bytes: memory for mattes that are safely on disk as well.
    """

    def __init__(self, folder: Path | None = None, budget_bytes: int = DEFAULT_BUDGET_BYTES) -> None:
        self.trouble: Signal[ProjectError] = Signal()
        """Emitted once when the disk begins to refuse; on the thread that met it."""
        self.folder = folder
        self.budget_bytes = budget_bytes
        self._memory: OrderedDict[MatteKey, Matte] = OrderedDict()
        self._finished = FinishedMattes(self.get, budget_bytes // 2)
        self._bytes = 0
        self._on_disk: set[MatteKey] = set()
        self._kept: set[MatteKey] = set()
        self._waiting: deque[MatteKey] = deque()
        self._refused: dict[MatteKey, None] = {}
        self._in_trouble = False
        self._busy = False
        self._closing = False
        self._state = threading.Condition()
        self._files = threading.RLock()
        """Held while a file is written or removed; taken before `_state`, never inside it."""
        self._writer: threading.Thread | None = None
        if folder is not None:
            self._scan(folder)

    def _scan(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ProjectError(folder, why=cause(error), hint="Choose another place for the project.") from error
        remove_leftovers(folder)
        self._on_disk = {path.stem for path in folder.glob(f"*{_SUFFIX}")}

    def _path(self, key: MatteKey) -> Path:
        assert self.folder is not None
        return self.folder / f"{key}{_SUFFIX}"

    # --- reading ------------------------------------------------------------------------------------------------
    def has(self, key: MatteKey) -> bool:
        """Whether `get` would find it (a damaged file is found out only by `get`)."""
        with self._state:
            wanted = sources(key)
            if key != unfinished(key):
                wanted = (source for source in wanted if source != EMPTY_MATTE)
            return all(source in self._memory or source in self._on_disk for source in wanted)

    def at_hand(self, key: MatteKey) -> bool:
        """Whether `get` would give it at once, touching no disk and finishing nothing."""
        if key != unfinished(key):
            return self._finished.at_hand(key)
        with self._state:
            return key in self._memory

    def keys(self) -> frozenset[MatteKey]:
        """Every key in memory or on disk."""
        with self._state:
            return frozenset(self._memory) | frozenset(self._on_disk)

    def get(self, key: MatteKey) -> Matte | None:
        """The matte (half coverage), from memory or disk; None when there is none or its file is not whole."""
        if key != unfinished(key):
            return self._finished.get(key)
        with self._state:
            matte = self._memory.get(key)
            if matte is not None:
                self._memory.move_to_end(key)
                return matte
            if key not in self._on_disk:
                return None
        try:
            matte = unpack(key, self._path(key).read_bytes())
        except OSError:
            matte = None
        with self._state:
            if key in self._memory:
                return self._memory[key]
            if matte is None:
                self._on_disk.discard(key)
            else:
                self._remember(key, matte)
        return matte

    def finished(self, matte: Matte, key: MatteKey) -> Matte:
        """A matte that has no key of its own, after all that the finished key `key` says."""
        return self._finished.applied(matte, key)

    def use_motion(self, motion_of: MotionOf) -> None:
        """Who says how the picture moves, where a finish asks."""
        self._finished.motion_of = motion_of

    def confidence(self, key: MatteKey) -> float:
        """What the model thought of a matte, 0-1, without reading its pixels; NaN when nobody says."""
        key = unfinished(key)
        with self._state:
            matte = self._memory.get(key)
            if matte is not None:
                return matte.confidence
            if key not in self._on_disk:
                return math.nan
        try:
            with self._path(key).open("rb") as file:
                return confidence_of(key, file.read(HEADER_BYTES))
        except OSError:
            return math.nan

    # --- writing ------------------------------------------------------------------------------------------------
    def put(self, key: MatteKey, matte: Matte) -> None:
        """Keep a matte; returns at once, the file follows. The first matte of a key stays: what was delivered does
        not change because a driver did. `EMPTY_MATTE` is never kept: it needs no pixels."""
        if key == EMPTY_MATTE or key != unfinished(key) or self.has(key):
            return
        half = matte.half()
        with self._state:
            self._remember(key, half)
            if self.folder is not None and key not in self._on_disk:
                self._waiting.append(key)
                self._start_writer()
                self._state.notify_all()

    def keep(self, keys: Iterable[MatteKey], *, wait: bool = True) -> None:
        """Never collect these; they are on disk when this returns, or `trouble` has said why not.

        Args:
            wait: False returns at once, for thousands that a hand must not wait for; the writer has them all.
        """
        for key in (source for wanted in keys for source in sources(wanted)):
            if key == EMPTY_MATTE:
                continue
            with self._state:
                if key in self._kept and key in self._on_disk:
                    continue
                self._kept.add(key)
                needs_write = wait and self.folder is not None and key in self._memory and key not in self._on_disk
                if self.folder is not None and key in self._on_disk:
                    self._waiting.append(key)  # to be synced
                    self._start_writer()
                    self._state.notify_all()
            if needs_write:
                self._write(key, sync=True)

    def protect(self, keys: Iterable[MatteKey]) -> None:
        """Never collect these; they were on disk when the project was opened."""
        with self._state:
            self._kept.update(source for key in keys for source in sources(key) if source != EMPTY_MATTE)

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until everything was offered to the disk once more; whether all of it is there now."""
        with self._state:
            for key in self._refused:
                self._waiting.append(key)
            self._refused.clear()
            if self._waiting:
                self._start_writer()
                self._state.notify_all()
            idle = self._state.wait_for(lambda: not self._waiting and not self._busy, timeout_s)
            return idle and not self._refused

    @property
    def refused(self) -> frozenset[MatteKey]:
        """Mattes that are only in memory because the disk would not take them."""
        with self._state:
            return frozenset(self._refused)

    def close(self, timeout_s: float | None = 30.0) -> bool:
        """Flush and stop the writer. The store can still be read."""
        done = self.flush(timeout_s)
        with self._state:
            self._closing = True
            self._state.notify_all()
            writer = self._writer
        if writer is not None:
            writer.join(timeout_s)
        return done

    def collect(self, referenced: Iterable[MatteKey], most_bytes: int = 0) -> int:
        """Remove the oldest files that are neither kept nor `referenced` until the folder is within `most_bytes`.

        Returns:
            How many mattes were removed.
        """
        if self.folder is None:
            return 0
        with self._state:
            protected = self._kept | {source for key in referenced for source in sources(key)}
            paths = {self._path(key): key for key in self._on_disk}
        files = []
        for path, key in paths.items():
            with contextlib.suppress(FileNotFoundError):
                files.append((path.stat(), path, key))
        total = sum(stat.st_size for stat, _, _ in files)
        removed = 0
        for stat, path, key in sorted(files, key=lambda entry: entry[0].st_mtime):
            if total <= most_bytes:
                break
            if key in protected:
                continue
            with self._files, self._state:
                if key in self._kept:
                    continue
                path.unlink(missing_ok=True)
                self._on_disk.discard(key)
                self._forget(key)
            total -= stat.st_size
            removed += 1
        return removed

    def move_to(self, folder: Path) -> None:
        """Use another folder, which already holds a copy of the files (`Project.save_as`)."""
        self.flush()
        with self._files, self._state:
            self.folder = folder
            self._scan(folder)
            for key in self._memory:
                if key not in self._on_disk:
                    self._waiting.append(key)
            if self._waiting:
                self._start_writer()
                self._state.notify_all()

    # --- inside; `_state` is held where not said otherwise ------------------------------------------------------
    def _remember(self, key: MatteKey, matte: Matte) -> None:
        self._forget(key)
        self._memory[key] = matte
        self._bytes += matte.nbytes
        self._shrink()

    def _forget(self, key: MatteKey) -> None:
        old = self._memory.pop(key, None)
        if old is not None:
            self._bytes -= old.nbytes

    def _shrink(self) -> None:
        """Drop the least recently used mattes that are safely on disk."""
        if self._bytes <= self.budget_bytes or self.folder is None:
            return
        for key in [key for key in self._memory if key in self._on_disk]:
            if self._bytes <= self.budget_bytes:
                return
            self._forget(key)

    def _start_writer(self) -> None:
        if self._writer is None or not self._writer.is_alive():
            self._closing = False
            self._writer = threading.Thread(target=self._write_behind, name="matte-store", daemon=True)
            self._writer.start()

    def _write_behind(self) -> None:
        """The writer's body; `_state` is not held."""
        while True:
            with self._state:
                self._state.wait_for(lambda: bool(self._waiting) or self._closing)
                if not self._waiting:
                    return
                key = self._waiting.popleft()
                self._busy = True
                sync = key in self._kept
            try:
                self._write(key, sync=sync)
            finally:
                with self._state:
                    self._busy = False
                    self._state.notify_all()

    def _write(self, key: MatteKey, *, sync: bool) -> None:
        """Write one matte; `_state` is not held. A refusal keeps the matte in memory and is said once."""
        with self._files:
            with self._state:
                matte = self._memory.get(key)
                there = key in self._on_disk
            try:
                if there and sync:
                    sync_file(self._path(key))
                if there or matte is None:
                    return
                write_whole(self._path(key), pack(key, matte), sync=sync)
            except OSError as error:
                self._refuse(key, error)
                return
            with self._state:
                self._on_disk.add(key)
                self._in_trouble = False
                self._refused.pop(key, None)
                self._waiting.extend(self._refused)
                self._refused.clear()
                self._shrink()

    def _refuse(self, key: MatteKey, error: OSError) -> None:
        with self._state:
            self._refused[key] = None
            first = not self._in_trouble
            self._in_trouble = True
            folder = self.folder
        if first:
            self.trouble.emit(
                ProjectError(
                    str(folder),
                    why=f"mattes cannot be written, {cause(error)}",
                    hint="They stay in memory; make room and save, and they are written then.",
                )
            )
