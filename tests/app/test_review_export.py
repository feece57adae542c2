"""A review leaves the program whole or not at all: list, movie, pictures, sheet; and through `penumbra review`."""

from __future__ import annotations

import csv
import json
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import OpenEXR
import pytest

import app.movie_file
from app.cli.main import main
from app.movie_file import MovieFile
from app.review_export import Material, ReviewReport, write_review
from core.arrays import UInt8
from core.color import ColorConfig
from core.commands import AddLayer, AddPlate
from core.delivered_keys import current_key
from core.document import Document
from core.errors import Cancelled, ExportError, FrameError
from core.exr import write_exr
from core.frames import FrameNumber, FrameRange
from core.geometry import Format, Window
from core.jobs import JobState
from core.layer import EMPTY_MATTE, Layer, MatteKey
from core.matte import Matte
from core.picture import Picture
from core.plate import Plate
from core.plate_reader import open_plate
from core.project_file import Project
from core.review import WHOLE_PICTURE, DrawnLine, ReviewStatus
from core.review_commands import AddReviewStroke, SetReviewNote, SetReviewStatus
from core.review_list import ReviewFilter
from core.review_plan import ReviewPlan, check, frames_of
from core.take import Take
from tests.app.conftest import FRAMES as PLATE_FRAMES
from tests.app.conftest import Desk, write_plate

DISPLAY = Window(0, 0, 161, 91)
FRAMES = FrameRange(1001, 1006)
MISSING = 1005
RATE = Fraction(24000, 1001)
GREEN = (0.0, 1.0, 0.0)


def plate() -> Plate:
    return Plate("p", "sh010", Path("/show/plate.####.exr"), FRAMES, Format(DISPLAY), DISPLAY, "ACEScg", rate=RATE)


def picture(frame: FrameNumber) -> Picture:
    if frame == MISSING:
        raise FrameError(f"plate.{frame}.exr", why="the file does not exist")
    rgba = np.full((*DISPLAY.shape, 4), 0.18, np.float16)
    rgba[..., 3] = 1
    return Picture(rgba, DISPLAY, Format(DISPLAY))


def matte(key: MatteKey) -> Matte | None:
    """`new`: the right half is covered; `old`: nothing but a tenth at the left."""
    coverage = np.zeros(DISPLAY.shape, np.float16)
    if key == "old":
        coverage[:, :16] = 1
    elif key != EMPTY_MATTE:
        coverage[:, 80:] = 1
    return Matte(DISPLAY, coverage)


@dataclass
class Table:
    """A reviewed shot, and the export of it."""

    folder: Path
    document: Document = field(default_factory=Document)
    stop_after: int = 1 << 30
    take: Take | None = None
    plates: Path = Path("/show")
    said: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.document.do(AddPlate(plate()))
        self.document.do(AddLayer(Layer("hero", "Hero", color=GREEN)))

    def mark(self, frame: FrameNumber, status: ReviewStatus, note: str = "", layer_id: str = "hero") -> None:
        shot = self.document.shot
        assert shot.plate is not None
        seen = current_key(shot, frame, layer_id)
        self.document.do(SetReviewStatus(frame, layer_id, status, seen, "ana", "2026-01-02T10:00:00+00:00"))
        if note:
            self.document.do(SetReviewNote(frame, layer_id, note, "ana", "2026-01-02T10:00:00+00:00"))

    def write(self, plan: ReviewPlan) -> ReviewReport:
        shot = self.document.shot
        material = Material(
            shot,
            ColorConfig.load(""),
            picture,
            lambda frame: self.plates / f"plate.{frame}.exr",
            matte,
            {"hero": dict.fromkeys(FRAMES, "new")},
            self.take,
        )
        return write_review(plan, material, self._progress, lambda: len(self.said) >= self.stop_after)

    def _progress(self, done: float, message: str) -> None:
        del message
        self.said.append(done)

    def files(self) -> list[str]:
        """Everything there is, hidden names too."""
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def table(tmp_path: Path) -> Table:
    made = Table(tmp_path)
    made.mark(1002, ReviewStatus.FIX, 'the ear, "left"')
    made.mark(1004, ReviewStatus.APPROVED)
    made.mark(1004, ReviewStatus.TO_DO, "wire – schön", WHOLE_PICTURE)
    return made


def frames_in(path: Path) -> list[UInt8]:
    """Every decoded picture, (H, W, 3) uint8."""
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


def read_picture(path: Path) -> UInt8:
    """(H, W, 3) uint8 RGB."""
    decoded = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded[..., ::-1], np.uint8)


