"""An export is whole frame by frame, never overwrites silently, and goes on where it stopped."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.exporting import ExportReport, export
from core.color import ColorConfig
from core.commands import AddCorrection, AddLayer, AddPlate, AddPrompt
from core.delivery import ExportPlan
from core.document import Document
from core.errors import Cancelled, ExportError, FrameError
from core.exr import read_channels, read_header, write_exr
from core.exr_write import STRUCTURAL
from core.frames import FrameNumber, FrameRange
from core.geometry import Format, Window
from core.layer import Layer, LayerId
from core.matte import Matte, Provenance
from core.picture import Picture
from core.plate import Plate
from core.plate_reader import PlateReader, open_plate
from core.prompts import Click, Stroke, StrokePoint
from core.shot import Shot

ROOT = Path(__file__).resolve().parents[2]
DISPLAY = Window(0, 0, 60, 40)
DATA = Window(-4, -3, 66, 44)
FORMAT = Format(DISPLAY, 2.0)
FRAMES = FrameRange(998, 1003)
MISSING = 1001


def shot(folder: Path) -> Shot:
    document = Document()
    plate = Plate("p", "sh010", folder / "plate.####.exr", FRAMES, FORMAT, DATA, "ACEScg", rate=Fraction(24))
    document.do(AddPlate(plate))
    for name in ("Hero", "Dog"):
        document.do(AddLayer(Layer(name.lower(), name)))
        document.do(AddPrompt(name.lower(), 1000, Click(10, 10), "empty"))
    return document.shot


def matte(layer_id: LayerId, frame: FrameNumber) -> Matte:
    rng = np.random.default_rng([frame, len(layer_id)])
    coverage = rng.uniform(0, 1, DATA.shape).astype(np.float16)
    return Matte(DATA, coverage, 0.9, Provenance("propagate", "propagate", "3", "ab" * 32))


def picture(frame: FrameNumber) -> Picture | None:
    if frame == MISSING:
        return None
    rgba = np.full((*DATA.shape, 4), 0.25, np.float16)
    rgba[..., 3] = 1
    attributes = {"owner": f"frame {frame}", "framesPerSecond": Fraction(24), "camera/iso": 800}
    return Picture(rgba, DATA, FORMAT, attributes)


@dataclass
class Desk:
    """A folder to export to and what was said on the way."""

    folder: Path
    shot: Shot
    stop_after: int = 1 << 30
    said: list[float] = field(default_factory=list)
    asked: list[tuple[LayerId, FrameNumber]] = field(default_factory=list)

    def export(self, name: str = "hero.####.exr", layers: tuple[str, ...] = ("hero",), **more: Any) -> ExportReport:
        plan = ExportPlan(str(self.folder / "out" / name), layers, more.pop("frames", FRAMES), **more)
        return export(
            plan,
            self.shot,
            self.matte,
            picture,
            lambda done, _: self.said.append(done),
            lambda: len(self.said) >= self.stop_after,
        )

    def matte(self, layer_id: LayerId, frame: FrameNumber) -> Matte:
        self.asked.append((layer_id, frame))
        return matte(layer_id, frame)

    def names(self) -> list[str]:
        """Every file in the export folder, hidden ones too."""
        return sorted(path.name for path in (self.folder / "out").iterdir())

    def manifest(self, name: str = "hero") -> dict[str, Any]:
        raw: dict[str, Any] = json.loads((self.folder / "out" / f"{name}.manifest.json").read_bytes())
        return raw

    def frame(self, number: FrameNumber, name: str = "hero") -> Path:
        return self.folder / "out" / f"{name}.{number:04d}.exr"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, shot(tmp_path))


def test_every_frame_is_written_with_its_number_windows_and_attributes(desk: Desk) -> None:
    """None skipped, the plate's missing frame included; values bit for bit; nothing else in the folder."""
    report = desk.export()

    assert desk.names() == sorted([*(f"hero.{frame:04d}.exr" for frame in FRAMES), "hero.manifest.json"])
    for frame in FRAMES:
        part = read_header(desk.frame(frame)).parts[0]
        assert (part.data_window, part.format, part.compression) == (DATA, FORMAT, "zip")
        assert np.array_equal(read_channels(desk.frame(frame))["A"], matte("hero", frame).coverage)
        assert part.attributes.get("owner") == (None if frame == MISSING else f"frame {frame}")
        key = desk.shot.layer("hero").delivered_key(desk.shot.plates[0].identity, frame)
        assert part.attributes["penumbra/matteKey"] == key
        assert part.attributes["penumbra/weights"] == "ab" * 32
    assert (report.written, report.kept, report.without_plate) == (6, 0, (MISSING,))
    assert report.sentence.endswith(
        "hero.####.exr: 6 files written, 1 frame without a plate picture (the first is 1001)."
    )
    assert desk.said == pytest.approx([number / 6 for number in range(1, 7)])
    json.dumps(report.as_dict())


