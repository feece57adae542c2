"""What a model must offer to the engine. A model is a folder: `manifest.json` and `model.py` with `create()`.

All arrays cover the plate's canvas; coordinates are pixels of that array (the engine has subtracted the window's
origin). Pictures are (H, W, 3) float32, scene-linear in the project's working space, finite, any range including
negatives; a model encodes them itself (`core/encoding.py`). Coverage is (H, W) float32, 0-1.
Every model polls `cancelled()` between steps, tiles and frames, and then raises `core.errors.Cancelled`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.arrays import Float32
from core.frames import FrameNumber
from core.prompts import Prompt

Options = Mapping[str, Any]
"""Validated against the model's schema, with defaults filled in."""
Cancelled = Callable[[], bool]


class FrameSource(Protocol):
    """The pictures of a plate, read and converted on demand, cached by the engine."""

    def rgb(self, frame: FrameNumber, long_edge_px: int | None = None) -> Float32:
        """(H, W, 3) scene-linear; reduced by area averaging so that the longer edge is at most `long_edge_px`."""

    def shape(self) -> tuple[int, int]:
        """(H, W) of the canvas at full resolution."""


class SegmentModel(Protocol):
    """Prompts → coverage of one frame. `encode` is the slow half and is cached per frame."""

    def encode(self, rgb: Float32, options: Options) -> object: ...

    def segment(
        self,
        encoded: object,
        prompts: Sequence[Prompt],
        previous: Float32 | None,
        options: Options,
        cancelled: Cancelled,
    ) -> tuple[Float32, float]:
        """Coverage at full resolution and a confidence 0-1."""


class KeepsEncodings(Protocol):
    """A `SegmentModel` whose encodings are worth keeping on disk: seconds to make, bytes to keep."""

    def pack(self, encoded: Any) -> bytes:
        """An encoding without its picture, as safetensors."""

    def unpack(self, rgb: Float32, packed: bytes, options: Options) -> object:
        """The encoding again; `rgb` as it was given to `encode`. Answers as the one that was packed, bit for bit."""


@dataclass(frozen=True, slots=True)
class Propagated:
    """One frame's answer; `confidence` 0-1."""

    frame: FrameNumber
    coverage: Float32
    confidence: float


class PropagateModel(Protocol):
    """Key frames → other frames, both directions, any number of keys."""

    def propagate(
        self,
        source: FrameSource,
        keys: Mapping[FrameNumber, Float32],
        frames: Sequence[FrameNumber],
        adapter: bytes,
        options: Options,
        cancelled: Cancelled,
    ) -> Iterator[Propagated]:
        """Yields every frame of `frames` once, as near to their order as the method allows, as soon as it is known.
        Key frames are never changed, and are not yielded."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One corrected or approved frame. `decided`: (H, W) 0-1, where the artist decided, or None. See
    `messages.Example`."""

    frame: FrameNumber
    coverage: Float32
    decided: Float32 | None = None
    weight: float = 1.0
    held_out: bool = False
    approved: bool = False


@dataclass(frozen=True, slots=True)
class TeachStep:
    """Progress of teaching. `adapter` is set on checkpoints and on the last step; `previews` are unseen frames."""

    step: int
    progress: float
    metrics: Mapping[str, float]
    adapter: bytes = b""
    previews: Mapping[FrameNumber, Float32] = field(default_factory=dict)


class TeachModel(Protocol):
    """Corrected frames → adapter (safetensors bytes with metadata; never pickle)."""

    def teach(
        self,
        source: FrameSource,
        lessons: Sequence[Lesson],
        resume_from: bytes,
        options: Options,
        cancelled: Cancelled,
    ) -> Iterator[TeachStep]: ...


class RefineModel(Protocol):
    """Matte → a better edge at full resolution."""

    def refine(
        self, rgb: Float32, coverage: Float32, fixed: Float32 | None, options: Options, cancelled: Cancelled
    ) -> Float32:
        """`fixed`: 1 where the artist decided; those pixels of `coverage` come back bit for bit. A half where the
        artist says that the edge is unknown; 0 where the model judges."""


Model = SegmentModel | PropagateModel | TeachModel | RefineModel
