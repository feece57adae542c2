"""A recorded artist plays on the sample shot: clicks, propagate, one correction, teach, refine, export.

What the hand did is data (`app/recording.py`); how good the mattes are is measured against the sample shot's truth. The
studio is asked through `Hand`, which `app/headless.py` satisfies, so a test can play without an engine.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from app.console import Progress, say, say_json, table
from app.contact_sheet import SheetRow, contact_sheet, difference
from app.exporting import ExportReport
from app.headless import Headless
from app.picture_file import write_picture
from app.recording import RECORDING, Recording
from app.sample import sample_shot
from app.sample_shot import SampleShot
from core.arrays import Float32, UInt8
from core.color import ColorConfig
from core.delivery import ExportPlan
from core.exr import read_channels
from core.frames import FrameNumber, FrameRange
from core.geometry import Window
from core.jobs import JobState, JobStatus
from core.layer import LayerId
from core.matte import Matte
from core.plate_reader import PlateReader, open_plate
from core.prompts import Prompt, Stroke
from inference.engine import Engine

TEACH_S = 60.0
SHEET_FRAMES = 6
BACKING = (0.18, 0.30, 0.36)
"""Scene-linear color behind the fox on the contact sheet: dull, and far from fur."""


class Hand(Protocol):
    """What the artist does, each call finished when it returns. All in plate pixels."""

    @property
    def layer_id(self) -> LayerId: ...

    def prompt(self, frame: FrameNumber, prompt: Prompt) -> Matte: ...
    def stroke(self, frame: FrameNumber, stroke: Stroke) -> Matte: ...
    def propagate(self) -> None: ...
    def teach(self, options: Mapping[str, Any]) -> dict[str, Any]: ...
    def refine(self) -> None: ...
    def export(self, plan: ExportPlan) -> ExportReport: ...
    def matte(self, frame: FrameNumber) -> Matte: ...


@dataclass(frozen=True, slots=True)
class Score:
    """Against the truth, over frames. `iou`: of coverage above a half. `mae`: mean absolute error over all pixels."""

    step: str
    iou: float
    mae: float
    seconds: float


def score(
    step: str, mattes: Mapping[FrameNumber, Float32], truth: Mapping[FrameNumber, Float32], seconds: float
) -> Score:
    """Means over the frames of `mattes`."""
    ious, errors = [], []
    for frame, coverage in mattes.items():
        inside, wanted = coverage >= 0.5, truth[frame] >= 0.5
        either = int(np.count_nonzero(inside | wanted))
        ious.append(np.count_nonzero(inside & wanted) / either if either else 1.0)
        errors.append(float(np.abs(coverage - truth[frame]).mean()))
    return Score(step, float(np.mean(ious)), float(np.mean(errors)), seconds)


def play_recording(
    hand: Hand, recording: Recording, frames: FrameRange, truth: Mapping[FrameNumber, Float32], canvas: Window
) -> tuple[list[Score], dict[str, dict[FrameNumber, Float32]], dict[str, Any]]:
    """Play it; returns a score after every step, the mattes before and after teaching, and what Teach said.

    Scores are means over the frames the artist did not touch.
    """
    touched = {recording.clicked, recording.corrected}
    scores: list[Score] = []
    started = time.monotonic()

    def measure(step: str) -> dict[FrameNumber, Float32]:
        mattes = {frame: hand.matte(frame).over(canvas) for frame in frames}
        untouched = {frame: coverage for frame, coverage in mattes.items() if frame not in touched}
        scores.append(score(step, untouched, truth, time.monotonic() - started))
        return mattes

    for prompt in recording.prompts:
        hand.prompt(recording.clicked, prompt)
    hand.propagate()
    measure("clicks, propagated")
    for stroke in recording.strokes:
        hand.stroke(recording.corrected, stroke)
    hand.propagate()
    before = measure("correction, propagated: before teaching")
    taught = hand.teach({"seconds": TEACH_S, "clock": "patient"})
    hand.propagate()
    measure("after teaching")
    hand.refine()
    after = measure("after teaching and refining")
    return scores, {"before": before, "after": after}, taught


def play(engine: Engine, output: Path, progress: Progress, *, as_json: bool = False) -> int:
    """The whole demonstration; writes mattes and `contact_sheet.png` below `output`. Returns the exit code."""
    color = ColorConfig.load("")
    shot = made(progress)
    plate = open_plate(shot.plate_pattern, color)
    truth = read_truth(shot)
    with Headless(engine, plate, "", shot.frames, "fox", progress) as hand:
        scores, mattes, taught = play_recording(hand, RECORDING, shot.frames, truth, plate.canvas)
        plan = ExportPlan(
            path=str(output / "mattes" / "sample_fox_v001.####.exr"),
            layers=(hand.layer_id,),
            frames=shot.frames,
            overwrite=True,
        )
        report = hand.export(plan)
    progress.close()
    sheet = output / "contact_sheet.png"
    reader = PlateReader(plate, color)
    pictures = {frame: reader.read(frame).rgb_over(plate.canvas) for frame in sheet_frames(shot.frames)}
    write_picture(sheet, before_after(pictures, mattes["before"], mattes["after"], truth, color))
    if as_json:
        rows = [asdict(each) for each in scores]
        say_json({"scores": rows, "teach": taught, "export": report.as_dict(), "contact_sheet": str(sheet)})
    else:
        say(table([{"": s.step, "IoU": round(s.iou, 4), "mean abs. error": round(s.mae, 5)} for s in scores]))
        say(f"Means over {len(shot.frames) - 2} frames the artist did not touch, against the true mattes.")
        say(report.sentence)
        say(f"Before and after teaching: {sheet}")
    return 0


def made(progress: Progress) -> SampleShot:
    """The sample shot, with a bar while it is made for the first time."""

    def show(part: float) -> None:
        state = JobState.DONE if part >= 1.0 else JobState.RUNNING
        progress.show([JobStatus("sample", "load", "Make the sample shot", state, part)])

    return sample_shot(show)


def read_truth(shot: SampleShot) -> dict[FrameNumber, Float32]:
    """The true coverage of every frame, (H, W) float32."""
    return {frame: read_channels(shot.matte(frame))["A"].astype(np.float32) for frame in shot.frames}


def sheet_frames(frames: FrameRange) -> list[FrameNumber]:
    """A few frames, evenly spread, without the very first and last."""
    places = np.linspace(frames.first, frames.last, SHEET_FRAMES + 2)[1:-1]
    return [round(float(place)) for place in places]


def before_after(
    pictures: Mapping[FrameNumber, Float32],
    before: Mapping[FrameNumber, Float32],
    after: Mapping[FrameNumber, Float32],
    truth: Mapping[FrameNumber, Float32],
    color: ColorConfig,
) -> UInt8:
    """The contact sheet: plate, both comps over a plain color, and both differences from the truth."""
    shown = color.display(color.default_display, color.default_view)

    def display(rgb: Float32) -> UInt8:
        opaque = np.ones((*rgb.shape[:2], 1), np.float32)
        return shown.apply(np.ascontiguousarray(np.concatenate([rgb, opaque], axis=2), dtype=np.float16))[..., :3]

    def comp(rgb: Float32, coverage: Float32) -> UInt8:
        backing = np.array(BACKING, np.float32)
        return display(backing + (rgb - backing) * coverage[..., None])

    rows = []
    for frame, rgb in pictures.items():
        cells = (
            display(rgb),
            comp(rgb, before[frame]),
            comp(rgb, after[frame]),
            difference(before[frame], truth[frame]),
            difference(after[frame], truth[frame]),
        )
        errors = [float(np.abs(mattes[frame] - truth[frame]).mean()) for mattes in (before, after)]
        rows.append(SheetRow(frame, cells, f"error {errors[0]:.4f} > {errors[1]:.4f}"))
    titles: Sequence[str] = ("plate", "before teaching", "after teaching", "before - truth", "after - truth")
    return contact_sheet(titles, rows, cell_width_px=420)
