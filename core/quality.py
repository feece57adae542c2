"""What is wrong with mattes and deliveries, as findings: which frame, what, why, and what to do next.

Looks at single mattes for holes, specks and values that do not fit, and at numbers over time for chatter and jumps.
Knows no files and no pictures; the report is `app/qc.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median
from typing import Final

import cv2
import numpy as np

from core.arrays import Float32
from core.frame_facts import FrameFacts
from core.frames import FrameNumber
from core.geometry import Window
from core.holes import fill_holes, remove_specks
from core.matte import Matte
from core.words import counted

SMALL_PART: Final = 2e-4
"""A hole or speck is at most this part of the canvas: 400 pixels of a 2K frame."""
LEAST_SMALL_PX: Final = 16
LEAST_DEPTH: Final = 0.02
"""What differs from its surroundings by less is no blemish."""
LEAST_CHATTER: Final = 0.75
"""Working pixels along the edge, the mean of it; see `core.frame_motion.WORK_PX`."""
CHATTER_TIMES: Final = 2.5
"""And so many times what is usual in the layer."""
LEAST_JUMP: Final = 0.3
"""Of the area, as a logarithm, against both neighbours;"""
LEAST_FLICKER: Final = 0.1
"""and so much of the matte that neither of them has."""


class Concern(Enum):
    """What a finding is about; the value is the word that is shown and written."""

    NO_MATTE = "no current matte"
    NO_PICTURE = "plate frame missing"
    WINDOW = "windows differ"
    HOLE = "holes"
    SPECK = "specks"
    CHATTER = "chatter"
    JUMP = "area jumps"
    VANISHES = "matte vanishes"
    CLIPPED = "values clipped"
    NOT_APPROVED = "not approved"
    CHANGED_SINCE = "approved, changed since"
    MARKED = "to do"
    FILE_MISSING = "file missing"
    FILE_CHANGED = "file changed"
    FILE_OLD = "file of an older matte"
    FILE_WRONG = "file differs from the matte"


class Severity(Enum):
    """How urgent it is."""

    MUST = "fix before delivery"
    LOOK = "look at it"
    NOTE = "for your information"


SEVERITIES: Final[Mapping[Concern, Severity]] = {
    Concern.NO_MATTE: Severity.MUST,
    Concern.NO_PICTURE: Severity.LOOK,
    Concern.WINDOW: Severity.LOOK,
    Concern.HOLE: Severity.LOOK,
    Concern.SPECK: Severity.LOOK,
    Concern.CHATTER: Severity.LOOK,
    Concern.JUMP: Severity.LOOK,
    Concern.VANISHES: Severity.LOOK,
    Concern.CLIPPED: Severity.LOOK,
    Concern.NOT_APPROVED: Severity.NOTE,
    Concern.CHANGED_SINCE: Severity.LOOK,
    Concern.MARKED: Severity.MUST,
    Concern.FILE_MISSING: Severity.MUST,
    Concern.FILE_CHANGED: Severity.MUST,
    Concern.FILE_OLD: Severity.MUST,
    Concern.FILE_WRONG: Severity.MUST,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know before delivery.

    Args:
        layer: its name; empty where it is about the plate.
        frame, last: the first and the last frame it is about.
        reason: why it is said, with numbers, a phrase.
        next_step: what to do, a sentence.
        place: where in the picture, in plate pixels, where it is at a place.
        file: the delivered file it is about, if one.
    """

    concern: Concern
    layer: str
    frame: FrameNumber
    last: FrameNumber
    reason: str
    next_step: str
    place: Window | None = None
    file: str = ""

    @property
    def severity(self) -> Severity:
        return SEVERITIES[self.concern]

    @property
    def opens(self) -> str:
        """The name of the layer that is shown with it: of a file that holds several, the first."""
        return self.layer.split(", ")[0] if self.file else self.layer

    @property
    def frames(self) -> str:
        """`1001`, or `1001-1012`."""
        return str(self.frame) if self.last == self.frame else f"{self.frame}-{self.last}"


def small_px2(canvas: Window) -> float:
    """How many pixels a hole or speck of this canvas has at most."""
    return max(LEAST_SMALL_PX, SMALL_PART * canvas.pixels)


