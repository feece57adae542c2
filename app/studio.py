"""The application behind the window: `widgets.studio.Studio` for real.

Knows every use case and the engine's client; knows no Qt. Lives on the interface's thread; slow things run on
workers and come back through `post`. The same studio drives the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.alternatives import Alternatives
from app.background import Background
from app.choosing import Choosing
from app.color_choice import ColorChoice
from app.corrections import Corrections
from app.delivering import deliver
from app.engine_watch import EngineWatch
from app.exporting import ExportReport
from app.finishing import Finishing
from app.foregrounds import Foregrounds
from app.hall import Hall
from app.importing import Importing
from app.job_board import JobBoard
from app.judging import Judging
from app.layer_shapes import LayerShapes
from app.like_everywhere import LikeEverywhere
from app.looking import Looking
from app.mattes_ahead import MattesAhead
from app.offers import Offers
from app.opening import Opening
from app.pieces import Pieces
from app.recent import Recent
from app.references import References
from app.reviewing import Reviewing
from app.saving import Saving
from app.starts import Starts
from app.takes import Takes
from app.taught_models import TaughtModels
from app.trimaps import Trimaps
from app.workbench import Workbench
from core.cache_room import CacheRoom
from core.color import ColorConfig
from core.commands import AddPlate, ChooseModels
from core.document import Document
from core.errors import PenumbraError
from core.frame_cache import FrameCache
from core.frames import FrameNumber, FrameRange
from core.geometry import Window
from core.jobs import JobId, JobStatus
from core.layer import AssetId, LayerId, MatteKey, ModelChoice
from core.matte import Matte
from core.model_info import ModelInfo
from core.picture import Picture
from core.plate import Plate
from core.plate_choices import PlateChoices, Reading
from core.project_file import Project
from core.prompts import Prompt
from core.signal import Post, Signal
from core.take import Take
from inference.engine import Engine
from widgets.studio import ExportPlan, Freshness, Message, Severity, TakeInfo

OLD_MATTES_BYTES = 4 << 30
"""How much room mattes that nothing reaches any more may take in a project before the oldest go."""


class PenumbraStudio:
    """See `widgets.studio.Studio` for what each call promises.

    Args:
        engine: local or remote; closed with the studio.
        post: hands a call to the interface's thread.
        project: the project to work in; a scratch one where None.
        sample: makes the sample shot and returns its plate's path.
    """

    def __init__(
        self,
        engine: Engine,
        post: Post,
        project: Project | None = None,
        recent: Recent | None = None,
        sample: Callable[[], Path] | None = None,
        cache_bytes: int = 0,
    ) -> None:
        self.picture_ready: Signal[FrameNumber] = Signal()
        self.matte_ready: Signal[tuple[LayerId, FrameNumber]] = Signal()
        self.preview_ready: Signal[tuple[LayerId, FrameNumber]] = Signal()
        self.message: Signal[Message] = Signal()
        self.exported: Signal[ExportReport] = Signal()
        self.document = Document()
        self.board = JobBoard()
        self.jobs_changed = self.board.changed
        self._engine = engine
        self._post = post
        self._recent = recent or Recent()
        self._cache = FrameCache(cache_bytes or CacheRoom.of().read)
        self._background = Background(post, self.report)
        self._hall = hall = Hall(
            self.document,
            lambda: self.bench,
            lambda: self.color,
            self.board,
            post,
            self._background.run,
            self._inform,
            self.report,
        )
        self._choosing = Choosing(hall)
        self.plate_choices_changed = self._choosing.changed
        self._closed = False
        self._watch = EngineWatch(hall, engine)
        self.engine_said, self.models_changed = self._watch.said, self._watch.models_changed
        self._opening = Opening(hall, self._opened_plate, self._opened_project, self.message.emit, sample)
        self.ask_color_space = self._opening.ask_color_space
        self.taking = Takes(hall)
        self.takes_changed = self.taking.changed
        self._offers = Offers(hall, self.taking)
        self.teach_offered, self.answer_teach = self._offers.made, self._offers.answer
        self.importing = Importing(hall, self.taking)
        self.teaching = TaughtModels(hall, engine, self.taking)
        project = project or Project.scratch()
        self.saving = Saving(hall, project, self._recent)
        self._take_project(project)
        self.references = References(hall, self._cache)
        self.looking = Looking(hall, self._cache.budget_bytes)
        self.colors = ColorChoice(hall, self._use_color)
        self.mattes_ahead = MattesAhead(hall)
        self.pieces = Pieces(hall)
        self.shaping = LayerShapes(hall)
        self.foregrounds = Foregrounds(hall)
        self.trimaps = Trimaps(hall)
        self.finishing = Finishing(hall, self.matte_ready)
        self.like = LikeEverywhere(hall, engine, self.taking)
        self.alternatives = Alternatives(hall, engine)
        self.judging = Judging(hall, self.matte_ready)
        self.reviewing = Reviewing(hall)
        self.corrections = Corrections(hall, self._watch.models)
        self.starts = Starts(hall, lambda: self.corrections.stores)
        self.saving.changed.connect(self.corrections.saved)
        self.corrections.changed.connect(
            lambda _none: None if self._closed or self.corrections.busy else self.starts.refresh()
        )

    # --- projects and plates ------------------------------------------------------------------------------------

    def _take_project(self, project: Project) -> None:
        self.color = ColorConfig.load(project.shot.color_config)
        self.document.adopt(project.document())
        self._journal = self.document.edited.connect(project.record)
        project.trouble.connect(lambda error: self._post(lambda: self.report(error)))
        self._project = project
        self.bench = Workbench(
            project, self.document, self.color, self._engine, self.board, self._cache, self._post, self._segmenters
        )
        self.teaching.use(self.bench)
        self.bench.teaching.start = lambda: self.starts.numbers
        self.bench.picture_ready.connect(self._picture_came)
        self.bench.matte_ready.connect(self.matte_ready.emit)
        self.bench.preview_ready.connect(self.preview_ready.emit)
        self.bench.failed.connect(self.report)
        self.bench.taught.connect(lambda offer: self._offers.make(*offer))
        self.saving.use(project)

    def _use_color(self, color: ColorConfig) -> None:
        """The project's config is another one now: its pictures come again."""
        self.color = color
        self.bench.use_color(color)
        self.references.use_color()

    def _switch(self, project: Project) -> None:
        """Leave the open project and show another one."""
        self.corrections.leave()
        self._stop_jobs()
        self._journal()
        self.bench.close()
        self._project.close(discard=self.saving.untouched)
        self._take_project(project)
        self.document.adopt(self.document)

    def _stop_jobs(self) -> None:
        """What the rooms still work on is of a project that is being left."""
        for room in (self.pieces, self.shaping, self.teaching, self.importing, self.like):
            room.stop()

    def open(self, path: Path, color_space: str | None = None) -> None:
        self._opening.open(path, color_space)

    def open_sample(self) -> None:
        self._opening.open_sample()

    def _opened_project(self, path: Path, project: Project) -> None:
        self._switch(project)
        self._recent.add(path)

    def _opened_plate(self, path: Path, plate: Plate) -> None:
        if self.document.shot.plate is not None:
            self._switch(Project.scratch())
        self.document.do(AddPlate(plate))
        self._recent.add(path)

    def close(self, discard: bool = False) -> None:
        """Stop all work, keep all that is finished, stop a local engine. Once. `discard` drops a nameless session."""
        if self._closed:
            return
        self._closed = True
        self.corrections.close(discard=discard or self.saving.untouched)
        self._choosing.close()
        self.references.close()
        self.judging.close()
        self._stop_jobs()
        self.looking.close()
        self.colors.close()
        self.alternatives.close()
        self.bench.close()
        self._background.close()
        self.mattes_ahead.close()
        self.finishing.close()
        self.foregrounds.close()
        self.trimaps.close()
        discard = discard or self.saving.untouched
        if not discard:
            self._project.collect(self.document, most_bytes=OLD_MATTES_BYTES)
        self._engine.close()
        self._project.close(discard=discard)

    # --- pictures -----------------------------------------------------------------------------------------------

    def look_at(
        self, frame: FrameNumber, playing: bool = False, order: Sequence[FrameNumber] = (), layer_id: LayerId = ""
    ) -> None:
        self.bench.look_at(frame, playing, order, layer_id)

    def picture(self, frame: FrameNumber) -> Picture | None:
        return self.bench.loader.picture(frame) if self.bench.loader else None

    def _picture_came(self, frame: FrameNumber) -> None:
        if self.picture(frame) is not None:
            self._choosing.came_back()
        self.picture_ready.emit(frame)

    def picture_error(self, frame: FrameNumber) -> str:
        if self.bench.loader is None:
            return ""
        return self.bench.loader.error(frame)

    def give_room(self, most_bytes: int) -> None:
        self.references.use_memory(most_bytes)

    def cached_frames(self) -> frozenset[FrameNumber]:
        plate = self.document.shot.plate
        return frozenset(self._cache.frames(plate.identity)) if plate else frozenset()

    def missing_frames(self) -> frozenset[FrameNumber]:
        return self.bench.loader.missing if self.bench.loader else frozenset()

    def plate_choices(self) -> PlateChoices:
        return self._choosing.choices

    def read_plate_as(self, part: str = "", layer: str = "", view: str = "") -> None:
        self._choosing.read_as(Reading(part, layer, view), self.color)

    # --- mattes -------------------------------------------------------------------------------------------------

    def matte(self, layer_id: LayerId, frame: FrameNumber) -> tuple[Matte | None, bool]:
        standing = self.finishing.standing(layer_id, frame)
        return standing.matte, standing.fresh

    def shown_key(self, layer_id: LayerId, frame: FrameNumber) -> MatteKey:
        return self.bench.mattes.ground_key(layer_id, frame)

    def preview(self, layer_id: LayerId, frame: FrameNumber) -> Matte | None:
        return self.bench.preview(layer_id, frame)

    def hover(self, layer_id: LayerId, frame: FrameNumber, prompt: Prompt | None) -> None:
        self.bench.hovering.hover(layer_id, frame, prompt)

    def is_coarse(self, layer_id: LayerId, frame: FrameNumber) -> bool:
        layer = self.document.shot.find(layer_id)
        return layer is not None and self.bench.mattes.coarse(layer, frame) is not None

    def freshness(self, layer_id: LayerId) -> Freshness:
        return self.bench.mattes.freshness(layer_id)

    # --- work ---------------------------------------------------------------------------------------------------

    def refresh_models(self) -> None:
        self._watch.refresh()

    def models(self, task: str) -> tuple[ModelInfo, ...]:
        return self._watch.models(task)

    def _segmenters(self) -> tuple[ModelInfo, ...]:
        return self._watch.models("segment")

    def propagate(self, layer_id: LayerId, frames: FrameRange | None = None) -> None:
        wanted = frames or self.document.shot.range
        if wanted is None:
            return
        self._reporting(lambda: self._propagate(layer_id, wanted))

    def _propagate(self, layer_id: LayerId, frames: FrameRange) -> None:
        self.corrections.remember()
        if not self.bench.propagate(layer_id, frames):
            self.message.emit(Message(Severity.INFO, "Every frame of the range is fresh already."))

    def teach(self, layer_id: LayerId, options: Mapping[str, Any] | None = None) -> None:
        self.corrections.remember()
        self._reporting(lambda: self.bench.teach(layer_id, options or {}))

    def refine(self, layer_id: LayerId, frames: FrameRange | None = None, seen: Window | None = None) -> None:
        """Turn the layer's refine on if it is off, and refine what is known."""
        layer = self.document.shot.layer(layer_id)
        wanted = frames or self.document.shot.range
        if layer.refine is None and layer.locked:
            self._inform(f"{layer.name} is locked. Unlock it to refine its edge.")
            return
        if layer.refine is None:
            choice = ModelChoice("refine")
            self.document.do(ChooseModels(layer_id, layer.segment, layer.propagate, choice))
        if wanted is not None:
            self.bench.refine(layer_id, wanted, seen)

    def export(self, plan: ExportPlan) -> None:
        self._reporting(lambda: self._start_export(plan))

    def _start_export(self, plan: ExportPlan) -> None:
        deliver(plan, self._hall, self._exported)

    def _exported(self, report: ExportReport) -> None:
        self.exported.emit(report)
        self.message.emit(Message(Severity.INFO, report.sentence))

    def put_asset(self, data: bytes) -> AssetId:
        """Keep a file with the project."""
        return self._project.assets.put(data)

    def jobs(self) -> tuple[JobStatus, ...]:
        return self.board.all()

    def cancel(self, job_id: JobId) -> None:
        self.board.cancel(job_id)

    def teach_curve(self, job_id: JobId) -> Sequence[Mapping[str, float]]:
        return self.board.curve(job_id)

    # --- takes --------------------------------------------------------------------------------------------------

    def takes(self, layer_id: LayerId) -> tuple[TakeInfo, ...]:
        return tuple(map(_info, self.taking.of(layer_id)))

    def keep_take(self, layer_id: LayerId, name: str) -> TakeInfo:
        return _info(self.taking.keep(layer_id, name))

    def take_matte(self, take_id: str, frame: FrameNumber) -> Matte | None:
        return self.taking.matte(take_id, frame)

    # --- how things are said ------------------------------------------------------------------------------------

    def report(self, error: PenumbraError) -> None:
        """An error as a message that does not stop the artist."""
        self.message.emit(Message(Severity.ERROR, error.sentence, f"{type(error).__name__}"))

    def _inform(self, text: str, details: str = "", well: bool = True) -> None:
        self.message.emit(Message(Severity.INFO if well else Severity.WARNING, text, details))

    def _reporting(self, call: Callable[[], object]) -> None:
        try:
            call()
        except PenumbraError as error:
            self.report(error)


def _info(take: Take) -> TakeInfo:
    return TakeInfo(take.id, take.layer_id, take.name, tuple(sorted(take.mattes)), take.kind, take.made)
