"""Which channels make the picture: by name, else the first sensible ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.channels import choose_channels, layers_of, views_of
from core.errors import FrameError
from core.exr import ExrChannel, ExrFile, ExrPart
from core.geometry import Format, Window

WINDOW = Window.of_size(4, 4)


def part(index: int, *channels: str, name: str = "", view: str = "", deep: bool = False, **attributes: Any) -> ExrPart:
    return ExrPart(
        index=index,
        name=name,
        view=view,
        deep=deep,
        tiled=False,
        compression="zip",
        data_window=WINDOW,
        format=Format(WINDOW),
        channels=tuple(ExrChannel(channel, "half") for channel in sorted(channels)),
        attributes=attributes,
    )


def file(*parts: ExrPart) -> ExrFile:
    return ExrFile(Path("a.exr"), parts)


@pytest.mark.parametrize(
    ("channels", "kind", "names"),
    [
        (("R", "G", "B", "A"), "rgb", {"R": "R", "G": "G", "B": "B", "A": "A"}),
        (("R", "G", "B", "Z"), "rgb", {"R": "R", "G": "G", "B": "B"}),
        (("r", "g", "b"), "rgb", {"R": "r", "G": "g", "B": "b"}),
        (("c.red", "c.green", "c.blue"), "rgb", {"R": "c.red", "G": "c.green", "B": "c.blue"}),
        (("R", "G", "B", "diffuse.R", "diffuse.G", "diffuse.B"), "rgb", {"R": "R", "G": "G", "B": "B"}),
        (("diffuse.R", "diffuse.G", "diffuse.B", "Z"), "rgb", {"R": "diffuse.R", "G": "diffuse.G", "B": "diffuse.B"}),
        (("Y", "RY", "BY"), "luma-chroma", {"Y": "Y", "RY": "RY", "BY": "BY"}),
        (("Y", "A"), "luma", {"Y": "Y", "A": "A"}),
        (("forward.u", "forward.v"), "data", {"Y": "forward.u"}),
        (("A",), "data", {"Y": "A"}),
        ((":", "G", "R"), "data", {"Y": ":"}),
    ],
)
def test_the_default_of_a_part(channels: tuple[str, ...], kind: str, names: dict[str, str]) -> None:
    """RGB of the unnamed layer, else of another, else luminance, else whatever is there as grey."""
    choice = choose_channels(file(part(0, *channels)))

    assert (choice.kind, choice.names) == (kind, names)


def test_the_first_part_with_a_picture_is_the_default() -> None:
    """Depth and deep parts before it are passed over."""
    several = file(part(0, "Z", name="depth"), part(1, "R", "G", "B", deep=True), part(2, "R", "G", "B", name="rgba"))

    assert choose_channels(several).part == 2
    assert choose_channels(several, part="depth").names == {"Y": "Z"}
    assert choose_channels(several, part="2").part == 2


def test_views_as_parts() -> None:
    """The view picks the part that says it."""
    stereo = file(
        part(0, "R", "G", "B", name="rgba_right", view="right"), part(1, "R", "G", "B", name="rgba_left", view="left")
    )

    assert views_of(stereo) == ("right", "left")
    assert choose_channels(stereo).part == 0
    assert choose_channels(stereo, view="left").part == 1
    with pytest.raises(FrameError, match="'rgba_right' is not of the view 'left'"):
        choose_channels(stereo, part="rgba_right", view="left")


def test_views_in_one_part() -> None:
    """The first of `multiView` is the default and has no prefix; layers keep theirs before the view."""
    stereo = file(
        part(0, *"RGB", *(f"right.{c}" for c in "RGB"), *(f"key.right.{c}" for c in "RGB"), multiView=["left", "right"])
    )

    assert choose_channels(stereo).names["R"] == "R"
    assert choose_channels(stereo, view="left").names["R"] == "R"
    assert choose_channels(stereo, view="right").names["R"] == "right.R"
    assert choose_channels(stereo, view="right", layer="key").names["G"] == "key.right.G"
    assert list(layers_of(stereo.parts[0], "right")) == ["", "key"]


@pytest.mark.parametrize(
    ("names", "why", "hint"),
    [
        ({"part": "none"}, "no part 'none'", "rgba"),
        ({"layer": "none"}, "no layer 'none'", "spec"),
        ({"view": "none"}, "no view 'none'", "left"),
    ],
)
def test_an_unknown_name_lists_the_known(names: dict[str, str], why: str, hint: str) -> None:
    single = file(part(0, "R", "G", "B", "spec.R", name="rgba", view="left"))

    with pytest.raises(FrameError) as caught:
        choose_channels(single, **names)

    assert why in caught.value.why
    assert hint in caught.value.hint


def test_deep_data_alone_is_refused() -> None:
    with pytest.raises(FrameError, match=r"deep data.*Flatten"):
        choose_channels(file(part(0, "R", "G", "B", "Z", deep=True)))
