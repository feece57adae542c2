"""Edges over time, on a soft disc that drifts before a textured wall that pans the other way, both with grain."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.arrays import Float32
from core.errors import FrameError
from inference.model import Options
from inference.models.refine.model import create
from inference.steadying import Steadying

HEIGHT, WIDTH = 112, 160
Frame = tuple[Float32, Float32]


class Shot:
    """Implements `inference.model.FrameSource`; (picture, true coverage) of some frames."""

    def __init__(self, frames: dict[int, Frame]) -> None:
        self.frames = frames

    def rgb(self, frame: int, long_edge_px: int | None = None) -> Float32:
        assert long_edge_px is None or long_edge_px >= WIDTH
        if frame not in self.frames:
            raise FrameError(f"Frame {frame}", "is not there", "Choose another.")
        return self.frames[frame][0]

    def shape(self) -> tuple[int, int]:
        return HEIGHT, WIDTH

    def only(self, *frames: int) -> Shot:
        return Shot({frame: self.frames[frame] for frame in frames})


@pytest.fixture(scope="module")
def shot() -> Shot:
    chance = np.random.default_rng(8)
    skin = cv2.resize(chance.uniform(0.3, 0.9, (28, 40, 3)).astype(np.float32), (WIDTH, HEIGHT))
    skin = skin * np.array([1, 1, 0.3], np.float32)
    wall = cv2.resize(chance.uniform(0.02, 0.5, (40, 70, 3)).astype(np.float32), (WIDTH + 40, HEIGHT))
    wall = wall * np.array([0.4, 1, 1], np.float32)
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    frames = {}
    for frame in range(3):
        moved = np.array([[1, 0, 1.25 * frame], [0, 1, 0.5 * frame]], np.float32)
        front = cv2.warpAffine(skin, moved, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        alpha = np.clip((38 - np.hypot(x - 76 - 1.25 * frame, y - 56 - 0.5 * frame)) / 7 + 0.5, 0, 1)[..., None]
        rgb = alpha * front + (1 - alpha) * wall[:, 3 * frame : 3 * frame + WIDTH]
        rgb = rgb * chance.normal(1, 0.06, rgb.shape) + chance.normal(0, 0.004, rgb.shape)
        frames[frame] = (rgb.astype(np.float32), alpha[..., 0].astype(np.float32))
    return Shot(frames)


def steadying(source: Shot, reach: int, method: str = "guided") -> Steadying:
    model = create(Path())
    options = {"band_px": 9, "method": method, "steady": reach}
    return Steadying(source, options, lambda rgb, c, fixed, asked: model.refine(rgb, c, fixed, asked, lambda: False))


def hard(coverage: Float32) -> Float32:
    return (coverage >= 0.5).astype(np.float32)


def test_it_flickers_less_and_is_no_less_right(shot: Shot) -> None:
    def measured(reach: int) -> tuple[float, float]:
        refining = steadying(shot, reach, "colors")
        found = [refining.refined(frame, rgb, hard(true), None) for frame, (rgb, true) in shot.frames.items()]
        wrong = [alpha - true for alpha, (_, true) in zip(found, shot.frames.values(), strict=True)]
        flicker = np.mean([np.square(after - before).mean() for before, after in pairwise(wrong)])
        return float(np.square(wrong).mean()), float(flicker)

    (error, flicker), (steady_error, steady_flicker) = measured(0), measured(1)

    assert steady_flicker < 0.75 * flicker
    assert steady_error < error


def test_what_is_solid_or_fixed_stays_bit_for_bit(shot: Shot) -> None:
    rgb, true = shot.frames[1]
    matte = hard(true)
    matte[50:60, 100:125] = np.float32(0.3125)
    fixed = np.zeros_like(matte)
    fixed[50:60, 100:125] = 1.0
    fixed[20:40, 60:80] = 0.5

    alone = steadying(shot, 0).refined(1, rgb, matte, fixed)
    steady = steadying(shot, 1).refined(1, rgb, matte, fixed)

    changed = alone != matte
    assert np.array_equal(steady[50:60, 100:125], matte[50:60, 100:125])
    assert np.array_equal(steady[46:66, 62:90], matte[46:66, 62:90])
    assert not np.array_equal(steady[changed], alone[changed])


def test_the_answer_is_the_same_whichever_frames_were_asked_before(shot: Shot) -> None:
    rgb, true = shot.frames[2]
    after_others = steadying(shot, 1)
    for frame in (0, 1):
        after_others.refined(frame, shot.frames[frame][0], hard(shot.frames[frame][1]), None)

    answer = after_others.refined(2, rgb, hard(true), None)

    assert np.array_equal(answer, steadying(shot, 1).refined(2, rgb, hard(true), None))


def test_a_frame_that_is_missing_beside_it_says_nothing(shot: Shot) -> None:
    rgb, true = shot.frames[1]

    alone = steadying(shot.only(1), 0).refined(1, rgb, hard(true), None)

    assert np.array_equal(steadying(shot.only(1), 1).refined(1, rgb, hard(true), None), alone)


def test_a_cut_beside_it_changes_next_to_nothing(shot: Shot) -> None:
    rgb, true = shot.frames[1]
    other = np.random.default_rng(2).uniform(0, 1, rgb.shape).astype(np.float32)
    cut = Shot({1: shot.frames[1], 2: (other, true)})

    alone = steadying(cut, 0).refined(1, rgb, hard(true), None)

    assert np.abs(steadying(cut, 1).refined(1, rgb, hard(true), None) - alone).mean() < 0.002


def test_a_large_band_is_asked_at_half_its_size(shot: Shot, monkeypatch: pytest.MonkeyPatch) -> None:
    plate, true = shot.frames[1]
    asked: list[float] = []
    model = create(Path())

    def refine(rgb: Float32, coverage: Float32, fixed: Float32 | None, options: Options) -> Float32:
        asked.append(options["band_px"])
        assert rgb.shape[0] == HEIGHT * options["band_px"] / 9
        return model.refine(rgb, coverage, fixed, options, lambda: False)

    monkeypatch.setattr("inference.steadying._MOST_ASKED", 2000)
    alone = steadying(shot, 0).refined(1, plate, hard(true), None)

    found = Steadying(shot, {"band_px": 9, "method": "guided", "steady": 1}, refine).refined(1, plate, hard(true), None)

    assert asked == [9, 4.5, 4.5]
    assert np.square(found - true).mean() < 1.02 * np.square(alone - true).mean()


def test_where_the_whole_edge_is_told_unknown_the_neighbours_are_told_so_to_the_last_pixel(shot: Shot) -> None:
    """A rim of half-told pixels would pull the whole edge towards the matte that does not count."""
    rgb, true = shot.frames[1]
    unknown = (true > 0) & (true < 1)
    asked: list[Float32] = []
    model = create(Path())

    def refine(rgb: Float32, coverage: Float32, fixed: Float32 | None, options: Options) -> Float32:
        assert fixed is not None
        asked.append(fixed)
        return model.refine(rgb, coverage, fixed, options, lambda: False)

    trimap, fixed = np.where(unknown, 0.5, hard(true)), np.where(unknown, 0.5, 1.0)
    Steadying(shot, {"steady": 1}, refine).refined(1, rgb, trimap.astype(np.float32), fixed.astype(np.float32))

    assert len(asked) == 3
    assert all(set(np.unique(each)) == {0.5, 1.0} for each in asked)
