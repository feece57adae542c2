"""The outline at the plate's resolution: what is remembered of it never shows, and what did not change is kept."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.arrays import Float32
from core.errors import Cancelled
from inference.models.segment.asked import keep
from inference.models.segment.edge import PlateEdge

PLATE = (300, 451)
SMALL = (88, 132)


def never() -> bool:
    return False


def grain(shape: tuple[int, ...], seed: int) -> Float32:
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def blob(x: float, y: float, radius: float, shape: tuple[int, int] = SMALL) -> Float32:
    """(h, w) a disc with a soft border."""
    ys, xs = np.indices(shape) + 0.5
    return np.asarray(np.clip(radius - np.hypot(xs - x, ys - y), 0, 1), np.float32)


@pytest.mark.parametrize("seed", range(2))
def test_what_is_remembered_gives_what_a_fresh_start_gives(seed: int) -> None:
    """A click moves a piece of the outline: only that is computed, and the whole is as if all of it were."""
    rng = np.random.default_rng(seed)
    plate = grain((*PLATE, 3), seed) * 2 - 0.3
    used = PlateEdge(plate, 1.4)
    small = blob(64, 42, 28)
    for _ in range(6):
        x, y, radius = rng.uniform((0, 0, 3), (132, 88, 22))
        small = np.maximum(small, blob(x, y, radius)) if rng.random() < 0.5 else small * (1 - blob(x, y, radius))
        softness = float(rng.choice([0.5, 0.5, 0.9]))

        answer = used.bring(small, softness, never)

        assert np.array_equal(answer, PlateEdge(plate, 1.4).bring(small, softness, never))


def test_another_size_of_the_small_coverage_is_another_question() -> None:
    plate = grain((*PLATE, 3), 1)
    used = PlateEdge(plate, 1.0)
    used.bring(blob(64, 42, 28), 0.5, never)
    other = blob(30, 20, 14, (44, 66))

    assert np.array_equal(used.bring(other, 0.5, never), PlateEdge(plate, 1.0).bring(other, 0.5, never))


def test_a_question_given_up_halfway_leaves_nothing_behind() -> None:
    plate = grain((*PLATE, 3), 2)
    used = PlateEdge(plate, 1.0)
    used.bring(blob(64, 42, 28), 0.5, never)
    polls = iter([False, False, True])
    with pytest.raises(Cancelled):
        used.bring(blob(60, 46, 34), 0.5, lambda: next(polls))

    again = used.bring(blob(64, 42, 28), 0.5, never)

    assert np.array_equal(again, PlateEdge(plate, 1.0).bring(blob(64, 42, 28), 0.5, never))


def test_an_answer_is_ones_own() -> None:
    """Writing into it, as prompts are written, changes no later one."""
    used = PlateEdge(grain((*PLATE, 3), 3), 1.0)
    first = used.bring(blob(64, 42, 28), 0.5, never)
    kept = first.copy()
    first[:] = 0.3

    assert np.array_equal(used.bring(blob(64, 42, 28), 0.5, never), kept)


@pytest.mark.parametrize("plate", [(1, 1), (3, 900), (128, 129), (640, 2)])
def test_plates_of_any_size(plate: tuple[int, int]) -> None:
    small = (max(1, plate[0] // 3), max(1, plate[1] // 3))
    coverage = np.full(small, 0.25, np.float32)
    coverage[-1, -1] = 1.0

    answer = PlateEdge(grain((*plate, 3), 4), 1.0).bring(coverage, 0.5, never)

    assert answer.shape == plate
    assert 0.0 <= answer.min() <= answer.max() <= 1.0


def test_the_outline_goes_to_the_edge_of_the_plate() -> None:
    """The small coverage is a slope of sixteen pixels; the plate has its edge between two of them."""
    plate = np.full((100, 800, 3), 0.1, np.float32)
    plate[:, 405:] = 0.9
    small = np.tile(np.clip((np.arange(200, dtype=np.float32) - 99) / 4, 0, 1), (25, 1))

    steps = np.diff(PlateEdge(plate, 1.0).bring(small, 0.5, never)[50])

    assert int(steps.argmax()) == 404
    assert steps.max() > 3 * np.sort(steps)[-2]


def test_flat_places_are_exact() -> None:
    answer = PlateEdge(grain((*PLATE, 3), 5), 1.0).bring(np.full(SMALL, 0.625, np.float32), 0.5, never)

    assert (answer == np.float32(0.625)).all()


@pytest.mark.parametrize("plate", [(40, 60), (431, 700), (90, 2000)])
def test_only_where_the_small_coverage_changed_a_previous_matte_gives_way(plate: tuple[int, int]) -> None:
    small = (max(1, plate[0] * 200 // max(plate)), max(1, plate[1] * 200 // max(plate)))
    start, previous, full = grain(small, 6), grain(plate, 7), grain(plate, 8)
    after = start.copy()
    after[2:5, 7:9] += 0.5

    kept = keep(previous, full, start, after)

    touched = cv2.dilate((start != after).astype(np.uint8), np.ones((5, 5), np.uint8))
    changed = cv2.resize(touched, plate[::-1], interpolation=cv2.INTER_NEAREST) > 0
    assert np.array_equal(kept, np.where(changed, full, previous))
    assert np.array_equal(keep(previous, full, start, start), previous)
