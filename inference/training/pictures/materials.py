"""What surfaces look like: procedural textures of many kinds, scene-linear, deterministic by their generator.

A material is light reflected before shading, 0.01-1. Knows no shapes. Natural pictures are mostly dull: palettes are of
low saturation more often than not, and a strong pattern is the exception.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from core.arrays import Float32
from core.noise import Rng, fbm, smoothstep

Shape = tuple[int, int]
Palette = Float32
"""(N, 3) float32 scene-linear colors, dark to light."""


NATURAL = {
    "foliage": ((0.17, 0.36), (0.25, 0.75)),
    "earth": ((0.04, 0.12), (0.2, 0.65)),
    "sky": ((0.53, 0.64), (0.1, 0.75)),
    "grey": ((0.0, 1.0), (0.0, 0.14)),
    "skin": ((0.03, 0.08), (0.3, 0.6)),
}
"""Hue and saturation, from and to, of what most pictures are made of."""


def natural(rng: Rng, stuff: str, colors: int = 4) -> Palette:
    """Colors of one of `NATURAL`, dark to light."""
    (first, last), (dull, strong) = NATURAL[stuff]
    hue, strength = rng.uniform(first, last), rng.uniform(dull, strong)
    light = rng.uniform(0.15, 1.0)
    tones = []
    for value in np.linspace(0.25, 1.0, colors) * light:
        turned = (hue + rng.normal(0, 0.015)) % 1.0
        tones.append(np.array(colorsys.hsv_to_rgb(turned, min(1.0, strength * rng.uniform(0.8, 1.2)), value)) ** 2.2)
    return np.asarray(np.clip(np.array(tones), 0.003, 1.0), np.float32)


def palette(rng: Rng, colors: int = 4, near: Palette | None = None) -> Palette:
    """Related colors; `near` another palette gives one that can hardly be told from it (camouflage)."""
    if near is not None:
        chosen = near[rng.integers(0, len(near), colors)]
        return np.asarray(np.clip(chosen * rng.uniform(0.85, 1.18, (colors, 1)), 0.004, 1.0), np.float32)
    if rng.uniform() < 0.55:
        return natural(rng, str(rng.choice(["foliage", "earth", "earth", "sky", "grey", "grey", "skin"])), colors)
    hue = rng.uniform()
    strength = rng.beta(1.1, 2.6)
    found = []
    for _ in range(colors):
        tone = colorsys.hsv_to_rgb((hue + rng.normal(0, 0.06)) % 1.0, min(1.0, strength * rng.uniform(0.5, 1.4)), 1.0)
        found.append(np.array(tone) ** 2.2 * rng.uniform(0.03, 0.9) ** 1.3)
    if rng.uniform() < 0.3:
        other = colorsys.hsv_to_rgb(rng.uniform(), rng.uniform(0.2, 1.0), 1.0)
        found[int(rng.integers(colors))] = np.array(other) ** 2.2 * rng.uniform(0.1, 0.9)
    chosen = np.clip(np.array(found), 0.004, 1.0)
    return np.asarray(chosen[np.argsort(chosen.sum(axis=1))], np.float32)


def material(shape: Shape, rng: Rng, colors: Palette, plain: float = 0.3) -> Float32:
    """(H, W, 3) float32 of a random kind. `plain` is how likely it has hardly any pattern."""
    if rng.uniform() < plain:
        return _flat(shape, rng, colors)
    kind = KINDS[int(rng.integers(len(KINDS)))]
    values = kind(shape, rng, colors)
    return _weaker(values, rng.uniform(0.35, 1.0))


def ramp(values: Float32, colors: Palette) -> Float32:
    """(H, W) 0-1 → (H, W, 3) color along the palette."""
    place = np.clip(values, 0, 1) * (len(colors) - 1)
    low = np.minimum(place.astype(np.int32), len(colors) - 2)
    high, part = low + 1, place - low
    rest = 1 - part
    # A channel at a time: NumPy's inner loop would be three numbers long.
    return _joined([tones[low] * rest + tones[high] * part for tones in colors.T])


def _tinted(light: Float32, color: Float32) -> Float32:
    """(H, W) light → (H, W, 3), of that color."""
    return _joined([light * tone for tone in color])


def _weaker(values: Float32, weight: float) -> Float32:
    """(H, W, 3) with so much of its pattern about its mean color."""
    planes = []
    for plane in cv2.split(values):
        mean = plane.cumsum()[-1] / np.float32(plane.size)
        planes.append(mean + (plane - mean) * weight)
    return _joined(planes)


def _joined(planes: Sequence[NDArray[np.floating]]) -> Float32:
    """(H, W, 3) float32 of three planes."""
    return np.asarray(cv2.merge([np.asarray(plane, np.float32) for plane in planes]), np.float32)


def _unit(field: Float32) -> Float32:
    return smoothstep(-1.8, 1.8, field)


def _flat(shape: Shape, rng: Rng, colors: Palette) -> Float32:
    base = colors[int(rng.integers(len(colors)))]
    drift = 1.0 + 0.12 * rng.uniform() * fbm(shape, (max(shape) / 2, max(shape) / 2), 2, rng)
    grain = 1.0 + rng.uniform(0, 0.06) * rng.standard_normal(shape).astype(np.float32)
    return _tinted(np.asarray(np.clip(drift * grain, 0.3, 2.0), np.float32), base)


def _clouds(shape: Shape, rng: Rng, colors: Palette) -> Float32:
    cell = rng.uniform(0.04, 0.6) * max(shape)
    return ramp(_unit(fbm(shape, (cell, cell * rng.uniform(0.5, 2)), 6, rng, rng.uniform(0.4, 0.75))), colors)


def _streaks(shape: Shape, rng: Rng, colors: Palette) -> Float32:
    """Fur, brushed metal, wood, grass: noise drawn out along one direction that bends a little."""
    across = rng.uniform(1.5, 6)
    side = int(max(shape) * 1.5)
    field = fbm((side, side), (across * rng.uniform(6, 30), across), 3, rng, 0.6)
    bent = cv2.getRotationMatrix2D((side / 2, side / 2), rng.uniform(0, 360), 1.0)
    turned = cv2.warpAffine(field, bent, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    top, left = (side - shape[0]) // 2, (side - shape[1]) // 2
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    wave = fbm(shape, (max(shape) / 3, max(shape) / 3), 2, rng) * rng.uniform(0, 6)
    moved = cv2.remap(turned, x + left + wave, y + top + wave, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return ramp(_unit(np.asarray(moved, np.float32)), colors)


def _stripes(shape: Shape, rng: Rng, colors: Palette) -> Float32:
    """Stripes, checks and tartans on cloth that hangs a little."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    angle, width = rng.uniform(0, np.pi), rng.uniform(4, 36)
    sway = fbm(shape, (max(shape) / 2, max(shape) / 2), 2, rng) * rng.uniform(0, 0.7) * width
    along = x * np.cos(angle) + y * np.sin(angle) + sway
    across = y * np.cos(angle) - x * np.sin(angle) + sway
    hard = rng.uniform(1, 6)
    bands = 0.5 + 0.5 * np.tanh(hard * np.sin(along * np.pi / width))
    if rng.uniform() < 0.5:
        bands = (bands + 0.5 + 0.5 * np.tanh(hard * np.sin(across * np.pi / (width * rng.uniform(0.6, 1.6))))) / 2
    return ramp(np.asarray(bands, np.float32), colors)


