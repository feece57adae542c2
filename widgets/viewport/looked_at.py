"""What is seen in the plate's place at one frame: the plate itself, a frame held over, another layer of its files.

Asks the studio once per scene. Knows neither zoom nor what draws.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.frames import FrameNumber
from core.picture import Picture
from core.plate import Plate
from core.plate_layers import AS_MATTED
from core.stored_values import StoredValues
from widgets.missing_frames import held_frame
from widgets.seen import Seen
from widgets.view_state import Compare, Look, MissingFrame, Source, SourceKind
from widgets.viewport.pane import Note


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Another layer, view or channel than the one that is matted: its picture, or a `sentence` why there is none yet
    or at all (`waiting`)."""

    name: str
    picture: Picture | None = None
    sentence: str = ""
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class PlateHere:
    """The plate at the look's frame.

    Args:
        frame: whose picture it is; another than the look's where a missing frame is held.
        picture: of the plate that is matted; None where there is none.
        error: why there is none for good; empty while it is being read.
        beside: what is looked at in its place; None for the plate itself.
    """

    frame: FrameNumber
    picture: Picture | None
    error: str = ""
    beside: LookedAt | None = None

    @property
    def waiting(self) -> bool:
        """Whether something is being read: a pause, not a fault."""
        reading = self.picture is None and not self.error
        return reading or (self.beside is not None and self.beside.waiting)

    @property
    def seen(self) -> Picture | None:
        """The picture the eye is on: what the readout reads and the outlines are of."""
        if self.beside is not None and self.beside.picture is not None:
            return self.beside.picture
        return self.picture

    def notes(self, look: Look) -> tuple[Note, ...]:
        """For the badges."""
        found = []
        if self.frame != look.frame:
            found.append((f"held {self.frame}: frame {look.frame} is missing", "warn"))
        if look.proxy > 1:
            found.append((f"proxy 1:{look.proxy}", "text"))
        if look.ocio_look:
            found.append((f"look: {look.ocio_look}", "text"))
        return tuple(found)


def plate_here(studio: Seen, plate: Plate, look: Look) -> PlateHere:
    """What is there now of the plate at the look's frame; what is not is on its way."""
    holds = look.missing is MissingFrame.HOLD
    frame = held_frame(look, plate.frames, studio.missing_frames()) if holds else look.frame
    picture = studio.picture(frame)
    error = "" if picture is not None else studio.picture_error(frame)
    return PlateHere(frame, picture, error, _beside(studio, plate, look, frame))


def stored_here(studio: Seen, plate: Plate, look: Look, seen: Picture | None) -> StoredValues | None:
    """The file's own values at the look's frame, where they differ from those that are held; None where they do not,
    and while they are read."""
    color = studio.color
    if seen is None or not color.has(plate.color_space):
        return None
    if seen.non_finite == 0 and (seen.is_data or color.is_working(plate.color_space)):
        return None
    holds = look.missing is MissingFrame.HOLD
    frame = held_frame(look, plate.frames, studio.missing_frames()) if holds else look.frame
    return studio.looking.stored(look.shown, frame)


def _sees_it(look: Look) -> bool:
    """Whether a side on screen stands in the plate's place; flipped to the same source, B is the plate itself."""
    here = Source(SourceKind.PLATE)
    if look.compare is not Compare.SINGLE:
        return here in (look.a, look.b)
    return look.b == here != look.a if look.flipped else look.a == here


def _beside(studio: Seen, plate: Plate, look: Look, frame: FrameNumber) -> LookedAt | None:
    if look.shown == AS_MATTED or not _sees_it(look):
        return None
    choices, channel = studio.plate_choices(), look.shown.channel
    line = choices.line(plate, look.shown)
    name = line.name if line is not None else look.shown.layer or look.shown.part
    if channel:
        short = line.short(channel) if line is not None else channel
        name = short if len(choices.lines) < 2 else f"{name} {short}"
    if line is not None and line.why_not:
        return LookedAt(name, sentence=f"{name}: {line.why_not}.")
    picture = studio.looking.picture(look.shown, frame)
    if picture is not None:
        return LookedAt(name, picture)
    error = studio.looking.error(look.shown, frame)
    return LookedAt(name, sentence=error or f"Reading {name} at {frame}…", waiting=not error)
