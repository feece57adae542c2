"""A QC report finds what was spoilt on purpose, in mattes and in delivered files, and says how to get there."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli.main import main
from app.cli.open import describe, destination
from app.frame_link import FrameLink
from app.qc import QcReport
from core.arrays import Float32
from core.color import ColorConfig
from core.errors import ProjectError
from core.exr import read_channels, read_header, write_exr
from core.foreground.steps import Despill, Foreground
from core.frames import FrameNumber, FrameRange
from core.geometry import Format, Window
from core.layer import Layer
from core.matte import Matte, Provenance
from core.plate_reader import open_plate
from core.project_file import Project
from core.quality import Concern, Finding
from core.review import ReviewMark, ReviewStatus, with_mark
from core.shot import Shot

WINDOW = Window(0, 0, 128, 96)
FRAMES = range(1001, 1009)
NO_PICTURE, NO_MATTE, SPOILT, VANISHES, FIXED, CUT = 1004, 1008, 1002, 1006, 1003, 1008


def ground() -> Float32:
    """(96, 128): something for motion to hold on to."""
    rng = np.random.default_rng(3)
    return np.kron(rng.uniform(0.05, 0.6, (12, 16)), np.ones((8, 8))).astype(np.float32)


def disc() -> Float32:
    y, x = np.mgrid[:96, :128]
    return np.clip(30.5 - np.hypot(y - 48, x - 60), 0, 1).astype(np.float32)


def coverage(frame: FrameNumber) -> Float32:
    made = disc()
    if frame == SPOILT:
        made[50:53, 60:64] = 0
        made[5:8, 100:105] = 0.5
    return made * 0 if frame == VANISHES else made


@dataclass
class Desk:
    """A saved project of eight frames, and where reports go."""

    folder: Path

    @property
    def project(self) -> Path:
        return self.folder / "shot 10.penumbra"

    def run(self, *words: str) -> int:
        return main([words[0], str(self.project), *words[1:], "--quiet"])

    def report(self, *words: str) -> dict[str, Any]:
        assert self.run("qc", "--out", str(self.folder / "qc"), *words) == 0
        raw: dict[str, Any] = json.loads((self.folder / "qc/shot_10.qc.json").read_bytes())
        return raw

    def found(self, *words: str) -> dict[str, list[tuple[int, int]]]:
        """Concern → (first, last) of each finding."""
        told: dict[str, list[tuple[int, int]]] = {}
        for finding in self.report(*words)["findings"]:
            told.setdefault(finding["concern"], []).append((finding["frame"], finding["last"]))
        return told

    def edit(self, frame: FrameNumber) -> None:
        """Another matte for a frame: what was delivered of it is old."""
        project = Project.open(self.project)
        layer = project.shot.layers[0]
        project.store.put("f" * 64, Matte(WINDOW, disc() * np.float32(0.5)))
        project.save(project.shot.with_layer(layer.frozen_at({frame: "f" * 64})))
        project.close()

    def respill(self) -> None:
        """Other colors: what was delivered with them is old, a matte alone is not."""
        project = Project.open(self.project)
        layer = replace(project.shot.layers[0], foreground=Foreground((Despill(allow=0.9),)))
        project.save(project.shot.with_layer(layer))
        project.close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    for frame in FRAMES:
        if frame != NO_PICTURE:
            window = Window(0, 0, 128, 90) if frame == FIXED else WINDOW
            planes = {name: ground()[: window.height] for name in "RGB"}
            write_exr(tmp_path / f"plate.{frame}.exr", planes, data_window=window, format=Format(WINDOW))
    cut = tmp_path / f"plate.{CUT}.exr"
    cut.write_bytes(cut.read_bytes()[:-400])
    color = ColorConfig.load()
    plate = open_plate(tmp_path / "plate.1001.exr", color)
    made = Desk(tmp_path)
    project = Project.create(made.project)
    keys = {frame: f"{frame:064x}" for frame in FRAMES if frame != NO_MATTE}
    for frame, key in keys.items():
        values = coverage(frame).astype(np.float16)
        project.store.put(key, Matte(WINDOW, values, 0.9, Provenance("propagate", "propagate", "3", "ab" * 32)))
    layer = replace(Layer("hero", "Hero & Co").frozen_at(keys), foreground=Foreground((Despill(),)))
    review = with_mark((), ReviewMark(1001, "hero", ReviewStatus.APPROVED, approved_key=keys[1001]))
    review = with_mark(review, ReviewMark(1005, "hero", ReviewStatus.APPROVED, approved_key="before"))
    review = with_mark(review, ReviewMark(FIXED, "hero", ReviewStatus.FIX, note="the <ear>"))
    project.save(Shot((plate,), None, (layer,), review=review))
    project.close()
    return made


def test_everything_that_was_spoilt_is_found(desk: Desk) -> None:
    """Each by its frame, once; nothing else."""
    assert desk.found() == {
        "no current matte": [(NO_MATTE, NO_MATTE)],
        "plate frame missing": [(NO_PICTURE, NO_PICTURE), (CUT, CUT)],
        "windows differ": [(FIXED, FIXED)],
        "holes": [(SPOILT, SPOILT)],
        "specks": [(SPOILT, SPOILT)],
        "matte vanishes": [(VANISHES, VANISHES)],
        "to do": [(FIXED, FIXED)],
        "approved, changed since": [(1005, 1005)],
        "not approved": [(1002, 1002), (1004, 1004), (1006, 1008)],
    }


def test_the_page_says_why_and_what_next_and_opens_the_frame(desk: Desk) -> None:
    """Pictures lie in the page, words of the artist are text, and each frame is a link."""
    report = desk.report()
    page = (desk.folder / "qc/shot_10.qc.html").read_text("utf-8")

    assert "the review says fix: the &lt;ear&gt;" in page.replace("The review", "the review")
    assert "<ear>" not in page
    assert page.count("data:image/jpeg;base64,") >= 5
    assert "Data window 128 × 90 at 0, 0, not 128 × 96 at 0, 0." in page
    assert "@media print" in page
    assert 'loading="lazy"' not in page  # what is printed must be there
    assert not re.search(r'(src|href)="(?!data:|penumbra:)', page)
    hole = next(each for each in report["findings"] if each["concern"] == "holes")
    assert hole["place"] == [60, 50, 64, 53]
    assert "Fill holes" in hole["next_step"]
    link = FrameLink.parse(hole["link"])
    assert (link.project, link.frame, link.layer) == (desk.project, SPOILT, "Hero & Co")
    assert f'href="{hole["link"].replace("&", "&amp;")}"' in page
    assert hole["command"] == f"penumbra open '{desk.project}' --frame {SPOILT} --layer 'Hero & Co'"


def test_a_delivery_is_read_back(desk: Desk) -> None:
    """What was exported is compared value by value; then spoilt in five ways, each of which is found."""
    out = desk.folder / "out"
    out.mkdir()
    frames = ("--frames", "1001-1007")
    for preset_id in ("matte", "rgb", "cryptomatte", "png16", "foreground", "comp", "h264"):
        assert desk.run("export", "-o", str(out), "--preset", preset_id, *frames) == 0
    clean = desk.report("--still", "--delivered", str(out), *frames)
    assert (clean["files_compared"], len(clean["delivered"])) == (43, 7)
    assert not [each for each in clean["findings"] if each["file"]]

    name = "plate_Hero_Co_v001"
    (out / f"{name}.1001.exr").unlink()
    damaged = out / f"{name}.1002.exr"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    repainted = out / f"{name}.1003.exr"
    part = read_header(repainted).parts[0]
    values = {"A": np.clip(read_channels(repainted)["A"] + np.float16(0.01), 0, 1)}
    write_exr(repainted, values, data_window=part.data_window, format=part.format)
    widened = out / f"{name}.1007.exr"
    wide = replace(part.format, pixel_aspect=2.0)
    write_exr(widened, read_channels(widened), data_window=read_header(widened).parts[0].data_window, format=wide)
    manifest = out / f"{name}.manifest.json"
    told = json.loads(manifest.read_bytes())
    for frame, file in (("1003", repainted), ("1007", widened)):
        told["frames"][frame]["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(told))
    desk.edit(1005)
    desk.respill()
    colors = desk.found("--still", "--delivered", str(out / "plate_comp_v001.manifest.json"), *frames)
    assert colors["file of an older matte"] == [(frame, frame) for frame in range(1001, 1008)]
    found = desk.found("--still", "--delivered", str(manifest), "--frames", "1001-1008")

    assert found["file missing"] == [(1001, 1001), (1008, 1008)]
    assert found["file changed"] == [(1002, 1002)]
    assert found["file differs from the matte"] == [(1003, 1003), (1007, 1007)]
    assert found["file of an older matte"] == [(1005, 1005)]


def test_an_export_with_a_report(desk: Desk) -> None:
    """`--qc` puts it beside the files; the export says what it found; a stale frame is exported by nobody."""
    out = desk.folder / "out"
    out.mkdir()
    assert desk.run("export", "-o", str(out), "--preset", "layers", "--qc", "--frames", "1001-1003") == 0
    assert desk.run("export", "-o", str(out), "--preset", "layers") == 1

    report = json.loads((out / "plate_mattes_v001.qc.json").read_bytes())
    assert (report["files_compared"], report["frames"]) == (3, [1001, 1003])
    assert (out / "plate_mattes_v001.qc.html").exists()


def test_strict_is_for_farms(desk: Desk) -> None:
    """An exit code of its own where something must be fixed, 0 where it is only worth a look."""
    out = str(desk.folder / "qc")

    assert desk.run("qc", "--out", out, "--still", "--strict") == 3
    assert desk.run("qc", "--out", out, "--still", "--strict", "--frames", "1001-1002") == 0


@pytest.mark.parametrize(
    ("order", "frames"),
    [
        ({"layers": ["Hero & Co"], "channels": ["A"]}, {"²": {"file": "x.exr", "keys": []}}),
        ({"layers": ["Hero & Co"], "channels": ["A"]}, {"1001": {"file": 5, "keys": 7}}),
        ({"layers": 5, "channels": 5}, {"1001": {"file": "x.exr", "keys": []}}),
        ({"layers": ["Hero & Co"], "channels": []}, {"1001": {"file": "x.exr", "keys": []}}),
        (5, []),
    ],
)
def test_a_manifest_that_is_none_is_a_finding(desk: Desk, order: object, frames: object) -> None:
    manifest = desk.folder / "odd.manifest.json"
    manifest.write_text(json.dumps({"manifest": 1, "order": order, "frames": frames}))

    report = desk.report("--still", "--delivered", str(manifest), "--frames", "1001-1001")

    assert [each["reason"] for each in report["findings"] if each["file"]] == ["its manifest cannot be read"]


def test_no_export_where_one_was_named(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.run("qc", "--out", str(desk.folder), "--delivered", str(desk.folder / "gone")) == 1
    assert "there is no export here" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["/shows/sh 10/Ä & b.penumbra", "/a/b?c#d%20.penumbra"])
def test_links_lead_back(name: str) -> None:
    """Whatever a folder is called."""
    link = FrameLink(Path(name), -3, "Hero & Co = 1")

    assert FrameLink.parse(link.url) == link
    assert FrameLink.parse(FrameLink(Path(name)).url) == FrameLink(Path(name))


def test_a_layer_may_have_a_comma_in_its_name() -> None:
    """Only a file has several layers, and opens the first."""
    findings = [
        Finding(Concern.HOLE, "Hero, left", 7, 7, "", ""),
        Finding(Concern.FILE_OLD, "A, B", 7, 7, "", "", None, "f"),
    ]
    report = QcReport(Path("/a.penumbra"), "", "", FrameRange(1, 9), (), tuple(findings))

    assert [link.layer for each in findings if (link := report.link(each))] == ["Hero, left", "A"]


def test_what_is_no_link_is_refused() -> None:
    for text in ("penumbra:", "penumbra:///?frame=3", "penumbra:///a?frame=x", "https://a"):
        with pytest.raises(ProjectError, match="is no link to a frame"):
            FrameLink.parse(text)


def test_open_understands_links_and_frames() -> None:
    """A link, or the same in words."""
    parser = argparse.ArgumentParser()
    describe(parser)
    link = FrameLink(Path("/a/b.penumbra"), 1003, "Hero")

    assert destination(parser.parse_args([link.url])) == link
    assert destination(parser.parse_args(["/a/b.penumbra", "--frame", "1003", "--layer", "Hero"])) == link
    assert destination(parser.parse_args([])) is None