def _cells(shape: Shape, rng: Rng, colors: Palette) -> Float32:
    """Stones, scales, leaves: every pixel belongs to the nearest of many points."""
    count = int(rng.integers(20, 400))
    points = rng.uniform(0, 1, (count, 2)) * shape
    seeds = np.ones(shape, np.uint8)
    rows, columns = points.astype(int).T
    seeds[np.clip(rows, 0, shape[0] - 1), np.clip(columns, 0, shape[1] - 1)] = 0
    distance, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    tone = rng.uniform(0, 1, int(labels.max()) + 1).astype(np.float32)[labels]
    edge = smoothstep(0, rng.uniform(2, 12), np.asarray(distance, np.float32))
    rim = 1 - rng.uniform(0, 0.6) * (1 - edge)
    return _joined([plane * rim for plane in cv2.split(ramp(tone, colors))])


def _spots(shape: Shape, rng: Rng, colors: Palette) -> Float32:
    """Dapple and camouflage: noise cut at levels."""
    cell = rng.uniform(6, 60)
    field = _unit(fbm(shape, (cell, cell), 3, rng))
    steps = int(rng.integers(2, 5))
    cut = np.floor(field * steps) / max(1, steps - 1)
    return ramp(np.asarray(cv2.GaussianBlur(cut.astype(np.float32), (0, 0), rng.uniform(0.6, 2)), np.float32), colors)


