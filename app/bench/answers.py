"""How long an artist waits for a click's matte, first and next, on generated pictures with known truth.

Clicks fall where the simulated artist of `protocol.py` lets them fall, so that each of them corrects something. In the
process: the model alone, on one core. Through the engine: tool's command, document, engine in a process of its own,
matte store, viewport. Beside the time by the clock stands the time on the processor, which says more where other work
goes on.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np

from app.bench import screen
from app.bench.protocol import next_click
from app.cli.engine_options import local_engine
from app.console import Progress
from app.headless import Headless
from core.arrays import Bool, Float32
from core.color import ColorConfig
from core.exr import write_exr
from core.frames import FrameNumber, FrameRange
from core.geometry import Format, Window
from core.plate import Plate
from core.plate_reader import open_plate
from core.prompts import Click
from inference.model import SegmentModel
from inference.registry import InstalledModel, Registry
from inference.training.pictures.scene import Scene
from inference.training.pictures.unseen import FIRST_SEED
from widgets.view_state import Look

SIZES = {"1k": (1024, 540), **screen.SIZES}
FRAMES = FrameRange(1001, 1004)
"""One picture each; the first is only there to wake the engine."""
CLICKS = 6
"""On each picture."""
_DRAWN_PX = 512
"""Longer edge that pictures are generated at before they are enlarged."""
_SMALLEST = 0.02
"""Part of the picture that the subject covers at the least."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """`rgb`: (H, W, 3) scene-linear; `truth`: (H, W) what is to be selected."""

    rgb: Float32
    truth: Bool


@dataclass(slots=True)
class Waited:
    """Milliseconds by the clock, and on the processor."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def add(self, clock_ms: float, processor_ms: float) -> None:
        self.clock.append(clock_ms)
        self.processor.append(processor_ms)

    def row(self, case: str, method: str) -> dict[str, Any]:
        """As `screen.row`, with `cpu_ms` and `cpu_p95`."""
        spent = screen.row(case, method, self.processor)
        return {**screen.row(case, method, self.clock), "cpu_ms": spent["ms"], "cpu_p95": spent["p95"]}


