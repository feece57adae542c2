"""Everything that works on the open project: what a change of the document sets in motion.

One workbench per project; opening another one makes a new workbench. Qt-free, on the interface's thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.encoding_ahead import EncodingAhead
from app.engine_jobs import LayerJobs
from app.frame_motions import FrameMotions, Read
from app.hovering import Hovering
from app.job_board import JobBoard
from app.live_teaching import LiveTeaching
from app.loading import Loader
from app.mattes import Mattes
from app.propagating import Propagating
from app.questions import Models, Questions
from app.refining import Refining
from app.segmenting import Segmenting
from app.teaching import Taught, Teaching
from core.color import ColorConfig
from core.document import Document
from core.errors import Cancelled, PenumbraError
from core.frame_cache import FrameCache
from core.frames import FrameNumber
from core.geometry import Window
from core.layer import Layer, LayerId
from core.matte import Matte
from core.project_file import Project
from core.shot import Change, Touched
from core.signal import Post, Signal
from inference.engine import Engine

RENEW_AFTER_S = 0.1
"""How long the hand must rest before frames that a correction made stale are propagated again."""


class Workbench:
    """Loader, mattes and the five kinds of work, wired to one document.

    Signals are emitted on the interface's thread.
    """

    def __init__(
        self,
        project: Project,
        document: Document,
        color: ColorConfig,
        engine: Engine,
        board: JobBoard,
        cache: FrameCache,
        post: Post,
        models: Models = tuple,
    ) -> None:
        self.project = project
        self.document = document
        self.board = board
        self.picture_ready: Signal[FrameNumber] = Signal()
        self.matte_ready: Signal[tuple[LayerId, FrameNumber]] = Signal()
        self.preview_ready: Signal[tuple[LayerId, FrameNumber]] = Signal()
        self.taught: Signal[tuple[LayerId, Taught]] = Signal()
        self.live_changed: Signal[LayerId] = Signal()
        self.lesson_previewed: Signal[LayerId] = Signal()
        self.failed: Signal[PenumbraError] = Signal()
        self.auto_renew = True
        """Propagate again by itself what a correction made stale."""
        self._color = color
        self._engine = engine
        self._cache = cache
        self._post = post
        self._playhead: FrameNumber = 1
        self._asked_for: dict[LayerId, set[FrameNumber]] = {}
        self._previews: dict[tuple[LayerId, FrameNumber], Matte] = {}
        self._timers: dict[LayerId, threading.Timer] = {}
        self._closed = False
        self._sealed = document.shot.sealed

        self.mattes = Mattes.of(project, document)
        project.store.use_motion(FrameMotions(self._plate_now).of)
        self.questions = Questions(self.mattes, models)
        self.hovering = Hovering(self.mattes, self.questions, engine, post, self._looks_different)
        self.segmenting = Segmenting(
            self.mattes,
            self.questions,
            engine,
            post,
            self._segmented,
            self._looks_different,
            self._segment_failed,
            self.hovering.foreseen,
        )
        self.propagating = Propagating(
            self.mattes,
            LayerJobs(engine, board, post, "propagate", self._propagated),
            project.assets.get,
            self.segmenting.ask,
            self._arrived,
        )
        self.refining = Refining(self.mattes, LayerJobs(engine, board, post, "refine", self._ended), self._arrived)
        self.teaching = Teaching(
            self.mattes,
            LayerJobs(engine, board, post, "teach", self._ended),
            project.assets.get,
            project.assets.put,
            self._previewed,
            lambda layer_id, taught: self.taught.emit((layer_id, taught)),
        )
        self.live = LiveTeaching(
            document,
            self.teaching,
            LayerJobs(engine, board, post, "live", self._round_ended),
            post,
            project.assets.put,
            lambda asset: project.drop_asset(asset, document),
            self.live_changed,
            self.failed.emit,
        )
        self._encoding_ahead = EncodingAhead(document, engine)
        self.loader: Loader | None = None
        self._disconnect = document.changed.connect(self.on_change)
        self._load_plate()

    # --- what a change sets in motion ---------------------------------------------------------------------------

    def on_change(self, change: Change) -> None:
        """One door: every edit, undo and redo comes through here."""
        if change.touched is Touched.PLATE:
            self._load_plate()
        if change.touched is Touched.MODEL:
            self._encoding_ahead.model_changed(change.layer_id)
        if change.touched is Touched.LAYERS:
            for layer_id in {change.layer_id, *self._asked_for, *self._timers}:
                if self._layer(layer_id) is None:
                    for work in (self.propagating, self.refining, self.teaching):
                        work.stop(layer_id)
        layers = [layer for layer in self.document.shot.layers if change.layer_id in ("", layer.id)]
        for layer in layers:
            if change.touched in (Touched.PLATE, Touched.LAYERS, Touched.MODEL, Touched.PROMPTS, Touched.CORRECTION):
                self._ask_prompts(layer, change.frames)
            if change.touched is Touched.FINISH:
                self.matte_ready.emit((layer.id, self._playhead))
            if change.touched in (Touched.MODEL, Touched.PROMPTS, Touched.CORRECTION):
                self._previews.clear()
                for frame in change.frames or {self._playhead}:
                    self.matte_ready.emit((layer.id, frame))
                self._renew_soon(layer.id)
            shaped = change.touched is Touched.FINISH and layer.refine is not None and layer.shapes
            if change.touched is Touched.TRIMAP or shaped:  # refine reads both
                self.matte_ready.emit((layer.id, self._playhead))
                self._renew_soon(layer.id)
        self.live.on_change(change)
        if self.document.shot.sealed != self._sealed:
            self._resealed()

    def _resealed(self) -> None:
        """Approvals came or went: what stands at these frames, and whether it is to be made."""
        before, self._sealed = self._sealed, self.document.shot.sealed
        for layer_id, frame in sorted(dict(before.items() ^ self._sealed.items())):
            if self._layer(layer_id) is not None:
                self.matte_ready.emit((layer_id, frame))
                self._renew_soon(layer_id)

    def _ask_prompts(self, layer: Layer, frames: Iterable[FrameNumber]) -> None:
        for frame in sorted(frames or layer.key_frames, key=lambda other: abs(other - self._playhead)):
            self.segmenting.ask(layer.id, frame, watched=frame == self._playhead)

    def _plate_now(self) -> tuple[str, Read] | None:
        """The open plate by its identity, and how its frames are read."""
        loader = self.loader
        return (loader.plate.identity, loader.read) if loader is not None else None

    def use_color(self, color: ColorConfig) -> None:
        """Read the plate again with another color config."""
        self._color = color
        if self.loader is not None:
            self.loader.close()
            self._cache.drop(self.loader.plate.identity)
            self.loader = None
        self._load_plate()

    def _load_plate(self) -> None:
        plate = self.document.shot.plate
        if self.loader is not None and plate is not None and self.loader.plate == plate:
            return
        if self.loader is not None:
            self.loader.close()
            self.loader = None
        if plate is not None:
            self.loader = Loader(plate, self._color, self._cache, self._post, self.picture_ready.emit)
            # The window may have looked here before there was a loader: a new workbench hears of a plate last.
            self._playhead = plate.frames.clamp(self._playhead)
            self._cache.look_at(plate.identity, self._playhead)
            self.loader.look_at(self._playhead)

    def look_at(
        self, frame: FrameNumber, playing: bool, order: Sequence[FrameNumber] = (), layer_id: LayerId = ""
    ) -> None:
        """Move the playhead: read ahead, in `order` where there is one; when the hand rests here, encode this frame
        for the first click on the layer."""
        self._playhead = frame
        if self.loader is None:
            return
        self._cache.look_at(self.loader.plate.identity, frame, order)
        self.loader.look_at(frame, order)
        if playing or frame in self.loader.missing:
            self._encoding_ahead.leave()
        else:
            self._encoding_ahead.rest(frame, layer_id)

    # --- renewing -----------------------------------------------------------------------------------------------

    def propagate(self, layer_id: LayerId, frames: Iterable[FrameNumber]) -> bool:
        """The artist asks: these frames are wanted from now on. Returns whether anything was stale."""
        wanted = set(frames)
        self._asked_for.setdefault(layer_id, set()).update(wanted)
        return self.propagating.renew(layer_id, wanted, self._playhead)

    def refine(self, layer_id: LayerId, frames: Iterable[FrameNumber], seen: Window | None = None) -> bool:
        """Refine what is known of these frames, `seen` of the playhead's first. Whether anything needed it."""
        return self.refining.renew(layer_id, frames, self._playhead, seen)

    def wanted(self, layer: Layer) -> set[FrameNumber]:
        """Frames whose matte is kept up to date: asked for once, or shown once."""
        everything = self.document.shot.range or ()
        asked = self._asked_for.get(layer.id, set())
        return {frame for frame in everything if frame in asked or self.mattes.had_one(layer.id, frame)}

    def _layer(self, layer_id: LayerId) -> Layer | None:
        """The layer, or None when it was removed while work for it went on."""
        return self.document.shot.find(layer_id)

    def _renew_soon(self, layer_id: LayerId) -> None:
        timer = self._timers.pop(layer_id, None)
        if timer is not None:
            timer.cancel()
        if not self.auto_renew or self._closed:
            return
        timer = threading.Timer(RENEW_AFTER_S, lambda: self._post(lambda: self._renew(layer_id)))
        timer.daemon = True
        self._timers[layer_id] = timer
        timer.start()

    def _renew(self, layer_id: LayerId) -> None:
        self._timers.pop(layer_id, None)
        layer = self._layer(layer_id)
        if layer is None or self._closed or not layer.key_frames:
            return
        wanted = self.wanted(layer)
        try:
            started = self.propagating.renew(layer_id, wanted, self._playhead)
        except PenumbraError as error:
            self.failed.emit(error)
            return
        if not started and layer.refine is not None:
            self.refining.renew(layer_id, wanted | set(layer.key_frames), self._playhead)

    def _propagated(self, layer_id: LayerId, error: Exception | None) -> None:
        self._ended(layer_id, error)
        layer = self._layer(layer_id)
        if error is None and layer is not None and layer.refine is not None and not self._closed:
            self.refining.renew(layer_id, self.wanted(layer) | set(layer.key_frames), self._playhead)

    @property
    def busy(self) -> bool:
        """Whether anything is being computed or about to be."""
        return bool(
            self.segmenting.busy
            or self.propagating.busy
            or self.refining.busy
            or self.teaching.busy
            or self.live.busy
            or self._timers
        )

    # --- what arrives -------------------------------------------------------------------------------------------

    def _segmented(self, layer_id: LayerId, frame: FrameNumber) -> None:
        layer = self._layer(layer_id)
        if layer is None:
            return
        self._arrived(layer_id, frame)
        self.preview_ready.emit((layer_id, frame))
        try:
            self.propagating.go_on(layer_id)
        except PenumbraError as error:
            self.failed.emit(error)
        if layer.refine is not None and not self.propagating.busy:
            self.refining.renew(layer_id, {frame}, self._playhead)

    def _segment_failed(self, error: PenumbraError) -> None:
        for layer in self.document.shot.layers:
            self.propagating.give_up_waiting(layer.id)
        self.failed.emit(error)

    def _arrived(self, layer_id: LayerId, frame: FrameNumber) -> None:
        if self._layer(layer_id) is not None:
            self.matte_ready.emit((layer_id, frame))

    def _looks_different(self, layer_id: LayerId, frame: FrameNumber) -> None:
        """Something to look at came or went; no matte changed."""
        self.preview_ready.emit((layer_id, frame))

    def _previewed(self, layer_id: LayerId, frame: FrameNumber, matte: Matte) -> None:
        self._previews.pop((layer_id, frame), None)  # the newest is last
        self._previews[(layer_id, frame)] = matte
        self.preview_ready.emit((layer_id, frame))
        self.lesson_previewed.emit(layer_id)

    def preview(self, layer_id: LayerId, frame: FrameNumber) -> Matte | None:
        """The hover preview, else what Teach's network makes of this frame so far."""
        return self.hovering.preview(layer_id, frame) or self._previews.get((layer_id, frame))

    def lesson_preview(self, layer_id: LayerId) -> tuple[FrameNumber, Matte] | None:
        """The newest frame that was tried while a lesson of the layer runs."""
        tried = [(frame, matte) for (layer, frame), matte in self._previews.items() if layer == layer_id]
        return tried[-1] if tried else None

    def _ended(self, layer_id: LayerId, error: Exception | None) -> None:
        self._previews = {place: kept for place, kept in self._previews.items() if place[0] != layer_id}
        self.lesson_previewed.emit(layer_id)
        if isinstance(error, PenumbraError) and not isinstance(error, Cancelled):
            self.failed.emit(error)
        elif error is not None and not isinstance(error, PenumbraError):
            raise error

    def _round_ended(self, layer_id: LayerId, error: Exception | None) -> None:
        """Of live teaching."""
        self.live.ended(layer_id, error)
        self._ended(layer_id, None if isinstance(error, PenumbraError) else error)

    def teach(self, layer_id: LayerId, options: Mapping[str, Any]) -> str:
        job_id = self.teaching.teach(layer_id, options)
        self.live.give_way()
        return job_id

    def close(self) -> None:
        """Stop all work; what is finished is kept."""
        self._closed = True
        self._disconnect()
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self.live.close()
        for layer in self.document.shot.layers:
            self.propagating.stop(layer.id)
            self.refining.stop(layer.id)
            self.teaching.stop(layer.id)
        if self.loader is not None:
            self.loader.close()
