"""One delivered file's content: its channels, windows and attributes, ready to be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.arrays import HALF_MAX, AnyFloat, Float32
from core.cryptomatte import attributes_of, channel_names, encode, manifest_of, ranks_for
from core.delivery.colors import comp_over, foreground_channels, foreground_names
from core.delivery.origin import carried, provenance
from core.delivery.plan import EXR, ExportPlan
from core.delivery.sequences import CORE, EDGE, Delivery
from core.geometry import Format, Window
from core.matte import Matte
from core.picture import Picture
from core.plate import Plate

CRYPTOMATTE = "crypto_penumbra"
"""The name of the Cryptomatte: its channels are `crypto_penumbra00.r` and so on."""
LEVELS_16 = 65535


@dataclass(frozen=True, slots=True)
class DeliveredFrame:
    """One file's content.

    Args:
        channels: full name → (H, W) over `data_window`: float16 or float32 for an EXR, uint16 for PNG and TIFF.
        clipped: how many values did not fit: coverage outside 0-1, NaN, and what is more than half can hold.
    """

    channels: Mapping[str, npt.NDArray[Any]]
    data_window: Window
    format: Format
    attributes: Mapping[str, Any]
    clipped: int = 0


def delivered_frame(
    plan: ExportPlan,
    delivery: Delivery,
    plate: Plate,
    picture: Picture | None,
    mattes: Sequence[Matte],
    keys: Sequence[str],
    tool_version: str,
) -> DeliveredFrame:
    """The channels and header of one frame of a sequence.

    Args:
        picture: the plate's frame; None where it is missing: the file is still written, in the plate's format.
        mattes, keys: in the order of `delivery.layers`.
    """
    format_ = picture.format if picture else plate.format
    window = picture.data_window if picture else plate.data_window
    if plan.suffix not in EXR:
        window = format_.display
    elif plan.data_window == "matte":
        window = _bounds(mattes, plate.canvas)
    raw = [matte.over(window) for matte in mattes]
    clipped = sum(int(np.count_nonzero(~((coverage >= 0) & (coverage <= 1)))) for coverage in raw)
    coverages = [np.clip(np.nan_to_num(coverage, nan=0.0), 0.0, 1.0) for coverage in raw]
    if plan.kind == "comp":
        rgba = comp_over(picture, window, delivery.layers, mattes, coverages)
        clipped += int(np.count_nonzero(np.isnan(rgba)))
        channels = {
            name: np.nan_to_num(rgba[..., position], posinf=np.inf, neginf=-np.inf)
            for position, name in enumerate("RGBA")
        }
    else:
        channels = _channels(plan, delivery, window, coverages)
    if plan.foreground:
        channels |= foreground_channels(plan, delivery, picture, window, mattes)
    if plan.suffix in EXR and plan.pixel_type == "half":
        clipped += sum(int(np.count_nonzero(np.abs(array) > HALF_MAX)) for array in channels.values())
    stored = {name: _stored(array, plan) for name, array in channels.items()}
    attributes = carried(plan, plate, picture) | provenance(plan, delivery, mattes, keys, tool_version)
    if plan.kind == "cryptomatte":
        sidecar = delivery.sidecar.name if plan.sidecar else ""
        attributes |= attributes_of(CRYPTOMATTE, manifest_of(delivery.channels), sidecar)
    return DeliveredFrame(stored, window, format_, attributes, clipped)


def channels_of(plan: ExportPlan, delivery: Delivery) -> frozenset[str]:
    """The names of the channels in every frame of a sequence."""
    if plan.kind == "comp":
        return frozenset("RGBA")
    if plan.kind == "cryptomatte":
        return frozenset(name for pair in channel_names(CRYPTOMATTE, ranks_for(len(delivery.layers))) for name in pair)
    if plan.kind == "rgb":
        return frozenset(delivery.channels) | set("RGB")
    more: list[tuple[str, ...]] = [core_and_edge_names(name) for name in delivery.channels if plan.core_and_edge]
    more += [foreground_names(name) for name in delivery.channels if plan.foreground]
    return frozenset(delivery.channels).union(*more)


def core_and_edge_names(channel: str) -> tuple[str, str]:
    """`A` → `core.A`, `edge.A`; `Hero.A` → `Hero_core.A`, `Hero_edge.A`."""
    layer = channel.removesuffix("A").removesuffix(".")
    prefix = f"{layer}_" if layer else ""
    return f"{prefix}{CORE}.A", f"{prefix}{EDGE}.A"


def _channels(plan: ExportPlan, delivery: Delivery, window: Window, coverages: Sequence[Float32]) -> dict[str, Float32]:
    channels = dict(zip(delivery.channels, coverages, strict=True))
    if plan.kind == "cryptomatte":
        return encode(channels, CRYPTOMATTE, ranks_for(len(coverages)))
    if plan.kind == "rgb":
        return {name: np.zeros(window.shape, np.float32) for name in "RGB"} | channels
    if plan.core_and_edge:
        for channel, coverage in tuple(channels.items()):
            solid, soft = core_and_edge_names(channel)
            channels[solid] = np.where(coverage >= 1, coverage, np.float32(0))
            channels[soft] = np.where(coverage < 1, coverage, np.float32(0))
    return channels


def _bounds(mattes: Sequence[Matte], canvas: Window) -> Window:
    """All that is not zero; one pixel of the canvas when everything is, since an EXR cannot be empty."""
    bounds = Window(canvas.x0, canvas.y0, canvas.x0, canvas.y0)
    for matte in mattes:
        bounds = bounds.union(matte.bounds().intersect(canvas))
    return Window(canvas.x0, canvas.y0, canvas.x0 + 1, canvas.y0 + 1) if bounds.empty else bounds


def _stored(array: Float32, plan: ExportPlan) -> AnyFloat | npt.NDArray[np.uint16]:
    if plan.suffix not in EXR:
        return np.ascontiguousarray(np.rint(array * np.float64(LEVELS_16)), dtype=np.uint16)
    if plan.pixel_type == "float":
        return np.ascontiguousarray(array, dtype=np.float32)
    return np.ascontiguousarray(np.clip(array, -HALF_MAX, HALF_MAX), dtype=np.float16)
