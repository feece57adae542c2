"""Endless examples to learn clicking from: scenes of the pool, with more things set before them, cropped and regraded.

Composites are made in the encoding the network sees. Knows pools, banks and numbers; no torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.arrays import Float32, UInt8
from core.noise import Rng
from inference.training.pictures.cutouts import Bank, solid
from inference.training.pictures.pool import PicturePool

HELD = 768
"""Scenes in memory; a shard is exchanged now and then."""
EXCHANGE = 0.004
HELD_OUT_SHARDS = 4
"""The first shards are never learnt from; they are what is examined on."""
MOST_SUBJECTS = 3
"""Of one picture, which is looked at once for all of them: that is quicker than as many pictures."""
PHOTOGRAPHS = 0.35
"""Of all grounds, where there is a bank of them."""
LIFELIKE = 0.35
"""Of the things set before a ground, where there is a bank of them; of the others, `DRAWINGS` are drawings."""
DRAWINGS = 0.65
GROUPS = 0.25
"""Of the pictures, where there are lifelike things: several of these side by side."""
LEAST_PART, MOST_PART = 0.003, 0.75
"""Of the crop, that a subject fills."""


@dataclass(frozen=True, slots=True)
class Example:
    """One picture with one or more subjects, each wanted on its own.

    Args:
        rgb: (H, W, 3) float32 0-1, sRGB-encoded.
        wanted: (H, W) float32 coverage 0-1, of each subject.
    """

    rgb: Float32
    wanted: tuple[Float32, ...]


@dataclass(frozen=True, slots=True)
class Banks:
    """What is taken from outside; each may be missing.

    Args:
        cutouts: drawings; they are given material before they are used.
        photographs: grounds, and materials.
        lifelike: cut-outs used as they are: rendered people, photographed things.
    """

    cutouts: Bank | None = None
    photographs: Bank | None = None
    lifelike: Bank | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    rgb: UInt8
    mattes: UInt8


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a thing is set, its middle and its longer side in pixels, and whether it must be a lifelike one."""

    long_px: float
    x: float
    y: float
    lifelike: bool = False


