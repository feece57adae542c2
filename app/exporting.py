"""Write a delivery: frame by frame, each file whole or absent, with a manifest that a later run goes on from.

A frame's line is in the manifest before the frame gets its name, so after a crash every file that exists is known.
Given the mattes and pictures as functions; knows neither Qt nor the engine. Runs on a worker.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from core.delivery import Delivery, ExportPlan, delivered_frame, deliveries, next_version
from core.disk import cause, write_whole
from core.errors import Cancelled, ExportError, FrameError
from core.exr import write_exr
from core.frames import FrameNumber
from core.layer import LayerId, MatteKey
from core.matte import Matte
from core.picture import Picture
from core.plate import Plate
from core.shot import Shot

MANIFEST_VERSION = 1


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export did.

    Args:
        patterns: the sequences, as `/out/hero_v001.####.exr`.
        frames: how many frames each has.
        written, kept: files written now, and files of an earlier run that were still true.
        without_plate: frames written although the plate has no readable picture there.
    """

    patterns: tuple[str, ...]
    frames: int
    written: int
    kept: int
    without_plate: tuple[FrameNumber, ...] = ()

    @property
    def sentence(self) -> str:
        """For the status line."""
        text = f"{', '.join(self.patterns)}: {_counted(self.written, 'file')} written"
        if self.kept:
            text += f", {self.kept} kept from before"
        if self.without_plate:
            frames = _counted(len(self.without_plate), "frame")
            text += f", {frames} without a plate picture (the first is {self.without_plate[0]})"
        return text + "."

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


@dataclass
class _Manifest:
    """The JSON beside the frames: what was ordered, and per frame the file's hash and the keys of its mattes."""

    path: Path
    order: dict[str, Any]
    frames: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, delivery: Delivery, plan: ExportPlan) -> _Manifest:
        """The manifest of an earlier run with the same order; an empty one when there is none."""
        order = {
            "kind": plan.kind,
            "layers": [layer.name for layer in delivery.layers],
            "pixel_type": plan.pixel_type,
            "compression": plan.compression,
            "data_window": plan.data_window,
        }
        try:
            raw = json.loads(delivery.manifest.read_bytes())
        except (OSError, ValueError):
            return cls(delivery.manifest, order, {})
        if not isinstance(raw, dict) or raw.get("manifest") != MANIFEST_VERSION or raw.get("order") != order:
            return cls(delivery.manifest, order, {})
        return cls(delivery.manifest, order, raw["frames"])

    def write(self, complete: bool) -> None:
        raw = {
            "manifest": MANIFEST_VERSION,
            "tool": f"penumbra {tool_version()}",
            "complete": complete,
            "order": self.order,
            "frames": dict(sorted(self.frames.items(), key=lambda entry: int(entry[0]))),
        }
        try:
            write_whole(self.path, json.dumps(raw, indent=1).encode(), sync=complete)
        except OSError as error:
            raise ExportError(self.path, why=cause(error), hint="Make room, then export again with resume.") from error


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def tool_version() -> str:
    """The program's version; written into every file."""
    try:
        return metadata.version("penumbra")
    except metadata.PackageNotFoundError:
        return "unknown"


