"""A take: a named set of mattes of a layer, kept to compare with another ("before Teach", "hand").

Takes are kept beside the document and are not undoable: a take remembers results, it edits nothing, and undoing a
stroke must not make the memory of what was there before it vanish.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.frames import FrameNumber
from core.layer import LayerId, MatteKey

TakeId = str


@dataclass(frozen=True, slots=True)
class Take:
    """Mattes by key; the project's matte store keeps them as long as the take exists."""

    id: TakeId
    layer_id: LayerId
    name: str
    mattes: Mapping[FrameNumber, MatteKey] = field(default_factory=dict)
