"""The preview under the pointer: it follows, it is never stale, it never queues, and it leaves no trace."""

from __future__ import annotations

import numpy as np
import pytest

from core.commands import AddPrompt
from core.layer import EMPTY_MATTE
from core.prompts import Click
from tests.app.conftest import Desk
from tests.app.fake_engine import MODELS, THOUGHTFUL


def drain(desk: Desk) -> None:
    """Let everything arrive that was posted, and what that posted."""
    for _ in range(3):
        came: list[bool] = []
        desk.loop.post(lambda came=came: came.append(True))  # type: ignore[misc]
        desk.until(lambda came=came: bool(came))  # type: ignore[misc]


def shown(desk: Desk, layer: str = "hero") -> np.ndarray | None:
    drain(desk)
    preview = desk.studio.preview(layer, 1001)
    return None if preview is None else preview.float32()


def test_at_most_one_question_is_on_its_way_and_only_the_newest_waits(desk: Desk) -> None:
    """Of a hundred places the pointer passed, the engine hears of the first and the last."""
    desk.engine.hold = True
    for x in range(100):
        desk.studio.hover("hero", 1001, Click(20 + x / 100, 20.5))
    assert len(desk.engine.segments) == 1

    desk.engine.release()
    desk.until(lambda: len(desk.engine.segments) == 2)

    assert [request.prompts[-1] for request in desk.engine.segments] == [Click(20, 20.5), Click(20.99, 20.5)]
    assert shown(desk) is not None


def test_an_answer_the_pointer_has_left_is_never_painted(desk: Desk) -> None:
    """The disc of the first place does not hold the pointer any more when it comes; the second one's does."""
    seen: list[bool] = []
    desk.studio.preview_ready.connect(lambda place: seen.append(desk.studio.preview(*place) is not None))
    desk.engine.hold = True
    desk.studio.hover("hero", 1001, Click(12.5, 12.5))
    desk.studio.hover("hero", 1001, Click(50.5, 30.5))

    desk.engine.release_one()
    desk.until(lambda: len(desk.engine.segments) == 2)
    assert seen == []
    desk.engine.release()
    desk.until(lambda: seen == [True])

    preview = shown(desk)
    assert preview is not None
    assert preview[30, 50] == 1.0
    assert preview[12, 12] == 0.0


def test_a_preview_goes_when_the_pointer_leaves_what_it_shows(desk: Desk) -> None:
    """And not a moment later: before the next answer is there."""
    desk.studio.hover("hero", 1001, Click(12.5, 12.5))
    desk.until(lambda: desk.studio.preview("hero", 1001) is not None)
    desk.engine.hold = True

    desk.studio.hover("hero", 1001, Click(14.5, 12.5))
    assert shown(desk) is not None
    desk.studio.hover("hero", 1001, Click(40.5, 12.5))

    assert desk.studio.preview("hero", 1001) is None


def test_letting_go_ends_it_at_once_and_for_good(desk: Desk) -> None:
    """Also when the answer is still on its way; nothing is asked afterwards."""
    desk.engine.hold = True
    desk.studio.hover("hero", 1001, Click(12.5, 12.5))
    desk.studio.hover("hero", 1001, Click(13.5, 12.5))
    desk.studio.hover("hero", 1001, None)

    desk.engine.release()

    assert shown(desk) is None
    assert len(desk.engine.segments) == 1
    desk.studio.hover("hero", 1001, Click(12.5, 12.5))
    desk.until(lambda: desk.studio.preview("hero", 1001) is not None)


def test_a_resting_pointer_asks_once(desk: Desk) -> None:
    """The same place again is no question."""
    for _ in range(5):
        desk.studio.hover("hero", 1001, Click(12.5, 12.5))
        drain(desk)

    desk.until(lambda: desk.studio.preview("hero", 1001) is not None)
    assert len(desk.engine.segments) == 1


def test_a_preview_needs_no_layer_and_makes_none(desk: Desk) -> None:
    """The layer that is not there yet is asked for as the first click would make it."""
    desk.studio.document.undo()
    assert desk.studio.document.shot.layers == ()

    desk.studio.hover("", 1001, Click(12.5, 12.5))
    desk.until(lambda: desk.studio.preview("", 1001) is not None)

    assert desk.studio.document.shot.layers == ()
    assert desk.engine.segments[0].prompts == (Click(12.5, 12.5),)


def test_what_was_authored_meanwhile_ends_the_preview(desk: Desk) -> None:
    """The preview was of one more prompt on what stood there; now something else stands there."""
    desk.studio.hover("hero", 1001, Click(12.5, 12.5))
    desk.until(lambda: desk.studio.preview("hero", 1001) is not None)

    desk.studio.document.do(AddPrompt("hero", 1001, Click(50.5, 30.5), EMPTY_MATTE))

    assert desk.studio.preview("hero", 1001) is None


def test_a_preview_disturbs_no_matte(desk: Desk) -> None:
    """It comes and goes without a word about mattes, and nothing of it is stored."""
    heard: list[tuple[str, int]] = []
    desk.studio.matte_ready.connect(heard.append)

    desk.studio.hover("hero", 1001, Click(12.5, 12.5))
    desk.until(lambda: desk.studio.preview("hero", 1001) is not None)
    desk.studio.hover("hero", 1001, None)
    drain(desk)

    assert heard == []
    assert desk.studio.matte("hero", 1001)[0] is None or not desk.studio.matte("hero", 1001)[0].coverage.any()  # type: ignore[union-attr]


def test_a_click_where_it_hovered_is_answered_already(desk: Desk) -> None:
    """The full answer to the very same prompts is there: the click costs no question."""
    click = Click(12.5, 12.5)
    desk.studio.hover("hero", 1001, click)
    desk.until(lambda: desk.studio.preview("hero", 1001) is not None)
    desk.studio.hover("hero", 1001, None)

    desk.studio.document.do(AddPrompt("hero", 1001, click, desk.studio.shown_key("hero", 1001)))

    matte, fresh = desk.studio.matte("hero", 1001)
    assert fresh
    assert matte is not None
    assert matte.coverage[12, 12] == 1.0
    assert len(desk.engine.segments) == 1


@pytest.fixture
def thoughtful(desk: Desk) -> Desk:
    """The same desk with a model that understands `quick`."""
    desk.engine.known = (THOUGHTFUL, *MODELS[1:])
    desk.studio.refresh_models()
    desk.until(lambda: desk.studio.models("segment") == (THOUGHTFUL,))
    return desk


def test_a_coarse_preview_is_shown_until_the_click_is_answered(thoughtful: Desk) -> None:
    """It is what the artist saw already; it is not stored, and the full answer takes its place."""
    desk, click = thoughtful, Click(12.5, 12.5)
    desk.studio.hover("hero", 1001, click)
    desk.until(lambda: desk.studio.preview("hero", 1001) is not None)
    assert desk.engine.segments[0].model.options == {"quick": True}
    desk.studio.hover("hero", 1001, None)
    desk.engine.hold = True

    desk.studio.document.do(AddPrompt("hero", 1001, click, desk.studio.shown_key("hero", 1001)))

    matte, fresh = desk.studio.matte("hero", 1001)
    assert (matte.coverage[12, 12], fresh, desk.studio.is_coarse("hero", 1001)) == (0.75, False, True)  # type: ignore[union-attr]
    desk.engine.release()
    desk.settle()
    matte, fresh = desk.studio.matte("hero", 1001)
    assert (matte.coverage[12, 12], fresh, desk.studio.is_coarse("hero", 1001)) == (1.0, True, False)  # type: ignore[union-attr]
