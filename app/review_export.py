"""Write a review: the list, the movie, the pictures, the contact sheet. Each file whole or absent.

Given values and functions that read; knows neither Qt nor the engine. Runs on a worker.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.movie_file import MovieFile
from app.picture_file import write_picture
from app.review_page import PageMaker, Panel
from app.review_sheet import SHEET_PX, sheet_of
from core.arrays import UInt8
from core.color import ColorConfig, DisplayTransform
from core.delivered_keys import delivered_key
from core.disk import TEMPORARY, cause, write_whole
from core.errors import Cancelled, ExportError, FrameError
from core.exr import read_header
from core.frames import FrameNumber
from core.layer import EMPTY_MATTE, LayerId, MatteKey
from core.matte import Matte
from core.picture import Picture
from core.plate import Plate
from core.review_list import ReviewRow, as_csv, rows_of
from core.review_plan import PLATE, ReviewPlan, check, frames_of, marked_frames
from core.shot import Shot
from core.take import Take
from core.words import counted

MOST_ON_A_SHEET = 90
SPREAD = 12
"""How many frames a sheet has when none is marked."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Material:
    """What a review is made of, as it was when the export began.

    Args:
        pictures: the plate's frame; raises FrameError where there is none.
        path: the file a frame comes from.
        mattes: by key; None when it is not in the store any more.
        shown: for each layer, the key of what can be shown at each frame that shows anything.
        take: what stands before, where it is no plate.
    """

    shot: Shot
    color: ColorConfig
    pictures: Callable[[FrameNumber], Picture]
    path: Callable[[FrameNumber], Path]
    mattes: Callable[[MatteKey], Matte | None]
    shown: Mapping[LayerId, Mapping[FrameNumber, MatteKey]]
    take: Take | None = None


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """What an export did.

    Args:
        files: what was written; an image sequence by its pattern.
        marks: lines of the list.
        frames: of the movie and the pictures.
        without_picture: frames the plate has no readable picture at; their pages say so.
        left_out: frames there was no room for on the contact sheet.
    """

    files: tuple[str, ...]
    marks: int
    frames: int
    without_picture: tuple[FrameNumber, ...] = ()
    left_out: int = 0

    @property
    def sentence(self) -> str:
        """For the status line."""
        text = f"Review written: {', '.join(self.files)}; {counted(self.marks, 'mark')}"
        if self.frames:
            text += f", {counted(self.frames, 'frame')}"
        if self.without_picture:
            frames = counted(len(self.without_picture), "frame")
            text += f", {frames} without a plate picture (the first is {self.without_picture[0]})"
        if self.left_out:
            text += f", {counted(self.left_out, 'marked frame')} did not fit on the sheet"
        return text + "."

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def write_review(
    plan: ReviewPlan, material: Material, progress: Progress, cancelled: Callable[[], bool]
) -> ReviewReport:
    """Carry out the plan.

    Args:
        progress: (0-1, a short phrase).
        cancelled: asked before every page.

    Raises:
        ExportError: refused before a file was touched, or stopped by the disk; nothing half-written is left.
        Cancelled: likewise, and nothing of this export is left.
    """
    shot = material.shot
    check(plan, shot)
    run = _Run(plan, material, progress, cancelled)
    with contextlib.ExitStack() as unless_finished:
        sheet = run.make_sheet()  # in memory: after the movie is finished nothing can be cancelled any more
        staged = run.write_pages(unless_finished)
        if sheet is not None and plan.sheet is not None:
            write_picture(plan.sheet, sheet)
        run.put_in_place(staged)
    run.write_list()
    named = (plan.csv, plan.movie, plan.pictures, plan.sheet)
    progress(1.0, "written")
    return ReviewReport(
        tuple(str(path) for path in named if path is not None),
        len(run.rows),
        len(run.frames) if plan.movie is not None or plan.pictures is not None else 0,
        tuple(sorted(run.without_picture)),
        run.left_out,
    )


