"""The recorded artist: the order of the work, the score computed by hand, the sheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from app.demo import before_after, play_recording, score, sheet_frames
from app.exporting import ExportReport
from app.recording import RECORDING, Recording, line
from core.color import ColorConfig
from core.delivery import ExportPlan
from core.frames import FrameRange
from core.geometry import Window
from core.matte import Matte
from core.prompts import Click, Prompt, Stroke

CANVAS = Window(0, 0, 8, 4)
FRAMES = FrameRange(1, 4)


class FakeHand:
    """Answers half the picture; after teaching, all of the truth. Remembers what it was asked."""

    layer_id = "layer"

    def __init__(self, truth: Mapping[int, np.ndarray]) -> None:
        self.asked: list[str] = []
        self.truth = truth
        self.taught = False

    def prompt(self, frame: int, prompt: Prompt) -> Matte:
        self.asked.append(f"{type(prompt).__name__.lower()} {frame}")
        return self.matte(frame)

    def stroke(self, frame: int, stroke: Stroke) -> Matte:
        self.asked.append(f"paint {frame}")
        return self.matte(frame)

    def propagate(self) -> None:
        self.asked.append("propagate")

    def teach(self, options: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append("teach")
        self.taught = True
        return {"used": True}

    def refine(self) -> None:
        self.asked.append("refine")

    def export(self, plan: ExportPlan) -> ExportReport:
        raise AssertionError("the recording does not export by itself")

    def matte(self, frame: int) -> Matte:
        coverage = self.truth[frame] if self.taught else np.pad(np.ones((4, 2), np.float32), ((0, 0), (0, 6)))
        return Matte(CANVAS, coverage)


def test_the_artist_works_in_order_and_is_measured_after_each_step() -> None:
    """Clicks, propagate, the correction, propagate, teach, propagate, refine; frames that were touched do not count."""
    truth = {frame: np.pad(np.ones((4, 4), np.float32), ((0, 0), (0, 4))) for frame in FRAMES}
    hand = FakeHand(truth)
    recording = Recording(2, (Click(1, 1), Click(2, 2, adds=False)), 3, (line(1, (1, 1)),))
    scores, mattes, taught = play_recording(hand, recording, FRAMES, truth, CANVAS)
    assert hand.asked == ["click 2", "click 2", "propagate", "paint 3", "propagate", "teach", "propagate", "refine"]
    assert taught == {"used": True}
    assert [each.iou for each in scores] == [0.5, 0.5, 1.0, 1.0]
    assert [each.mae for each in scores] == [0.25, 0.25, 0.0, 0.0]
    assert sorted(mattes["before"]) == [1, 2, 3, 4]


def test_score_of_a_soft_matte() -> None:
    """IoU counts coverage from a half; the error counts all of it."""
    truth = {1: np.array([[1.0, 1.0, 0.0, 0.0]], np.float32)}
    found = score("soft", {1: np.array([[0.9, 0.4, 0.1, 0.0]], np.float32)}, truth, 1.0)
    assert found.iou == 0.5
    assert found.mae == pytest.approx((0.1 + 0.6 + 0.1) / 4)


def test_score_of_an_empty_frame_is_perfect_when_nothing_is_found() -> None:
    """A frame without the subject is right when it is empty."""
    empty = {1: np.zeros((2, 2), np.float32)}
    assert score("empty", empty, empty, 1.0).iou == 1.0


def test_recording_lies_on_the_sample_shot() -> None:
    """Prompts and strokes are inside the picture, frames inside the shot, and both frames differ."""
    assert RECORDING.clicked != RECORDING.corrected
    for frame in (RECORDING.clicked, RECORDING.corrected):
        assert frame in FrameRange(1001, 1036)
    for stroke in RECORDING.strokes:
        for point in stroke.points:
            assert 0 <= point.x < 1280
            assert 0 <= point.y < 720


def test_sheet_shows_a_few_frames_of_five_columns() -> None:
    """One row a frame, evenly spread."""
    frames = sheet_frames(FrameRange(1001, 1036))
    assert frames == [1006, 1011, 1016, 1021, 1026, 1031]
    picture = {frame: np.full((36, 64, 3), 0.18, np.float32) for frame in frames[:2]}
    matte = {frame: np.ones((36, 64), np.float32) for frame in frames[:2]}
    sheet = before_after(
        picture, matte, matte, matte, ColorConfig.load("ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5")
    )
    assert sheet.shape[1] == 6 + 5 * (420 + 6)
    assert sheet.dtype == np.uint8
