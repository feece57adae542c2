"""A thing is found where it looks like itself: elsewhere, at another size, brighter; and not where it is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.arrays import Float32
from core.frame_motion import reduced, sight, work_size
from core.geometry import Window
from core.likeness import FOUND, Found, Likeness

WINDOW = Window(-20, 10, 620, 370)


def scene(x: float, y: float, scale: float = 1.0, light: float = 1.0, *, thing: bool = True) -> tuple[Float32, Float32]:
    """(rgb, coverage) over `WINDOW`: an orange thing with a blue head on grey-green noise, at array pixels (x, y)."""
    rng = np.random.default_rng(5)
    noise = cv2.GaussianBlur(rng.uniform(0.05, 0.3, (*WINDOW.shape, 3)).astype(np.float32), (0, 0), 3)
    rgb = noise * np.array([0.8, 1.1, 0.7], np.float32)
    coverage = np.zeros(WINDOW.shape, np.float32)
    if thing:
        body = ((round(x), round(y)), (round(40 * scale), round(24 * scale)), 0, 0, 360)
        head = ((round(x + 40 * scale), round(y - 20 * scale)), round(16 * scale))
        cv2.ellipse(rgb, *body, (0.6, 0.25, 0.05), -1)
        cv2.circle(rgb, *head, (0.05, 0.1, 0.5), -1)
        cv2.ellipse(coverage, *body, 1.0, -1)
        cv2.circle(coverage, *head, 1.0, -1)
    return rgb * np.float32(light), coverage


def look() -> Likeness:
    rgb, coverage = scene(150, 120)
    made = Likeness.of(sight(rgb, WINDOW), reduced(coverage, work_size(WINDOW)))
    assert made is not None
    return made


def found(rgb: Float32) -> Found:
    place = look().find(sight(rgb, WINDOW))
    assert place is not None
    return place


@pytest.mark.parametrize(
    ("x", "y", "scale", "light"),
    [(150, 120, 1.0, 1.0), (480, 250, 1.0, 1.0), (300, 200, 1.35, 1.0), (420, 90, 0.75, 1.0), (250, 220, 1.0, 1.25)],
)
def test_it_is_found_wherever_it_is(x: float, y: float, scale: float, light: float) -> None:
    """Far away from where it was, larger, smaller and in more light; clicks lie inside it, the box around it."""
    rgb, coverage = scene(x, y, scale, light)

    place = found(rgb)

    assert place.likeness > FOUND
    rows, columns = np.nonzero(coverage)
    true = (columns.min() - 20, rows.min() + 10, columns.max() - 19, rows.max() + 11)
    spare = 0.2 * (true[2] - true[0])
    box = (place.box.x0, place.box.y0, place.box.x1, place.box.y1)
    assert np.abs(np.subtract(box, true)).max() < spare
    assert 1 <= len(place.clicks) <= 2
    for click in place.clicks:
        assert coverage[int(click.y) - WINDOW.y0, int(click.x) - WINDOW.x0] == 1.0


def test_where_it_is_not_it_is_not_found() -> None:
    """The same noise without the thing: less like it than `FOUND`."""
    rgb, _ = scene(0, 0, thing=False)

    assert found(rgb).likeness < FOUND


def test_the_same_pictures_give_the_same_place() -> None:
    """Deterministic: a proposal has a key."""
    rgb, _ = scene(480, 250)

    assert found(rgb) == found(rgb)


@pytest.mark.parametrize("share", [0.0, 0.0001, 1.0])
def test_nothing_can_be_known_by_nothing(share: float) -> None:
    """An empty matte, three pixels, and a matte that leaves nothing to be told apart from."""
    rgb, _ = scene(150, 120)
    coverage = np.zeros(work_size(WINDOW), np.float32)
    coverage.reshape(-1)[: int(coverage.size * share)] = 1.0

    assert Likeness.of(sight(rgb, WINDOW), coverage) is None


def test_a_picture_smaller_than_the_thing_has_no_place() -> None:
    """A plate cropped to less than it: not an error."""
    small = Window(0, 0, 30, 20)

    assert look().find(sight(np.full((*small.shape, 3), 0.2, np.float32), small)) is None
