"""Shapes out of mattes: near, few points, each at the same place all the time; and Nuke's text there and back."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter, qAlpha
from PySide6.QtSvg import QSvgRenderer

from app.cli import main
from app.shaping import read_shapes, score, shapes_out_of
from core.errors import PenumbraError
from core.frames import FrameRange
from core.geometry import Format, Window
from core.layer import Layer
from core.matte import Matte
from core.plate import Plate
from core.project_file import Project
from core.roto.area import area
from core.roto.contour import outlines
from core.roto.fitting import fit_shapes
from core.roto.nuke_shapes import nuke_roto, shapes_of_nuke
from core.roto.outline import flattened
from core.roto.shape import Role, RotoShape, ShapePoint
from core.roto.shape_files import shapes_json, shapes_of_json, svg
from core.shot import Shot
from core.still import read_still

WINDOW = Window.of_size(200, 160)
FORM = Format(Window(-3, 2, 197, 162))


def drawn(frame: int) -> Matte:
    """A rounded square of four points that moves, turns and grows, with exact coverage, and a hole in it."""
    angle, size = 0.03 * frame, 40 + frame
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = np.array([70.0 + 2.5 * frame, 80.0 + 0.5 * frame])
    points = []
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        place, way = np.array([x, y]) * size @ turn * 0.8 + middle, np.array([-y, x]) * size * 0.5 @ turn
        points.append(ShapePoint(*place, *-way, *way))
    coverage = area(flattened(tuple(points)), WINDOW)
    rows, columns = np.ogrid[:160, :200]
    coverage[np.hypot(columns + 0.5 - middle[0], rows + 0.5 - middle[1]) < 14] = 0
    return Matte(WINDOW, coverage)


def test_a_moving_shape_and_its_hole_are_found_again() -> None:
    """Within the tolerance on every frame; few points, keys only where motion is not straight; the hole subtracts."""
    mattes = {frame: (lambda frame=frame: drawn(frame)) for frame in range(1, 13)}
    fitted = shapes_out_of(mattes, 1.0, 24, "Box")
    told = score(fitted.shapes, mattes)

    assert [(shape.name, shape.role) for shape in fitted.shapes] == [("Box 1", Role.ADD), ("Box 2", Role.SUBTRACT)]
    assert told.least_iou > 0.97
    assert told.points <= 24
    assert told.keys <= 6
    assert told.jitter_px < 0.25 * told.motion_px
    assert fitted.left_out == 0


def test_the_outline_is_where_the_coverage_is_a_half() -> None:
    """Within a tenth of a pixel of a disc's true radius, in a matte that does not begin at zero."""
    rows, columns = np.ogrid[:80, :90]
    disc = np.clip(25.3 - np.hypot(columns + 0.5 - 41.2, rows + 0.5 - 38.7) + 0.5, 0, 1).astype(np.float32)
    (found,) = outlines(disc, 100, -20)

    away = np.hypot(found.corners[:, 0] - 141.2, found.corners[:, 1] - 18.7)
    assert np.abs(away - 25.3).max() < 0.15
    assert found.area_px2 == pytest.approx(np.pi * 25.3**2, rel=0.005)


def test_what_cannot_be_followed_is_a_sentence() -> None:
    """A piece that is elsewhere on the next frame is not that piece; shapes of nothing are no answer."""
    here, there = np.zeros((2, 120, 120), np.float32)
    here[:20, :20], there[100:, 100:] = 1, 1

    with pytest.raises(PenumbraError, match="Frames 1-2: no piece of the matte can be followed"):
        fit_shapes({1: outlines(here), 2: outlines(there)}, 1.0, 20)


def test_an_empty_frame_is_a_sentence() -> None:
    with pytest.raises(PenumbraError, match="nothing in the matte to draw around"):
        fit_shapes({1: outlines(drawn(1).float32()), 2: []}, 1.0, 20)


