"""One frame of the sample shot: the layers composed at several moments of the open shutter, then the film.

The matte is made by the same accumulation as the picture: at each moment the fox's coverage is taken times what the
stems before it let through, and the moments are averaged. It is exact, motion blur and occlusion included.
"""

from __future__ import annotations

import cv2
import numpy as np

from app.sample_shot.camera import Camera
from app.sample_shot.film import bloom, develop, grain, vignette
from app.sample_shot.fox import CYCLE, STRIDE, Fox, bent
from app.sample_shot.landscape import MARGIN, Layer, landscape
from core.arrays import Float32
from core.noise import generator, smoothstep

SAMPLES = 8
FAR_SAMPLES = 2
WOOD_SAMPLES = 4


Cast = tuple[Float32, Float32, slice]
"""(rgb, clear) of a layer over some rows of the picture, at a moment."""


def placed(layer: Layer, camera: Camera, time: float) -> Cast:
    """A layer where the camera sees it at a moment, over the rows of the picture it reaches."""
    dx, dy = camera.shake(time)
    top = layer.top + dy
    first, last = max(0, int(np.floor(top))), min(camera.height, int(np.ceil(top + layer.rgb.shape[0])))
    shift_x = camera.dolly(time) / layer.depth + MARGIN * camera.scale - dx
    move = np.array([[1, 0, shift_x], [0, 1, first - top]], np.float32)
    size = (camera.width, last - first)
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    rgb = cv2.warpAffine(layer.rgb, move, size, flags=how)
    clear = cv2.warpAffine(layer.clear, move, size, flags=how, borderValue=1.0)
    return np.asarray(rgb, np.float32), np.asarray(clear, np.float32), slice(first, last)


def lay(picture: Float32, cast: Cast) -> None:
    """Compose a layer over the picture, in place."""
    rgb, clear, rows = cast
    cv2.multiply(picture[rows], cv2.cvtColor(clear, cv2.COLOR_GRAY2RGB), dst=picture[rows])
    cv2.add(picture[rows], rgb, dst=picture[rows])


