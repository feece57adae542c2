"""A studio without a window, step by step: each call returns when its work is done, or raises why it was not.

Used by `penumbra matte`, `penumbra demo` and the benches; it goes through the same use cases as the window.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from app.console import Progress
from app.exporting import ExportReport
from app.loop import Loop, TimedOut
from app.painted import read_painted, to_asset
from app.studio import PenumbraStudio
from core.commands import (
    AddCorrection,
    AddLayer,
    AddPlate,
    AddPrompt,
    ChooseModels,
    SetColorConfig,
    SetPaintedMatte,
    SetRange,
)
from core.delivery import ExportPlan
from core.errors import EngineError, PenumbraError
from core.finish import Finish
from core.finish_commands import SetFinish
from core.frames import FrameNumber, FrameRange
from core.jobs import JobState
from core.layer import Layer, LayerId, ModelChoice
from core.matte import Matte
from core.plate import Plate
from core.project_file import Project
from core.prompts import Prompt, Stroke
from inference.engine import Engine, EngineCondition, EngineState
from widgets.studio import Message, Severity, TeachResult

ENGINE_START_S = 30.0


class Headless:
    """One plate, one layer, one engine. Use as a context manager: it stops the engine at the end.

    Args:
        engine: closed at the end.
        frames: the frames to work on.
        progress: where jobs are shown.
    """

    def __init__(
        self,
        engine: Engine,
        plate: Plate,
        color_config: str,
        frames: FrameRange,
        layer_name: str,
        progress: Progress,
    ) -> None:
        self._loop = Loop()
        self.answers: list[dict[str, Any]] = []
        """What each prompt cost: its frame, whether the frame was encoded already, and milliseconds by step."""
        self._errors: list[PenumbraError] = []
        self._engine = engine
        self._offer: TeachResult | None = None
        self._refine_model = "refine"
        self._engine_state: EngineState | None = None
        engine.state.connect(lambda state: self._loop.post(lambda: self._engine_is(state)))
        project = Project.scratch()
        self.studio = PenumbraStudio(engine, self._loop.post, project)
        self.studio.bench.auto_renew = False
        self.studio.bench.segmenting.coarse_first = False
        self.studio.message.connect(self._said)
        self.studio.bench.failed.connect(self._errors.append)
        self.studio.teach_offered.connect(self._offered)
        self.studio.jobs_changed.connect(progress.show)
        self.layer_id: LayerId = uuid4().hex[:12]
        self.plate = plate
        self.frames = frames
        document = self.studio.document
        if color_config:
            document.do(SetColorConfig(color_config))
        document.do(AddPlate(plate))
        if frames != plate.frames:
            document.do(SetRange(frames))
        document.do(AddLayer(Layer(self.layer_id, layer_name)))
        self.studio.look_at(frames.first)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.studio.close(discard=True)

    # --- steps --------------------------------------------------------------------------------------------------

    def choose_models(self, segment: str, propagate: str = "propagate", refine: str = "") -> None:
        """Which model answers clicks, which one follows, and which one refines when that is asked (empty: our own).

        Raises EngineError when the engine has no such model.
        """
        try:
            self._wait(lambda: bool(self.studio.models("segment")), "The engine", ENGINE_START_S)
        except TimedOut as late:
            sentence = self._engine.now.sentence
            raise (SaidError(sentence) if sentence else late) from None
        self._refine_model = refine or "refine"
        for task, name in (("segment", segment), ("propagate", propagate), ("refine", refine)):
            known = [model.id for model in self.studio.models(task)]
            if name and name not in known:
                hint = f"It has: {', '.join(known)}. What can be pulled: penumbra models list."
                raise EngineError(name, why=f"the engine has no such model that can {task}", hint=hint)
        layer = self._layer()
        if (layer.segment.name, layer.propagate.name) != (segment, propagate):
            choice = ChooseModels(self.layer_id, ModelChoice(segment), ModelChoice(propagate), layer.refine)
            self.studio.document.do(choice)

    def prompt(self, frame: FrameNumber, prompt: Prompt) -> Matte:
        """Add a prompt and return the frame's matte."""
        base = self.studio.shown_key(self.layer_id, frame)
        self.studio.document.do(AddPrompt(self.layer_id, frame, prompt, base))
        self._settle(f"Segmenting frame {frame}")
        if (reply := self.studio.bench.segmenting.newest) is not None:
            self.answers.append({"frame": frame, "encoding_found": reply.encoding_hit, "ms": dict(reply.timings_ms)})
        return self.matte(frame)

    def paint(self, frame: FrameNumber, file: Path) -> Matte:
        """Set a painted matte from a file."""
        matte = read_painted(file, self.studio.color, self.plate.canvas)
        return self.set_painted(frame, matte)

    def set_painted(self, frame: FrameNumber, matte: Matte) -> Matte:
        asset = self.studio.put_asset(to_asset(matte))
        self.studio.document.do(SetPaintedMatte(self.layer_id, frame, asset))
        return self.matte(frame)

    def stroke(self, frame: FrameNumber, stroke: Stroke) -> Matte:
        """Paint one stroke over the matte of a frame."""
        base = self.studio.shown_key(self.layer_id, frame)
        self.studio.document.do(AddCorrection(self.layer_id, frame, stroke, base))
        return self.matte(frame)

    def propagate(self) -> None:
        """Bring every frame of the range up to date."""
        self.studio.bench.propagate(self.layer_id, self.frames)
        self._settle("Propagating")
        self._raise_if_failed("propagate")

    def teach(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Teach, and use the result unless it is measurably worse. Returns the figures and what was decided."""
        self._offer = None
        self.studio.bench.teach(self.layer_id, options)
        self._settle("Teaching")
        self._raise_if_failed("teach")
        offer = self._offer
        if offer is None:
            return {"used": False}
        self.studio.answer_teach(offer, use=offer.improved)
        self._settle("Using the taught model")
        return {
            "used": offer.improved,
            "held_out_before": _number(offer.held_out_before),
            "held_out_after": _number(offer.held_out_after),
        }

    def refine(self) -> None:
        """Turn refine on and bring every frame up to date."""
        layer = self._layer()
        edge = ModelChoice(self._refine_model)
        self.studio.document.do(ChooseModels(self.layer_id, layer.segment, layer.propagate, edge))
        self.studio.refine(self.layer_id, self.frames)
        self._settle("Refining")
        self._raise_if_failed("refine")

    def finish(self, finish: Finish) -> None:
        """What is done to every matte before it is looked at or exported."""
        if finish != self._layer().finish:
            self.studio.document.do(SetFinish(self.layer_id, finish))

    def export(self, plan: ExportPlan) -> ExportReport:
        """Write the mattes. Raises ExportError with nothing half-written."""
        reports: list[ExportReport] = []
        disconnect = self.studio.exported.connect(reports.append)
        self.studio.export(plan)
        self._wait(lambda: bool(reports or self._errors) or self._ended("export"), "Exporting")
        disconnect()
        self._raise_if_failed("export")
        return reports[0]

    def save_as(self, path: Path) -> None:
        self.studio.saving.save_as(path)

    def matte(self, frame: FrameNumber) -> Matte:
        """The frame's matte as it would be delivered. Raises PenumbraError when there is none."""
        matte = self.studio.bench.mattes.standing(self.layer_id, frame).matte
        if matte is None:
            raise PenumbraError(f"Frame {frame}", why="has no matte yet", hint="Propagate first.")
        return matte

    # --- waiting ------------------------------------------------------------------------------------------------

    def _layer(self) -> Layer:
        return self.studio.document.shot.layer(self.layer_id)

    def _settle(self, what: str) -> None:
        self._wait(lambda: not self.studio.bench.busy, what)

    def _wait(self, until: Callable[[], bool], what: str, timeout_s: float = float("inf")) -> None:
        self._loop.wait(lambda: until() or bool(self._errors), timeout_s, what)
        if self._errors:
            raise self._errors.pop(0)

    def _ended(self, kind: str) -> bool:
        return not self.studio.board.running(kind)

    def _raise_if_failed(self, kind: str) -> None:
        last = [job for job in self.studio.jobs() if job.kind == kind][-1:]
        for job in last:
            if job.state in (JobState.FAILED, JobState.CANCELLED):
                raise PenumbraError(job.title, why=job.message or job.state.value)

    def _said(self, message: Message) -> None:
        if message.severity is Severity.ERROR and not self._errors:
            self._errors.append(SaidError(message.text))

    def _offered(self, offer: TeachResult) -> None:
        self._offer = offer

    def _engine_is(self, state: EngineState) -> None:
        self._engine_state = state
        if state.condition is EngineCondition.FAILED:
            self._errors.append(SaidError(state.sentence))


class SaidError(PenumbraError):
    """A sentence that was already whole when it came."""

    def __init__(self, sentence: str) -> None:
        self._whole = sentence
        super().__init__(sentence, "")

    @property
    def sentence(self) -> str:
        return self._whole


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
