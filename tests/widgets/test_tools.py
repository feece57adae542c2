"""Gestures without Qt: what the hand does becomes one command, or nothing."""

from __future__ import annotations

import pytest

from core.commands import AddCorrection, AddLayer, AddPrompt, Command, ReplacePrompt
from core.geometry import Window
from core.layer import EMPTY_MATTE
from core.painting import StrokePainter
from core.prompts import Box, Click, Prompt, Stroke
from core.review import DrawnLine
from core.roto.shape import RotoShape
from tests.widgets.fake_studio import FakeStudio
from widgets.studio import Message
from widgets.tools.box import BoxTool, dragged
from widgets.tools.brush import BrushTool
from widgets.tools.click import ClickTool
from widgets.tools.pan import PanTool
from widgets.tools.pick import PickTool
from widgets.tools.scribble import ScribbleTool
from widgets.tools.tool import BrushSettings, Gesture, PointerEvent, Tool, ToolContext
from widgets.tools.toolbox import toolbox
from widgets.view_state import Look, ViewState


class FakeViewport:
    """Writes down what gestures ask of the view."""

    def __init__(self) -> None:
        self.brush = BrushSettings(6.0, 0.5, 0.75)
        self.asked: list[tuple[object, ...]] = []
        self.painters: list[StrokePainter] = []

    def set_brush(
        self, radius_px: float | None = None, hardness: float | None = None, opacity: float | None = None
    ) -> None:
        assert hardness is None
        assert opacity is None
        self.brush = BrushSettings(radius_px or self.brush.radius_px, self.brush.hardness, self.brush.opacity)

    def hold_cursor(self, x: float, y: float) -> None:
        self.asked.append(("hold_cursor", x, y))

    def pan_by(self, dx: float, dy: float) -> None:
        self.asked.append(("pan_by", dx, dy))

    def begin_stroke(self, painter: StrokePainter) -> None:
        self.painters.append(painter)

    def show_stroke(self, changed: Window) -> None:
        self.asked.append(("show_stroke", changed))

    def end_stroke(self, kept: bool) -> None:
        self.asked.append(("end_stroke", kept))

    @property
    def line_radius_px(self) -> float:
        return 2.0

    def show_prompt(self, prompt: Prompt | None, ink: str = "") -> None:
        self.asked.append(("show_prompt", prompt, ink))

    def show_drawing(self, line: DrawnLine | None, erased: frozenset[tuple[str, int]] = frozenset()) -> None:
        self.asked.append(("show_drawing", line, erased))

    @property
    def point_px(self) -> float:
        return 0.1

    def show_shape(self, shape: RotoShape | None) -> None:
        self.asked.append(("show_shape", shape))

    def sample(self, area: Box) -> None:
        self.asked.append(("sample", area))


class Bench:
    """A studio with a plate of 64x48, a look at 1003, a viewport, and ears for messages."""

    def __init__(self, *, layer: bool = True, **fields: object) -> None:
        self.studio = FakeStudio()
        self.studio.put_plate()
        if layer:
            self.studio.put_layer(**fields)
        self.view = ViewState(Look(frame=1003, layer_id="hero" if layer else ""))
        self.viewport = FakeViewport()
        self.context = ToolContext(self.studio, self.view, self.viewport)
        self.said: list[str] = []
        self.studio.message.connect(self._hear)
        self.steps = self.studio.document.steps

    def _hear(self, message: Message) -> None:
        self.said.append(message.text)


def at(kind: str, x: float, y: float, **fields: object) -> PointerEvent:
    return PointerEvent(kind, x, y, x, y, **fields)  # type: ignore[arg-type]


def drag(tool: Tool, bench: Bench, *places: tuple[float, float], **fields: object) -> Command | None:
    """Press at the first place, move through the others, release at the last."""
    gesture = tool.press(at("press", *places[0], **fields), bench.context)
    if gesture is None:
        return None
    return finish(gesture, [*(at("move", *place, **fields) for place in places[1:]), at("release", *places[-1])])


