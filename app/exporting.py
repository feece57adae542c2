"""Write a delivery: frame by frame, each file whole or absent, with a manifest that a later run goes on from.

A frame's line is in the manifest before the frame gets its name, so after a crash every file that exists is known.
Given the mattes and pictures as functions; knows neither Qt nor the engine. Runs on a worker.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from app.export_manifest import Manifest, tool_version
from app.frame_files import write_frame
from app.movie_export import write_movie
from core.color import ColorConfig
from core.cryptomatte import manifest_of, manifest_text
from core.delivered_keys import delivered_key
from core.delivery import Delivery, ExportPlan, delivered_frame, deliveries, next_version, plate_file
from core.delivery.colors import said_of_colors
from core.disk import TEMPORARY, cause, remedy, write_whole
from core.errors import Cancelled, ExportError, FrameError
from core.frames import FrameNumber
from core.layer import LayerId, MatteKey
from core.matte import Matte
from core.picture import Picture
from core.shot import Shot
from core.words import counted

MOST_VERSIONS = 999
NAMED = 3
"""Sequences that the sentence about an export names."""
GO_ON = "Then export again with resume."


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export did.

    Args:
        patterns: the sequences, as `/out/hero_v001.####.exr`.
        frames: how many frames each has.
        written, kept: files written now, and files of an earlier run that were still true.
        without_plate: frames written although the plate has no readable picture there.
        clipped: values that did not fit, by frame: coverage outside 0-1, and more than half can hold.
        manifests: the file beside each sequence that lists its frames.
        qc: the QC report that was written beside it, if one was ordered.
        problems: what that report found, in a few words, or why there is none; empty where it found nothing.
    """

    patterns: tuple[str, ...]
    frames: int
    written: int
    kept: int
    without_plate: tuple[FrameNumber, ...] = ()
    clipped: tuple[tuple[FrameNumber, int], ...] = ()
    manifests: tuple[str, ...] = ()
    qc: str = ""
    problems: str = ""

    @property
    def sentence(self) -> str:
        """For the status line."""
        more = f" and {len(self.patterns) - NAMED} more" if len(self.patterns) > NAMED else ""
        text = f"{', '.join(self.patterns[:NAMED])}{more}: {counted(self.written, 'file')} written"
        if self.kept:
            text += f", {self.kept} kept from before"
        if self.without_plate:
            frames = counted(len(self.without_plate), "frame")
            text += f", {frames} without a plate picture (the first is {self.without_plate[0]})"
        if self.clipped:
            text += (
                f", values were clipped in {counted(len(self.clipped), 'frame')} (the first is {self.clipped[0][0]})"
            )
        if self.qc:
            text += f". QC: {self.problems or 'nothing stands out'}, see {self.qc}"
        elif self.problems:
            text += f". QC: {self.problems}"
        return text + "."

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def export(
    plan: ExportPlan,
    shot: Shot,
    mattes: Callable[[LayerId, FrameNumber], Matte],
    pictures: Callable[[FrameNumber], Picture | None],
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
    color: ColorConfig | None = None,
) -> ExportReport:
    """Write every frame of the plan; none is skipped.

    Args:
        mattes: the delivered matte of a layer at a frame.
        pictures: the plate's frame, or None (or FrameError) where there is none.
        progress: (0-1, a short phrase), called after each file (each frame of a movie).
        cancelled: asked before each.
        color: the shot's config, for movies; loaded where None.

    Raises:
        ExportError: refused before a file was touched, or stopped by the disk; what was written is whole and listed.
        Cancelled: likewise; of a movie nothing is left.
    """
    try:
        plan = with_free_version(plan, shot) if plan.version_up else plan
        planned = deliveries(plan, shot)
        manifests = [Manifest.of(delivery, plan) for delivery in planned]
        for delivery, manifest in zip(planned, manifests, strict=True):
            _refuse_existing(plan, delivery, manifest, shot)
            _sweep(delivery)
    except OSError as error:
        raise ExportError(error.filename or plan.path, why=cause(error), hint=remedy(error)) from error
    run = _Run(plan, shot, mattes, pictures, progress, cancelled)
    if plan.is_movie:
        run.film(planned[0], manifests[0], color or ColorConfig.load(shot.color_config))
    else:
        run.deliver_all(planned, manifests)
    for manifest in manifests:
        manifest.write(complete=True)
    return ExportReport(
        tuple(str(delivery.directory / delivery.pattern) for delivery in planned),
        len(plan.frames),
        run.written,
        run.kept,
        tuple(sorted(run.without_plate)),
        tuple(sorted(run.clipped.items())),
        tuple(str(delivery.manifest) for delivery in planned),
    )


def with_free_version(plan: ExportPlan, shot: Shot) -> ExportPlan:
    """The plan with the first version, from its own on, of which no file exists. Looks at the disk.

    Raises:
        ExportError: as `deliveries`; or there is no free version.
    """
    trial = replace(plan, version_up=False)
    for _ in range(MOST_VERSIONS):
        planned = deliveries(trial, shot)
        taken = any(delivery.path(frame).exists() for delivery in planned for frame in plan.frames)
        if not taken and not any(delivery.manifest.exists() for delivery in planned):
            return trial
        trial = next_plan(trial)
    raise ExportError(plan.path, why=f"{MOST_VERSIONS} versions exist already", hint="Choose another name.")