@pytest.mark.parametrize("shot", ["blackswan", "car-shadow"])
def test_real_mattes_as_thirty_points(shared_data: Path, shot: str) -> None:
    """Hand-drawn mattes of a real shot: IoU above 0.97 on every frame, jitter far below the motion; Nuke reads back
    what was written, to the last bit."""
    folder = shared_data / "vos/davis2016_val/Annotations/480p" / shot
    files = sorted(folder.glob("*.png"))[:10]

    def matte(file: Path) -> Matte:
        coverage = (read_still(file)[..., 0] > 0.5).astype(np.float32)
        return Matte(Window.of_size(coverage.shape[1], coverage.shape[0]), coverage)

    read = {frame: matte(file) for frame, file in enumerate(files, 1001)}
    mattes = {frame: (lambda kept=kept: kept) for frame, kept in read.items()}
    fitted = shapes_out_of(mattes, 1.0, 30, shot)
    told = score(fitted.shapes, mattes)

    assert told.least_iou > 0.97
    assert told.points <= 30
    assert told.jitter_px < 0.4 * told.motion_px
    form = Format(Window.of_size(854, 480))
    again = shapes_of_nuke(nuke_roto(fitted.shapes, form), form)
    assert [dict(shape.keys) for shape in again.shapes] == [dict(shape.keys) for shape in fitted.shapes]
    assert again.unread == ()


def shapes() -> tuple[RotoShape, ...]:
    one = (ShapePoint(10.5, 20, -1, 2, 1, -2), ShapePoint(30, 20.25), ShapePoint(20, 50, 3, 0, -3, 0.125))
    two = tuple(point.moved(7.5, -3.125) for point in one)
    return (
        RotoShape("Hero left", {1001: one, 1010: two}, Role.ADD),
        RotoShape("eye", {1001: one[::-1]}, Role.SUBTRACT),
    )


def test_nuke_s_numbers_are_bits_of_floats_with_y_up() -> None:
    """The display window's lower left corner is zero; a hole is black and comes back as one."""
    text = nuke_roto(shapes(), FORM)

    assert "{px x447a4000\n        {xbf800000 xc0000000}\n        {x41580000 x430e0000}" in text  # 10.5+3, 162-20
    assert text.count("{") == text.count("}")
    back = shapes_of_nuke(f"Read {{\n file a.exr\n}}\n{text}", FORM).shapes
    assert [(shape.name, shape.role) for shape in back] == [("Hero_left", Role.ADD), ("eye", Role.SUBTRACT)]
    assert [dict(shape.keys) for shape in back] == [dict(shape.keys) for shape in shapes()]


def test_a_shape_that_is_called_a_hole_and_adds_comes_back_adding() -> None:
    """Only what takes away may have the name's ending that says so."""
    named = replace(shapes()[0], name="black_hole")

    (back,) = shapes_of_nuke(nuke_roto([named], FORM), FORM).shapes
    assert (back.name, back.role) == ("black_hole_", Role.ADD)


def test_a_node_as_nuke_writes_it_is_read() -> None:
    """Nested layers, a still shape, a feather of its own and a transform, which are named as not read."""
    text = """RotoPaint {
 curves {{{v x3f99999a} {f 0} {n {layer Root {f 2097152} {t x44200000 x43b40000} {a pt1x 0}
  {layer Arm {f 512} {t 0 0 x41200000 x41200000} {a}
   {curvegroup Bezier1 512 bezier {{cc {f 8192} {px x3f800000 {0 0} {x42c80000 x42480000} {0 0}
     {0 0} {x43480000 x42480000} {0 0} {0 xc0000000} {x43160000 x43160000} {0 x40000000}}}
     {cc {f 8192} {px x3f800000 {0 0} {0 0} {0 0} {0 0} {0 0} {0 0} {0 0} {0 0} {0 0}}}}
    {t {{x3f800000 x44500000}}} {a osbe 0 str 1}}}
  {stroke Brush1 {f 0}}}}}}
}"""
    read = shapes_of_nuke(text, Format(Window.of_size(640, 360)))

    (shape,) = read.shapes
    assert shape.at(1) == (ShapePoint(100, 310), ShapePoint(200, 310), ShapePoint(150, 210, 0, 2, 0, -2))
    assert read.unread == (
        "the transform of layer Arm",
        "the transform of Bezier1",
        "the feather of Bezier1",
        "brush strokes",
    )
    with pytest.raises(PenumbraError, match="holds no Roto node"):
        shapes_of_nuke("Read {\n}", FORM)
    with pytest.raises(PenumbraError, match="in the middle of a Roto node"):
        shapes_of_nuke(text[:200], FORM)


