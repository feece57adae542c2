"""The trimap under the hand and over the picture."""

from __future__ import annotations

import numpy as np

from core.geometry import Window
from core.prompts import Stroke
from core.trimap_commands import PaintTrimap
from core.trimap_mark import Mark
from tests.widgets.test_tools import Bench
from widgets.tools.tool import PointerEvent
from widgets.tools.trimap import INKS, TrimapTool
from widgets.trimaps import SeenTrimap
from widgets.view_state import Look
from widgets.viewport.pane import Pane
from widgets.viewport.trimap_overlay import AMBER, trimap_table, with_trimap


def painted(bench: Bench, mark: Mark, button: str = "left") -> PaintTrimap:
    bench.view.set(trimap_mark=mark)
    bench.context = type(bench.context)(bench.studio, bench.view, bench.viewport)
    gesture = TrimapTool().press(PointerEvent("press", 10, 10, button=button), bench.context)  # type: ignore[arg-type]
    assert gesture is not None
    next(gesture)
    gesture.send(PointerEvent("move", 20, 12))
    try:
        gesture.send(PointerEvent("release", 20, 12))
    except StopIteration as ended:
        command = ended.value
    assert isinstance(command, PaintTrimap)
    return command


def test_a_stroke_marks_what_was_chosen_and_the_right_button_the_other() -> None:
    bench = Bench()

    found = [painted(bench, Mark.UNKNOWN), painted(bench, Mark.UNKNOWN, "right"), painted(bench, Mark.OUTSIDE, "right")]

    assert [each.stroke.mark for each in found] == [Mark.UNKNOWN, Mark.OUTSIDE, Mark.INSIDE]
    assert found[0].frame == 1003
    assert found[0].stroke.stroke.points[-1].x == 20
    assert bench.view.look.trimap, "what is painted is shown"
    shown = [what[1] for what in bench.viewport.asked if what[0] == "show_prompt"]
    assert isinstance(shown[0], Stroke)
    assert shown[-1] is None
    inks = [what[2] for what in bench.viewport.asked if what[0] == "show_prompt" and what[1] is not None]
    assert list(dict.fromkeys(inks)) == [INKS[Mark.UNKNOWN], INKS[Mark.OUTSIDE], INKS[Mark.INSIDE]]


def test_nothing_is_painted_without_a_layer_and_it_says_so() -> None:
    bench = Bench(layer=False)

    assert TrimapTool().press(PointerEvent("press", 10, 10), bench.context) is None
    assert "no layer" in bench.said[0]


def test_the_overlay_takes_the_place_of_mattes_and_never_mixes_samples() -> None:
    bench = Bench()
    pixels = np.zeros((48, 64), np.uint8)
    pixels[:, 32:] = 255
    bench.studio.trimaps.seen = SeenTrimap(Window(0, 0, 64, 48), pixels)

    pane = with_trimap(bench.studio, Look(frame=1003, layer_id="hero", trimap=True), Pane())

    assert len(pane.overlays) == 1
    assert set(np.unique(pane.overlays[0].coverage.level(3).values)) == {0, 255}
    unknown = int(trimap_table().entries[128])
    red, alpha = (unknown >> 16) & 255, unknown >> 24
    assert round(red * 255 / alpha) in range(AMBER[0] - 2, AMBER[0] + 3)
    assert with_trimap(bench.studio, Look(layer_id="hero"), Pane()) == Pane()
