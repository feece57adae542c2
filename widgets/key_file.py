"""The artist's keys as a file to take along: a preset's name and the own keys laid over it, as JSON.

Knows the table of actions. A file that would give one key to two actions is refused whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.disk import cause, write_whole
from core.errors import SettingsError
from widgets.action_table import SPECS
from widgets.key_map import normal
from widgets.key_presets import PRESETS, Preset

FORMAT = "penumbra keys 1"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What stands in a key file; `unknown` are actions of another version, left out of `own`."""

    preset: Preset
    own: Mapping[str, tuple[str, ...]]
    unknown: tuple[str, ...] = ()


def write_keys(path: Path, preset: Preset, own: Mapping[str, tuple[str, ...]]) -> None:
    """Write a key file, whole or not at all. SettingsError when the disk refuses."""
    content = {"format": FORMAT, "preset": preset.id, "keys": {name: list(keys) for name, keys in own.items()}}
    try:
        write_whole(path, (json.dumps(content, indent=2) + "\n").encode())
    except OSError as error:
        raise SettingsError(path, why=cause(error), hint="Choose another folder.") from error


def read_keys(path: Path) -> KeyFile:
    """Read a key file. SettingsError when it is none, or names a key that cannot be or is given twice."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(path, why=f"it cannot be read ({cause(error)})") from error
    except (ValueError, RecursionError) as error:
        raise _no_key_file(path) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT or not isinstance(content.get("keys"), dict):
        raise _no_key_file(path)
    chosen = next((known for known in PRESETS if known.id == content.get("preset")), None)
    if chosen is None:
        raise SettingsError(path, why=f"there is no preset “{content.get('preset')}” in this version")
    own: dict[str, tuple[str, ...]] = {}
    owners: dict[str, str] = {}
    unknown: list[str] = []
    for action_id, keys in content["keys"].items():
        if not isinstance(keys, list) or not all(isinstance(key, str) and normal(key) for key in keys):
            raise SettingsError(path, why=f"the keys of “{action_id}” are not keys")
        if action_id not in SPECS:
            unknown.append(action_id)
            continue
        own[action_id] = tuple(normal(key) for key in keys)
        for key in own[action_id]:
            if key in owners:
                first, second = SPECS[owners[key]].text.rstrip("…"), SPECS[action_id].text.rstrip("…")
                raise SettingsError(path, why=f"{key} is given to {first} and to {second}", hint="Keep one of them.")
            owners[key] = action_id
    return KeyFile(chosen, own, tuple(unknown))


def _no_key_file(path: Path) -> SettingsError:
    return SettingsError(path, why="it is not a file of keys", hint="Choose one that was exported from the key sheet.")
