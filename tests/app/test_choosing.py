"""Part, layer and view of a plate, chosen in the studio: other pixels, one undo step, and back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from app.choosing import Choosing
from app.loop import Loop
from app.recent import Recent
from app.studio import PenumbraStudio
from core.commands import ChangePlate
from core.geometry import Window
from core.plate import Plate
from core.plate_choices import PlateChoices, Reading
from core.project_file import Project
from tests.app.conftest import Desk, write_plate
from tests.app.fake_engine import FakeEngine
from tests.app.fake_hall import at_once, fake_hall
from widgets.studio import Message, Severity

RIGHT, LEFT = 0.25, 0.5


@pytest.fixture
def stereo(tmp_path: Path) -> Iterator[Desk]:
    """A studio on two frames with a part of each view; the left one has a larger data window."""
    shown = {"displayWindow": (np.array([0, 0], np.int32), np.array([5, 3], np.int32))}
    for frame in (1001, 1002):
        parts = [
            OpenEXR.Part(
                {"view": view, "dataWindow": (np.array([0, 0], np.int32), np.array([edge - 1, 3], np.int32))} | shown,
                {name: np.full((4, edge), value, np.float16) for name in "RGB"},
                f"rgba_{view}",
            )
            for view, value, edge in (("right", RIGHT, 6), ("left", LEFT, 8))
        ]
        with OpenEXR.File(parts) as file:
            file.write(str(tmp_path / f"stereo.{frame}.exr"))
    engine, loop = FakeEngine(), Loop()
    project = Project.create(tmp_path / "work.penumbra")
    studio = PenumbraStudio(engine, loop.post, project, Recent(tmp_path / "recent.json"))
    plate = tmp_path / "stereo.####.exr"
    studio.open(plate)
    loop.wait(lambda: bool(studio.plate_choices().parts), timeout_s=20)
    yield Desk(studio, engine, loop, plate, tmp_path)
    studio.close()


def plate_of(desk: Desk) -> Plate:
    plate = desk.studio.document.shot.plate
    assert plate is not None
    return plate


def red(desk: Desk) -> float:
    """The first red of the picture on screen, once it is there."""
    desk.studio.look_at(1001)
    desk.until(lambda: desk.studio.picture(1001) is not None)
    picture = desk.studio.picture(1001)
    assert picture is not None
    return float(picture.rgba[0, 0, 0])


def test_choosing_a_part_reads_its_pixels_and_undo_goes_back(stereo: Desk) -> None:
    """One `ChangePlate`; the windows are those of the part, everything else of the plate stays."""
    studio = stereo.studio
    before, steps = plate_of(stereo), studio.document.steps
    assert red(stereo) == pytest.approx(RIGHT, rel=1e-3)

    studio.read_plate_as(*studio.plate_choices().with_part(before, "rgba_left"))
    stereo.until(lambda: plate_of(stereo).identity != before.identity)

    assert red(stereo) == pytest.approx(LEFT, rel=1e-3)
    assert plate_of(stereo) == replace(before, part="rgba_left", data_window=Window(0, 0, 8, 4), format=before.format)
    assert studio.document.steps == steps + 1
    studio.document.undo()
    assert plate_of(stereo) == before
    assert red(stereo) == pytest.approx(RIGHT, rel=1e-3)
    studio.document.redo()
    assert red(stereo) == pytest.approx(LEFT, rel=1e-3)


def test_what_was_authored_about_the_plate_stays(stereo: Desk) -> None:
    """Color space and rate as the artist set them, even when the rate is changed while the header is being read."""
    studio = stereo.studio
    studio.document.do(ChangePlate(replace(plate_of(stereo), color_space="ACES2065-1", name="A001")))
    studio.read_plate_as(view="left")
    studio.document.do(ChangePlate(replace(plate_of(stereo), rate=Fraction(30))))
    stereo.until(lambda: plate_of(stereo).view == "left")

    plate = plate_of(stereo)

    assert (plate.color_space, plate.name, plate.rate) == ("ACES2065-1", "A001", Fraction(30))
    assert studio.plate_choices().shown(plate) == Reading("rgba_left", "", "left")


def test_the_last_choice_counts(stereo: Desk) -> None:
    """Two choices in a row: only the last one becomes a step, even if its header is the first to be read."""
    document, color = stereo.studio.document, stereo.studio.color
    waiting: list[Callable[[], None]] = []
    choosing = Choosing(fake_hall(document, run=lambda *asked: waiting.append(lambda: at_once(*asked))))
    waiting.clear()  # what the plate offers
    steps = document.steps
    choosing.read_as(Reading(view="left"), color)
    choosing.read_as(Reading(part="rgba_left"), color)
    for answer in reversed(waiting):
        answer()

    assert len(waiting) == 2
    assert (plate_of(stereo).part, plate_of(stereo).view) == ("rgba_left", "")
    assert document.steps == steps + 1


def test_a_name_the_file_does_not_have_is_a_message(stereo: Desk) -> None:
    said: list[Message] = []
    stereo.studio.message.connect(said.append)
    before = plate_of(stereo)
    stereo.studio.read_plate_as(part="beauty")
    stereo.until(lambda: bool(said))

    assert said[-1].severity is Severity.ERROR
    assert "beauty" in said[-1].text
    assert plate_of(stereo) == before


def test_another_plate_has_other_choices(stereo: Desk) -> None:
    """The choices of the plate that left go at once; those of the new one follow."""
    heard: list[PlateChoices] = []
    stereo.studio.plate_choices_changed.connect(heard.append)
    stereo.studio.open(write_plate(stereo.folder / "plain"))
    stereo.until(lambda: len(heard) == 2)

    assert heard[0] == PlateChoices()
    assert len(heard[1].parts) == 1
    assert stereo.studio.plate_choices() == heard[1]


def test_a_plate_that_comes_back_has_its_choices(stereo: Desk) -> None:
    """Nothing to choose while the plate is away; as soon as a picture of it is read there is."""
    studio, later = stereo.studio, stereo.folder / "later"
    studio.document.do(ChangePlate(replace(plate_of(stereo), path=later / "stereo.####.exr")))
    studio.look_at(1001)
    stereo.until(lambda: bool(studio.picture_error(1001)) and stereo.studio._choosing._away)
    away = studio.plate_choices()
    later.mkdir()
    for frame in (1001, 1002):
        shutil.copy(stereo.folder / f"stereo.{frame}.exr", later)
    studio.look_at(1001)
    stereo.until(lambda: bool(studio.plate_choices().parts))

    assert away == PlateChoices()
    assert [part.name for part in studio.plate_choices().parts] == ["rgba_right", "rgba_left"]
