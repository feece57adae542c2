"""Export, color space and keys: what they make, and what they refuse with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from core.delivery import PRESETS
from core.frames import FrameRange
from tests.widgets.fake_studio import FakeStudio
from widgets.actions import Actions
from widgets.dialogs.color_space import ColorSpaceDialog
from widgets.dialogs.export import EXISTING, ExportDialog
from widgets.dialogs.keys import KeysDialog
from widgets.dialogs.opening import OpenDialog
from widgets.key_map import KeyMap
from widgets.studio import ExportPlan


@pytest.fixture
def studio() -> FakeStudio:
    studio = FakeStudio()
    studio.put_plate()
    studio.put_layer("hero", "Hero")
    studio.put_layer("sky", "Sky")
    return studio


@pytest.fixture
def dialog(qtbot: QtBot, studio: FakeStudio) -> ExportDialog:
    dialog = ExportDialog(studio.document.shot, Path("/out"), "hero")
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def choose(dialog: ExportDialog, preset_id: str) -> None:
    dialog.presets.setCurrentRow([each.id for each in PRESETS].index(preset_id))


def with_existing(dialog: ExportDialog, what: str) -> None:
    dialog.existing.setCurrentIndex([value for value, _text in EXISTING].index(what))


def test_the_defaults_are_a_plan(dialog: ExportDialog) -> None:
    """Half, ZIP, the plate's window, the whole range, the chosen layer."""
    dialog.accept()

    assert dialog.plan == ExportPlan(
        path="/out/{shot}_{layer}_v001.####.exr",
        layers=("hero",),
        frames=FrameRange(1001, 1008),
        kind="matte",
        pixel_type="half",
        compression="zip",
        data_window="plate",
        overwrite=False,
        resume=False,
    )


def test_every_field_reaches_the_plan(dialog: ExportDialog) -> None:
    choose(dialog, "layers")
    dialog.folder.setText("/show/mattes/")
    dialog.name.setText("mattes_v003.%04d.exr")
    dialog.frames.setText("1002-1004")
    dialog.pixel_type.setCurrentIndex(1)
    dialog.compression.setCurrentIndex(2)
    dialog.data_window.setCurrentIndex(1)
    dialog.core_and_edge.click()
    dialog.report.click()
    with_existing(dialog, "resume")
    dialog.accept()

    assert dialog.plan == ExportPlan(
        "/show/mattes/mattes_v003.%04d.exr",
        ("hero", "sky"),
        FrameRange(1002, 1004),
        "layers",
        "float",
        "piz",
        "matte",
        resume=True,
        core_and_edge=True,
        report=True,
    )


