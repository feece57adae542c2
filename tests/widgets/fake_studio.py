"""A studio of plain dictionaries: what the widgets' tests look at and talk to. No engine, no files, no threads.

Pictures and mattes are put in by the test; every request for work is written down in `asked`, in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.color import ColorConfig
from core.commands import AddLayer, AddPlate, ChangePlate
from core.document import Document
from core.finish import Finish
from core.foreground.steps import Foreground
from core.frames import FrameNumber, FrameRange
from core.geometry import Format, Window
from core.jobs import JobId, JobState, JobStatus
from core.layer import EMPTY_MATTE, SEGMENTER, Layer, LayerId, MatteKey
from core.matte import Matte
from core.model_info import ModelInfo
from core.picture import Picture
from core.plate import Plate
from core.plate_choices import PlateChoices
from core.prompts import Prompt
from core.roto.shape import RotoShape
from core.signal import Signal
from tests.widgets.fake_corrections import FakeCorrections
from tests.widgets.fake_judging import FakeJudging
from tests.widgets.fake_looking import FakeColors, FakeLooking
from tests.widgets.fake_references import FakeReferences
from tests.widgets.fake_review import FakeReview
from tests.widgets.fake_saving import FakeSaving
from tests.widgets.fake_shaping import FakeShaping
from tests.widgets.fake_starts import FakeStarts
from tests.widgets.fake_takes import FakeImporting, FakeTaking
from tests.widgets.fake_teaching import FakeTeaching
from widgets.alternatives import Alternative
from widgets.studio import ExportPlan, Freshness, Message, TakeInfo, TeachResult
from widgets.trimaps import SeenTrimap

SEGMENT = ModelInfo(
    SEGMENTER,
    "1",
    "Segment",
    ("segment",),
    {
        "type": "object",
        "properties": {
            "edge": {
                "title": "Edge softness",
                "description": "How soft the answer's edge is, in pixels.",
                "type": "number",
                "default": 1.0,
                "minimum": 0.0,
                "maximum": 8.0,
            },
            "mode": {"title": "Mode", "type": "string", "enum": ["fast", "fine"], "default": "fast"},
            "holes": {"title": "Fill holes", "type": "boolean", "default": True},
        },
    },
    license="Apache-2.0",
)
PROPAGATE = replace(SEGMENT, id="propagate", label="Propagate", tasks=("propagate", "teach"), trainable=True)


FRAMES = FrameRange(1001, 1008)
DISPLAY = Window(0, 0, 64, 48)


class FakeMattesAhead:
    """Implements `widgets.mattes_ahead.MattesAhead`; `far` frames are those a test keeps away until it says `came`."""

    def __init__(self) -> None:
        self.came: Signal[FrameNumber] = Signal()
        self.far: set[FrameNumber] = set()

    def at_hand(self, frame: FrameNumber) -> bool:
        return frame not in self.far


class FakeFinishing:
    """Implements `widgets.finishing.FinishRoom`; `tried` and `shapes` hold what was looked at, newest last."""

    def __init__(self) -> None:
        self.tried: list[tuple[LayerId, Finish | None]] = []
        self.shapes: list[tuple[RotoShape, ...] | None] = []

    def try_on(self, layer_id: LayerId, finish: Finish | None) -> None:
        self.tried.append((layer_id, finish))

    def try_shapes(self, layer_id: LayerId, shapes: tuple[RotoShape, ...] | None) -> None:
        self.shapes.append(shapes)


class FakeTrimaps:
    """Implements `widgets.trimaps.TrimapRoom`; `seen` is the trimap of every place."""

    def __init__(self) -> None:
        self.changed: Signal[LayerId] = Signal()
        self.seen: SeenTrimap | None = None

    def at(self, layer_id: LayerId, frame: FrameNumber) -> SeenTrimap | None:
        return self.seen


class FakeForegrounds:
    """Implements `widgets.foreground.ForegroundRoom`; `made` holds what there is, `tried` what was looked at."""

    def __init__(self) -> None:
        self.ready: Signal[LayerId] = Signal()
        self.made: dict[LayerId, Picture] = {}
        self.tried: list[tuple[LayerId, Foreground | None]] = []

    def picture(self, layer_id: LayerId, picture: Picture, matte: Matte) -> tuple[Picture, bool]:
        return self.made.get(layer_id, picture), True

    def try_on(self, layer_id: LayerId, foreground: Foreground | None) -> None:
        self.tried.append((layer_id, foreground))


class FakeLike:
    """Implements `widgets.like_room.LikeRoom`."""

    def __init__(self) -> None:
        self.asked: list[tuple[LayerId, FrameNumber]] = []

    def select(self, layer_id: LayerId, frame: FrameNumber) -> None:
        self.asked.append((layer_id, frame))


class FakeAlternatives:
    """Implements `widgets.alternatives.AlternativeRoom`; `offered` is what a test puts in, `asked` what was asked."""

    def __init__(self) -> None:
        self.changed: Signal[tuple[LayerId, FrameNumber]] = Signal()
        self.offered: dict[tuple[LayerId, FrameNumber], tuple[Alternative, ...]] = {}
        self.asked: list[tuple[Any, ...]] = []
        self.may = True

    def look_for(self, layer_id: LayerId, frame: FrameNumber, *, asked: bool = False) -> bool:
        self.asked.append(("look_for", layer_id, frame, asked))
        return self.may

    def of(self, layer_id: LayerId, frame: FrameNumber) -> tuple[Alternative, ...]:
        return self.offered.get((layer_id, frame), ())

    def choose(self, layer_id: LayerId, frame: FrameNumber, reach: float | None) -> None:
        self.asked.append(("choose", layer_id, frame, reach))
        kept = self.offered[layer_id, frame]
        self.offered[layer_id, frame] = tuple(replace(each, chosen=each.reach == reach) for each in kept)
        self.changed.emit((layer_id, frame))

    def dismiss(self) -> None:
        places = list(self.offered)
        self.offered.clear()
        for place in places:
            self.changed.emit(place)


class FakePieces:
    """Implements `widgets.pieces.PieceRoom`; writes down what is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def split(self, layer_id: LayerId, frame: FrameNumber) -> None:
        self.asked.append(("split", layer_id, frame))

    def lift(self, layer_id: LayerId, frame: FrameNumber, x: float, y: float) -> None:
        self.asked.append(("lift", layer_id, frame, x, y))

    def join(self, layer_ids: Sequence[LayerId]) -> None:
        self.asked.append(("join", *layer_ids))