# --- the list ---------------------------------------------------------------------------------------------------


def test_the_list_is_exact(table: Table) -> None:
    """UTF-8, one line per mark that passes the filter, and nothing else is written."""
    path = table.folder / "deep/er/review.csv"
    report = table.write(ReviewPlan(csv=path))

    assert path.read_bytes().decode("utf-8") == (
        "frame,timecode,layer,status,note,drawn lines,author,time\r\n"
        '1002,,Hero,fix,"the ear, ""left""",0,ana,2026-01-02T10:00:00+00:00\r\n'
        "1004,,whole frame,to do,wire – schön,0,ana,2026-01-02T10:00:00+00:00\r\n"
        "1004,,Hero,approved,,0,ana,2026-01-02T10:00:00+00:00\r\n"
    )
    assert report == ReviewReport((str(path),), 3, 0)
    assert table.files() == ["review.csv"]


def test_a_timecode_comes_from_the_frames_own_header(tmp_path: Path) -> None:
    """Read from the EXR, for the marked frames only; a frame without one, or without a file, has none."""
    channels = {name: np.zeros((4, 4), np.float16) for name in "RGB"}
    window = Window.of_size(4, 4)
    for frame, attributes in ((1002, {"timeCode": OpenEXR.TimeCode(10, 0, 41, 17, *([0] * 14))}), (1004, {})):
        path = tmp_path / f"plate.{frame}.exr"
        write_exr(path, channels, data_window=window, format=Format(window), attributes=attributes)
    project = Table(tmp_path / "out")
    project.plates = tmp_path
    for frame in (1002, 1003, 1004):
        project.mark(frame, ReviewStatus.FIX)
    project.write(ReviewPlan(csv=tmp_path / "out/r.csv"))

    lines = (tmp_path / "out/r.csv").read_text("utf-8").splitlines()[1:]
    assert [line.split(",")[:2] for line in lines] == [["1002", "10:00:41:17"], ["1003", ""], ["1004", ""]]


def test_an_older_list_is_not_overwritten_by_accident(table: Table) -> None:
    """Refused before a file is touched; allowed, it is replaced."""
    plan = ReviewPlan(csv=table.folder / "r.csv", sheet=table.folder / "r.png")
    (table.folder / "r.csv").write_text("mine")
    with pytest.raises(ExportError, match="exists already"):
        table.write(plan)
    assert table.files() == ["r.csv"]
    assert (table.folder / "r.csv").read_text() == "mine"

    table.write(replace(plan, overwrite=True))
    assert table.files() == ["r.csv", "r.png"]
    assert (table.folder / "r.csv").read_text().startswith("frame,")


# --- the movie --------------------------------------------------------------------------------------------------


def test_the_movie_reads_back(table: Table) -> None:
    """Every frame of the range at the plate's rate, of even size, in the colors BT.709 names."""
    path = table.folder / "r.mov"
    report = table.write(ReviewPlan(movie=path))

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == RATE
        assert stream.codec_context.name == "h264"
        assert (stream.width % 2, stream.height % 2) == (0, 0)
        assert stream.width >= 2 * DISPLAY.width
        assert (stream.codec_context.colorspace, stream.codec_context.color_range) == (1, 1)
    assert len(frames_in(path)) == len(FRAMES)
    assert report.frames == 6
    assert report.without_picture == (MISSING,)
    assert "1 frame without a plate picture (the first is 1005)" in report.sentence
    assert table.said == sorted(table.said)
    assert table.said[-1] == 1.0


def test_the_number_is_burnt_into_each_frame(table: Table) -> None:
    """The place of the number differs from frame to frame; the rest of the head does not where nothing was said."""
    path = table.folder / "r.mp4"
    table.write(ReviewPlan(movie=path))
    made = frames_in(path)
    numbers = [made[place][:30, :60].astype(int) for place in range(6)]

    for place, one in enumerate(numbers):
        assert (one > 150).any()
        for other in numbers[place + 1 :]:
            assert np.abs(one - other).max() > 60
    shot_name = [made[place][:24, 75:110].astype(int) for place in (0, 2)]
    assert np.abs(shot_name[0] - shot_name[1]).mean() < 4 < np.abs(numbers[0] - numbers[2]).max()


