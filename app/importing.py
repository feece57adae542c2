"""Mattes from files: read on a worker as a job, kept in the store by content, and listed as a take of a layer.

Knows the document, the job board and the takes; knows neither Qt nor the engine. Nothing of the layer changes until
the take is put back.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from app.hall import Hall
from app.references import frame_in
from app.takes import Takes
from app.worker_jobs import RoomJobs, WorkerJob
from core.commands import AddLayer
from core.digest import digest
from core.errors import FrameError, PenumbraError, PlateError
from core.frames import FrameNumber
from core.layer import LayerId, MatteKey
from core.matte import Matte
from core.matte_reader import LIKELIEST, MatteChannel, find_mattes, read_matte
from core.matte_store import MatteStore
from core.plate import Plate
from core.sequence import FileSequence, find_sequence
from core.take import TakeKind
from widgets.tools.target import new_layer

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought.

    Args:
        mattes: frame of the shot → key in the store.
        broken: frame of the shot → why its file could not be used, a sentence.
        absent: frames of the shot that the files do not reach or have a gap at.
    """

    mattes: Mapping[FrameNumber, MatteKey] = field(default_factory=dict)
    broken: Mapping[FrameNumber, str] = field(default_factory=dict)
    absent: tuple[FrameNumber, ...] = ()

    def sentence(self, name: str) -> str:
        """What the artist reads: how much came, and the first thing that did not."""
        total = len(self.mattes) + len(self.broken) + len(self.absent)
        text = f"{name}: {len(self.mattes)} of {total} frames are there to compare and to put back."
        if self.absent:
            text += f" {len(self.absent)} have no file, the first is {self.absent[0]}."
        if self.broken:
            first = min(self.broken)
            text += f" {len(self.broken)} could not be used, the first is {first}: {self.broken[first]}"
        return text


class Importing:
    """Imports for the layers of the open shot.

    Args:
        takes: where imports are listed.
    """

    def __init__(self, hall: Hall, takes: Takes) -> None:
        self._hall, self._document, self._takes = hall, hall.document, takes
        self._jobs = RoomJobs(hall)

    def channels(self, path: Path, found: Callable[[tuple[MatteChannel, ...]], None]) -> None:
        """What can be imported from the files at `path`, the likeliest channel first, or a message why nothing."""
        self._hall.run(lambda: find_mattes(path)[1], found, self._hall.report)

    def matte(
        self, layer_id: LayerId, path: Path, channel: MatteChannel = LIKELIEST, playhead: FrameNumber = 0
    ) -> None:
        """A sequence as a take of the layer. One picture without a number of the shot lands at the playhead."""

        def named(sequence: FileSequence) -> str:
            return f"imported {sequence.name}" + (f" {channel}" if channel.part or channel.channel not in "AY" else "")

        self._start(lambda: find_mattes(path)[0], channel, playhead, named, partial(self._as_take, layer_id))

    def channel(self, layer_id: LayerId, channel: MatteChannel) -> None:
        """A channel of the plate's own files as a take of the layer, or with an empty id as a new layer."""
        plate = self._document.shot.plate
        if plate is None:
            return
        done = partial(self._as_take, layer_id) if layer_id else self._as_layer
        self._start(lambda: find_sequence(plate.path), channel, 0, lambda _sequence: str(channel), done)

    def stop(self) -> None:
        """Cancel what is being imported: the project is being left."""
        self._jobs.stop()

    # --- inside -------------------------------------------------------------------------------------------------

    def _start(
        self,
        find: Callable[[], FileSequence],
        channel: MatteChannel,
        playhead: FrameNumber,
        named: Callable[[FileSequence], str],
        done: Callable[[str, Imported], None],
    ) -> None:
        plate, store = self._document.shot.plate, self._hall.mattes().store
        if plate is None:
            return

        def work(job: WorkerJob) -> tuple[str, Imported]:
            job.go_on(math.nan)
            sequence = find()
            files = files_of(plate, sequence, playhead)
            name = named(sequence)
            return name, read_all(plate, files, channel, store, job.go_on)

        def edit(result: tuple[str, Imported]) -> str:
            done(*result)
            return f"{len(result[1].mattes)} frames"

        self._jobs.start("load", "Import a matte", work, edit)

    def _as_take(self, layer_id: LayerId, name: str, imported: Imported) -> None:
        if all(layer.id != layer_id for layer in self._document.shot.layers):
            return
        try:
            take = self._takes.add(layer_id, name, imported.mattes, TakeKind.IMPORT)
        except PenumbraError as error:
            self._hall.report(error)
        else:
            self._tell(take.name, imported)

    def _as_layer(self, name: str, imported: Imported) -> None:
        layer = replace(new_layer(self._document.shot), name=name)
        self._document.do(AddLayer(layer.frozen_at(imported.mattes)))
        self._tell(name, imported)

    def _tell(self, name: str, imported: Imported) -> None:
        details = "\n".join(f"{frame}: {why}" for frame, why in sorted(imported.broken.items()))
        self._hall.said(imported.sentence(name), details, not imported.broken)


def files_of(plate: Plate, sequence: FileSequence, playhead: FrameNumber) -> dict[FrameNumber, Path | None]:
    """Frame of the shot → the file that stands there; None where there is none.

    Laid on the shot as a reference is (`frame_in`). One picture stands at its own number if the shot has it, else at
    the playhead, and at no other frame.
    """
    if len(sequence.frames) == 1:
        number = sequence.frames[0]
        at = number if not sequence.still and number in plate.frames else plate.frames.clamp(playhead)
        return {at: sequence.path(number)}
    numbers = set(sequence.frames)
    places = {frame: frame_in(sequence.range, plate.frames, frame) for frame in plate.frames}
    return {frame: sequence.path(there) if there in numbers else None for frame, there in places.items()}


def read_all(
    plate: Plate,
    files: Mapping[FrameNumber, Path | None],
    channel: MatteChannel,
    store: MatteStore,
    progress: Progress,
) -> Imported:
    """Read every file into the store; a broken one is named and passed over.

    Args:
        progress: told how far it is, 0-1, and the file, before each; what it raises ends the work.

    Raises:
        PlateError: not one frame could be used; it says why of the first.
    """
    mattes: dict[FrameNumber, MatteKey] = {}
    broken: dict[FrameNumber, str] = {}
    first_error: FrameError | None = None
    present = {frame: path for frame, path in files.items() if path is not None}
    for number, (frame, path) in enumerate(present.items()):
        progress(number / len(present), path.name)
        try:
            matte = read_matte(path, plate, channel).half()
        except FrameError as error:
            broken[frame] = error.sentence
            first_error = first_error or error
            continue
        key = content_key(matte)
        store.put(key, matte)
        store.keep((key,))
        mattes[frame] = key
    if first_error is not None and not mattes:
        raise PlateError(first_error.subject, why=first_error.why, hint=first_error.hint) from first_error
    if not mattes:
        raise PlateError(plate.name, why="no file stands at any of its frames", hint=f"Its frames are {plate.frames}.")
    return Imported(mattes, broken, tuple(frame for frame, path in files.items() if path is None))


def content_key(matte: Matte) -> MatteKey:
    """The key of a matte that nothing was computed for: a hash of its own pixels (half float) and window."""
    return digest("import", matte.window, hashlib.sha256(matte.coverage.tobytes()).hexdigest())
