"""The takes of a project on disk: one small list, and beside it one file for each layer as it was authored.

::

    takes.json          every take: name, mattes by key
    takes/ID.json       the layer of a take: key frames, prompts, strokes; read when the take is put back

A day's strokes are megabytes as text, so they are written behind the caller's back, once, and the list stays short.
Lives on the interface's thread. Knows neither the document nor the matte store.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from core.disk import cause, remove_leftovers, write_whole
from core.errors import ProjectError
from core.layer import Layer
from core.project_values import UNREADABLE, ValueReader, as_json
from core.signal import Signal
from core.snapshot import SCHEMA
from core.take import Take, TakeId

LIST = "takes.json"
FOLDER = "takes"


class TakeFiles:
    """The takes in the project folder `path`. Raises ProjectError when there is a list that cannot be read."""

    def __init__(self, path: Path, values: ValueReader) -> None:
        self.trouble: Signal[ProjectError] = Signal()
        """A layer could not be written; emitted on the thread that met it. The take then has its mattes only."""
        self._path, self._values = path, values
        self.takes: tuple[Take, ...] = self._read_list()
        self._layers: dict[TakeId, Layer] = {}
        self._writer: ThreadPoolExecutor | None = None
        self._writing: dict[TakeId, Future[None]] = {}
        self._key_frames: dict[str, bytes] = {}
        """The writer's: the text of every key frame of the layer it wrote last, by content."""
        self._sweep()

    def keep(self, take: Take, layer: Layer | None = None) -> None:
        """Keep a take, or another state of the one of the same id, in its place.

        Args:
            layer: as it was authored; None keeps the one that was given before.

        Raises:
            ProjectError: the list could not be written; nothing has changed.
        """
        known = any(kept.id == take.id for kept in self.takes)
        self._write_list(
            tuple(take if kept.id == take.id else kept for kept in self.takes) if known else (*self.takes, take),
            sync=not take.kind.automatic,
        )
        if layer is not None:
            self._layers[take.id] = layer
            if self._writer is None:
                self._writer = ThreadPoolExecutor(1, thread_name_prefix="takes")
            self._writing[take.id] = self._writer.submit(self._write_layer, take.id, layer)

    def drop(self, *take_ids: TakeId) -> None:
        """Forget takes with their layers. Raises ProjectError."""
        self._write_list(tuple(kept for kept in self.takes if kept.id not in take_ids))
        for take_id in take_ids:
            self._layers.pop(take_id, None)
            written = self._writing.pop(take_id, None)
            if written is not None and not written.cancel():
                written.result()
            with contextlib.suppress(OSError):
                self._file(take_id).unlink(missing_ok=True)

    @property
    def of_this_session(self) -> tuple[Layer, ...]:
        """The layers of the takes that were kept or looked into since the project was opened."""
        return tuple(self._layers.values())

    def layer(self, take_id: TakeId) -> Layer | None:
        """The layer of a take as it was authored; None for a take of mattes only. Raises ProjectError when it is
        there and cannot be read."""
        if take_id in self._layers:
            return self._layers[take_id]
        try:
            self._layers[take_id] = self._values.read_layer(json.loads(self._file(take_id).read_bytes()))
        except FileNotFoundError:
            return None
        except (*UNREADABLE, OSError) as error:
            raise ProjectError(
                self._file(take_id), why="the take's strokes cannot be read", hint="Its mattes can still be seen."
            ) from error
        return self._layers[take_id]

    def flush(self) -> None:
        """Wait until every layer was offered to the disk."""
        for written in self._writing.values():
            written.result()
        self._writing.clear()

    def copy_to(self, path: Path) -> None:
        """Everything into another project folder. Raises OSError."""
        self.flush()
        if (self._path / LIST).exists():
            shutil.copyfile(self._path / LIST, path / LIST)
        if (self._path / FOLDER).is_dir():
            shutil.copytree(self._path / FOLDER, path / FOLDER)

    def move_to(self, path: Path, values: ValueReader) -> None:
        """Go on in a folder that `copy_to` has filled."""
        self._path, self._values = path, values

    def close(self) -> None:
        """Write what waits and stop."""
        self.flush()
        if self._writer is not None:
            self._writer.shutdown()
            self._writer = None

    # --- inside -------------------------------------------------------------------------------------------------

    def _file(self, take_id: TakeId) -> Path:
        return self._path / FOLDER / f"{take_id}.json"

    def _write_layer(self, take_id: TakeId, layer: Layer) -> None:
        """The writer's body."""
        file = self._file(take_id)
        try:
            file.parent.mkdir(exist_ok=True)
            write_whole(file, self._text(layer))
        except OSError as error:
            hint = "Make room on the disk and keep the take again."
            self.trouble.emit(ProjectError(file, why=f"a take's strokes were not kept, {cause(error)}", hint=hint))

    def _text(self, layer: Layer) -> bytes:
        """A layer as JSON. Takes share most of their key frames, and the text of each is made once."""
        texts = {kept.content: self._key_frames.get(kept.content, b"") for kept in layer.key_frames.values()}
        for kept in layer.key_frames.values():
            texts[kept.content] = texts[kept.content] or as_json(self._values.write_key_frame(kept))
        self._key_frames = texts
        frames = b",".join(b'"%d":%s' % (frame, texts[kept.content]) for frame, kept in layer.key_frames.items())
        rest = self._values.write_layer(replace(layer, key_frames={}))
        del rest["key_frames"]
        return b'{"key_frames":{%s},%s' % (frames, as_json(rest)[1:])

    def _write_list(self, takes: tuple[Take, ...], *, sync: bool = True) -> None:
        raw = {"schema": SCHEMA, "takes": [self._values.write_take(take) for take in takes]}
        try:
            write_whole(self._path / LIST, as_json(raw), sync=sync)
        except OSError as error:
            raise ProjectError(
                self._path / LIST, why=cause(error), hint="Make room on the disk and try again."
            ) from error
        self.takes = takes

    def _read_list(self) -> tuple[Take, ...]:
        file = self._path / LIST
        try:
            raw = json.loads(file.read_bytes())
            return tuple(self._values.read_take(take) for take in raw["takes"])
        except FileNotFoundError:
            return ()
        except (*UNREADABLE, OSError) as error:
            raise ProjectError(
                file, why="the takes cannot be read", hint="Move the file away to open without."
            ) from error

    def _sweep(self) -> None:
        """Remove what a crash left half written, and layers of takes that are gone."""
        folder = self._path / FOLDER
        if not folder.is_dir():
            return
        remove_leftovers(folder)
        kept = {f"{take.id}.json" for take in self.takes}
        for file in folder.glob("*.json"):
            if file.name not in kept:
                with contextlib.suppress(OSError):
                    file.unlink()
