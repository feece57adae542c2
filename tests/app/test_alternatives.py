"""Part and whole: offered where the answers differ, ended by the next prompt, chosen as one undoable step."""

from __future__ import annotations

import pytest

import app.alternatives
from core.commands import AddCorrection, AddPrompt, ChooseModels, RemoveLayer, SetReach, StyleLayer
from core.layer import EMPTY_MATTE, SEGMENTER, ModelChoice
from core.prompts import Box, Click, Prompt, Stroke, StrokePoint
from tests.app.conftest import Desk
from tests.app.fake_engine import MODELS, THOUGHTFUL
from tests.app.test_hovering import drain

HERE, THERE = Click(20.5, 20.5), Click(50.5, 30.5)


@pytest.fixture
def ambiguous(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose model answers larger discs for the whole, smaller ones for the part, and rests for nobody."""
    monkeypatch.setattr(app.alternatives, "RESTS_S", 0.0)
    desk.engine.known = (THOUGHTFUL, *MODELS[1:])
    desk.studio.refresh_models()
    desk.until(lambda: desk.studio.models("segment") == (THOUGHTFUL,))
    return desk


def click(desk: Desk, prompt: Prompt = HERE) -> None:
    desk.studio.document.do(AddPrompt("hero", 1001, prompt, desk.studio.shown_key("hero", 1001)))
    desk.settle()


def offered(desk: Desk) -> list[tuple[str, float | None, bool]]:
    return [(each.word, each.reach, each.chosen) for each in desk.studio.alternatives.of("hero", 1001)]


def offer(desk: Desk) -> None:
    assert desk.studio.alternatives.look_for("hero", 1001)
    desk.until(lambda: bool(offered(desk)))


def test_the_part_and_the_whole_are_asked_for_in_full_and_one_after_the_other(ambiguous: Desk) -> None:
    """After the click's own answer; smallest first in what is offered, the one that stands marked."""
    click(ambiguous)
    ambiguous.engine.hold = True
    assert ambiguous.studio.alternatives.look_for("hero", 1001)
    ambiguous.until(lambda: ambiguous.engine.held == 1)

    ambiguous.engine.release()
    ambiguous.until(lambda: bool(offered(ambiguous)))

    assert offered(ambiguous) == [("part", 0.25, False), ("as is", None, True), ("whole", 4.0, False)]
    asked = [request.model.options for request in ambiguous.engine.segments[1:]]
    assert asked == [{"reach": 0.25}, {"reach": 4.0}]
    sizes = [int((each.matte.coverage > 0).sum()) for each in ambiguous.studio.alternatives.of("hero", 1001)]
    assert sizes == sorted(sizes)


def test_choosing_is_one_undoable_step_of_that_frame(ambiguous: Desk) -> None:
    """There at once, asked for once, taken back with one undo; other frames and the layer's options stay."""
    click(ambiguous)
    offer(ambiguous)
    ambiguous.engine.hold = True
    steps = ambiguous.studio.document.steps

    ambiguous.studio.alternatives.choose("hero", 1001, 4.0)

    assert ambiguous.studio.document.steps == steps + 1
    assert offered(ambiguous)[2] == ("whole", 4.0, True)
    assert ambiguous.engine.held == 0
    matte, fresh = ambiguous.studio.matte("hero", 1001)
    assert matte is not None
    assert (matte.coverage[20, 34], fresh) == (1.0, True)
    assert ambiguous.engine.segments[-1].model.options == {"reach": 4.0}
    assert ambiguous.studio.document.shot.layer("hero").segment == ModelChoice(SEGMENTER)

    ambiguous.studio.document.undo()
    matte, fresh = ambiguous.studio.matte("hero", 1001)
    assert matte is not None
    assert (matte.coverage[20, 34], fresh) == (0.0, True)
    assert offered(ambiguous)[1] == ("as is", None, True)


def test_choosing_what_stands_is_no_step(ambiguous: Desk) -> None:
    """Nothing to undo where nothing was done."""
    click(ambiguous)
    offer(ambiguous)
    steps = ambiguous.studio.document.steps

    ambiguous.studio.alternatives.choose("hero", 1001, None)

    assert ambiguous.studio.document.steps == steps


def test_the_next_prompt_ends_it_and_what_was_asked_is_given_up(ambiguous: Desk) -> None:
    """An answer that comes after it offers nothing."""
    click(ambiguous)
    ambiguous.engine.hold = True
    assert ambiguous.studio.alternatives.look_for("hero", 1001)
    ambiguous.until(lambda: ambiguous.engine.held == 1)

    ambiguous.studio.document.do(AddPrompt("hero", 1001, THERE, EMPTY_MATTE))
    ambiguous.engine.release()
    ambiguous.settle()
    drain(ambiguous)

    assert offered(ambiguous) == []
    asked = [request for request in ambiguous.engine.segments if "reach" in request.model.options]
    assert len(asked) == 1


@pytest.mark.parametrize(
    "prompts", [(HERE, THERE, HERE), (HERE, Click(3.5, 3.5, adds=False)), (Box(5, 5, 40, 40),)], ids=str
)
def test_who_said_more_is_asked_nothing(ambiguous: Desk, prompts: tuple[Prompt, ...]) -> None:
    """Three clicks, a click that takes away, or a box: it is clear enough what is meant."""
    for prompt in prompts:
        click(ambiguous, prompt)

    assert not ambiguous.studio.alternatives.look_for("hero", 1001)


def test_a_locked_layer_offers_nothing(ambiguous: Desk) -> None:
    """Choosing would change it."""
    click(ambiguous)
    offer(ambiguous)

    ambiguous.studio.document.do(StyleLayer("hero", "Hero", (1.0, 0.0, 0.0), visible=True, locked=True))

    assert offered(ambiguous) == []
    steps = ambiguous.studio.document.steps
    ambiguous.studio.alternatives.choose("hero", 1001, 4.0)
    assert ambiguous.studio.document.steps == steps
    assert not ambiguous.studio.alternatives.look_for("hero", 1001)


def test_a_painted_frame_and_a_model_without_reach_have_none(desk: Desk, ambiguous: Desk) -> None:
    """Painting says exactly what is meant; a model is never sent an option it would refuse."""
    click(ambiguous)
    stroke = Stroke((StrokePoint(30.5, 30.5),), 4.0)
    ambiguous.studio.document.do(AddCorrection("hero", 1001, stroke, EMPTY_MATTE))
    assert not ambiguous.studio.alternatives.look_for("hero", 1001)
    ambiguous.studio.document.undo()
    assert ambiguous.studio.alternatives.look_for("hero", 1001)

    desk.engine.known = MODELS
    desk.studio.refresh_models()
    desk.until(lambda: desk.studio.models("segment") == MODELS[:1])
    assert not desk.studio.alternatives.look_for("hero", 1001)
    desk.studio.document.do(SetReach("hero", 1001, 4.0))
    desk.settle()
    assert "reach" not in desk.engine.segments[-1].model.options


def test_answers_that_hardly_differ_are_not_offered(ambiguous: Desk) -> None:
    """The layer's own reach is near the whole's: only the part is another answer."""
    layer = ambiguous.studio.document.shot.layer("hero")
    choice = ModelChoice(SEGMENTER, {"reach": 3.9})
    ambiguous.studio.document.do(ChooseModels("hero", choice, layer.propagate, layer.refine))
    click(ambiguous)

    offer(ambiguous)

    assert [each[0] for each in offered(ambiguous)] == ["part", "as is"]


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({None: 5, 0.25: 2, 4.0: 9}, [("part", 0.25), ("as is", None), ("whole", 4.0)]),
        ({None: 1, 0.25: 2, 4.0: 9}, [("as is", None), ("more", 0.25), ("whole", 4.0)]),
        ({None: 9, 0.25: 2, 4.0: 5}, [("detail", 0.25), ("part", 4.0), ("as is", None)]),
        ({None: 2, 0.25: 9}, [("as is", None), ("whole", 0.25)]),
        ({None: 9, 4.0: 2}, [("part", 4.0), ("as is", None)]),
    ],
)
def test_a_word_says_what_is_seen(sizes: dict[float | None, int], words: list[tuple[str, float | None]]) -> None:
    """By how much each answer covers, whatever the model was asked for."""
    assert list(app.alternatives._named(sizes)) == words


def test_dismissed_stays_away_until_it_is_asked_for(ambiguous: Desk) -> None:
    """By itself it does not come back for the same prompts; with the key it does."""
    click(ambiguous)
    offer(ambiguous)

    ambiguous.studio.alternatives.dismiss()

    assert offered(ambiguous) == []
    assert not ambiguous.studio.alternatives.look_for("hero", 1001)
    assert ambiguous.studio.alternatives.look_for("hero", 1001, asked=True)
    ambiguous.until(lambda: bool(offered(ambiguous)))


def test_a_layer_that_goes_takes_its_offer_along(ambiguous: Desk) -> None:
    """Nothing is offered, and nothing fails when an answer comes late."""
    click(ambiguous)
    ambiguous.engine.hold = True
    ambiguous.studio.alternatives.look_for("hero", 1001)
    ambiguous.until(lambda: ambiguous.engine.held == 1)

    ambiguous.studio.document.do(RemoveLayer("hero"))
    ambiguous.engine.release()
    drain(ambiguous)

    assert offered(ambiguous) == []