def test_another_reader_sees_the_same(desk: Desk) -> None:
    """Read back with the second library: windows, aspect, number, attributes, channel names, values."""
    oiio = pytest.importorskip("OpenImageIO", reason="the second EXR reader is not installed")
    desk.export("both.####.exr", ("hero", "dog"), kind="layers")

    image = oiio.ImageBuf(str(desk.frame(1000, "both")))
    spec = image.spec()
    assert (spec.x, spec.y, spec.width, spec.height) == (-4, -3, 70, 47)
    assert (spec.full_x, spec.full_y, spec.full_width, spec.full_height) == (0, 0, 60, 40)
    assert spec.getattribute("PixelAspectRatio") == 2.0
    assert spec.getattribute("compression") == "zip"
    assert sorted(spec.channelnames) == ["Dog.A", "Hero.A"]
    pixels = image.get_pixels(oiio.FLOAT)
    for name in ("Hero", "Dog"):
        assert np.array_equal(pixels[..., spec.channelnames.index(f"{name}.A")], matte(name.lower(), 1000).float32())


def test_a_sentence_names_no_more_sequences_than_can_be_read() -> None:
    few, many = (ExportReport(tuple(f"/out/{n}.####.exr" for n in range(count)), 6, 6, 0).sentence for count in (3, 9))

    assert few == "/out/0.####.exr, /out/1.####.exr, /out/2.####.exr: 6 files written."
    assert many == "/out/0.####.exr, /out/1.####.exr, /out/2.####.exr and 6 more: 6 files written."


def test_the_manifest_tells_what_is_there(desk: Desk) -> None:
    """Per frame the file, its hash and the keys of its mattes."""
    desk.export()

    manifest = desk.manifest()
    assert manifest["complete"] is True
    assert list(manifest["frames"]) == [str(frame) for frame in FRAMES]
    for frame in FRAMES:
        entry = manifest["frames"][str(frame)]
        assert entry["sha256"] == hashlib.sha256(desk.frame(frame).read_bytes()).hexdigest()
        assert entry["file"] == desk.frame(frame).name


def test_nothing_is_overwritten_silently(desk: Desk) -> None:
    """The first file that exists is named, with the next version; nothing was touched."""
    (desk.folder / "out").mkdir()
    desk.frame(1002).write_bytes(b"somebody's")

    with pytest.raises(ExportError, match=r"hero\.1002\.exr: this file exists already\. Write hero_v002\.####\.exr"):
        desk.export()
    with pytest.raises(ExportError, match=r"hero\.1002\.exr"):
        desk.export(resume=True)
    assert desk.names() == ["hero.1002.exr"]
    assert desk.frame(1002).read_bytes() == b"somebody's"

    desk.export(overwrite=True)
    assert np.array_equal(read_channels(desk.frame(1002))["A"], matte("hero", 1002).coverage)


