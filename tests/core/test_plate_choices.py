"""What a plate's header offers, and what choosing one of it asks the reader for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

from core.color import ColorConfig
from core.errors import PlateError
from core.plate import Plate
from core.plate_choices import PlateChoices, Reading, read_choices
from core.plate_reader import PlateReader, open_plate


@pytest.fixture(scope="module")
def color() -> ColorConfig:
    return ColorConfig.load()


def write(path: Path, *parts: tuple[str, dict[str, Any], dict[str, float]]) -> Path:
    """A file of small flat parts: (name, header, channel → value)."""
    written = [
        OpenEXR.Part(
            dict(header), {channel: np.full((4, 6), value, np.float16) for channel, value in channels.items()}, name
        )
        for name, header, channels in parts
    ]
    with OpenEXR.File(written) as file:
        file.write(str(path))
    return path


def rgb(value: float, prefix: str = "") -> dict[str, float]:
    return {prefix + channel: value for channel in "RGB"}


def stereo(path: Path) -> Path:
    return write(
        path,
        ("depth_right", {"view": "right"}, {"Z": 3}),
        ("rgba_right", {"view": "right"}, rgb(1) | rgb(5, "key.")),
        ("depth_left", {"view": "left"}, {"Z": 4}),
        ("rgba_left", {"view": "left"}, rgb(2)),
    )


def read_again(plate: Plate, color: ColorConfig, reading: Reading) -> tuple[Plate, float]:
    """The plate opened with these names, and its first red."""
    again = open_plate(plate.path, color, **reading._asdict(), plate_id=plate.id)
    return again, float(PlateReader(again, color).read(again.frames.first).rgba[0, 0, 0])


def test_parts_and_their_layers(tmp_path: Path, color: ColorConfig) -> None:
    """Parts, layers and views by their names in the file; what is shown is named even where it was the default."""
    plate = open_plate(stereo(tmp_path / "s.1.exr"), color)
    choices = read_choices(plate.path)

    assert [part.name for part in choices.parts] == ["depth_right", "rgba_right", "depth_left", "rgba_left"]
    assert choices.views == ("right", "left")
    assert choices.shown(plate) == Reading("rgba_right", "", "right")
    assert choices.layers(plate) == ("", "key")


def test_choosing_reads_the_other_pixels_and_comes_back(tmp_path: Path, color: ColorConfig) -> None:
    """Part, layer and view; the way back gives the identity that the plate had first, so its mattes are found."""
    plate = open_plate(stereo(tmp_path / "s.1.exr"), color)
    choices = read_choices(plate.path)

    depth, red_depth = read_again(plate, color, choices.with_part(plate, "depth_right"))
    key, red_key = read_again(plate, color, choices.with_layer(plate, "key"))
    left, red_left = read_again(key, color, choices.with_view(key, "left"))
    left_depth, red_left_depth = read_again(depth, color, choices.with_view(depth, "left"))
    back, red_back = read_again(left, color, choices.with_view(left, "right"))

    assert [red_depth, red_key, red_left, red_left_depth, red_back] == [3, 5, 2, 4, 1]
    assert choices.shown(left) == Reading("rgba_left", "", "left")
    assert choices.shown(left_depth).part == "depth_left"
    assert len({each.identity for each in (plate, depth, key, left)}) == 4
    assert back.identity == plate.identity


def test_a_plate_opened_by_its_view_names_its_part(tmp_path: Path, color: ColorConfig) -> None:
    """`--view left` leaves the part open; the picture part of that view is what is shown, not the first one."""
    plate = open_plate(stereo(tmp_path / "s.1.exr"), color, view="left")

    assert plate.part == ""
    assert read_choices(plate.path).shown(plate) == Reading("rgba_left", "", "left")


def test_views_in_one_part(tmp_path: Path, color: ColorConfig) -> None:
    """A multi-view part keeps the part open and the default view unnamed; a layer the view lacks is left."""
    channels = rgb(1) | rgb(2, "right.") | rgb(5, "key.")
    plate = open_plate(write(tmp_path / "v.1.exr", ("", {"multiView": ["left", "right"]}, channels)), color)
    choices = read_choices(plate.path)

    key, red_key = read_again(plate, color, choices.with_layer(plate, "key"))
    right, red_right = read_again(key, color, choices.with_view(key, "right"))
    left, red_left = read_again(right, color, choices.with_view(right, "left"))

    assert choices.views == ("left", "right")
    assert choices.layers(key) == ("", "key")
    assert choices.layers(right) == ("",)
    assert [red_key, red_right, red_left] == [5, 2, 1]
    assert choices.shown(right).view == "right"
    assert left == plate


def test_an_unnamed_layer_that_a_name_cannot_reach_is_not_offered(tmp_path: Path, color: ColorConfig) -> None:
    """An empty name means `diffuse` here, so depth without a layer's name is no choice."""
    plate = open_plate(write(tmp_path / "d.1.exr", ("", {}, {"Z": 3} | rgb(1, "diffuse.") | rgb(2, "key."))), color)
    choices = read_choices(plate.path)

    assert choices.layers(plate) == ("diffuse", "key")
    assert choices.shown(plate).layer == "diffuse"


def test_the_first_readable_frame_tells(tmp_path: Path) -> None:
    (tmp_path / "s.1.exr").write_bytes(b"\x76\x2f\x31\x01 broken")
    stereo(tmp_path / "s.2.exr")

    assert len(read_choices(tmp_path / "s.#.exr").parts) == 4


def test_where_there_is_nothing_to_choose(tmp_path: Path, color: ColorConfig) -> None:
    """One part with RGB; a file that is no EXR; and a plate that is gone is an error."""
    plate = open_plate(write(tmp_path / "a.1.exr", ("", {}, rgb(1))), color)
    one = read_choices(plate.path)
    (tmp_path / "b.png").write_bytes(b"not looked into")

    assert (len(one.parts), one.views, one.layers(plate)) == (1, (), ("",))
    assert read_choices(tmp_path / "b.png") == PlateChoices()
    with pytest.raises(PlateError):
        read_choices(tmp_path / "gone.####.exr")


def test_choosing_what_is_gone_leaves_the_names(tmp_path: Path, color: ColorConfig) -> None:
    plate = open_plate(stereo(tmp_path / "s.1.exr"), color)

    assert PlateChoices().shown(plate) == Reading("rgba_right")
    assert PlateChoices().with_view(plate, "left") == Reading("rgba_right")


def test_the_beachball(shared_data: Path, color: ColorConfig) -> None:
    """Ten parts of two views in a real file: every one of them can be chosen and read."""
    plate = open_plate(shared_data / "exr/openexr-images/Beachball/multipart.####.exr", color)
    choices = read_choices(plate.path)
    names = [part.name for part in choices.parts]

    assert {"rgba_right", "depth_left", "forward_left", "rgba_left"} <= set(names)
    assert choices.views == ("right", "left")
    assert choices.shown(plate) == Reading("rgba_right", "", "right")
    assert choices.with_view(plate, "left") == Reading("rgba_left", "", "")
    for name in names:
        chosen = open_plate(plate.path, color, **choices.with_part(plate, name)._asdict())
        assert choices.shown(chosen).part == name
        assert choices.shown(chosen).layer in choices.layers(chosen)
