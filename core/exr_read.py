"""OpenEXR files: headers and channels as they are on disk.

Knows no color and chooses nothing; which channels make the picture is `core/channels.py`, writing is
`core/exr_write.py`. Every file is first walked by `core/exr_header.py`, so OpenEXR only meets plausible ones.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenEXR

from core.errors import FrameError
from core.exr_header import MAX_EDGE_PX, ExrChannel, check_chunks, read_layout
from core.geometry import Format, Window

OpenEXR.setMaxImageSize(MAX_EDGE_PX, MAX_EDGE_PX)
OpenEXR.set_global_thread_count(0)  # parallel are our own reader threads; each file is read by one

_BROKEN = "Copy or render it again, or leave the frame out."


@dataclass(frozen=True, slots=True)
class ExrPart:
    """One part of a file; a file that is not multi-part has one, without a name.

    Args:
        index: its place in the file.
        name, view: empty where the file does not say.
        deep: whether it holds deep samples, which are not read.
        tiled: stored in tiles instead of lines.
        compression: `zip`, `piz`, `none`, ...
        data_window: where its pixels lie.
        format: display window and pixel aspect.
        channels: in the file's order (alphabetical).
        attributes: every header attribute as OpenEXR gives it, without `channels`.
    """

    index: int
    name: str
    view: str
    deep: bool
    tiled: bool
    compression: str
    data_window: Window
    format: Format
    channels: tuple[ExrChannel, ...]
    attributes: Mapping[str, Any]

    @property
    def views(self) -> tuple[str, ...]:
        """The views of a multi-view part, the default one first; else its own view, if it says."""
        listed = self.attributes.get("multiView", ())
        return tuple(str(view) for view in listed) or ((self.view,) if self.view else ())


@dataclass(frozen=True, slots=True)
class ExrFile:
    """A file's header."""

    path: Path
    parts: tuple[ExrPart, ...]

    def part(self, name: str) -> ExrPart:
        """By name, else by its number from 0; raises FrameError with the names there are."""
        for part in self.parts:
            if part.name == name:
                return part
        if name.isdigit() and int(name) < len(self.parts):
            return self.parts[int(name)]
        names = ", ".join(part.name or str(part.index) for part in self.parts)
        raise FrameError(self.path, why=f"there is no part {name!r}", hint=f"Choose one of {names}.")


def read_header(path: str | os.PathLike[str]) -> ExrFile:
    """Header only: no pixels are read and little memory is taken; about 0.2 ms.

    Raises:
        FrameError: missing, not an EXR, broken, or refused for its size.
    """
    file = Path(path)
    layout = read_layout(file)
    try:
        with OpenEXR.File(str(file), header_only=True, num_threads=0) as opened:
            headers = [dict(part.header) for part in opened.parts]
    except (RuntimeError, ValueError) as error:
        raise FrameError(file, why=f"OpenEXR refuses its header ({_without(error, file)})", hint=_BROKEN) from error
    if len(headers) != len(layout.parts):
        raise FrameError(file, why="OpenEXR cannot read its header", hint=_BROKEN)
    parts = []
    for index, (outline, header) in enumerate(zip(layout.parts, headers, strict=True)):
        header.pop("channels", None)
        aspect = float(header.get("pixelAspectRatio", 1.0))
        parts.append(
            ExrPart(
                index=index,
                name=outline.name,
                view=outline.view,
                deep=outline.deep,
                tiled=outline.tiles is not None,
                compression=outline.compression,
                data_window=outline.data_window,
                format=Format(outline.display_window, aspect if np.isfinite(aspect) and aspect > 0 else 1.0),
                channels=outline.channels,
                attributes=header,
            )
        )
    return ExrFile(file, tuple(parts))


def read_channels(path: str | os.PathLike[str], part: int | str = 0) -> dict[str, npt.NDArray[Any]]:
    """Every channel of one part by its full name.

    Args:
        path: the file.
        part: its index, or its name.

    Returns:
        (h, w) arrays, float16, float32 or uint32 as in the file, over the part's data window; a subsampled channel
        is smaller. Values are untouched: NaN and Inf come as they are.

    Raises:
        FrameError: missing, broken, ended too early, deep, or too large.
    """
    file = Path(path)
    layout = read_layout(file)
    index = part if isinstance(part, int) else read_header(file).part(part).index
    if not 0 <= index < len(layout.parts):
        raise FrameError(file, why=f"there is no part {part}", hint=f"It has {len(layout.parts)}.")
    if layout.parts[index].deep:
        raise FrameError(
            file,
            why="the part holds deep data, which Penumbra does not read",
            hint="Flatten it first, or choose a part.",
        )
    if any(outline.deep for outline in layout.parts):
        raise FrameError(
            file,
            why="the file holds deep parts beside this one, and OpenEXR would read them all",
            hint="Write the flat part into a file of its own.",
        )
    check_chunks(file, layout)
    try:
        with _quiet(), OpenEXR.File(str(file), separate_channels=True, num_threads=0) as opened:
            for found in opened.parts:
                if found.part_index == index:
                    return {name: channel.pixels for name, channel in found.channels.items()}
    except (RuntimeError, ValueError, MemoryError) as error:
        raise FrameError(file, why=f"OpenEXR cannot read it ({_without(error, file)})", hint=_BROKEN) from error
    raise FrameError(file, why="its pixels are damaged", hint=_BROKEN)


def _without(error: Exception, path: Path) -> str:
    """OpenEXR's message without the path, which the sentence begins with anyway."""
    text = str(error).replace(str(path), "").replace("when attempting to open '' for read", "")
    return " ".join(text.split()).strip(" .:'") or type(error).__name__


class _Voice(io.TextIOBase):
    """Standard output without OpenEXR's remarks on damaged pixels; everything else passes."""

    def __init__(self, passed: Any) -> None:
        self.passed = passed
        self._remark = threading.local()

    def write(self, text: str) -> int:
        if text.startswith("Warning: Exception raised reading pixel data"):
            self._remark.running = True
        if not getattr(self._remark, "running", False):
            self.passed.write(text)
        if text.endswith("\n"):
            self._remark.running = False
        return len(text)

    def flush(self) -> None:
        self.passed.flush()


_voice_lock = threading.Lock()
_voice_users = 0


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """OpenEXR prints through `sys.stdout` when pixels are damaged, which would spoil `--json`. Shared by threads."""
    global _voice_users
    with _voice_lock:
        _voice_users += 1
        if _voice_users == 1:
            sys.stdout = _Voice(sys.stdout)
    try:
        yield
    finally:
        with _voice_lock:
            _voice_users -= 1
            if _voice_users == 0 and isinstance(sys.stdout, _Voice):
                sys.stdout = sys.stdout.passed
