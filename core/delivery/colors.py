"""The colors of a delivery: a comp premultiplied with its layers' own foregrounds, and foregrounds as layers of a file.

A foreground in a file is not multiplied by its matte: where it is soft it is to be multiplied by `A` of the same file,
once. Black where the subject is not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.arrays import Float32
from core.delivery.plan import ExportPlan
from core.delivery.sequences import FOREGROUND, Delivery
from core.digest import digest
from core.foreground.making import foreground_of, foreground_over
from core.foreground.steps import Estimate, Foreground
from core.geometry import Window
from core.layer import Layer
from core.matte import Matte
from core.picture import Picture


def wanted_foreground(plan: ExportPlan, layer: Layer) -> Foreground:
    """What is done to the plate's color for a layer: as the layer says; in a foreground of its own at least the
    estimate, for the plate is delivered already."""
    if plan.foreground and layer.foreground.off:
        return Foreground((Estimate(),))
    return layer.foreground


def said_of_colors(plan: ExportPlan, delivery: Delivery) -> list[str]:
    """What a manifest holds of the colors, beside the keys of mattes; nothing where they are the plate's or none."""
    if not plan.foreground and plan.kind != "comp" and not plan.is_movie:
        return []
    steps = [wanted_foreground(plan, layer).active for layer in delivery.layers]
    return [digest("colors", steps)] if any(steps) else []


def foreground_names(channel: str) -> tuple[str, str, str]:
    """`A` → `foreground.R`, `.G`, `.B`; `Hero.A` → `Hero_foreground.R` and so on."""
    layer = channel.removesuffix("A").removesuffix(".")
    prefix = f"{layer}_" if layer else ""
    return f"{prefix}{FOREGROUND}.R", f"{prefix}{FOREGROUND}.G", f"{prefix}{FOREGROUND}.B"


def foreground_channels(
    plan: ExportPlan, delivery: Delivery, picture: Picture | None, window: Window, mattes: Sequence[Matte]
) -> dict[str, Float32]:
    """The foreground of each layer; scene-linear, not multiplied by its matte."""
    channels: dict[str, Float32] = {}
    for layer, channel, matte in zip(delivery.layers, delivery.channels, mattes, strict=True):
        colors = foreground_over(picture, matte, wanted_foreground(plan, layer), window)
        channels |= {name: colors[..., place] for place, name in enumerate(foreground_names(channel))}
    return channels


def comp_over(
    picture: Picture | None,
    window: Window,
    layers: Sequence[Layer],
    mattes: Sequence[Matte],
    coverages: Sequence[Float32],
) -> Float32:
    """(H, W, 4) float32, premultiplied: layers laid over each other, the first at the bottom, each with its foreground.

    Args:
        coverages: those of `mattes` over `window`, 0-1.
    """
    alpha = laid_over(coverages)
    plate = plate_over(picture, window)
    if all(layer.foreground.off for layer in layers):
        return _weighed(plate, alpha)
    result: Float32 = np.zeros_like(plate)
    for layer, matte, coverage in zip(layers, mattes, coverages, strict=True):
        result[..., :3] *= (1 - coverage)[..., None]
        own = plate if picture is None else plate_over(foreground_of(picture, matte, layer.foreground), window)
        result[..., :3] += _weighed(own[..., :3], coverage)
    result[..., 3] = alpha * plate[..., 3]
    return result


def _weighed(colors: Float32, coverage: Float32) -> Float32:
    """Zero where nothing is covered, whatever the plate holds there: NaN times nothing would be NaN."""
    weighed: Float32 = np.zeros_like(colors)
    np.multiply(colors, coverage[..., None], out=weighed, where=coverage[..., None] > 0)
    return weighed


def straight_over(
    picture: Picture | None, window: Window, layers: Sequence[Layer], mattes: Sequence[Matte]
) -> tuple[Float32, Float32]:
    """(H, W, 3) colors that were not multiplied by the matte, and (H, W) what the layers cover: the plate's where
    nothing is covered."""
    coverages = [np.clip(np.nan_to_num(matte.over(window)), 0, 1) for matte in mattes]
    alpha, colors = laid_over(coverages), np.nan_to_num(plate_over(picture, window)[..., :3])
    if any(not layer.foreground.off for layer in layers):
        lit = comp_over(picture, window, layers, mattes, coverages)[..., :3]
        seen = alpha > 1e-4
        colors[seen] = lit[seen] / alpha[seen][:, None]
    return colors, alpha


def laid_over(coverages: Sequence[Float32]) -> Float32:
    """(H, W) float32: mattes laid over each other, as layers of a comp are: half over half covers three quarters."""
    if len(coverages) == 1:
        return np.array(coverages[0], np.float32)  # to the last bit
    uncovered: Float32 = np.ones(coverages[0].shape, np.float32)
    for coverage in coverages:
        uncovered *= 1.0 - coverage
    return np.asarray(1.0 - uncovered, np.float32)


def plate_over(picture: Picture | None, window: Window) -> Float32:
    """(H, W, 4) float32, scene-linear and premultiplied as the picture is; zeros where it has no pixels."""
    rgba: Float32 = np.zeros((*window.shape, 4), np.float32)
    if picture is not None:
        shared = window.intersect(picture.data_window)
        if not shared.empty:
            rgba[shared.within(window)] = picture.rgba[shared.within(picture.data_window)]
    return rgba
