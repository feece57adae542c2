"""The one table of all the artist can ask for: id, words, keys, group. Menus, toolbars and the key sheet read it.

Knows nothing of what an action does: the window binds calls by id. Keys are Nuke's; where two of them met,
docs/decisions/0008-keys-that-met.md says why. The artist's own are kept in the settings and laid over the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from widgets.theme import icon


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action.

    Args:
        id: `group.name`; what the window binds to and what the settings store.
        text: what the menu says; a trailing … means a dialog follows.
        keys: in the order they are shown; the first is named in the tooltip. All are active.
        group: heading in the key sheet and, for most, the menu.
        tip: one sentence.
        icon: name in `resources/icons`, or empty.
        checkable: a state that is on or off.
        repeats: whether holding the key repeats it.
    """

    id: str
    text: str
    keys: tuple[str, ...] = ()
    group: str = ""
    tip: str = ""
    icon: str = ""
    checkable: bool = False
    repeats: bool = False


def _group(group: str, *specs: ActionSpec) -> tuple[ActionSpec, ...]:
    return tuple(ActionSpec(s.id, s.text, s.keys, group, s.tip, s.icon, s.checkable, s.repeats) for s in specs)


A = ActionSpec
ACTIONS: tuple[ActionSpec, ...] = (
    *_group(
        "File",
        A("file.open", "Open…", ("Ctrl+O",), tip="Open a plate or a project.", icon="open"),
        A("file.open_folder", "Open folder…", ("Ctrl+Alt+O",), tip="Open the sequence in a folder."),
        A("file.open_sample", "Open sample shot", tip="Open the shot that comes with Penumbra."),
        A("file.save", "Save", ("Ctrl+S",), tip="Save the project.", icon="save"),
        A("file.save_as", "Save as…", ("Ctrl+Shift+S",), tip="Save the project under another name."),
        A("file.export", "Export…", ("Ctrl+E",), tip="Write mattes as EXR.", icon="export"),
        A("file.quit", "Quit", ("Ctrl+Q",), tip="Close Penumbra."),
    ),
    *_group(
        "Edit",
        A("edit.undo", "Undo", ("Ctrl+Z",), tip="Take back the last step.", icon="undo", repeats=True),
        A("edit.redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), tip="Do it again.", icon="redo", repeats=True),
    ),
    *_group(
        "Tools",
        A(
            "tool.click",
            "Click",
            ("Q",),
            tip="Left adds, right subtracts; hold Shift for a preview.",
            icon="click",
            checkable=True,
        ),
        A("tool.box", "Box", ("X",), tip="Drag a box around the subject.", icon="box", checkable=True),
        A(
            "tool.brush",
            "Brush",
            ("D",),
            tip="Paint on the matte; right button or eraser takes away.",
            icon="brush",
            checkable=True,
        ),
        A("tool.pan", "Pan", ("H",), tip="Drag the picture.", icon="pan", checkable=True),
        A("tool.pick", "Pick", ("P",), tip="Read pixel values.", icon="pick", checkable=True),
        A("brush.smaller", "Smaller brush", ("[",), tip="Shift-drag does both.", icon="minus", repeats=True),
        A("brush.larger", "Larger brush", ("]",), tip="Shift-drag does both.", icon="plus", repeats=True),
    ),
    *_group(
        "View",
        A("view.fit", "Fit", ("F",), tip="Show the whole picture.", icon="fit"),
        A("view.one_to_one", "1:1", ("Ctrl+1",), tip="One plate pixel is one screen pixel.", icon="one-to-one"),
        A("view.zoom_in", "Zoom in", ("+", "="), tip="The wheel zooms at the cursor.", repeats=True),
        A("view.zoom_out", "Zoom out", ("-",), tip="The wheel zooms at the cursor.", repeats=True),
        A("view.red", "Red", ("R",), tip="Red channel; again for color.", checkable=True),
        A("view.green", "Green", ("G",), tip="Green channel; again for color.", checkable=True),
        A("view.blue", "Blue", ("B",), tip="Blue channel; again for color.", checkable=True),
        A("view.alpha", "Alpha", ("A",), tip="Alpha of the picture; again for color.", checkable=True),
        A("view.luminance", "Luminance", ("Y",), tip="Luminance; again for color.", checkable=True),
        A(
            "view.overlay",
            "Matte overlay",
            ("M",),
            tip="Lay the matte's color over the plate.",
            icon="overlay",
            checkable=True,
        ),
        A(
            "view.guides",
            "Guides",
            ("Shift+O",),
            tip="Clicks, boxes and windows over the picture.",
            icon="guides",
            checkable=True,
        ),
        A("view.wipe", "Wipe", ("W",), tip="Compare A and B across a line.", icon="wipe", checkable=True),
        A(
            "view.side_by_side",
            "Side by side",
            ("Shift+W",),
            tip="A left, B right.",
            icon="side-by-side",
            checkable=True,
        ),
        A("view.swap", "Swap A and B", ("Return", "Enter"), tip="Exchange the two sides.", icon="swap"),
        A("view.exposure_up", "Exposure up", ("Alt+Up",), tip="A quarter stop; the viewer only.", repeats=True),
        A("view.exposure_down", "Exposure down", ("Alt+Down",), tip="A quarter stop; the viewer only.", repeats=True),
        A("view.reset", "Reset exposure and gamma", ("Ctrl+Alt+0",), tip="Back to 0 stops and gamma 1."),
        A("view.full_screen", "Full screen", ("F11",), tip="The window fills the screen.", checkable=True),
    ),
    *_group(
        "Playback",
        A("play.toggle", "Play or stop", ("Space",), tip="At the plate's rate.", icon="play"),
        A("play.back", "Play backward", ("J",), tip="Again for twice the speed.", icon="play-back"),
        A("play.stop", "Stop", ("K",), tip="Stop playing.", icon="stop"),
        A("play.forward", "Play forward", ("L",), tip="Again for twice the speed.", icon="play"),
        A("play.loop", "Loop", ("Ctrl+L",), tip="Begin again at the end.", icon="loop", checkable=True),
        A("play.step_back", "Previous frame", ("Left", ","), tip="One frame back.", icon="step-back", repeats=True),
        A("play.step_forward", "Next frame", ("Right", "."), tip="One frame on.", icon="step-forward", repeats=True),
        A(
            "play.jump_back",
            "Back by increment",
            ("Shift+Left",),
            tip="The increment stands beside the rate.",
            repeats=True,
        ),
        A(
            "play.jump_forward",
            "Forward by increment",
            ("Shift+Right",),
            tip="The increment stands beside the rate.",
            repeats=True,
        ),
        A(
            "play.key_back",
            "Previous key frame",
            ("Ctrl+Left", "PgUp"),
            tip="Of the chosen layer.",
            icon="key-previous",
            repeats=True,
        ),
        A(
            "play.key_forward",
            "Next key frame",
            ("Ctrl+Right", "PgDown"),
            tip="Of the chosen layer.",
            icon="key-next",
            repeats=True,
        ),
        A("play.first", "First frame", ("Home",), tip="Of the range.", icon="first"),
        A("play.last", "Last frame", ("End",), tip="Of the range.", icon="last"),
        A("play.go_to", "Go to frame", ("Alt+G",), tip="Type a frame number."),
        A("range.in", "Set in point", ("I",), tip="The range begins here.", icon="in"),
        A("range.out", "Set out point", ("O",), tip="The range ends here.", icon="out"),
        A("range.clear", "Clear in and out", ("Shift+I",), tip="Work on the whole plate."),
    ),
    *_group(
        "Layer",
        A("layer.add", "Add layer", ("Ctrl+Shift+N",), tip="One layer for each thing being matted.", icon="plus"),
        A("layer.remove", "Remove layer", ("Ctrl+Shift+Delete",), tip="With all that was painted in it.", icon="trash"),
        A("layer.up", "Move layer up", ("Ctrl+Shift+Up",), tip="Toward the top of the list.", icon="chevron-up"),
        A(
            "layer.down",
            "Move layer down",
            ("Ctrl+Shift+Down",),
            tip="Toward the end of the list.",
            icon="chevron-down",
        ),
        A(
            "layer.clear_key",
            "Clear key frame",
            ("Shift+Delete",),
            tip="Forget what was authored on this frame; its matte is propagated again.",
        ),
        A(
            "layer.keep_take",
            "Keep take",
            ("Ctrl+K",),
            tip="Keep these mattes to compare with later ones.",
            icon="take",
        ),
        *(A(f"layer.{number}", f"Layer {number}", (str(number),), tip="Choose this layer.") for number in range(1, 10)),
    ),
    *_group(
        "Matte",
        A(
            "matte.propagate",
            "Propagate",
            ("Ctrl+T",),
            tip="Renew stale frames, from the playhead outward.",
            icon="propagate",
        ),
        A(
            "matte.propagate_back",
            "Propagate one frame back",
            ("Shift+,", "<"),
            tip="And step there.",
            icon="propagate-back",
            repeats=True,
        ),
        A(
            "matte.propagate_forward",
            "Propagate one frame on",
            ("Shift+.", ">"),
            tip="And step there.",
            icon="propagate-forward",
            repeats=True,
        ),
        A("matte.teach", "Teach", ("Ctrl+Shift+T",), tip="Learn from the corrections of this layer.", icon="teach"),
        A("matte.refine", "Refine", ("Ctrl+R",), tip="A better edge on the frames of the range.", icon="refine"),
        A("matte.models", "Look for new models", tip="A model folder added meanwhile appears, without a restart."),
    ),
    *_group(
        "Help",
        A("help.keys", "Keys…", ("F1", "?"), tip="Every key, searchable; change them here.", icon="help"),
    ),
)
"""Every action there is."""

SPECS: Mapping[str, ActionSpec] = {spec.id: spec for spec in ACTIONS}


def normal(key: str) -> str:
    """The one spelling of a key sequence, so that two ways of writing it compare equal."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


class KeyMap:
    """Which keys belong to which action: the table's, with the artist's own laid over it.

    Kept in `settings` under `keys/<action id>`; None keeps nothing.
    """

    def __init__(self, settings: QSettings | None = None) -> None:
        self._settings = settings
        self._own: dict[str, tuple[str, ...]] = {}
        if settings is not None:
            for action_id in SPECS:
                stored = settings.value(f"keys/{action_id}")
                if isinstance(stored, str):
                    self._own[action_id] = tuple(normal(key) for key in stored.split("\t") if key)

    def keys(self, action_id: str) -> tuple[str, ...]:
        """The keys of an action, the first the one to show."""
        if action_id in self._own:
            return self._own[action_id]
        return tuple(normal(key) for key in SPECS[action_id].keys)

    def clashes(self, action_id: str, keys: tuple[str, ...]) -> tuple[str, ...]:
        """Ids of the other actions that already have one of `keys`."""
        wanted = {normal(key) for key in keys}
        return tuple(other for other in SPECS if other != action_id and wanted & set(self.keys(other)))

    def bind(self, action_id: str, keys: tuple[str, ...]) -> None:
        """Give the action these keys and take them from every other action that had one."""
        wanted = tuple(normal(key) for key in keys)
        for other in self.clashes(action_id, wanted):
            self._store(other, tuple(key for key in self.keys(other) if key not in wanted))
        self._store(action_id, wanted)

    def reset(self) -> None:
        """Back to the table."""
        for action_id in self._own:
            if self._settings is not None:
                self._settings.remove(f"keys/{action_id}")
        self._own.clear()

    def _store(self, action_id: str, keys: tuple[str, ...]) -> None:
        self._own[action_id] = keys
        if self._settings is not None:
            self._settings.setValue(f"keys/{action_id}", "\t".join(keys))


class Actions(QObject):
    """A `QAction` for every line of the table, on one window."""

    rebound = Signal()

    def __init__(self, window: QWidget, key_map: KeyMap) -> None:
        super().__init__(window)
        self.key_map = key_map
        self._actions: dict[str, QAction] = {}
        for spec in ACTIONS:
            action = QAction(spec.text, window)
            action.setObjectName(spec.id)
            action.setCheckable(spec.checkable)
            action.setAutoRepeat(spec.repeats)
            if spec.icon:
                action.setIcon(icon(spec.icon))
            window.addAction(action)
            self._actions[spec.id] = action
        self.apply_keys()

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def bind(self, calls: Mapping[str, Callable[[], object]]) -> None:
        """Say what actions do. KeyError for an id that is not in the table."""
        for action_id, call in calls.items():
            self._actions[action_id].triggered.connect(lambda _checked=False, call=call: call())

    def enable_groups(self, opened: bool, always: tuple[str, ...], but_not: tuple[str, ...]) -> None:
        """Every action on when something is open; without, only the groups `always`, except the ids `but_not`."""
        for spec in ACTIONS:
            self._actions[spec.id].setEnabled(opened or (spec.group in always and spec.id not in but_not))

    def rebind(self, action_id: str, keys: tuple[str, ...]) -> None:
        """Change keys; other actions lose the ones they shared. Ask `key_map.clashes` first."""
        self.key_map.bind(action_id, keys)
        self.apply_keys()

    def reset_keys(self) -> None:
        self.key_map.reset()
        self.apply_keys()

    def apply_keys(self) -> None:
        """Put the key map's keys on the actions, and name them in the tooltips."""
        for spec in ACTIONS:
            action = self._actions[spec.id]
            keys = self.key_map.keys(spec.id)
            action.setShortcuts([QKeySequence(key) for key in keys])
            shown = QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
            name = spec.text.rstrip("…")
            heading = f"{name}  ({shown})" if shown else name
            action.setToolTip(f"{heading}\n{spec.tip}" if spec.tip else heading)
        self.rebound.emit()