class Examples:
    """Drawn by `rng` from a pool, and from banks where there are any.

    Args:
        side: width and height of the examples in pixels.
    """

    def __init__(self, pool: PicturePool, side: int, rng: Rng, banks: Banks | None = None) -> None:
        self._pool, self._side, self._rng = pool, side, rng
        self._banks = banks or Banks()
        self._held: list[_Held] = []

    def __iter__(self) -> Iterator[Example]:
        while True:
            if len(self._held) < 256 or self._rng.uniform() < EXCHANGE:
                self._take_shard()
            example = self._composed()
            if example is not None:
                yield example

    def _take_shard(self) -> None:
        shards = self._pool.shards
        learnt = shards[HELD_OUT_SHARDS:] or shards
        shard = learnt[int(self._rng.integers(len(learnt)))]
        self._held += [_Held(scene.rgb, scene.mattes) for scene in self._pool.scenes(shard)]
        del self._held[:-HELD]

    def _scene(self) -> _Held:
        return self._held[int(self._rng.integers(len(self._held)))]

    # --- a picture --------------------------------------------------------------------------------------------------

    def _composed(self) -> Example | None:
        rng = self._rng
        picture, mattes = self._ground()
        for spot in self._spots():
            picture, mattes = self._with_thing(picture, mattes, spot)
        parts = [float((matte > 0.5).mean()) for matte in mattes]
        fit = [place for place, part in enumerate(parts) if LEAST_PART < part < MOST_PART]
        if not fit:
            return None
        weights = np.array([parts[place] for place in fit]) ** 0.75
        count = min(len(fit), MOST_SUBJECTS)
        chosen = rng.choice(len(fit), count, replace=False, p=weights / weights.sum())
        return Example(regraded(picture, rng), tuple(mattes[fit[int(place)]] for place in chosen))

    def _ground(self) -> tuple[Float32, list[Float32]]:
        rng, side = self._rng, self._side
        photographs = self._banks.photographs
        if photographs is not None and rng.uniform() < PHOTOGRAPHS:
            photograph = photographs.drawn(rng)[..., :3]
            turn = _placing(photograph.shape[:2], side, rng, None, float(np.exp(rng.uniform(0.0, 0.7))))
            return _warped(photograph, turn, side), []
        scene = self._scene()
        focus = scene.mattes[int(rng.integers(len(scene.mattes)))] if len(scene.mattes) else None
        turn = _placing(scene.rgb.shape[:2], side, rng, focus, float(np.exp(rng.uniform(0.0, 0.9))))
        return _warped(scene.rgb, turn, side), [_warped(matte, turn, side) for matte in scene.mattes]

    def _spots(self) -> list[_Spot]:
        """Here and there; or side by side, as people stand: each of a group is wanted without its neighbours."""
        rng, side = self._rng, self._side
        if self._banks.lifelike is not None and rng.uniform() < GROUPS:
            long_px = side * float(np.exp(rng.uniform(np.log(0.35), np.log(1.3))))
            x, y = rng.uniform(-0.1, 0.6) * side, rng.uniform(0.35, 0.75) * side
            spots = []
            for _ in range(int(rng.integers(2, 5))):
                spots.append(
                    _Spot(long_px * float(rng.uniform(0.88, 1.12)), x, y + float(rng.normal(0, 0.04)) * side, True)
                )
                x += float(rng.uniform(0.18, 0.5)) * long_px
            return [spots[int(place)] for place in rng.permutation(len(spots))]
        return [
            _Spot(side * float(np.exp(rng.uniform(np.log(0.25), np.log(1.4)))), *(rng.uniform(0.05, 0.95, 2) * side))
            for _ in range(int(rng.choice([0, 1, 2, 3, 5], p=[0.2, 0.3, 0.25, 0.15, 0.1])))
        ]

    def _with_thing(self, picture: Float32, mattes: list[Float32], spot: _Spot) -> tuple[Float32, list[Float32]]:
        rng, side, long_px = self._rng, self._side, spot.long_px
        thing = self._thing(spot)
        if thing is None:
            return picture, mattes
        height, width = thing.shape[:2]
        scale = long_px / max(height, width)
        turn = cv2.getRotationMatrix2D((0, 0), float(rng.normal(0, 14)), scale)
        turn[0] *= float(rng.uniform(0.8, 1.25)) * (1 if rng.uniform() < 0.5 else -1)
        turn[:, 2] = np.array([spot.x, spot.y]) - turn[:, :2] @ np.array([width / 2, height / 2])
        thing[..., :3] *= thing[..., 3:]
        laid = np.asarray(cv2.warpAffine(thing, turn, (side, side), flags=cv2.INTER_LINEAR), np.float32)
        if rng.uniform() < 0.35:
            laid = np.asarray(cv2.GaussianBlur(laid, (0, 0), float(rng.uniform(0.4, 1.5))), np.float32)
        coverage = np.clip(laid[..., 3:], 0, 1)
        if rng.uniform() < 0.3:
            picture = picture * (1 - rng.uniform(0.1, 0.6) * _shadow(laid[..., 3], rng)[..., None])
        gain = np.exp(rng.normal(0, 0.2)) * np.exp(rng.normal(0, 0.06, 3))
        picture = picture * (1 - coverage) + laid[..., :3] * gain.astype(np.float32)
        seen = [np.asarray(matte * (1 - coverage[..., 0]), np.float32) for matte in mattes]
        return np.asarray(picture, np.float32), [*seen, np.ascontiguousarray(coverage[..., 0])]

    def _thing(self, spot: _Spot) -> Float32 | None:
        """(H, W, 4) 0-1, not premultiplied, of any of the sources."""
        banks, long_px = self._banks, spot.long_px
        if banks.lifelike is not None and (spot.lifelike or self._rng.uniform() < LIFELIKE):
            thing = _reduced(banks.lifelike.drawn(self._rng), long_px)
            return np.asarray(thing / np.float32(255), np.float32)
        if banks.cutouts is not None and self._rng.uniform() < DRAWINGS:
            return self._drawing(banks.cutouts.drawn(self._rng), long_px)
        return self._other_thing(long_px)

    def _drawing(self, drawing: UInt8, long_px: float) -> Float32:
        rng, photographs = self._rng, self._banks.photographs
        source = self._scene().rgb
        if photographs is not None and rng.uniform() < 0.4:
            source = photographs.drawn(rng)[..., :3]
        size = int(rng.integers(24, min(source.shape[:2])))
        y, x = int(rng.integers(source.shape[0] - size + 1)), int(rng.integers(source.shape[1] - size + 1))
        texture = np.asarray(source[y : y + size, x : x + size] / np.float32(255), np.float32)
        return solid(_reduced(drawing, long_px), texture, rng)

    def _other_thing(self, long_px: float) -> Float32 | None:
        """One cut out of another scene, a little inside its outline, so that it does not carry its ground along."""
        scene = self._scene()
        if not len(scene.mattes):
            return None
        matte = scene.mattes[int(self._rng.integers(len(scene.mattes)))]
        rows, columns = np.nonzero(matte > 100)
        if len(rows) < 200:
            return None
        tight = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
        thing = _reduced(np.concatenate([scene.rgb[tight], matte[tight][..., None]], axis=2), long_px)
        whole = np.asarray(thing / np.float32(255), np.float32)
        whole[..., 3] = np.clip((whole[..., 3] - 0.6) / 0.4, 0, 1)
        return whole


