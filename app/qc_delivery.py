"""Look over delivered files: are they there, as they were written, of the mattes of today, and what they say they are.

Knows the manifest beside the files and the reader of EXR and stills; the mattes are given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
import numpy.typing as npt

from app.export_manifest import ENDING, Manifest, file_hash, tool_version
from core.delivery import Delivery, ExportPlan, delivered_frame
from core.delivery.colors import said_of_colors
from core.errors import ExportError, FrameError
from core.exr import read_channels, read_header
from core.frames import FrameNumber, FrameRange
from core.geometry import Format, Window
from core.layer import Layer, LayerId, MatteKey
from core.matte import Matte
from core.picture import Picture
from core.plate import Plate
from core.quality import Concern, Finding, runs
from core.shot import Shot
from core.still_write import read_levels

AGAIN = "Export it again."
Key = Callable[[Layer, FrameNumber], MatteKey]
Keys = Callable[[FrameNumber], list[MatteKey]]
"""What a manifest would say of a frame today: the keys of its mattes, and what its colors are made of."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A sequence that lies on disk, by its manifest."""

    manifest: Manifest
    layers: tuple[Layer, ...]

    @property
    def folder(self) -> Path:
        return self.manifest.path.parent

    @property
    def name(self) -> str:
        return self.manifest.path.name.removesuffix(ENDING)

    @property
    def is_movie(self) -> bool:
        return self.manifest.order.get("kind") in ("prores", "h264")

    @property
    def frames(self) -> list[FrameNumber]:
        return sorted(int(number) for number in self.manifest.frames)

    def file(self, frame: FrameNumber) -> Path:
        """Only a name is taken from the manifest: it leads nowhere else."""
        return self.folder / Path(str(self.manifest.frames[str(frame)]["file"])).name

    def said_hash(self, frame: FrameNumber) -> str:
        return str(self.manifest.frames[str(frame)].get("sha256", ""))

    def keys(self, frame: FrameNumber) -> list[MatteKey]:
        return [str(key) for key in self.manifest.frames[str(frame)]["keys"]]

    def as_ordered(self, frames: FrameRange) -> tuple[ExportPlan, Delivery]:
        """What was ordered of it, as far as the content of a file depends on it."""
        order, first = self.manifest.order, self.file(self.frames[0])
        plan = ExportPlan(
            str(self.folder / f"{self.name}.####{first.suffix}"),
            tuple(layer.id for layer in self.layers),
            frames,
            str(order.get("kind", "")),
            str(order.get("pixel_type", "half")),
            str(order.get("compression", "zip")),
            str(order.get("data_window", "plate")),
            core_and_edge=bool(order.get("core_and_edge", False)),
            foreground=bool(order.get("foreground", False)),
            sidecar=bool(order.get("sidecar", False)),
        )
        channels = tuple(str(name) for name in order.get("channels", ()))
        return plan, Delivery(self.folder, f"{self.name}.", first.suffix, 4, self.layers, channels)


def find_delivered(folders: tuple[Path, ...], shot: Shot) -> tuple[list[Delivered], list[Finding]]:
    """Every manifest in the folders (or that is named itself), and what is wrong with those that cannot be used."""
    found, wrong = [], []
    at = shot.range.first if shot.range is not None else 0
    for place in folders:
        paths = sorted(place.glob(f"*{ENDING}")) if place.is_dir() else [place]
        if not paths or not place.exists():
            raise ExportError(place, why="there is no export here", hint="Name its folder, or its manifest.")
        for path in paths:
            manifest = Manifest.read(path)
            names = [str(name) for name in manifest.order.get("layers", ())] if manifest is not None else []
            by_name = {layer.name: layer for layer in shot.layers}
            if manifest is None or not manifest.frames or len(manifest.order.get("channels", ())) != len(names):
                why = "its manifest cannot be read"
            elif unknown := [name for name in names if name not in by_name]:
                why = f"the project has no layer {unknown[0]}"
            else:
                found.append(Delivered(manifest, tuple(by_name[name] for name in names)))
                continue
            wrong.append(Finding(Concern.FILE_WRONG, "", at, at, why, AGAIN, file=path.name))
    return found, wrong


