"""One prompt after the other: what each changes in a coverage, as the click network has it and an artist expects it.

The network is asked about the whole picture, then about a window around the subject, seen larger; about a small
correction also through a window of the correction's own size. What it says is weighed (`judgement.py`) and held to two
promises: a click changes what is connected with its place and nothing elsewhere, and it is always heeded. Where the
network does not heed it, it is asked again with more emphasis, and at last the classical segmenter makes that one
correction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import cv2
import numpy as np

from core.arrays import Bool, Float32
from core.geometry import Window
from core.prompts import Box, Click, Prompt, Stroke
from inference.models.segment.selection import apply_prompt, footprint
from inference.models.segment.views import Views
from inference.models.select.changes import large_pieces, local, window_of
from inference.models.select.hints import Mark
from inference.models.select.judgement import Pointed, covered, judged, pointed
from inference.models.select.proposal import by_colors, convinces
from inference.models.select.sight import Looks, Sight

NEAR_FACTOR: Final = 1.5
"""The window around the subject, in sizes of the subject."""
NEAR_SHARE: Final = 0.75
"""A window longer than this share of the picture is not looked at separately."""
SNAP_PX: Final = 16
"""Windows begin and end at multiples of it, so that nearly the same window is the same one."""
RIM: Final = 0.1
"""Of a window: a prompt nearer to its border than this asks for the whole picture again."""
EMPHASIS_PX: Final = 7.0
"""Where a click was not heeded, four more marks stand so far from it, in seen pixels."""
REACH_POWER: Final = 2.5
"""Extents are asked for more boldly than they are meant: a reach of 4 asked for by 1.5 gave twice the area."""
PROPOSALS: Final = True
"""Whether colors alone may make the first guess, see `proposal.py`."""
TOUCH_FACTOR: Final = 16.0
"""A small correction is looked at from nearer: through a window of so many of its depths. It ends within twice that."""
TOUCH_SHARE: Final = 0.7
"""Small is one whose window is smaller than this share of what was looked at."""
TOUCH_LEAST: Final = 32
TOUCH_SIZE: Final = 0.5
"""And how large it is seen, of the working size: a quarter of the time."""
CLASSICAL_PX: Final = 448


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Where the prompts have led so far.

    Args:
        coverage: (h, w) 0-1 over the fine picture.
        window: what was looked at from near last, in fine pixels; None for nothing.
    """

    coverage: Float32
    window: Window | None = None


class Ground:
    """One picture, ready for prompts: what the network sees of it, and, when it is needed, its regions.

    Args:
        fine: (h, w, 3) scene-linear, the reduced plate.
        gain: exposure from `reduced.exposure`.
    """

    def __init__(self, looks: Looks, fine: Float32, gain: float) -> None:
        self.looks = looks
        self.fine, self.gain = fine, gain

    @property
    def shape(self) -> tuple[int, int]:
        height, width = self.fine.shape[:2]
        return height, width

    @cached_property
    def views(self) -> Views:
        """The classical segmenter's."""
        return Views(self.fine, self.gain, CLASSICAL_PX)


def apply(ground: Ground, state: State, told: Sequence[Prompt], reach: float, *, quick: bool) -> State:
    """The state after the last prompt of `told`.

    Args:
        told: all prompts so far, in fine pixels.
        reach: 1 as the network thinks; of a first prompt, lower means a part and higher the whole.
        quick: the whole picture only.
    """
    newest, before = told[-1], state.coverage
    begins = not before.any()
    if begins and not isinstance(newest, Box) and not newest.adds:
        return state
    if begins or isinstance(newest, Box):
        logits, window = _asked(ground, state, told, reach, begins=begins, quick=quick)
        found = covered(logits)
        after = _boxed(before, found, told) if isinstance(newest, Box) else _begun(ground, before, found, told, window)
    else:
        after, window = _corrected(ground, state, told, quick=quick)
    for prompt in told:
        if not isinstance(prompt, Box):
            after[footprint(prompt, after.shape)] = float(prompt.adds)
    return State(after, window)


def _asked(
    ground: Ground, state: State, told: Sequence[Prompt], reach: float, *, begins: bool, quick: bool
) -> tuple[Float32, Window | None]:
    """(h, w) logits of all, and the window that was looked at from near."""
    looks, before = ground.looks, state.coverage
    previous = before if before.any() else None
    logits = _question(looks, looks.whole, told, previous)
    extent = None
    if begins and reach != 1.0:
        extent = float(np.clip((logits > 0).mean() * reach**REACH_POWER, 1e-4, 1.0))
        logits = _question(looks, looks.whole, told, previous, extent)
    coarse = _enlarged(logits, looks.whole.window)
    if begins and PROPOSALS and reach == 1.0 and isinstance(told[-1], Click):
        previous = _proposed(ground, told[-1], covered(coarse))
        if previous is not None:
            coarse = _enlarged(_question(looks, looks.whole, told, previous), looks.whole.window)
    if quick:
        return coarse, state.window
    window = _near(coarse, before, told, state.window)
    if window is None:
        return coarse, None
    sight = looks.at(window)
    if extent is not None:
        extent = min(1.0, extent * looks.whole.window.pixels / window.pixels)
    logits = _question(looks, sight, told, previous, extent)
    rows, columns = window.within(looks.whole.window)
    coarse[rows, columns] = _enlarged(logits, window)
    return coarse, window


