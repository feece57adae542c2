"""A shot that lies in memory whole, for what is measured on screen: no disk, no engine, nothing to wait for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NoReturn

import numpy as np

from app.background import Background
from app.color_choice import ColorChoice
from app.hall import Hall
from app.job_board import JobBoard
from app.looking import Looking
from app.references import References
from core.arrays import Float16
from core.color import ColorConfig, DisplayTransform
from core.commands import AddLayer, AddPlate
from core.correct_next import Suggestion
from core.document import Document
from core.errors import PenumbraError
from core.expected_error import LookAt
from core.finish import Finish
from core.foreground.steps import Foreground
from core.frame_cache import FrameCache
from core.frame_facts import FrameFacts
from core.frames import FrameNumber, FrameRange
from core.geometry import Format, Window
from core.layer import Layer, LayerId, MatteKey
from core.matte import Matte
from core.picture import Picture
from core.plate import Plate
from core.plate_choices import PlateChoices
from core.prompts import Prompt
from core.review_plan import ReviewPlan
from core.roto.shape import RotoShape
from core.signal import Signal
from widgets.judging import Heat, WorstFrame
from widgets.studio import Message, Severity, TakeInfo
from widgets.trimaps import SeenTrimap

FRAMES = FrameRange(1001, 1012)
LAYER = "layer"


class Unjudged:
    """Implements `widgets.judging.Judging`: nothing is measured here."""

    def __init__(self) -> None:
        self.changed: Signal[LayerId] = Signal()

    def judge(self, layer_id: LayerId, around: FrameNumber) -> None:
        del layer_id, around

    def pause(self, *, paused: bool) -> None:
        del paused

    def facts(self, layer_id: LayerId) -> Mapping[FrameNumber, FrameFacts]:
        del layer_id
        return {}

    def queue(self, layer_id: LayerId) -> Sequence[LookAt]:
        del layer_id
        return ()

    def suggestions(self, layer_id: LayerId) -> Sequence[Suggestion]:
        del layer_id
        return ()

    def removed(self, layer_id: LayerId) -> None:
        del layer_id

    def progress(self, layer_id: LayerId) -> tuple[int, int]:
        del layer_id
        return 0, 0

    def chatter(self, layer_id: LayerId, frame: FrameNumber) -> Heat | None:
        del layer_id, frame
        return None

    def sheet(
        self, layer_id: LayerId, most: int, transform: DisplayTransform, done: Callable[[Sequence[WorstFrame]], None]
    ) -> None:
        del layer_id, most, transform
        done(())

    def save_sheet(self, layer_id: LayerId, worst: Sequence[WorstFrame], path: Path) -> None:
        del layer_id, worst, path


class Unreviewed:
    """Implements `widgets.review.ReviewRoom`: nobody reviews here."""

    author = ""

    def seen(self, layer_id: LayerId, frame: FrameNumber) -> tuple[MatteKey, bool]:
        del layer_id, frame
        return "", False

    def sealable(self, layer_id: LayerId, frame: FrameNumber) -> tuple[tuple[LayerId, MatteKey], ...]:
        del layer_id, frame
        return ()

    def export(self, plan: ReviewPlan) -> None:
        del plan


class Unfinished:
    """Implements `widgets.finishing.FinishRoom`: nothing is tried on."""

    def try_on(self, layer_id: LayerId, finish: Finish | None) -> None:
        del layer_id, finish

    def try_shapes(self, layer_id: LayerId, shapes: tuple[RotoShape, ...] | None) -> None:
        del layer_id, shapes


class NoTrimaps:
    """Implements `widgets.trimaps.TrimapRoom`: there are none."""

    def __init__(self) -> None:
        self.changed: Signal[LayerId] = Signal()

    def at(self, layer_id: LayerId, frame: FrameNumber) -> SeenTrimap | None:
        del layer_id, frame
        return None


class PlateColors:
    """Implements `widgets.foreground.ForegroundRoom`: comps have the plate's own colors."""

    def __init__(self) -> None:
        self.ready: Signal[LayerId] = Signal()

    def picture(self, layer_id: LayerId, picture: Picture, matte: Matte) -> tuple[Picture, bool]:
        del layer_id, matte
        return picture, True

    def try_on(self, layer_id: LayerId, foreground: Foreground | None) -> None:
        del layer_id, foreground


class AtHand:
    """Implements `widgets.mattes_ahead.MattesAhead`: every matte is in memory."""

    def __init__(self) -> None:
        self.came: Signal[FrameNumber] = Signal()

    def at_hand(self, frame: FrameNumber) -> bool:
        del frame
        return True


