"""A made shot with a soft, hairy edge whose coverage is known, at any size; the unknown band is a twentieth of it.

Knows arrays only.
"""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np

from app.bench.moving import TrueMatte
from core.arrays import Bool, Float32

UNKNOWN = 0.05
_RATIO = 2160 / 4096
_HAIRS = 700
_SEED = 1
_FRAMES = 3


def made_shot(width: int) -> list[TrueMatte]:
    """Three frames: a head of hair that drifts in front of a wall that pans, in scene light, with grain."""
    size = (width, round(width * _RATIO))
    chance = np.random.default_rng(_SEED)
    front = _texture(size, chance, (1 / 256, 1 / 64, 1 / 16)) * np.array([0.9, 0.5, 0.3], np.float32)
    back = _texture(size, chance, (1 / 170, 1 / 45, 1 / 14)) * np.array([0.2, 0.4, 0.8], np.float32)
    head, alpha = _head(size, chance)
    unknown = _band(head)
    trimap = np.where(unknown, np.float32(0.5), head.astype(np.float32))
    return [_frame(number, front, back, alpha, trimap, chance) for number in range(_FRAMES)]


def _frame(
    number: int, front: Float32, back: Float32, alpha: Float32, trimap: Float32, chance: np.random.Generator
) -> TrueMatte:
    """Moved by whole pixels, so that the coverage stays exact."""
    drift = (number, 2 * number)
    alpha, trimap = np.roll(alpha, drift, (0, 1)), np.roll(trimap, drift, (0, 1))
    color = np.roll(front, drift, (0, 1))
    rgb = alpha[..., None] * color + (1 - alpha[..., None]) * np.roll(back, -3 * number, 1)
    rgb *= 1 + np.float32(0.01) * chance.standard_normal(rgb.shape, np.float32)
    return TrueMatte(f"made_{alpha.shape[1]}", Path(), np.asarray(np.maximum(rgb, 0), np.float32), alpha, trimap)


def _texture(size: tuple[int, int], chance: np.random.Generator, scales: tuple[float, ...]) -> Float32:
    """(H, W, 3) 0-1, smooth at several scales of the width."""
    total = np.zeros((size[1], size[0], 3), np.float32)
    for scale in scales:
        grid = (max(2, round(_RATIO / scale)), max(2, round(1 / scale)), 3)
        total += cv2.resize(chance.random(grid, np.float32), size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(total / len(scales), 0, 1), np.float32)


def _head(size: tuple[int, int], chance: np.random.Generator) -> tuple[Bool, Float32]:
    """The solid head, and the coverage of it and its hairs."""
    width, height = size
    unit = width / 4096
    middle, radii = np.array([width / 2, height * 0.55]), np.array([700 * unit, 800 * unit])
    head = np.zeros((height, width), np.uint8)
    cv2.ellipse(head, (round(middle[0]), round(middle[1])), (round(radii[0]), round(radii[1])), 0, 0, 360, 255, -1)
    drawn = head.copy()
    for angle in chance.uniform(0, 2 * math.pi, _HAIRS):
        way = np.array([math.cos(angle), math.sin(angle)])
        root = middle + 0.985 * radii * way
        tip = root + way * 70 * unit + chance.normal(0, 15 * unit, 2)
        ends = [tuple(round(8 * float(value)) for value in end) for end in (root, tip)]
        cv2.line(drawn, ends[0], ends[1], 255, max(1, round(1.2 * unit)), cv2.LINE_AA, 3)
    soft = cv2.GaussianBlur(drawn.astype(np.float32) / 255, (0, 0), max(0.6, 1.2 * unit))
    return head > 0, np.asarray(np.clip(soft, 0, 1), np.float32)


def _band(head: Bool) -> Bool:
    """The twentieth of the picture that is nearest to the outline: inside a quarter as deep as outside."""
    bytes_ = head.astype(np.uint8)
    depth = 4 * cv2.distanceTransform(bytes_, cv2.DIST_L2, 5) + cv2.distanceTransform(1 - bytes_, cv2.DIST_L2, 5)
    return np.asarray(depth <= np.partition(depth.ravel(), int(UNKNOWN * depth.size))[int(UNKNOWN * depth.size)])
