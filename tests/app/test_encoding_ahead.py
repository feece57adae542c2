"""The frame under the artist's eyes is encoded before a click comes, for the model that will answer it."""

from __future__ import annotations

from dataclasses import replace

from core.commands import AddLayer, ChooseModels
from core.layer import Layer, ModelChoice
from tests.app.conftest import Desk


def wished(desk: Desk) -> list[tuple[int, str]]:
    """Frames and the models they were encoded for, since the last call."""
    frames, models = desk.engine.prefetched, desk.engine.prefetched_by
    found = [(frame, model.name) for some, model in zip(frames, models, strict=True) for frame in some]
    frames.clear()
    models.clear()
    return found


def other_model(desk: Desk) -> ChooseModels:
    layer = desk.studio.document.shot.layer("hero")
    return ChooseModels("hero", ModelChoice("other"), layer.propagate, layer.refine)


def test_where_the_hand_rests_and_not_where_it_passes(desk: Desk) -> None:
    usual = desk.studio.document.shot.layer("hero").segment.name
    wished(desk)
    desk.studio.look_at(1002, playing=True)
    desk.studio.look_at(1003, playing=True)

    desk.studio.look_at(1004)

    assert wished(desk) == [(1004, usual)]


def test_the_chosen_layers_model_is_asked(desk: Desk) -> None:
    """Not the first layer's."""
    desk.studio.document.do(AddLayer(replace(Layer("second", "Second"), segment=ModelChoice("other"))))
    wished(desk)

    desk.studio.look_at(1002, layer_id="second")

    assert wished(desk) == [(1002, "other")]


def test_another_model_encodes_the_frame_that_is_looked_at(desk: Desk) -> None:
    """At once, and also when the choice is undone; while playing, no frame is looked at."""
    usual = desk.studio.document.shot.layer("hero").segment.name
    desk.studio.look_at(1002, layer_id="hero")
    wished(desk)

    desk.studio.document.do(other_model(desk))
    desk.studio.document.undo()
    assert wished(desk) == [(1002, "other"), (1002, usual)]

    desk.studio.look_at(1003, playing=True)
    desk.studio.document.do(other_model(desk))
    assert wished(desk) == []


def test_before_there_is_a_layer_the_next_ones_model_is_asked(desk: Desk) -> None:
    while desk.studio.document.shot.layers:
        desk.studio.document.undo()
    wished(desk)

    desk.studio.look_at(1002)

    assert [frame for frame, _ in wished(desk)] == [1002]