def export(
    plan: ExportPlan,
    shot: Shot,
    mattes: Callable[[LayerId, FrameNumber], Matte],
    pictures: Callable[[FrameNumber], Picture | None],
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> ExportReport:
    """Write every frame of the plan; none is skipped.

    Args:
        mattes: the delivered matte of a layer at a frame.
        pictures: the plate's frame, or None (or FrameError) where there is none.
        progress: (0-1, a short phrase), called after each file.

    Raises:
        ExportError: refused before a file was touched, or stopped by the disk; what was written is whole and listed.
        Cancelled: likewise.
    """
    planned = deliveries(plan, shot)
    plate = shot.plate
    assert plate is not None
    manifests = [_Manifest.of(delivery, plan) for delivery in planned]
    for delivery, manifest in zip(planned, manifests, strict=True):
        _refuse_existing(plan, delivery, manifest)
        _sweep(delivery)
    run = _Run(plan, plate, mattes, pictures)
    total, done = len(planned) * len(plan.frames), 0
    for frame in plan.frames:
        for delivery, manifest in zip(planned, manifests, strict=True):
            if cancelled():
                raise Cancelled("Export", f"was cancelled after {done} of {total} files", "Resume to go on from there.")
            run.deliver(delivery, manifest, frame)
            done += 1
            progress(done / total, f"frame {frame}")
    for manifest in manifests:
        manifest.write(complete=True)
    return ExportReport(
        tuple(str(delivery.directory / delivery.pattern) for delivery in planned),
        len(plan.frames),
        run.written,
        run.kept,
        tuple(sorted(run.without_plate)),
    )


def _refuse_existing(plan: ExportPlan, delivery: Delivery, manifest: _Manifest) -> None:
    """Nothing is overwritten silently. A resumed export owns the frames its manifest lists."""
    if plan.overwrite:
        return
    for frame in plan.frames:
        path = delivery.path(frame)
        ours = plan.resume and str(frame) in manifest.frames
        if path.exists() and not ours:
            raise ExportError(
                path,
                why="this file exists already",
                hint=f"Write {Path(next_version(plan.path)).name}, resume that export, or allow overwriting.",
            )


def _sweep(delivery: Delivery) -> None:
    """Remove what an export to this place that was killed left half written under hidden names."""
    for pattern in (f".*{delivery.head}*{delivery.tail}.staged*", f".*{delivery.manifest.name}"):
        for path in delivery.directory.glob(pattern):
            path.unlink(missing_ok=True)


class _Run:
    """One export under way."""

    def __init__(
        self,
        plan: ExportPlan,
        plate: Plate,
        mattes: Callable[[LayerId, FrameNumber], Matte],
        pictures: Callable[[FrameNumber], Picture | None],
    ) -> None:
        self.plan = plan
        self.plate = plate
        self.mattes = mattes
        self.pictures = pictures
        self.written = 0
        self.kept = 0
        self.without_plate: set[FrameNumber] = set()
        self._picture: tuple[FrameNumber, Picture | None] | None = None

    def deliver(self, delivery: Delivery, manifest: _Manifest, frame: FrameNumber) -> None:
        keys = [layer.delivered_key(self.plate.identity, frame) for layer in delivery.layers]
        path = delivery.path(frame)
        if self.plan.resume and self._still_true(path, manifest.frames.get(str(frame)), keys):
            self.kept += 1
            return
        mattes = [self.mattes(layer.id, frame) for layer in delivery.layers]
        made = delivered_frame(self.plan, delivery, self.plate, self._read(frame), mattes, keys, tool_version())
        staged = path.with_name(f".{path.name}.staged")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_exr(
                staged,
                made.channels,
                data_window=made.data_window,
                format=made.format,
                attributes=made.attributes,
                compression=self.plan.compression,
                verify=True,
            )
            manifest.frames[str(frame)] = {"file": path.name, "sha256": _sha256(staged), "keys": keys}
            manifest.write(complete=False)
            staged.replace(path)
        except OSError as error:
            raise ExportError(path, why=cause(error), hint="Make room, then export again with resume.") from error
        except ExportError as error:
            raise ExportError(path, why=error.why, hint="Make room, then export again with resume.") from error
        finally:
            staged.unlink(missing_ok=True)
        self.written += 1

    def _still_true(self, path: Path, entry: Mapping[str, Any] | None, keys: list[MatteKey]) -> bool:
        return entry is not None and entry["keys"] == keys and path.is_file() and entry["sha256"] == _sha256(path)

    def _read(self, frame: FrameNumber) -> Picture | None:
        """The plate's frame, once for all sequences of the plan."""
        if self._picture is None or self._picture[0] != frame:
            try:
                picture = self.pictures(frame)
            except FrameError:
                picture = None
            if picture is None:
                self.without_plate.add(frame)
            self._picture = (frame, picture)
        return self._picture[1]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
