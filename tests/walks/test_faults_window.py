"""kill -9 of the window's process in the middle of work: what was finished is there when it is opened again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from app.sample_shot import SampleShot
from core.delivery import ExportPlan
from core.disk import TEMPORARY
from core.exr import read_channels
from core.project_file import Project
from inference.client import EngineClient
from tests.app.fake_engine import FakeEngine
from tests.walks.conftest import wait_until
from tests.walks.fault_desk import FaultDesk, desk_on, is_gone

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(os.name != "posix", reason="kill -9 and children as POSIX has them"),
]


@dataclass
class Killed:
    """What a window said before it was killed."""

    project: Path
    lines: list[dict[str, Any]] = field(default_factory=list)

    def all(self, what: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["said"] == what]

    def last(self, what: str) -> dict[str, Any]:
        return self.all(what)[-1]


def work_and_kill(folder: Path, sample: SampleShot, what: str, until: str, times: int = 1) -> Killed:
    """Run a window until it has said `until` so many times, then kill -9; its engine must end by itself."""
    command = [sys.executable, "-m", "tests.walks.window_driver", str(folder), str(sample.plate_pattern), what]
    killed = Killed(folder / "work.penumbra")
    errors = (folder / "window.log").open("w+")
    with (
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as window,
        errors,
    ):
        assert window.stdout is not None
        try:
            for line in window.stdout:
                killed.lines.append(json.loads(line))
                if len(killed.all(until)) >= times:
                    break
            errors.seek(0)
            assert len(killed.all(until)) >= times, errors.read()
            engines = psutil.Process(window.pid).children()
        finally:
            window.kill()
        killed.lines += [json.loads(line) for line in window.stdout.read().splitlines() if line.endswith("}")]
    assert engines
    wait_until(lambda: all(is_gone(engine) for engine in engines), 10, "the end of the engine")
    return killed


@contextmanager
def reopened(killed: Killed, folder: Path, engine: Any) -> Iterator[FaultDesk]:
    """The killed window's project in a new session that began empty, as an artist opens it again."""
    desk = desk_on(engine, Project.scratch(folder / "autosave"), folder)
    try:
        desk.studio.open(killed.project)
        desk.until(lambda: desk.studio.document.shot.plate is not None, "Opening the project")
        yield desk
    finally:
        desk.studio.close()


def test_in_the_middle_of_a_stroke(tmp_path: Path, sample: SampleShot) -> None:
    """Click and three strokes are there, the unfinished fourth is not; the matte is the one that was on screen."""
    killed = work_and_kill(tmp_path, sample, "stroke", "middle")

    with reopened(killed, tmp_path, FakeEngine()) as desk:
        layer = desk.studio.document.shot.layers[0]
        kept = layer.key_frame(sample.frames.first)
        assert len(kept.prompts) == 1
        assert len(kept.correction.strokes) == killed.last("stroke")["strokes"] == 3
        assert desk.studio.document.steps == killed.last("middle")["steps"]
        matte, fresh = desk.studio.matte(layer.id, sample.frames.first)
        assert matte is not None
        assert fresh
        np.testing.assert_array_equal(matte.float32(), np.load(tmp_path / "shown.npy"))
        assert any("were recovered" in message.text for message in desk.said)
        desk.studio.document.undo()
        assert len(desk.studio.document.shot.layers[0].key_frame(sample.frames.first).correction.strokes) == 2


def test_in_the_middle_of_a_propagation(tmp_path: Path, sample: SampleShot) -> None:
    """The frames that had arrived are there, and the new window asks for the others only."""
    killed = work_and_kill(tmp_path, sample, "propagate", "matte", times=4)
    # The last one that was said may not have reached the disk yet: it is written behind the artist's back.
    finished = {line["frame"] for line in killed.all("matte")[:3]}

    engine = EngineClient.local(tmp_path / "engine")
    with reopened(killed, tmp_path, engine) as desk:
        layer_id = desk.studio.document.shot.layers[0].id
        known = desk.studio.freshness(layer_id).fresh
        before = {frame: desk.studio.matte(layer_id, frame)[0] for frame in known}
        assert finished <= known
        assert known < set(sample.frames), "the window was killed too late to be in the middle"
        arrived: list[int] = []
        desk.studio.matte_ready.connect(lambda place: arrived.append(place[1]))
        desk.studio.propagate(layer_id)
        desk.settle()
        assert sorted(arrived) == sorted(set(sample.frames) - known)
        assert desk.studio.freshness(layer_id).fresh == set(sample.frames)
        for frame, matte in before.items():
            assert matte is not None
            np.testing.assert_array_equal(desk.studio.matte(layer_id, frame)[0].float32(), matte.float32())  # type: ignore[union-attr]
        assert not desk.troubles


def test_in_the_middle_of_an_export(tmp_path: Path, sample: SampleShot) -> None:
    """Every file under its name is whole and true; nothing half-written counts; resume writes the rest only."""
    killed = work_and_kill(tmp_path, sample, "export", "file", times=12)
    out = tmp_path / "out"
    present = sorted(out.glob("*.exr"))

    with reopened(killed, tmp_path, FakeEngine()) as desk:
        studio = desk.studio
        layers = studio.document.shot.layers
        total = len(layers) * len(sample.frames)
        assert max(line["files"] for line in killed.all("file")) <= len(present) < total
        assert studio.freshness(layers[0].id).fresh == set(sample.frames)
        plan = ExportPlan(str(out / "{layer}.####.exr"), tuple(layer.id for layer in layers), sample.frames)
        assert desk.export(plan) is None
        assert "exists already" in desk.troubles[-1]

        for path in present:
            check_whole(desk, path)
        report = desk.export(replace(plan, resume=True))
        assert report is not None
        assert (report.kept, report.written) == (len(present), total - len(present))
        files = sorted(out.glob("*.exr"))
        assert len(files) == total
        for path in files:
            check_whole(desk, path)
    assert not [path for path in out.iterdir() if path.name.startswith(".")]
    assert not list(killed.project.rglob(f"{TEMPORARY}*"))


def check_whole(desk: FaultDesk, path: Path) -> None:
    """The file's matte is the project's."""
    name, frame = path.name.removesuffix(".exr").rsplit(".", 1)
    layer = next(layer for layer in desk.studio.document.shot.layers if layer.name.replace(" ", "_") == name)
    plate = desk.studio.document.shot.plate
    assert plate is not None
    coverage = read_channels(path)["A"]
    matte, _ = desk.studio.matte(layer.id, int(frame))
    expected = np.zeros(plate.canvas.shape, np.float16) if matte is None else matte.half().over(plate.data_window)
    np.testing.assert_array_equal(coverage, expected)
