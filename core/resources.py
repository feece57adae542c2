"""Files that come with the program: weights, icons, the theme. By name, wherever it was installed."""

from __future__ import annotations

from pathlib import Path

from core.errors import PenumbraError

RESOURCES = Path(__file__).resolve().parents[1] / "resources"


def resource(name: str) -> Path:
    """The path of `resources/NAME`, a file or a folder. Raises PenumbraError where the installation lacks it."""
    path = RESOURCES / name
    if not path.exists():
        raise PenumbraError(path, why="does not come with this installation", hint="Install Penumbra again.")
    return path
