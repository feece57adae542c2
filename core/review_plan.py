"""What is wanted of a review export: which marks, which frames, what they look like, and where the files go."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from core.errors import ExportError
from core.frames import FrameNumber
from core.layer import LayerId
from core.review_list import ReviewFilter, rows_of
from core.shot import Shot

PLATE = "plate"
AFTER = ("overlay", "matte", "comp")
LAYOUTS = ("side by side", "stacked", "after only")
MOVIES = (".mp4", ".mov")
PICTURES = (".png", ".jpg", ".jpeg")
SEQUENCE = "####"
"""Stands for the frame number in the name of a picture sequence."""


@dataclass(frozen=True, slots=True)
class ReviewPlan:
    """One review export. At least one of the four files is asked for.

    Args:
        csv, movie, sheet: a file each, or None.
        pictures: an image sequence, `NAME.####.png` or `.jpg`; None for none.
        wanted: which marks are in the CSV, burnt in, and make the list of frames where only marked ones are asked.
        marked_only: the movie and the pictures hold marked frames only; the contact sheet does so always, unless no
            frame is marked.
        hold: how many movie frames a frame is shown, where only marked ones are.
        layers: whose mattes are shown; empty for every visible layer.
        before: `PLATE`, or the id of a take of one of the layers.
        after: how the mattes are shown, and the take where `before` is one: one of `AFTER`.
        layout: one of `LAYOUTS`.
        width_px: the most a movie frame or picture is across; never enlarged beyond the plate's own size.
        display, view, look, exposure_stops, gamma: as in the viewer; empty names for the config's defaults, no look.
        comp_color: scene-linear background of a comp.
        opacity: of the overlay, 0-1.
        overwrite: whether existing files of these names are replaced.
    """

    csv: Path | None = None
    movie: Path | None = None
    sheet: Path | None = None
    pictures: Path | None = None
    wanted: ReviewFilter = field(default_factory=ReviewFilter)
    marked_only: bool = False
    hold: int = 24
    layers: tuple[LayerId, ...] = ()
    before: str = PLATE
    after: str = "overlay"
    layout: str = "side by side"
    width_px: int = 1920
    display: str = ""
    view: str = ""
    look: str = ""
    exposure_stops: float = 0.0
    gamma: float = 1.0
    comp_color: tuple[float, float, float] = (0.18, 0.18, 0.18)
    opacity: float = 0.55
    overwrite: bool = False

    @property
    def single_files(self) -> tuple[Path, ...]:
        return tuple(path for path in (self.csv, self.movie, self.sheet) if path is not None)

    def picture(self, frame: FrameNumber) -> Path:
        """The file of one frame of the image sequence."""
        assert self.pictures is not None
        return self.pictures.with_name(self.pictures.name.replace(SEQUENCE, f"{frame:04d}"))


def frames_of(plan: ReviewPlan, shot: Shot) -> tuple[FrameNumber, ...]:
    """The frames of the movie and of the pictures: of the range, or the marked ones of it."""
    if shot.range is None:
        return ()
    return marked_frames(plan, shot) if plan.marked_only else tuple(shot.range)


def marked_frames(plan: ReviewPlan, shot: Shot) -> tuple[FrameNumber, ...]:
    """Frames of the plate that have a mark the plan wants, in order."""
    plate = shot.plate
    frames = {row.mark.frame for row in rows_of(shot, plan.wanted)}
    return tuple(sorted(frame for frame in frames if plate is not None and frame in plate.frames))


def check(plan: ReviewPlan, shot: Shot) -> None:
    """Raises ExportError, before a file is touched, when the plan cannot be carried out."""
    if not plan.single_files and plan.pictures is None:
        raise ExportError("Review", why="nothing is asked for", hint="Choose a CSV, a movie, pictures or a sheet.")
    if shot.plate is None:
        raise ExportError("Review", why="no plate is open")
    _suffix(plan.csv, (".csv",), "A list")
    _suffix(plan.movie, MOVIES, "A movie")
    _suffix(plan.sheet, PICTURES, "A contact sheet")
    _suffix(plan.pictures, PICTURES, "A picture")
    if plan.pictures is not None and plan.pictures.name.count(SEQUENCE) != 1:
        raise ExportError(plan.pictures, why="the name has no place for the frame number", hint="Write name.####.png.")
    if plan.after not in AFTER or plan.layout not in LAYOUTS:
        raise ExportError("Review", why=f"{plan.after}, {plan.layout} is not a way to show mattes")
    frames = frames_of(plan, shot)
    if (plan.movie is not None or plan.pictures is not None) and not frames:
        raise ExportError(
            plan.movie or plan.pictures or "Review",
            why="no frame has a mark that passes the filter",
            hint="Write the whole range, or change the filter.",
        )
    known = {layer.id for layer in shot.layers}
    for layer_id in plan.layers:
        if layer_id not in known:
            raise ExportError("Review", why="a layer that was to be shown is not there any more")
    if plan.overwrite:
        return
    pictures = tuple(plan.picture(frame) for frame in frames) if plan.pictures is not None else ()
    for path in (*plan.single_files, *pictures):
        if path.exists():
            raise ExportError(path, why="this file exists already", hint="Choose another name, or allow replacing it.")


def _suffix(path: Path | None, allowed: tuple[str, ...], what: str) -> None:
    if path is not None and path.suffix.lower() not in allowed:
        raise ExportError(path, why=f"{what} is written as {' or '.join(allowed)}", hint="Change the file's ending.")
