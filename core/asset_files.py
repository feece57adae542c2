"""The assets of a project on disk: painted mattes and adapters, each a file named by its SHA-256.

Knows bytes, not what they mean. Safe from any thread.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from core.disk import cause, write_whole
from core.errors import ProjectError
from core.layer import AssetId


class AssetFiles:
    """The assets in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def move_to(self, folder: Path) -> None:
        """They are there from now on; copying them is the caller's."""
        self._folder = folder

    def put(self, data: bytes) -> AssetId:
        """Keep bytes; the same bytes are kept once. Raises ProjectError when there is no room."""
        asset = hashlib.sha256(data).hexdigest()
        path = self._folder / asset
        if path.exists() and path.stat().st_size == len(data):
            return asset
        try:
            path.parent.mkdir(exist_ok=True)
            write_whole(path, data)
        except OSError as error:
            raise ProjectError(path, why=cause(error), hint="Make room on the disk and try again.") from error
        return asset

    def get(self, asset: AssetId) -> bytes:
        """The bytes of an asset, checked. Raises ProjectError when they are missing or damaged."""
        path = self._folder / asset
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ProjectError(path, why="the asset is missing", hint="Restore it from a backup.") from error
        if hashlib.sha256(data).hexdigest() != asset:
            raise ProjectError(path, why="the asset is damaged", hint="Restore it from a backup.")
        return data

    def drop(self, asset: AssetId) -> bool:
        """Forget an asset; whether it is gone. A refusal costs room only."""
        try:
            (self._folder / asset).unlink()
        except OSError:
            return False
        return True
