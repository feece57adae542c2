"""The table of actions: keys that do not clash, keys that can be changed, keys that are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from widgets.action_table import ACTIONS, SPECS
from widgets.actions import Actions
from widgets.key_map import KeyMap, normal
from widgets.theme import icon_names


def test_no_key_belongs_to_two_actions() -> None:
    """All actions share the window, so that every key must mean one thing."""
    owners: dict[str, list[str]] = {}
    for spec in ACTIONS:
        for key in spec.keys:
            owners.setdefault(normal(key), []).append(spec.id)

    assert {key: ids for key, ids in owners.items() if len(ids) > 1} == {}


def test_every_key_is_one_that_qt_understands() -> None:
    unknown = [
        (spec.id, key) for spec in ACTIONS for key in spec.keys if QKeySequence(key).isEmpty() or not normal(key)
    ]

    assert unknown == []


def test_every_action_has_one_line_and_a_tip_and_an_icon_that_exists() -> None:
    assert len(SPECS) == len(ACTIONS)
    assert [spec.id for spec in ACTIONS if not spec.tip or not spec.group] == []
    assert [spec.id for spec in ACTIONS if spec.icon and spec.icon not in icon_names()] == []


@pytest.mark.parametrize(
    ("action_id", "key"),
    [
        ("view.fit", "F"), ("view.one_to_one", "Ctrl+1"), ("view.red", "R"), ("view.green", "G"), ("view.blue", "B"),
        ("view.alpha", "A"), ("view.luminance", "Y"), ("view.overlay", "M"), ("view.wipe", "W"),
        ("view.swap", "Enter"), ("play.step_back", "Left"), ("play.step_forward", "."),
        ("play.jump_back", "Shift+Left"),
        ("play.key_forward", "Ctrl+Right"), ("play.key_back", "Ctrl+Left"), ("play.first", "Home"),
        ("play.last", "End"),
        ("play.back", "J"), ("play.stop", "K"), ("play.forward", "L"), ("play.toggle", "Space"), ("range.in", "I"),
        ("range.out", "O"), ("play.go_to", "Alt+G"), ("view.zoom_in", "+"), ("view.zoom_out", "-"),
        ("brush.smaller", "["), ("brush.larger", "]"), ("layer.9", "9"), ("matte.propagate", "Ctrl+T"),
        ("matte.propagate_forward", "Shift+."), ("matte.teach", "Ctrl+Shift+T"), ("edit.undo", "Ctrl+Z"),
        ("edit.redo", "Ctrl+Shift+Z"), ("file.save", "Ctrl+S"), ("file.export", "Ctrl+E"), ("help.keys", "F1"),
    ],
)  # fmt: skip
def test_the_keys_artists_have_in_their_fingers(action_id: str, key: str) -> None:
    assert normal(key) in KeyMap().keys(action_id)


def test_a_clash_is_named_before_and_resolved_by_binding(qtbot: QtBot) -> None:
    """Taking F for the brush says that Fit has it, and leaves Fit without."""
    window = QWidget()
    qtbot.addWidget(window)
    actions = Actions(window, KeyMap())

    clashes = actions.key_map.clashes("tool.brush", ("F",))
    actions.rebind("tool.brush", ("F",))

    assert clashes == ("view.fit",)
    assert [keys.toString() for keys in actions["tool.brush"].shortcuts()] == ["F"]
    assert actions["view.fit"].shortcuts() == []
    assert "(F)" in actions["tool.brush"].toolTip()


def test_own_keys_are_kept_in_the_settings_and_can_be_reset(tmp_path: Path) -> None:
    path = str(tmp_path / "keys.ini")
    KeyMap(QSettings(path, QSettings.Format.IniFormat)).bind("view.fit", ("Ctrl+Shift+F", "F5"))

    again = KeyMap(QSettings(path, QSettings.Format.IniFormat))
    kept = again.keys("view.fit")
    again.reset()

    assert kept == ("Ctrl+Shift+F", "F5")
    assert again.keys("view.fit") == ("F",)
    assert KeyMap(QSettings(path, QSettings.Format.IniFormat)).keys("view.fit") == ("F",)


def test_an_action_may_have_no_key(tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "keys.ini"), QSettings.Format.IniFormat)
    KeyMap(settings).bind("view.fit", ())

    assert KeyMap(settings).keys("view.fit") == ()
