"""Sets of keys an artist may begin with: Nuke's, which the table of actions holds, and RV's, laid over it here.

Data only. RV's keys are those of its manual's list of hot keys, for the actions that both programs have; whatever
stood on one of them moves to the key named beside it. An action that is not named keeps the table's keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Preset:
    """A named set of keys.

    Args:
        id: what the settings and key files store.
        name: what the key sheet says.
        keys: by action, instead of the table's; the first of each is the one shown.
    """

    id: str
    name: str
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


NUKE = Preset("nuke", "Nuke")
RV = Preset(
    "rv",
    "RV",
    {
        "play.toggle": ("Space",),
        "play.back": (",", "J"),
        "play.forward": (".",),
        "play.step_back": ("Left",),
        "play.step_forward": ("Right",),
        "play.go_to": ("Shift+G", "Enter"),
        "play.every_frame": ("Shift+A",),
        "play.ping_pong": ("Shift+P",),
        "range.in": ("[",),
        "range.out": ("]",),
        "range.clear": ("\\",),
        "view.one_to_one": ("1",),
        "view.luminance": ("L",),
        "view.wipe": ("F6", "W"),
        "view.reset": ("Shift+Home",),
        "view.full_screen": ("`", "F11"),
        "view.picture_only": ("Ctrl+P",),
        # moved out of the way
        "brush.smaller": ("Ctrl+[",),
        "brush.larger": ("Ctrl+]",),
        "view.swap": ("Return",),
        "view.proxy": ("Ctrl+Alt+P",),
        **{f"layer.{number}": (f"Ctrl+{number}",) for number in range(1, 10)},
    },
)
PRESETS: tuple[Preset, ...] = (NUKE, RV)
"""The first is the one a new artist finds."""


def preset(preset_id: str) -> Preset:
    """The preset of this id; the first one for an id nobody knows (a settings file of another version)."""
    return next((known for known in PRESETS if known.id == preset_id), PRESETS[0])
