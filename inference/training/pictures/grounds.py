"""What stands behind everything: land and sky, foliage, rooms, streets, water, lamps out of focus, plain backdrops.

Each ground is one large scene-linear picture that a camera can pan over. Knows no things and no truth.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from core.arrays import Float32
from core.noise import Rng, fbm, smoothstep
from inference.training.pictures.materials import Palette, Shape, material, natural, palette, ramp


def ground(shape: Shape, rng: Rng, colors: Palette) -> Float32:
    """(H, W, 3) float32 scene-linear, of a random kind, lit a little unevenly."""
    kind = GROUNDS[int(rng.choice(len(GROUNDS), p=_ODDS))][0]
    picture = kind(shape, rng, colors)
    uneven = 1 + rng.uniform(0, 0.4) * fbm(shape, (shape[0], shape[1]), 2, rng)
    return np.asarray(picture * np.clip(uneven, 0.15, 3)[..., None], np.float32)


def _two_stuffs(shape: Shape, rng: Rng, colors: Palette) -> Float32:
    """A wall, or one stuff above another."""
    whole = material(shape, rng, colors, plain=0.25)
    if rng.uniform() < 0.5:
        return whole
    line = int(shape[0] * rng.uniform(0.35, 0.7))
    return _below(whole, material((shape[0] - line, shape[1]), rng, palette(rng, 4), plain=0.3), line, rng)


def _land(shape: Shape, rng: Rng, _colors: Palette) -> Float32:
    """Sky, ridges that fade with distance, and ground in perspective."""
    picture = _sky(shape, rng)
    line = int(shape[0] * rng.uniform(0.3, 0.65))
    haze = picture[line].mean(axis=0)
    x = np.arange(shape[1])
    for depth in np.linspace(0.8, 0.1, int(rng.integers(1, 4))):
        ridge = fbm((1, shape[1]), (1, shape[1] / rng.uniform(2, 12)), 5, rng, 0.55)[0] * shape[0] * 0.05
        top = line - rng.uniform(0, 0.12) * shape[0] + ridge
        stuff = material(shape, rng, natural(rng, "foliage" if rng.uniform() < 0.7 else "earth"), plain=0.1)
        cover = smoothstep(-1, 1, np.arange(shape[0], dtype=np.float32)[:, None] - top[None, x].astype(np.float32))
        picture = picture * (1 - cover[..., None]) + (stuff * (1 - depth) + haze * depth) * cover[..., None]
    near = natural(rng, str(rng.choice(["foliage", "earth", "grey"])))
    return _below(np.asarray(picture, np.float32), _receding((shape[0] - line, shape[1]), rng, near), line, rng)


def _foliage(shape: Shape, rng: Rng, _colors: Palette) -> Float32:
    """Leaves before leaves, dark between them, sky through the gaps."""
    colors = natural(rng, "foliage")
    picture = np.empty((*shape, 3), np.float32)
    picture[:] = colors[0] * 0.3 if rng.uniform() < 0.6 else np.array([0.6, 0.75, 1.0], np.float32)
    size = rng.uniform(0.01, 0.05) * max(shape)
    count = int(min(2500, shape[0] * shape[1] / size**2 * rng.uniform(1, 3)))
    for number in range(count):
        near = number / count
        tone = colors[int(rng.integers(len(colors)))] * (0.25 + near) * rng.uniform(0.5, 1.6)
        center = (int(rng.uniform(0, shape[1])), int(rng.uniform(0, shape[0])))
        long = size * rng.uniform(0.5, 1.5)
        axes = (max(1, int(long)), max(1, int(long * rng.uniform(0.2, 0.7))))
        cv2.ellipse(picture, center, axes, rng.uniform(0, 180), 0, 360, tone.tolist(), -1, cv2.LINE_8)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), np.float32)


def _room(shape: Shape, rng: Rng, colors: Palette) -> Float32:
    """A wall with pictures, shelves and windows over a floor."""
    picture = material(shape, rng, natural(rng, "grey") if rng.uniform() < 0.6 else colors, plain=0.75)
    for _ in range(int(rng.integers(0, 9))):
        wide, high = (int(rng.uniform(0.05, 0.35) * shape[1]), int(rng.uniform(0.05, 0.45) * shape[0]))
        left, top = int(rng.uniform(-0.1, 1) * shape[1]), int(rng.uniform(-0.1, 0.6) * shape[0])
        part = (slice(max(0, top), max(0, top + high)), slice(max(0, left), max(0, left + wide)))
        size = picture[part].shape[:2]
        if min(size) < 4:
            continue
        rim = int(rng.integers(0, 6))
        picture[part] = palette(rng, 3)[int(rng.integers(3))]
        inner = picture[part][rim : size[0] - rim or None, rim : size[1] - rim or None]
        if inner.size:
            bright = rng.uniform(2, 12) if rng.uniform() < 0.15 else 1.0
            inner[:] = material((inner.shape[0], inner.shape[1]), rng, palette(rng, 4), plain=0.4) * bright
    line = int(shape[0] * rng.uniform(0.55, 0.9))
    floor = _receding(
        (shape[0] - line, shape[1]), rng, natural(rng, "earth") if rng.uniform() < 0.6 else palette(rng, 4)
    )
    return _below(picture, floor, line, rng)


def _street(shape: Shape, rng: Rng, _colors: Palette) -> Float32:
    """Fronts of houses with their windows, and a road."""
    picture = _sky(shape, rng)
    left = -int(rng.uniform(0, 0.2) * shape[1])
    line = int(shape[0] * rng.uniform(0.5, 0.75))
    while left < shape[1]:
        wide = int(rng.uniform(0.12, 0.4) * shape[1])
        top = int(line * rng.uniform(0.0, 0.8))
        front = picture[top:line, max(0, left) : max(0, left + wide)]
        if front.shape[0] > 8 and front.shape[1] > 8:
            colors = natural(rng, str(rng.choice(["grey", "earth"])))
            front[:] = material((front.shape[0], front.shape[1]), rng, colors, plain=0.5)
            across, down = int(rng.integers(8, 40)), int(rng.integers(10, 48))
            glass = palette(rng, 2)[0] * rng.uniform(0.2, 2.0)
            for y in range(down // 3, front.shape[0] - down // 2, down):
                for x in range(across // 3, front.shape[1] - across // 2, across):
                    front[y : y + down // 2, x : x + across // 2] = glass * rng.uniform(0.5, 1.6)
        left += wide
    road = _receding((shape[0] - line, shape[1]), rng, natural(rng, "grey"))
    return _below(picture, road, line, rng)


def _water(shape: Shape, rng: Rng, _colors: Palette) -> Float32:
    """Water to the horizon or to the edge of the picture, with what shines on it."""
    picture = _sky(shape, rng)
    line = int(shape[0] * rng.uniform(0.0, 0.5))
    colors = natural(rng, "sky") * np.float32(rng.uniform(0.15, 0.9))
    rows = np.linspace(0.15, 1.0, shape[0] - line, dtype=np.float32)
    waves = fbm((shape[0] - line, shape[1]), (rng.uniform(3, 16), rng.uniform(20, 90)), 4, rng, 0.6)
    value = smoothstep(-2, 2, waves * rows[:, None])
    sparkle = np.clip(waves - rng.uniform(1.6, 3.0), 0, 1)[..., None] * rng.uniform(0, 6)
    return _below(picture, np.asarray(ramp(value, colors) + sparkle, np.float32), line, rng)


def _lamps(shape: Shape, rng: Rng, colors: Palette) -> Float32:
    """A night: a dark stuff and lamps, most of them out of focus."""
    picture = material(shape, rng, colors, plain=0.5) * np.float32(rng.uniform(0.05, 0.4))
    for _ in range(int(rng.integers(3, 40))):
        tone = np.array([1.0, rng.uniform(0.4, 1.0), rng.uniform(0.1, 1.0)]) * rng.uniform(0.3, 30)
        center = (int(rng.uniform(0, shape[1])), int(rng.uniform(0, shape[0])))
        disc = np.zeros((*shape, 3), np.float32)
        cv2.circle(disc, center, int(rng.uniform(1, 14)), tone.tolist(), -1, cv2.LINE_8)
        picture += disc
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 1.5)), np.float32)


def _backdrop(shape: Shape, rng: Rng, colors: Palette) -> Float32:
    """A studio's paper: nearly one tone, falling off."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    center = (rng.uniform(0, shape[1]), rng.uniform(0, shape[0]))
    away = np.hypot(x - center[0], y - center[1]) / max(shape)
    tone = colors[int(rng.integers(len(colors)))]
    return np.asarray(tone * np.exp(-away * rng.uniform(0.2, 2.5))[..., None], np.float32)