def finish(gesture: Gesture, events: list[PointerEvent]) -> Command | None:
    try:
        next(gesture)
        for event in events:
            gesture.send(event)
    except StopIteration as ended:
        return ended.value
    raise AssertionError("the gesture did not end at the release")


@pytest.mark.parametrize(
    ("fields", "adds"),
    [({}, True), ({"button": "right"}, False), ({"ctrl": True, "pen": True}, False), ({"eraser": True}, False)],
)
def test_click_adds_or_subtracts(fields: dict[str, object], adds: bool) -> None:
    """Left adds; right, Ctrl and the pen's eraser subtract. The base is the matte on screen."""
    bench = Bench()
    bench.studio.put_matte("hero", 1003)

    command = drag(ClickTool(), bench, (10.25, 20.75), **fields)

    assert command == AddPrompt("hero", 1003, Click(10.25, 20.75, adds), base="hero@1003")


def test_a_click_outside_the_plate_is_a_gentle_sentence() -> None:
    """Nothing is authored and nothing is raised."""
    bench = Bench()

    assert drag(ClickTool(), bench, (64.0, 10.0)) is None
    assert bench.said == ["That is outside the plate. Click on the picture."]


@pytest.mark.parametrize("tool", [ClickTool(), BoxTool(), BrushTool(), ScribbleTool()])
def test_a_locked_layer_says_so(tool: Tool) -> None:
    """No tool changes a locked layer, and the sentence names it."""
    bench = Bench(name="Hero", locked=True)

    assert drag(tool, bench, (5, 5), (20, 20)) is None
    assert bench.said == ["Hero is locked. Unlock it in the layer list to change it."]
    assert bench.studio.document.steps == bench.steps


@pytest.mark.parametrize(
    ("tool", "label"),
    [
        (ClickTool(), "Add click in a new layer"),
        (BoxTool(), "Add box in a new layer"),
        (ScribbleTool(), "Add stroke in a new layer"),
        (BrushTool(), "Paint in a new layer"),
    ],
)
def test_the_first_gesture_makes_a_layer(tool: Tool, label: str) -> None:
    """Without a layer one comes with what was authored in it: one command, so one undo takes both back."""
    bench = Bench(layer=False)

    command = drag(tool, bench, (5, 5), (20, 20))

    assert isinstance(command, AddLayer)
    assert (command.layer.name, command.label) == ("Layer 1", label)
    assert set(command.layer.key_frames) == {1003}
    assert command.layer.key_frame(1003).base == EMPTY_MATTE
    assert bench.studio.document.steps == bench.steps


@pytest.mark.parametrize("tool", [BoxTool(), BrushTool(), ScribbleTool()])
def test_escape_leaves_the_document_untouched(tool: Tool) -> None:
    """A closed gesture adds no layer and no command, and takes back what it showed."""
    bench = Bench(layer=False)
    gesture = tool.press(at("press", 5, 5), bench.context)
    assert gesture is not None
    next(gesture)
    gesture.send(at("move", 20, 20))

    gesture.close()

    assert bench.studio.document.steps == bench.steps
    assert bench.viewport.asked[-1] in [("show_prompt", None, ""), ("end_stroke", False)]


def test_box_in_any_direction_is_clipped_to_the_plate() -> None:
    """Dragged from the lower right beyond the plate's upper left corner."""
    bench = Bench()

    command = drag(BoxTool(), bench, (30.5, 40.5), (10, 10), (-8, -9))

    assert command == AddPrompt("hero", 1003, Box(0, 0, 30.5, 40.5), base=EMPTY_MATTE)


def test_a_slip_of_the_hand_is_no_box() -> None:
    """A box smaller than two pixels is refused with a hint."""
    bench = Bench()

    assert drag(BoxTool(), bench, (10, 10), (11, 30)) is None
    assert bench.said == ["Drag a box around the subject, from corner to corner."]


