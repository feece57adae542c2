"""The simulated artist of the benches: where the next click falls, and what is counted.

The standard protocol of interactive segmentation: the next click falls on the middle of the largest wrong region, at
most twenty clicks. A matte counts as its pixels of coverage 0.5 and more. Pixels that belong to nobody are neither
clicked nor counted.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from core.arrays import Bool, UInt8
from core.prompts import Click

MOST_CLICKS = 20
GOALS = (85, 90, 95)
"""Percent of IoU that clicks are counted to."""
REPORTED = (1, 3, 5, 10, 20)
"""Clicks after which the IoU is noted."""
_BOUNDARY_PART = 0.008
"""How far two outlines may be apart and still agree, as a part of the picture's diagonal: DAVIS's tolerance."""

Answer = Callable[[Sequence[Click]], Bool]
"""All clicks so far → (H, W) mask."""


def click_until_done(
    truth: Bool, answer: Answer, counted: Bool | None = None, most: int = MOST_CLICKS
) -> dict[str, float]:
    """Figures of one case. Stops early once nothing is wrong any more.

    Args:
        truth: (H, W), with at least one pixel set.
        counted: (H, W) where pixels count, or None where all do.

    Returns:
        `noc85`, `noc90`, `noc95`: clicks to that IoU, `most` where it was not reached; `iou_1` … `iou_20`: IoU after
        so many clicks; `boundary_f`: the boundary measure (`boundary_f` below) of the matte after the last click, the
        20th unless nothing was wrong before; `ms_first`: the first answer; `ms_per_click`: the median of the others.
    """
    clicks: list[Click] = []
    got = np.zeros(truth.shape, bool)
    overlaps: list[float] = []
    times: list[float] = []
    while len(clicks) < most and (click := next_click(truth, got, counted, clicks)) is not None:
        clicks.append(click)
        start = time.perf_counter()
        got = answer(clicks)
        times.append((time.perf_counter() - start) * 1e3)
        overlaps.append(iou(truth, got, counted))
    overlaps += [overlaps[-1]] * (most - len(overlaps))
    figures: dict[str, float] = {}
    for percent in GOALS:
        reached = [place + 1 for place, overlap in enumerate(overlaps) if overlap >= percent / 100]
        figures[f"noc{percent}"] = float(reached[0] if reached else most)
    for count in REPORTED:
        if count <= most:
            figures[f"iou_{count}"] = overlaps[count - 1]
    figures["boundary_f"] = boundary_f(truth, got, counted)
    figures["ms_first"] = times[0]
    figures["ms_per_click"] = float(np.median(times[1:] or times))
    return figures


def next_click(truth: Bool, got: Bool, counted: Bool | None = None, clicks: Sequence[Click] = ()) -> Click | None:
    """A click in the middle of the largest wrong region, or None when nothing is wrong.

    The middle is the pixel farthest from the region's outline (the picture's border is one). A pixel that was clicked
    before is not clicked again: an answer that does not heed a click would otherwise be given it for ever.
    """
    deepest, click = 0.0, None
    for wrong, adds in ((truth & ~got, True), (got & ~truth, False)):
        padded = np.pad((wrong if counted is None else wrong & counted).astype(np.uint8), 1)
        depth = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
        for said in clicks:
            depth[int(said.y), int(said.x)] = 0.0
        if float(depth.max()) > deepest:
            deepest = float(depth.max())
            y, x = divmod(int(depth.argmax()), depth.shape[1])
            click = Click(x + 0.5, y + 0.5, adds)
    return click


def iou(truth: Bool, got: Bool, counted: Bool | None = None) -> float:
    """Intersection over union, 0-1; 0 where both are empty."""
    both, either = truth & got, truth | got
    if counted is not None:
        both, either = both & counted, either & counted
    return float(np.count_nonzero(both)) / max(1.0, float(np.count_nonzero(either)))


def boundary_f(truth: Bool, got: Bool, counted: Bool | None = None) -> float:
    """The boundary F-measure of DAVIS, 0-1: how well two outlines agree.

    The mean (harmonic) of two parts: of the answer's outline, how much lies near the true one; of the true outline,
    how much lies near the answer's. Near is within 0.008 of the picture's diagonal, rounded up to whole pixels. One
    empty outline gives 0, two give 1.
    """
    if counted is not None:
        truth, got = truth & counted, got & counted
    wanted, found = _outline(truth), _outline(got)
    if not wanted.any() or not found.any():
        return float(not wanted.any() and not found.any())
    reach = math.ceil(_BOUNDARY_PART * math.hypot(*truth.shape))
    rows, columns = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    disc = (rows**2 + columns**2 <= reach**2).astype(np.uint8)
    precision = float(found[cv2.dilate(wanted, disc) > 0].sum()) / float(found.sum())
    recall = float(wanted[cv2.dilate(found, disc) > 0].sum()) / float(wanted.sum())
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _outline(mask: Bool) -> UInt8:
    """(H, W) 0 or 1: pixels whose right, lower or lower right neighbour is on the other side; beyond the picture is
    as at its border."""
    wide = np.pad(mask, ((0, 1), (0, 1)), mode="edge")
    here = wide[:-1, :-1]
    other = (here ^ wide[:-1, 1:]) | (here ^ wide[1:, :-1]) | (here ^ wide[1:, 1:])
    return np.asarray(other, np.uint8)
