"""Cut-out pictures of things, and photographs to set them before: what training may take from outside.

A folder of pictures is packed once into a bank: one file with small PNGs, read at random and quickly. Only pictures
whose licence allows it belong there; what the shipped weights were made with is listed in the model card.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from core.arrays import Float32, UInt8
from core.disk import write_whole
from core.encoding import encode
from core.errors import PenumbraError
from core.exr_read import read_channels
from core.noise import Rng

LONG_PX = 320
"""Longer side of a cut-out in the bank."""
PHOTO_PX = 360
"""Height of a photograph in the bank."""
LEAST_PX = 40
HELD_BYTES = 400_000_000
"""Of a bank stay decoded."""
_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".exr"}


class Bank:
    """Small pictures in one file. Raises PenumbraError where it is none."""

    def __init__(self, path: Path) -> None:
        try:
            with np.load(path, allow_pickle=False) as stored:
                self._data: UInt8 = stored["data"]
                self._ends = stored["ends"]
        except (OSError, ValueError, KeyError) as error:
            hint = "Make it with `penumbra train bank`."
            raise PenumbraError(str(path), why=f"is not a bank of pictures ({error})", hint=hint) from error
        self._held: dict[int, UInt8] = {}
        self._held_bytes = 0

    def __len__(self) -> int:
        return len(self._ends)

    def picture(self, number: int) -> UInt8:
        """(H, W, 4) red, green, blue, coverage, or (H, W, 3); not premultiplied."""
        if number in self._held:
            return self._held[number]
        start = int(self._ends[number - 1]) if number else 0
        stored = np.asarray(cv2.imdecode(self._data[start : int(self._ends[number])], cv2.IMREAD_UNCHANGED), np.uint8)
        order = [2, 1, 0, 3][: stored.shape[2]]
        picture = np.ascontiguousarray(stored[..., order])
        if self._held_bytes + picture.nbytes < HELD_BYTES:
            self._held[number] = picture
            self._held_bytes += picture.nbytes
        return picture

    def drawn(self, rng: Rng) -> UInt8:
        """Any of them."""
        return self.picture(int(rng.integers(len(self))))


def pack(folder: Path, out: Path, cutouts: bool, on_picture: Callable[[int], None] = lambda _count: None) -> int:
    """Pack what is below `folder` into the bank `out`; how many there are. Whatever is not fit is left out.

    Args:
        cutouts: take pictures with coverage, else photographs without.
    """
    pieces: list[UInt8] = []
    for path in sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in _PICTURES and not path.is_symlink()
    ):
        for picture in _cut(path) if cutouts else _photographs(path):
            done, data = cv2.imencode(".png", picture)
            if done:
                pieces.append(np.asarray(data, np.uint8).ravel())
        on_picture(len(pieces))
    if not pieces:
        raise PenumbraError(str(folder), why="holds no picture that is fit", hint="Cut-outs are PNGs with coverage.")
    packed = io.BytesIO()
    np.savez(packed, data=np.concatenate(pieces), ends=np.cumsum([len(piece) for piece in pieces]))
    write_whole(out, packed.getvalue())
    return len(pieces)


def _decoded(path: Path, how: int) -> cv2.typing.MatLike | None:
    """None for what is no picture."""
    data = path.read_bytes()
    return cv2.imdecode(np.frombuffer(data, np.uint8), how) if data else None


def _cut(path: Path) -> Iterator[UInt8]:
    stored = _decoded(path, cv2.IMREAD_UNCHANGED) if path.suffix.lower() == ".png" else None
    if stored is None or stored.ndim != 3 or stored.shape[2] != 4 or stored.dtype != np.uint8:
        return
    rows, columns = np.nonzero(stored[..., 3] > 8)
    if not len(rows):
        return
    tight = stored[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    height, width = tight.shape[:2]
    solid = float((tight[..., 3] > 200).mean())
    if min(height, width) < LEAST_PX or not 0.15 < solid < 0.93 or (tight[..., 3] > 8).mean() > solid + 0.3:
        return
    scale = min(1.0, LONG_PX / max(height, width))
    coverage = tight[..., 3:].astype(np.float32) / 255
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    whole = np.concatenate([tight[..., :3].astype(np.float32) * coverage, coverage * 255], axis=2)
    small = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.float32)
    small[..., :3] /= np.maximum(small[..., 3:] / 255, 1 / 255)
    yield np.rint(np.clip(small, 0, 255)).astype(np.uint8)


def _photographs(path: Path) -> Iterator[UInt8]:
    if path.suffix.lower() == ".exr":
        channels = read_channels(path)
        if not {"R", "G", "B"} <= channels.keys():
            return
        rgb = np.stack([channels[name].astype(np.float32) for name in "RGB"], axis=2)
        grey = float(np.exp(np.log(np.maximum(rgb.mean(axis=2), 1e-4)).mean()))
        shown = [np.clip(encode("srgb", rgb * (0.18 * gain / grey)), 0, 1) * 255 for gain in (0.6, 1.5)]
        pictures = [np.ascontiguousarray(picture[..., ::-1]).astype(np.float32) for picture in shown]
    else:
        stored = _decoded(path, cv2.IMREAD_COLOR)
        pictures = [] if stored is None else [stored.astype(np.float32)]
    for picture in pictures:
        height, width = picture.shape[:2]
        middle = picture[height // 6 : -(height // 6)] if path.suffix.lower() == ".exr" else picture
        scale = PHOTO_PX / middle.shape[0]
        size = (max(PHOTO_PX, round(width * scale)), PHOTO_PX)
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        yield np.rint(np.clip(cv2.resize(middle, size, interpolation=how), 0, 255)).astype(np.uint8)


def solid(cutout: UInt8, texture: Float32, rng: Rng) -> Float32:
    """A drawing made a thing: filled, given material, grain and shape. (H, W, 4) float32 0-1, not premultiplied.

    Args:
        texture: (h, w, 3) 0-1, a piece of any picture.
    """
    rgba = np.asarray(cutout / np.float32(255), np.float32)
    rgb, coverage = rgba[..., :3], rgba[..., 3]
    if rng.uniform() < 0.7:
        filled = _filled(coverage)
        color = rng.uniform(0.1, 0.9, 3).astype(np.float32)
        rgb = rgb * coverage[..., None] + color * (1 - coverage[..., None])
        coverage = filled
    texture = np.asarray(cv2.resize(texture, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)
    chance = rng.uniform()
    if chance < 0.3:
        rgb = texture
    elif chance < 0.5:
        rgb = np.float32(0.7) * rgb.mean(axis=(0, 1)) + np.float32(0.3) * texture
    else:
        grain = texture.mean(axis=2)
        grain = grain / np.maximum(cv2.GaussianBlur(grain, (0, 0), 12.0), np.float32(0.05))
        rgb = rgb * grain[..., None] ** np.float32(rng.uniform(0.2, 1.2))
    for _ in range(int(rng.choice([0, 1, 2], p=[0.45, 0.35, 0.2]))):
        rgb = _patched(rgb, texture, rng)
    if rng.uniform() < 0.7:
        rgb = rgb * _relief(coverage, rng)[..., None]
    return np.asarray(np.concatenate([np.clip(rgb, 0, 1), coverage[..., None]], axis=2), np.float32)


def _patched(rgb: Float32, texture: Float32, rng: Rng) -> Float32:
    """A part of it in another material, as trousers are of a person: what is one thing need not look like one."""
    height, width = rgb.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32) / max(height, width)
    angle = rng.normal(np.pi / 2, 0.6)
    wave = np.float32(rng.uniform(0, 0.06)) * np.sin(np.float32(rng.uniform(5, 25)) * (x - y))
    along = np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y + wave
    low = np.float32(rng.uniform(0.1, 0.8))
    inside = (along > low) & (along < low + np.float32(rng.uniform(0.15, 0.9)))
    color = rng.uniform(0.05, 0.95, 3).astype(np.float32)
    other = (
        texture[::-1]
        if rng.uniform() < 0.3
        else color * (np.float32(0.7) + np.float32(0.6) * rgb.mean(axis=2)[..., None])
    )
    return np.asarray(np.where(inside[..., None], other, rgb), np.float32)


def _filled(coverage: Float32) -> Float32:
    """Without holes: what is enclosed belongs to it."""
    padded = np.pad((coverage > 0.3).astype(np.uint8), 1)
    outside = padded.copy()
    cv2.floodFill(outside, None, (0, 0), 2)
    inner = (outside[1:-1, 1:-1] == 0).astype(np.float32)
    return np.asarray(np.maximum(coverage, inner), np.float32)


def _relief(coverage: Float32, rng: Rng) -> Float32:
    """Light on a body as thick as it is far to its outline."""
    depth = cv2.distanceTransform(np.pad((coverage > 0.5).astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    height = np.sqrt(np.minimum(depth, 0.3 * max(coverage.shape)))
    smooth = cv2.GaussianBlur(height, (0, 0), float(rng.uniform(1.5, 6)))
    angle = rng.uniform(0, 2 * np.pi)
    slope_y, slope_x = np.gradient(smooth)
    light = 0.95 + float(rng.uniform(0.3, 1.6)) * (np.cos(angle) * slope_x + np.sin(angle) * slope_y)
    return np.asarray(np.clip(light, 0.25, 1.6), np.float32)
