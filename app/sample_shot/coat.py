"""Fur: strands that grow on round limbs, lit once and drawn into a sprite.

A limb is a spine with a radius at every point. Strands lie like shingles along it, stand off at the silhouette, and
catch the low sun there. Knows nothing of the animal that wears it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import Float32
from core.noise import Rng, fbm

SUPERSAMPLING = 3

SUN = np.array([0.42, -0.62, -0.66], np.float32)
"""Towards the sun: right, up and behind the subject (z towards the camera)."""
FILL = np.array([-0.35, -0.45, 0.82], np.float32)
SUN_COLOR = np.array([4.2, 2.15, 0.90], np.float32)
FILL_COLOR = np.array([0.46, 0.48, 0.55], np.float32)
SKY_COLOR = np.array([0.40, 0.46, 0.60], np.float32)
BOUNCE_COLOR = np.array([0.16, 0.10, 0.06], np.float32)

Pattern = Callable[[Float32, Float32], Float32]
"""(N,) place along the spine 0-1 and (N,) how far the surface looks down -1..1 → (N, 3) albedo."""


@dataclass(frozen=True, slots=True)
class Limb:
    """Something round with fur on it.

    Args:
        spine: (K, 2) x, y in the sprite's rest coordinates.
        radius: (K,) at each point of the spine.
        strands: how many.
        length: (K,) of the strands, at each point of the spine.
        flow: +1 when the fur lies along the spine, -1 when it lies against it.
        lean: how much strands stand off at the silhouette.
        droop: how much they hang.
        pattern: the color of the fur.
        thickness: of a strand, in pixels of the supersampled sprite.
    """

    spine: tuple[tuple[float, float], ...]
    radius: tuple[float, ...]
    strands: int
    length: tuple[float, ...]
    pattern: Pattern
    flow: float = 1.0
    lean: float = 0.5
    droop: float = 0.15
    thickness: int = 2
    shade: float = 1.0
    rim: float = 1.0


@dataclass(frozen=True, slots=True)
class Sprite:
    """A part of the animal at rest.

    Args:
        rgba: (H, W, 4) float32, scene-linear, premultiplied.
        origin: rest coordinates of the sprite's top left corner.
        density: sprite pixels per rest unit.
    """

    rgba: Float32
    origin: tuple[float, float]
    density: float

    def affine(self, pivot: tuple[float, float], angle: float, to: tuple[float, float], scale: float) -> Float32:
        """(2, 3) from sprite pixels to the picture: turned by `angle` (radians, clockwise) about `pivot`."""
        c, s = np.cos(angle) * scale, np.sin(angle) * scale
        turn = np.array([[c, -s], [s, c]])
        offset = np.array(to) - turn @ np.array(pivot)
        move = turn @ np.array(self.origin) + offset
        return np.asarray(np.column_stack([turn / self.density, move]), np.float32)


def lit(albedo: Float32, normal: Float32, shade: Float32) -> tuple[Float32, Float32]:
    """(N, 3) soft light and (N, 3) sunlight that leave fur of this albedo; `normal` (N, 3), `shade` (N,)."""
    up = 0.5 - 0.5 * normal[:, 1]
    sky = up[:, None] * SKY_COLOR + (1.0 - up)[:, None] * BOUNCE_COLOR
    fill = np.clip(normal @ FILL, 0.0, None)[:, None] * FILL_COLOR
    edge = np.clip(1.0 - normal[:, 2], 0.0, 1.0)
    toward = np.clip(normal @ SUN + 0.08, 0.0, None)
    glow = np.clip(-normal[:, 1] * 0.75 + normal[:, 0] * 0.45, 0.0, None) * edge**2
    sun = (albedo + 0.02) * toward[:, None] * SUN_COLOR + (0.75 * albedo + 0.10) * glow[:, None] * SUN_COLOR
    soft = albedo * (sky + fill) * shade[:, None]
    return np.asarray(soft, np.float32), np.asarray(sun * (0.35 + 0.65 * shade[:, None]), np.float32)


def grow(limb: Limb, rng: Rng) -> tuple[Float32, Float32, Float32, Float32]:
    """Strands of a limb, the ones that lie underneath first.

    Returns:
        (N, 3, 2) root, middle and tip; (N, 3) soft light; (N, 3) sunlight; (N,) thickness factor 0-1 of the tip.
    """
    spine = np.array(limb.spine, np.float32)
    steps = np.hypot(*np.diff(spine, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum()
    table = np.linspace(0.0, 1.0, 256)
    angular = np.column_stack([np.interp(table, along, spine[:, i]) for i in range(2)]).astype(np.float32)
    line = np.asarray(cv2.GaussianBlur(angular, (1, 31), 0, borderType=cv2.BORDER_REPLICATE), np.float32)
    tangent = np.gradient(line, axis=0)
    tangent /= np.hypot(tangent[:, :1], tangent[:, 1:]) + 1e-6
    radius = np.interp(table, along, limb.radius)
    caps = np.array([-0.96 * radius[0], 0.96 * radius[-1]]) / steps.sum()
    wide = np.linspace(caps[0], 1.0 + caps[1], 256)
    weight = np.cumsum(np.interp(wide, table, radius) * np.where((wide < 0) | (wide > 1), 0.8, 1.0) + 2.0)
    s = np.interp(rng.uniform(0, weight[-1], limb.strands), weight, wide)
    order = np.argsort(-limb.flow * s + rng.normal(0, 0.035, limb.strands), kind="stable")
    s = s[order]
    n = rng.uniform(-1.0, 1.0, limb.strands)
    place = np.clip((s * 255).astype(int), 0, 255)
    forward, around = tangent[place], np.column_stack([-tangent[place, 1], tangent[place, 0]])
    beyond = np.where(s < 0, s, np.where(s > 1, s - 1, 0.0)) * steps.sum()
    n *= np.sqrt(np.clip(1.0 - (beyond / radius[place]) ** 2, 0.0, 1.0))
    root = line[place] + around * (n * radius[place])[:, None] + forward * beyond[:, None]
    normal = np.column_stack([around * n[:, None], np.sqrt(np.clip(1 - n * n, 0.0, 1.0))]).astype(np.float32)
    tufts = fbm((64, 256), (14, 22), 3, rng)[np.clip(((n + 1) * 31.5).astype(int), 0, 63), place]
    bend = rng.normal(0, 0.22, limb.strands) + 0.28 * tufts
    way = limb.flow * forward + around * (n * np.abs(n) * limb.lean)[:, None]
    way += np.column_stack([np.zeros_like(n), np.full_like(n, limb.droop)])
    way /= np.hypot(way[:, :1], way[:, 1:]) + 1e-6
    c, q = np.cos(bend), np.sin(bend)
    way = np.column_stack([way[:, 0] * c - way[:, 1] * q, way[:, 0] * q + way[:, 1] * c])
    length = np.interp(s, along, limb.length) * np.clip(rng.lognormal(0.0, 0.28, limb.strands), 0.3, 1.75)
    middle = root + way * (0.55 * length)[:, None]
    hang = way + np.column_stack([0.15 * rng.normal(size=len(n)), 0.55 * limb.droop + 0.1 * rng.normal(size=len(n))])
    tip = middle + hang * (0.55 * length)[:, None]
    albedo = limb.pattern(np.clip(s, 0, 1).astype(np.float32), normal[:, 1])
    mottled = np.exp(rng.normal(0, 0.20, limb.strands) + 0.16 * tufts)[:, None]
    soft, sun = lit(np.asarray(albedo * mottled, np.float32), normal, np.full(len(n), limb.shade, np.float32))
    strands = np.stack([root, middle, tip], axis=1).astype(np.float32)
    return strands, soft, sun * np.float32(limb.rim), np.asarray(rng.uniform(0, 1, limb.strands), np.float32)


def sprite(
    limbs: list[Limb],
    density: float,
    rng: Rng,
    after: Callable[[Float32, Callable[[float, float], tuple[int, int]], float], None] | None = None,
) -> Sprite:
    """Grow and draw limbs one over the other. `after(canvas, place, unit)` may paint eyes and noses on top.

    `place` turns rest coordinates into canvas pixels; `unit` is canvas pixels per rest unit.
    """
    points = np.concatenate([np.array(limb.spine) for limb in limbs])
    reach = max(max(limb.radius) + 1.9 * max(limb.length) for limb in limbs) + 4.0
    low, high = points.min(axis=0) - reach, points.max(axis=0) + reach
    unit = density * SUPERSAMPLING
    columns, rows = (np.ceil((high - low) * density).astype(int) * SUPERSAMPLING).tolist()
    canvas = np.zeros((rows, columns, 4), np.float32)

    def place(x: float, y: float) -> tuple[int, int]:
        return int((x - low[0]) * unit), int((y - low[1]) * unit)

    for limb in limbs:
        strands, soft, sun, fine = grow(limb, rng)
        mean = soft.mean(axis=0) * 0.35
        for start, end, r0, r1 in zip(limb.spine, limb.spine[1:], limb.radius, limb.radius[1:], strict=False):
            for part in np.linspace(0, 1, 24):
                centre = place(start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
                thick = max(1, int((r0 + (r1 - r0) * part) * 0.93 * unit))
                cv2.circle(canvas, centre, thick, (*(float(v) for v in mean), 1.0), -1)
        ends = ((strands - low) * unit).astype(int).tolist()
        roots = (0.42 * soft + 0.25 * sun).tolist()
        tips = (1.12 * soft + 1.15 * sun).tolist()
        middles = (0.86 * soft + 0.62 * sun).tolist()
        for (root, middle, tip), a, b, c, t in zip(ends, roots, middles, tips, fine.tolist(), strict=True):
            half = [(root[0] + middle[0]) // 2, (root[1] + middle[1]) // 2]
            cv2.line(canvas, root, half, (*a, 1.0), limb.thickness)
            cv2.line(canvas, half, middle, (*b, 1.0), limb.thickness)
            cv2.line(canvas, middle, tip, (*c, 1.0), limb.thickness if t > 0.7 else 1)
    if after is not None:
        after(canvas, place, unit)
    size = (columns // SUPERSAMPLING, rows // SUPERSAMPLING)
    return Sprite(
        np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.float32),
        (float(low[0]), float(low[1])),
        density,
    )
