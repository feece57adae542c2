"""Mattes from files become takes: placed by frame, named where broken, cancelled, compared and put back."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from app.importing import files_of
from app.loop import Loop
from app.studio import PenumbraStudio
from core.commands import AddLayer
from core.exr import write_exr
from core.frames import FrameRange
from core.geometry import Format, Window
from core.jobs import JobState
from core.layer import Layer
from core.matte_reader import MatteChannel
from core.plate import Plate
from core.project_file import Project
from core.sequence import FileSequence
from core.take import TakeKind
from tests.app.conftest import FRAMES, WINDOW, Desk
from tests.app.fake_engine import FakeEngine
from widgets.studio import Message, Severity


def write_mattes(folder: Path, frames: FrameRange = FRAMES) -> Path:
    """A matte of 0.5 in a column that moves with the frame; returns its pattern."""
    folder.mkdir()
    for number, frame in enumerate(frames):
        coverage = np.zeros(WINDOW.shape, np.float16)
        coverage[:, number] = 0.5
        write_exr(folder / f"hero_v002.{frame}.exr", {"A": coverage}, data_window=WINDOW, format=Format(WINDOW))
    return folder / "hero_v002.####.exr"


def done(desk: Desk) -> Message:
    """Wait for the message that ends an import."""
    said: list[Message] = []
    disconnect = desk.studio.message.connect(said.append)
    desk.until(lambda: bool(said))
    disconnect()
    return said[0]


def test_a_sequence_becomes_a_take(desk: Desk) -> None:
    """Every frame under its number, 0.5 as 0.5; the layer itself is not touched until the take is put back."""
    studio = desk.studio
    steps = studio.document.steps

    studio.importing.matte(desk.layer, write_mattes(desk.folder / "theirs"))
    message = done(desk)

    take = studio.takes(desk.layer)[0]
    assert (take.name, take.frames, take.kind) == ("imported hero_v002", tuple(FRAMES), TakeKind.IMPORT)
    assert message.severity is Severity.INFO
    assert message.text == "imported hero_v002: 6 of 6 frames are there to compare and to put back."
    for number, frame in enumerate(FRAMES):
        matte = studio.take_matte(take.id, frame)
        assert matte is not None
        assert matte.bounds() == Window(number, 0, number + 1, 48)
        assert matte.coverage.max() == 0.5
    assert studio.document.steps == steps
    assert [job.state for job in studio.jobs() if job.kind == "load"] == [JobState.DONE]


def test_an_import_is_put_back_and_survives_reopening(desk: Desk) -> None:
    """Every frame a frozen key frame, no engine; then all of it is on disk."""
    studio = desk.studio
    studio.importing.matte(desk.layer, write_mattes(desk.folder / "theirs"))
    done(desk)
    take = studio.takes(desk.layer)[0]

    studio.taking.put_back(take.id)
    desk.settle()
    studio.taking.remove(take.id)
    path = studio.saving.path
    assert path is not None
    studio.close()
    project = Project.open(path)
    project.collect(project.document())
    again = PenumbraStudio(FakeEngine(), Loop().post, project, studio._recent)

    assert desk.engine.segments == []
    assert desk.engine.jobs == []
    assert again.freshness(desk.layer).confidence == {}
    assert again.freshness(desk.layer).key_frames == frozenset()
    for number, frame in enumerate(FRAMES):
        matte, fresh = again.matte(desk.layer, frame)
        assert fresh
        assert matte is not None
        assert matte.bounds() == Window(number, 0, number + 1, 48)
    again.close()


def test_a_broken_and_a_missing_frame_are_named_and_the_others_come(desk: Desk) -> None:
    pattern = write_mattes(desk.folder / "theirs")
    (desk.folder / "theirs" / "hero_v002.1003.exr").write_bytes(b"\x76\x2f\x31\x01 cut")
    (desk.folder / "theirs" / "hero_v002.1005.exr").unlink()

    desk.studio.importing.matte(desk.layer, pattern)
    message = done(desk)

    assert desk.studio.takes(desk.layer)[0].frames == (1001, 1002, 1004, 1006)
    assert message.severity is Severity.WARNING
    assert "4 of 6 frames" in message.text
    assert "1 have no file, the first is 1005" in message.text
    assert "hero_v002.1003.exr" in message.text
    assert message.details.startswith("1003: ")


def test_nothing_usable_is_an_error_and_no_take(desk: Desk) -> None:
    """A sequence of another size is refused in the sentence of its first frame."""
    folder = desk.folder / "small"
    folder.mkdir()
    for frame in FRAMES:
        cv2.imwrite(str(folder / f"m.{frame}.png"), np.zeros((10, 20), np.uint8))

    desk.studio.importing.matte(desk.layer, folder)
    message = done(desk)

    assert message.severity is Severity.ERROR
    assert "it is 20 x 10, the plate is 64 x 48" in message.text
    assert desk.studio.takes(desk.layer) == ()
    assert [job.state for job in desk.studio.jobs() if job.kind == "load"] == [JobState.FAILED]


def test_one_picture_lands_at_the_playhead(desk: Desk) -> None:
    path = desk.folder / "garbage.png"
    cv2.imwrite(str(path), np.full(WINDOW.shape, 255, np.uint8))

    desk.studio.importing.matte(desk.layer, path, playhead=1004)
    done(desk)

    assert desk.studio.takes(desk.layer)[0].frames == (1004,)


def test_an_import_is_cancelled_from_the_job_list(desk: Desk) -> None:
    """No take, no message; what was read lies in the store and is collected later."""
    studio = desk.studio
    said: list[Message] = []
    studio.message.connect(said.append)

    studio.importing.matte(desk.layer, write_mattes(desk.folder / "theirs"))
    studio.cancel(studio.jobs()[-1].id)
    desk.until(lambda: studio.jobs()[-1].state.ended)

    assert studio.jobs()[-1].state is JobState.CANCELLED
    assert studio.takes(desk.layer) == ()
    assert said == []


def test_a_channel_of_the_plate_becomes_a_take_or_a_layer(desk: Desk) -> None:
    """The plate's own files are read; a new layer is one undoable step, frozen, and needs no engine."""
    studio = desk.studio

    studio.importing.channel(desk.layer, MatteChannel("R"))
    done(desk)
    studio.importing.channel("", MatteChannel("R"))
    done(desk)
    desk.settle()

    take, layer = studio.takes(desk.layer)[0], studio.document.shot.layers[-1]
    matte, fresh = studio.matte(layer.id, 1002)
    assert (take.name, layer.name) == ("R", "R")
    assert fresh
    assert matte is not None
    np.testing.assert_array_equal(matte.float32()[0], np.clip(np.linspace(0, 2, 64, dtype=np.float16), 0, 1))
    assert desk.engine.jobs == []
    assert studio.document.undo_label == "Add layer"


