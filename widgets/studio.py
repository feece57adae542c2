"""What the window asks of the application, and what it may look at. `app/studio.py` is the real one.

Qt-free. Every call returns at once; results arrive through signals on the interface's thread. The window edits the
shot only through `document.do()`; everything derived (mattes, previews, jobs) is read here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from core.color import ColorConfig
from core.delivery import ExportPlan as ExportPlan
from core.document import Document
from core.frames import FrameNumber, FrameRange
from core.geometry import Window
from core.jobs import JobId, JobStatus
from core.layer import LayerId, MatteKey
from core.matte import Matte
from core.model_info import ModelInfo
from core.picture import Picture
from core.plate_choices import PlateChoices
from core.prompts import Prompt
from core.signal import Signal
from core.take import TakeKind
from widgets.alternatives import AlternativeRoom
from widgets.color_room import ColorRoom
from widgets.corrections import CorrectionRoom
from widgets.finishing import FinishRoom
from widgets.foreground import ForegroundRoom
from widgets.judging import Judging
from widgets.like_room import LikeRoom
from widgets.looking import LookingRoom
from widgets.mattes_ahead import MattesAhead
from widgets.pieces import PieceRoom
from widgets.references import References
from widgets.review import ReviewRoom
from widgets.saving import SavingRoom
from widgets.shaping import ShapeRoom
from widgets.starts import StartRoom
from widgets.takes import ImportRoom, TakeRoom
from widgets.teaching import TeachRoom
from widgets.trimaps import TrimapRoom


class Severity(Enum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for the artist; `details` unfold on demand."""

    severity: Severity
    text: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class Freshness:
    """Lanes of the timeline for one layer: sets of frames, and confidence 0-1 where it is known."""

    fresh: frozenset[FrameNumber] = frozenset()
    stale: frozenset[FrameNumber] = frozenset()
    """A matte exists but was derived from something older."""
    key_frames: frozenset[FrameNumber] = frozenset()
    shape_keys: frozenset[FrameNumber] = frozenset()
    """Key frames of its roto shapes."""
    confidence: Mapping[FrameNumber, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TakeInfo:
    """A kept set of mattes of a layer to compare with the current one ("before Teach", "before correction")."""

    id: str
    layer_id: LayerId
    name: str
    frames: tuple[FrameNumber, ...] = ()
    """Those it has a matte for, ascending."""
    kind: TakeKind = TakeKind.KEPT
    made: str = ""
    """When, ISO 8601; empty where nobody wrote it down."""


@dataclass(frozen=True, slots=True)
class TeachResult:
    """What Teach offers: measured before and after on held-out frames, and whether it should be the default."""

    layer_id: LayerId
    asset: str
    name: str
    held_out_before: float
    held_out_after: float
    improved: bool
    approved_before: float = math.inf
    approved_after: float = math.inf
    """Mean absolute error on frames that were approved; infinite where there are none."""
    taught_on: tuple[FrameNumber, ...] = ()
    held_out: tuple[FrameNumber, ...] = ()
    seconds: float = 0.0


class Studio(Protocol):
    """The application behind the window."""

    document: Document
    color: ColorConfig

    @property
    def references(self) -> References:
        """The plates beside the one being matted."""

    @property
    def taking(self) -> TakeRoom:
        """Naming takes and putting them back."""

    @property
    def importing(self) -> ImportRoom:
        """Mattes from files, as takes."""

    @property
    def looking(self) -> LookingRoom:
        """Other layers, views and channels of the plate's files, to look at."""

    @property
    def colors(self) -> ColorRoom:
        """The project's color config, and why the plate is read as it is."""

    @property
    def like(self) -> LikeRoom:
        """The thing of one frame, found on all of them."""

    @property
    def alternatives(self) -> AlternativeRoom:
        """The part and the whole, where a first click is ambiguous."""

    @property
    def teaching(self) -> TeachRoom:
        """Live teaching, and what was taught before."""

    @property
    def judging(self) -> Judging:
        """What is known of the frames without watching them, and which to look at next."""

    @property
    def reviewing(self) -> ReviewRoom:
        """Who reviews, what an approval is of, and the review's exports."""

    @property
    def starts(self) -> StartRoom:
        """Where Teach may begin."""

    @property
    def corrections(self) -> CorrectionRoom:
        """What is kept for learning, of this project and of the show."""

    @property
    def pieces(self) -> PieceRoom:
        """Layers made of the pieces of one, and one made of several."""

    @property
    def shaping(self) -> ShapeRoom:
        """Shapes out of mattes, to files and from files."""

    @property
    def finishing(self) -> FinishRoom:
        """A finish that is looked at while a knob is turned."""

    @property
    def trimaps(self) -> TrimapRoom:
        """Where refine looks for the edge."""

    @property
    def foregrounds(self) -> ForegroundRoom:
        """The colors of comps."""

    @property
    def saving(self) -> SavingRoom:
        """The open project's file, and what was open before."""

    @property
    def mattes_ahead(self) -> MattesAhead:
        """Mattes brought into memory before they are looked at."""

    # --- what the window redraws on -----------------------------------------------------------------------------
    picture_ready: Signal[FrameNumber]
    """A plate frame is now in the cache (or its error is known)."""
    matte_ready: Signal[tuple[LayerId, FrameNumber]]
    preview_ready: Signal[tuple[LayerId, FrameNumber]]
    takes_changed: Signal[LayerId]
    """A layer's takes are others now."""
    jobs_changed: Signal[tuple[JobStatus, ...]]
    message: Signal[Message]
    engine_said: Signal[tuple[bool, str]]
    """(ready, sentence) for the engine indicator."""
    teach_offered: Signal[TeachResult]
    models_changed: Signal[tuple[ModelInfo, ...]]
    plate_choices_changed: Signal[PlateChoices]

    # --- opening and closing ------------------------------------------------------------------------------------
    def open(self, path: Path, color_space: str | None = None) -> None:
        """A plate (sequence, still, movie, folder) or a project. The first plate of an empty shot starts a project.
        A second-class plate without `color_space` makes `ask_color_space` fire instead of loading."""

    def open_sample(self) -> None:
        """The sample shot that comes with the program, made on first use: what the start page offers."""

    ask_color_space: Signal[tuple[Path, Sequence[str]]]
    """(path, color spaces to choose from): the window asks, then calls `open` again."""

    def close(self, discard: bool = False) -> None:
        """Stop all work and keep what is finished. `discard` throws away a session that never had a name."""

    # --- pictures -----------------------------------------------------------------------------------------------
    def look_at(
        self, frame: FrameNumber, playing: bool = False, order: Sequence[FrameNumber] = (), layer_id: LayerId = ""
    ) -> None:
        """The playhead is here: read ahead (in `order`, where there is one), encode ahead for the first click on the
        chosen layer, renew outward from here."""

    def give_room(self, most_bytes: int) -> None:
        """How much memory pictures that were read may take."""

    def picture(self, frame: FrameNumber) -> Picture | None:
        """The plate's frame from the cache, or None while it is being read."""

    def picture_error(self, frame: FrameNumber) -> str:
        """Why there is no picture, as a sentence; empty when there is one or it is on its way."""

    def cached_frames(self) -> frozenset[FrameNumber]: ...
    def missing_frames(self) -> frozenset[FrameNumber]: ...
    def plate_choices(self) -> PlateChoices:
        """Parts, layers and views of the plate; nothing until its header is read, then `plate_choices_changed`."""

    def read_plate_as(self, part: str = "", layer: str = "", view: str = "") -> None:
        """Read the plate with these names (empty: the default): one undoable command, or a message why not."""

    # --- mattes -------------------------------------------------------------------------------------------------
    def matte(self, layer_id: LayerId, frame: FrameNumber) -> tuple[Matte | None, bool]:
        """(matte, fresh): the delivered matte for the current key; else the newest older one with fresh False."""

    def shown_key(self, layer_id: LayerId, frame: FrameNumber) -> MatteKey:
        """The key of the matte on screen: what a new key frame's `base` is."""

    def preview(self, layer_id: LayerId, frame: FrameNumber) -> Matte | None:
        """The hover preview, while there is one."""

    def hover(self, layer_id: LayerId, frame: FrameNumber, prompt: Prompt | None) -> None:
        """Ask for a preview with one more prompt (replace-latest), or end it with None. An empty `layer_id` stands for
        the layer that a first click would make."""

    def is_coarse(self, layer_id: LayerId, frame: FrameNumber) -> bool:
        """Whether `matte` gives a first, coarse answer to the current prompts; the full one is on its way."""

    def freshness(self, layer_id: LayerId) -> Freshness: ...

    # --- work ---------------------------------------------------------------------------------------------------
    def refresh_models(self) -> None:
        """Ask the engine again what it can do; `models_changed` follows."""

    def models(self, task: str) -> tuple[ModelInfo, ...]: ...
    def propagate(self, layer_id: LayerId, frames: FrameRange | None = None) -> None:
        """Renew stale frames from the playhead outward; None for the whole range."""

    def teach(self, layer_id: LayerId, options: Mapping[str, Any] | None = None) -> None: ...
    def answer_teach(self, result: TeachResult, use: bool) -> None: ...
    def refine(self, layer_id: LayerId, frames: FrameRange | None = None, seen: Window | None = None) -> None:
        """A better edge on what is known of the frames; the part of the plate that is `seen` comes first."""

    def export(self, plan: ExportPlan) -> None: ...
    def jobs(self) -> tuple[JobStatus, ...]: ...
    def cancel(self, job_id: JobId) -> None: ...
    def teach_curve(self, job_id: JobId) -> Sequence[Mapping[str, float]]:
        """Every step's metrics so far (`step`, `seconds`, `loss`, `held_out_error`), for the live plot."""

    # --- takes --------------------------------------------------------------------------------------------------
    def takes(self, layer_id: LayerId) -> tuple[TakeInfo, ...]: ...
    def keep_take(self, layer_id: LayerId, name: str) -> TakeInfo: ...
    def take_matte(self, take_id: str, frame: FrameNumber) -> Matte | None: ...