def subjects(count: int, size: tuple[int, int]) -> list[Subject]:
    """Pictures of `size` (width, height) that nothing was trained on, with grain of their own; always the same."""
    found: list[Subject] = []
    shape = (round(_DRAWN_PX * size[1] / size[0]), _DRAWN_PX)
    seed = FIRST_SEED
    while len(found) < count:
        frame = Scene(seed, shape).frame()
        mattes: list[Float32] = [*frame.mattes.values(), np.zeros(shape, np.float32)]
        matte = mattes[int(np.argmax([float(each.sum()) for each in mattes]))]
        if float((matte >= 0.5).mean()) >= _SMALLEST:
            rgb = cv2.resize(frame.rgb.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
            grain = 0.01 * np.random.default_rng(seed).standard_normal(rgb.shape, np.float32)
            truth = cv2.resize(matte.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) >= 0.5
            found.append(Subject(np.asarray(rgb + grain, np.float32), np.asarray(truth)))
        seed += 1
    return found


def run(models: Sequence[str], sizes: Sequence[str], *, engine: bool = True) -> Iterator[dict[str, Any]]:
    """Rows of the cases `click_1k`, `click_2k`, `click_4k`, whose methods begin with the model's name.

    `first`, in the process: encoding and the first answer; the picture is in memory. `next`: the clicks after it.
    Through the engine `first click` is on a frame that was looked at before, `first click, unseen` on one that must
    be read and encoded, and `first click, cold` is the very first, with the start of the engine and the loading of
    the model.
    """
    registry = Registry()
    for size in sizes:
        pictures = subjects(len(FRAMES) - 1, SIZES[size])
        for name in models:
            yield from _in_process(registry.find(name, "segment"), pictures, f"click_{size}")
        if engine:
            with tempfile.TemporaryDirectory(prefix="penumbra-bench-") as folder:
                plate = _write_plate(Path(folder), [pictures[0], *pictures])
                for name in models:
                    yield from _through_engine(name, plate, [pictures[0], *pictures], f"click_{size}")


def _in_process(model: InstalledModel, pictures: Sequence[Subject], case: str) -> Iterator[dict[str, Any]]:
    options = model.options({})
    first, later = Waited(), Waited()
    for number, picture in enumerate([pictures[0], *pictures]):  # the first one twice: it loads the model
        clicks: list[Click] = []
        got = np.zeros(picture.truth.shape, bool)
        encoded: object = None
        while len(clicks) < CLICKS and (click := next_click(picture.truth, got, None, clicks)) is not None:
            clicks.append(click)
            clock, processor = time.perf_counter(), time.process_time()
            with model.use() as network:
                segmenter = cast(SegmentModel, network)
                encoded = segmenter.encode(picture.rgb, options) if encoded is None else encoded
                coverage, _ = segmenter.segment(encoded, tuple(clicks), None, options, lambda: False)
            spent = (time.perf_counter() - clock) * 1e3, (time.process_time() - processor) * 1e3
            if number > 0:
                (first if len(clicks) == 1 else later).add(*spent)
            got = np.asarray(coverage >= 0.5)
    yield first.row(case, f"{model.info.id}, first")
    yield later.row(case, f"{model.info.id}, next")


def _through_engine(name: str, plate: Plate, pictures: Sequence[Subject], case: str) -> Iterator[dict[str, Any]]:
    from widgets.viewport.stopwatch import Stopwatch  # Qt is wanted only once the bench runs

    cold, unseen, first, later = Waited(), Waited(), Waited(), Waited()
    with Headless(local_engine(), plate, "", FRAMES, "bench", Progress(quiet=True)) as work:
        began = time.perf_counter(), time.process_time()
        work.choose_models(name)
        watch = Stopwatch(work.studio, Look(frame=FRAMES.first, layer_id=work.layer_id))
        try:
            for frame, picture in zip(FRAMES, pictures, strict=True):
                clicks = [cast(Click, next_click(picture.truth, np.zeros(picture.truth.shape, bool)))]
                watch.view.set(frame=frame)
                before = Click(clicks[0].x + 1, clicks[0].y, clicks[0].adds)
                spent = _click(work, watch.viewport, frame, before)
                if frame == FRAMES.first:
                    clock = (time.perf_counter() - began[0]) * 1e3
                    cold.add(clock, spent[1] + (time.process_time() - began[1]) * 1e3)
                    continue
                unseen.add(*spent)
                work.studio.document.undo()
                first.add(*_click(work, watch.viewport, frame, clicks[0]))
                while len(clicks) < CLICKS:
                    got = np.asarray(work.matte(frame).over(plate.canvas) >= 0.5)
                    click = next_click(picture.truth, got, None, clicks)
                    if click is None:
                        break
                    clicks.append(click)
                    later.add(*_click(work, watch.viewport, frame, click))
        finally:
            watch.close()
    yield later.row(case, f"{name}, next click")
    yield first.row(case, f"{name}, first click")
    yield unseen.row(case, f"{name}, first click, unseen")
    yield cold.row(case, f"{name}, first click, cold")


def _click(work: Headless, viewport: screen.Repaints, frame: FrameNumber, click: Click) -> tuple[float, float]:
    """Milliseconds by the clock, and on the processor in the engine and here together."""
    clock, processor = time.perf_counter(), time.process_time()
    work.prompt(frame, click)
    viewport.repaint()
    here_ms = (time.process_time() - processor) * 1e3
    return (time.perf_counter() - clock) * 1e3, here_ms + float(work.answers[-1]["ms"].get("cpu", 0.0))


def _write_plate(folder: Path, pictures: Sequence[Subject]) -> Plate:
    for frame, picture in zip(FRAMES, pictures, strict=True):
        height, width = picture.truth.shape
        halves = picture.rgb.astype(np.float16)
        channels = {name: np.ascontiguousarray(halves[..., place]) for place, name in enumerate("RGB")}
        window = Window.of_size(width, height)
        write_exr(folder / f"plate.{frame}.exr", channels, data_window=window, format=Format(window))
    return open_plate(folder / "plate.####.exr", ColorConfig.load())