class FakeStudio:
    """Implements `widgets.studio.Studio`. `asked` holds (what, arguments...) of every request for work."""

    def __init__(self, color: ColorConfig | None = None) -> None:
        self.document = Document()
        self.color = color or ColorConfig.load()
        self.picture_ready: Signal[FrameNumber] = Signal()
        self.matte_ready: Signal[tuple[LayerId, FrameNumber]] = Signal()
        self.preview_ready: Signal[tuple[LayerId, FrameNumber]] = Signal()
        self.jobs_changed: Signal[tuple[JobStatus, ...]] = Signal()
        self.message: Signal[Message] = Signal()
        self.engine_said: Signal[tuple[bool, str]] = Signal()
        self.teach_offered: Signal[TeachResult] = Signal()
        self.models_changed: Signal[tuple[ModelInfo, ...]] = Signal()
        self.plate_choices_changed: Signal[PlateChoices] = Signal()
        self.ask_color_space: Signal[tuple[Path, Sequence[str]]] = Signal()

        self.asked: list[tuple[Any, ...]] = []
        self.saving = FakeSaving(self.document, self.asked)
        self.references = FakeReferences(self.document)
        self.taking = FakeTaking(self)
        self.takes_changed = self.taking.changed
        self.importing = FakeImporting()
        self.alternatives = FakeAlternatives()
        self.corrections = FakeCorrections()
        self.starts = FakeStarts()
        self.like = FakeLike()
        self.judging = FakeJudging()
        self.teaching = FakeTeaching(self.document)
        self.looking = FakeLooking()
        self.colors = FakeColors(self.document)
        self.mattes_ahead = FakeMattesAhead()
        self.finishing = FakeFinishing()
        self.foregrounds = FakeForegrounds()
        self.trimaps = FakeTrimaps()
        self.pieces = FakePieces()
        self.shaping = FakeShaping()
        self.read_order: tuple[FrameNumber, ...] = ()
        self.room_bytes = 0
        self.reviewing = FakeReview(self.document)
        self.choices = PlateChoices()
        self.pictures: dict[FrameNumber, Picture] = {}
        self.errors: dict[FrameNumber, str] = {}
        self.mattes: dict[tuple[LayerId, FrameNumber], Matte] = {}
        self.stale: set[tuple[LayerId, FrameNumber]] = set()
        self.coarse: set[tuple[LayerId, FrameNumber]] = set()
        self.previews: dict[tuple[LayerId, FrameNumber], Matte] = {}
        self.take_list: list[TakeInfo] = []
        self.take_mattes: dict[tuple[str, FrameNumber], Matte] = {}
        self.job_list: dict[JobId, JobStatus] = {}
        self.curve: list[Mapping[str, float]] = []
        self.model_list: tuple[ModelInfo, ...] = (SEGMENT, PROPAGATE)

    # --- what a test puts in ------------------------------------------------------------------------------------
    def put_plate(
        self,
        frames: FrameRange = FRAMES,
        display: Window = DISPLAY,
        data: Window | None = None,
        pixel_aspect: float = 1.0,
    ) -> Plate:
        """An `AddPlate` command with a plate of this shape; no pictures yet."""
        path = Path("/show/plate.####.exr")
        form = Format(display, pixel_aspect)
        plate = Plate("plate", "plate", path, frames, form, data or display, "ACEScg")
        self.document.do(AddPlate(plate))
        return plate

    def put_picture(self, frame: FrameNumber, rgb: Any = 0.18, alpha: Any = 1.0) -> Picture:
        """A picture over the plate's data window; `rgb` and `alpha` are whatever broadcasts into it."""
        plate = self.document.shot.plate
        assert plate is not None
        rgba = np.zeros((*plate.data_window.shape, 4), np.float16)
        rgba[..., :3] = rgb
        rgba[..., 3] = alpha
        picture = Picture(rgba, plate.data_window, plate.format)
        self.pictures[frame] = picture
        self.picture_ready.emit(frame)
        return picture

    def put_layer(self, layer_id: LayerId = "hero", name: str = "Hero", **fields: Any) -> Layer:
        """An `AddLayer` command."""
        layer = Layer(layer_id, name, **fields)
        self.document.do(AddLayer(layer))
        return layer

    def put_matte(self, layer_id: LayerId, frame: FrameNumber, coverage: Any = 1.0, *, fresh: bool = True) -> Matte:
        """A matte over the plate's canvas; `coverage` is whatever broadcasts into it."""
        plate = self.document.shot.plate
        assert plate is not None
        values = np.zeros(plate.canvas.shape, np.float32)
        values[...] = coverage
        matte = Matte(plate.canvas, values, confidence=0.9)
        self.mattes[layer_id, frame] = matte
        (self.stale.discard if fresh else self.stale.add)((layer_id, frame))
        self.matte_ready.emit((layer_id, frame))
        return matte

    def put_job(self, job_id: JobId, kind: str = "propagate", **fields: Any) -> JobStatus:
        """A job as the list shows it, running unless `state` says otherwise."""
        status = JobStatus(job_id, kind, fields.pop("title", kind), fields.pop("state", JobState.RUNNING), **fields)
        self.job_list[job_id] = status
        self.jobs_changed.emit(self.jobs())
        return status

    # --- opening and closing ------------------------------------------------------------------------------------
    def open(self, path: Path, color_space: str | None = None) -> None:
        self.asked.append(("open", path, color_space))

    def open_sample(self) -> None:
        self.asked.append(("open_sample",))

    def close(self, discard: bool = False) -> None:
        self.asked.append(("close", discard))

    # --- pictures -----------------------------------------------------------------------------------------------
    def look_at(
        self, frame: FrameNumber, playing: bool = False, order: Sequence[FrameNumber] = (), layer_id: LayerId = ""
    ) -> None:
        self.read_order = tuple(order)
        self.asked.append(("look_at", frame, playing))

    def give_room(self, most_bytes: int) -> None:
        self.room_bytes = most_bytes

    def picture(self, frame: FrameNumber) -> Picture | None:
        return self.pictures.get(frame)

    def picture_error(self, frame: FrameNumber) -> str:
        return self.errors.get(frame, "")

    def cached_frames(self) -> frozenset[FrameNumber]:
        return frozenset(self.pictures)

    def missing_frames(self) -> frozenset[FrameNumber]:
        return frozenset(self.errors)

    def plate_choices(self) -> PlateChoices:
        return self.choices

    def read_plate_as(self, part: str = "", layer: str = "", view: str = "") -> None:
        self.asked.append(("read_plate_as", part, layer, view))
        plate = self.document.shot.plate
        if plate is not None:
            self.document.do(ChangePlate(replace(plate, part=part, layer=layer, view=view)))

    # --- mattes -------------------------------------------------------------------------------------------------
    def matte(self, layer_id: LayerId, frame: FrameNumber) -> tuple[Matte | None, bool]:
        return self.mattes.get((layer_id, frame)), (layer_id, frame) not in self.stale

    def shown_key(self, layer_id: LayerId, frame: FrameNumber) -> MatteKey:
        return f"{layer_id}@{frame}" if (layer_id, frame) in self.mattes else EMPTY_MATTE

    def preview(self, layer_id: LayerId, frame: FrameNumber) -> Matte | None:
        return self.previews.get((layer_id, frame))

    def hover(self, layer_id: LayerId, frame: FrameNumber, prompt: Prompt | None) -> None:
        self.asked.append(("hover", layer_id, frame, prompt))
        if prompt is None:
            self.previews.clear()
            self.preview_ready.emit((layer_id, frame))

    def is_coarse(self, layer_id: LayerId, frame: FrameNumber) -> bool:
        return (layer_id, frame) in self.coarse

    def freshness(self, layer_id: LayerId) -> Freshness:
        layer = self.document.shot.layer(layer_id)
        frames = {frame for layer_of, frame in self.mattes if layer_of == layer_id}
        old = {frame for layer_of, frame in self.stale if layer_of == layer_id}
        confidence = {frame: self.mattes[layer_id, frame].confidence for frame in frames}
        keys = frozenset(layer.key_frames)
        return Freshness(frozenset(frames - old), frozenset(old), keys, layer.shape_keys, confidence)

    # --- work ---------------------------------------------------------------------------------------------------
    def models(self, task: str) -> tuple[ModelInfo, ...]:
        return tuple(model for model in self.model_list if task in model.tasks)

    def propagate(self, layer_id: LayerId, frames: FrameRange | None = None) -> None:
        self.asked.append(("propagate", layer_id, frames))

    def teach(self, layer_id: LayerId, options: Mapping[str, Any] | None = None) -> None:
        self.asked.append(("teach", layer_id, options))

    def answer_teach(self, result: TeachResult, use: bool) -> None:
        self.asked.append(("answer_teach", result, use))

    def refine(self, layer_id: LayerId, frames: FrameRange | None = None, seen: Window | None = None) -> None:
        self.asked.append(("refine", layer_id, frames))
        self.refine_seen: Window | None = seen

    def export(self, plan: ExportPlan) -> None:
        self.asked.append(("export", plan))

    def jobs(self) -> tuple[JobStatus, ...]:
        return tuple(self.job_list.values())

    def cancel(self, job_id: JobId) -> None:
        self.asked.append(("cancel", job_id))

    def refresh_models(self) -> None:
        self.asked.append(("refresh_models",))

    def teach_curve(self, job_id: JobId) -> Sequence[Mapping[str, float]]:
        return self.curve

    # --- takes --------------------------------------------------------------------------------------------------
    def takes(self, layer_id: LayerId) -> tuple[TakeInfo, ...]:
        return tuple(take for take in self.take_list if take.layer_id == layer_id)

    def keep_take(self, layer_id: LayerId, name: str) -> TakeInfo:
        frames = tuple(sorted(frame for layer_of, frame in self.mattes if layer_of == layer_id))
        take = TakeInfo(f"take{len(self.take_list) + 1}", layer_id, name, frames, made="2026-01-01T10:00:00+00:00")
        self.take_list.append(take)
        self.take_mattes.update(
            {(take.id, frame): matte for (layer_of, frame), matte in self.mattes.items() if layer_of == layer_id}
        )
        self.asked.append(("keep_take", layer_id, name))
        self.taking.changed.emit(layer_id)
        return take

    def take_matte(self, take_id: str, frame: FrameNumber) -> Matte | None:
        return self.take_mattes.get((take_id, frame))
