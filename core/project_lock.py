"""One window per project: a lock file that the operating system releases when its process dies, however it dies."""

from __future__ import annotations

import fcntl
import json
import os
import platform
import time
from pathlib import Path

from core.disk import cause
from core.errors import ProjectError


class ProjectLock:
    """Holds the project's lock until `release`. Raises ProjectError when another window has it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise ProjectError(path.parent, why=cause(error), hint="Make the project folder writable.") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _holder(self._file)
            os.close(self._file)
            raise ProjectError(
                path.parent,
                why=f"the project is open in another window{holder}",
                hint="Close it there first.",
            ) from error
        note = {"pid": os.getpid(), "host": platform.node(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, json.dumps(note).encode(), 0)

    def release(self) -> None:
        """Give the lock back; the file stays, so that no two processes ever lock different files of one name."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock at `path`."""
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def _holder(handle: int) -> str:
    try:
        note = json.loads(os.pread(handle, 4096, 0))
        return f" (process {note['pid']} on {note['host']}, since {note['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
