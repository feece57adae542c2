"""A link's frame and layer are shown once the shot is there, and never again after that."""

from __future__ import annotations

from tests.widgets.fake_studio import FakeStudio
from widgets.first_look import FirstLook
from widgets.view_state import ViewState


def test_the_frame_and_layer_of_a_link() -> None:
    """At the first change that brings a plate; a frame outside the shot is its nearest."""
    studio, view = FakeStudio(), ViewState()
    FirstLook(1005, "Sky").when_opened(studio.document, view)
    before = view.look.frame
    studio.put_plate()
    studio.put_layer("sky", "Sky")
    first = view.look.frame
    view.set(frame=1002)
    studio.put_layer("hero", "Hero")

    assert [before, first, view.look.frame] == [1, 1005, 1002]


def test_a_layer_is_found_by_its_name() -> None:
    """With a frame that is not there; one that is unknown changes nothing."""
    studio, view = FakeStudio(), ViewState()
    studio.put_layer("sky", "Sky")
    FirstLook(9999, "Sky").when_opened(studio.document, view)
    studio.put_plate()

    assert (view.look.frame, view.look.layer_id) == (1008, "sky")