def look_over(
    delivered: Delivered,
    plate: Plate,
    key: Key,
    matte: Callable[[LayerId, FrameNumber], Matte | None],
    picture: Callable[[FrameNumber], Picture | None],
    wanted: FrameRange,
    each: Callable[[FrameNumber], None],
) -> list[Finding]:
    """Everything that is wrong with one sequence or movie.

    Args:
        key: what a layer would deliver now.
        wanted: the frames that should be there.
        each: called for every frame before it is read; may raise Cancelled.
    """
    named = ", ".join(layer.name for layer in delivered.layers)
    colors = said_of_colors(*delivered.as_ordered(wanted))

    def today(frame: FrameNumber) -> list[MatteKey]:
        return [*(key(layer, frame) for layer in delivered.layers), *colors]

    findings = []
    for first, last in runs(set(wanted) - set(delivered.frames)):
        why = f"{delivered.name} has no file for it"
        findings.append(Finding(Concern.FILE_MISSING, named, first, last, why, AGAIN, file=delivered.name))
    if not delivered.manifest.complete:
        at = delivered.frames[-1]
        why = "the export was stopped before its end"
        step = "Export again and keep what is still true."
        findings.append(Finding(Concern.FILE_MISSING, named, at, at, why, step, file=delivered.name))
    if delivered.is_movie:
        return findings + _movie(delivered, named, today, each)
    channels: dict[FrameNumber, frozenset[str]] = {}
    for frame in delivered.frames:
        each(frame)
        path = delivered.file(frame)
        found = _integrity(delivered, frame, named, today)
        if found is None and path.suffix.lower() == ".exr":
            channels[frame] = frozenset(channel.name for channel in read_header(path).parts[0].channels)
        if found is None:
            found = _compared(delivered, plate, frame, named, matte, picture)
        findings += [] if found is None else [found]
    usual = next(iter(channels.values()), frozenset())
    for frame, names in channels.items():
        if names != usual:
            lacking = ", ".join(sorted(usual ^ names))
            why = f"other channels than in frame {next(iter(channels))}: {lacking}"
            findings.append(Finding(Concern.FILE_WRONG, named, frame, frame, why, AGAIN, file=delivered.name))
    return findings


def _integrity(delivered: Delivered, frame: FrameNumber, named: str, today: Keys) -> Finding | None:
    """Is the file there, as it was written, and of the mattes of today?"""
    path = delivered.file(frame)

    def said(concern: Concern, why: str, step: str = AGAIN) -> Finding:
        return Finding(concern, named, frame, frame, why, step, file=path.name)

    if not path.is_file():
        return said(Concern.FILE_MISSING, "the manifest lists it and it is not there")
    if delivered.said_hash(frame) != file_hash(path):
        return said(Concern.FILE_CHANGED, "it is not as it was written: its checksum differs")
    if today(frame) != delivered.keys(frame):
        step = "Export again and keep what is still true: only changed frames are written."
        return said(Concern.FILE_OLD, "the matte or its foreground was changed after it was written", step)
    return None


def _compared(
    delivered: Delivered,
    plate: Plate,
    frame: FrameNumber,
    named: str,
    matte: Callable[[LayerId, FrameNumber], Matte | None],
    picture: Callable[[FrameNumber], Picture | None],
) -> Finding | None:
    """Windows and every value, against what would be written now."""
    path = delivered.file(frame)
    mattes = [matte(layer.id, frame) for layer in delivered.layers]
    known = [each for each in mattes if each is not None]
    if len(known) < len(mattes):
        return None  # said of the layer
    plan, delivery = delivered.as_ordered(FrameRange(frame, frame))
    keys = delivered.keys(frame)[: len(known)]  # without what its colors are made of
    made = delivered_frame(plan, delivery, plate, picture(frame), known, keys, tool_version())
    try:
        why = _difference(path, made.channels, made.data_window, made.format)
    except FrameError as error:
        why = f"it cannot be read back: {error.why}"
    return Finding(Concern.FILE_WRONG, named, frame, frame, why, AGAIN, file=path.name) if why else None


def _difference(path: Path, channels: Mapping[str, npt.NDArray[Any]], data: Window, form: Format) -> str:
    """Why a file is not what it should be; empty when it is, to the last bit."""
    if path.suffix.lower() != ".exr":
        names = sorted(channels, key="RGBA".index)
        wanted = channels[names[0]] if len(names) == 1 else np.stack([channels[name] for name in names], axis=-1)
        return "" if np.array_equal(read_levels(path, wanted.shape), wanted) else "its values differ"
    part = read_header(path).parts[0]
    if part.data_window != data:
        return f"its data window is {part.data_window.words}, not {data.words}"
    if part.format.display != form.display:
        return f"its display window is {part.format.display.words}, not {form.display.words}"
    if part.format.pixel_aspect != np.float32(form.pixel_aspect):  # as a file holds it
        return f"its pixel aspect is {part.format.pixel_aspect:g}, not {form.pixel_aspect:g}"
    back = read_channels(path)
    if back.keys() != channels.keys():
        return f"its channels are {', '.join(sorted(back))}"
    for name, values in channels.items():
        if back[name].tobytes() != np.ascontiguousarray(values).tobytes():
            return f"the values of {name} differ"
    return ""


def _movie(delivered: Delivered, named: str, today: Keys, each: Callable[[FrameNumber], None]) -> list[Finding]:
    """The file as a whole, how many pictures it has, and whether the mattes are those of today."""
    first = delivered.frames[0]
    each(first)
    whole = _integrity(delivered, first, named, today)
    if whole is not None:
        return [whole]
    findings = []
    path = delivered.file(first)
    try:
        with av.open(str(path)) as container:
            count = sum(1 for packet in container.demux(video=0) if packet.size)
    except (OSError, av.error.FFmpegError):
        count = 0
    if count != len(delivered.frames):
        why = f"it has {count} pictures for {len(delivered.frames)} frames"
        findings.append(Finding(Concern.FILE_WRONG, named, first, first, why, AGAIN, file=path.name))
    old = [frame for frame in delivered.frames if today(frame) != delivered.keys(frame)]
    for start, last in runs(old):
        why = "the matte or its foreground was changed after the movie was written"
        findings.append(Finding(Concern.FILE_OLD, named, start, last, why, AGAIN, file=path.name))
    return findings
