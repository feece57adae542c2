"""The page that shows a model's selections on real pictures: from a recipe of pictures to markdown and JPEGs.

The recipe says which pictures, whose they are, and what is hard about each; pictures without a true matte bring their
own clicks, made by hand. What succeeds and what fails is not written down: it follows from the figures of the run, or,
where there is no truth, from the eye of whoever wrote the recipe.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cattrs

from app.bench.click_sheet import Moment, Subject, strip, watched
from app.bench.methods import Method
from app.bench.truth import Case, fitted, read_coverage, read_masks, read_rgb
from app.picture_file import write_picture
from core.arrays import Bool
from core.color import ColorConfig
from core.disk import cause, write_whole
from core.errors import ExportError, OptionError
from core.prompts import Click

ENOUGH = 0.85
"""The IoU after the last click below which a selection is called a failure."""
IMAGES = "images/selection"
"""Where the pictures go, from the page's folder."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of the recipe.

    Args:
        title: what is selected.
        picture: its file, from the folder of given data.
        hard: a sentence: what is hard about it, or why it fails.
        credit: whose picture it is; `licence` under which it is shown.
        mask: its true matte, from the same folder; empty where there is none.
        thing: which object of the mask, counted from 1; 0 for a mask that is an alpha, its half the outline.
        clicks: where there is no mask, the clicks made by hand: [x, y], or [x, y, "-"], in plate pixels.
        fails: where there is no mask, whether the last selection is a failure, as seen by eye.
    """

    title: str
    picture: str
    hard: str
    credit: str
    licence: str
    mask: str = ""
    thing: int = 1
    clicks: tuple[tuple[Any, ...], ...] = ()
    fails: bool = False


def read_recipe(path: Path) -> list[Shown]:
    """Raises OptionError when the file is no recipe."""
    try:
        return cattrs.Converter(forbid_extra_keys=True).structure(json.loads(path.read_bytes()), list[Shown])
    except (OSError, ValueError, TypeError, KeyError, cattrs.BaseValidationError) as error:
        why = cause(error) if isinstance(error, OSError) else "it is not a list of pictures as docs/selection.json is"
        raise OptionError(f"--page {path}", why, "Give a recipe: JSON, a list of pictures.") from error


def draw_page(recipe: Path, data: Path, method: Method, counts: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Write the recipe's page beside it, as markdown of the same name, with its pictures below `IMAGES`.

    Args:
        data: the folder of given data.
        counts: after how many clicks, rising.

    Yields:
        `bench` "click_page", `case`, `method`, `iou_N` for each of `counts` (None without truth), `file`.

    Raises:
        OptionError: the recipe cannot be read, or brings too few clicks.
        ExportError: a picture or the page cannot be written.
    """
    color = ColorConfig.load()
    good: list[str] = []
    bad: list[str] = []
    table = []
    for place, shown in enumerate(read_recipe(recipe), start=1):
        case = Case(shown.title, data / shown.picture, data / shown.mask)
        rgb = read_rgb(case, color)
        answer = method.ready(rgb)
        if shown.mask:
            subject = _subject(shown, case, rgb.shape[:2])
            truth: Bool | None = subject.truth
            moments = watched(subject, rgb.shape[:2], answer, counts)
        else:
            truth, clicks = None, _clicks(shown, counts)
            moments = [Moment(clicks[:count], answer(clicks[:count]), None) for count in counts]
        file = f"{place:02d}_{re.sub(r'[^a-z0-9]+', '_', shown.title.lower())}.jpg"
        write_picture(recipe.parent / IMAGES / file, strip(shown.title, rgb, truth, moments, method.name))
        overlaps = [moment.iou for moment in moments]
        last = overlaps[-1]
        fails = shown.fails if last is None else last < ENOUGH
        (bad if fails else good).append(_words(shown, file))
        table.append((shown.title, overlaps, fails))
        figures = {f"iou_{count}": overlap for count, overlap in zip(counts, overlaps, strict=True)}
        yield {"bench": "click_page", "case": shown.title, "method": method.name, **figures, "file": file}
    _write(recipe.with_suffix(".md"), _page(recipe, method, counts, table, good, bad))


def _subject(shown: Shown, case: Case, shape: tuple[int, ...]) -> Subject:
    if shown.thing == 0:
        return Subject(case, case.name, fitted(read_coverage(case) >= 0.5, shape), None)
    for place, (name, truth, counted) in enumerate(read_masks(case, 1), start=1):
        if place == shown.thing:
            whole = None if counted is None else fitted(counted, shape)
            return Subject(case, name, fitted(truth, shape), whole)
    raise OptionError(f"{shown.title}", f"its mask has no object {shown.thing}", "Count them from 1.")


def _clicks(shown: Shown, counts: Sequence[int]) -> tuple[Click, ...]:
    if len(shown.clicks) < max(counts):
        raise OptionError(shown.title, f"brings {len(shown.clicks)} clicks", f"Give it {max(counts)}, or a mask.")
    return tuple(Click(float(each[0]), float(each[1]), adds=len(each) == 2) for each in shown.clicks)


def _words(shown: Shown, file: str) -> str:
    picture = f"![{shown.title}]({IMAGES}/{file})"
    return f"### {shown.title}\n\n{picture}\n\n{shown.hard}\n\n*{shown.credit}. {shown.licence}.*\n"


def _page(
    recipe: Path,
    method: Method,
    counts: Sequence[int],
    table: Sequence[tuple[str, list[float | None], bool]],
    good: Sequence[str],
    bad: Sequence[str],
) -> str:
    numbers = ", ".join(str(count) for count in counts[:-1]) + f" and {counts[-1]}"
    lines = [
        "# Selection, click by click\n",
        f"What `{method.name}` selects on {len(table)} real pictures after {numbers} clicks. They were chosen for",
        "their licence and for being unlike each other; none was ever learnt from. Where there is a true matte, each",
        "click falls in the middle of what is most wrong, as in [the benchmark](benchmarks.md); where there is none, a",
        "hand clicked, and an eye judged. Bright is what is selected, yellow its outline at one half, the thin white",
        "line the truth; green clicks add, red ones take away. All are cropped, dimmed and drawn over.\n",
        f"One command makes this page again, from `{recipe.name}` beside it:\n",
        f"    penumbra bench clicks --model {method.name} --given ../shared/data --page docs/{recipe.name}\n",
        f"| IoU after | {' | '.join(str(count) for count in counts)} | |",
        f"|---|{'---|' * len(counts)}---|",
    ]
    for title, overlaps, fails in table:
        cells = " | ".join("by eye" if overlap is None else f"{100 * overlap:.1f} %" for overlap in overlaps)
        lines.append(f"| {title} | {cells} | {'fails' if fails else ''} |")
    lines += ["", "## What it does well\n", *good]
    if bad:
        limit = f"{100 * ENOUGH:.0f} %"
        lines += [
            "## Where it fails\n",
            f"Less than {limit} after {counts[-1]} clicks, or seen to be wrong by eye.\n",
            *bad,
        ]
    return "\n".join(lines)


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text.encode(), sync=False)
    except OSError as error:
        raise ExportError(
            path, f"it cannot be written, {cause(error)}", "Make room, or choose another place."
        ) from error
