"""What somebody wears: garments fitted to a body, and the colors and prints they are given.

Knows garments and numbers; colors are linear light.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Float32
from core.noise import Rng
from inference.training.people.assets import Garment, Int32

_HEAD = (5399, 11998)
"""Two points of the body on either side of the head; how far apart they are says how large what it wears is."""


def fitted(garment: Garment, body: Float32, rest: Float32) -> Float32:
    """(V, 3) points of the garment on a body at rest.

    Args:
        body: (B, 3) the body's points; `rest`: those of the base mesh, which offsets were measured on.
    """
    one, two = _HEAD
    size = float(np.linalg.norm(body[one] - body[two]) / max(float(np.linalg.norm(rest[one] - rest[two])), 1e-6))
    tied = (body[garment.tied] * garment.shares[..., None]).sum(axis=1)
    return np.asarray(tied + garment.offsets * np.float32(size), np.float32)


@dataclass(frozen=True, slots=True)
class Dye:
    """How one piece of a garment is colored.

    Args:
        kind: `as is`, `plain`, `stripes`, `checks`, `dots`, `camouflage` or `print`.
        color: (3,) linear; `other`: the second color.
        size: decimetres of the pattern.
        turn: radians of it.
    """

    kind: str
    color: Float32
    other: Float32
    size: float
    turn: float
    seed: int

    @classmethod
    def random(cls, rng: Rng) -> Dye:
        kinds = ["as is", "plain", "stripes", "checks", "dots", "camouflage", "print"]
        kind = str(rng.choice(kinds, p=[0.27, 0.42, 0.07, 0.06, 0.04, 0.07, 0.07]))
        steps = (0.0, np.pi / 2, np.pi / 4)
        size = float(np.exp(rng.uniform(np.log(0.15), np.log(1.2))))
        return cls(kind, _cloth(rng), _cloth(rng), size, float(rng.choice(steps)), int(rng.integers(2**31)))

    def on(self, texture: Float32, mean: float, places: Float32) -> Float32:
        """(N, 3) linear color.

        Args:
            texture: (N, 3) linear, as the garment came.
            mean: of its brightness, so that folds and dirt stay.
            places: (N, 3) on the garment at rest, decimetres.
        """
        if self.kind == "as is":
            return np.asarray(texture * np.float32(0.55 + 0.9 * float(self.color.mean())), np.float32)
        shade = texture @ np.full((3, 1), 1 / 3, np.float32) / np.float32(max(mean, 0.02))
        shade = np.clip(shade, 0.15, 2.2)
        amount = self._pattern(places)[:, None]
        color = self.color * (1 - amount) + self.other * amount
        return np.asarray(np.clip(color * shade, 0, 1), np.float32)

    def _pattern(self, places: Float32) -> Float32:
        cos, sin = np.float32(np.cos(self.turn)), np.float32(np.sin(self.turn))
        x = (places[:, 0] * cos + places[:, 1] * sin) / np.float32(self.size)
        y = (places[:, 1] * cos - places[:, 0] * sin) / np.float32(self.size)
        if self.kind == "stripes":
            return (np.mod(y, 1) < 0.5).astype(np.float32)
        if self.kind == "checks":
            return np.asarray(((np.mod(x, 1) < 0.5) * 0.5 + (np.mod(y, 1) < 0.5) * 0.5), np.float32)
        if self.kind == "dots":
            near = (np.mod(x, 1) - 0.5) ** 2 + (np.mod(y, 1) - 0.5) ** 2
            return (near < 0.08).astype(np.float32)
        if self.kind == "camouflage":
            rng = np.random.default_rng(self.seed)
            field = np.zeros(len(places), np.float32)
            for _ in range(5):
                wave = rng.normal(0, 1.2 / self.size, 3).astype(np.float32)
                field += np.sin(places @ wave + np.float32(rng.uniform(0, 6.3)))
            return np.asarray(np.clip(field * 2 + 0.5, 0, 1), np.float32)
        if self.kind == "print":
            rng = np.random.default_rng(self.seed)
            middle = np.array([rng.uniform(-0.4, 0.4), rng.uniform(2.5, 4.5)], np.float32)
            reach = np.float32(rng.uniform(0.5, 1.1))
            inside = (np.abs(places[:, :2] - middle) < reach).all(axis=1) & (places[:, 2] > 0)
            letters = np.sin(places[:, 0] * np.float32(rng.uniform(5, 14))) * np.sin(
                places[:, 1] * np.float32(rng.uniform(4, 12)) + np.float32(rng.uniform(0, 6))
            )
            return np.asarray(inside & (letters > rng.uniform(-0.3, 0.3)), np.float32)
        return np.zeros(len(places), np.float32)


def _cloth(rng: Rng) -> Float32:
    """Cloth is mostly grey, blue, brown, black or white, and sometimes of any color."""
    value = float(np.exp(rng.uniform(np.log(0.012), np.log(0.75))))
    saturation = float(rng.beta(1.1, 2.2)) if rng.uniform() < 0.75 else float(rng.uniform(0.6, 1.0))
    hue = float(rng.uniform(0, 1)) if rng.uniform() < 0.6 else float(rng.normal(0.6, 0.05))
    wheel = np.abs(np.mod(hue + np.array([0, 2 / 3, 1 / 3]), 1) * 6 - 3) - 1
    tint = 1 - saturation * (1 - np.clip(wheel, 0, 1))
    return np.asarray(value * tint / max(float(tint.max()), 1e-3), np.float32)


def hair_color(rng: Rng, age: float) -> Float32:
    """(3,) linear."""
    grey = age > 0.78 and rng.uniform() < 0.6
    natural = (
        *((0.012, 0.010, 0.009), (0.025, 0.016, 0.011), (0.06, 0.033, 0.018), (0.11, 0.06, 0.03)),
        *((0.20, 0.12, 0.055), (0.38, 0.25, 0.12), (0.16, 0.05, 0.02), (0.5, 0.38, 0.22)),
    )
    aged = ((0.45, 0.44, 0.42), (0.24, 0.235, 0.23), (0.7, 0.69, 0.67))
    if not grey and rng.uniform() < 0.04:
        return _cloth(rng)
    colors = aged if grey else natural
    color = np.asarray(colors[int(rng.integers(len(colors)))], np.float32)
    return np.asarray(color * np.exp(rng.normal(0, 0.2, 3) * np.array([1, 0.5, 0.5])), np.float32)


def dyes(pieces: Int32, rng: Rng) -> tuple[Dye, ...]:
    """One for each piece; small pieces (buttons, laces) mostly stay as they are."""
    sizes = np.bincount(pieces)
    plain = Dye("as is", np.full(3, 0.5, np.float32), np.zeros(3, np.float32), 1.0, 0.0, 0)
    return tuple(Dye.random(rng) if size > 0.04 * len(pieces) else plain for size in sizes)
