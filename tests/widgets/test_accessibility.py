"""Everything that can be touched has a name that can be read aloud, and every button says its key."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDockWidget,
    QFileDialog,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.frames import FrameRange
from core.review_list import ReviewFilter
from tests.widgets.fake_studio import FRAMES, FakeStudio
from widgets import dialogs
from widgets.actions import Actions
from widgets.dialogs.color_space import ColorSpaceDialog
from widgets.dialogs.export import ExportDialog
from widgets.dialogs.fit_shapes import FitShapesDialog
from widgets.dialogs.import_matte import ImportMatteDialog
from widgets.dialogs.keys import KeysDialog
from widgets.dialogs.opening import OpenDialog
from widgets.dialogs.pair import PairDialog
from widgets.dialogs.palette import CommandPalette
from widgets.dialogs.review_export import ReviewExportDialog
from widgets.dialogs.teach_sheet import TeachSheetDialog
from widgets.dialogs.worst_frames import WorstFramesDialog
from widgets.key_map import KeyMap
from widgets.main_window import MainWindow
from widgets.theme import apply_theme
from widgets.view_state import Look, ViewState

TOUCHED = (
    QAbstractButton, QAbstractSpinBox, QAbstractSlider, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit,
    QAbstractItemView, QKeySequenceEdit,
)  # fmt: skip
OF_QT = (QScrollBar, QHeaderView, QTabBar, QMenu, QMenuBar, QDialogButtonBox, QScrollArea)
"""Named by Qt itself, or by what they belong to."""

Maker = Callable[[FakeStudio, QWidget], QDialog]
MAKERS: dict[str, Maker] = {
    "ColorSpaceDialog": lambda studio, parent: ColorSpaceDialog(Path("/show/ref.mov"), ("ACEScg", "sRGB"), parent),
    "CommandPalette": lambda studio, parent: CommandPalette((), (), lambda _id: None, parent),
    "ExportDialog": lambda studio, parent: ExportDialog(studio.document.shot, Path("/out"), "hero", parent),
    "FitShapesDialog": lambda _studio, parent: FitShapesDialog("Hero", FRAMES, FRAMES, parent),
    "ImportMatteDialog": lambda studio, parent: ImportMatteDialog(Path("/show/matte.####.exr"), (), "Hero", parent),
    "KeysDialog": lambda studio, parent: KeysDialog(Actions(parent, KeyMap()), parent),
    "ReviewExportDialog": lambda studio, parent: ReviewExportDialog(
        studio.document.shot, Look(), ReviewFilter(), (), Path("/out"), parent
    ),
    "PairDialog": lambda _studio, parent: PairDialog(parent, lambda _by: None, lambda: None),
    "OpenDialog": lambda studio, parent: OpenDialog(parent, Path("/")),
    "TeachSheetDialog": lambda studio, parent: TeachSheetDialog(studio, ViewState(), parent),
    "WorstFramesDialog": lambda studio, parent: WorstFramesDialog(studio, ViewState(), parent),
}
"""Every dialog of the program; a new one is added here."""


def dialog_classes() -> set[str]:
    """The names of all dialogs defined in `widgets/dialogs`."""
    found: set[str] = set()
    for module in pkgutil.iter_modules(dialogs.__path__):
        contents = vars(importlib.import_module(f"widgets.dialogs.{module.name}"))
        found |= {
            name
            for name, thing in contents.items()
            if inspect.isclass(thing) and issubclass(thing, QDialog) and thing.__module__.startswith("widgets.")
        }
    return found


def of_this_program(widget: QWidget, top: QWidget) -> bool:
    """Not a part that Qt made inside one of its own widgets."""
    if isinstance(widget, OF_QT) or widget.objectName().startswith(("qt_", "ScrollLeftButton", "ScrollRightButton")):
        return False
    around = widget.parentWidget()
    if isinstance(around, QAbstractScrollArea) and around.viewport() is widget:
        return False  # it goes by the name of its area
    while around is not None and around is not top:
        if isinstance(around, (QAbstractSpinBox, QComboBox, QKeySequenceEdit, QLineEdit, QFileDialog)):
            return False
        around = around.parentWidget()
    return not (isinstance(top, QFileDialog) or isinstance(widget.parentWidget(), (QTabBar, QDockWidget)))


def nameless(top: QWidget) -> list[str]:
    """Everything inside `top` that can be touched or have the keyboard, and has no name."""
    offenders = []
    for widget in top.findChildren(QWidget):
        touched = isinstance(widget, TOUCHED) or widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if not touched or not of_this_program(widget, top):
            continue
        text = widget.text() if isinstance(widget, QAbstractButton) else ""
        if not widget.accessibleName() and not text.strip("… "):
            path = [type(widget).__name__]
            around = widget.parentWidget()
            while around is not None and around is not top:
                path.append(type(around).__name__)
                around = around.parentWidget()
            offenders.append(" in ".join(path))
    return sorted(set(offenders))


@pytest.fixture(scope="module", autouse=True)
def theme(qapp: QApplication) -> Iterator[None]:
    apply_theme(qapp)
    yield
    qapp.setStyleSheet("")


@pytest.fixture
def studio() -> FakeStudio:
    studio = FakeStudio()
    studio.put_plate(FrameRange(1001, 1008))
    studio.put_picture(1001)
    studio.put_layer("hero", "Hero")
    studio.put_matte("hero", 1001)
    studio.put_job("job", "propagate")
    return studio


@pytest.fixture
def window(qtbot: QtBot, studio: FakeStudio) -> MainWindow:
    """With every dock open."""
    window = MainWindow(studio)
    window.files.may_leave = lambda: True  # type: ignore[method-assign]
    qtbot.addWidget(window)
    window.view.set(layer_id="hero")
    window.resize(1600, 1200)  # a dock that finds no room floats, and has Tab stops of its own
    window.show()
    for name in window.docks:
        window.docks.open(name)
    return window


def test_everything_in_the_window_has_a_name(window: MainWindow) -> None:
    assert nameless(window) == []


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_everything_in_a_dialog_has_a_name(qtbot: QtBot, studio: FakeStudio, name: str) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = MAKERS[name](studio, parent)

    assert nameless(dialog) == []
    assert dialog.windowTitle()


def test_no_dialog_is_forgotten_here() -> None:
    assert dialog_classes() == set(MAKERS)


def test_a_button_for_an_action_names_its_key(window: MainWindow) -> None:
    """The key as it is on this keyboard, in the tooltip; also after it was changed."""
    window.actions_table.rebind("view.fit", ("Ctrl+Alt+F9",))
    silent = []
    for button in window.findChildren(QToolButton):
        action = button.defaultAction()
        if action is None or action.objectName() not in {one.objectName() for one in window.actions_table}:
            continue
        keys = action.shortcuts()
        if keys and keys[0].toString(QKeySequence.SequenceFormat.NativeText) not in button.toolTip():
            silent.append(action.objectName())

    assert silent == []


def test_a_button_without_words_has_a_tooltip(window: MainWindow) -> None:
    silent = [
        button.accessibleName() or type(button).__name__
        for kind in (QToolButton, QPushButton)
        for button in window.findChildren(kind)
        if of_this_program(button, window) and not button.text().strip() and not button.toolTip()
    ]

    assert silent == []


def test_every_panel_can_be_reached_with_tab(window: MainWindow) -> None:
    """Tab goes round through the window: from the viewport on, every dock has a stop, and it comes back."""
    docks = {dock.widget(): name for name in window.docks if (dock := window.docks[name]).widget() is not None}
    reached: set[str] = set()
    widget: QWidget | None = window.viewport
    for _step in range(2000):
        widget = widget.nextInFocusChain() if widget is not None else None
        if widget is None or widget is window.viewport:
            break
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            reached |= {name for panel, name in docks.items() if panel.isAncestorOf(widget) or panel is widget}

    assert widget is window.viewport
    assert set(docks.values()) - reached == set()
