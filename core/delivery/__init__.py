"""What a delivery is: the plan and its presets, names, channels, attributes. What compositing packages expect.

Inside: `plan` (what is ordered, and every refusal of it), `names` (tokens and versions), `sequences` (the files a plan
makes), `frame` (one file's channels and header), `origin` (attributes: the plate's own, and where a matte came from).
Knows pictures and mattes as values; writes nothing (`app/exporting.py` does).
"""

from core.delivery.frame import CRYPTOMATTE, DeliveredFrame, delivered_frame
from core.delivery.names import legal_name, next_version
from core.delivery.origin import provenance
from core.delivery.plan import (
    COMPRESSIONS,
    DATA_WINDOWS,
    KINDS,
    PIXEL_TYPES,
    PRESETS,
    ExportPlan,
    Preset,
    preset,
)
from core.delivery.sequences import Delivery, check_frames, deliveries, plate_file

__all__ = [
    "COMPRESSIONS",
    "CRYPTOMATTE",
    "DATA_WINDOWS",
    "KINDS",
    "PIXEL_TYPES",
    "PRESETS",
    "DeliveredFrame",
    "Delivery",
    "ExportPlan",
    "Preset",
    "check_frames",
    "delivered_frame",
    "deliveries",
    "legal_name",
    "next_version",
    "plate_file",
    "preset",
    "provenance",
]