@dataclass(frozen=True, slots=True)
class Source:
    """Where examples come from."""

    pool: Path
    pool_side: int = 320
    cutouts: Path | None = None
    photographs: Path | None = None
    lifelike: Path | None = None

    def examples(self, side: int, rng: Rng) -> Examples:
        files = (self.cutouts, self.photographs, self.lifelike)
        banks = Banks(*(Bank(file) if file is not None else None for file in files))
        return Examples(PicturePool(self.pool, self.pool_side), side, rng, banks)


def _placing(shape: tuple[int, int], side: int, rng: Rng, focus: UInt8 | None, zoom: float) -> Float32:
    """(2, 3) from a picture to a crop of `side`, turned a little, with a place of `focus` well inside."""
    height, width = shape
    x, y = rng.uniform(0.2, 0.8) * width, rng.uniform(0.2, 0.8) * height
    if focus is not None:
        rows, columns = np.nonzero(focus[::4, ::4] > 127)
        if len(rows):
            chosen = int(rng.integers(len(rows)))
            x, y = columns[chosen] * 4.0, rows[chosen] * 4.0
    scale = side / min(height, width) * zoom
    reach = side / scale / 2
    x += rng.uniform(-0.7, 0.7) * reach
    y += rng.uniform(-0.7, 0.7) * reach
    x, y = min(max(x, reach), width - reach), min(max(y, reach), height - reach)
    turn = cv2.getRotationMatrix2D((x, y), float(rng.normal(0, 4)), scale)
    turn[0, 2] += side / 2 - x
    turn[1, 2] += side / 2 - y
    if rng.uniform() < 0.5:
        turn[0] = -turn[0]
        turn[0, 2] += side
    return np.asarray(turn, np.float32)


def _reduced(picture: UInt8, long_px: float) -> UInt8:
    """By area, to about twice the size it is shown at: what is drawn small need not be made large."""
    scale = 1.6 * long_px / max(picture.shape[:2])
    if scale >= 0.8:
        return picture
    size = (max(2, round(picture.shape[1] * scale)), max(2, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _warped(picture: UInt8, turn: Float32, side: int) -> Float32:
    """0-1, mirrored beyond the border."""
    scale = float(np.hypot(turn[0, 0], turn[1, 0]))
    source: cv2.typing.MatLike = picture
    if scale < 0.6:
        source = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        turn = turn * np.array([[2, 2, 1]], np.float32)
    laid = cv2.warpAffine(source, turn, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(laid / np.float32(255), np.float32)


def _shadow(coverage: Float32, rng: Rng) -> Float32:
    side = coverage.shape[0]
    shift = np.array([[1, rng.uniform(-0.2, 0.2), rng.normal(0, 0.06) * side], [0, 1, rng.uniform(0, 0.08) * side]])
    cast = cv2.warpAffine(coverage, shift, (side, side))
    return np.asarray(cv2.GaussianBlur(cast, (0, 0), side * float(rng.uniform(0.005, 0.05))), np.float32)


def regraded(picture: Float32, rng: Rng) -> Float32:
    """As another camera, another light and another codec would have it. 0-1."""
    gain = np.exp(rng.normal(0, 0.2)) * np.exp(rng.normal(0, 0.05, 3))
    shown = np.clip(picture, 0, 1) ** float(np.exp(rng.normal(0, 0.25))) * gain
    if rng.uniform() < 0.06:
        shown = np.repeat(shown.mean(axis=2, keepdims=True), 3, axis=2)
    if rng.uniform() < 0.25:
        shown = cv2.GaussianBlur(shown, (0, 0), float(rng.uniform(0.4, 1.3)))
    if rng.uniform() < 0.5:
        shown = shown + rng.normal(0, rng.uniform(0.003, 0.03), shown.shape)
    shown = np.clip(shown, 0, 1)
    if rng.uniform() < 0.35:
        quality = [int(cv2.IMWRITE_JPEG_QUALITY), int(rng.integers(35, 92))]
        done, data = cv2.imencode(".jpg", np.rint(shown * 255).astype(np.uint8), quality)
        if done:
            shown = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.float32) / 255
    return np.asarray(shown, np.float32)