class StillStudio:
    """Pictures and mattes of a made-up plate, all in memory. Implements `widgets.read_ahead.Stocked`."""

    def __init__(self, size: tuple[int, int], color: ColorConfig | None = None, frames: FrameRange = FRAMES) -> None:
        self.document = Document()
        self.color = color or ColorConfig.load()
        self.picture_ready: Signal[FrameNumber] = Signal()
        self.matte_ready: Signal[tuple[LayerId, FrameNumber]] = Signal()
        self.preview_ready: Signal[tuple[LayerId, FrameNumber]] = Signal()
        self.takes_changed: Signal[LayerId] = Signal()
        self.message: Signal[Message] = Signal()
        window = Window.of_size(*size)
        form = Format(window)
        path = Path("/bench/plate.####.exr")
        plate = Plate("plate", "plate", path, frames, form, window, self.color.scene_linear, rate=Fraction(24))
        self.document.do(AddPlate(plate))
        self.document.do(AddLayer(Layer(LAYER, "Layer 1")))
        rgba, coverage = grained(window), soft_disc(window)
        self._pictures = {frame: Picture(rgba.copy(), window, form) for frame in frames}
        self._mattes = {frame: Matte(window, coverage.copy()) for frame in frames}
        self.mattes_ahead = AtHand()
        idle = Background(_now, self._failed)
        hall = Hall(self.document, _no_bench, lambda: self.color, JobBoard(), _now, idle.run, self._said, self._failed)
        self.references = References(hall, FrameCache(0))
        self.looking = Looking(hall, 0)
        self.colors = ColorChoice(hall, self._use_color)
        self.judging = Unjudged()
        self.finishing = Unfinished()
        self.foregrounds = PlateColors()
        self.trimaps = NoTrimaps()
        self.reviewing = Unreviewed()

    def _failed(self, error: PenumbraError) -> None:
        raise error

    def _said(self, text: str, details: str = "", well: bool = True) -> None:
        self.message.emit(Message(Severity.INFO if well else Severity.WARNING, text, details))

    def _use_color(self, color: ColorConfig) -> None:
        self.color = color

    def picture(self, frame: FrameNumber) -> Picture | None:
        return self._pictures.get(frame)

    def picture_error(self, frame: FrameNumber) -> str:
        return "" if frame in self._pictures else f"There is no frame {frame}."

    def cached_frames(self) -> frozenset[FrameNumber]:
        return frozenset(self._pictures)

    def missing_frames(self) -> frozenset[FrameNumber]:
        return frozenset()

    def plate_choices(self) -> PlateChoices:
        return PlateChoices()

    def matte(self, layer_id: LayerId, frame: FrameNumber) -> tuple[Matte | None, bool]:
        return (self._mattes.get(frame) if layer_id == LAYER else None), True

    def shown_key(self, layer_id: LayerId, frame: FrameNumber) -> MatteKey:
        return f"{layer_id} {frame}"

    def preview(self, layer_id: LayerId, frame: FrameNumber) -> Matte | None:
        del layer_id, frame
        return None

    def hover(self, layer_id: LayerId, frame: FrameNumber, prompt: Prompt | None) -> None:
        del layer_id, frame, prompt

    def is_coarse(self, layer_id: LayerId, frame: FrameNumber) -> bool:
        del layer_id, frame
        return False

    def takes(self, layer_id: LayerId) -> tuple[TakeInfo, ...]:
        del layer_id
        return ()

    def take_matte(self, take_id: str, frame: FrameNumber) -> Matte | None:
        del take_id, frame
        return None


def _now(call: Callable[[], None]) -> None:
    call()


def _no_bench() -> NoReturn:
    raise AssertionError("nothing is matted here")


def grained(window: Window, seed: int = 7) -> Float16:
    """(H, W, 4) scene-linear: light falling off to one side, with highlights above 1 and grain; alpha 1."""
    rng = np.random.default_rng(seed)
    across = np.linspace(0.02, 4.0, window.width, dtype=np.float32)[None, :, None]
    rgba = np.ones((*window.shape, 4), np.float32)
    rgba[..., :3] = across * np.array([0.9, 0.6, 0.4], np.float32)
    rgba[..., :3] += rng.standard_normal((*window.shape, 3), dtype=np.float32) * 0.01
    return rgba.astype(np.float16)


def soft_disc(window: Window) -> Float16:
    """(H, W) coverage of a disc in the middle with a soft edge."""
    rows, columns = np.ogrid[: window.height, : window.width]
    radius = np.hypot(columns - window.width / 2, rows - window.height / 2)
    return np.clip((window.height / 3 - radius) / 8 + 0.5, 0, 1).astype(np.float16)
