"""What there is at a path, before anything is opened: every frame, part, layer, window, attribute and the color space.

Qt-free, and never the end of the program: what cannot be used is described with the sentence that says why.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from core.channels import choose_channels, layers_of, views_of
from core.color import ColorConfig
from core.errors import FrameError, PenumbraError
from core.exr import ExrFile, ExrPart, read_channels, read_header
from core.exr_header import check_chunks, read_layout
from core.frames import FrameNumber
from core.geometry import Window
from core.non_finite import contain
from core.plate_reader import ColorSpaceNeeded, describe_plate, is_exr, is_movie
from core.sequence import FileSequence, find_sequence
from core.still import read_info, read_still

PIXELS_CHECKED_BYTES = 512 * 1024**2
"""Frames are decoded up to this many bytes of pixels, the first one always; of the others, headers and completeness
are checked, which finds files that were cut short or never finished."""
_LONGEST_TEXT = 2000


def describe_path(path: Path, color: ColorConfig) -> dict[str, Any]:
    """Everything known about a path, as JSON can say it.

    Returns:
        `usable` (whether it can be opened as a plate; where `color_space` is empty, one has to be chosen), `error`
        (a sentence) where it cannot, `kind`, `pattern`, `frames` (`first`, `last`, `found`, `missing`, `broken` with
        sentences), `parts`, `views`, `chosen`, `color_space` and `color_space_why`, `rate`, `non_finite`,
        `pixels_checked`.
        Windows are `[x0, y0, x1, y1]`, half-open, y down.
    """
    found: dict[str, Any] = {"path": str(path), "usable": False}
    with _quiet_stderr():
        try:
            sequence = find_sequence(path)
            found |= {"kind": _kind(sequence), "pattern": str(sequence.pattern)}
            found |= _exr(sequence) if found["kind"] == "exr" else _still(sequence, found["kind"])
            found |= _plate(sequence, color)
            broken = found["frames"]["broken"]
            if broken and len(broken) == len(sequence.frames):
                found |= {"usable": False, "error": broken[0]["error"]}
        except PenumbraError as error:
            found["error"] = error.sentence
    return found


def readable(found: Mapping[str, Any]) -> str:
    """The same for a person: a few lines, the sentences last."""
    lines = [str(found.get("pattern", found["path"]))]
    frames = found.get("frames", {})
    if frames:
        missing, broken = frames["missing"], frames["broken"]
        lines.append(f"  frames       {spans(frames['found']) or 'none'}")
        lines += [f"  missing      {spans(missing)}"] if missing else []
        lines += [f"  broken       {spans(entry['frame'] for entry in broken)}"] if broken else []
    if "rate" in found:
        lines.append(f"  rate         {found['rate']} frames per second")
    if found.get("views"):
        lines.append(f"  views        {', '.join(found['views'])}")
    for part in found.get("parts", ()):
        name = f"part {part['name'] or part['index']}" + (f" ({part['view']})" if part["view"] else "")
        data, display = part["data_window"], part["display_window"]
        size = f"{display[2] - display[0]} x {display[3] - display[1]}"
        lines.append(f"  {name}: {size}, data window {data}, {part['storage']}, {part['compression']}")
        lines += [f"    layer {layer or '(unnamed)'}: {', '.join(names)}" for layer, names in part["layers"].items()]
    if "chosen" in found:
        lines.append(f"  read as      {', '.join(found['chosen']['channels'].values())}")
    if "color_space" in found:
        lines.append(f"  color space  {found['color_space'] or 'unknown'}: {found['color_space_why']}")
    lines += [f"  frame {frame}: {count} values are NaN or Inf" for frame, count in found.get("non_finite", {}).items()]
    lines += [f"  {entry['error']}" for entry in frames.get("broken", ())] if frames else []
    if found.get("error") and not any(found["error"] in line for line in lines):
        lines.append(f"  {found['error']}")
    return "\n".join(lines)


def spans(numbers: Iterable[FrameNumber]) -> str:
    """`1-4, 7, 9-12`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _kind(sequence: FileSequence) -> str:
    if is_movie(sequence.pattern):
        return "movie"
    return "exr" if is_exr(sequence) else "still"


def _plate(sequence: FileSequence, color: ColorConfig) -> dict[str, Any]:
    """What opening it would give; raises as opening would."""
    try:
        opened = describe_plate(sequence.pattern, color)
    except ColorSpaceNeeded as needed:
        why = f"{needed.why}; choose it, {needed.suggested or 'the space it was made in'} is usual"
        return {"usable": True, "color_space": "", "color_space_why": why}
    return {
        "usable": True,
        "color_space": opened.space.name,
        "color_space_why": opened.space.why,
        "rate": str(opened.plate.rate),
    }


# --- EXR --------------------------------------------------------------------------------------------------------
def _exr(sequence: FileSequence) -> dict[str, Any]:
    headers: dict[FrameNumber, ExrFile] = {}
    broken: dict[FrameNumber, FrameError] = {}
    non_finite: dict[FrameNumber, int] = {}
    checked = bytes_read = 0
    for frame in sequence.frames:
        path = sequence.path(frame)
        try:
            headers[frame] = read_header(path)
            layout = read_layout(path)
            check_chunks(path, layout)
            flat = sum(part.decoded_bytes for part in layout.parts if not part.deep)
            if checked == 0 or bytes_read + flat <= PIXELS_CHECKED_BYTES:
                count = _count_non_finite(headers[frame])
                checked, bytes_read = checked + 1, bytes_read + flat
                if count:
                    non_finite[frame] = count
        except FrameError as error:
            broken[frame] = error
    result: dict[str, Any] = {"frames": _frames(sequence, broken), "pixels_checked": checked}
    if non_finite:
        result["non_finite"] = non_finite
    if headers:
        first = next(iter(headers.values()))
        result["views"] = list(views_of(first))
        result["parts"] = [_part(part) for part in first.parts]
        result |= _varying(headers)
        with contextlib.suppress(FrameError):  # opening says the same, as the error
            chosen = choose_channels(first)
            name = first.parts[chosen.part].name
            result["chosen"] = {"part": name, "layer": chosen.layer, "view": chosen.view, "channels": chosen.names}
    return result