class _Run:
    """One export under way."""

    def __init__(self, plan: ReviewPlan, material: Material, progress: Progress, cancelled: Callable[[], bool]) -> None:
        self.plan, self.material = plan, material
        self._progress, self._cancelled = progress, cancelled
        self.rows = rows_of(material.shot, plan.wanted)
        paged = plan.movie is not None or plan.pictures is not None
        self.frames = frames_of(plan, material.shot) if paged else ()
        self.left_out = 0
        sheet = self._sheet_frames() if plan.sheet is not None else ()
        self._sheet = sheet
        self._pages = len(self.frames) + len(sheet)
        self._done = 0
        self.without_picture: set[FrameNumber] = set()
        plate = material.shot.plate
        assert plate is not None
        self._plate: Plate = plate
        self._layers = tuple(
            layer for layer in material.shot.layers if (layer.id in plan.layers if plan.layers else layer.visible)
        )
        color = material.color
        self._transform: DisplayTransform = color.display(
            plan.display or color.default_display,
            plan.view or color.default_view,
            plan.exposure_stops,
            plan.gamma,
            plan.look,
        )

    # --- pages --------------------------------------------------------------------------------------------------

    def write_pages(self, unless_finished: contextlib.ExitStack) -> list[tuple[Path, Path]]:
        """The movie, and the pictures under hidden names: (hidden, final). What is left when it fails is removed."""
        plan, staged = self.plan, list[tuple[Path, Path]]()
        if not self.frames:
            return staged
        maker = self._maker(plan.width_px)
        unless_finished.callback(_remove_hidden, staged)
        with contextlib.ExitStack() as finishing:
            movie = None
            if plan.movie is not None:
                movie = finishing.enter_context(
                    MovieFile(plan.movie, (maker.width, maker.height), self._plate.rate, self._plate.name)
                )
            for frame in self.frames:
                page = self._page(maker, frame)
                if movie is not None:
                    movie.add(page, plan.hold if plan.marked_only else 1)
                if plan.pictures is not None:
                    final = plan.picture(frame)
                    hidden = final.with_name(f"{TEMPORARY}{uuid.uuid4().hex[:12]}-{final.name}")
                    staged.append((hidden, final))
                    write_picture(hidden, page)
            if self._cancelled():
                raise self._stopped()
        return staged

    def put_in_place(self, staged: list[tuple[Path, Path]]) -> None:
        """Give the pictures their names, once all of them are there."""
        for hidden, final in staged:
            try:
                hidden.replace(final)
            except OSError as error:
                raise ExportError(final, why=f"it cannot be written, {cause(error)}") from error

    def make_sheet(self) -> UInt8 | None:
        """Pages in a grid under one line of title; None when no sheet is asked for."""
        if self.plan.sheet is None:
            return None
        maker = self._maker(SHEET_PX)
        pages = [self._page(maker, frame) for frame in self._sheet]
        count = len(self._sheet)
        total = counted(count, "frame") + (f" of {count + self.left_out}" if self.left_out else "")
        return sheet_of(pages, f"{self._plate.name}   review", f"{counted(len(self.rows), 'mark')}, {total}")

    def _sheet_frames(self) -> tuple[FrameNumber, ...]:
        """The marked frames; a few of the range where none is marked."""
        marked = marked_frames(self.plan, self.material.shot)
        if marked:
            self.left_out = max(0, len(marked) - MOST_ON_A_SHEET)
            return marked[:MOST_ON_A_SHEET]
        frames = tuple(self.material.shot.range or ())
        places = np.linspace(0, len(frames) - 1, min(SPREAD, len(frames))).round().astype(int)
        return tuple(frames[place] for place in places)

    def _maker(self, width_px: int) -> PageMaker:
        plan = self.plan
        return PageMaker(
            self._plate,
            self._transform,
            plan.layout,
            width_px,
            notes=any(row.mark.note for row in self.rows),
            title=self._plate.name,
            comp_color=plan.comp_color,
            opacity=plan.opacity,
            exposure_stops=plan.exposure_stops,
            gamma=plan.gamma,
        )

    def _page(self, maker: PageMaker, frame: FrameNumber) -> UInt8:
        if self._cancelled():
            raise self._stopped()
        rows = tuple(row for row in self.rows if row.mark.frame == frame)
        try:
            picture: Picture | None = self.material.pictures(frame)
        except FrameError:
            picture = None
            self.without_picture.add(frame)
        panels = [self._after(frame, rows)]
        if self.plan.layout != "after only":
            panels.insert(0, self._before(frame))
        corner = _timecode(picture.attributes) if picture is not None else ""
        page = maker.page(frame, picture, panels, rows, corner)
        self._done += 1
        self._progress(self._done / (self._pages + 1), f"frame {frame}")
        return page

    def _before(self, frame: FrameNumber) -> Panel:
        take = self.material.take
        if take is None:
            return Panel("plate", PLATE)
        layers = [layer for layer in self.material.shot.layers if layer.id == take.layer_id]
        key = take.mattes.get(frame, EMPTY_MATTE)
        title = f"before: {take.name}"
        return Panel(title, self.plan.after, tuple((layer, self._matte(key)) for layer in layers))

    def _after(self, frame: FrameNumber, rows: tuple[ReviewRow, ...]) -> Panel:
        mattes, older = [], []
        for layer in self._layers:
            delivered = delivered_key(self.material.shot, layer, frame)
            key = self.material.shown.get(layer.id, {}).get(frame, EMPTY_MATTE)
            if key not in (delivered, EMPTY_MATTE):
                older.append(layer.name)
            mattes.append((layer, self._matte(key)))
        named = ", ".join(layer.name for layer in self._layers) or "no layer"
        lines = tuple(line for row in rows for line in row.mark.drawing)
        title = {"overlay": named, "matte": f"matte of {named}", "comp": f"comp of {named}"}[self.plan.after]
        return Panel(title, self.plan.after, tuple(mattes), tuple(older), lines)

    def _matte(self, key: MatteKey) -> Matte | None:
        return None if key == EMPTY_MATTE else self.material.mattes(key)

    # --- the list -----------------------------------------------------------------------------------------------

    def write_list(self) -> None:
        """The CSV, if it is asked for."""
        path = self.plan.csv
        if path is None:
            return
        text = as_csv(self.rows, self._timecodes())
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, text.encode("utf-8", "replace"))
        except OSError as error:
            raise ExportError(
                path, why=f"it cannot be written, {cause(error)}", hint="Make room, or choose another place."
            ) from error

    def _timecodes(self) -> dict[FrameNumber, str]:
        """Of the marked frames, where their files say it; a header each, no pixels."""
        found: dict[FrameNumber, str] = {}
        for frame in {row.mark.frame for row in self.rows}:
            path = self.material.path(frame)
            if path.suffix.lower() != ".exr":
                continue
            try:
                attributes = read_header(path).parts[0].attributes
            except (FrameError, IndexError):
                continue
            if said := _timecode(attributes):
                found[frame] = said
        return found

    def _stopped(self) -> Cancelled:
        return Cancelled("The review's export", f"was cancelled after {self._done} of {self._pages} pages")


def _remove_hidden(staged: list[tuple[Path, Path]]) -> None:
    for hidden, _final in staged:
        hidden.unlink(missing_ok=True)


def _timecode(attributes: Mapping[str, Any]) -> str:
    """`01:00:00:04` as the file's header says it; empty when it does not."""
    code = attributes.get("timeCode")
    parts = [getattr(code, name, None) for name in ("hours", "minutes", "seconds", "frame")]
    if any(not isinstance(part, int) for part in parts):
        return ""
    return ":".join(f"{part:02d}" for part in parts)
