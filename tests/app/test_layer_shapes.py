"""Shapes as a whole at the desk: a job, one step of undo, files, and sentences where it cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from core.commands import PutBack, StyleLayer
from core.frames import FrameRange
from core.jobs import JobState
from core.layer import KeyFrame
from core.matte import Matte
from tests.app.conftest import FRAMES, WINDOW, Desk
from widgets.shaping import FitOrder
from widgets.studio import Message, Severity


@pytest.fixture
def discs(desk: Desk) -> Desk:
    """The layer has a disc that moves on every frame but the last."""
    rows, columns = np.ogrid[: WINDOW.height, : WINDOW.width]
    layer = desk.studio.document.shot.layer(desk.layer)
    for frame in list(FRAMES)[:-1]:
        away = np.hypot(columns + 0.5 - 24 - 2 * (frame - FRAMES.first), rows + 0.5 - 24)
        desk.studio.bench.mattes.store.put(
            f"disc{frame}", Matte(WINDOW, np.clip(15.5 - away, 0, 1).astype(np.float32)).half()
        )
        layer = layer.with_key_frame(frame, KeyFrame(base=f"disc{frame}", frozen=True))
    desk.studio.bench.auto_renew = False
    desk.studio.document.do(PutBack(desk.layer, layer))
    return desk


def told(desk: Desk) -> list[Message]:
    said: list[Message] = []
    desk.studio.message.connect(said.append)
    return said


def test_a_fit_is_a_job_and_one_step(discs: Desk) -> None:
    """A new layer of the same mattes, chosen; the old one as it was; undone at once; out to Nuke and in again."""
    studio, said, chosen = discs.studio, told(discs), list[str]()
    frames = FrameRange(FRAMES.first, FRAMES.last - 1)
    studio.shaping.fit(discs.layer, FitOrder(frames, 0.5, 12), chosen.append)
    discs.until(lambda: bool(chosen))

    document = studio.document
    hero, shapes = document.shot.layers
    (job,) = (job for job in studio.jobs() if job.kind == "shapes")
    assert (shapes.id, shapes.name, hero.shapes) == (chosen[0], "Hero shapes", ())
    assert (job.state, job.message) == (JobState.DONE, said[0].text)
    assert "1 shape" in said[0].text
    for frame in frames:
        matte, fresh = studio.matte(shapes.id, frame)
        assert fresh
        assert matte is not None
        true = studio.bench.mattes.store.get(f"disc{frame}")
        assert true is not None
        assert np.abs(matte.float32() - true.float32()).mean() < 0.01

    node = discs.folder / "hero.nk"
    studio.shaping.write(shapes.id, node)
    discs.until(node.exists)
    studio.shaping.read(discs.layer, node, chosen.append)
    discs.until(lambda: len(chosen) == 2)
    (again,) = document.shot.layer(discs.layer).shapes
    assert dict(again.keys) == dict(shapes.shapes[0].keys)
    assert [document.undo_label, len(document.shot.layers)] == ["Import shapes", 2]
    document.undo()
    assert document.shot.layer(discs.layer).shapes == ()
    document.undo()
    assert [layer.name for layer in document.shot.layers] == ["Hero"]


def test_what_stops_it_is_said(discs: Desk) -> None:
    """A frame without a matte; a layer without shapes; a locked one; a file that holds none; and the artist."""
    studio, said, chosen = discs.studio, told(discs), list[str]()
    studio.shaping.fit(discs.layer, FitOrder(FRAMES), chosen.append)
    studio.shaping.write(discs.layer, discs.folder / "none.nk")
    (discs.folder / "read.nk").write_text("Read {\n}\n")
    studio.shaping.read("", discs.folder / "read.nk", chosen.append)
    discs.until(lambda: len(said) == 3)
    studio.document.do(StyleLayer(discs.layer, "Hero", (1, 0, 0), visible=True, locked=True))
    studio.shaping.read(discs.layer, discs.folder / "read.nk", chosen.append)

    assert [each.severity for each in said] == [Severity.ERROR] * 3 + [Severity.INFO]
    assert said[0].text.startswith("Hero, frame 1006: 1 of 6 frames have no current matte.")
    assert said[1].text == "Hero: has no finished shape that is on. Draw or fit one first."
    assert "holds no Roto node" in said[2].text
    assert said[3].text == "Hero is locked. Unlock it first."

    studio.shaping.fit(discs.layer, FitOrder(FrameRange(1001, 1004)), chosen.append)
    (job,) = studio.jobs()
    studio.cancel(job.id)
    discs.until(lambda: studio.jobs()[0].state is JobState.CANCELLED)
    assert chosen == []
    assert len(studio.document.shot.layers) == 1
