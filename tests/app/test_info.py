"""`penumbra info`: everything at a path, each refusal a sentence, never a crash."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.info import describe_path, json_value, readable, spans
from core.color import ColorConfig
from core.exr import write_exr
from core.geometry import Format, Window

CONFIG = "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
DATA, DISPLAY = Window(-4, -2, 12, 10), Window(0, 0, 8, 6)


@pytest.fixture(scope="module")
def color() -> ColorConfig:
    return ColorConfig.load(CONFIG)


def write(path: Path, value: float = 1.0, **options: Any) -> None:
    channels = {name: np.full(DATA.shape, value, np.float16) for name in ("R", "G", "B", "key.A")}
    write_exr(path, channels, data_window=DATA, format=Format(DISPLAY, 2.0), **options)


def test_a_sequence_with_missing_and_broken_frames(tmp_path: Path, color: ColorConfig) -> None:
    """Found, missing and broken frames by number, with the sentence; parts, layers, windows, attributes, color."""
    for frame in (1, 2, 3, 5):
        write(tmp_path / f"a.{frame:04d}.exr", attributes={"owner": "me"})
    whole = (tmp_path / "a.0003.exr").read_bytes()
    (tmp_path / "a.0003.exr").write_bytes(whole[:-4])

    found = describe_path(tmp_path / "a.0002.exr", color)

    assert (found["usable"], found["kind"]) == (True, "exr")
    assert found["pattern"] == str(tmp_path / "a.####.exr")
    assert (found["frames"]["found"], found["frames"]["missing"]) == ([1, 2, 3, 5], [4])
    assert [entry["frame"] for entry in found["frames"]["broken"]] == [3]
    assert "a.0003.exr: the file ends too early" in found["frames"]["broken"][0]["error"]
    part = found["parts"][0]
    assert (part["data_window"], part["display_window"], part["pixel_aspect"]) == ([-4, -2, 12, 10], [0, 0, 8, 6], 2.0)
    assert part["layers"] == {"": ["B", "G", "R"], "key": ["key.A"]}
    assert part["attributes"]["owner"] == "me"
    assert part["channels"][0] == {"name": "B", "type": "half", "sampling": [1, 1]}
    assert found["chosen"]["channels"] == {"R": "R", "G": "G", "B": "B"}
    assert found["color_space"] == "ACEScg"
    assert "does not say" in found["color_space_why"]
    json.dumps(found, allow_nan=False)
    text = readable(found)
    assert "frames       1-3, 5" in text
    assert "missing      4" in text
    assert "the file ends too early" in text


def test_not_finite_values_are_counted_by_frame(tmp_path: Path, color: ColorConfig) -> None:
    """NaN everywhere in four channels of one frame."""
    write(tmp_path / "a.1.exr")
    write(tmp_path / "a.2.exr", value=float("nan"))

    found = describe_path(tmp_path, color)

    assert found["non_finite"] == {2: 4 * DATA.pixels}
    assert "frame 2: 768 values are NaN or Inf" in readable(found)


def test_all_frames_broken_is_not_usable(tmp_path: Path, color: ColorConfig) -> None:
    write(tmp_path / "a.exr")
    whole = (tmp_path / "a.exr").read_bytes()
    (tmp_path / "a.exr").write_bytes(whole[:-40])

    found = describe_path(tmp_path / "a.exr", color)

    assert not found["usable"]
    assert found["error"].startswith(str(tmp_path / "a.exr"))
    assert found["error"] in readable(found)


@pytest.mark.parametrize("name", ["none.exr", "none.####.exr", "notes.txt", "a.exr", ""])
def test_what_cannot_be_used_is_a_sentence(tmp_path: Path, color: ColorConfig, name: str) -> None:
    """Missing, text, text called EXR, a folder without pictures."""
    (tmp_path / "notes.txt").write_text("words")
    if name.startswith("a"):
        (tmp_path / "a.exr").write_text("words")

    found = describe_path(tmp_path / name, color)

    assert not found["usable"]
    assert found["error"].endswith(".")
    assert readable(found)


def test_a_still_says_that_a_color_space_is_needed(shared_data: Path, color: ColorConfig) -> None:
    """A JPEG sequence can be used once a space is chosen."""
    found = describe_path(shared_data / "vos/davis2016_val/JPEGImages/480p/libby", color)

    assert found["usable"]
    assert (found["kind"], found["size"], found["color_space"]) == ("still", [854, 480], "")
    assert "choose it" in found["color_space_why"]
    assert len(found["frames"]["found"]) == 49


def test_a_movie(shared_data: Path, color: ColorConfig) -> None:
    found = describe_path(shared_data / "video_clips/xstudio/test_resource/media/test.mov", color)

    assert (found["kind"], found["codec"], found["depth_bits"]) == ("movie", "prores", 10)
    assert found["frames"]["found"] == list(range(1, 101))
    assert found["rate"] == "24"


def test_values_json_cannot_say(color: ColorConfig) -> None:
    """Numbers that are not finite, arrays and long texts all become JSON."""
    assert json_value(float("inf")) == "inf"
    assert json_value((np.array([1, 2], np.int32), np.float32(0.5))) == [[1, 2], 0.5]
    assert json_value("x" * 9000).endswith("(9000 characters)")
    assert json_value(b"abc") == "3 bytes"
    assert json_value({"a": None}) == {"a": None}


@pytest.mark.parametrize(
    ("numbers", "text"), [([], ""), ([3], "3"), ([1, 2, 3, 5, 8, 7], "1-3, 5, 7-8"), ([-2, -1, 0], "-2-0")]
)
def test_spans(numbers: list[int], text: str) -> None:
    assert spans(numbers) == text


def exr_files(shared_data: Path) -> list[Path]:
    """Every EXR given, damaged ones without a suffix too; of the hundred equal frames of one sequence, one."""
    files = [path for path in sorted((shared_data / "exr").rglob("*")) if path.is_file()]
    damaged = [path for path in files if "Damaged" in path.parts and path.suffix != ".md"]
    exrs = [path for path in files if path.suffix == ".exr" and path.parent.name != "xstudio-seq"]
    return [*damaged, *exrs, shared_data / "exr/xstudio-seq"]


CHILD = """
import json, resource, sys, time
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (2 * 1024**3, 2 * 1024**3))
from app.info import describe_path, readable
from core.color import ColorConfig
color = ColorConfig.load(sys.argv[1])
for line in sys.stdin:
    start = time.perf_counter()
    found = describe_path(Path(json.loads(line)), color)
    readable(found)
    print(json.dumps({"seconds": time.perf_counter() - start, "found": found}, allow_nan=False), flush=True)
