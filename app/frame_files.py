"""One delivered frame as a file: an EXR, a PNG or a TIFF, read back value by value before it has its name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.delivery import DeliveredFrame
from core.exr import write_exr
from core.still_write import write_still


def write_frame(path: Path, made: DeliveredFrame, compression: str) -> None:
    """Write it, in the format the name's ending says.

    Raises:
        ExportError: the disk refuses, or the file did not come back as it was written. It is not there then.
    """
    if path.suffix.lower() == ".exr":
        write_exr(
            path,
            made.channels,
            data_window=made.data_window,
            format=made.format,
            attributes=made.attributes,
            compression=compression,
            verify=True,
        )
        return
    names = sorted(made.channels, key="RGBA".index)
    planes = [made.channels[name] for name in names]
    levels = planes[0] if len(planes) == 1 else np.stack(planes, axis=-1)
    write_still(path, levels, texts=said_of(made.attributes), pixel_aspect=made.format.pixel_aspect)


def said_of(attributes: Mapping[str, Any]) -> dict[str, str]:
    """The attributes that are texts, and the numbers among them: what a PNG or a movie can carry."""
    return {name: str(value) for name, value in attributes.items() if isinstance(value, str | int | float)}