JSON = '{"shapes": [{"name": "a", "role": "add", "feather_px": 0, "keys": '


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("Roto {\n curves " + "{" * 100_000 + "}" * 100_000, "its braces do not fit"),
        (("x41580000", "x7fc00000"), "'x7fc00000' stands where a number should be"),
        (("{px x447a4000", "{px x7f800000"), "'x7f800000' stands where"),
        (("{px x447a4000", "{px"), "has a point that is not three pairs"),
        (("{x41580000 x430e0000}", "{x41580000}"), "has a point that is not three pairs"),
        (("{x41580000 x430e0000}", "{x7149f2ca x430e0000}"), "has a point or a key that is nowhere"),
        (("x41580000", "[value Camera1.x]"), "not three pairs"),
        ("Roto {\n inputs 0\n}\nRead {\n curves 1\n}\n", "holds no shape that can be read"),
        ("Roto {\n curves {{curvegroup Star 512 bspline {{cc {f 0}}}}}\n}", "Star, which is no Bezier"),
        ("\xff" * 9, "holds no Roto node"),
        (b"\xff\xfe\x00", "it is not text"),
        (JSON + '{"1": []}}]}', "a has no points"),
        ('{"shapes": [{"name": "a", "role": "add", "feather_px": NaN, "keys": {"1": [[0, 0]]}}]}', "is nowhere"),
        (JSON + '{"1": [[1e999, 0]]}}]}', "is nowhere"),
        (JSON + "[1]}]}", "no JSON of shapes"),
        ('{"shapes": [{"name": "a", "role": "add", "feather_px": 1' + "0" * 400 + ', "keys": {}}]}', "no JSON"),
        (JSON + '{"1": [[0, 0]], "2": [[0, 0], [1, 1]]}}]}', "another number of points"),
        ('{"shapes": ' + "[" * 100_000, "no JSON of shapes"),
    ],
)
def test_a_broken_file_is_a_sentence_that_names_it(broken: object, said: str, tmp_path: Path) -> None:
    """Whatever stands there, nothing of it reaches a layer."""
    text = nuke_roto(shapes(), FORM).replace(*broken) if isinstance(broken, tuple) else broken
    file = tmp_path / ("shapes.json" if isinstance(text, str) and text.startswith('{"') else "roto.nk")
    file.write_bytes(text if isinstance(text, bytes) else str(text).encode())

    with pytest.raises(PenumbraError, match=re.escape(said)) as refused:
        read_shapes(file, FORM)
    assert refused.value.subject == str(file)
    assert refused.value.hint


def test_a_node_without_curves_does_not_read_those_of_the_next() -> None:
    text = nuke_roto(shapes(), FORM)
    assert len(shapes_of_nuke(f"Roto {{\n inputs 0\n}}\n{text}", FORM).shapes) == len(shapes())


def test_svg_and_json() -> None:
    """One group a frame in the display window's coordinates; JSON comes back as it was."""
    root = ET.fromstring(svg(shapes(), FORM, FrameRange(1001, 1003)))
    groups = root.findall("{http://www.w3.org/2000/svg}g")
    back = shapes_of_json(shapes_json(shapes(), FORM))

    assert root.get("viewBox") == "-3 2 200 160"
    assert [group.get("id") for group in groups] == ["frame_1001", "frame_1002", "frame_1003"]
    assert groups[0][0].get("d", "").startswith("M10.500,20.000C11.500 18.000 30.000 20.250 30.000 20.250C")
    assert [(shape.name, shape.role, dict(shape.keys)) for shape in back] == [
        (shape.name, shape.role, dict(shape.keys)) for shape in shapes()
    ]
    assert json.loads(shapes_json(shapes(), FORM))["display_window"] == [-3, 2, 197, 162]
    with pytest.raises(PenumbraError, match="no JSON of shapes"):
        shapes_of_json("{}")


