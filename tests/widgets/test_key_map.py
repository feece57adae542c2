"""Presets with the artist's own keys over them, and the file that carries them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QKeySequence

from core.errors import SettingsError
from widgets.action_table import SPECS
from widgets.key_file import KeyFile, read_keys, write_keys
from widgets.key_map import KeyMap, normal, preset_keys
from widgets.key_presets import NUKE, PRESETS, RV, Preset, preset


@pytest.mark.parametrize("which", PRESETS, ids=lambda which: which.name)
def test_a_preset_gives_no_key_twice_and_names_only_actions_that_exist(which: Preset) -> None:
    owners: dict[str, list[str]] = {}
    for action_id in SPECS:
        for key in preset_keys(which, action_id):
            owners.setdefault(key, []).append(action_id)

    assert {key: ids for key, ids in owners.items() if len(ids) > 1} == {}
    assert set(which.keys) <= set(SPECS)
    assert [key for keys in which.keys.values() for key in keys if QKeySequence(key).isEmpty()] == []


@pytest.mark.parametrize(
    ("action_id", "key"),
    [
        ("play.toggle", "Space"), ("range.in", "["), ("range.out", "]"), ("range.clear", "\\"), ("view.fit", "F"),
        ("view.one_to_one", "1"), ("view.red", "R"), ("view.luminance", "L"), ("view.wipe", "F6"),
        ("view.full_screen", "`"), ("play.go_to", "Shift+G"), ("play.step_back", "Left"), ("play.back", ","),
        ("view.reset", "Shift+Home"), ("play.first", "Home"),
    ],
)  # fmt: skip
def test_rv_keys_do_what_they_do_there(action_id: str, key: str) -> None:
    key_map = KeyMap()
    key_map.choose(RV)

    assert key_map.owner(key) == action_id


def test_no_action_loses_all_its_keys_to_a_preset() -> None:
    """An action with a key in one preset has one in the other."""
    lost = [action_id for action_id in SPECS if SPECS[action_id].keys and not preset_keys(RV, action_id)]

    assert lost == []


def test_own_keys_lie_over_any_preset_and_are_never_shared(tmp_path: Path) -> None:
    """The brush keeps its own F under both presets; Fit has none until the brush lets it go."""
    path = str(tmp_path / "keys.ini")
    key_map = KeyMap(QSettings(path, QSettings.Format.IniFormat))
    key_map.bind("tool.brush", ("F",))
    key_map.choose(RV)
    again = KeyMap(QSettings(path, QSettings.Format.IniFormat))
    taken = (again.preset, again.keys("tool.brush"), again.keys("view.fit"), again.owner("F"))
    again.reset("tool.brush")

    assert taken == (RV, ("F",), (), "tool.brush")
    assert (again.keys("tool.brush"), again.keys("view.fit")) == (("D",), ("F",))


def test_resetting_one_action_takes_its_key_back() -> None:
    key_map = KeyMap()
    key_map.bind("tool.brush", ("F", "D"))
    key_map.reset("view.fit")

    assert key_map.keys("view.fit") == ("F",)
    assert key_map.keys("tool.brush") == ("D",)


def test_binding_the_presets_own_key_is_no_change() -> None:
    key_map = KeyMap()
    key_map.bind("view.fit", ("Ctrl+Shift+F",))
    key_map.bind("view.fit", ("F",))

    assert key_map.own == {}


def test_a_preset_nobody_knows_is_the_first_one() -> None:
    assert preset("of the year 2040") is NUKE


def test_a_key_file_says_what_was_exported(tmp_path: Path) -> None:
    """Written whole, without a leftover, and read back the same."""
    path = tmp_path / "keys.json"
    write_keys(path, RV, {"tool.brush": ("F", "Ctrl+D"), "view.wipe": ()})

    assert read_keys(path) == KeyFile(RV, {"tool.brush": ("F", "Ctrl+D"), "view.wipe": ()})
    assert [found.name for found in tmp_path.iterdir()] == ["keys.json"]


def test_adopting_a_key_file_leaves_nothing_of_before(tmp_path: Path) -> None:
    key_map = KeyMap()
    key_map.bind("view.fit", ("Ctrl+9",))
    key_map.adopt(RV, {"tool.brush": ("B",)})

    assert (key_map.preset, dict(key_map.own)) == (RV, {"tool.brush": ("B",)})
    assert (key_map.keys("view.fit"), key_map.keys("view.blue")) == (("F",), ())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("no json", "it is not a file of keys"),
        ("[" * 100_000, "it is not a file of keys"),
        ('{"format": "another"}', "it is not a file of keys"),
        ({"preset": "emacs", "keys": {}}, "there is no preset “emacs” in this version"),
        ({"preset": "rv", "keys": {"view.fit": ["Nonsense+Key"]}}, "the keys of “view.fit” are not keys"),
        ({"preset": "rv", "keys": {"view.fit": ["F"], "tool.pan": ["f"]}}, "F is given to Fit and to Pan"),
    ],
)
def test_a_file_that_is_no_key_file_is_refused_with_a_reason(tmp_path: Path, content: object, sentence: str) -> None:
    path = tmp_path / "keys.json"
    text = content if isinstance(content, str) else json.dumps({"format": "penumbra keys 1", **content})  # type: ignore[dict-item]
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError, match=sentence):
        read_keys(path)


def test_actions_of_another_version_are_left_out_and_named(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_keys(path, NUKE, {"matte.teleport": ("F9",), "view.fit": ("F10",)})

    assert read_keys(path) == KeyFile(NUKE, {"view.fit": ("F10",)}, ("matte.teleport",))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Choose another folder"):
        write_keys(tmp_path / "gone" / "keys.json", NUKE, {})


def test_one_spelling_of_a_key() -> None:
    assert normal("ctrl+shift+p") == normal("Shift+Ctrl+P") == "Ctrl+Shift+P"
