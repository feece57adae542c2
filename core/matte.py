"""A matte: soft coverage of one layer at one frame, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from core.arrays import AnyFloat, Float32
from core.geometry import Window
from core.halves import to_float, to_half


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a matte; written into exported files. Empty where it does not apply.

    Args:
        made_by: `segment`, `propagate`, `paint` or `import`, and what was done to it since: `propagate+refine+finish`.
        model, model_version, weights_sha256: of what answered, before anything else was done to it.
        adapter, adapter_name: what it was taught; the name as it was then.
        engine: which run of which engine.
        key_frames: where it was carried from: the key frames beside it.
        refined_by: model, version and weights of what refined its edge, as one text.
    """

    made_by: str = ""
    model: str = ""
    model_version: str = ""
    weights_sha256: str = ""
    adapter: str = ""
    engine: str = ""
    adapter_name: str = ""
    key_frames: tuple[int, ...] = ()
    refined_by: str = ""

    def then(self, step: str) -> str:
        """`made_by` with one more step; the same where that was the last one."""
        if self.made_by.endswith(step):
            return self.made_by
        return f"{self.made_by}+{step}" if self.made_by else step

    def refined(self, by: Provenance) -> Provenance:
        """This, after a model refined the edge: what was refined is still named."""
        text = " ".join(word for word in (by.model, by.model_version, by.weights_sha256) if word)
        return replace(self, made_by=self.then("refine"), refined_by=text, engine=by.engine or self.engine)


@dataclass(frozen=True, slots=True)
class Matte:
    """Soft coverage, 0-1.

    Args:
        window: where `coverage` lies, in plate pixels. Outside it the matte is zero.
        coverage: `window.shape`, float16 or float32, contiguous; never written to after the matte is made.
        confidence: 0-1, what the model thinks of its own answer; 1 on key frames. NaN when the model does not say.
    """

    window: Window
    coverage: AnyFloat
    confidence: float = float("nan")
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        if self.coverage.shape != self.window.shape:
            raise ValueError(f"coverage is {self.coverage.shape}, its window {self.window.shape}")

    @classmethod
    def empty(cls, window: Window) -> Matte:
        """Zero everywhere."""
        return cls(window, np.zeros(window.shape, np.float32), confidence=1.0)

    @property
    def nbytes(self) -> int:
        return int(self.coverage.nbytes)

    def float32(self) -> Float32:
        """(H, W) float32 over `window`; a copy only where the matte is stored as half."""
        return to_float(self.coverage)

    def over(self, window: Window) -> Float32:
        """(H, W) float32 over another window: zeros where this matte does not reach. Always a new array."""
        shared = window.intersect(self.window)
        if shared == window and self.coverage.dtype == np.float16:
            return to_float(self.coverage[shared.within(self.window)])
        result = np.zeros(window.shape, np.float32)
        if not shared.empty:
            result[shared.within(window)] = to_float(self.coverage[shared.within(self.window)])
        return result

    def bounds(self) -> Window:
        """The smallest window that holds all non-zero coverage; empty for an empty matte."""
        rows = np.flatnonzero(self.coverage.any(axis=1))
        columns = np.flatnonzero(self.coverage.any(axis=0))
        if not len(rows):
            return Window(self.window.x0, self.window.y0, self.window.x0, self.window.y0)
        return Window(
            self.window.x0 + int(columns[0]),
            self.window.y0 + int(rows[0]),
            self.window.x0 + int(columns[-1]) + 1,
            self.window.y0 + int(rows[-1]) + 1,
        )

    def half(self) -> Matte:
        """The same matte stored as float16 (exact for 0, 0.5, 1; 0.05 % elsewhere)."""
        if self.coverage.dtype == np.float16:
            return self
        return replace(self, coverage=to_half(self.coverage))
