"""Reference plates: which frame stands where, reading on demand, adding, removing, missing ones."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.loop import Loop
from app.references import SHARE, frame_in
from app.studio import PenumbraStudio
from core.color import ColorConfig
from core.commands import ChangePlate, RemovePlate
from core.frames import FrameNumber, FrameRange
from core.picture import Picture
from core.plate import PlateId
from core.project_file import Project
from core.shot import Touched
from tests.app.conftest import FRAMES, Desk, write_plate
from tests.app.fake_engine import FakeEngine
from widgets.studio import Message


def add(desk: Desk, path: Path, color_space: str | None = None) -> PlateId:
    """Add a reference and wait until it is in the shot."""
    before = len(desk.studio.references.plates())
    desk.studio.references.add(path, color_space)
    desk.until(lambda: len(desk.studio.references.plates()) > before)
    return desk.studio.references.plates()[-1].id


def seen(desk: Desk, plate_id: PlateId, frame: FrameNumber) -> Picture:
    """The picture once it is there."""
    references = desk.studio.references
    desk.until(lambda: references.picture(plate_id, frame) is not None or bool(references.error(plate_id, frame)))
    picture = references.picture(plate_id, frame)
    assert picture is not None, references.error(plate_id, frame)
    return picture


@pytest.mark.parametrize(
    ("reference", "frame", "there"),
    [
        (FrameRange(1001, 1024), 1003, 1003),  # the same numbers
        (FrameRange(1004, 1024), 1003, 1003),  # outside the reference: no picture there, not another one's
        (FrameRange(1, 24), 1003, 3),  # no number shared: by position
        (FrameRange(2001, 2024), 1001, 2001),
        (FrameRange(7, 7), 1003, 7),  # one picture for all
    ],
)
def test_which_frame_of_a_reference_stands_where(reference: FrameRange, frame: FrameNumber, there: FrameNumber) -> None:
    """The same number where ranges share any, else the same position; a still everywhere."""
    assert frame_in(reference, FrameRange(1001, 1010), frame) == there


def test_a_reference_is_read_when_it_is_looked_at(desk: Desk) -> None:
    """Nothing is there at first; `picture_ready` names the frame that was asked for."""
    came: list[tuple[PlateId, FrameNumber]] = []
    reference = add(desk, write_plate(desk.folder / "other", FrameRange(2001, 2006)))
    references = desk.studio.references
    references.picture_ready.connect(came.append)

    first = references.picture(reference, 1003)
    desk.until(lambda: bool(came))

    assert first is None
    assert came == [(reference, 1003)]
    picture = references.picture(reference, 1003)
    assert picture is not None
    assert picture.rgba.shape == (48, 64, 4)
    assert references.placing(reference) == "by position: its frame 2001 is shown at 1001"


def test_adding_and_removing_leaves_the_plate_alone(desk: Desk) -> None:
    """Same loader, no word of a changed plate, and each is one undoable step."""
    touched: list[Touched] = []
    loader = desk.studio.bench.loader
    desk.studio.document.changed.connect(lambda change: touched.append(change.touched))

    reference = add(desk, desk.plate)
    desk.studio.references.remove(reference)
    desk.studio.document.undo()

    assert touched == [Touched.REFERENCES] * 3
    assert desk.studio.bench.loader is loader
    assert [plate.id for plate in desk.studio.references.plates()] == [reference]
    assert desk.studio.references.plates()[0].name == "plate (2)"


def test_changing_a_reference_leaves_the_plate_alone(desk: Desk) -> None:
    """A reference read in another color space is not a changed plate."""
    add(desk, desk.plate)
    plate = desk.studio.references.plates()[0]

    change = desk.studio.document.do(ChangePlate(replace(plate, color_space="raw")))

    assert change.touched is Touched.REFERENCES


def test_the_plate_being_matted_is_never_removed(desk: Desk) -> None:
    """Everything authored lies on it."""
    plate = desk.studio.document.shot.plate
    assert plate is not None

    desk.studio.references.remove(plate.id)

    assert desk.studio.document.shot.plate == plate
    with pytest.raises(ValueError, match="cannot be removed"):
        desk.studio.document.do(RemovePlate(plate.id))


def test_a_removed_reference_is_a_sentence(desk: Desk) -> None:
    """Whoever still shows it is told, and nothing is read."""
    reference = add(desk, desk.plate)
    seen(desk, reference, 1002)

    desk.studio.references.remove(reference)

    assert desk.studio.references.picture(reference, 1002) is None
    assert "not in the shot any more" in desk.studio.references.error(reference, 1002)
    assert desk.studio.references.placing(reference) == ""


def test_a_frame_outside_a_reference_is_a_sentence(desk: Desk) -> None:
    """The sentence names the frame and what there is."""
    reference = add(desk, write_plate(desk.folder / "short", FrameRange(1001, 1003)))

    error = desk.studio.references.error(reference, 1005)

    assert error == "plate (2): it has no frame 1005. Its frames are 1001-1003."
    assert desk.studio.references.picture(reference, 1005) is None


def test_a_missing_frame_is_a_sentence_until_it_comes_back(desk: Desk) -> None:
    """A file that is rendered later is shown then."""
    pattern = write_plate(desk.folder / "gap")
    file, away = desk.folder / "gap" / "plate.1002.exr", desk.folder / "away.exr"
    shutil.move(file, away)
    reference = add(desk, pattern)
    references = desk.studio.references
    references.picture(reference, 1002)
    desk.until(lambda: bool(references.error(reference, 1002)))
    assert "plate.1002.exr" in references.error(reference, 1002)

    shutil.move(away, file)
    desk.until(lambda: references.picture(reference, 1002) is not None)

    assert references.error(reference, 1002) == ""


def test_a_still_asks_for_its_color_space_and_stands_at_every_frame(desk: Desk) -> None:
    """A PNG cannot say what color it is in; the answer is used, and one picture serves all frames."""
    path = desk.folder / "clean.png"
    cv2.imwrite(str(path), np.full((48, 64, 3), 128, np.uint8))
    asked: list[Path] = []
    desk.studio.references.ask_color_space.connect(lambda question: asked.append(question[0]))

    desk.studio.references.add(path)
    desk.until(lambda: bool(asked))
    assert asked == [path]
    assert desk.studio.references.plates() == ()
    reference = add(desk, path, "srgb_rec709_scene")

    assert seen(desk, reference, 1001) is seen(desk, reference, 1006)
    assert desk.studio.references.placing(reference) == "one picture for all frames"


def test_what_cannot_be_opened_is_said_and_not_added(desk: Desk) -> None:
    """A sentence with the path; the shot stays as it was."""
    said: list[Message] = []
    desk.studio.message.connect(said.append)

    desk.studio.references.add(desk.folder / "nothing.exr")
    desk.until(lambda: bool(said))

    assert "nothing.exr" in said[0].text
    assert desk.studio.references.plates() == ()


def test_references_are_saved_and_a_missing_one_opens_too(desk: Desk) -> None:
    """Saved and reopened, with its files gone: the shot opens, the reference is a sentence at every frame."""
    pattern = write_plate(desk.folder / "gone", FRAMES)
    reference = add(desk, pattern)
    desk.studio.saving.save()
    path = desk.studio.saving.path
    assert path is not None
    shutil.rmtree(pattern.parent)
    desk.studio.close()

    loop = Loop()
    studio = PenumbraStudio(FakeEngine(), loop.post, Project.open(path), desk.studio._recent)
    studio.references.picture(reference, 1001)
    loop.wait(lambda: bool(studio.references.error(reference, 1001)), timeout_s=20)

    assert [plate.id for plate in studio.references.plates()] == [reference]
    assert str(desk.folder / "gone") in studio.references.error(reference, 1001)
    studio.close()


def test_another_color_config_reads_them_again(desk: Desk) -> None:
    """What was read with the old one is not shown any more."""
    path = desk.folder / "clean.png"
    cv2.imwrite(str(path), np.full((48, 64, 3), 128, np.uint8))
    reference = add(desk, path, "srgb_rec709_scene")
    before = seen(desk, reference, 1001)

    desk.studio.color = ColorConfig.load("ocio://studio-config-v2.2.0_aces-v1.3_ocio-v2.4")
    desk.studio.references.use_color()

    assert desk.studio.references.picture(reference, 1001) is None
    after = seen(desk, reference, 1001)
    assert after is not before


def test_references_take_a_share_of_the_memory(desk: Desk) -> None:
    """The plate gives up a part of its budget while there are references, and has it back after."""
    cache = desk.studio._cache
    whole = cache.budget_bytes

    reference = add(desk, desk.plate)
    lent = whole - cache.budget_bytes
    desk.studio.references.use_memory(4000)
    less = cache.budget_bytes
    desk.studio.references.remove(reference)

    assert lent == whole // SHARE
    assert less == 4000 - 4000 // SHARE
    assert cache.budget_bytes == 4000


def test_a_picture_larger_than_its_share_is_seen_all_the_same(tmp_path: Path) -> None:
    """What is looked at stays; a budget may only stop reading ahead."""
    loop = Loop()
    studio = PenumbraStudio(FakeEngine(), loop.post, Project.create(tmp_path / "small.penumbra"), cache_bytes=1000)
    desk = Desk(studio, FakeEngine(), loop, write_plate(tmp_path / "plates"), tmp_path)
    studio.open(desk.plate)
    desk.until(lambda: studio.document.shot.plate is not None)

    reference = add(desk, write_plate(tmp_path / "other"))

    assert seen(desk, reference, 1004).rgba.shape == (48, 64, 4)
    assert seen(desk, reference, 1002).rgba.shape == (48, 64, 4)
    studio.close()
