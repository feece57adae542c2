"""What the lanes of the timeline show, gathered from the studio into one value. Qt-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.error_removed import ErrorRemoved
from core.expected_error import reason
from core.frame_facts import FrameFacts
from core.frames import FrameNumber, FrameRange
from widgets.studio import Freshness, Studio
from widgets.timeline.bars import Bar, Lane, bars
from widgets.view_state import ViewState


@dataclass(frozen=True, slots=True)
class Lanes:
    """Everything drawn except the playhead.

    Args:
        frames: the plate's frames; None when nothing is open.
        work: the in and out point.
        cached, missing: of the plate.
        layer_name: of the chosen layer; empty without one.
        freshness: of the chosen layer.
        lane, bars: what the lane of bars shows, and its bars.
        facts: of the frames, where the lane needs them.
        ready: cached frames that can be shown without converting anything.
        removed: what the last correction took away of the expected error, where the lane shows that.
    """

    frames: FrameRange | None = None
    work: FrameRange | None = None
    cached: frozenset[FrameNumber] = frozenset()
    missing: frozenset[FrameNumber] = frozenset()
    layer_name: str = ""
    freshness: Freshness = field(default_factory=Freshness)
    lane: Lane = Lane.CONFIDENCE
    bars: Mapping[FrameNumber, Bar] = field(default_factory=dict)
    facts: Mapping[FrameNumber, FrameFacts] = field(default_factory=dict)
    ready: frozenset[FrameNumber] = frozenset()
    removed: ErrorRemoved | None = None

    def describe(self, frame: FrameNumber) -> str:
        """One frame in words, for the tooltip."""
        said = [f"Frame {frame}"]
        if frame in self.missing:
            said.append("missing on disk")
        if frame in self.freshness.key_frames:
            said.append("key frame")
        if frame in self.freshness.shape_keys:
            said.append("key of a shape")
        if self.layer_name:
            if frame in self.freshness.stale:
                said.append("matte is stale")
            elif frame in self.freshness.fresh:
                said.append("matte is fresh")
            else:
                said.append("no matte yet")
        confidence = self.freshness.confidence.get(frame)
        if confidence is not None and confidence == confidence:
            said.append(f"confidence {confidence:.0%}")
        if self.lane is not Lane.CONFIDENCE and frame in self.bars and frame not in self.freshness.key_frames:
            said.append(self.bars[frame].words)
        if frame in self.ready:
            said.append("ready to play")
        elif frame in self.cached:
            said.append("in memory")
        words = ", ".join(said)
        why = reason(self.facts[frame]) if frame in self.facts else ""
        lines = [words, *([f"Look here: {why}"] if why else [])]
        if self.removed is not None and frame in self.removed.before:
            was = self.removed.before[frame]
            lines += [f"Likely error before: {was:.0%}", self.removed.sentence]
        return "\n".join(lines)


def gather(studio: Studio, view: ViewState, lane: Lane = Lane.CONFIDENCE) -> Lanes:
    """The lanes as they are now."""
    shot = studio.document.shot
    if shot.plate is None:
        return Lanes(lane=lane)
    layer = shot.find(view.look.layer_id)
    freshness = studio.freshness(layer.id) if layer else Freshness()
    facts = studio.judging.facts(layer.id) if layer and lane.needs_judging else {}
    removed = studio.judging.removed(layer.id) if layer and lane is Lane.EXPECTED_ERROR else None
    return Lanes(
        frames=shot.plate.frames,
        work=shot.range,
        cached=studio.cached_frames(),
        missing=studio.missing_frames(),
        layer_name=layer.name if layer else "",
        freshness=freshness,
        lane=lane,
        bars=bars(lane, facts, freshness.confidence, shot.plate.canvas.width, removed.before if removed else None),
        facts=facts,
        removed=removed,
    )
