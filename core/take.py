"""A take: a named set of mattes of a layer, kept to compare with another ("before Teach", "hand") and to put back.

Takes are kept beside the document and are not undoable: a take remembers results, it edits nothing, and undoing a
stroke must not make the memory of what was there before it vanish. Putting one back is an edit (`PutBack`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from core.frames import FrameNumber
from core.layer import LayerId, MatteKey

TakeId = str


class TakeKind(Enum):
    """What made a take."""

    KEPT = "kept"
    """The artist."""
    CORRECTION = "correction"
    """Before the first stroke on a frame."""
    ADAPTER = "adapter"
    """Before a taught model was used."""
    MODELS = "models"
    """Before the models or their options were changed, or the layer was split or joined."""
    PUT_BACK = "put back"
    """Before a take was put back."""
    IMPORT = "import"
    """Mattes from files."""
    LIKE = "like"
    """Proposals for frames that looked like one; putting them back touches no key frame."""

    @property
    def automatic(self) -> bool:
        """Whether nobody asked for it: the oldest of its kind gives way to a new one."""
        return self in (TakeKind.CORRECTION, TakeKind.MODELS, TakeKind.PUT_BACK)


@dataclass(frozen=True, slots=True)
class Take:
    """Mattes by key; the project's matte store keeps them as long as the take exists.

    Args:
        mattes: what was shown at each frame that showed anything.
        kind: what made it.
        made: when, ISO 8601 with the time zone; empty in projects of before this was written down.
        beneath: keys of mattes that the shown ones stand on; kept too, so that putting back finds all of them.
        state: digest of the layer as it was authored; empty where only the mattes are known.
    """

    id: TakeId
    layer_id: LayerId
    name: str
    mattes: Mapping[FrameNumber, MatteKey] = field(default_factory=dict)
    kind: TakeKind = TakeKind.KEPT
    made: str = ""
    beneath: tuple[MatteKey, ...] = ()
    state: str = ""

    @property
    def keys(self) -> frozenset[MatteKey]:
        """Every matte that must not be collected while the take exists."""
        return frozenset((*self.mattes.values(), *self.beneath))
