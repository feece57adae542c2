"""A delivered file's attributes: the plate's own, and where each matte came from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from core.delivery.plan import ExportPlan
from core.delivery.sequences import Delivery
from core.layer import Layer
from core.matte import Matte
from core.picture import Picture
from core.plate import Plate

OF_THE_PLATES_COLORS = (
    "chromaticities",
    "whiteLuminance",
    "adoptedNeutral",
    "colorInteropID",
    "acesImageContainerFlag",
)


def carried(plan: ExportPlan, plate: Plate, picture: Picture | None) -> dict[str, Any]:
    """The plate's own attributes: time code, camera and all that is unknown. `write_exr` drops those of storage.

    A comp is in the working space, so what names the plate's colors is left out of it. A Cryptomatte of the plate is
    not in what is written, so neither is its manifest.
    """
    if picture is None:
        return {"framesPerSecond": plate.rate}
    dropped = OF_THE_PLATES_COLORS if plan.kind == "comp" else ()
    return {
        name: value
        for name, value in picture.attributes.items()
        if name not in dropped and not name.startswith("cryptomatte/")
    }


def provenance(
    plan: ExportPlan, delivery: Delivery, mattes: Sequence[Matte], keys: Sequence[str], tool_version: str
) -> dict[str, str]:
    """Where each matte came from, as text attributes. A single matte says it plainly, several as one JSON list."""
    entries = []
    for layer, channel, matte, key in zip(delivery.layers, delivery.channels, mattes, keys, strict=True):
        source = matte.provenance
        key_frames = source.key_frames or layer.frames_by_hand
        entries.append(
            {
                "layer": layer.name,
                "channel": channel,
                "model": source.model,
                "modelVersion": source.model_version,
                "weights": source.weights_sha256,
                "adapter": source.adapter,
                "adapterName": source.adapter_name or _adapter_name(layer, source.adapter),
                "refinedBy": source.refined_by,
                "madeBy": source.made_by,
                "keyFrames": " ".join(str(frame) for frame in key_frames),
                "matteKey": key,
            }
        )
    attributes = {"penumbra/version": tool_version, "penumbra/kind": plan.kind}
    if len(entries) == 1:
        said = {name: value for name, value in entries[0].items() if value and name != "channel"}
        return attributes | {f"penumbra/{name}": value for name, value in said.items()}
    return attributes | {"penumbra/layers": json.dumps(entries, ensure_ascii=True)}


def _adapter_name(layer: Layer, asset: str) -> str:
    return next((adapter.name for adapter in layer.adapters if adapter.asset == asset), "") if asset else ""