@pytest.mark.parametrize(
    ("fields", "box"),
    [
        ({"shift": True}, Box(20, 20, 36, 36)),
        ({"alt": True}, Box(10, 4, 30, 36)),
        ({"shift": True, "alt": True}, Box(4, 4, 36, 36)),
    ],
)
def test_shift_keeps_a_box_square_and_alt_drags_from_its_middle(fields: dict[str, object], box: Box) -> None:
    """The keys count while the hand moves; both may be held at once."""
    bench = Bench()
    gesture = BoxTool().press(at("press", 20, 20), bench.context)
    assert gesture is not None

    command = finish(gesture, [at("move", 25, 25), at("release", 30, 36, **fields)])

    assert isinstance(command, AddPrompt)
    assert command.prompt == box


def test_a_square_is_square_on_screen() -> None:
    """With a pixel twice as wide as high, half as many columns."""
    assert dragged(at("press", 0, 0), at("move", 4, 20, shift=True), Window(0, 0, 64, 48), 2.0) == Box(0, 0, 10, 20)


def test_a_box_over_an_earlier_one_takes_its_place() -> None:
    """Its position among the prompts stays; a box elsewhere is another one."""
    bench = Bench()
    for prompt in (Click(5, 5), Box(10, 10, 30, 30), Click(20, 20)):
        bench.studio.document.do(AddPrompt("hero", 1003, prompt, EMPTY_MATTE))

    assert drag(BoxTool(), bench, (8, 8), (32, 33)) == ReplacePrompt("hero", 1003, 1, Box(8, 8, 32, 33))
    assert drag(BoxTool(), bench, (28, 28), (60, 47)) == AddPrompt("hero", 1003, Box(28, 28, 60, 47), EMPTY_MATTE)


@pytest.mark.parametrize(("fields", "adds"), [({}, True), ({"button": "right"}, False)])
def test_a_scribble_is_a_stroke_that_prompts(fields: dict[str, object], adds: bool) -> None:
    """As wide as a line on screen; places nearer than the line is wide are left out. It is no correction."""
    bench = Bench()

    command = drag(ScribbleTool(), bench, (5, 5), (5.5, 5), (10, 5), (70, 5), (10, 12), **fields)

    assert isinstance(command, AddPrompt)
    stroke = command.prompt
    assert isinstance(stroke, Stroke)
    assert [(point.x, point.y) for point in stroke.points] == [(5, 5), (10, 5), (10, 12)]
    assert (stroke.radius_px, stroke.adds, stroke.opacity) == (2.0, adds, 1.0)


def test_a_scribble_that_never_moved_is_a_click() -> None:
    """A press alone says as much as a click, and is one."""
    assert drag(ScribbleTool(), Bench(), (7, 8)) == AddPrompt("hero", 1003, Click(7, 8), EMPTY_MATTE)


def test_brush_makes_one_stroke_with_pressure() -> None:
    """Every point of the hand is in the stroke, with its pressure and the brush's settings."""
    bench = Bench()
    gesture = BrushTool().press(at("press", 5, 5, pressure=0.25), bench.context)
    assert gesture is not None

    command = finish(gesture, [at("move", 20, 8, pressure=1.0), at("release", 20, 8)])

    assert isinstance(command, AddCorrection)
    stroke = command.stroke
    assert [(point.x, point.y, point.pressure) for point in stroke.points] == [(5, 5, 0.25), (20, 8, 1.0)]
    assert (stroke.radius_px, stroke.hardness, stroke.opacity, stroke.adds) == (6.0, 0.5, 0.75, True)
    assert bench.viewport.asked[-1] == ("end_stroke", True)


@pytest.mark.parametrize("fields", [{"button": "right"}, {"ctrl": True, "pen": True}, {"eraser": True}])
def test_brush_erases(fields: dict[str, object]) -> None:
    """Right button, Ctrl and the pen's other end take away."""
    command = drag(BrushTool(), Bench(), (5, 5), (9, 9), **fields)

    assert isinstance(command, AddCorrection)
    assert not command.stroke.adds