def test_pieces_of_an_svg_may_overlap_and_holes_are_holes_whichever_way_they_were_drawn() -> None:
    """As another reader draws it: two squares over each other, one drawn the other way round, and a hole."""

    def square(x: float, y: float, side: float) -> tuple[ShapePoint, ...]:
        corners = ((x, y), (x + side, y), (x + side, y + side), (x, y + side))
        return tuple(ShapePoint(*corner) for corner in corners)

    drawn_ = (
        RotoShape("one", {1: square(10, 10, 40)}, Role.ADD),
        RotoShape("other", {1: square(30, 30, 40)[::-1]}, Role.ADD),
        RotoShape("hole", {1: square(15, 15, 10)}, Role.SUBTRACT),
        RotoShape("hole too", {1: square(55, 55, 10)[::-1]}, Role.SUBTRACT),
    )
    image = QImage(80, 80, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    text = svg(drawn_, Format(Window.of_size(80, 80)), FrameRange(1, 1))
    QSvgRenderer(text.encode()).render(painter)
    painter.end()

    full = [qAlpha(image.pixel(x, y)) for x, y in ((12, 12), (40, 40), (68, 68), (32, 48))]
    empty = [qAlpha(image.pixel(x, y)) for x, y in ((5, 5), (20, 20), (60, 60), (60, 20))]
    assert (full, empty) == ([255] * 4, [0] * 4)


def test_a_project_s_mattes_become_a_node_and_its_shapes_a_layer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Written, refused where a file is, and put into another layer as one step a shape that can be undone."""
    shot = tmp_path / "shot.penumbra"
    project = Project.create(shot)
    keys = {frame: f"{frame:064x}" for frame in range(1001, 1005)}
    for frame, key in keys.items():
        project.store.put(key, drawn(frame - 1000).half())
    still = Format(Window.of_size(200, 160))
    plate = Plate("p", "shot", tmp_path / "plate.####.exr", FrameRange(1001, 1004), still, WINDOW, "ACEScg")
    layers = (Layer("box", "Box").frozen_at(keys), Layer("other", "Other"))
    project.save(Shot((plate,), None, layers))
    project.close()
    node, tolerance = tmp_path / "box.nk", ["--layer", "Box", "--points", "20"]

    assert main(["shapes", str(shot), "-o", str(node), *tolerance]) == 0
    assert main(["shapes", str(shot), "-o", str(node), *tolerance]) == 1
    assert main(["shapes", str(shot), "-o", str(tmp_path / "box.svg"), *tolerance]) == 0
    assert main(["shapes", str(shot), "--add", str(node), "--layer", "Other"]) == 0
    capsys.readouterr()
    svg_file = ["-o", str(tmp_path / "more.svg"), *tolerance]
    for words, said in (
        (["shapes", str(shot), "-o", str(tmp_path / "no" / "box.nk"), *tolerance], "no: there is no such folder."),
        (["shapes", str(shot), *svg_file, "--tolerance", "nan"], "a tolerance above 0."),
        (["shapes", str(shot), *svg_file, "--frames", "1-2000000000"], "lie outside the plate (1001-1004)."),
        (["shapes", str(shot), "--add", str(tmp_path / "no.nk")], "no.nk: could not be read, no such file"),
        (["shapes", str(shot), "--add", str(tmp_path / "box.svg")], "box.svg: an SVG has no key frames"),
        (["export", str(shot), "-o", ""], "The output: is empty."),
        (["qc", str(shot), "--out", str(tmp_path), "--frames", "1-2000000000"], "lie outside the plate (1001-1004)."),
    ):
        assert main(words) == 1
        assert said in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["export", str(shot), "-o", "x.####.exr", "--frames", "abc"])
    assert "abc: is not a frame range" in capsys.readouterr().err
    again = Project.open(shot)
    added = again.shot.layer("other").shapes
    again.close()
    assert [shape.role for shape in added] == [Role.ADD, Role.SUBTRACT]
    assert [dict(shape.keys) for shape in added] == [
        dict(shape.keys) for shape in shapes_of_nuke(node.read_text(), still).shapes
    ]
    assert all(shape.works for shape in added)