def next_plan(plan: ExportPlan) -> ExportPlan:
    """The same plan, one version on."""
    if "{version" in plan.path:
        return replace(plan, version=plan.version + 1)
    return replace(plan, path=next_version(plan.path))


def _refuse_existing(plan: ExportPlan, delivery: Delivery, manifest: Manifest, shot: Shot) -> None:
    """Nothing is overwritten silently, and the plate never, under whatever name a link gives it. A resumed export owns
    the frames its manifest lists."""
    for frame in plan.frames:
        path = delivery.path(frame)
        if not path.exists():
            continue
        original = plate_file(shot.plate, frame) if shot.plate is not None else None
        if original is not None and original.exists() and path.samefile(original):
            raise ExportError(path, why="this is the plate itself", hint="Choose another name.")
        if not plan.overwrite and not (plan.resume and str(frame) in manifest.frames):
            raise ExportError(
                path,
                why="this file exists already",
                hint=f"Write {Path(next_version(plan.path)).name}, resume that export, or allow overwriting.",
            )


def _sweep(delivery: Delivery) -> None:
    """Remove what an export to this place that was killed left half written under hidden names."""
    patterns = [f".*staged-{delivery.head}*{delivery.tail}*", f".*{delivery.manifest.name}"]
    if delivery.padding == 0:
        patterns.append(f"{TEMPORARY}*-{delivery.head}{delivery.tail}")  # a movie's
    for pattern in patterns:
        for path in delivery.directory.glob(pattern):
            path.unlink(missing_ok=True)


class _Run:
    """One export under way."""

    def __init__(
        self,
        plan: ExportPlan,
        shot: Shot,
        mattes: Callable[[LayerId, FrameNumber], Matte],
        pictures: Callable[[FrameNumber], Picture | None],
        progress: Callable[[float, str], None],
        cancelled: Callable[[], bool],
    ) -> None:
        assert shot.plate is not None
        self.plan = plan
        self.shot, self.plate = shot, shot.plate
        self.mattes = mattes
        self.pictures = pictures
        self.written = 0
        self.kept = 0
        self.without_plate: set[FrameNumber] = set()
        self.clipped: dict[FrameNumber, int] = {}
        self._progress = progress
        self._cancelled = cancelled
        self._picture: tuple[FrameNumber, Picture | None] | None = None

    def deliver_all(self, planned: Sequence[Delivery], manifests: Sequence[Manifest]) -> None:
        """Every frame of every sequence, frame by frame."""
        total, done = len(planned) * len(self.plan.frames), 0
        if self.plan.sidecar:
            self._write_names(planned[0])
        for frame in self.plan.frames:
            for delivery, manifest in zip(planned, manifests, strict=True):
                if self._cancelled():
                    why = f"was cancelled after {done} of {total} files"
                    raise Cancelled("Export", why, "Resume to go on from there.")
                self.deliver(delivery, manifest, frame)
                done += 1
                self._progress(done / total, f"frame {frame}")

    def deliver(self, delivery: Delivery, manifest: Manifest, frame: FrameNumber) -> None:
        """One file."""
        keys = self._keys(delivery, frame)
        all_said = [*keys, *said_of_colors(self.plan, delivery)]
        path = delivery.path(frame)
        if self.plan.resume and manifest.still_true(frame, path, all_said):
            self.kept += 1
            return
        mattes = [self.mattes(layer.id, frame) for layer in delivery.layers]
        made = delivered_frame(self.plan, delivery, self.plate, self._read(frame), mattes, keys, tool_version())
        if made.clipped:
            self.clipped[frame] = self.clipped.get(frame, 0) + made.clipped
        staged = path.with_name(f".staged-{path.name}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_frame(staged, made, self.plan.compression)
            manifest.enter(frame, path, staged, all_said)
            manifest.write(complete=False)
            staged.replace(path)
        except OSError as error:
            raise ExportError(path, why=cause(error), hint=f"{remedy(error)} {GO_ON}") from error
        except ExportError as error:
            raise ExportError(path, why=error.why, hint=f"{error.hint} {GO_ON}".lstrip()) from error
        finally:
            with contextlib.suppress(OSError):  # the disk that refused the file may refuse this too
                staged.unlink(missing_ok=True)
        self.written += 1

    def film(self, delivery: Delivery, manifest: Manifest, color: ColorConfig) -> None:
        """The whole movie, or none."""
        frames = self.plan.frames
        keys = {frame: self._keys(delivery, frame) for frame in frames}
        path = delivery.path(frames.first)
        origin = keys[frames.first]
        write_movie(
            self.plan, delivery, self.plate, origin, color, self.mattes, self._read, self._progress, self._cancelled
        )
        said = {frame: [*keys[frame], *said_of_colors(self.plan, delivery)] for frame in frames}
        manifest.frames = {str(frame): {"file": path.name, "keys": said[frame]} for frame in frames}
        manifest.enter(frames.first, path, path, said[frames.first])
        self.written += 1

    def _keys(self, delivery: Delivery, frame: FrameNumber) -> list[MatteKey]:
        return [delivered_key(self.shot, layer, frame) for layer in delivery.layers]

    def _write_names(self, delivery: Delivery) -> None:
        """A Cryptomatte's manifest, before the frames that speak of it."""
        names = manifest_of(delivery.channels)
        try:
            delivery.directory.mkdir(parents=True, exist_ok=True)
            write_whole(delivery.sidecar, manifest_text(names).encode())
        except OSError as error:
            raise ExportError(delivery.sidecar, why=cause(error), hint=remedy(error)) from error

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