def test_the_plate_is_never_overwritten(desk: Desk) -> None:
    """Not even when overwriting is allowed, nor by another way to write its name."""
    for name in ("../plate.####.exr", "../out/../plate.%04d.exr"):
        with pytest.raises(ExportError, match="the plate itself"):
            desk.export(name, overwrite=True)
    store = desk.folder / "store"
    store.mkdir()
    (store / "0998.exr").write_bytes(b"the plate")
    (desk.folder / "plate.0998.exr").symlink_to(store / "0998.exr")
    (desk.folder / "out").mkdir()
    (desk.folder / "out" / "link").symlink_to(store)
    for name in ("../store/####.exr", "link/####.exr"):
        with pytest.raises(ExportError, match="the plate itself"):
            desk.export(name, overwrite=True)
    assert (store / "0998.exr").read_bytes() == b"the plate"


def test_a_cancelled_export_is_resumed(desk: Desk) -> None:
    """Frames that are whole stay as they are; the rest is written; only they are asked for."""
    desk.stop_after = 2
    with pytest.raises(Cancelled, match="cancelled after 2 of 6"):
        desk.export()
    assert desk.manifest()["complete"] is False
    times = {frame: desk.frame(frame).stat().st_mtime_ns for frame in (998, 999)}

    desk.stop_after, desk.asked = 1 << 30, []
    report = desk.export(resume=True)

    assert (report.written, report.kept) == (4, 2)
    assert desk.asked == [("hero", frame) for frame in (1000, 1001, 1002, 1003)]
    assert {frame: desk.frame(frame).stat().st_mtime_ns for frame in (998, 999)} == times
    assert desk.manifest()["complete"] is True


def test_resuming_renews_what_is_no_longer_true(desk: Desk) -> None:
    """A frame whose matte changed since, and one whose file was damaged."""
    desk.export()
    document = Document(desk.shot)
    document.do(AddCorrection("hero", 1003, Stroke((StrokePoint(5, 5),), 3), "ground"))
    document.do(AddCorrection("hero", 1001, Stroke((StrokePoint(5, 5),), 3), "ground"))
    desk.shot, desk.asked = document.shot, []
    desk.frame(998).write_bytes(desk.frame(998).read_bytes()[:-9])

    report = desk.export(resume=True)

    assert [frame for _, frame in desk.asked] == [998, 1001, 1002, 1003]
    assert (report.written, report.kept) == (4, 2)
    assert np.array_equal(read_channels(desk.frame(998))["A"], matte("hero", 998).coverage)


def test_resuming_with_another_order_is_refused(desk: Desk) -> None:
    """Half of one export and half of another is no delivery."""
    desk.export()

    with pytest.raises(ExportError, match="exists already"):
        desk.export(resume=True, pixel_type="float")


def test_a_comp_and_its_empty_frames(desk: Desk) -> None:
    """RGBA in every frame; where the plate is missing it is black and transparent."""
    desk.export("comp.####.exr", kind="comp")

    there, missing = read_channels(desk.frame(1000, "comp")), read_channels(desk.frame(MISSING, "comp"))
    assert set(there) == set(missing) == set("RGBA")
    coverage = matte("hero", 1000).float32()
    assert np.array_equal(there["A"], coverage.astype(np.float16))
    assert np.array_equal(there["R"], (coverage * np.float32(0.25)).astype(np.float16))
    assert not any(channel.any() for channel in missing.values())


@pytest.mark.parametrize("compression", ["zip", "zips", "piz", "none"])
@pytest.mark.parametrize("pixel_type", ["half", "float"])
def test_choices_are_in_the_file(desk: Desk, compression: str, pixel_type: str) -> None:
    """Compression and type as ordered, the same values."""
    desk.export(frames=FrameRange(1000, 1000), compression=compression, pixel_type=pixel_type)

    assert read_header(desk.frame(1000)).parts[0].compression == compression
    back = read_channels(desk.frame(1000))["A"]
    assert back.dtype == {"half": np.float16, "float": np.float32}[pixel_type]
    assert np.array_equal(back, matte("hero", 1000).coverage)