def _proposed(ground: Ground, click: Click, coarse: Float32) -> Float32 | None:
    """(h, w) what colors say of a first click, where that is worth more than the network's own answer; else None."""
    inside = by_colors(ground.fine, ground.gain, click.x, click.y)
    answer = np.asarray(cv2.resize(coarse, inside.shape[::-1], interpolation=cv2.INTER_AREA), np.float32)
    if not convinces(inside, answer):
        return None
    size = coarse.shape[::-1]
    return np.asarray(cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_LINEAR), np.float32)


def _corrected(ground: Ground, state: State, told: Sequence[Prompt], *, quick: bool) -> tuple[Float32, Window | None]:
    """What a mark changes in what is there: from the window last looked at, or, where that does not do, from all."""
    newest, before, looks = told[-1], state.coverage, ground.looks
    assert not isinstance(newest, Box)
    at = pointed(before, footprint(newest, before.shape), newest.adds)
    picture = looks.whole.window
    if not quick and state.window is not None:
        window = state.window
        rim = round(RIM * max(window.shape))
        mark = _bounds_of(newest)
        if mark.intersect(_inner(window, picture, rim)) == mark:
            found = _enlarged(_question(looks, looks.at(window), told, before), window)
            after = _heeded(ground, before, found, told, at, window)
            moved = window_of((after > 0.5) != (before > 0.5))
            if moved is None or moved.intersect(_inner(window, picture, rim // 4)) == moved:
                return after, window
    found, near = _asked(ground, state, told, 1.0, begins=False, quick=quick)
    return _heeded(ground, before, found, told, at, picture, quick=quick), near


def _inner(window: Window, picture: Window, rim: int) -> Window:
    """Without a rim, but for sides that are the picture's own."""
    return Window(
        window.x0 + rim if window.x0 > picture.x0 else window.x0,
        window.y0 + rim if window.y0 > picture.y0 else window.y0,
        window.x1 - rim if window.x1 < picture.x1 else window.x1,
        window.y1 - rim if window.y1 < picture.y1 else window.y1,
    )


def _question(
    looks: Looks,
    sight: Sight,
    told: Sequence[Prompt],
    previous: Float32 | None,
    extent: float | None = None,
    emphasis: Sequence[Mark] = (),
) -> Float32:
    """(h, w) logits over the sight. `previous`: (h, w) over the fine picture."""
    boxes = [prompt for prompt in told if isinstance(prompt, Box)]
    frame = sight.frame(boxes[-1]) if len(boxes) == 1 or isinstance(told[-1], Box) else None
    seen = None
    if previous is not None:
        part = previous[sight.window.y0 : sight.window.y1, sight.window.x0 : sight.window.x1]
        how = cv2.INTER_AREA if max(sight.scale) < 1 else cv2.INTER_LINEAR
        seen = np.asarray(cv2.resize(part, sight.shape[::-1], interpolation=how), np.float32)
    return looks.ask(sight, [*sight.marks(told), *emphasis], frame, seen, extent)


def _enlarged(logits: Float32, window: Window) -> Float32:
    """(h, w) logits over the fine pixels of `window`."""
    how = cv2.INTER_AREA if logits.shape[1] > window.width else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(logits, (window.width, window.height), interpolation=how), np.float32)


def _near(coarse: Float32, before: Float32, told: Sequence[Prompt], last: Window | None) -> Window | None:
    """The window around the subject: what it was, while the subject fits well into it; None for the whole picture."""
    height, width = coarse.shape
    picture = Window.of_size(width, height)
    marks = [_bounds_of(prompt) for prompt in told]
    subject = marks[0]
    for each in (*marks[1:], window_of(large_pieces(coarse > 0)), window_of(before > 0.5)):
        subject = subject if each is None else subject.union(each)
    subject = subject.intersect(picture)
    size = max(subject.width, subject.height)
    if last is not None and last.intersect(subject.grow(round(0.1 * size)).intersect(picture)) == subject.grow(
        round(0.1 * size)
    ).intersect(picture):
        return last if max(last.width, last.height) < 3.0 * size else _around(subject, picture, NEAR_FACTOR)
    return _around(subject, picture, NEAR_FACTOR)


def _around(subject: Window, picture: Window, factor: float) -> Window | None:
    side = round(max(factor * max(subject.width, subject.height), 32) / SNAP_PX) * SNAP_PX
    longer = max(picture.width, picture.height)
    if side > NEAR_SHARE * longer:
        return None
    width, height = min(side, picture.width), min(side, picture.height)
    x0 = _snapped((subject.x0 + subject.x1 - width) / 2, picture.width - width)
    y0 = _snapped((subject.y0 + subject.y1 - height) / 2, picture.height - height)
    return Window(x0, y0, x0 + width, y0 + height)


def _snapped(place: float, most: int) -> int:
    return min(max(round(place / SNAP_PX) * SNAP_PX, 0), most)


def _boxed(before: Float32, found: Float32, told: Sequence[Prompt]) -> Float32:
    """A box fills what is in it; the first one also empties the rest, unless a prompt added there."""
    box = told[-1]
    assert isinstance(box, Box)
    height, width = before.shape
    x0, y0 = max(0, int(box.x0)), max(0, int(box.y0))
    x1, y1 = min(width, max(x0 + 1, int(np.ceil(box.x1)))), min(height, max(y0 + 1, int(np.ceil(box.y1))))
    after = before.copy()
    if sum(isinstance(prompt, Box) for prompt in told) > 1:
        after[y0:y1, x0:x1] = np.maximum(before[y0:y1, x0:x1], found[y0:y1, x0:x1])
        return after
    within = np.zeros(before.shape, bool)
    within[y0:y1, x0:x1] = True
    added = [footprint(prompt, before.shape) for prompt in told if not isinstance(prompt, Box) and prompt.adds]
    if all(within[mark].any() for mark in added):
        after[~within] = 0.0
    after[within] = found[within]
    return after


def _begun(ground: Ground, before: Float32, found: Float32, told: Sequence[Prompt], window: Window | None) -> Float32:
    """What a first mark selects: `found`, where that heeds it."""
    newest = told[-1]
    assert not isinstance(newest, Box)
    mark = footprint(newest, before.shape)
    if _agrees(found, mark, newest.adds):
        return found.copy()
    sight = ground.looks.whole if window is None else ground.looks.at(window)
    logits = _question(ground.looks, sight, told, before, None, _emphasis(sight, newest))
    again = before.copy()
    again[sight.window.within(ground.looks.whole.window)] = covered(_enlarged(logits, sight.window))
    return again if _agrees(again, mark, newest.adds) else apply_prompt(ground.views, before, told, 1.0)


def _heeded(
    ground: Ground,
    before: Float32,
    found: Float32,
    told: Sequence[Prompt],
    at: Pointed,
    seen: Window,
    *,
    quick: bool = False,
) -> Float32:
    """`found`, over `seen`, as far as it is believed of a mark that points at what is `before`; the mark is heeded."""
    looks, newest, picture = ground.looks, told[-1], ground.looks.whole.window
    assert not isinstance(newest, Box)
    near = None if quick else _touched(at, newest, seen, picture)
    if near is None:
        touch, sight = None, looks.whole if seen == picture else looks.at(seen)
    else:
        sight = looks.at(near, TOUCH_SIZE)
        touch = _enlarged(_question(looks, sight, told, before), near)
        part = near.grow(max(near.shape) // 2).intersect(seen)
        found, seen = found[part.within(seen)], part
    after = local(before, judged(before, found, seen, at, touch, near), seen, at.mark)
    if _agrees(after, at.mark, at.adds):
        return after
    touch = _enlarged(_question(looks, sight, told, before, None, _emphasis(sight, newest)), sight.window)
    after = local(before, judged(before, found, seen, at, touch, sight.window), seen, at.mark)
    return after if _agrees(after, at.mark, at.adds) else apply_prompt(ground.views, before, told, 1.0)


def _touched(at: Pointed, newest: Click | Stroke, seen: Window, picture: Window) -> Window | None:
    """The window through which a small correction is looked at from nearer; None for a large one."""
    mark = _bounds_of(newest)
    side = max(TOUCH_LEAST, round(TOUCH_FACTOR * at.depth), 2 * max(mark.shape))
    if side > TOUCH_SHARE * max(seen.shape):
        return None
    width, height = min(side, picture.width), min(side, picture.height)
    x0 = min(max((mark.x0 + mark.x1 - width) // 2, 0), picture.width - width)
    y0 = min(max((mark.y0 + mark.y1 - height) // 2, 0), picture.height - height)
    return Window(x0, y0, x0 + width, y0 + height)


def _agrees(coverage: Float32, mark: Bool, adds: bool) -> bool:
    return float(((coverage[mark] > 0.5) == adds).mean()) > 0.5


def _emphasis(sight: Sight, newest: Click | Stroke) -> list[Mark]:
    height, width = sight.shape
    steps = ((EMPHASIS_PX, 0.0), (-EMPHASIS_PX, 0.0), (0.0, EMPHASIS_PX), (0.0, -EMPHASIS_PX))
    around = [Mark(mark.x + x, mark.y + y, mark.adds) for mark in sight.marks([newest]) for x, y in steps]
    return [mark for mark in around if 0 <= mark.x < width and 0 <= mark.y < height]


def _bounds_of(prompt: Prompt) -> Window:
    """Whole pixels a prompt touches."""
    if isinstance(prompt, Box):
        return Window(int(prompt.x0), int(prompt.y0), int(np.ceil(prompt.x1)), int(np.ceil(prompt.y1)))
    if isinstance(prompt, Click):
        return Window(int(prompt.x), int(prompt.y), int(prompt.x) + 1, int(prompt.y) + 1)
    return prompt.bounds()