def _pink(shape: Shape, rng: Rng, colors: Palette) -> Float32:
    """The spectrum of natural pictures with random phases, its channels correlated as light is."""
    down, across = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None, :]
    fall = 1.0 / np.maximum(np.hypot(down, across), 1.0 / max(shape)) ** rng.uniform(0.9, 1.5)
    planes = []
    for _ in range(3):
        phase = np.exp(2j * np.pi * rng.uniform(size=fall.shape))
        plane = np.fft.irfft2(fall * phase, s=shape)
        planes.append((plane - plane.mean()) / plane.std())
    mixing = np.array([[1, 0.15, 0.05], [1, 0.0, -0.06], [1, -0.15, 0.05]])
    light = np.exp(np.stack(planes, axis=-1) @ mixing.T * rng.uniform(0.2, 0.8))
    return np.asarray(np.clip(colors[len(colors) // 2] * light, 0.003, 2.0), np.float32)


def _dead_leaves(shape: Shape, rng: Rng, colors: Palette) -> Float32:
    """Discs that hide each other, sizes by a power law: clutter as the eye meets it."""
    picture = np.empty((*shape, 3), np.float32)
    picture[:] = colors[0]
    for _ in range(int(rng.integers(60, 300))):
        radius = int(min(max(shape) / 3, 2.5 / rng.uniform(0.02, 1.0)))
        center = (int(rng.uniform(0, shape[1])), int(rng.uniform(0, shape[0])))
        axes = (max(1, radius), max(1, int(radius * rng.uniform(0.3, 1.0))))
        tone = colors[int(rng.integers(len(colors)))] * rng.uniform(0.6, 1.4)
        cv2.ellipse(picture, center, axes, rng.uniform(0, 180), 0, 360, tone.tolist(), -1, cv2.LINE_8)
    return picture


def _lettering(shape: Shape, rng: Rng, colors: Palette) -> Float32:
    """Print on a sign, a shirt, a wall."""
    picture = _flat(shape, rng, colors)
    printed = np.zeros(shape, np.uint8)
    ink = colors[-1] if picture.mean() < colors.mean() else colors[0]
    size = rng.uniform(0.5, 2.5)
    for row in range(int(20 * size), shape[0], int(rng.uniform(26, 50) * size)):
        words = "".join(rng.choice(list("ABCDEFGHKLMNOPRSTUVXYZ 0123456789"), int(rng.integers(4, 24))))
        start = (int(rng.uniform(-20, shape[1] / 3)), row)
        cv2.putText(printed, words, start, cv2.FONT_HERSHEY_SIMPLEX, size, 255, max(1, int(size * 2)), cv2.LINE_AA)
    inked = printed.astype(np.float32) / 255
    bare = 1 - inked
    return _joined([plane * bare + tone * inked for plane, tone in zip(cv2.split(picture), ink, strict=True)])


KINDS: tuple[Callable[[Shape, Rng, Palette], Float32], ...] = (
    _clouds,
    _streaks,
    _stripes,
    _cells,
    _spots,
    _pink,
    _pink,
    _dead_leaves,
    _lettering,
)