def test_before_is_the_plate_and_after_has_the_matte(table: Table) -> None:
    """Left grey as the plate is; right the same, with the layer's color on its right half."""
    path = table.folder / "r.0000.png"
    table.write(ReviewPlan(pictures=path.with_name("r.####.png"), width_px=4000, opacity=0.5))
    page = read_picture(table.folder / "r.1001.png").astype(int)
    middle = page.shape[0] // 2
    before, uncovered, covered = page[middle, 40], page[middle, 165 + 40], page[middle, 165 + 120]

    shown = ColorConfig.load("")
    view = shown.display(shown.default_display, shown.default_view)
    grey = int(view.apply(np.full((1, 1, 4), 0.18, np.float16))[0, 0, 0])
    assert before.tolist() == uncovered.tolist() == [grey] * 3
    assert covered.tolist() == pytest.approx([grey / 2, grey / 2 + 127.5, grey / 2], abs=1)
    assert len(table.files()) == 6


def test_a_take_stands_before(table: Table) -> None:
    """Its mattes in the same style; a matte alone is not tone-mapped: full coverage is white."""
    table.take = Take("t1", "hero", "model v1", dict.fromkeys(FRAMES, "old"))
    plan = ReviewPlan(pictures=table.folder / "r.####.png", before="t1", after="matte", layout="stacked")
    table.write(plan)
    page = read_picture(table.folder / "r.1002.png").astype(int)
    upper = page.shape[0] // 4 + 12

    assert page[upper, 8].tolist() == [255, 255, 255]
    assert page[upper, 100].tolist() == [0, 0, 0]
    lower = page[-len(page) // 4]
    assert lower[100].tolist() == [255, 255, 255]
    assert lower[8].tolist() == [0, 0, 0]


def test_the_drawing_is_on_the_picture_where_it_was_drawn(table: Table) -> None:
    """A red line across the after side, in its color and width, and not on the frame before it."""
    red = (1.0, 0.0, 0.0)
    table.document.do(AddReviewStroke(1003, "hero", DrawnLine(((10.5, 45.5), (60.5, 45.5)), red, 5.0)))
    table.write(ReviewPlan(pictures=table.folder / "r.####.png", layout="after only"))
    with_line, without = (read_picture(table.folder / f"r.{frame}.png").astype(int) for frame in (1003, 1001))
    is_red = (with_line[..., 0] > 200) & (with_line[..., 1] < 60)

    rows, columns = np.nonzero(is_red[:, 20:50])
    assert len(np.unique(rows)) in (4, 5, 6)
    assert len(np.unique(columns)) == 30
    assert not ((without[..., 0] > 200) & (without[..., 1] < 60)).any()


@pytest.mark.parametrize(
    "line",
    [
        DrawnLine(((float("nan"), 1.0), (1e30, float("-inf")), (3.0, 3.0)), (1.0, 0.0, 0.0), 2.0),
        DrawnLine(((1e9, 1.0), (-1e9, -1e9)), (1.0, 0.0, 0.0), 1e9),
    ],
)
def test_a_drawing_of_a_damaged_file_stops_no_export(table: Table, line: DrawnLine) -> None:
    table.document.do(AddReviewStroke(1003, "hero", line))
    table.document.do(SetReviewNote(1003, "hero", "a lone \udce9 as a file name may bring it"))

    report = table.write(ReviewPlan(csv=table.folder / "o.csv", sheet=table.folder / "o.png"))

    assert report.marks
    assert "a lone ? as" in (table.folder / "o.csv").read_text(encoding="utf-8")


def test_only_marked_frames_are_held(table: Table) -> None:
    """Those the filter lets through, a second each."""
    plan = ReviewPlan(
        movie=table.folder / "r.mp4",
        wanted=ReviewFilter(statuses=frozenset({ReviewStatus.FIX, ReviewStatus.TO_DO})),
        marked_only=True,
        hold=5,
    )
    assert frames_of(plan, table.document.shot) == (1002, 1004)
    table.write(plan)

    made = frames_in(table.folder / "r.mp4")
    assert len(made) == 10
    still, cut = (np.abs(made[a].astype(int) - made[b]).mean() for a, b in ((0, 4), (4, 5)))
    assert still < 1 < cut + 0.9


def test_a_pixel_aspect_makes_the_page_wider(table: Table) -> None:
    """What is twice as wide on screen is twice as wide in the review."""
    wide = replace(plate(), format=Format(DISPLAY, 2.0))
    table.document = Document()
    table.document.do(AddPlate(wide))
    table.document.do(AddLayer(Layer("hero", "Hero")))
    table.write(ReviewPlan(sheet=table.folder / "s.png", pictures=table.folder / "r.####.png", layout="after only"))

    assert read_picture(table.folder / "r.1001.png").shape[1] == 2 * DISPLAY.width


def test_the_sheet_has_the_marked_frames(table: Table) -> None:
    """Two pages; without marks a few frames of the range."""
    table.write(ReviewPlan(sheet=table.folder / "two.jpg", width_px=640))
    two = read_picture(table.folder / "two.jpg").shape
    nothing = Table(table.folder)
    nothing.write(ReviewPlan(sheet=table.folder / "all.jpg"))

    assert read_picture(table.folder / "all.jpg").shape[:2] > two[:2]


# --- what goes wrong --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [0, 1, 4, 6, 7])
def test_cancelling_leaves_no_file(table: Table, after: int) -> None:
    """At whichever page: not the movie, not the pictures made so far, not the list."""
    table.stop_after = after
    plan = ReviewPlan(
        csv=table.folder / "r.csv",
        movie=table.folder / "r.mp4",
        pictures=table.folder / "r.####.png",
        sheet=table.folder / "r.png",
    )
    with pytest.raises(Cancelled, match="cancelled after"):
        table.write(plan)

    assert table.files() == []


@contextmanager
def small_disk(most_bytes: int) -> Iterator[None]:
    """No file may grow beyond this: what a full disk does to a file that is being written."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


@pytest.mark.parametrize("kind", ["movie", "pictures", "sheet", "csv"])
def test_a_full_disk_is_a_sentence_and_leaves_nothing(table: Table, kind: str) -> None:
    """The name of the file, the reason, and what to do; no half-written file under any name."""
    names = {"movie": "r.mp4", "pictures": "r.####.png", "sheet": "r.png", "csv": "r.csv"}
    for frame in FRAMES:
        table.mark(frame, ReviewStatus.FIX, "a long note " * 12)
    with small_disk(600), pytest.raises(ExportError, match="the disk is full") as caught:
        table.write(ReviewPlan(**{kind: table.folder / names[kind]}))  # type: ignore[arg-type]

    assert "Make room" in caught.value.hint
    assert table.files() == []


def test_a_missing_encoder_is_a_sentence(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what can be done instead, before anything is written."""
    monkeypatch.setattr(app.movie_file, "H264", replace(app.movie_file.H264, encoders=("no_such_encoder",)))
    with pytest.raises(ExportError, match=r"no H\.264 encoder") as caught:
        table.write(ReviewPlan(movie=table.folder / "r.mp4"))

    assert "image sequence" in caught.value.hint
    assert table.files() == []


def test_a_movie_left_by_an_error_is_gone(tmp_path: Path) -> None:
    """Whatever went wrong in between."""
    page: UInt8 = np.zeros((33, 47, 3), np.uint8)

    def fail(movie: MovieFile) -> None:
        movie.add(page, hold=3)
        raise KeyError

    with pytest.raises(KeyError), MovieFile(tmp_path / "m.mp4", (47, 33), Fraction(25)) as movie:
        fail(movie)
    assert list(tmp_path.iterdir()) == []


def test_odd_sizes_are_padded_and_colors_kept(tmp_path: Path) -> None:
    """47 x 33 becomes 48 x 34, black at the right and below; a flat color comes back within three codes."""
    page: UInt8 = np.empty((33, 47, 3), np.uint8)
    page[:] = (200, 90, 60)
    with MovieFile(tmp_path / "m.mp4", (47, 33), Fraction(25)) as movie:
        movie.add(page)
    (made,) = frames_in(tmp_path / "m.mp4")

    assert made.shape == (34, 48, 3)
    assert np.abs(made[10, 20].astype(int) - (200, 90, 60)).max() <= 3


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "nothing is asked for"),
        ({"movie": "r.avi"}, "is written as .mp4 or .mov"),
        ({"pictures": "r.png"}, "no place for the frame number"),
        ({"sheet": "r.tif"}, "is written as .png or .jpg"),
        ({"movie": "r.mp4", "marked_only": True, "wanted": ReviewFilter(text="nowhere")}, "no frame has a mark"),
        ({"csv": "r.csv", "layers": ("gone",)}, "not there any more"),
        ({"csv": "r.csv", "after": "upside down"}, "not a way to show mattes"),
    ],
)
def test_plans_that_cannot_be_carried_out_are_refused(table: Table, fields: dict[str, object], said: str) -> None:
    """Before a file is touched, with a sentence."""
    placed = {
        name: table.folder / value if isinstance(value, str) and "." in value else value
        for name, value in fields.items()
    }
    with pytest.raises(ExportError, match=said):
        check(ReviewPlan(**placed), table.document.shot)  # type: ignore[arg-type]


