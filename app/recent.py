"""The projects and plates opened last, newest first, in the user's settings folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import platformdirs

KEPT = 12


class Recent:
    """A small JSON list. A file that cannot be read counts as empty: it holds nothing that matters."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or Path(platformdirs.user_config_dir("penumbra")) / "recent.json"

    def all(self) -> tuple[Path, ...]:
        """Those that still exist; a sequence pattern exists while its folder does."""
        try:
            names = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ()
        paths = [Path(name) for name in names if isinstance(name, str)]
        return tuple(path for path in paths if path.exists() or ("#" in path.name and path.parent.is_dir()))

    def add(self, path: Path) -> None:
        """Put `path` first. Quietly nothing where settings cannot be written."""
        path = path.absolute()
        names = [str(path), *(str(kept) for kept in self.all() if kept != path)][:KEPT]
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._file.with_suffix(f".{os.getpid()}.tmp")
            temporary.write_text(json.dumps(names, indent=1), encoding="utf-8")
            temporary.replace(self._file)
        except OSError:
            return
