"""A display picture as a PNG or JPEG that is there and whole, or not there."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from core.arrays import UInt8
from core.disk import cause, write_whole
from core.errors import ExportError

JPEG_QUALITY = 94


def write_picture(path: Path, rgb: UInt8) -> None:
    """(H, W, 3) uint8, in the format the name's ending says; folders are made. Raises ExportError."""
    jpeg = path.suffix.lower() in (".jpg", ".jpeg")
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if jpeg else []
    good, encoded = cv2.imencode(".jpg" if jpeg else ".png", np.ascontiguousarray(rgb[..., ::-1]), options)
    if not good:
        raise ExportError(path, why=f"the picture could not be made into a {'JPEG' if jpeg else 'PNG'}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, encoded.tobytes(), sync=False)
    except OSError as error:
        raise ExportError(
            path, why=f"it cannot be written, {cause(error)}", hint="Make room, or choose another place."
        ) from error
