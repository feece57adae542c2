"""What the application asks of the engine and what it is answered. Immutable values; no torch, no gRPC, no Qt.

Everything here is in plate pixels and scene-linear color. How it crosses the wire is `inference/client.py`'s
business; a request carries the whole truth, so the engine may forget, restart, or be another machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.frames import FrameNumber
from core.jobs import JobState
from core.layer import ModelChoice
from core.matte import Matte
from core.plate import Plate
from core.prompts import Prompt


@dataclass(frozen=True, slots=True)
class SegmentRequest:
    """All prompts of one frame → its matte.

    Args:
        slot: requests of one slot supersede each other (layer and frame; hover previews have a slot of their own).
        previous: the matte under the prompts, or None.
    """

    slot: str
    plate: Plate
    color_config: str
    frame: FrameNumber
    prompts: tuple[Prompt, ...]
    model: ModelChoice
    previous: Matte | None = None


@dataclass(frozen=True, slots=True)
class SegmentReply:
    """The matte over the plate's canvas, and what it cost."""

    matte: Matte
    encoding_hit: bool
    timings_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeptFrame:
    """A frame's encoding is on disk for another day, or why not.

    Args:
        bytes: what it takes there.
        found: it was there before.
        error: a sentence; empty when all is well.
    """

    frame: FrameNumber
    bytes: int = 0
    found: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class PropagateRequest:
    """Key frames → mattes of other frames.

    Args:
        keys: the mattes of key frames, at least one.
        frames: the frames wanted, in the order they are wanted in (from the playhead outward).
        adapter: safetensors bytes of the taught network, or empty.
    """

    plate: Plate
    color_config: str
    keys: Mapping[FrameNumber, Matte]
    frames: tuple[FrameNumber, ...]
    model: ModelChoice
    adapter: bytes = b""


@dataclass(frozen=True, slots=True)
class Example:
    """A corrected frame to be taught.

    Args:
        matte: what the artist agreed to.
        decided: where the artist decided (1 inside strokes, 0 elsewhere) to weight the loss; None for everywhere.
        weight: of the whole frame; below 1 for a frame that was only clicked.
        held_out: never trained on; measures whether teaching helped. Stays held out over rounds.
        approved: not authored, but approved as it is: it must not get worse, and nothing is propagated from it.
    """

    frame: FrameNumber
    matte: Matte
    decided: Matte | None = None
    weight: float = 1.0
    held_out: bool = False
    approved: bool = False


@dataclass(frozen=True, slots=True)
class TeachRequest:
    """Corrected frames → adapter. `resume_from`: an adapter to start from, or empty."""

    plate: Plate
    color_config: str
    examples: tuple[Example, ...]
    model: ModelChoice
    resume_from: bytes = b""


@dataclass(frozen=True, slots=True)
class RefineRequest:
    """Mattes → the same mattes with a better edge.

    Args:
        mattes: by frame.
        fixed: by frame 1 where a matte must stay as it is (solid strokes), a half where its edge must be found whatever
            it is; may lack frames.
    """

    plate: Plate
    color_config: str
    mattes: Mapping[FrameNumber, Matte]
    model: ModelChoice
    fixed: Mapping[FrameNumber, Matte] = field(default_factory=dict)


JobRequest = PropagateRequest | TeachRequest | RefineRequest


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One entry of a job's log, in order, without gaps.

    A propagate or refine job brings one `matte` per frame; a teach job brings `metrics` (`loss`,
    `held_out_error`, `step`, `seconds`), previews as mattes of frames it has not seen, checkpoints and at its end the
    `adapter`.
    """

    seq: int
    state: JobState
    progress: float = 0.0
    frame: FrameNumber | None = None
    matte: Matte | None = None
    message: str = ""
    metrics: Mapping[str, Any] = field(default_factory=dict)
    adapter: bytes = b""
    error: Exception | None = None
