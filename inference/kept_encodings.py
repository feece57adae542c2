"""Encodings on disk: what a night of encoding leaves for the clicks of the next day. A cache; any of it may be deleted.

A file is named by what its encoding was made from: the weights, the model's version, the picture (its file, frame,
time and size, and how it is read) and the options that matter. Knows no networks: an encoding is bytes here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.digest import digest
from core.disk import write_whole
from core.errors import EngineError
from inference.registry import InstalledModel

SUFFIX: Final = ".safetensors"


class KeptEncodings:
    """Below `folder`, a folder for each model. None: nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def key(self, model: InstalledModel, identity: str, options: dict[str, object]) -> str:
        """`identity` from `Pictures.identity`; `options` those that an encoding depends on."""
        return digest("encoding", model.info.version, model.info.weights_sha256, identity, options)

    def size(self, model: InstalledModel, key: str) -> int:
        """Bytes on disk; 0 when it is not kept."""
        path = self._path(model, key)
        return path.stat().st_size if path is not None and path.is_file() else 0

    def get(self, model: InstalledModel, key: str) -> bytes | None:
        """None when it is not kept, or cannot be read any more."""
        path = self._path(model, key)
        try:
            return path.read_bytes() if path is not None else None
        except OSError:
            return None

    def put(self, model: InstalledModel, key: str, packed: bytes) -> int:
        """Bytes written. Raises EngineError where there is no place for them."""
        path = self._path(model, key)
        if path is None:
            raise EngineError("This engine", "keeps no encodings", "Start it with --encodings FOLDER.")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, packed, sync=False)
        except OSError as error:
            why = f"an encoding of {len(packed) / 1e6:.1f} MB cannot be written ({error.strerror})"
            raise EngineError(path.parent, why, "Make room, or give --encodings another folder.") from error
        return len(packed)

    def _path(self, model: InstalledModel, key: str) -> Path | None:
        return None if self._folder is None else self._folder / model.info.id / key[:2] / f"{key}{SUFFIX}"