def test_the_same_pixels_are_kept_once(desk: Desk) -> None:
    """Keys are of the content: importing again costs no room."""
    pattern = write_mattes(desk.folder / "theirs")
    for _ in range(2):
        desk.studio.importing.matte(desk.layer, pattern)
        done(desk)

    first, second = desk.studio.taking.of(desk.layer)
    assert first.mattes == second.mattes
    assert second.name == "imported hero_v002 2"


def test_where_files_stand_in_the_shot(tmp_path: Path) -> None:
    """The same numbers where any are shared, else by position; gaps stay gaps."""
    plate = Plate("p", "plate", tmp_path, FrameRange(1001, 1004), Format(WINDOW), WINDOW, "ACEScg")

    shared = files_of(plate, FileSequence(tmp_path, "m.", ".png", 4, (1000, 1001, 1003)), 1001)
    moved = files_of(plate, FileSequence(tmp_path, "m.", ".png", 4, (1, 2, 4)), 1001)

    assert {frame: path and path.name for frame, path in shared.items()} == {
        1001: "m.1001.png", 1002: None, 1003: "m.1003.png", 1004: None,
    }  # fmt: skip
    assert [path and path.name for path in moved.values()] == ["m.0001.png", "m.0002.png", None, "m.0004.png"]


@pytest.fixture
def empty(tmp_path: Path) -> Desk:
    loop, engine = Loop(), FakeEngine()
    studio = PenumbraStudio(engine, loop.post, Project.create(tmp_path / "real.penumbra"))
    return Desk(studio, engine, loop, tmp_path, tmp_path)


def opened(desk: Desk, path: Path, color_space: str | None = None) -> None:
    desk.studio.open(path, color_space)
    desk.until(lambda: desk.studio.document.shot.plate is not None)
    desk.studio.document.do(AddLayer(Layer("hero", "Hero")))


def test_davis_masks_beside_davis_pictures(empty: Desk, shared_data: Path) -> None:
    """Real masks, 0 and 255, five of fifty frames by one file's number: what is white is 1."""
    davis = shared_data / "vos" / "davis2016_val"
    opened(empty, davis / "JPEGImages" / "480p" / "horsejump-high", "srgb_rec709_scene")

    empty.studio.importing.matte("hero", davis / "Annotations" / "480p" / "horsejump-high")
    done(empty)

    take = empty.studio.takes("hero")[0]
    matte = empty.studio.take_matte(take.id, 20)
    truth = np.asarray(cv2.imdecode(np.frombuffer(_bytes(davis, 20), np.uint8), cv2.IMREAD_GRAYSCALE))
    assert len(take.frames) == 50
    assert matte is not None
    np.testing.assert_array_equal(matte.float32(), truth / 255)
    empty.studio.close()


def _bytes(davis: Path, frame: int) -> bytes:
    return (davis / "Annotations" / "480p" / "horsejump-high" / f"{frame:05d}.png").read_bytes()


def test_a_part_of_beachball_as_a_layer(empty: Desk, shared_data: Path) -> None:
    """The mask that was rendered beside the picture, from the plate's own multi-part files."""
    opened(empty, shared_data / "exr" / "openexr-images" / "Beachball" / "multipart.0001.exr")

    empty.studio.importing.channel("", MatteChannel("whitebarmask.mask", "whitebarmask_left"))
    done(empty)

    layer = empty.studio.document.shot.layers[-1]
    matte, fresh = empty.studio.matte(layer.id, 2)
    assert layer.name == "whitebarmask_left: whitebarmask.mask"
    assert set(layer.key_frames) == {1, 2, 3, 4}
    assert fresh
    assert matte is not None
    assert 0.0 < float(matte.float32().mean()) < 1.0
    empty.studio.close()
