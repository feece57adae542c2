"""Real pictures as scene-linear EXR plates in a temporary folder; the originals are never copied into the project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenEXR

from core.color import ColorConfig
from core.plate_reader import PlateReader, open_plate

SRGB = "sRGB Encoded Rec.709 (sRGB)"
FIRST = 1001


def davis_as_exr(shared_data: Path, sequence: str, folder: Path, frames: int, every: int = 1) -> Path:
    """`frames` pictures of a DAVIS sequence from its first on (every so many) as half-float ACEScg EXR with a camera's
    attributes.

    Written by OpenEXR itself and not by Penumbra's writer, so that reading back tests both. Returns the pattern.
    """
    color = ColorConfig.load()
    plate = open_plate(shared_data / "vos/davis2016_val/JPEGImages/480p" / sequence, color, color_space=SRGB)
    reader = PlateReader(plate, color)
    folder.mkdir(parents=True, exist_ok=True)
    for position in range(frames):
        picture = reader.read(plate.frames.first + position * every)
        rgb = picture.rgba[..., :3].astype(np.float16)
        time_code = OpenEXR.TimeCode()
        time_code.hours, time_code.frame = 1, position % 24
        header = {
            "compression": OpenEXR.ZIP_COMPRESSION,
            "type": OpenEXR.scanlineimage,
            "timeCode": time_code,
            "reelName": f"A001_{sequence}",
            "camera/lens": "40mm",
        }
        channels = {name: np.ascontiguousarray(rgb[..., i]) for i, name in enumerate("RGB")}
        with OpenEXR.File(header, channels) as file:
            file.write(str(folder / f"{sequence}.{FIRST + position}.exr"))
    return folder / f"{sequence}.####.exr"


def davis_truth(shared_data: Path, sequence: str, position: int) -> np.ndarray:
    """The true mask of a frame, (H, W) bool."""
    color = ColorConfig.load()
    folder = shared_data / "vos/davis2016_val/Annotations/480p" / sequence
    plate = open_plate(folder, color, color_space=color.scene_linear)
    return np.asarray(PlateReader(plate, color).read(plate.frames.first + position).rgba[..., 0] > 0.5)


def centre_of(mask: np.ndarray) -> tuple[float, float]:
    """A point well inside the mask, in pixels: where an artist would click."""
    import cv2

    distance = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    row, column = np.unravel_index(int(distance.argmax()), distance.shape)
    return float(column) + 0.5, float(row) + 0.5
