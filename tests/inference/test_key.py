"""The screen keyer against composites whose coverage is known exactly."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pytest

from core.arrays import Float32
from core.errors import EngineError
from core.frames import FrameNumber
from core.prompts import Box, Click, Prompt
from inference.models.key.model import Key
from inference.models.key.screen import clean_plate, screen_in
from inference.registry import Registry

SIZE = (240, 320)
GREEN = np.array([0.06, 0.42, 0.1], np.float32)
BLUE = np.array([0.05, 0.1, 0.5], np.float32)


@functools.lru_cache
def defaults() -> dict[str, Any]:
    info = next(model for model in Registry().models("segment") if model.id == "key")
    return dict(info.settings())


def options(**changed: Any) -> dict[str, Any]:
    return {**defaults(), **changed}


@functools.lru_cache
def person(shift: int = 0) -> Float32:
    """(H, W) exact coverage, from eight times as many pixels: a head, a body, two hundred hairs of half a pixel."""
    height, width = SIZE
    large = np.zeros((height * 8, width * 8), np.uint8)
    middle = (width // 2 + shift) * 8
    cv2.ellipse(large, (middle, 80 * 8), (45 * 8, 55 * 8), 0, 0, 360, 255, -1)
    cv2.ellipse(large, (middle, 235 * 8), (85 * 8, 105 * 8), 0, 0, 360, 255, -1)
    rng = np.random.default_rng(5)
    for _ in range(200):
        angle, long = rng.uniform(-np.pi, 0.2), rng.uniform(55, 85)
        root = (int(middle + 40 * 8 * np.cos(angle)), int((80 + 50 * np.sin(angle)) * 8))
        tip = (int(middle + long * 8 * np.cos(angle + 0.2)), int((80 + 1.1 * long * np.sin(angle + 0.2)) * 8))
        cv2.line(large, root, tip, 255, 4)
    whole = cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(whole, np.float32) / 255


def filmed(coverage: Float32, screen: Float32, seed: int = 1) -> Float32:
    """The person before an unevenly lit screen, with a shadow and noise: brown hair, skin, a grey suit, highlights."""
    height, width = SIZE
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    light = 1.25 - 0.7 * columns / width - 0.2 * np.exp(-(((rows - 200) / 40) ** 2))
    subject = np.broadcast_to(np.array([0.28, 0.17, 0.09], np.float32), (height, width, 3)).copy()
    subject[rows > 60] = [0.55, 0.36, 0.27]
    subject[rows > 125] = [0.2, 0.2, 0.22]
    subject *= (1 + 0.3 * np.sin(rows / 5 + columns / 7))[..., None]
    subject[84:88, 150:154] = 6.0
    mixed = coverage[..., None] * subject + (1 - coverage[..., None]) * screen * light[..., None]
    noise = np.random.default_rng(seed).standard_normal(mixed.shape) * 0.006
    return (mixed + noise).astype(np.float32)


def chroma_threshold(rgb: Float32, channel: int) -> Float32:
    """What everybody writes first: hue, a threshold, a small blur."""
    others = np.maximum(rgb[..., 0], rgb[..., 3 - channel])
    return np.asarray(cv2.GaussianBlur((rgb[..., channel] < 1.4 * others).astype(np.float32), (0, 0), 0.7))


def key(rgb: Float32, *prompts: Prompt, **changed: Any) -> Float32:
    chosen = options(**changed)
    model = Key()
    return model.segment(model.encode(rgb, chosen), prompts, None, chosen, lambda: False)[0]


def error(found: Float32, truth: Float32) -> float:
    return float(np.abs(found - truth).mean())


@pytest.mark.parametrize(("screen", "channel"), [(GREEN, 1), (BLUE, 2)])
def test_a_screen_is_keyed_far_better_than_by_a_threshold(screen: Float32, channel: int) -> None:
    """Hair half a pixel wide on an uneven screen: half of the threshold's error, a quarter less than a plain color
    difference has; nothing on the screen, no hole in the subject."""
    truth = person()
    plate = filmed(truth, screen)
    found = key(plate, Click(20, 20, adds=False))

    assert error(found, truth) < 0.5 * error(chroma_threshold(plate, channel), truth)
    assert error(found, truth) < 0.75 * error(key(plate, own_color=0.0), truth)
    assert (found[truth == 0] > 0).mean() < 0.01
    assert found[cv2.erode(truth, np.ones((5, 5))) == 1].min() > 0.75
    assert np.array_equal(found, key(plate, Click(20, 20, adds=True)))


def test_the_clean_plate_is_the_screen_behind_the_subject() -> None:
    plate = filmed(person(), GREEN)
    empty = filmed(np.zeros(SIZE, np.float32), GREEN, seed=2)
    screen = screen_in(plate, "auto")
    assert screen is not None
    assert screen.channel == 1
    wrong = np.abs(clean_plate(plate, screen) - empty)
    assert wrong.mean() < 0.02
    assert error(key(plate), person()) < 0.5 * error(key(plate, clean_plate=False), person())


def test_clicks_hold_and_remove_colors_and_a_box_holds_the_subject() -> None:
    """A green tie stays where it was clicked; a grey light stand goes; outside of the box nothing is."""
    truth = person()
    plate = filmed(truth, GREEN)
    plate[180:220, 150:170] = [0.1, 0.2, 0.05]
    plate[20:120, 20:26] = 0.35
    assert key(plate)[200, 160] < 0.9
    assert key(plate)[60, 23] == 1
    found = key(plate, Click(160, 200), Click(23, 60, adds=False))

    assert found[185:215, 153:167].min() > 0.95
    assert found[22:118, 21:25].max() < 0.05
    assert not key(plate, Box(60, 10, 300, 240))[:, :59].any()


def test_no_screen_is_said_in_a_sentence() -> None:
    with pytest.raises(EngineError, match="Click on the screen itself"):
        key(np.full((*SIZE, 3), 0.2, np.float32))


@dataclass
class Shot:
    """Implements `FrameSource`."""

    pictures: dict[FrameNumber, Float32]

    def rgb(self, frame: FrameNumber, long_edge_px: int | None = None) -> Float32:
        return self.pictures[frame]

    def shape(self) -> tuple[int, int]:
        return SIZE


def test_every_frame_is_keyed_for_itself() -> None:
    """A frame in another light than the key frame: no worse than on its own. Key frames are not touched."""
    truth, moved = person(), person(40)
    dim = 0.5 * filmed(moved, GREEN, seed=3)
    shot = Shot({1: filmed(truth, GREEN), 2: dim})
    answers = list(Key().propagate(shot, {1: key(shot.rgb(1))}, [1, 2], b"", options(), lambda: False))

    assert [answer.frame for answer in answers] == [2]
    assert error(answers[0].coverage, moved) < 1.2 * error(key(dim), moved)


def test_a_click_just_outside_the_picture_picks_nothing() -> None:
    """Less than a pixel left of the first one is not the first one."""
    plate = np.broadcast_to(GREEN, (24, 32, 3)).astype(np.float32)
    plate[:, :8] = BLUE
    key = Key()

    def keyed_with(*prompts: Prompt) -> Float32:
        return key.segment(key.encode(plate, options()), prompts, None, options(), lambda: False)[0]

    assert not np.array_equal(keyed_with(Click(0.1, 12, adds=False)), keyed_with())
    assert np.array_equal(keyed_with(Click(-0.9, 12, adds=False)), keyed_with())