# --- the room and the command -----------------------------------------------------------------------------------


def test_the_room_exports_as_a_job(desk: Desk) -> None:
    """Progress, a sentence, and files; a matte that is not there yet is said on the page, not refused."""
    desk.studio.document.do(SetReviewStatus(1002, desk.layer, ReviewStatus.FIX))
    reports: list[ReviewReport] = []
    desk.studio.reviewing.exported.connect(reports.append)
    desk.studio.reviewing.export(ReviewPlan(csv=desk.folder / "r.csv", movie=desk.folder / "r.mp4"))
    desk.until(lambda: bool(reports))

    assert reports[0].marks == 1
    assert reports[0].frames == len(PLATE_FRAMES)
    job = next(job for job in desk.studio.jobs() if job.title == "Export review")
    assert job.message == reports[0].sentence
    assert len(frames_in(desk.folder / "r.mp4")) == len(PLATE_FRAMES)


def test_a_cancelled_job_leaves_nothing(desk: Desk) -> None:
    """Cancelled from the job list: it says so there, nothing is reported as an error, no file is left."""
    said: list[object] = []
    desk.studio.message.connect(said.append)
    before = set(desk.folder.rglob("*"))
    desk.studio.reviewing.export(ReviewPlan(movie=desk.folder / "r.mp4", csv=desk.folder / "r.csv"))
    job = next(job for job in desk.studio.jobs() if job.title == "Export review")
    desk.studio.cancel(job.id)
    desk.until(lambda: next(each for each in desk.studio.jobs() if each.id == job.id).state.ended)

    ended = next(each for each in desk.studio.jobs() if each.id == job.id)
    assert ended.state is JobState.CANCELLED
    assert said == []
    assert {path for path in set(desk.folder.rglob("*")) - before if path.suffix in (".mp4", ".csv")} == set()


