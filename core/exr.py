"""The door to OpenEXR files: a header, the channels of a part, one file written.

Inside: `exr_header` (judging a file without the library), `exr_read`, `exr_write`. Knows no color.
"""

from core.exr_header import MAX_DECODED_BYTES, MAX_EDGE_PX, ExrChannel
from core.exr_read import ExrFile, ExrPart, read_channels, read_header
from core.exr_write import COMPRESSIONS, write_exr

__all__ = [
    "COMPRESSIONS",
    "MAX_DECODED_BYTES",
    "MAX_EDGE_PX",
    "ExrChannel",
    "ExrFile",
    "ExrPart",
    "read_channels",
    "read_header",
    "write_exr",
]
