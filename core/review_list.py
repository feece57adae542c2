"""The review's record as a list: rows to read, filter, step through and count, and the same rows as CSV.

An approval whose matte changed since says so in every row; the record itself is never rewritten for it. Marks of a
layer that was removed are not listed; they come back with the layer.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.delivered_keys import current_key
from core.frames import FrameNumber
from core.layer import LayerId
from core.review import WHOLE_PICTURE, ReviewMark, ReviewStatus
from core.shot import Shot

PICTURE = "whole frame"
"""What stands in the layer's place where a mark is about the picture."""
CHANGED_SINCE = "approved, changed since"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A spreadsheet may take a text that begins so for a formula."""
COLUMNS = ("frame", "timecode", "layer", "status", "note", "drawn lines", "author", "time")


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One mark, read against the shot as it is now.

    Args:
        layer: the layer's name, or `PICTURE`.
        changed_since: approved, and what would be delivered is not what was approved.
    """

    mark: ReviewMark
    layer: str
    changed_since: bool = False

    @property
    def words(self) -> str:
        """The status as it is shown; empty when there is none."""
        return CHANGED_SINCE if self.changed_since else self.mark.status.value


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which rows are looked at. Empty fields let everything pass.

    Args:
        statuses: any of these; an approval that changed since also counts as to do, because it is.
        layer_ids: any of these; `WHOLE_PICTURE` for marks about the picture.
        text: found in the note, whatever its case.
    """

    statuses: frozenset[ReviewStatus] = frozenset()
    layer_ids: frozenset[LayerId] = frozenset()
    text: str = ""

    def passes(self, row: ReviewRow) -> bool:
        mark = row.mark
        shown_as = {mark.status, ReviewStatus.TO_DO} if row.changed_since else {mark.status}
        return (
            (not self.statuses or bool(self.statuses & shown_as))
            and (not self.layer_ids or mark.layer_id in self.layer_ids)
            and self.text.casefold().strip() in mark.note.casefold()
        )


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How far the review of a layer (or of the picture) is, in frames of the range."""

    approved: int
    changed_since: int
    to_do: int
    fix: int
    without: int

    @property
    def sentence(self) -> str:
        """`12 approved · 3 fix · 33 without`; what is zero is left out, but not the last."""
        parts = (
            (self.approved, "approved"),
            (self.changed_since, "changed since"),
            (self.fix, "fix"),
            (self.to_do, "to do"),
        )
        said = [f"{number} {word}" for number, word in parts if number]
        return " · ".join([*said, f"{self.without} without"])


def row_of(shot: Shot, mark: ReviewMark) -> ReviewRow | None:
    """The mark read against the shot; None when its layer is not there."""
    return next(iter(_read(shot, (mark,))), None)


def rows_of(shot: Shot, wanted: ReviewFilter | None = None) -> tuple[ReviewRow, ...]:
    """Every mark of the shot that passes, in the order of the record."""
    return tuple(row for row in _read(shot, shot.review) if wanted is None or wanted.passes(row))


def _read(shot: Shot, marks: Iterable[ReviewMark]) -> Iterator[ReviewRow]:
    names = {WHOLE_PICTURE: PICTURE, **{layer.id: layer.name for layer in shot.layers}}
    identity = shot.plate.identity if shot.plate is not None else ""
    for mark in marks:
        if mark.layer_id in names:
            yield ReviewRow(mark, names[mark.layer_id], _changed_since(shot, identity, mark))


def neighbour(rows: Sequence[ReviewRow], frame: FrameNumber, layer_id: LayerId, step: int) -> ReviewRow | None:
    """The next row (`step` 1) or the previous (-1) from a frame and layer; None at the end of the list."""
    here = (frame, layer_id)
    if step > 0:
        return next((row for row in rows if (row.mark.frame, row.mark.layer_id) > here), None)
    return next((row for row in reversed(rows) if (row.mark.frame, row.mark.layer_id) < here), None)


def counts(shot: Shot, layer_id: LayerId) -> ReviewCounts:
    """How the frames of the range stand for one layer, or for the picture (`WHOLE_PICTURE`)."""
    frames = shot.range
    if frames is None:
        return ReviewCounts(0, 0, 0, 0, 0)
    marks = [mark for mark in shot.review if mark.layer_id == layer_id and mark.frame in frames]
    said = Counter(mark.status for mark in marks)
    identity = shot.plate.identity if shot.plate is not None else ""
    changed = sum(1 for mark in marks if _changed_since(shot, identity, mark))
    approved, to_do, fix = (said[status] for status in (ReviewStatus.APPROVED, ReviewStatus.TO_DO, ReviewStatus.FIX))
    return ReviewCounts(approved - changed, changed, to_do, fix, len(frames) - approved - to_do - fix)


def as_csv(rows: Iterable[ReviewRow], timecodes: Mapping[FrameNumber, str] | None = None) -> str:
    """One line per mark under a line of column names, as RFC 4180 has it; a line break in a note is kept.

    A text that a spreadsheet would take for a formula is led by an apostrophe, as spreadsheets themselves write it;
    the wide signs of East Asian keyboards count as well.
    """
    known = timecodes or {}
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        mark = row.mark
        writer.writerow(
            (
                mark.frame,
                known.get(mark.frame, ""),
                _plain(row.layer),
                row.words,
                _plain(mark.note),
                len(mark.drawing),
                _plain(mark.author),
                _plain(mark.time),
            )
        )
    return text.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _changed_since(shot: Shot, plate_identity: str, mark: ReviewMark) -> bool:
    """`plate_identity` is asked for once for many marks: it is a hash."""
    if mark.status is not ReviewStatus.APPROVED or not plate_identity:
        return False
    return mark.approved_key != current_key(shot, mark.frame, mark.layer_id)
