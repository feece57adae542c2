"""The engine as the application sees it, wherever it runs. `inference/client.py` is the real one; tests fake it.

Callbacks and futures complete on the engine client's own thread; the application posts them to its interface.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from core.frames import FrameNumber
from core.layer import ModelChoice
from core.model_info import ModelInfo
from core.plate import Plate
from core.signal import Signal
from inference.messages import JobEvent, JobRequest, SegmentReply, SegmentRequest


class EngineCondition(Enum):
    STARTING = "starting"
    READY = "ready"
    LOST = "lost"
    """Gone; being restarted or reached again. Requests wait."""
    FAILED = "failed"
    """Given up; `sentence` says why and what to do."""


@dataclass(frozen=True, slots=True)
class EngineState:
    """`sentence` is empty while all is well. `where` reads "this machine" or the server's address."""

    condition: EngineCondition
    where: str = "this machine"
    sentence: str = ""


class RunningJob(Protocol):
    """A job that was started. `done` completes when it ended: None, or the exception (`Cancelled` too)."""

    @property
    def id(self) -> str: ...

    @property
    def done(self) -> Future[None]: ...

    def cancel(self) -> None: ...

    def pause(self, paused: bool = True) -> None:
        """Hold it within a step of teaching, between two steps of anything else; or let it go on."""


class Engine(Protocol):
    """Calls never block: they return a future or take a callback."""

    @property
    def state(self) -> Signal[EngineState]: ...

    @property
    def now(self) -> EngineState:
        """The newest state, for a listener that connects late."""

    def models(self) -> Future[tuple[ModelInfo, ...]]: ...

    def segment(self, request: SegmentRequest) -> Future[SegmentReply]:
        """Supersedes an unanswered request of the same slot, whose future then fails with `Cancelled`."""

    def prefetch(self, plate: Plate, color_config: str, frames: tuple[FrameNumber, ...], model: ModelChoice) -> None:
        """Encode these frames when there is nothing better to do."""

    def start(self, request: JobRequest, on_event: Callable[[JobEvent], None]) -> RunningJob:
        """Start a job. Events arrive in order, each exactly once, also across a restart of the engine."""

    def close(self) -> None:
        """Stop a local engine, leave a remote one."""