print(json.dumps({"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def test_every_given_exr_is_described_or_refused(shared_data: Path) -> None:
    """One process with 2 GB of address space meets them all: no crash, none over 10 s, each refusal a sentence, and
    nothing on standard error. Those that are known to be readable are usable."""
    files = exr_files(shared_data)

    ran = subprocess.run(
        [sys.executable, "-c", CHILD, CONFIG],
        input="\n".join(json.dumps(str(path)) for path in files),
        capture_output=True,
        text=True,
        timeout=110,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    *described, total = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(described) == len(files) > 150
    assert total["peak_mb"] < 2048
    refused = 0
    for path, line in zip(files, described, strict=True):
        found = line["found"]
        assert line["seconds"] < 10, path
        if not found["usable"]:
            refused += 1
            assert len(found["error"]) > 20, path
            assert found["error"].endswith("."), path
        if "Damaged" in path.parts:
            assert not found["usable"], path
    assert refused > 40
    usable = {
        str(path.relative_to(shared_data / "exr"))
        for path, line in zip(files, described, strict=True)
        if line["found"]["usable"]
    }
    inventory = json.loads((shared_data / "exr/EXR_INVENTORY.json").read_text())
    readable_ones = {
        each["file"] for each in inventory if each["read"] == "ok" and each.get("dtypes") and not each["deep"]
    }
    assert {name for name in readable_ones if "xstudio" not in name} <= usable


def damaged(whole: bytes, rng: random.Random) -> bytes:
    """Cut off, or with bytes changed in its header, its table of chunks or its pixels."""
    data = bytearray(whole)
    kind = rng.randrange(4)
    if kind == 0:
        return bytes(data[: rng.randrange(9, len(data))])
    for _ in range(rng.randrange(1, 6)):
        if kind == 1:
            data[rng.randrange(8, min(len(data), 700))] = rng.choice([0, 127, 128, 255, rng.randrange(256)])
        elif kind == 2:
            data[rng.randrange(8, len(data))] = rng.randrange(256)
        else:
            at = rng.randrange(8, min(len(data), 900) - 4)
            data[at : at + 4] = rng.choice([b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\xff" * 4, b"\0" * 4])
    return bytes(data)


def test_random_damage_never_ends_the_program(tmp_path: Path) -> None:
    """240 files, each damaged at random in its own way: described or refused, within 2 GB, nothing printed."""
    rng = random.Random(20)
    window = Window.of_size(40, 50)
    pixels = {name: np.random.default_rng(1).random(window.shape).astype(np.float16) for name in ("R", "G", "B", "x.A")}
    wholes = []
    for compression in ("zip", "piz", "none", "rle"):
        write_exr(tmp_path / "whole.exr", pixels, data_window=window, format=Format(window), compression=compression)
        wholes.append((tmp_path / "whole.exr").read_bytes())
    files = []
    for number in range(240):
        files.append(tmp_path / f"f{number}x.exr")
        files[-1].write_bytes(damaged(wholes[number % len(wholes)], rng))

    ran = subprocess.run(
        [sys.executable, "-c", CHILD, CONFIG],
        input="\n".join(json.dumps(str(path)) for path in files),
        capture_output=True,
        text=True,
        timeout=100,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    lines = [json.loads(line) for line in ran.stdout.splitlines()[:-1]]
    assert len(lines) == 240
    assert all(line["found"]["usable"] or line["found"]["error"].endswith(".") for line in lines)
    assert 20 < sum(line["found"]["usable"] for line in lines) < 220


@pytest.mark.parametrize(
    "name",
    [
        "openexr-images/Beachball/multipart.0001.exr",
        "exrs-tests/invalid/openexr/Damaged/poc-cbc6ff03d6bc31f0c61476525641852b0220278e6576a651029c50e86f7f0c77",
        "openexr-tests/src/test/OpenEXRTest/tiled.exr",
    ],
)
def test_the_command_line(shared_data: Path, name: str) -> None:
    """`penumbra info --json` prints one JSON document on standard output; exit code 0 or 1."""
    path = shared_data / "exr" / name

    ran = subprocess.run(
        [sys.executable, "-c", "import sys; from app.cli import main; sys.exit(main())", "info", "--json", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "OCIO": ""},
    )

    found = json.loads(ran.stdout)
    assert ran.returncode == (0 if found["usable"] else 1)
    assert found["usable"] == name.startswith("openexr-images")
    assert Path(found["pattern"]).parent == path.parent
