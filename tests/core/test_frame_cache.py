"""The frame cache keeps what is near the playhead, within its bytes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.frame_cache import FrameCache
from core.geometry import Format, Window
from core.picture import Picture

WINDOW = Window.of_size(5, 5)
NBYTES = 5 * 5 * 4 * 2


def picture() -> Picture:
    return Picture(np.zeros((5, 5, 4), np.float16), WINDOW, Format(WINDOW))


def test_the_farthest_frame_goes_and_behind_counts_double() -> None:
    """Room for 4; playhead at 10: of 8, 9, 11, 12, 13, frame 8 is as far as 14 and goes first."""
    cache = FrameCache(4 * NBYTES)
    cache.look_at("a", 10)

    kept = [cache.put("a", frame, picture()) for frame in (8, 9, 11, 12, 13)]

    assert all(kept)
    assert cache.frames("a") == {9, 11, 12, 13}
    assert cache.nbytes == 4 * NBYTES


def test_what_is_wanted_last_goes_first() -> None:
    """At the end of a loop its beginning is wanted next: of 1, 2, 5 and 8, played as 8, 1, 2 …, frame 5 goes."""
    cache = FrameCache(3 * NBYTES)
    cache.look_at("a", 8, (8, 1, 2, 3, 4, 5, 6, 7))
    for frame in (1, 2, 5, 8):
        cache.put("a", frame, picture())

    assert cache.frames("a") == {1, 2, 8}


def test_reading_too_far_ahead_is_refused() -> None:
    """A full cache of nearer frames does not take a farther one."""
    cache = FrameCache(2 * NBYTES)
    cache.look_at("a", 1)
    cache.put("a", 1, picture())
    cache.put("a", 2, picture())

    assert not cache.put("a", 9, picture())
    assert cache.frames("a") == {1, 2}


def test_other_plates_go_first() -> None:
    """The plate being looked at keeps its frames, however far."""
    cache = FrameCache(2 * NBYTES)
    cache.look_at("b", 1)
    cache.put("a", 1, picture())
    cache.put("b", 500, picture())
    cache.put("b", 501, picture())

    assert cache.get("a", 1) is None
    assert cache.frames("b") == {500, 501}


def test_replacing_and_dropping_give_the_bytes_back() -> None:
    cache = FrameCache(10 * NBYTES)
    first, second = picture(), picture()
    cache.put("a", 1, first)
    cache.put("a", 1, second)
    cache.put("a", 2, first)

    assert cache.get("a", 1) is second
    assert cache.nbytes == 2 * NBYTES
    cache.drop("a", 1)
    assert cache.frames("a") == {2}
    cache.drop("a")
    assert cache.nbytes == 0
    cache.put("a", 3, first)
    cache.clear()
    assert cache.nbytes == 0


def test_a_picture_larger_than_the_budget_is_not_kept() -> None:
    cache = FrameCache(NBYTES - 1)

    assert not cache.put("a", 1, picture())
    assert cache.nbytes == 0


def test_many_threads_never_exceed_the_budget() -> None:
    """Eight threads put and get at once; afterwards the sum is right."""
    cache = FrameCache(20 * NBYTES)

    def work(seed: int) -> None:
        for step in range(200):
            frame = (seed * 37 + step * 11) % 60
            cache.look_at("a", frame)
            cache.put("a", frame, picture())
            cache.get("a", frame - 1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))

    assert cache.nbytes == len(cache.frames("a")) * NBYTES == 20 * NBYTES
