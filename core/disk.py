"""Whole files or none: written beside their place and renamed into it."""

from __future__ import annotations

import errno
import os
import uuid
from pathlib import Path

TEMPORARY = ".partial-"
"""Begins the name of a file that is being written; such leftovers of a crash may be removed by their folder's owner."""


def write_whole(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Write `data` so that `path` holds all of it or what it held before, whatever happens in between.

    Args:
        sync: also wait until the disk has it (survives a power cut, not only a crash).

    Raises:
        OSError: nothing was changed and no temporary file is left.
    """
    temporary = path.with_name(f"{TEMPORARY}{uuid.uuid4().hex[:12]}-{path.name}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    if sync:
        sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Wait until the disk has a file that was written without waiting; nothing when it is gone."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make renames inside `folder` durable, where the file system offers it."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES):
            raise
    finally:
        os.close(handle)


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files a crash left in `folder`. Only for the process that holds the project's lock."""
    for path in folder.glob(f"{TEMPORARY}*"):
        path.unlink(missing_ok=True)


def cause(error: OSError) -> str:
    """Why the disk refused, in words an artist reads."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "the disk is full"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "writing there is not allowed"
    if error.errno == errno.ENAMETOOLONG:
        return "the name is too long"
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return "a file stands where a folder should"
    return error.strerror.lower() if error.strerror else type(error).__name__


def remedy(error: OSError) -> str:
    """What to do about it, a whole sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "Make room."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "Choose another folder, or have the rights of this one changed."
    if error.errno == errno.ENAMETOOLONG:
        return "Choose a shorter name."
    return "Choose another place."
