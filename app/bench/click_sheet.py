"""Pictures of clicks, for a page: what a method selects after 1, 2, 3, 5 clicks of the simulated artist.

A strip a case: the part of the picture that matters, dim where nothing is selected, the matte's outline bright and the
true one thin and white, clicks green (adds) and red (takes away) with their number, the IoU below. Chosen are the cases
named, or some evenly from the worst to the best: the worst is always among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.bench.click_rows import read_rows
from app.bench.methods import Method, display_bytes
from app.bench.protocol import REPORTED, Answer, click_until_done, iou, next_click
from app.bench.truth import Case, fitted, read_masks, read_rgb
from app.lettering import BOLD, BRIGHT, DIM, PLAIN, Letters
from app.picture_file import write_picture
from core.arrays import Bool, Float32, UInt8
from core.color import ColorConfig
from core.disk import cause, write_whole
from core.errors import ExportError, OptionError
from core.geometry import Window
from core.prompts import Click

WIDTH_PX = 1600
_MOST_HEIGHT_PX = 440
_GAP_PX = 8
_HEAD_PX = 34
_FOOT_PX = 34
_GROUND = (24, 24, 26)
_OUTLINE = (255, 214, 10)
_TRUTH = (255, 255, 255)
_ADDS, _TAKES = (46, 170, 70), (214, 48, 48)
_DIM = 0.45
"""Of the light of what is not selected, how much is left."""
_LEAST_PART = 0.4
"""Of the picture's width and height, how much is shown at least."""
_MARGIN = 0.12
"""Around what matters, as a part of its size."""
_DOT_PX = 9


@dataclass(frozen=True, slots=True)
class Subject:
    """One object of a case."""

    case: Case
    name: str
    truth: Bool
    counted: Bool | None


@dataclass(frozen=True, slots=True)
class Moment:
    """What was selected after some clicks. `iou` is None where the truth is not known."""

    clicks: tuple[Click, ...]
    got: Bool
    iou: float | None


def draw_sheets(
    folder: Path,
    cases: Sequence[Case],
    method: Method,
    counts: Sequence[int],
    names: Sequence[str] = (),
    number: int = 10,
    min_px: int = 1024,
    kept_in: Path | None = None,
) -> Iterator[dict[str, Any]]:
    """Write a JPEG a chosen case and `clicks.md`, which shows them, into `folder`.

    Args:
        counts: after how many clicks, rising.
        names: the cases to draw, as rows of the bench call them; empty: `number` of them, evenly from worst to best.
        kept_in: rows of the bench, from which the order is taken as far as this method is in them.

    Yields:
        `bench` "click_sheet", `set`, `case`, `method`, `iou_N` for each of `counts`, `file`.

    Raises:
        OptionError: there is no case of such a name.
        ExportError: a picture or the page cannot be written.
    """
    color = ColorConfig.load()
    chosen = list(names) or _evenly(_order(cases, method, counts, min_px, kept_in, color), number)
    subjects = {subject.name: subject for subject in _subjects(cases, min_px) if subject.name in chosen}
    for name in chosen:
        if name not in subjects:
            raise OptionError(f"--case {name}", "there is no such case", "Cases are named as in the rows of the bench.")
    page = []
    for place, name in enumerate(chosen, start=1):
        subject = subjects[name]
        rgb = read_rgb(subject.case, color)
        moments = watched(subject, rgb.shape[:2], method.ready(rgb), counts)
        file = f"{place:02d}_{re.sub(r'[^A-Za-z0-9]+', '_', f'{subject.case.set_name}_{name}')}.jpg"
        truth = fitted(subject.truth, rgb.shape[:2])
        write_picture(folder / file, strip(f"{subject.case.set_name}: {name}", rgb, truth, moments, method.name))
        values = [float(moment.iou or 0.0) for moment in moments]
        overlaps = {f"iou_{count}": value for count, value in zip(counts, values, strict=True)}
        page.append((name, file, values))
        about = {"bench": "click_sheet", "set": subject.case.set_name, "case": name, "method": method.name}
        yield {**about, **overlaps, "file": file}
    _write_page(folder / "clicks.md", method.name, counts, page)


