"""The project's color config in the open window: taken into use, undone, refused; and why a plate is read as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.color import DEFAULT_CONFIG
from core.commands import ChangePlate
from tests.app.conftest import Desk

SMALL = """ocio_profile_version: 2
roles: {scene_linear: lin, default: lin}
displays: {Box: [!<View> {name: Plain, colorspace: out}]}
active_displays: [Box]
active_views: [Plain]
colorspaces:
  - !<ColorSpace> {name: lin, family: "", bitdepth: 32f, isdata: false}
  - !<ColorSpace> {name: ACEScg, family: "", isdata: false, to_scene_reference: !<MatrixTransform> {matrix: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]}}
  - !<ColorSpace> {name: out, family: "", isdata: false, from_scene_reference: !<ExponentTransform> {value: [2.2, 2.2, 2.2, 1], direction: inverse}}
"""  # noqa: E501 - a config has long lines


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.ocio"
    path.write_text(SMALL)
    return path


def first_red(desk: Desk) -> float:
    desk.until(lambda: desk.studio.picture(1001) is not None)
    picture = desk.studio.picture(1001)
    assert picture is not None
    return float(picture.rgba[0, 63, 0])


def test_another_config_is_one_step_and_the_pictures_come_again(desk: Desk, small: Path) -> None:
    """The plate's ACEScg is twice as bright in the small config; undo brings the old pictures back."""
    studio, changed = desk.studio, []
    studio.colors.changed.connect(lambda color: changed.append(color.name))
    steps, before = studio.document.steps, first_red(desk)

    studio.colors.choose(str(small))
    desk.until(lambda: bool(changed))
    with_small = first_red(desk)
    displays = studio.color.displays
    label = studio.document.undo_label
    studio.document.undo()

    assert with_small == pytest.approx(2 * before, rel=1e-2)
    assert (displays, label, changed[0]) == (("Box",), "Set color config", str(small))
    assert studio.color.name == DEFAULT_CONFIG
    assert studio.document.steps == steps
    assert first_red(desk) == before


@pytest.mark.parametrize("text", [None, "nonsense", SMALL.replace("scene_linear: lin, ", "")])
def test_a_broken_config_changes_nothing_and_is_said(desk: Desk, tmp_path: Path, text: str | None) -> None:
    said: list[str] = []
    desk.studio.message.connect(lambda message: said.append(message.text))
    path, steps, color = tmp_path / "broken.ocio", desk.studio.document.steps, desk.studio.color
    if text is not None:
        path.write_text(text)

    desk.studio.colors.choose(str(path))
    desk.until(lambda: bool(said))

    assert "broken.ocio" in said[0]
    assert "Choose another config" in said[0]
    assert (desk.studio.document.steps, desk.studio.color) == (steps, color)


def test_the_reason_of_the_input_space(desk: Desk) -> None:
    """What the file leads to; and where the artist chose, what it would be without that."""
    colors, plate = desk.studio.colors, desk.studio.document.shot.plate
    assert plate is not None
    desk.until(lambda: bool(colors.reason))
    automatic = colors.reason

    desk.studio.document.do(ChangePlate(replace(plate, color_space="Linear Rec.709 (sRGB)")))

    assert automatic.startswith("The file does not say")
    assert colors.reason.startswith("Chosen by hand. Without that it would be ACEScg")
    assert colors.suggested == "ACEScg"