def _count_non_finite(header: ExrFile) -> int:
    """NaN and Inf in the part that would be read; decodes it."""
    part = header.parts[choose_channels(header).part]
    arrays = read_channels(header.path, part.index).values()
    return sum(contain(array) for array in arrays if array.dtype != np.uint32)


def _frames(sequence: FileSequence, broken: Mapping[FrameNumber, FrameError]) -> dict[str, Any]:
    return {
        "first": sequence.frames[0],
        "last": sequence.frames[-1],
        "padding": sequence.padding,
        "found": list(sequence.frames),
        "missing": sorted(sequence.missing),
        "broken": [
            {"frame": frame, "file": str(sequence.path(frame)), "error": error.sentence}
            for frame, error in broken.items()
        ],
    }


def _varying(headers: Mapping[FrameNumber, ExrFile]) -> dict[str, Any]:
    """Frames that differ from the first in ways an artist should know."""
    first = next(iter(headers.values()))
    names = [part.name for part in first.parts]
    formats = [part.format for part in first.parts]
    result: dict[str, Any] = {}
    other_parts = [frame for frame, each in headers.items() if [part.name for part in each.parts] != names]
    other_format = [frame for frame, each in headers.items() if [part.format for part in each.parts] != formats]
    windows = {tuple(part.data_window for part in each.parts) for each in headers.values()}
    if other_parts:
        result["frames_with_other_parts"] = other_parts
    if other_format:
        result["frames_with_other_format"] = other_format
    result["data_window_varies"] = len(windows) > 1
    return result


def _part(part: ExrPart) -> dict[str, Any]:
    return {
        "index": part.index,
        "name": part.name,
        "view": part.view,
        "storage": "deep" if part.deep else "tiled" if part.tiled else "scan lines",
        "compression": part.compression,
        "data_window": _window(part.data_window),
        "display_window": _window(part.format.display),
        "pixel_aspect": part.format.pixel_aspect,
        "layers": {layer: [channel.name for channel in channels] for layer, channels in _all_layers(part).items()},
        "channels": [
            {"name": channel.name, "type": channel.type, "sampling": [channel.x_sampling, channel.y_sampling]}
            for channel in part.channels
        ],
        "attributes": {name: json_value(value) for name, value in sorted(part.attributes.items())},
    }


def _all_layers(part: ExrPart) -> dict[str, Any]:
    """The layers of the default view, then those of the others, named `view: layer`."""
    layers: dict[str, Any] = dict(layers_of(part))
    for view in part.views[1:] if len(part.views) > 1 else ():
        layers |= {f"{view}: {layer}".rstrip(": "): channels for layer, channels in layers_of(part, view).items()}
    return layers


# --- stills and movies ------------------------------------------------------------------------------------------
def _still(sequence: FileSequence, kind: str) -> dict[str, Any]:
    broken: dict[FrameNumber, FrameError] = {}
    checked = bytes_read = 0
    first: dict[str, Any] = {}
    for frame in sequence.frames:
        path = sequence.path(frame)
        try:
            info = read_info(path)
            size = info.width * info.height * 16
            if checked == 0 or bytes_read + size <= PIXELS_CHECKED_BYTES:
                read_still(path)
                checked, bytes_read = checked + 1, bytes_read + size
        except FrameError as error:
            broken[frame] = error
            continue
        first = first or {
            "size": [info.width, info.height],
            "pixel_aspect": info.pixel_aspect,
            "codec": info.codec,
            "pixel_format": info.pixel_format,
            "depth_bits": info.depth_bits,
            "alpha": info.has_alpha,
            "movie_frames": info.frames if kind == "movie" else None,
            "rate": str(info.rate) if kind == "movie" else None,
        }
    frames = _frames(sequence, broken)
    if kind == "movie" and first:
        frames |= {"last": first["movie_frames"], "found": list(range(1, first["movie_frames"] + 1))}
    shown = {name: value for name, value in first.items() if value is not None}
    return {"frames": frames, "pixels_checked": checked, **shown}


# --- values -----------------------------------------------------------------------------------------------------
def _window(window: Window) -> list[int]:
    return [window.x0, window.y0, window.x1, window.y1]


def json_value(value: Any) -> Any:
    """A header attribute as JSON can say it; long texts are cut, and what has no words is named by its type."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_TEXT else f"{value[:_LONGEST_TEXT]}… ({len(value)} characters)"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, np.ndarray):
        return json_value(value.tolist()) if value.size <= 64 else f"{value.size} numbers"
    if isinstance(value, Mapping):
        return {str(name): json_value(item) for name, item in value.items()}
    if isinstance(value, Sequence):
        return [json_value(item) for item in value[:64]]
    name = getattr(value, "name", None)
    try:
        return name if isinstance(name, str) else str(value)[:_LONGEST_TEXT]
    except UnicodeDecodeError:  # OpenEXR's own objects cannot always say what a damaged header put into them
        return type(value).__name__


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """OpenEXR's C++ half writes to descriptor 2 when pixels are damaged; our sentence says it better.

    For the whole process: only for a command without threads, as this one is.
    """
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