def of_one_matte(layer: str, frame: FrameNumber, matte: Matte, canvas: Window) -> list[Finding]:
    """Holes, specks and values that do not fit, of one frame."""
    findings = []
    coverage = matte.float32()
    outside = int(np.count_nonzero(~((coverage >= 0) & (coverage <= 1))))
    if outside:
        why = f"{counted(outside, 'value')} outside 0-1 or no number"
        step = "They are clipped when it is written. Propagate the frame again, or tell the maker of the model."
        findings.append(Finding(Concern.CLIPPED, layer, frame, frame, why, step))
        coverage = np.clip(np.nan_to_num(coverage, nan=0.0), 0, 1)
    most = small_px2(canvas)
    for concern, mended, remedy in (
        (Concern.HOLE, fill_holes(coverage, most), "Fill holes"),
        (Concern.SPECK, remove_specks(coverage, most), "Remove specks"),
    ):
        if mended is coverage:
            continue
        found = _blemishes(np.abs(mended - coverage))
        if found:
            place, area, depth = found[0]
            why = f"{len(found)}, the largest {area} px² and {depth:.2f} deep"
            step = f"Paint over it, or set {remedy} in the layer's finish to {math.ceil(area / 10) * 10} px²."
            where = place.move(matte.window.x0, matte.window.y0)
            findings.append(Finding(concern, layer, frame, frame, why, step, where))
    return findings


def _blemishes(depth: Float32) -> list[tuple[Window, int, float]]:
    """(place, pixels, depth) of every connected piece that is deep enough, the largest first."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((depth > LEAST_DEPTH).astype(np.uint8), connectivity=8)
    found = []
    for number in range(1, count):
        x, y, width, height, area = (int(value) for value in stats[number])
        piece = depth[y : y + height, x : x + width][labels[y : y + height, x : x + width] == number]
        found.append((Window(x, y, x + width, y + height), area, float(piece.max())))
    return sorted(found, key=lambda each: -each[1])


def over_time(layer: str, facts: Mapping[FrameNumber, FrameFacts], scale: float) -> list[Finding]:
    """Chatter, jumps and gaps of one layer.

    Args:
        facts: of every frame that has a matte; what is not measured is passed over.
        scale: plate pixels in a working pixel.
    """
    findings = []
    known = [each.chatter_px for each in facts.values() if not math.isnan(each.chatter_px)]
    limit = max(LEAST_CHATTER * scale, CHATTER_TIMES * median(known)) if known else math.inf
    for frame, each in sorted(facts.items()):
        beside = [facts[other] for other in (frame - 1, frame + 1) if other in facts]
        if each.area == 0:
            continue
        if each.chatter_px > limit and not any(other.chatter_px > each.chatter_px for other in beside):
            why = f"the edge moves {each.chatter_px:.1f} px against the picture; usual here is {median(known):.1f} px"
            step = "Step through the frames around it; correct it, or make the better neighbour a key frame."
            findings.append(Finding(Concern.CHATTER, layer, frame, frame, why, step))
        elif abs(each.jump) > LEAST_JUMP and each.flicker > LEAST_FLICKER and all(other.area > 0 for other in beside):
            change = math.expm1(each.jump)
            why = f"{abs(change):.0%} {'less' if change < 0 else 'more'} than in the frames beside it"
            findings.append(
                Finding(Concern.JUMP, layer, frame, frame, why, "Look whether a part is lost, or too much.")
            )
    empty = [frame for frame, each in facts.items() if each.area == 0]
    there = [frame for frame, each in facts.items() if each.area > 0]
    for first, last in runs(empty):
        if there and min(there) < first and last < max(there):
            why = f"nothing in {counted(last - first + 1, 'frame')}, and the subject before and after"
            step = "If it is hidden there, all is well; else click it there, or propagate again."
            findings.append(Finding(Concern.VANISHES, layer, first, last, why, step))
    return findings


def runs(frames: Iterable[FrameNumber]) -> list[tuple[FrameNumber, FrameNumber]]:
    """(first, last) of every run of frames that follow each other."""
    found: list[tuple[FrameNumber, FrameNumber]] = []
    for frame in sorted(frames):
        if found and found[-1][1] == frame - 1:
            found[-1] = (found[-1][0], frame)
        else:
            found.append((frame, frame))
    return found


def by_urgency(findings: Iterable[Finding]) -> list[Finding]:
    """What must be fixed first; within that by layer, frame and what it is."""
    order = list(Severity)
    concerns = list(Concern)
    return sorted(
        findings,
        key=lambda each: (order.index(each.severity), concerns.index(each.concern), each.layer, each.frame),
    )


def in_short(findings: Sequence[Finding]) -> str:
    """`2 × holes, 1 × chatter`; empty where there is nothing but notes."""
    numbers: dict[str, int] = {}
    for each in findings:
        if each.severity is not Severity.NOTE:
            numbers[each.concern.value] = numbers.get(each.concern.value, 0) + 1
    return ", ".join(f"{number} × {word}" for word, number in numbers.items())
