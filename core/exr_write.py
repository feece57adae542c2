"""Write one EXR so that it is either there and whole, or not there.

Knows nothing of layers or mattes: named channels in, one file out. The same input gives the same bytes.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenEXR

from core.disk import cause, remedy
from core.errors import ExportError, FrameError
from core.exr_header import check_chunks, read_layout
from core.exr_read import read_channels, read_header
from core.geometry import Format, Window

COMPRESSIONS = {
    "none": OpenEXR.NO_COMPRESSION,
    "rle": OpenEXR.RLE_COMPRESSION,
    "zips": OpenEXR.ZIPS_COMPRESSION,
    "zip": OpenEXR.ZIP_COMPRESSION,
    "piz": OpenEXR.PIZ_COMPRESSION,
    "dwaa": OpenEXR.DWAA_COMPRESSION,
    "dwab": OpenEXR.DWAB_COMPRESSION,
    "zstd": OpenEXR.ZSTD_COMPRESSION,
}
"""By the name the artist reads. `dwaa` and `dwab` lose detail in R, G, B and Y; `zstd` is not read by older tools."""

STRUCTURAL = frozenset(
    {
        *("channels", "compression", "dataWindow", "displayWindow", "pixelAspectRatio", "lineOrder", "type", "tiles"),
        *("chunkCount", "version", "name", "multiView", "preview", "dwaCompressionLevel"),
        *("maxSamplesPerPixel", "deepImageState", "idManifest"),
    }
)
"""Attributes that describe one file's own storage; they are never carried into another."""

_TYPES = (np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.uint32))


def write_exr(
    path: str | os.PathLike[str],
    channels: Mapping[str, npt.NDArray[Any]],
    *,
    data_window: Window,
    format: Format,  # noqa: A002 - the glossary's word for display window and pixel aspect
    attributes: Mapping[str, Any] | None = None,
    compression: str = "zip",
    verify: bool = False,
) -> None:
    """Write scan lines under a temporary name in the same folder, then rename.

    Args:
        path: where it will be; an older file of this name is replaced in one step.
        channels: full name → (H, W) float16, float32 or uint32 over `data_window`.
        data_window: where the pixels lie; any origin.
        format: display window and pixel aspect.
        attributes: carried over; those of a file's own storage (`STRUCTURAL`) are dropped.
        compression: a key of `COMPRESSIONS`.
        verify: read the file back before the rename and compare every value bit for bit (not for lossy ones).

    Raises:
        ExportError: wrong input, no space, no rights, or the file did not come back as it was written. The temporary
            file is gone, and what was at `path` before is still there.
    """
    target = Path(path)
    arrays = _checked(target, channels, data_window, compression)
    corners = data_window.to_exr()
    screen = format.display.to_exr()
    header: dict[str, Any] = {
        **{name: value for name, value in (attributes or {}).items() if name not in STRUCTURAL},
        "compression": COMPRESSIONS[compression],
        "type": OpenEXR.scanlineimage,
        "dataWindow": (np.array(corners[0], np.int32), np.array(corners[1], np.int32)),
        "displayWindow": (np.array(screen[0], np.int32), np.array(screen[1], np.int32)),
        "pixelAspectRatio": float(format.pixel_aspect),
    }
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with OpenEXR.File(header, dict(arrays), num_threads=0) as file:
            file.write(str(temporary))
        _check_whole(temporary, arrays if verify and not compression.startswith("dwa") else None, data_window)
        _flush(temporary)
        temporary.replace(target)
    except ExportError:
        raise
    except (OSError, RuntimeError, ValueError, TypeError, FrameError) as error:
        raise ExportError(target, why=_why(error, target, temporary), hint=_hint(error, target)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _checked(
    target: Path, channels: Mapping[str, npt.NDArray[Any]], data_window: Window, compression: str
) -> dict[str, npt.NDArray[Any]]:
    if compression not in COMPRESSIONS:
        raise ExportError(target, why=f"{compression!r} is no compression", hint=f"Use {', '.join(COMPRESSIONS)}.")
    if not channels or data_window.empty:
        raise ExportError(target, why="there are no pixels to write", hint="Check channels and data window.")
    arrays = {}
    for name in sorted(channels):
        array = channels[name]
        if array.dtype not in _TYPES:
            raise ExportError(target, why=f"channel {name} is {array.dtype}", hint="Use half, float or uint32.")
        if array.shape != data_window.shape:
            raise ExportError(
                target, why=f"channel {name} is {array.shape}, the data window {data_window.shape}", hint=""
            )
        arrays[name] = np.ascontiguousarray(array)  # OpenEXR writes anything else as garbage, without a word
    return arrays


def _check_whole(temporary: Path, arrays: Mapping[str, npt.NDArray[Any]] | None, data_window: Window) -> None:
    """OpenEXR does not always say that the disk is full: every chunk must be in the file before it gets its name."""
    check_chunks(temporary, read_layout(temporary))
    if arrays is None:
        return
    written = read_header(temporary).parts[0]
    if written.data_window != data_window or {channel.name for channel in written.channels} != arrays.keys():
        raise ExportError(temporary, why="windows or channels came back different", hint="Write it again.")
    back = read_channels(temporary)
    for name, array in arrays.items():
        if back[name].tobytes() != array.tobytes():
            raise ExportError(temporary, why=f"channel {name} came back different", hint="Write it again.")


def _flush(temporary: Path) -> None:
    """The rename must not become durable before the pixels are."""
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())


def _why(error: Exception, target: Path, temporary: Path) -> str:
    if _free_bytes(target.parent) == 0:
        return "the disk is full"
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be written, {cause(error)}"
    text = error.why if isinstance(error, FrameError) else str(error).replace(str(temporary), "")
    return f"it cannot be written ({' '.join(text.split())[:200]})"


def _hint(error: Exception, target: Path) -> str:
    if _free_bytes(target.parent) == 0:
        return "Make room."
    if not target.parent.is_dir():
        return f"Make the folder {target.parent} first."
    if isinstance(error, TypeError | ValueError):
        return "Leave out what cannot be written."
    return remedy(error) if isinstance(error, OSError) else "Check space and rights of the folder."


def _free_bytes(folder: Path) -> int:
    try:
        state = os.statvfs(folder)
    except OSError:
        return -1
    return int(state.f_bavail) * int(state.f_frsize)
