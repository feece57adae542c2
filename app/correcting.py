"""What corrections take away of a layer's expected error, correction by correction.

Told by the judge of every edit and of everything it finds out; measures nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.measuring import Case, Judged
from core.error_removed import ErrorRemoved
from core.expected_error import expected_error
from core.frames import FrameNumber
from core.layer import KeyFrame, Layer, LayerId, MatteKey
from core.shot import Change, Touched

AUTHORED = (Touched.PROMPTS, Touched.CORRECTION)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was known of every frame: the matte it was known of, and the error expected."""

    mattes: Mapping[FrameNumber, MatteKey] = field(default_factory=dict)
    errors: Mapping[FrameNumber, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Since:
    """The last edit, what was authored there before it, and what was known then."""

    frame: FrameNumber | None
    cause: str
    authored: object
    known: _Known


class Progress:
    """Lives on the interface's thread."""

    def __init__(self) -> None:
        self._known: dict[LayerId, _Known] = {}
        self._layers: dict[LayerId, Layer] = {}
        self._since: dict[LayerId, _Since] = {}
        self._removed: dict[LayerId, ErrorRemoved] = {}

    def removed(self, layer_id: LayerId) -> ErrorRemoved | None:
        """Since the last correction (or change of the model); None where there was none, or it was taken back."""
        return self._removed.get(layer_id)

    def edited(self, layer: Layer, change: Change) -> None:
        """Something about this layer was done, undone or redone."""
        before, self._layers[layer.id] = self._layers.get(layer.id), layer
        known = self._known.get(layer.id)
        if before is None or known is None:
            return
        if change.touched in AUTHORED and len(change.frames) == 1:
            (frame,) = change.frames
            self._authored(layer, before, frame, known)
        elif change.touched is Touched.MODEL and (layer.adapter, layer.propagate) != (before.adapter, before.propagate):
            names = {adapter.asset: adapter.name for adapter in layer.adapters}
            self._begin(layer.id, _Since(None, f"{names.get(layer.adapter, 'The model as it came')} used", "", known))

    def _authored(self, layer: Layer, before: Layer, frame: FrameNumber, known: _Known) -> None:
        since, here = self._since.get(layer.id), layer.key_frame(frame)
        if since is not None and since.frame == frame:
            if here == since.authored:
                self._since.pop(layer.id)
                self._removed.pop(layer.id, None)
        elif here != KeyFrame():
            self._begin(layer.id, _Since(frame, f"Frame {frame} corrected", before.key_frame(frame), known))

    def _begin(self, layer_id: LayerId, since: _Since) -> None:
        self._since[layer_id] = since
        self._removed.pop(layer_id, None)

    def judged(self, case: Case, judged: Judged, layer: Layer) -> None:
        """More is known of this layer's mattes; `layer` as it is now."""
        self._layers.setdefault(layer.id, layer)
        measured = {frame for frame, facts in judged.facts.items() if facts.measured or facts.is_key}
        errors = {frame: expected_error(judged.facts[frame]) for frame in measured}
        mattes = {frame: case.mattes[frame] for frame in measured if frame in case.mattes}
        self._known[case.layer_id] = _Known(mattes, errors)
        since = self._since.get(case.layer_id)
        if since is None:
            return
        then = since.known
        anew = {
            frame
            for frame in mattes
            if frame in then.errors and then.mattes.get(frame) != mattes[frame] and frame not in case.approved
        }
        before, after = ({frame: known[frame] for frame in sorted(anew)} for known in (then.errors, errors))
        self._removed[case.layer_id] = ErrorRemoved(since.cause, before, after)