def test_a_broken_plate_frame_is_a_frame_without_a_picture(desk: Desk) -> None:
    """A plate file that was damaged or deleted while it was open does not stop the delivery."""

    def broken(frame: FrameNumber) -> Picture | None:
        if frame == 1000:
            raise FrameError("plate.1000.exr", why="the file ends too early")
        return picture(frame)

    plan = ExportPlan(str(desk.folder / "out" / "hero.####.exr"), ("hero",), FRAMES)
    report = export(plan, desk.shot, matte, broken, lambda *_: None, lambda: False)

    assert report.without_plate == (1000, MISSING)
    assert desk.frame(1000).exists()


def test_real_plates_windows_and_attributes_come_out_as_they_went_in(shared_data: Path, tmp_path: Path) -> None:
    """Sixteen display and data windows, and a multi-part file's attributes, read by the plate's own reader."""
    color = ColorConfig.load()
    compared = 0
    for path, part in (
        *((file, "") for file in sorted((shared_data / "exr/openexr-images/DisplayWindow").glob("t*.exr"))),
        (shared_data / "exr/openexr-images/Beachball/multipart.0001.exr", "rgba_left"),
    ):
        plate = replace(open_plate(path, color, part=part), path=path)
        reader = PlateReader(plate, color)
        frame = plate.frames.first
        layers = (Layer("hero", "Hero"),)
        target = tmp_path / f"{path.stem.replace('.', '_')}.exr"
        plan = ExportPlan(str(target), ("hero",), FrameRange(frame, frame))
        canvas = plate.canvas
        whole = Matte(canvas, np.full(canvas.shape, 0.5, np.float32))
        export(plan, Shot((plate,), None, layers), lambda *_, m=whole: m, reader.read, lambda *_: None, lambda: False)

        source, written = read_header(path).part(part or "0"), read_header(target).parts[0]
        assert (written.data_window, written.format) == (source.data_window, source.format)
        assert (read_channels(target)["A"] == 0.5).all()
        for name in source.attributes.keys() - STRUCTURAL:
            assert repr(written.attributes[name]) == repr(source.attributes[name])
            compared += 1
    assert compared > 30


def test_every_real_attribute_can_be_written(shared_data: Path, tmp_path: Path) -> None:
    """Whatever a plate's header holds, it stops no export and comes back equal."""
    target, parts = tmp_path / "x.exr", 0
    window = Window.of_size(2, 2)
    for path in sorted((shared_data / "exr").rglob("*.exr")):
        try:
            header = read_header(path)
        except FrameError:
            continue
        for part in header.parts:
            own = {name: value for name, value in part.attributes.items() if name not in STRUCTURAL}
            pixels = {"A": np.zeros(window.shape, np.float16)}
            write_exr(target, pixels, data_window=window, format=Format(window), attributes=own)
            back = read_header(target).parts[0].attributes
            assert {name: repr(back[name]) for name in own} == {name: repr(value) for name, value in own.items()}
            parts += 1
    assert parts > 100


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB: room for some of the frames and not for all."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small tmpfs cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_ends_in_a_sentence_and_resume_finishes(small_disk: Path) -> None:
    """What is there is whole and listed, nothing half-written lies around, and with room again it goes on."""
    desk = Desk(small_disk, shot(small_disk))
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * (256 - 40) * 1024)
    with pytest.raises(ExportError, match=r"hero\.\d+\.exr: .*resume") as refused:
        desk.export(pixel_type="float", compression="none")

    assert "full" in refused.value.why
    written = [name for name in desk.names() if name.endswith(".exr")]
    assert 0 < len(written) < len(FRAMES)
    assert not [name for name in desk.names() if name.startswith(".")]
    for name in written:
        assert read_channels(small_disk / "out" / name)["A"].shape == DATA.shape
    filler.unlink()
    report = desk.export(pixel_type="float", compression="none", resume=True)
    assert (report.kept, report.written) == (len(written), len(FRAMES) - len(written))