def test_the_room_tells_what_is_on_screen(desk: Desk) -> None:
    """Without a matte: the empty one, and it is what would be delivered."""
    assert desk.studio.reviewing.seen(desk.layer, 1002) == (EMPTY_MATTE, True)
    key, fresh = desk.studio.reviewing.seen(WHOLE_PICTURE, 1002)
    assert fresh
    assert key not in ("", EMPTY_MATTE)


def reviewed_project(folder: Path) -> Path:
    """A saved project: frames 1002 (fix) and 1004 (approved) of two layers."""
    pattern = write_plate(folder / "plates")
    project = Project.create(folder / "shot")
    document = Document()
    document.adopt(project.document())
    document.edited.connect(project.record)
    document.do(AddPlate(open_plate(pattern, ColorConfig.load(""))))
    for name in ("Hero", "Sky"):
        document.do(AddLayer(Layer(name.lower(), name)))
    document.do(SetReviewStatus(1002, "hero", ReviewStatus.FIX))
    document.do(SetReviewStatus(1004, "sky", ReviewStatus.APPROVED, EMPTY_MATTE))
    project.save()
    project.close()
    return project.path


def test_the_command_writes_what_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--status` and `--layer` filter; JSON says what was written; the project is not changed by it."""
    project = reviewed_project(tmp_path)
    before = (project / "project.json").read_bytes()
    arguments = ["review", str(project), "--csv", str(tmp_path / "o.csv"), "--sheet", str(tmp_path / "o.png")]
    assert main([*arguments, "--status", "fix", "--json", "--quiet"]) == 0

    said = json.loads(capsys.readouterr().out)
    assert said["marks"] == 1
    with (tmp_path / "o.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    assert [line[0] for line in lines] == ["frame", "1002"]
    assert (project / "project.json").read_bytes() == before

    movie = ["--movie", str(tmp_path / "o.mp4"), "--layer", "Sky", "--marked", "--hold", "2", "--after", "comp"]
    assert main(["review", str(project), *movie, "--quiet"]) == 0
    assert len(frames_in(tmp_path / "o.mp4")) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--layer", "Nobody"], "the project has no such layer"),
        (["--before", "v1"], "the project has no such take"),
        (["--movie", "r.gif"], "is written as .mp4 or .mov"),
    ],
)
def test_the_command_refuses_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    """Exit code 1 and the reason; nothing is written."""
    project = reviewed_project(tmp_path)
    assert main(["review", str(project), "--csv", str(tmp_path / "o.csv"), "--quiet", *words]) == 1

    assert said in capsys.readouterr().err
    assert not (tmp_path / "o.csv").exists()
