"""What a layer was taught, beside the lesson itself: live teaching's switch, pausing, comparing, a sheet of it all.

Knows the document, the workbench and the takes; knows no Qt. Using, renaming and removing are commands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from app.engine_jobs import LayerJobs
from app.hall import Hall
from app.picture_file import write_picture
from app.takes import Takes
from app.teach_sheet import SheetFrame, drawn, frames_shown
from app.workbench import Workbench
from core.adapter_commands import TeachLive
from core.arrays import UInt8
from core.color import DisplayTransform
from core.errors import Cancelled, PenumbraError, PromptError
from core.frames import FrameNumber
from core.jobs import JobId, JobState
from core.layer import EMPTY_MATTE, AssetId, Layer, LayerId, MatteKey
from core.matte import Matte
from core.signal import Signal
from core.take import TakeId, TakeKind
from inference.engine import Engine, RunningJob
from inference.messages import JobEvent, PropagateRequest
from widgets.teaching import LiveRound, SheetOf

BEFORE_LIVE = "before live teaching"
AS_IT_CAME = "as it came"


@dataclass(slots=True)
class _Sheet:
    """A sheet that is being made: the answers that are still to be asked for, and those that came."""

    job: JobId
    layer: Layer
    of: SheetOf
    left: list[tuple[FrameNumber, AssetId, PropagateRequest]]
    total: int
    agreed: dict[FrameNumber, Matte]
    answers: dict[tuple[FrameNumber, AssetId], Matte] = field(default_factory=dict)
    running: RunningJob | None = None
    stopped: bool = False


class TaughtModels:
    """See `widgets.teaching.TeachRoom` for what each call promises.

    Args:
        takes: where what is compared is listed.
    """

    def __init__(self, hall: Hall, engine: Engine, takes: Takes) -> None:
        self.live_changed: Signal[LayerId] = Signal()
        self.preview_changed: Signal[LayerId] = Signal()
        self._hall, self._document, self._engine, self._takes = hall, hall.document, engine, takes
        self._comparing = LayerJobs(engine, hall.board, hall.post, "propagate", self._compared)
        self._sheet: _Sheet | None = None

    def use(self, bench: Workbench) -> None:
        """A project was opened."""
        bench.live_changed.connect(self.live_changed.emit)
        bench.lesson_previewed.connect(self.preview_changed.emit)

    def stop(self) -> None:
        """Drop what runs: the project is being left."""
        for layer in self._document.shot.layers:
            self._comparing.stop(layer.id)
        if self._sheet is not None:
            self._end_sheet(self._sheet, JobState.CANCELLED)

    # --- live, paused, previewed ----------------------------------------------------------------------------------

    def live(self, layer_id: LayerId) -> LiveRound:
        return self._hall.bench().live.state(layer_id)

    def set_live(self, layer_id: LayerId, *, live: bool) -> None:
        layer = self._document.shot.find(layer_id)
        if layer is None or layer.live == live:
            return
        if live and layer.locked:
            self._hall.said(f"{layer.name} is locked. Unlock it to teach it live.")
            return
        if live and layer.key_frames:
            try:
                self._takes.keep(layer_id, BEFORE_LIVE, TakeKind.ADAPTER)
            except PenumbraError as error:
                self._hall.report(error)
                return
        self._document.do(TeachLive(layer_id, live))

    def pause(self, job_id: JobId, *, paused: bool) -> None:
        self._hall.board.pause(job_id, paused=paused)

    def preview(self, layer_id: LayerId) -> tuple[FrameNumber, Matte] | None:
        return self._hall.bench().lesson_preview(layer_id)

    # --- comparing ------------------------------------------------------------------------------------------------

    def compare(self, layer_id: LayerId, asset: AssetId, frame: FrameNumber, found: Callable[[TakeId], None]) -> None:
        try:
            found(self._compare(self._document.shot.layer(layer_id), asset, frame))
        except PenumbraError as error:
            self._hall.report(error)

    def _compare(self, layer: Layer, asset: AssetId, around: FrameNumber) -> TakeId:
        mattes, shot = self._hall.bench().mattes, self._document.shot
        plate, other = shot.plate, replace(layer, adapter=asset)
        if plate is None or not layer.key_frames:
            raise PromptError(layer.name, why="has no key frame", hint="Click or paint on one frame first.")
        answers = {
            frame: other.propagate_key(plate.identity, frame)
            for frame in sorted(shot.range or (), key=lambda frame: (abs(frame - around), frame < around))
            if frame not in layer.key_frames and not mattes.is_sealed(layer.id, frame)
        }
        answers = {frame: key for frame, key in answers.items() if key != EMPTY_MATTE}
        others = {frame: layer.matte_key(plate.identity, frame) for frame in layer.key_frames}
        seen = {frame: mattes.seen_key(other, key, frame) for frame, key in {**others, **answers}.items()}
        take = self._take(layer, asset, seen)
        missing = {frame: key for frame, key in answers.items() if not mattes.store.has(key)}
        if missing:
            self._propagate(other, missing)
        return take

    def _take(self, layer: Layer, asset: AssetId, seen: dict[FrameNumber, MatteKey]) -> TakeId:
        for take in self._takes.of(layer.id):
            if take.mattes == seen:
                return take.id
        return self._takes.add(layer.id, f"with {self._name(layer, asset)}", seen, TakeKind.ADAPTER).id

    def _propagate(self, layer: Layer, answers: dict[FrameNumber, MatteKey]) -> None:
        bench, shot = self._hall.bench(), self._document.shot
        assert shot.plate is not None
        known = {frame: bench.mattes.current(layer, frame) for frame in layer.key_frames}
        request = PropagateRequest(
            plate=shot.plate,
            color_config=shot.color_config,
            keys={frame: matte for frame, matte in known.items() if matte is not None},
            frames=tuple(answers),
            model=layer.propagate,
            adapter=bench.project.assets.get(layer.adapter) if layer.adapter else b"",
        )
        if not request.keys:
            raise PromptError(layer.name, why="its key frames are still being made", hint="Try again in a moment.")

        def came(event: JobEvent) -> None:
            if event.matte is not None and event.frame in answers:
                made = replace(event.matte, provenance=replace(event.matte.provenance, adapter=layer.adapter))
                bench.mattes.store.put(answers[event.frame], made)
                bench.matte_ready.emit((layer.id, event.frame))

        self._comparing.start(layer.id, f"{layer.name} with {self._name(layer, layer.adapter)}", request, came)

    def _compared(self, _layer_id: LayerId, error: Exception | None) -> None:
        if isinstance(error, PenumbraError):
            if not isinstance(error, Cancelled):
                self._hall.report(error)
        elif error is not None:
            raise error

    @staticmethod
    def _name(layer: Layer, asset: AssetId) -> str:
        return next((kept.name for kept in layer.adapters if kept.asset == asset), AS_IT_CAME)

    # --- the sheet ------------------------------------------------------------------------------------------------

    def sheet(self, of: SheetOf, transform: DisplayTransform, done: Callable[[UInt8 | None], None]) -> None:
        if self._sheet is not None:
            self._end_sheet(self._sheet, JobState.CANCELLED)
        try:
            sheet = self._plan(of)
        except PenumbraError as error:
            self._hall.report(error)
            done(None)
            return
        self._sheet = sheet
        self._hall.board.on_cancel(sheet.job, lambda: self._end_sheet(sheet, JobState.CANCELLED))
        self._ask(sheet, transform, done)

    def _plan(self, of: SheetOf) -> _Sheet:
        """Raises PromptError where there is nothing to show, ProjectError where an adapter is gone."""
        bench, shot = self._hall.bench(), self._document.shot
        layer = shot.layer(of.layer_id)
        mattes = {frame: bench.mattes.current(layer, frame) for frame in layer.key_frames}
        known = {frame: matte for frame, matte in mattes.items() if matte is not None}
        frames = [frame for frame in frames_shown(layer, of.held_out) if frame in known]
        if shot.plate is None or bench.loader is None or len(known) < 2 or not frames:
            hint = "Correct another frame: each is shown as it is propagated from the others."
            raise PromptError(layer.name, why="a contact sheet wants two key frames", hint=hint)
        numbers = {asset: bench.project.assets.get(asset) if asset else b"" for asset in of.assets}
        left = [
            (
                frame,
                asset,
                PropagateRequest(
                    plate=shot.plate,
                    color_config=shot.color_config,
                    keys={other: matte for other, matte in known.items() if other != frame},
                    frames=(frame,),
                    model=layer.propagate,
                    adapter=numbers[asset],
                ),
            )
            for frame in frames
            for asset in of.assets
        ]
        job = self._hall.board.open("sheet", f"Contact sheet of {layer.name}")
        return _Sheet(job, layer, of, left, len(left), {frame: known[frame] for frame in frames})

    def _ask(self, sheet: _Sheet, transform: DisplayTransform, done: Callable[[UInt8 | None], None]) -> None:
        """The next answer, or the drawing."""
        if sheet.stopped:
            done(None)
            return
        if not sheet.left:
            self._draw(sheet, transform, done)
            return
        frame, asset, request = sheet.left.pop(0)
        share = 1.0 - (len(sheet.left) + 1) / sheet.total
        self._hall.board.update(sheet.job, JobState.RUNNING, share, f"frame {frame}")

        def came(event: JobEvent) -> None:
            if event.matte is not None:
                sheet.answers[frame, asset] = event.matte

        def ended(error: BaseException | None) -> None:
            if isinstance(error, PenumbraError) and not isinstance(error, Cancelled) and not sheet.stopped:
                self._end_sheet(sheet, JobState.FAILED, error.sentence)
                self._hall.report(error)
            self._ask(sheet, transform, done)

        sheet.running = self._engine.start(request, lambda event: self._hall.post(partial(came, event)))
        sheet.running.done.add_done_callback(
            lambda job: self._hall.post(lambda: ended(Cancelled() if job.cancelled() else job.exception()))
        )

    def _draw(self, sheet: _Sheet, transform: DisplayTransform, done: Callable[[UInt8 | None], None]) -> None:
        loader, plate, of = self._hall.bench().loader, self._document.shot.plate, sheet.of
        if loader is None or plate is None:
            self._end_sheet(sheet, JobState.CANCELLED)
            done(None)
            return
        rows = [
            SheetFrame(frame, frame in of.held_out, agreed, tuple(sheet.answers.get((frame, a)) for a in of.assets))
            for frame, agreed in sheet.agreed.items()
        ]

        def came(picture: UInt8 | None) -> None:
            self._end_sheet(sheet, JobState.DONE)
            done(picture)

        read, canvas = loader.read, plate.canvas
        self._hall.run(lambda: drawn(rows, of.names, canvas, read, transform), came)

    def _end_sheet(self, sheet: _Sheet, state: JobState, message: str = "") -> None:
        sheet.stopped = True
        if sheet.running is not None:
            sheet.running.cancel()
        if self._sheet is sheet:
            self._sheet = None
        self._hall.board.update(sheet.job, state, 1.0 if state is JobState.DONE else None, message)

    def save_sheet(self, sheet: UInt8, path: Path) -> None:
        self._hall.run(lambda: write_picture(path, sheet), lambda _nothing: self._hall.said(f"{path} is written."))
