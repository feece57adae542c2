"""Colors of comps are made on a worker, once, and shown when they are there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from app.foregrounds import Foregrounds
from core.commands import AddLayer
from core.document import Document
from core.foreground.commands import SetForeground
from core.foreground.steps import Despill, Foreground
from core.geometry import Format, Window
from core.layer import Layer
from core.matte import Matte
from core.picture import Picture
from tests.app.fake_hall import fake_hall


def test_a_comp_s_colors_come_when_they_are_made() -> None:
    """The plate meanwhile; then the foreground, the same one each time; undo finds the plate at once."""
    window = Window.of_size(32, 24)
    rgba = np.full((24, 32, 4), 0.5, np.float16)
    rgba[..., 1] = 2.0
    picture = Picture(rgba, window, Format(window))
    matte = Matte(window, np.ones(window.shape, np.float16))
    document, posted, ready = Document(), list[Callable[[], None]](), list[str]()
    document.do(AddLayer(Layer("hero", "Hero")))
    room = Foregrounds(fake_hall(document, post=posted.append))
    room.ready.connect(ready.append)
    try:
        assert room.picture("hero", picture, matte) == (picture, True)
        document.do(SetForeground("hero", Foreground((Despill(),))))
        assert room.picture("hero", picture, matte) == (picture, False)
        while not posted:
            pass
        posted.pop()()
        made, there = room.picture("hero", picture, matte)

        assert (there, ready) == (True, ["hero"])
        assert made.rgba[5, 5].tolist() == [0.5, 0.5, 0.5, 0.5]
        assert room.picture("hero", picture, matte)[0] is made
        room.try_on("hero", Foreground((Despill(strength=0.5),)))
        assert room.picture("hero", picture, matte)[1] is False
        room.try_on("hero", None)
        document.undo()
        assert room.picture("hero", picture, matte) == (picture, True)
    finally:
        room.close()
