"""Whatever the artist points at becomes one sequence, with its numbers and padding as they are."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from core.errors import PlateError
from core.frames import FrameRange
from core.sequence import find_sequence, frame_text, split_number


def make(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


@pytest.mark.parametrize("asked", ["plate.####.exr", "plate.%04d.exr", "plate.1003.exr", ""])
def test_every_way_to_name_a_sequence_finds_the_same(tmp_path: Path, asked: str) -> None:
    """Hashes, printf, one of its files and its folder mean the same sequence; a gap stays a gap."""
    make(
        tmp_path, "plate.1001.exr", "plate.1002.exr", "plate.1003.exr", "plate.1005.exr", "notes.txt", ".plate.1004.exr"
    )

    found = find_sequence(tmp_path / asked)

    assert (found.head, found.tail, found.padding) == ("plate.", ".exr", 4)
    assert found.frames == (1001, 1002, 1003, 1005)
    assert found.missing == {1004}
    assert found.range == FrameRange(1001, 1005)
    assert found.pattern == tmp_path / "plate.####.exr"
    assert found.path(7) == tmp_path / "plate.0007.exr"
    assert found.name == "plate"


def test_unpadded_numbers_grow(tmp_path: Path) -> None:
    """8, 9, 10 belong together when none has leading zeros."""
    make(tmp_path, "a.8.exr", "a.9.exr", "a.10.exr")

    found = find_sequence(tmp_path / "a.10.exr")

    assert (found.frames, found.padding) == ((8, 9, 10), 1)


def test_another_padding_is_another_sequence(tmp_path: Path) -> None:
    """`0001` and `1` are two files of two sequences; asking for four digits gives only those of four."""
    make(tmp_path, "a.0001.exr", "a.0002.exr", "a.1.exr", "a.12345.exr")

    assert find_sequence(tmp_path / "a.####.exr").frames == (1, 2, 12345)


def test_negative_frames_keep_their_sign(tmp_path: Path) -> None:
    """A handle before frame 0 is a frame like any other."""
    make(tmp_path, "a.-002.exr", "a.-001.exr", "a.000.exr", "a.001.exr")

    found = find_sequence(tmp_path / "a.000.exr")

    assert found.frames == (-2, -1, 0, 1)
    assert found.path(-2).name == "a.-002.exr"


@pytest.mark.parametrize("name", ["Rec709.exr", "shot_v002.exr", "D65.exr", "comp_dwaa_v2.exr", "clip01.mov"])
def test_a_name_without_a_frame_number_is_a_still(tmp_path: Path, name: str) -> None:
    """Versions and names that end in digits are not sequences; a still is the same at every frame."""
    make(tmp_path, name)

    found = find_sequence(tmp_path / name)

    assert found.still
    assert found.frames == (1,)
    assert found.path(77) == tmp_path / name
    assert found.pattern == tmp_path / name


def test_versions_beside_each_other_are_not_frames(tmp_path: Path) -> None:
    """`shot_v001.exr` and `shot_v002.exr` are two deliveries."""
    make(tmp_path, "shot_v001.exr", "shot_v002.exr")

    assert find_sequence(tmp_path / "shot_v001.exr").still


def test_digits_after_letters_count_from_three(tmp_path: Path) -> None:
    """`img0001.png`, `img0002.png` are a sequence."""
    make(tmp_path, "img0001.png", "img0002.png")

    assert find_sequence(tmp_path / "img0002.png").pattern.name == "img####.png"


def test_a_folder_prefers_its_exr_sequence(tmp_path: Path) -> None:
    """Previews beside the plate do not make the folder ambiguous."""
    make(tmp_path, "p.0001.exr", "p.0002.exr", "p.0001.jpg", "p.0002.jpg", "reference.exr")

    assert find_sequence(tmp_path).pattern.name == "p.####.exr"


def test_a_folder_with_two_plates_asks(tmp_path: Path) -> None:
    """Never silently one of two."""
    make(tmp_path, "a.1.exr", "a.2.exr", "b.1.exr", "b.2.exr")

    with pytest.raises(PlateError, match=r"2 sequences.*a\.#\.exr, b\.#\.exr"):
        find_sequence(tmp_path)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("none.exr", "no such file"),
        ("gone/none.####.exr", "gone: there is no such folder. Mount its disk"),
        ("none.####.exr", "no file in the folder"),
        ("no/folder/a.exr", "does not exist"),
        ("", "holds no EXR"),
    ],
)
def test_nothing_there_is_a_sentence(tmp_path: Path, asked: str, why: str) -> None:
    """Each way to find nothing says which."""
    with pytest.raises(PlateError, match=why):
        find_sequence(tmp_path / asked)


def test_any_sequence_is_found_again_from_its_pattern_and_from_each_file(tmp_path: Path) -> None:
    """Pattern → files → pattern, over 60 random sequences: heads with dots, dashes and signs, any padding, gaps."""
    rng = random.Random(4)
    heads = ["plate.", "a_b.", "x-", "shot.v002.", "é ", "#1_", "(a)[b]*."]
    for number in range(60):
        folder = tmp_path / str(number)
        folder.mkdir()
        head, padding = rng.choice(heads), rng.randint(1, 6)
        frames = tuple(sorted(rng.sample(range(rng.choice([0, 1, 990, 99_990]) + 30), rng.randint(2, 9))))
        for frame in frames:
            (folder / f"{head}{frame_text(frame, padding)}.exr").touch()

        found = find_sequence(folder)

        assert found.frames == frames
        assert {found.path(frame).name for frame in frames} == {file.name for file in folder.iterdir()}
        assert find_sequence(found.path(frames[-1])) == found
        assert find_sequence(found.pattern) == found


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("plate.1001.exr", ("plate.", "1001", ".exr")),
        ("1001.exr", ("", "1001", ".exr")),
        ("plate.1001", ("plate.", "1001", "")),
        ("a_-3.exr", ("a_", "-3", ".exr")),
        ("a-3.exr", ("a-", "3", ".exr")),
        ("openexr_2.2.0_error_1_exr", None),
        ("a_v12.exr", None),
    ],
)
def test_split_number(name: str, parts: tuple[str, str, str] | None) -> None:
    """The number is what stands right before the suffix."""
    assert split_number(name) == parts
