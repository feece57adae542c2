"""Tiny random public networks in a real engine: clicks, following, edges, and encodings kept for another day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from core.errors import EngineError
from core.jobs import JobState
from core.layer import ModelChoice
from core.matte import Matte
from core.plate import Plate
from core.prompts import Click
from inference.client import EngineClient
from inference.frames import LOCAL
from inference.messages import JobEvent, KeptFrame, PropagateRequest, RefineRequest, SegmentReply, SegmentRequest
from inference.server.service import Setup
from tests.inference.desk import engine_inside
from tests.inference.tiny_public import tiny_edgetam, tiny_sam2, tiny_vitmatte

TINY = ModelChoice("tiny-sam2")
WAIT_S = 90.0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("public")
    tiny_sam2(folder / "models" / "tiny-sam2")
    tiny_edgetam(folder / "models" / "tiny-edgetam")
    tiny_vitmatte(folder / "models" / "tiny-vitmatte")
    return folder


def opened(home: Path, name: str) -> AbstractContextManager[EngineClient]:
    """In this process, which has imported what these networks need; the walks have them in a child."""
    roots = {LOCAL: Path(Path.cwd().anchor)}
    return engine_inside(Setup(home / name, (home / "models",), roots, encodings=home / "encodings"))


@pytest.fixture(scope="module")
def tiny(home: Path) -> Iterator[EngineClient]:
    with opened(home, "engine") as client:
        yield client


def click(engine: EngineClient, plate: Plate, frame: int, *clicks: Click, model: ModelChoice = TINY) -> SegmentReply:
    return engine.segment(SegmentRequest("a", plate, "", frame, clicks, model)).result(WAIT_S)


def test_the_model_says_what_it_is(tiny: EngineClient) -> None:
    info = next(info for info in tiny.models().result(WAIT_S) if info.id == "tiny-sam2")

    assert info.tasks == ("segment", "propagate", "teach")
    assert info.license == "Apache-2.0"
    assert info.device in ("cpu", "gpu")
    assert info.weights_bytes > 1_000_000


@pytest.mark.parametrize("name", ["tiny-sam2", "tiny-edgetam"])
def test_the_second_click_finds_the_encoding(tiny: EngineClient, plate: Plate, name: str) -> None:
    """Also with another softness, which the encoding does not depend on; the timings say what each cost."""
    model, softer = ModelChoice(name), ModelChoice(name, {"softness": 1.0})
    first = click(tiny, plate, 1004, Click(20.5, 10.5), model=model)
    second = click(tiny, plate, 1004, Click(20.5, 10.5), Click(40.5, 30.5, adds=False), model=model)
    softened = click(tiny, plate, 1004, Click(20.5, 10.5), model=softer)

    assert [reply.encoding_hit for reply in (first, second, softened)] == [False, True, True]
    assert second.timings_ms["encode"] < first.timings_ms["encode"]
    assert second.matte.window == plate.canvas
    assert second.matte.float32()[30, 42] == 0.0


@pytest.mark.parametrize("name", ["tiny-sam2", "tiny-edgetam"])
def test_keys_are_followed_both_ways(tiny: EngineClient, plate: Plate, key_matte: Matte, name: str) -> None:
    events: list[JobEvent] = []
    request = PropagateRequest(plate, "", {1003: key_matte}, (1004, 1002, 1005), ModelChoice(name))

    tiny.start(request, events.append).done.result(WAIT_S)

    mattes = {event.frame: event.matte for event in events if event.matte is not None}
    assert sorted(mattes) == [1002, 1004, 1005]
    assert all(matte.provenance.model == name for matte in mattes.values())
    assert events[-1].state is JobState.DONE


def test_an_edge_is_refined_in_its_band(tiny: EngineClient, plate: Plate, key_matte: Matte) -> None:
    """The band changes; far inside and outside the matte is as it was; the origin says who made it."""
    events: list[JobEvent] = []
    request = RefineRequest(plate, "", {1003: key_matte}, ModelChoice("tiny-vitmatte", {"band_px": 2.0}), {})

    tiny.start(request, events.append).done.result(WAIT_S)

    refined = next(event.matte for event in events if event.matte is not None)
    changed = refined.over(plate.canvas) != key_matte.over(plate.canvas)
    assert changed.any()
    assert changed.mean() < 0.5
    assert refined.provenance.model == "tiny-vitmatte"


def test_a_night_s_encodings_answer_the_next_day(home: Path, tiny: EngineClient, plate: Plate) -> None:
    """Kept on disk at half precision; what is there already is only counted; another engine reads it: same answer."""
    first, again = [], []
    tiny.precompute(plate, "", (1010, 1011), TINY, first.append).result(WAIT_S)
    tiny.precompute(plate, "", (1010, 1011, 1012), TINY, again.append).result(WAIT_S)
    today = click(tiny, plate, 1010, Click(20.5, 10.5))

    with opened(home, "another") as other:
        tomorrow = click(other, plate, 1010, Click(20.5, 10.5))
        never = click(other, plate, 1030, Click(20.5, 10.5))

    assert [(kept.frame, kept.found, kept.error) for kept in first] == [(1010, False, ""), (1011, False, "")]
    assert [kept.found for kept in again] == [True, True, False]
    files = list((home / "encodings" / "tiny-sam2").rglob("*.safetensors"))
    assert sorted(file.stat().st_size for file in files) == sorted(kept.bytes for kept in again)
    assert (tomorrow.encoding_hit, never.encoding_hit) == (True, False)
    assert np.array_equal(today.matte.float32(), tomorrow.matte.float32())


def test_a_quick_model_keeps_nothing(tiny: EngineClient, plate: Plate) -> None:
    kept: list[KeptFrame] = []

    with pytest.raises(EngineError, match="keeps no encodings"):
        tiny.precompute(plate, "", (1001,), ModelChoice("segment"), kept.append).result(WAIT_S)

    assert not kept