def watched(subject: Subject, shape: tuple[int, ...], answer: Answer, counts: Sequence[int]) -> list[Moment]:
    """What is selected after each of `counts` clicks; once nothing is wrong, what was selected before."""
    truth = fitted(subject.truth, shape)
    counted = None if subject.counted is None else fitted(subject.counted, shape)
    clicks: list[Click] = []
    got = np.zeros(truth.shape, bool)
    moments = []
    for count in counts:
        while len(clicks) < count and (click := next_click(truth, got, counted, clicks)) is not None:
            clicks.append(click)
            got = answer(clicks)
        moments.append(Moment(tuple(clicks), got, iou(truth, got, counted)))
    return moments


def strip(title: str, rgb: Float32, truth: Bool | None, moments: Sequence[Moment], method: str) -> UInt8:
    """(H, at most WIDTH_PX, 3) uint8: the moments beside each other.

    Args:
        rgb: (H, W, 3) scene-linear.
        truth: (H, W), as large as `rgb`; None where it is not known.
    """
    truth = np.zeros(rgb.shape[:2], bool) if truth is None else truth
    seen = _shown(truth, moments)
    rows, columns = slice(seen.y0, seen.y1), slice(seen.x0, seen.x1)
    height, width = seen.shape
    most_width = (WIDTH_PX - _GAP_PX) // len(moments) - _GAP_PX
    scale = min(most_width / width, _MOST_HEIGHT_PX / height)
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    sheet: UInt8 = np.empty((_HEAD_PX + down + _FOOT_PX, _GAP_PX + len(moments) * (across + _GAP_PX), 3), np.uint8)
    sheet[:] = _GROUND
    small = cv2.resize(
        display_bytes(rgb[rows, columns]),
        (across, down),
        interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC,
    )
    heading = Letters(18, BOLD)
    right = heading.width(method)
    room = sheet.shape[1] - 4 * _GAP_PX - right
    heading.write(sheet, heading.fitting(title, room), _GAP_PX, _HEAD_PX - 11, BRIGHT)
    Letters(18).write(sheet, method, sheet.shape[1] - _GAP_PX - right, _HEAD_PX - 11, DIM)
    for column, moment in enumerate(moments):
        left = _GAP_PX + column * (across + _GAP_PX)
        part = replace(moment, got=moment.got[rows, columns])
        cell = _cell(np.asarray(small, np.uint8), truth[rows, columns], part, (seen.x0, seen.y0))
        sheet[_HEAD_PX : _HEAD_PX + down, left : left + across] = cell
        count = len(moment.clicks)
        said = f"{count} click{'' if count == 1 else 's'}"
        base = _HEAD_PX + down + _FOOT_PX - 11
        if moment.iou is None:
            Letters(18).write(sheet, said, left, base, PLAIN)
        else:
            after = Letters(18).write(sheet, f"{said}    IoU ", left, base, PLAIN)
            Letters(18, BOLD).write(sheet, f"{100 * moment.iou:.1f} %", after, base, BRIGHT)
    return sheet


def _shown(truth: Bool, moments: Sequence[Moment]) -> Window:
    """The part of the picture that holds the thing, all clicks and all that was selected, and some more."""
    height, width = truth.shape
    ys, xs = np.nonzero(np.logical_or.reduce([truth, *(moment.got for moment in moments)]))
    clicks = moments[-1].clicks
    left, right = min([xs.min(), *(click.x for click in clicks)]), max([xs.max(), *(click.x for click in clicks)])
    top, bottom = min([ys.min(), *(click.y for click in clicks)]), max([ys.max(), *(click.y for click in clicks)])
    more = _MARGIN * max(right - left, bottom - top)
    across = max(right - left + 2 * more, _LEAST_PART * width)
    down = max(bottom - top + 2 * more, _LEAST_PART * height)
    x0, x1 = _within((left + right - across) / 2, across, width)
    y0, y1 = _within((top + bottom - down) / 2, down, height)
    return Window(x0, y0, x1, y1)


def _within(start: float, length: float, size: int) -> tuple[int, int]:
    """A stretch of about `length` moved and shortened until it lies in 0 … `size`."""
    whole = min(size, round(length))
    first = min(max(0, round(start)), size - whole)
    return first, first + whole