def test_a_stroke_beside_the_plate_is_none() -> None:
    """Painting where there are no pixels leaves no empty stroke in the history."""
    bench = Bench()

    assert drag(BrushTool(), bench, (500, 500), (520, 500)) is None
    assert bench.viewport.asked[-1] == ("end_stroke", False)


def test_shift_drag_resizes_the_brush_in_place() -> None:
    """Ten pixels to the right are ten more of radius; the outline stays where it was pressed; nothing is authored."""
    bench = Bench()

    assert drag(BrushTool(), bench, (20, 20), (25, 20), (30, 22), shift=True) is None

    assert bench.viewport.brush.radius_px == 16.0
    assert ("hold_cursor", 20, 20) in bench.viewport.asked
    assert bench.studio.document.steps == bench.steps


def test_escape_gives_the_radius_back() -> None:
    """A resize that was cancelled never happened."""
    bench = Bench()
    gesture = BrushTool().press(at("press", 20, 20, shift=True), bench.context)
    assert gesture is not None
    next(gesture)
    gesture.send(at("move", 40, 20))

    gesture.close()

    assert bench.viewport.brush.radius_px == 6.0


def test_shift_over_the_picture_asks_for_a_preview_and_ends_it() -> None:
    """Each move asks again; letting go, leaving the plate and pressing end it, once."""
    bench = Bench()
    tool = ClickTool()

    tool.hover(at("hover", 10, 10, shift=True), bench.context)
    tool.hover(at("hover", 11, 10, shift=True, ctrl=True, pen=True), bench.context)
    tool.hover(at("hover", 11, 11, shift=True, alt=True), bench.context)
    tool.hover(at("hover", 12, 10), bench.context)
    tool.hover(at("hover", 13, 10), bench.context)

    assert bench.studio.asked == [
        ("hover", "hero", 1003, Click(10, 10, True)),
        ("hover", "hero", 1003, Click(11, 10, False)),
        ("hover", "hero", 1003, Click(11, 11, False)),
        ("hover", "hero", 1003, None),
    ]


def test_a_preview_needs_no_layer() -> None:
    """What a first click would give is shown before there is a layer; nothing is authored by it."""
    bench = Bench(layer=False)
    tool = ClickTool()

    tool.hover(at("hover", 10, 10, shift=True), bench.context)
    tool.leave(bench.context)

    assert bench.studio.asked == [("hover", "", 1003, Click(10, 10, True)), ("hover", "", 1003, None)]
    assert bench.studio.document.steps == bench.steps


def test_pan_follows_the_hand() -> None:
    """The picture moves by what the pointer moved, event by event."""
    bench = Bench()

    assert drag(PanTool(), bench, (10, 10), (14, 9), (20, 9)) is None
    assert bench.viewport.asked == [("pan_by", 4, -1), ("pan_by", 6, 0)]


def test_pick_samples_a_pixel_and_then_an_area() -> None:
    """The press reads one pixel, the drag what it spans; nothing is authored."""
    bench = Bench()

    assert drag(PickTool(), bench, (10.5, 10.5), (14, 8)) is None
    assert bench.viewport.asked == [("sample", Box(10.5, 10.5, 10.5, 10.5)), ("sample", Box(10.5, 8, 14, 10.5))]


def test_the_toolbox_names_its_tools() -> None:
    """Tools are found by the names their icons and actions have; each box has tools of its own."""
    assert list(toolbox()) == ["click", "box", "scribble", "brush", "trimap", "draw", "roto", "pan", "pick"]
    assert toolbox()["click"] is not toolbox()["click"]


def test_new_layers_have_new_names_and_colors() -> None:
    """Two layers made by hand are told apart at a glance."""
    bench = Bench(layer=False)
    for place in ((5, 5), (6, 6)):
        command = drag(ClickTool(), bench, place)
        assert command is not None
        bench.studio.document.do(command)

    one, two = bench.studio.document.shot.layers
    assert (one.name, two.name) == ("Layer 1", "Layer 2")
    assert one.color != two.color
