"""The room of the corrections: remembered as the artist works, listed, marked, and carried in and out.

One worker does all of it, one thing after the other, so that the order of things is the order of the hand and the
interface never waits. Knows the open project and the stores; knows neither Qt nor the engine.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from app.background import Background, Result
from app.hall import Hall
from app.remembering import FOLDER, Memory, gather, keep
from app.reviewing import reviewer
from core.arrays import UInt8
from core.corrections.cutting import seen
from core.corrections.exchange import Carried, bring, export
from core.corrections.record import MarkKind, PairId, PairRecord
from core.corrections.store import CorrectionStore, Entry, is_store
from core.errors import PenumbraError, ProjectError
from core.model_info import ModelInfo
from core.review import ReviewStatus
from core.shot import Change, Touched
from core.signal import Signal
from core.words import counted

LOOKED_AT_PX = 1400
"""The longer side of a pair that is looked at large."""
THUMBNAILS = 2000
"""How many small pictures are kept in memory, 60 KB each at most."""


class Corrections:
    """See `widgets.corrections.CorrectionRoom` for what each call promises.

    Args:
        models: what the engine has for a task.
    """

    def __init__(self, hall: Hall, models: Callable[[str], Iterable[ModelInfo]]) -> None:
        self.changed: Signal[None] = Signal()
        self.thumbnail_ready: Signal[PairId] = Signal()
        self.artist = reviewer()
        self.on = True
        self.show: Path | None = None
        self.of_show = False
        self.busy = False
        self._hall, self._document, self._models = hall, hall.document, models
        self._worker = Background(hall.post, self._failed, workers=1)
        self._doing: list[str] = []
        self._entries: tuple[Entry, ...] = ()
        self._stores: dict[Path, CorrectionStore] = {}
        """Only the worker touches it."""
        self._thumbnails: OrderedDict[PairId, UInt8 | None] = OrderedDict()
        self._told: set[str] = set()
        self._closed = False
        self._saving = False
        self._forget = hall.document.changed.connect(self._edited)

    # --- when to remember ---------------------------------------------------------------------------------------

    def _edited(self, change: Change) -> None:
        if change.touched is Touched.REVIEW and any(
            mark.status is ReviewStatus.APPROVED and mark.frame in change.frames for mark in self._document.shot.review
        ):
            self.remember()

    def saved(self, state: str) -> None:
        """Told of the project's autosave indicator: after a save there is a state to remember."""
        if state == "saved" and self._saving:
            self.remember()
        self._saving = state == "saving"

    def remember(self) -> None:
        memory = self._memory()
        if memory is not None:
            self._do("Remembering corrections…", lambda: self._keep(memory), self._kept)

    def leave(self) -> None:
        """Another project will be open: remember what there is, and wait until the worker has done it all."""
        self.remember()
        self._worker.wait()
        self._entries = ()
        self._thumbnails.clear()
        self.changed.emit(None)

    def _memory(self) -> Memory | None:
        if not self.on or self._closed:
            return None
        bench = self._hall.bench()
        models = (*self._models("segment"), *self._models("propagate"))
        memory = gather(bench.project, bench.mattes, bench.loader, models, self.artist)
        return memory if memory is not None and (memory.places or is_store(memory.store)) else None

    def _keep(self, memory: Memory) -> int:
        try:
            kept = keep(memory, self._opened)
        except ProjectError:
            if memory.store.parent.is_dir():
                raise
            return 0  # the project got another name meanwhile, and is remembered there
        if self.show is not None and is_store(memory.store):
            bring(self._opened(self.show), memory.store)
        return kept

    def _kept(self, kept: int) -> None:
        self._told.clear()
        if kept:
            self.refresh()

    # --- what is listed -----------------------------------------------------------------------------------------

    @property
    def sentence(self) -> str:
        if self._doing:
            return self._doing[0]
        if not self._entries:
            return "" if self.on else "Corrections are not remembered."
        excluded = sum(entry.excluded for entry in self._entries)
        held = sum(entry.record.about.split == "validation" for entry in self._entries)
        many = counted(len(self._entries), "pair")
        parts = [many, f"{excluded} excluded" if excluded else "", f"{held} held out to measure" if held else ""]
        return ", ".join(part for part in parts if part) + "."

    def entries(self) -> tuple[Entry, ...]:
        return self._entries

    @property
    def stores(self) -> tuple[Path, ...]:
        """The project's, and the show's where there is one; they need not be there yet."""
        return (self._hall.bench().project.path / FOLDER, *([self.show] if self.show is not None else []))

    def refresh(self) -> None:
        path = self._listed()
        self._do("Reading the corrections…", lambda: self._read(path), self._came)

    def switch(self, on: bool) -> None:
        self.on = on
        self.changed.emit(None)
        self.remember()

    def use_show(self, folder: Path | None) -> None:
        self.show = folder
        self.of_show = self.of_show and folder is not None
        self.remember()
        self.refresh()

    def list_show(self, of_show: bool) -> None:
        self.of_show = of_show and self.show is not None
        self.refresh()

    def _listed(self) -> Path:
        return self.show if self.of_show and self.show is not None else self._hall.bench().project.path / FOLDER

    def _read(self, path: Path) -> tuple[Entry, ...]:
        if not is_store(path):
            return ()
        store = self._opened(path)
        store.refresh()
        return store.entries()

    def _came(self, entries: tuple[Entry, ...]) -> None:
        self._entries = entries
        self.changed.emit(None)

    # --- pictures -----------------------------------------------------------------------------------------------

    def thumbnail(self, pair_id: PairId) -> UInt8 | None:
        if pair_id not in self._thumbnails:
            self._thumbnails[pair_id] = None  # asked for once
            while len(self._thumbnails) > THUMBNAILS:
                self._thumbnails.popitem(last=False)
            path = self._listed()
            self._worker.run(
                lambda: self._opened(path).thumbnail(pair_id),
                lambda made: self._made(pair_id, made),
                lambda _error: None,
            )
        return self._thumbnails[pair_id]

    def _made(self, pair_id: PairId, made: UInt8) -> None:
        self._thumbnails[pair_id] = made
        self.thumbnail_ready.emit(pair_id)

    def look(self, pair_id: PairId, came: Callable[[PairRecord, UInt8], None]) -> None:
        path = self._listed()

        def work() -> tuple[PairRecord, UInt8]:
            pair = self._opened(path).pair(pair_id)
            return pair.record, seen(pair.rgb(), pair.pixels, pair.record.about.pixel_aspect, LOOKED_AT_PX)

        self._worker.run(work, lambda made: came(*made))

    # --- what is done with them ---------------------------------------------------------------------------------

    def exclude(self, pairs: Sequence[PairId], excluded: bool = True) -> None:
        self._mark(pairs, MarkKind.EXCLUDED if excluded else MarkKind.INCLUDED)

    def delete(self, pairs: Sequence[PairId]) -> None:
        self._mark(pairs, MarkKind.DELETED)

    def _mark(self, pairs: Sequence[PairId], kind: MarkKind) -> None:
        path, show = self._listed(), self.show

        def work() -> tuple[Entry, ...]:
            store = self._opened(path)
            store.mark(pairs, kind, self.artist)
            if show is not None and show != path:
                bring(self._opened(show), path)
            return store.entries()

        self._do("Marking…", work, self._came)

    def export(self, path: Path) -> None:
        source = self._listed()
        self._do(
            "Exporting corrections…", lambda: export(self._opened(source), path), lambda done: self._say(path, done)
        )

    def bring(self, path: Path) -> None:
        target = self._listed()

        def came(done: Carried) -> None:
            self._say(path, done)
            self.refresh()

        found = path / FOLDER if is_store(path / FOLDER) else path
        self._do("Bringing in corrections…", lambda: bring(self._opened(target), found), came)

    def _say(self, path: Path, done: Carried) -> None:
        self._hall.said(f"{path.name}: {done.sentence}")
        self.changed.emit(None)

    # --- the worker ---------------------------------------------------------------------------------------------

    def _do(self, what: str, work: Callable[[], Result], done: Callable[[Result], None]) -> None:
        if self._closed:
            return
        self._doing.append(what)
        self.busy = True
        self.changed.emit(None)

        def ended() -> None:
            self._doing.pop(0)
            self.busy = bool(self._doing)

        def finished(result: Result) -> None:
            ended()
            done(result)
            self.changed.emit(None)

        def failed(error: PenumbraError) -> None:
            ended()
            self._failed(error)
            self.changed.emit(None)

        self._worker.run(lambda: self._guarded(work), finished, failed)

    @staticmethod
    def _guarded(work: Callable[[], Result]) -> Result:
        """A share that goes away while it is read is a sentence like any other."""
        try:
            return work()
        except OSError as error:
            raise ProjectError(str(error.filename or "The corrections"), why=str(error.strerror or error)) from error

    def _opened(self, path: Path) -> CorrectionStore:
        """On the worker. Raises ProjectError."""
        if path not in self._stores or not is_store(path):
            self._stores[path] = CorrectionStore.open(path, make=True)
        return self._stores[path]

    def _failed(self, error: PenumbraError) -> None:
        """Said once until something succeeds: a full disk would be said at every save."""
        if error.sentence not in self._told:
            self._told.add(error.sentence)
            self._hall.report(error)

    def close(self, discard: bool = False) -> None:
        """Remember what there is and wait for it; a session that is thrown away is not remembered."""
        if not discard:
            self.remember()
        self._closed = True
        self._forget()
        self._worker.wait()
        self._worker.close()
