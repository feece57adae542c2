"""What an artist may rely on: solid strokes survive whatever is computed, what was approved never changes, and a matte
says what made it. The engine is as hostile as it can be: what it propagates and refines is noise."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from app.exporting import ExportReport
from app.studio import PenumbraStudio
from core.arrays import Float32
from core.commands import AddCorrection, AddPrompt, ClearKeyFrame
from core.delivery import ExportPlan
from core.document import Document
from core.exr import read_channels, read_header
from core.finish import Finish
from core.finish_commands import SetFinish
from core.finish_steps import Grow
from core.frames import FrameRange
from core.jobs import JobState
from core.layer import EMPTY_MATTE
from core.matte import Matte, Provenance
from core.painting import StrokePainter
from core.project_file import Project
from core.prompts import Click
from core.review import WHOLE_PICTURE, ReviewStatus
from core.review_commands import SetReviewStatus
from inference.messages import JobEvent, JobRequest, PropagateRequest, RefineRequest
from tests.app.conftest import FRAMES, WINDOW, Desk
from tests.app.fake_engine import FakeEngine, FakeJob
from widgets.studio import TeachResult

RADIUS_PX = 6.0
SOLID_PX = 3.0
"""Within so much of a stroke's middle it is solid; beyond `RADIUS_PX` and a pixel it does nothing."""
LAYER = "hero"


class NoisyEngine(FakeEngine):
    """Answers every propagation and refinement with other noise."""

    def __init__(self) -> None:
        super().__init__()
        self.noise = np.random.default_rng(3)

    def _run(self, request: JobRequest, job: FakeJob, on_event: Callable[[JobEvent], None]) -> None:
        if not isinstance(request, PropagateRequest | RefineRequest) or job.done.done():
            super()._run(request, job, on_event)
            return
        name = "propagate" if isinstance(request, PropagateRequest) else "refine"
        frames = request.frames if isinstance(request, PropagateRequest) else tuple(request.mattes)
        for number, frame in enumerate(frames, 1):
            made = Provenance(name, name, "1.2", name[:2] * 32, "", "engine")
            matte = Matte(WINDOW, self.noise.random(WINDOW.shape, np.float32), 0.5, made)
            on_event(JobEvent(number, JobState.RUNNING, number / len(frames), frame, matte))
        job.done.set_result(None)