class Shoot:
    """The camera, the fox and the wood, made once; `frame` may be called from several threads."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.fox = Fox(camera.seed, density=1.4 * camera.scale)
        self.place = landscape(camera)
        self._falloff = vignette((camera.height, camera.width))

    def stand(self, time: float) -> tuple[float, float]:
        """The picture's x, y of the fox's middle on the ground."""
        camera = self.camera
        dx, dy = camera.shake(time)
        walked = (0.378 * 1280.0 + STRIDE / CYCLE * time) * camera.scale
        return walked - camera.dolly(time) + dx, camera.ground + dy

    def subject(self, time: float) -> tuple[Float32, tuple[int, int, int, int]]:
        """The fox at a moment: (H, W, 4) premultiplied over a window (x0, y0, x1, y1) inside the picture."""
        camera, s = self.camera, self.camera.scale
        at = self.stand(time)
        x0, x1 = max(0, int(at[0] - 470 * s)), min(camera.width, int(at[0] + 330 * s))
        y0, y1 = max(0, int(at[1] - 350 * s)), min(camera.height, int(at[1] + 24 * s))
        window = (x0, y0, x1, y1)
        drawn = np.zeros((y1 - y0, x1 - x0, 4), np.float32)

        def over(piece: Float32, left: int, top: int) -> None:
            target = drawn[top : top + piece.shape[0], left : left + piece.shape[1]]
            target *= 1.0 - piece[..., 3:]
            target += piece

        for i, (part, affine) in enumerate(self.fox.parts(time, at, s)):
            if i == 6:
                base, heading, curve = self.fox.tail_bend(time)
                reach = (x0, max(y0, int(at[1] - 300 * s)), min(x1, int(at[0] - 110 * s)), y1)
                if reach[2] > reach[0]:
                    over(bent(self.fox.tail, base, heading, curve, reach, s, at), 0, reach[1] - y0)
            height, width = part.rgba.shape[:2]
            corners = affine @ np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]], np.float32)
            left, top = max(x0, int(corners[0].min())), max(y0, int(corners[1].min()))
            right, bottom = min(x1, int(corners[0].max()) + 2), min(y1, int(corners[1].max()) + 2)
            if right > left and bottom > top:
                local = affine - np.array([[0, 0, left], [0, 0, top]], np.float32)
                piece = cv2.warpAffine(part.rgba, local, (right - left, bottom - top))
                over(np.asarray(piece, np.float32), left - x0, top - y0)
        return drawn, window

    def dapple(self, time: float) -> float:
        """How much sun comes through the trees where the fox is: 0.7-1.25."""
        return float(1.0 + 0.2 * np.sin(0.33 * time + 0.8) + 0.07 * np.sin(0.9 * time))

    def shadow(
        self, picture: Float32, drawn: Float32, window: tuple[int, int, int, int], at: tuple[float, float]
    ) -> None:
        """The fox's shadow falls towards the camera and to the left; darker and sharper at the paws."""
        camera, s = self.camera, self.camera.scale
        top = int(at[1] - 26 * s)
        size = (camera.width, camera.height - top)
        slant = np.array(
            [
                [1.0, 0.62, window[0] - 0.62 * (at[1] - window[1])],
                [0.0, -0.62, 0.62 * (at[1] - window[1]) + at[1] - top - 4 * s],
            ],
            np.float32,
        )
        cast = cv2.warpAffine(drawn[..., 3], slant, size)
        cast = cv2.GaussianBlur(cast, (0, 0), 5.0 * s) * 0.45 + cv2.GaussianBlur(cast, (0, 0), 1.6 * s) * 0.25
        feet = np.zeros_like(cast)
        low = drawn[int((at[1] - 30 * s) - window[1]) :, :, 3].max(axis=0)
        wide = cv2.GaussianBlur(low[None, :], (0, 0), 6.0 * s)[0]
        rows = np.exp(-(((np.arange(size[1]) - (at[1] - top) + 3 * s) / (8.0 * s)) ** 2)).astype(np.float32)
        feet[:, window[0] : window[2]] = rows[:, None] * wide[None, :] * 0.62
        dim = 1.0 - np.clip(cast + feet, 0.0, 0.82)
        picture[top:] *= dim[..., None]

    def frame(self, position: int) -> tuple[Float32, Float32]:
        """The plate and the truth at a 0-based place in the shot.

        Returns:
            (H, W, 3) float32, scene-linear ACEScg, with grain; (H, W) float32, 0-1, the fox's visible coverage.
        """
        camera = self.camera
        light = np.zeros((camera.height, camera.width, 3), np.float32)
        truth = np.zeros((camera.height, camera.width), np.float32)
        backs: list[Float32] = []
        for time in camera.times(position, FAR_SAMPLES):
            back = np.zeros_like(light)
            for layer in self.place.far:
                lay(back, placed(layer, camera, time))
            backs.append(back)
        woods = [
            [placed(layer, camera, time) for layer in self.place.wood] for time in camera.times(position, WOOD_SAMPLES)
        ]
        for i, time in enumerate(camera.times(position, SAMPLES)):
            back, wood = backs[i * FAR_SAMPLES // SAMPLES], woods[i * WOOD_SAMPLES // SAMPLES]
            picture, coverage = self.moment(time, back, wood)
            cv2.accumulate(picture, light)
            cv2.accumulate(coverage, truth)
        light *= np.float32(1.0 / SAMPLES)
        truth *= np.float32(1.0 / SAMPLES)
        rng = generator(camera.seed, 41, position)
        filmed = grain(develop(bloom(light, camera.scale) * self._falloff), camera.scale, rng)
        return filmed, np.clip(truth, 0.0, 1.0)

    def moment(self, time: float, back: Float32, wood: list[Cast]) -> tuple[Float32, Float32]:
        """Everything at one moment: (H, W, 3) light and (H, W) visible coverage of the fox."""
        camera = self.camera
        picture = np.empty_like(back)
        first = max(0, int(self.place.ground.top + camera.shake(time)[1]) + 1)
        soft = first + int(14 * camera.scale)
        picture[:soft] = back[:soft]
        floor = self.place.ground.seen(camera, time, first, camera.height)
        blend = smoothstep(0.0, 1.0, np.linspace(0.0, 1.0, soft - first, dtype=np.float32))[:, None, None]
        picture[first:soft] += (floor[: soft - first] - picture[first:soft]) * blend
        picture[soft:] = floor[soft - first :]
        for cast in wood:
            lay(picture, cast)
        lay(picture, placed(self.place.verge, camera, time))
        drawn, window = self.subject(time)
        self.shadow(picture, drawn, window, self.stand(time))
        x0, y0, x1, y1 = window
        target = picture[y0:y1, x0:x1]
        cv2.multiply(target, cv2.cvtColor(1.0 - drawn[..., 3], cv2.COLOR_GRAY2RGB), dst=target)
        cv2.scaleAdd(np.ascontiguousarray(drawn[..., :3]), self.dapple(time), target, dst=target)
        coverage = np.zeros((camera.height, camera.width), np.float32)
        coverage[y0:y1, x0:x1] = drawn[..., 3]
        for layer in self.place.before:
            cast = placed(layer, camera, time)
            lay(picture, cast)
            coverage[cast[2]] *= cast[1]
        return picture, coverage
