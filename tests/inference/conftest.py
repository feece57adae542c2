"""Models without networks, a plate of eight small frames, and engines to run them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.exr_write import write_exr
from core.frames import FrameRange
from core.geometry import Format, Window
from core.matte import Matte
from core.plate import Plate
from inference.client import EngineClient
from inference.connection import Patience
from inference.server.limits import Limits
from inference.server.service import Setup
from inference.training.pictures.pool import PicturePool

FAKES = '''
"""Answers without networks: a disc at the clicks, keys copied with a shift, steps that sleep."""
import os
import time
from dataclasses import dataclass

import numpy as np

from core.errors import Cancelled
from core.prompts import Click
from inference.model import Propagated, TeachStep


@dataclass
class Encoded:
    shape: tuple
    mean: float
    nbytes: int = 1000


class Fake:
    def encode(self, rgb, options):
        time.sleep(options["encode_s"])
        return Encoded(rgb.shape[:2], float(rgb[0, 0, 0]))

    def segment(self, encoded, prompts, previous, options, cancelled):
        until = time.monotonic() + options["segment_s"]
        while time.monotonic() < until:
            if cancelled():
                raise Cancelled
            time.sleep(0.005)
        if options["crash"]:
            raise ZeroDivisionError("division by zero")
        if options["die"]:
            os.kill(os.getpid(), 9)
        y, x = np.mgrid[: encoded.shape[0], : encoded.shape[1]] + 0.5
        coverage = np.zeros(encoded.shape, np.float32) if previous is None else previous.copy()
        for prompt in prompts:
            if isinstance(prompt, Click):
                disc = (x - prompt.x) ** 2 + (y - prompt.y) ** 2 <= options["radius"] ** 2
                coverage = np.where(disc, 0.5 if prompt.adds else 0.0, coverage).astype(np.float32)
        return coverage, encoded.mean

    def propagate(self, source, keys, frames, adapter, options, cancelled):
        for frame in frames:
            if cancelled():
                raise Cancelled
            time.sleep(options["step_s"])
            nearest = min(keys, key=lambda key: abs(key - frame))
            source.rgb(frame, 16)
            yield Propagated(frame, np.roll(keys[nearest], frame - nearest, axis=1), 0.75)

    def teach(self, source, lessons, resume_from, options, cancelled):
        first = int(resume_from.decode()) if resume_from else 0
        for step in range(first + 1, options["steps"] + 1):
            if cancelled():
                raise Cancelled
            time.sleep(options["step_s"])
            adapter = str(step).encode() if step % 5 == 0 or step == options["steps"] else b""
            metrics = {"loss": 1.0 / step, "held_out_error": 0.5 / step, "pid": float(os.getpid())}
            previews = {lessons[0].frame: lessons[0].coverage} if step == options["steps"] else {}
            yield TeachStep(step, step / options["steps"], metrics, adapter, previews)

    def refine(self, rgb, coverage, fixed, options, cancelled):
        time.sleep(options["step_s"])
        return coverage * np.float32(0.5)


def create(folder):
    return Fake()
'''


def number(default: float, kind: str = "number") -> dict[str, object]:
    return {"type": kind, "title": "Number", "default": default, "minimum": 0, "maximum": 10000}


MANIFEST = {
    "id": "fake",
    "version": "1.0",
    "label": "Fake",
    "tasks": ["segment", "propagate", "teach", "refine"],
    "license": "Apache-2.0",
    "trainable": True,
    "options": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "radius": number(4.0),
            "encode_s": number(0.0),
            "segment_s": number(0.0),
            "step_s": number(0.01),
            "steps": number(20, "integer"),
            "crash": {"type": "boolean", "title": "Crash", "default": False},
            "die": {"type": "boolean", "title": "Die", "default": False},
        },
    },
}


def write_fake(parent: Path) -> Path:
    folder = parent / "models" / "fake"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(MANIFEST))
    (folder / "model.py").write_text(FAKES)
    return folder.parent


@pytest.fixture(scope="session")
def small_pool(tmp_path_factory: pytest.TempPathFactory) -> PicturePool:
    """Eight generated scenes of 64 pixels, to learn from."""
    pool = PicturePool(tmp_path_factory.mktemp("small-pool"), 64, per_shard=8)
    pool.fill(8)
    return pool


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    """A folder of models with one in it, `fake`."""
    return write_fake(tmp_path)


WINDOW = Window(-2, 0, 62, 40)


@pytest.fixture(scope="session")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Plate:
    """Frames 1001-1040 of 64 x 40; the data window begins left of the display; every pixel is the frame / 4000."""
    folder = tmp_path_factory.mktemp("plate")
    screen = Format(Window(0, 0, 60, 40))
    for frame in range(1001, 1041):
        channels = {name: np.full(WINDOW.shape, frame / 4000, np.float16) for name in "RGB"}
        write_exr(folder / f"plate.{frame}.exr", channels, data_window=WINDOW, format=screen, compression="none")
    return Plate(
        "p", "plate", folder / "plate.####.exr", FrameRange(1001, 1040), screen, WINDOW, "ACEScg", rate=Fraction(24)
    )


@pytest.fixture
def key_matte() -> Matte:
    """A square of 0.5 on nothing."""
    coverage = np.zeros(WINDOW.shape, np.float32)
    coverage[10:20, 10:20] = 0.5
    return Matte(WINDOW, coverage, 1.0)


@pytest.fixture(scope="session")
def patience() -> Patience:
    """Quick enough for tests, slow enough for a loaded machine."""
    return Patience(pulse=0.3, doubt=1.5, silence=4.0, silence_away=3.0, back_off=(0.0, 0.2, 0.5))


@pytest.fixture
def engine(tmp_path: Path, model_dir: Path, patience: Patience) -> Iterator[EngineClient]:
    """A child process with the fake models."""
    client = EngineClient.local(tmp_path / "data", [model_dir], patience=patience, arguments=("--heartbeat", "0.3"))
    yield client
    client.close()


@pytest.fixture(scope="session")
def shared_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    """One child process for all tests that leave it as they found it."""
    home = tmp_path_factory.mktemp("engine")
    client = EngineClient.local(home / "data", [write_fake(home)])
    yield client
    client.close()


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Wait for something to become true, at most 20 s."""

    def wait(happened: Callable[[], object]) -> None:
        deadline = time.monotonic() + 20.0
        while not happened():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.01)

    return wait


@pytest.fixture
def setup(tmp_path: Path, model_dir: Path, plate: Plate) -> Setup:
    limits = Limits(max_blob_bytes=5_000_000, user_blob_quota_bytes=9_000_000, max_queued_jobs_per_user=3)
    return Setup(tmp_path / "data", (model_dir,), {"show": plate.path.parent}, limits, heartbeat_s=0.2)