def test_what_a_killed_export_left_half_is_swept_away(desk: Desk) -> None:
    """Of the same name only: another export may be under way beside it."""
    (desk.folder / "out").mkdir()
    mine = (".partial-0123456789ab-x.mov", ".staged-x.mov", ".partial-0123456789ab-x.mov.manifest.json")
    theirs = (".partial-0123456789ab-y.mov", ".staged-y.0998.exr")
    for name in (*mine, *theirs):
        (desk.folder / "out" / name).write_bytes(b"half")

    desk.export("x.mov", kind="prores", frames=FrameRange(998, 998))

    assert desk.names() == [*theirs, "x.mov", "x.mov.manifest.json"]


def test_a_place_that_refuses_is_named_with_what_to_do(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the way; a folder nobody may look into; one nobody may write to, the half file neither removable."""
    (desk.folder / "out").write_bytes(b"")
    with pytest.raises(ExportError, match=r"hero\.0998\.exr: a file stands where a folder should\. Choose another"):
        desk.export()
    (desk.folder / "out").unlink()

    def refused(path: Path, *_more: object, **_named: object) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    for call in ("exists", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, call, refused)
            patch.setattr(Path, "unlink", refused)
            with pytest.raises(ExportError, match=r"writing there is not allowed\. Choose another folder, or have"):
                desk.export()
    assert desk.export(overwrite=True).written == len(FRAMES)


EXPORTER = """
import importlib.util, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("exporting_desk", sys.argv[1])
desk = importlib.util.module_from_spec(spec)
sys.modules["exporting_desk"] = desk
spec.loader.exec_module(desk)
folder = Path(sys.argv[2])
desk.export(
    desk.ExportPlan(str(folder / "out" / "hero.####.exr"), ("hero",), desk.FrameRange(1, 2000), resume=True),
    desk.shot(folder), desk.matte, desk.picture,
    lambda done, _: print(round(done * 2000), flush=True), lambda: False,
)
"""


def test_kill_9_in_the_middle_of_an_export(tmp_path: Path) -> None:
    """Killed three times: every frame under its name is whole and true, and resume writes only the rest."""
    desk = Desk(tmp_path, shot(tmp_path))
    said = 0
    for more_s in (0.0, 0.0137, 0.031):
        with subprocess.Popen(
            [sys.executable, "-c", EXPORTER, __file__, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            for line in child.stdout:
                if int(line) >= said + 4:
                    break
            time.sleep(more_s)
            os.kill(child.pid, signal.SIGKILL)
            said = max([said, *map(int, child.stdout.read().splitlines()[:-1])])
        present = sorted((tmp_path / "out").glob("hero.*.exr"))
        assert len(present) >= said
        for path in present:
            assert np.array_equal(read_channels(path)["A"], matte("hero", int(path.name[5:-4])).coverage)

    report = desk.export(frames=FrameRange(1, len(present) + 3), resume=True)
    assert (report.kept, report.written) == (len(present), 3)
    assert not [name for name in desk.names() if name.startswith(".")]


def test_negative_frame_numbers_keep_their_sign(desk: Desk) -> None:
    """The minus is not counted as a digit, as everywhere else."""
    plan = ExportPlan(str(desk.folder / "out" / "x.####.exr"), ("hero",), FrameRange(-2, 1))
    export(plan, desk.shot, lambda *_: matte("hero", 1), picture, lambda *_: None, lambda: False)

    assert [name for name in desk.names() if name.endswith("exr")] == [
        "x.-0001.exr",
        "x.-0002.exr",
        "x.0000.exr",
        "x.0001.exr",
    ]
