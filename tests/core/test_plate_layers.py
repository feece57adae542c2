"""What the layer picker lists, and what looking at a line of it reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

from core.color import ColorConfig
from core.errors import FrameError
from core.exr import write_exr
from core.geometry import Format, Window
from core.plate import Plate
from core.plate_choices import PlateChoices, read_choices
from core.plate_layers import AS_MATTED, Shown
from core.plate_reader import PlateReader, open_plate
from tests.core.test_plate_choices import rgb, stereo, write


@pytest.fixture(scope="module")
def color() -> ColorConfig:
    return ColorConfig.load()


def first_value(plate: Plate, shown: Shown, color: ColorConfig) -> float:
    seen = shown.of(plate)
    return float(PlateReader(seen, color).read(seen.frames.first).rgba[0, 0, 0])


def test_every_layer_of_every_part_has_a_line(tmp_path: Path, color: ColorConfig) -> None:
    plate = open_plate(stereo(tmp_path / "s.1.exr"), color)
    choices = read_choices(plate.path)

    assert [line.name for line in choices.lines] == [
        "depth_right",
        "rgba_right",
        "rgba_right: key",
        "depth_left",
        "rgba_left",
    ]
    assert [line.is_color for line in choices.lines] == [False, True, True, False, True]
    assert [first_value(plate, line.shown(), color) for line in choices.lines] == [3, 1, 5, 4, 2]


def test_looking_at_what_is_matted_is_looking_at_nothing_else(tmp_path: Path, color: ColorConfig) -> None:
    """The plate's own line gives the empty name, so no picture is read twice; its key never changes by looking."""
    plate = open_plate(stereo(tmp_path / "s.1.exr"), color)
    choices = read_choices(plate.path)
    own = choices.line(plate, AS_MATTED)

    assert own is not None
    assert own.name == "rgba_right"
    assert choices.look_at(plate, own) == AS_MATTED
    assert AS_MATTED.of(plate) is plate
    assert choices.look_at(plate, own, "G") == Shown("rgba_right", "", "right", "G")
    assert choices.look_at(plate, own, "G").of(plate).identity != plate.identity


def test_the_other_eye_sees_the_same_thing(tmp_path: Path, color: ColorConfig) -> None:
    """Depth stays depth and the way back is the plate itself; what the other eye lacks becomes its picture."""
    plate = open_plate(stereo(tmp_path / "s.1.exr"), color)
    choices = read_choices(plate.path)
    depth, key = choices.lines[0].shown("Z"), choices.lines[2].shown()

    left = choices.in_view(plate, AS_MATTED, "left")

    assert left == Shown("rgba_left", "", "left")
    assert choices.in_view(plate, left, "right") == AS_MATTED
    assert choices.in_view(plate, depth, "left") == Shown("depth_left", "", "left", "Z")
    assert choices.in_view(plate, key, "left") == left


def test_one_channel_alone_is_data(tmp_path: Path, color: ColorConfig) -> None:
    """Any channel, whole numbers too, without a conversion of color and with a key of its own."""
    path = tmp_path / "m.1.exr"
    window = Window.of_size(6, 4)
    arrays: dict[str, Any] = {name: np.full((4, 6), 0.5, np.float16) for name in ("R", "G", "B", "right.B")}
    arrays["id"] = np.full((4, 6), 70_000, np.uint32)
    write_exr(path, arrays, data_window=window, format=Format(window), attributes={"multiView": ["left", "right"]})
    plate = open_plate(path, color, color_space="Linear Rec.709 (sRGB)")

    blue, number = (
        PlateReader(replace(plate, channel=name), color).read(plate.frames.first) for name in ("right.B", "id")
    )

    assert (blue.is_data, number.is_data) == (True, True)
    assert np.all(blue.rgba == [0.5, 0.5, 0.5, 1])
    assert np.all(number.rgba[..., :3] == 70_000)
    assert PlateReader(plate, color).read(1).is_data is False
    assert len({replace(plate, channel=name).identity for name in ("", "right.B", "id")}) == 3
    with pytest.raises(FrameError, match="there is no channel 'Q'"):
        PlateReader(replace(plate, channel="Q"), color).read(1)


def test_an_only_part_is_called_by_its_layers(tmp_path: Path) -> None:
    path = write(tmp_path / "a.1.exr", ("", {}, rgb(1) | {"A": 1, "Z": 2} | rgb(3, "diffuse.")))

    lines = read_choices(path).lines

    assert [(line.name, line.channels) for line in lines] == [
        ("RGBA", ("R", "G", "B", "A", "Z")),
        ("diffuse", ("diffuse.R", "diffuse.G", "diffuse.B")),
    ]
    assert lines[1].short("diffuse.G") == "G"


def test_deep_parts_are_listed_with_the_reason(shared_data: Path) -> None:
    """A picker that hid them would leave the artist searching."""
    lines = read_choices(shared_data / "exr/openexr-images/v2/LowResLeftView/Balls.exr").lines

    assert lines
    assert all("deep data" in line.why_not for line in lines)


def test_stored_values_are_those_of_the_file(tmp_path: Path, color: ColorConfig) -> None:
    """Before color, before NaN is replaced; and where it stood is known of the picture."""
    red = np.full((4, 6), 0.5, np.float32)
    red[1, 2], red[3, 5] = np.nan, np.inf
    path = tmp_path / "n.1.exr"
    channels = {"R": red, "G": np.ones_like(red), "B": np.ones_like(red)}
    with OpenEXR.File({}, channels) as file:
        file.write(str(path))
    plate = open_plate(path, color, color_space="Linear Rec.709 (sRGB)")
    reader = PlateReader(plate, color)

    stored, picture = reader.stored(plate.frames.first), reader.read(plate.frames.first)
    bad = picture.bad_pixels()

    assert np.isnan(stored.over(Window(2, 1, 3, 2))["R"]).all()
    assert stored.over(Window(0, 0, 2, 1))["R"].tolist() == [[0.5, 0.5]]
    assert stored.over(Window(9, 9, 10, 10))["R"].size == 0
    assert picture.non_finite == 2
    assert bad is not None
    assert np.argwhere(bad).tolist() == [[1, 2], [3, 5]]


def test_nothing_is_listed_where_there_is_nothing(tmp_path: Path, color: ColorConfig) -> None:
    plate = open_plate(stereo(tmp_path / "s.1.exr"), color)

    assert PlateChoices().line(plate, AS_MATTED) is None
    assert PlateChoices().in_view(plate, AS_MATTED, "left") == AS_MATTED