def _sky(shape: Shape, rng: Rng) -> Float32:
    blue = natural(rng, "sky")
    height = np.linspace(1, 0, shape[0], dtype=np.float32)[:, None]
    clouds = smoothstep(rng.uniform(-0.5, 1.5), 2.0, fbm(shape, (shape[0] / 4, shape[1] / 3), 5, rng)) * rng.uniform(
        0, 1
    )
    value = np.clip(0.9 - 0.7 * height, 0, 1)
    white = np.float32(rng.uniform(0.6, 2.0))
    base = ramp(np.broadcast_to(value, shape).astype(np.float32), blue) * np.float32(rng.uniform(0.6, 2.0))
    return np.asarray(base * (1 - clouds[..., None]) + white * clouds[..., None], np.float32)


def _receding(shape: Shape, rng: Rng, colors: Palette) -> Float32:
    """A stuff seen in perspective: fine far away (above), coarse near (below)."""
    side = max(shape)
    flat = material((side, side), rng, colors, plain=0.25)
    depth = np.linspace(0.12, 1.0, shape[0], dtype=np.float32)[:, None]
    x = np.arange(shape[1], dtype=np.float32)[None, :] - shape[1] / 2
    across = np.mod(x / depth * 0.5 + side / 2, side - 1)
    down = np.mod(side * 0.35 / depth, side - 1)
    seen = cv2.remap(
        flat, across.astype(np.float32), np.broadcast_to(down, across.shape).astype(np.float32), cv2.INTER_LINEAR
    )
    return np.asarray(cv2.GaussianBlur(np.asarray(seen, np.float32), (0, 0), 0.6), np.float32)


def _below(picture: Float32, lower: Float32, line: int, rng: Rng) -> Float32:
    """`lower` over the part of the picture below a line; the line is soft or hard."""
    soft = rng.uniform(0.3, 4)
    cover = smoothstep(-soft, soft, np.arange(len(picture), dtype=np.float32) - line)[:, None, None]
    whole = np.concatenate([np.repeat(lower[:1], line, axis=0), lower]) if line else lower
    return np.asarray(picture * (1 - cover) + whole * cover, np.float32)


Ground = Callable[[Shape, Rng, Palette], Float32]
GROUNDS: tuple[tuple[Ground, float], ...] = (
    (_two_stuffs, 2.0),
    (_land, 3.0),
    (_foliage, 1.5),
    (_room, 2.5),
    (_street, 1.5),
    (_water, 1.2),
    (_lamps, 0.7),
    (_backdrop, 0.8),
)
_ODDS = np.array([odds for _kind, odds in GROUNDS]) / sum(odds for _kind, odds in GROUNDS)
