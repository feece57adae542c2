"""The sample shot on disk: made on first use, then found again.

It is there as a whole or not at all: frames are written into a folder beside, which is renamed at the end.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR

from app.sample_shot.camera import Camera
from app.sample_shot.render import Shoot
from core.arrays import Float32
from core.errors import ProjectError
from core.exr import write_exr
from core.frames import FrameRange
from core.geometry import Format, Window

RECIPE = 2
"""Raised with every change that changes pixels, so that an older sample shot is made again."""
FIRST = 1001
RATE = 24
COLOR_SPACE = "ACEScg"
NOTE = "sample_shot.json"
WORKERS = 2

AP1 = (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767)


@dataclass(frozen=True, slots=True)
class SampleShot:
    """Where the shot lies.

    Args:
        plate_pattern: `…/plate/sample.####.exr`, R G B half, scene-linear ACEScg.
        matte_pattern: `…/matte/sample_matte.####.exr`, A half, the true coverage of the fox 0-1.
        frames: the frames of both.
    """

    plate_pattern: Path
    matte_pattern: Path
    frames: FrameRange

    @classmethod
    def of(cls, folder: Path, count: int) -> SampleShot:
        return cls(
            folder / "plate" / "sample.####.exr",
            folder / "matte" / "sample_matte.####.exr",
            FrameRange(FIRST, FIRST + count - 1),
        )

    def plate(self, frame: int) -> Path:
        return self.plate_pattern.with_name(self.plate_pattern.name.replace("####", f"{frame:04d}"))

    def matte(self, frame: int) -> Path:
        return self.matte_pattern.with_name(self.matte_pattern.name.replace("####", f"{frame:04d}"))


def ensure_sample_shot(
    folder: Path,
    progress: Callable[[float], None] | None = None,
    *,
    size: tuple[int, int] = (1280, 720),
    count: int = 36,
    seed: int = 1,
) -> SampleShot:
    """Make the sample shot in `folder` unless it is there already.

    Args:
        folder: the shot's own folder; it holds nothing else.
        progress: called with 0-1 from the calling thread.
        size: width and height of the frames.
        count: how many frames, from 1001.
        seed: another seed is another wood and another fox.

    Raises:
        ProjectError: `folder` holds something else, or cannot be written.
    """
    recipe = {"recipe": RECIPE, "size": list(size), "frames": count, "seed": seed}
    shot = SampleShot.of(folder, count)
    if _whole(shot, folder, recipe):
        return shot
    if folder.exists() and any(folder.iterdir()) and not (folder / NOTE).is_file():
        raise ProjectError(
            folder, why="the folder is not empty and holds no sample shot", hint="Choose another folder."
        )
    building = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        shutil.rmtree(building, ignore_errors=True)
        made = SampleShot.of(building, count)
        made.plate_pattern.parent.mkdir(parents=True)
        made.matte_pattern.parent.mkdir()
        _film(made, Camera(size[0], size[1], count, seed), progress or (lambda _: None))
        (building / NOTE).write_text(json.dumps(recipe), "utf-8")
        _put(building, folder, recipe)
    except OSError as error:
        hint = "Check space and rights of the folder."
        raise ProjectError(folder, why=f"the sample shot cannot be written ({error.strerror})", hint=hint) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return shot


def _whole(shot: SampleShot, folder: Path, recipe: dict[str, Any]) -> bool:
    """Whether a sample shot of this recipe lies in the folder, every file of it."""
    try:
        note = json.loads((folder / NOTE).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return note == recipe and all(shot.plate(f).is_file() and shot.matte(f).is_file() for f in shot.frames)


def _put(building: Path, folder: Path, recipe: dict[str, Any]) -> None:
    """Rename the finished folder into place; an older sample shot makes room, an equal one made meanwhile stays."""
    older = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    with suppress(FileNotFoundError):
        folder.replace(older)
    try:
        building.replace(folder)
    except OSError:
        if not _whole(SampleShot.of(folder, recipe["frames"]), folder, recipe):
            raise
    finally:
        shutil.rmtree(older, ignore_errors=True)


def _film(shot: SampleShot, camera: Camera, progress: Callable[[float], None]) -> None:
    """Render and write every frame, a few at a time."""
    shoot = Shoot(camera)
    progress(0.1)

    def take(frame: int) -> None:
        picture, truth = shoot.frame(frame - shot.frames.first)
        _write(shot, camera, frame, picture, truth)

    with ThreadPoolExecutor(WORKERS, thread_name_prefix="sample-shot") as pool:
        takes = [pool.submit(take, frame) for frame in shot.frames]
        try:
            for done, finished in enumerate(as_completed(takes), 1):
                finished.result()
                progress(0.1 + 0.9 * done / len(takes))
        finally:
            for waiting in takes:
                waiting.cancel()


def _write(shot: SampleShot, camera: Camera, frame: int, picture: Float32, truth: Float32) -> None:
    window = Window.of_size(camera.width, camera.height)
    attributes = camera_report(camera, frame)
    half = {name: np.ascontiguousarray(picture[..., i], dtype=np.float16) for i, name in enumerate("RGB")}
    write_exr(shot.plate(frame), half, data_window=window, format=Format(window), attributes=attributes)
    coverage = {"A": np.ascontiguousarray(truth, dtype=np.float16)}
    kept = {name: attributes[name] for name in ("timeCode", "framesPerSecond", "reelName")}
    write_exr(shot.matte(frame), coverage, data_window=window, format=Format(window), attributes=kept)


def camera_report(camera: Camera, frame: int) -> dict[str, Any]:
    """Header attributes of a plate's frame, as a camera would leave them."""
    dx, dy = camera.shake(float(frame - FIRST))
    return {
        "timeCode": timecode(10 * 3600 * RATE + frame - FIRST),
        "framesPerSecond": Fraction(RATE),
        "chromaticities": AP1,
        "colorInteropID": "lin_ap1_scene",
        "owner": "Penumbra",
        "comments": "Sample shot, generated",
        "reelName": "A001C001",
        "cameraMake": "Penumbra",
        "cameraModel": "Sample camera",
        "lensModel": "85mm",
        "nominalFocalLength": 85.0,
        "aperture": 2.8,
        "expTime": camera.shutter / RATE,
        "isoSpeed": 800.0,
        "focus": 6.5,
        "shutterAngle": 360.0 * camera.shutter,
        "cameraOffset": np.array([camera.dolly(float(frame - FIRST)) - dx, -dy], np.float32),
    }


def timecode(position: int) -> Any:
    """`position` frames after midnight at 24 frames a second."""
    seconds, frames = divmod(position, RATE)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return OpenEXR.TimeCode(hours, minutes, seconds, frames, *([0] * 14))
