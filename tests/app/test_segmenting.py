"""Clicks to mattes: a coarse answer first where the full one would be late, and nothing out of order on screen."""

from __future__ import annotations

import numpy as np
import pytest

from app.answer_pace import GOAL_MS, AnswerPace
from core.commands import AddCorrection, AddLayer, AddPrompt
from core.layer import EMPTY_MATTE, KeyFrame, Layer
from core.prompts import Click, Stroke, StrokePoint
from tests.app.conftest import Desk
from tests.app.fake_engine import MODELS, THOUGHTFUL, refused
from tests.app.test_hovering import drain

HERE, THERE = Click(12.5, 12.5), Click(50.5, 30.5)


@pytest.fixture
def late(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose model understands `quick` and is known to be late, and whose answers are held back."""
    desk.engine.known = (THOUGHTFUL, *MODELS[1:])
    desk.studio.refresh_models()
    desk.until(lambda: desk.studio.models("segment") == (THOUGHTFUL,))
    monkeypatch.setattr(AnswerPace, "slow", lambda *_: True)
    desk.engine.hold = True
    return desk


def click(desk: Desk, prompt: Click) -> None:
    desk.studio.document.do(AddPrompt("hero", 1001, prompt, desk.studio.shown_key("hero", 1001)))


def seen(desk: Desk) -> tuple[np.ndarray, bool, bool]:
    """(coverage, fresh, coarse) on screen."""
    drain(desk)
    matte, fresh = desk.studio.matte("hero", 1001)
    assert matte is not None
    return matte.float32(), fresh, desk.studio.is_coarse("hero", 1001)


def quick(desk: Desk) -> list[bool]:
    return [bool(request.model.options.get("quick")) for request in desk.engine.segments]


def test_the_coarse_answer_is_shown_and_the_full_one_takes_its_place(late: Desk) -> None:
    """The full one is asked for when the coarse one is there, which is never fresh and is kept nowhere."""
    click(late, HERE)
    assert quick(late) == [True]
    assert late.studio.bench.busy

    late.engine.release_one()
    coverage, fresh, coarse = seen(late)
    assert (coverage[12, 12], fresh, coarse) == (0.75, False, True)
    plate = late.studio.document.shot.plate
    assert plate is not None
    key = late.studio.document.shot.layer("hero").matte_key(plate.identity, 1001)
    assert not late.studio.bench.mattes.store.has(key)
    assert late.studio.bench.mattes.delivered(late.studio.document.shot.layer("hero"), 1001) is None

    assert quick(late) == [True, False]
    late.engine.release_one()
    coverage, fresh, coarse = seen(late)
    assert (coverage[12, 12], fresh, coarse) == (1.0, True, False)


def test_a_coarse_answer_to_another_layer_does_not_lose_the_full_one(late: Desk) -> None:
    """A click elsewhere cancels what was only to be looked at; the matte of the first one comes all the same."""
    late.studio.document.do(AddLayer(Layer("other", "Other")))
    click(late, HERE)
    late.studio.document.do(AddPrompt("other", 1001, THERE, EMPTY_MATTE))
    drain(late)
    late.engine.release()
    late.settle()

    assert [late.studio.matte(layer, 1001)[1] for layer in ("hero", "other")] == [True, True]


def test_the_next_click_drops_the_coarse_answer_of_the_one_before(late: Desk) -> None:
    """Only answers to all the prompts there are now are shown."""
    click(late, HERE)
    click(late, THERE)
    late.engine.release_one(0)
    drain(late)
    assert not late.studio.is_coarse("hero", 1001)

    late.engine.release()
    late.settle()

    coverage, fresh, _ = seen(late)
    assert fresh
    assert (coverage[12, 12], coverage[30, 50]) == (1.0, 1.0)


def test_undo_takes_a_coarse_answer_away(late: Desk) -> None:
    """The key of before is current again, and the full answer that comes later changes nothing on screen."""
    click(late, HERE)
    late.engine.release_one()
    assert seen(late)[2]

    late.studio.document.undo()
    assert not late.studio.is_coarse("hero", 1001)
    matte, _ = late.studio.matte("hero", 1001)
    assert matte is None or not matte.coverage.any()

    late.engine.release()
    drain(late)
    matte, _ = late.studio.matte("hero", 1001)
    assert matte is None or not matte.coverage.any()
    late.studio.document.redo()
    assert seen(late)[1:] == (True, False)


def test_a_coarse_answer_wears_the_correction(late: Desk) -> None:
    """What was painted is law on a first answer too; it goes when more is painted, until the full one is there."""
    stroke = Stroke((StrokePoint(30.5, 30.5),), 4.0)
    late.studio.document.do(AddCorrection("hero", 1001, stroke, EMPTY_MATTE))
    click(late, HERE)
    late.engine.release_one()

    coverage, fresh, coarse = seen(late)
    assert (coverage[12, 12], coverage[30, 30], fresh, coarse) == (0.75, 1.0, False, True)

    late.studio.document.do(AddCorrection("hero", 1001, Stroke((StrokePoint(40.5, 30.5),), 4.0), EMPTY_MATTE))
    assert not late.studio.is_coarse("hero", 1001)
    late.engine.release()
    late.settle()
    coverage, fresh, _ = seen(late)
    assert (coverage[12, 12], coverage[30, 30], coverage[30, 40], fresh) == (1.0, 1.0, 1.0, True)


def test_when_the_full_answer_fails_the_coarse_one_goes(late: Desk) -> None:
    """A first answer that nothing follows would be a lie; the error is said."""
    said: list[str] = []
    late.studio.message.connect(lambda message: said.append(message.text))
    click(late, HERE)
    late.engine.release_one()
    assert seen(late)[2]

    late.engine.fail_one(refused("is out of memory"))
    drain(late)

    assert not late.studio.is_coarse("hero", 1001)
    assert any("is out of memory" in text for text in said)


def test_a_model_that_knows_no_quick_is_asked_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """However late it is: an option that is not in its schema is never sent."""
    monkeypatch.setattr(AnswerPace, "slow", lambda *_: True)

    click(desk, HERE)

    assert quick(desk) == [False]


def test_a_frame_nobody_looks_at_is_asked_once(late: Desk) -> None:
    """A coarse answer is for the eye."""
    late.studio.document.do(AddPrompt("hero", 1004, HERE, EMPTY_MATTE))

    assert quick(late) == [False]


def test_a_layer_that_comes_with_its_first_click_is_answered(desk: Desk) -> None:
    """One command, one undo step: the layer and its matte go together and come back together."""
    layer = Layer("new", "New").with_key_frame(1001, KeyFrame(prompts=(HERE,)))
    desk.studio.document.do(AddLayer(layer))
    desk.settle()
    matte, fresh = desk.studio.matte("new", 1001)
    assert fresh
    assert matte is not None

    desk.studio.document.undo()
    assert desk.studio.document.shot.find("new") is None
    desk.studio.document.redo()

    again, fresh = desk.studio.matte("new", 1001)
    assert fresh
    assert again is not None
    np.testing.assert_array_equal(again.coverage, matte.coverage)


def test_the_pace_is_slow_above_the_goal_and_steady_around_it() -> None:
    """Unknown: large plates are slow. One odd answer changes nothing; around the goal it does not flicker."""
    pace = AnswerPace()
    assert pace.slow("m", "plate", 4096 * 2304)
    assert not pace.slow("m", "plate", 1920 * 1080)

    for _ in range(3):
        pace.note("m", "plate", GOAL_MS * 1.5)
    assert pace.slow("m", "plate", 1)
    pace.note("m", "plate", 1.0)
    assert pace.slow("m", "plate", 1)
    for _ in range(3):
        pace.note("m", "plate", GOAL_MS * 0.9)
    assert pace.slow("m", "plate", 1)
    for _ in range(3):
        pace.note("m", "plate", GOAL_MS * 0.5)
    assert not pace.slow("m", "plate", 1)
    assert not pace.slow("other", "plate", 1)