def _cell(small: UInt8, truth: Bool, moment: Moment, corner: tuple[int, int]) -> UInt8:
    """The small picture with a matte over it, and the clicks. `corner`: where truth and matte begin in the plate."""
    down, across = small.shape[:2]
    coverage = cv2.resize(moment.got.astype(np.float32), (across, down), interpolation=cv2.INTER_AREA)[..., None]
    gray = small.mean(axis=2, keepdims=True) * 0.6 + small * 0.4
    cell: UInt8 = np.rint(small * coverage + gray * _DIM * (1 - coverage)).astype(np.uint8)
    _outline(cell, truth, _TRUTH, 1)
    _outline(cell, moment.got, _OUTLINE, 2)
    scale_x, scale_y = across / truth.shape[1], down / truth.shape[0]
    letters = Letters(13, BOLD)
    for place, click in enumerate(moment.clicks, start=1):
        x, y = round((click.x - corner[0]) * scale_x), round((click.y - corner[1]) * scale_y)
        cv2.circle(cell, (x, y), _DOT_PX + 1, (255, 255, 255), -1, cv2.LINE_AA)
        cv2.circle(cell, (x, y), _DOT_PX, _ADDS if click.adds else _TAKES, -1, cv2.LINE_AA)
        letters.write(cell, str(place), x - letters.width(str(place)) // 2 - 1, y + 5, (255, 255, 255))
    return cell


def _outline(cell: UInt8, mask: Bool, ink: tuple[int, int, int], thickness: int) -> None:
    """The outline of a mask of any size, smooth, in place. Coordinates go by 16ths of a pixel."""
    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    scale = np.array([cell.shape[1] / mask.shape[1], cell.shape[0] / mask.shape[0]])
    lines = [np.rint(((line + 0.5) * scale - 0.5) * 16).astype(np.int32) for line in found]
    cv2.polylines(cell, lines, True, ink, thickness, cv2.LINE_AA, 4)


def _subjects(cases: Sequence[Case], min_px: int) -> Iterator[Subject]:
    for case in cases:
        for name, truth, counted in read_masks(case, min_px):
            yield Subject(case, name, truth, counted)


def _order(
    cases: Sequence[Case], method: Method, counts: Sequence[int], min_px: int, kept_in: Path | None, color: ColorConfig
) -> list[str]:
    """Names of all cases, the worst first, by the IoU after the last of `counts` that rows have."""
    figure = f"iou_{max(count for count in (*REPORTED, 1) if count <= max(counts))}"
    rows = read_rows(kept_in) if kept_in is not None and kept_in.exists() else []
    mine = [row for row in rows if (row["method"], row.get("fingerprint", "")) == (method.name, method.fingerprint)]
    known = {(row["set"], row["case"]): float(row[figure]) for row in mine}
    found: list[tuple[float, str]] = []
    ready: tuple[Case, Float32, Answer] | None = None
    for subject in _subjects(cases, min_px):
        value = known.get((subject.case.set_name, subject.name))
        if value is None:
            if ready is None or ready[0] != subject.case:
                rgb = read_rgb(subject.case, color)
                ready = subject.case, rgb, method.ready(rgb)
            shape = ready[1].shape[:2]
            counted = None if subject.counted is None else fitted(subject.counted, shape)
            figures = click_until_done(fitted(subject.truth, shape), ready[2], counted, max(counts))
            value = figures[figure]
        found.append((value, subject.name))
    return [name for _, name in sorted(found)]


def _evenly(names: Sequence[str], number: int) -> list[str]:
    """`number` of `names`, the first and the last among them, the others as far apart as can be."""
    if len(names) <= number:
        return list(names)
    return [names[int(place)] for place in np.linspace(0, len(names) - 1, number).round()]


def _write_page(path: Path, method: str, counts: Sequence[int], page: Sequence[tuple[str, str, list[float]]]) -> None:
    columns = " | ".join(str(count) for count in counts)
    lines = [f"# `{method}`, click by click", "", f"| case | {columns} |", f"|---|{'---|' * len(counts)}"]
    lines += [f"| {name} | {' | '.join(f'{100 * value:.1f} %' for value in values)} |" for name, _, values in page]
    lines += ["", "IoU after so many clicks of the simulated artist.", ""]
    lines += [f"![{name}]({file})\n" for name, file, _ in page]
    try:
        write_whole(path, "\n".join(lines).encode(), sync=False)
    except OSError as error:
        raise ExportError(
            path, f"it cannot be written, {cause(error)}", "Make room, or choose another place."
        ) from error
