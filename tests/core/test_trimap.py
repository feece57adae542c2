"""A trimap: the band around a matte, and what the artist paints over it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from core.document import Document
from core.geometry import Window
from core.layer import KeyFrame, Layer, ModelChoice
from core.project_values import ValueReader
from core.prompts import Click, Stroke, StrokePoint
from core.roto.shape import Role, RotoShape, ShapePoint
from core.shot import Shot
from core.trimap_commands import ClearTrimap, PaintTrimap
from core.trimap_mark import INSIDE, OUTSIDE, UNKNOWN, Mark, TrimapStroke
from core.trimap_paint import NOT_MARKED, marked, told, trimap

WINDOW = Window(0, 0, 60, 40)


def dab(x: float, y: float, mark: Mark, radius_px: float = 5.0) -> TrimapStroke:
    return TrimapStroke(Stroke((StrokePoint(x, y),), radius_px), mark)


def half() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Full from column 30 on."""
    coverage = np.zeros(WINDOW.shape, np.float32)
    coverage[:, 30:] = 1.0
    return coverage


def test_without_marks_the_band_lies_around_the_outline() -> None:
    found = trimap(np.ones((*WINDOW.shape, 3), np.float32), half(), marked((), WINDOW), band_px=4)

    assert found[20].tolist() == [OUTSIDE] * 26 + [UNKNOWN] * 8 + [INSIDE] * 26


def test_the_last_stroke_counts_and_lies_over_the_band() -> None:
    strokes = (dab(10, 10, Mark.UNKNOWN), dab(30, 20, Mark.INSIDE), dab(30, 20, Mark.OUTSIDE, 2.0))

    found = trimap(np.ones((*WINDOW.shape, 3), np.float32), half(), marked(strokes, WINDOW), band_px=4)

    assert (found[10, 10], found[20, 27], found[20, 30], found[35, 30]) == (UNKNOWN, INSIDE, OUTSIDE, UNKNOWN)


def test_cores_are_inside_and_beyond_garbage_is_outside() -> None:
    def box(x0: float, x1: float, role: Role) -> RotoShape:
        points = tuple(ShapePoint(x, y) for x, y in ((x0, -5.0), (x1, -5.0), (x1, 50.0), (x0, 50.0)))
        return RotoShape("box", MappingProxyType({1: points}), role, id=role.value)

    layer = Layer("a", "A", shapes=(box(20, 60, Role.GARBAGE), box(50, 60, Role.CORE)))

    marks = marked((dab(10, 20, Mark.UNKNOWN),), WINDOW, layer.shapes_told(1)[1])

    assert (marks[20, 10], marks[20, 35], marks[20, 55]) == (OUTSIDE, NOT_MARKED, INSIDE)


def test_a_correction_is_stronger_than_a_mark() -> None:
    """Solid strokes stay; elsewhere inside is 1, outside 0, and unknown must be found."""
    fixed = np.zeros(WINDOW.shape, np.float32)
    fixed[20, 10] = 1.0
    marks = marked((dab(10, 20, Mark.INSIDE), dab(40, 20, Mark.UNKNOWN)), WINDOW)

    known, stays = told(half(), marks, fixed)

    assert (known[20, 10], stays[20, 10]) == (0.0, 1.0)
    assert (known[20, 11], stays[20, 11]) == (1.0, 1.0)
    assert (known[20, 40], stays[20, 40]) == (1.0, 0.5)
    assert stays[5, 5] == 0.0


def test_painting_is_undone_saved_and_changes_refined_mattes_alone() -> None:
    layer = Layer("a", "A", refine=ModelChoice("refine")).with_key_frame(3, KeyFrame((Click(1, 1),)))
    document = Document(Shot(layers=(layer,)))
    before = layer.refined_key("plate", 3), layer.matte_key("plate", 3), layer.refined_key("plate", 4)

    document.do(PaintTrimap("a", 3, dab(5, 5, Mark.UNKNOWN)))

    painted = document.shot.layer("a")
    assert painted.refined_key("plate", 3) != before[0]
    assert (painted.matte_key("plate", 3), painted.refined_key("plate", 4)) == before[1:]
    values = ValueReader(Path("/shows"))
    assert values.read_shot(values.write_shot(document.shot)) == document.shot
    command = PaintTrimap("a", 3, dab(5, 5, Mark.OUTSIDE))
    assert values.read_command(values.write_command(command)) == command
    document.do(ClearTrimap("a", 3))
    assert document.shot.layer("a").refined_key("plate", 3) == before[0]
    document.undo()
    assert document.shot.layer("a") == painted


def test_a_project_from_before_there_were_trimaps_opens() -> None:
    values = ValueReader(Path("/shows"))
    raw = values.write_layer(Layer("a", "A"))
    raw.pop("trimap")

    assert values.read_layer(raw) == replace(Layer("a", "A"), key_frames=MappingProxyType({}))
