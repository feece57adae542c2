"""Windows: half-open, y down, any origin."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np

from core.geometry import Window


def some_windows(count: int = 300) -> Iterator[tuple[Window, Window]]:
    rng = random.Random(1)
    for _ in range(count):
        corners = [rng.randint(-20, 20) for _ in range(4)]
        first = Window(corners[0], corners[1], corners[0] + rng.randint(0, 15), corners[1] + rng.randint(0, 15))
        yield first, Window(corners[2], corners[3], corners[2] + rng.randint(0, 15), corners[3] + rng.randint(0, 15))


def pixels(window: Window) -> set[tuple[int, int]]:
    return {(x, y) for x in range(window.x0, window.x1) for y in range(window.y0, window.y1)}


def test_intersection_is_the_shared_pixels() -> None:
    """Over 300 random pairs, a pixel is in the intersection if and only if it is in both."""
    for first, second in some_windows():
        assert pixels(first.intersect(second)) == pixels(first) & pixels(second)
        assert first.intersect(second).pixels == len(pixels(first) & pixels(second))


def test_union_holds_both_and_no_smaller_window_does() -> None:
    """The union's edges all touch a pixel of one of the two."""
    for first, second in some_windows():
        union, both = first.union(second), pixels(first) | pixels(second)

        assert both <= pixels(union)
        if both:
            xs, ys = {x for x, _ in both}, {y for _, y in both}
            assert union == Window(min(xs), min(ys), max(xs) + 1, max(ys) + 1)


def test_exr_corners_are_inclusive_there_and_back() -> None:
    """((0, 0), (1919, 1079)) is 1920 x 1080, and every non-empty window survives the way."""
    assert Window.from_exr(((0, 0), (1919, 1079))) == Window.of_size(1920, 1080)
    for window, _ in some_windows():
        assert Window.from_exr(window.to_exr()) == window


def test_within_picks_the_pixels_of_the_window() -> None:
    """The slices of a window out of an array over another give exactly the shared pixels' coordinates."""
    for inner, outer in some_windows():
        y, x = np.mgrid[outer.y0 : outer.y1, outer.x0 : outer.x1]
        rows, columns = inner.within(outer)

        picked = set(zip(x[rows, columns].ravel().tolist(), y[rows, columns].ravel().tolist(), strict=True))

        assert picked == pixels(inner) & pixels(outer)


def test_moving_and_growing() -> None:
    """Moving keeps the size; growing by n adds 2 n to it, and shrinking by the same undoes it."""
    window = Window(-3, 2, 7, 9)

    assert window.move(5, -5).shape == window.shape
    assert window.grow(4).shape == (window.height + 8, window.width + 8)
    assert window.grow(4).grow(-4) == window


def test_contains_is_half_open() -> None:
    """The left and upper edges belong to the window, the right and lower ones do not."""
    window = Window(-1, 0, 1, 2)

    assert window.contains(-1, 0)
    assert window.contains(0.999, 1.999)
    assert not window.contains(1, 0)
    assert not window.contains(0, 2)
