"""A plate's frames encoded ahead and kept on disk. What is there already is only counted, so that it can be resumed.

Knows the engine's client and a terminal's progress bar; the encodings themselves are the engine's business.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from tqdm import tqdm

from core.frames import FrameNumber
from core.layer import ModelChoice
from core.plate import Plate
from inference.client import EngineClient
from inference.messages import KeptFrame


@dataclass(slots=True)
class Precomputed:
    """What there is now.

    Args:
        made: frames encoded in this run; `found`: frames that were there before.
        bytes: what all of them take.
        failed: the frames that could not be encoded, with a sentence each.
    """

    made: int = 0
    found: int = 0
    bytes: int = 0
    failed: dict[FrameNumber, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Bar(Protocol):
    """Where progress is shown."""

    def update(self, count: int) -> object: ...

    def set_postfix_str(self, text: str) -> object: ...


def precompute(
    engine: EngineClient,
    plate: Plate,
    color_config: str,
    frames: tuple[FrameNumber, ...],
    model: ModelChoice,
    *,
    quiet: bool,
) -> Precomputed:
    """Encode `frames` one after the other; returns when all are done. Ctrl+C loses at most the frame at hand.

    Raises EngineError where the model keeps no encodings, or the engine is lost.
    """
    done = Precomputed()
    with tqdm(total=len(frames), desc=f"Encoding {plate.name}", unit="frame", file=sys.stderr, disable=quiet) as bar:
        engine.precompute(
            plate, color_config, frames, model, lambda kept: _count(done, kept, len(frames), bar)
        ).result()
    return done


def _count(done: Precomputed, kept: KeptFrame, total: int, bar: Bar) -> None:
    if kept.error:
        done.failed[kept.frame] = kept.error
    else:
        done.found += kept.found
        done.made += not kept.found
        done.bytes += kept.bytes
        each = done.bytes / (done.made + done.found)
        bar.set_postfix_str(f"{done.bytes / 1e6:.0f} of about {each * total / 1e6:.0f} MB")
    bar.update(1)