def test_the_names_it_will_make_are_shown(dialog: ExportDialog) -> None:
    assert dialog.makes.text() == "plate_Hero_v001.1001.exr\n8 frames"


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("name", "hero matte.####.exr", "which not every tool reads"),
        ("name", "héro.####.exr", "which not every tool reads"),
        ("name", "hero.####.jpg", "does not end in .exr, .png or .tif. A matte is written as OpenEXR, PNG or TIFF."),
        ("name", "hero.exr", "no place for the frame number"),
        ("name", "", "is not a file name"),
        ("name", "sub/hero.####.exr", "is not a file name"),
        ("folder", "", "Choose where the files go."),
        ("name", "{layr}.####.exr", "{layr} is nothing that is filled in. There are {shot}"),
        ("name", "x" * 300 + ".####.exr", "the name has 309 characters"),
        ("name", "x.{frame:400}.exr", "too many digits"),
        ("folder", "out", "is not a whole path"),
        ("folder", "~nobody-of-that-name/out", "there is no such user"),
        ("folder", "/out/####", "the folder has a place for the frame number"),
        ("folder", "/out/{seq}", "{seq} is nothing that is filled in"),
        ("frames", " ", "Frames: are empty"),
        ("frames", "abc", "is not a frame range"),
        ("frames", "900-1004", "lie outside the plate (1001-1008)"),
        ("frames", "1004-1002", "the last frame lies before the first"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(dialog: ExportDialog, field: str, text: str, said: str) -> None:
    getattr(dialog, field).setText(text)
    dialog.accept()

    assert said in dialog.problem.text()
    assert dialog.plan is None
    assert dialog.isVisible()
    assert not dialog.export.isEnabled()
    marked = [name for name in ("folder", "name", "frames") if getattr(dialog, name).property("wrong")]
    assert marked == ["name" if text.startswith(("/", "~")) else field]


def test_the_plates_own_files_are_refused(qtbot: QtBot, studio: FakeStudio) -> None:
    dialog = ExportDialog(studio.document.shot, Path("/show"), "hero")
    qtbot.addWidget(dialog)
    dialog.name.setText("plate.####.exr")

    assert "this is the plate itself" in dialog.problem.text()


def test_no_layer_is_refused_and_mending_it_lets_go_on(dialog: ExportDialog) -> None:
    item = dialog.layers.item(0)
    item.setCheckState(Qt.CheckState.Unchecked)
    refused = (dialog.problem.text(), dialog.export.isEnabled())
    item.setCheckState(Qt.CheckState.Checked)

    assert refused == ("/out/{shot}_{layer}_v001.####.exr: no layer was chosen. Choose at least one layer.", False)
    assert dialog.export.isEnabled()
    assert dialog.problem.isHidden()


def test_the_kind_proposes_a_name_until_one_was_typed(qtbot: QtBot, dialog: ExportDialog) -> None:
    choose(dialog, "comp")
    proposed = dialog.name.text()
    dialog.name.clear()
    qtbot.keyClicks(dialog.name, "mine.####.exr")
    choose(dialog, "layers")

    assert proposed == "{shot}_comp_v001.####.exr"
    assert dialog.name.text() == "mine.####.exr"


@pytest.mark.parametrize(
    ("what", "field"), [("version up", "version_up"), ("replace", "overwrite"), ("resume", "resume")]
)
def test_what_happens_to_files_that_exist(dialog: ExportDialog, what: str, field: str) -> None:
    """One of four, and the first is to leave them alone."""
    before = dialog.proposed()
    with_existing(dialog, what)

    assert [getattr(before, field), getattr(dialog.proposed(), field)] == [False, True]


@pytest.mark.parametrize("preset_id", [each.id for each in PRESETS])
def test_every_preset_is_a_plan_that_can_be_carried_out(dialog: ExportDialog, preset_id: str) -> None:
    """With the name it proposes; the example shows the first file."""
    choose(dialog, preset_id)

    plan = dialog.check()
    assert plan is not None
    assert dialog.problem.isHidden()
    assert dialog.makes.text().startswith("plate_")
    assert ("####" in dialog.tokens.text()) is not plan.is_movie


def test_only_what_applies_is_asked(dialog: ExportDialog) -> None:
    """An EXR has pixels, compression and a data window; a movie and a PNG have none to choose."""
    seen = {}
    for preset_id in ("matte", "rgb", "cryptomatte", "png16", "h264"):
        choose(dialog, preset_id)
        fields = (dialog.pixel_type, dialog.foreground, dialog.use_alpha, dialog.sidecar)
        seen[preset_id] = [field.isVisible() for field in fields]

    assert seen == {
        "matte": [True, True, False, False],
        "rgb": [True, False, True, False],
        "cryptomatte": [True, False, False, True],
        "png16": [False, False, False, False],
        "h264": [False, False, False, False],
    }


def test_a_cryptomatte_in_half_is_refused_in_words(dialog: ExportDialog) -> None:
    choose(dialog, "cryptomatte")
    chosen = dialog.pixel_type.currentData()
    dialog.pixel_type.setCurrentIndex(0)

    assert chosen == "float"
    assert "which half breaks. Choose float." in dialog.problem.text()


def test_nuke_nodes_are_copied(dialog: ExportDialog) -> None:
    """What is on the clipboard reads the files that the plan makes."""
    dialog.nuke.click()

    text = QGuiApplication.clipboard().text()
    assert "/out/plate_Hero_v001.####.exr" in text
    assert "Premult {" in text
    assert dialog.nuke.text().startswith("Copied")


def test_color_spaces_can_be_searched(qtbot: QtBot) -> None:
    dialog = ColorSpaceDialog(Path("/show/ref.mov"), ("ACEScg", "sRGB - Texture", "Linear Rec.709 (sRGB)"))
    qtbot.addWidget(dialog)
    dialog.show()
    first = dialog.space
    dialog.search.setText("rec.709")
    found = dialog.space
    dialog.search.setText("no such thing")

    assert (first, found, dialog.space) == ("sRGB - Texture", "Linear Rec.709 (sRGB)", "")
    assert not dialog.use.isEnabled()


def test_the_key_sheet_warns_before_a_key_is_taken(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    actions = Actions(window, KeyMap())
    dialog = KeysDialog(actions)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.choose("tool.brush")
    dialog.edit.setKeySequence(QKeySequence("F"))
    warned, word = dialog.warning.text(), dialog.bind.text()
    dialog.bind.click()

    assert (warned, word) == ("F belongs to Fit, which would lose it.", "Take this key")
    assert actions.key_map.keys("tool.brush") == ("F",)
    assert actions.key_map.keys("view.fit") == ()


def test_the_key_sheet_finds_by_name_and_by_key(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    dialog = KeysDialog(Actions(window, KeyMap()))
    qtbot.addWidget(dialog)

    def found(text: str) -> list[str]:
        dialog.search.setText(text)
        return [item.text(0) for item in dialog._items() if not item.isHidden()]

    assert found("propagate one") == ["Propagate one frame back", "Propagate one frame on"]
    assert found("alt+g") == ["Go to frame", "Add screen key layer"]
    assert found("ctrl+alt+g") == ["Add screen key layer"]
    assert found("frame one prop") == ["Propagate one frame back", "Propagate one frame on"]


def test_the_key_sheet_finds_by_pressing_and_changes_presets(qtbot: QtBot) -> None:
    """W is Wipe; under RV a [ is the in point; own keys are marked, and reset one by one."""
    window = QWidget()
    qtbot.addWidget(window)
    actions = Actions(window, KeyMap())
    dialog = KeysDialog(actions)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.of_key.setKeySequence(QKeySequence("W"))
    by_key = dialog.action_id, [item.text(0) for item in dialog._items() if not item.isHidden()]
    dialog.of_key.clear()
    dialog.preset.setCurrentIndex(1)
    dialog.preset.activated.emit(1)
    dialog.of_key.setKeySequence(QKeySequence("["))
    under_rv = dialog.action_id
    dialog.edit.setKeySequence(QKeySequence("Ctrl+F9"))
    dialog.also.click()
    added = actions.key_map.keys("range.in")
    dialog.reset_one.click()

    assert by_key == ("view.wipe", ["Wipe"])
    assert under_rv == "range.in"
    assert added == ("[", "Ctrl+F9")
    assert actions.key_map.keys("range.in") == ("[",)


def test_keys_travel_through_a_file(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    actions = Actions(window, KeyMap())
    dialog = KeysDialog(actions)
    qtbot.addWidget(dialog)
    dialog.show()
    path = tmp_path / "mine.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(path), ""))
    actions.rebind("tool.brush", ("B",))
    dialog.keep.click()
    actions.reset_keys()
    dialog.load.click()
    read = actions.key_map.keys("tool.brush")
    path.write_text("nothing", encoding="utf-8")
    dialog.load.click()

    assert read == ("B",)
    assert "it is not a file of keys" in dialog.warning.text()
    assert actions.key_map.keys("tool.brush") == ("B",)


def test_going_into_a_project_opens_it(qtbot: QtBot, tmp_path: Path) -> None:
    """A project is a folder; an artist who double-clicks it means it. So does its `project.json`."""
    project = tmp_path / "shot.penumbra"
    project.mkdir()
    (project / "project.json").write_text("{}")
    (tmp_path / "plain").mkdir()
    dialog = OpenDialog(None, tmp_path)
    qtbot.addWidget(dialog)

    dialog.directoryEntered.emit(str(tmp_path / "plain"))
    assert dialog.chosen is None
    dialog.directoryEntered.emit(str(project))
    assert (dialog.chosen, dialog.result()) == (project, QDialog.DialogCode.Accepted)

    dialog.fileSelected.emit(str(tmp_path / "plate.1001.exr"))
    assert dialog.chosen == tmp_path / "plate.1001.exr"
    dialog.fileSelected.emit(str(project / "project.json"))
    assert dialog.chosen == project
