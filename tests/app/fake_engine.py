"""An engine that answers discs: no process, no network, no torch. Tests decide when it answers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import numpy as np

from core.arrays import Float32
from core.errors import Cancelled, EngineError
from core.frames import FrameNumber
from core.geometry import Window
from core.jobs import JobState
from core.layer import SEGMENTER, ModelChoice
from core.matte import Matte, Provenance
from core.model_info import ModelInfo
from core.plate import Plate
from core.prompts import Click
from core.signal import Signal
from inference.engine import EngineCondition, EngineState
from inference.messages import JobEvent, JobRequest, PropagateRequest, RefineRequest, SegmentReply, SegmentRequest

THOUGHTFUL = ModelInfo(
    SEGMENTER,
    "1",
    "Disc",
    ("segment",),
    {
        "type": "object",
        "properties": {
            "reach": {"type": "number", "default": 1.0, "minimum": 0.25, "maximum": 4.0},
            "quick": {"type": "boolean", "default": False, "x-ui": {"hidden": True}},
        },
    },
)
"""Understands `quick` (three quarters of the coverage) and `reach` (discs of other sizes)."""
MODELS = (
    ModelInfo(SEGMENTER, "1", "Disc", ("segment",), license="Apache-2.0"),
    ModelInfo("propagate", "1", "Copy", ("propagate", "teach"), license="Apache-2.0", trainable=True),
    ModelInfo("refine", "1", "Half", ("refine",), license="Apache-2.0"),
)


def disc(window: Window, x: float, y: float, radius_px: float) -> Float32:
    """1 inside, 0 outside; the pixel centre decides."""
    rows, columns = np.mgrid[window.y0 : window.y1, window.x0 : window.x1] + 0.5
    return ((columns - x) ** 2 + (rows - y) ** 2 <= radius_px**2).astype(np.float32)


class FakeJob:
    def __init__(self, number: int) -> None:
        self.id = f"fake-{number}"
        self.paused = False
        self.done: Future[None] = Future()

    def cancel(self) -> None:
        if not self.done.done():
            self.done.set_exception(Cancelled())

    def pause(self, paused: bool = True) -> None:
        self.paused = paused


class FakeEngine:
    """`hold` keeps every answer back until `release()`; `failing` is raised by whatever is asked next."""

    def __init__(self) -> None:
        self.state: Signal[EngineState] = Signal()
        self.segments: list[SegmentRequest] = []
        self.jobs: list[JobRequest] = []
        self.prefetched: list[tuple[FrameNumber, ...]] = []
        self.prefetched_by: list[ModelChoice] = []
        self.known = MODELS
        self.hold = False
        self.failing: Exception | None = None
        self.adapter = b"taught"
        self.metrics = {"held_out_before": 0.2, "held_out_error": 0.1}
        self.closed = False
        self._held: list[Callable[[], None]] = []
        self._asked: list[Future[SegmentReply]] = []

    @property
    def now(self) -> EngineState:
        return EngineState(EngineCondition.READY)

    def models(self) -> Future[tuple[ModelInfo, ...]]:
        done: Future[tuple[ModelInfo, ...]] = Future()
        done.set_result(self.known)
        return done

    def segment(self, request: SegmentRequest) -> Future[SegmentReply]:
        self.segments.append(request)
        done: Future[SegmentReply] = Future()
        failing, self.failing = self.failing, None
        if failing is not None:
            done.set_exception(failing)
            return done
        self._asked.append(done)
        self._answer(lambda: self._reply(request, done))
        return done

    def _reply(self, request: SegmentRequest, done: Future[SegmentReply]) -> None:
        if not done.done():
            done.set_result(SegmentReply(self._disc(request), encoding_hit=True))

    @staticmethod
    def _disc(request: SegmentRequest) -> Matte:
        canvas = request.plate.canvas
        coverage = np.zeros(canvas.shape, np.float32)
        reach = float(request.model.options.get("reach", 1.0))
        for prompt in request.prompts:
            if isinstance(prompt, Click):
                shape = disc(canvas, prompt.x, prompt.y, 8.0 * reach**0.5)
                coverage = np.maximum(coverage, shape) if prompt.adds else coverage * (1 - shape)
        if request.model.options.get("quick"):
            coverage = coverage * np.float32(0.75)  # told apart from the full answer
        return Matte(canvas, coverage, 0.9, Provenance("segment", SEGMENTER, "1"))

    def prefetch(self, plate: Plate, color_config: str, frames: tuple[FrameNumber, ...], model: ModelChoice) -> None:
        self.prefetched.append(frames)
        self.prefetched_by.append(model)

    def start(self, request: JobRequest, on_event: Callable[[JobEvent], None]) -> FakeJob:
        self.jobs.append(request)
        job = FakeJob(len(self.jobs))
        self._answer(lambda: self._run(request, job, on_event))
        return job

    def _run(self, request: JobRequest, job: FakeJob, on_event: Callable[[JobEvent], None]) -> None:
        if job.done.done():
            return
        if isinstance(request, PropagateRequest):
            nearest = {frame: min(request.keys, key=lambda key: abs(key - frame)) for frame in request.frames}
            for number, frame in enumerate(request.frames, 1):
                matte = Matte(request.keys[nearest[frame]].window, request.keys[nearest[frame]].coverage, 0.5)
                on_event(JobEvent(number, JobState.RUNNING, number / len(request.frames), frame, matte))
        elif isinstance(request, RefineRequest):
            for number, (frame, matte) in enumerate(request.mattes.items(), 1):
                halved = Matte(matte.window, matte.float32() * np.float32(0.5), matte.confidence)
                on_event(JobEvent(number, JobState.RUNNING, number / len(request.mattes), frame, halved))
        else:
            on_event(JobEvent(1, JobState.RUNNING, 0.5, metrics={"loss": 0.5, "step": 1}))
            on_event(JobEvent(2, JobState.RUNNING, 1.0, metrics=self.metrics, adapter=self.adapter))
        job.done.set_result(None)

    def _answer(self, call: Callable[[], None]) -> None:
        if self.hold:
            self._held.append(call)
        else:
            call()

    def release(self) -> None:
        """Give every answer that was held back, and hold none any more."""
        self.hold = False
        held, self._held = self._held, []
        for call in held:
            call()

    def release_one(self, number: int = 0) -> None:
        """Give one of the answers that are held back, the oldest unless told otherwise."""
        self._held.pop(number)()

    def fail_one(self, error: Exception) -> None:
        """The newest question of a frame fails."""
        self._asked[-1].set_exception(error)

    @property
    def held(self) -> int:
        """How many answers are held back."""
        return len(self._held)

    def die(self) -> None:
        self.state.emit(EngineState(EngineCondition.LOST, sentence="The engine stopped. It is being started again."))

    def be_ready(self) -> None:
        self.state.emit(EngineState(EngineCondition.READY))

    def close(self) -> None:
        self.closed = True


def refused(why: str) -> EngineError:
    return EngineError("The engine", why=why)