@pytest.fixture
def noisy(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk, in front of a noisy engine, with nothing to wait for."""
    monkeypatch.setattr("app.workbench.RENEW_AFTER_S", 0.0)
    engine = NoisyEngine()
    monkeypatch.setattr(desk.engine, "_run", engine._run)
    desk.studio.document.do(AddPrompt(LAYER, 1001, Click(20.0, 24.0), EMPTY_MATTE))
    desk.settle()
    desk.studio.propagate(LAYER)
    desk.settle()
    return desk


class Artist:
    """Does anything at random, and remembers what was painted by rules of its own."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.studio, self.random = desk, desk.studio, random.Random(seed)
        self.law: dict[int, Float32] = {}
        """By frame, (H, W): 0 or 1 where a stroke was solid last, NaN elsewhere."""
        self.offers: list[TeachResult] = []
        desk.studio.teach_offered.connect(self.offers.append)

    def paint(self) -> None:
        frame = self.random.choice(list(FRAMES))
        x, y, adds = self.random.uniform(0, 64), self.random.uniform(0, 48), self.random.random() < 0.5
        painter = StrokePainter(WINDOW, RADIUS_PX, adds=adds)
        painter.move(x, y)
        self.studio.document.do(AddCorrection(LAYER, frame, painter.stroke(), self.studio.shown_key(LAYER, frame)))
        rows, columns = np.mgrid[0:48, 0:64] + 0.5
        away = np.hypot(columns - x, rows - y)
        law = self.law.setdefault(frame, np.full(WINDOW.shape, np.nan, np.float32))
        law[(away <= RADIUS_PX + 1) & (law != float(adds))] = np.nan
        law[away <= SOLID_PX] = float(adds)

    def click(self) -> None:
        frame = self.random.choice(list(FRAMES))
        click = Click(self.random.uniform(0, 64), self.random.uniform(0, 48))
        self.studio.document.do(AddPrompt(LAYER, frame, click, self.studio.shown_key(LAYER, frame)))

    def propagate(self) -> None:
        self.studio.propagate(LAYER)

    def teach(self) -> None:
        self.desk.engine.adapter = self.random.randbytes(8)
        self.studio.teach(LAYER)
        self.desk.settle()
        self.studio.answer_teach(self.offers[-1], use=True)

    def refine(self) -> None:
        self.studio.refine(LAYER)

    def does_anything(self) -> str:
        act = self.random.choice([self.paint, self.paint, self.click, self.propagate, self.teach, self.refine])
        act()
        self.desk.settle()
        return act.__name__


def shown(desk: Desk, frame: int) -> tuple[bytes, str]:
    """The very bytes on screen, and their key."""
    matte, _fresh = desk.studio.matte(LAYER, frame)
    assert matte is not None
    return matte.coverage.tobytes(), desk.studio.reviewing.seen(LAYER, frame)[0]


def approve(desk: Desk, frame: int, layer_id: str = LAYER) -> None:
    room = desk.studio.reviewing
    key, _fresh = room.seen(layer_id, frame)
    sealed = room.sealable(layer_id, frame)
    desk.studio.document.do(SetReviewStatus(frame, layer_id, ReviewStatus.APPROVED, key, "ann", "", sealed))
    desk.settle()


@pytest.mark.parametrize("seed", range(6))
def test_solid_strokes_survive_everything_bit_for_bit(noisy: Desk, seed: int) -> None:
    """After each of ten acts at random: painting elsewhere, clicking, propagating, teaching and using it, refining."""
    artist = Artist(noisy, seed)
    artist.paint()
    noisy.settle()

    for _ in range(10):
        did = artist.does_anything()
        for frame, law in artist.law.items():
            decided: npt.NDArray[np.bool_] = ~np.isnan(law)
            matte, fresh = noisy.studio.matte(LAYER, frame)
            assert matte is not None
            assert fresh, (did, frame)
            np.testing.assert_array_equal(matte.over(WINDOW)[decided], law[decided], f"{did}, frame {frame}")


@pytest.mark.parametrize("seed", range(3))
def test_what_is_approved_never_changes(noisy: Desk, seed: int) -> None:
    """One frame the artist painted, one that was carried: the same bytes on screen, compared and delivered after eight
    acts at random and another finish; the frame goes on only when the approval is taken back."""
    artist = Artist(noisy, seed)
    noisy.studio.document.do(SetFinish(LAYER, Finish((Grow(1.0),))))
    before = {frame: shown(noisy, frame) for frame in (1001, 1004)}
    for frame in before:
        approve(noisy, frame)

    for _ in range(8):
        artist.does_anything()
        assert {frame: shown(noisy, frame) for frame in before} == before
    noisy.studio.document.do(SetFinish(LAYER, Finish()))
    noisy.studio.document.do(ClearKeyFrame(LAYER, 1001))
    artist.click()
    noisy.settle()
    noisy.studio.propagate(LAYER)
    noisy.settle()

    assert {frame: shown(noisy, frame) for frame in before} == before
    assert set(before) <= noisy.studio.freshness(LAYER).fresh
    assert (
        delivered(noisy.studio, noisy, 1004) == np.frombuffer(before[1004][0], np.float16).astype(np.float32).tobytes()
    )
    noisy.studio.document.do(SetReviewStatus(1004, LAYER, ReviewStatus.NONE))
    noisy.settle()
    assert shown(noisy, 1004)[0] != before[1004][0]
    assert shown(noisy, 1001) == before[1001]


def delivered(studio: PenumbraStudio, desk: Desk, frame: int) -> bytes:
    """The matte of a frame as it is read back from an exported file, (48, 64) float32."""
    return export(studio, desk, frame)[0].tobytes()


def export(studio: PenumbraStudio, desk: Desk, frame: int) -> tuple[Float32, dict[str, str]]:
    reports: list[ExportReport] = []
    studio.exported.connect(reports.append)
    studio.export(
        ExportPlan(str(desk.folder / "out" / "hero.####.exr"), (LAYER,), FrameRange(frame, frame), overwrite=True)
    )
    desk.until(lambda: bool(reports))
    path = desk.folder / "out" / f"hero.{frame}.exr"
    attributes = read_header(path).parts[0].attributes
    said = {name: str(text) for name, text in attributes.items() if name.startswith("penumbra/")}
    return np.ascontiguousarray(read_channels(path)["A"], np.float32), said


def test_an_approval_of_the_whole_frame_seals_every_layer(noisy: Desk) -> None:
    approve(noisy, 1003, WHOLE_PICTURE)
    before = shown(noisy, 1003)
    Artist(noisy, 1).refine()
    noisy.settle()

    assert dict(noisy.studio.document.shot.sealed) == {(LAYER, 1003): before[1]}
    assert shown(noisy, 1003) == before
    noisy.studio.document.undo()
    noisy.studio.document.undo()
    assert dict(noisy.studio.document.shot.sealed) == {}


def test_what_is_approved_is_kept_with_the_project(noisy: Desk) -> None:
    """Its matte is on disk before the approval is, survives tidying up, and is the same when the project is opened."""
    approve(noisy, 1004)
    before = shown(noisy, 1004)
    Artist(noisy, 2).refine()
    noisy.settle()
    noisy.studio.saving.save()
    noisy.until(lambda: not noisy.studio.corrections.busy)

    project = noisy.studio._project
    project.collect(Document(replace(noisy.studio.document.shot, layers=())), most_bytes=0)
    copy = noisy.folder / "copy.penumbra"
    project.save_as(copy)
    project.close()
    opened = Project.open(copy)
    again = opened.store.get(opened.shot.sealed[LAYER, 1004])
    opened.close()

    assert again is not None
    assert again.coverage.tobytes() == before[0]


def test_a_delivered_matte_says_what_made_it(noisy: Desk) -> None:
    """Read back from the file: model, version, weights, what it was taught, the key frames it was carried from, what
    refined it; also after the adapter was renamed in the layer's list or is another one."""
    artist = Artist(noisy, 5)
    artist.teach()
    noisy.settle()
    artist.refine()
    noisy.settle()
    name = artist.offers[-1].name

    said = export(noisy.studio, noisy, 1003)[1]

    assert said["penumbra/madeBy"] == "propagate+refine"
    assert (said["penumbra/model"], said["penumbra/modelVersion"]) == ("propagate", "1.2")
    assert said["penumbra/weights"] == "pr" * 32
    assert said["penumbra/adapter"] == artist.offers[-1].asset
    assert said["penumbra/adapterName"] == name
    assert said["penumbra/keyFrames"] == "1001"
    assert said["penumbra/refinedBy"] == f"refine 1.2 {'re' * 32}"
    assert said["penumbra/matteKey"] == shown(noisy, 1003)[1]
