"""The subject: a fox that trots along a path. Anatomy, colors and gait.

Rest coordinates: pixels of a 1280 x 720 picture, x forward (to the right), y down, the ground at 0, the fox's
middle at x = 0. Fur is `app/sample_shot/coat.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from app.sample_shot.coat import Limb, Sprite, sprite
from core.arrays import Float32
from core.noise import generator, smoothstep

CYCLE = 15.0
"""Frames of one stride."""
STRIDE = 300.0
"""Pixels it carries the fox."""
SHOULDER = (92.0, -128.0)
HIP = (-112.0, -142.0)
NECK = (112.0, -176.0)
TAIL = (-148.0, -164.0)

ORANGE = np.array([0.47, 0.160, 0.036], np.float32)
RUST = np.array([0.25, 0.075, 0.020], np.float32)
CREAM = np.array([0.66, 0.60, 0.52], np.float32)
SOOT = np.array([0.022, 0.019, 0.018], np.float32)


def mix(a: Float32, b: Float32, t: Float32) -> Float32:
    return np.asarray(a + (b - a) * t[:, None], np.float32)


def body_pattern(s: Float32, down: Float32) -> Float32:
    back = mix(ORANGE, RUST, smoothstep(-0.55, -0.95, down))
    belly = smoothstep(0.62, 0.92, down) * 0.8
    chest = smoothstep(0.84, 0.97, s) * smoothstep(0.05, 0.5, down)
    return mix(back, CREAM, np.maximum(belly, chest))


def head_pattern(s: Float32, down: Float32) -> Float32:
    top = mix(ORANGE, RUST, smoothstep(-0.5, -0.9, down) * smoothstep(0.75, 0.5, s))
    return mix(top, CREAM, smoothstep(0.10, 0.38, down) * smoothstep(0.05, 0.3, s))


def ruff_pattern(s: Float32, down: Float32) -> Float32:
    return mix(mix(ORANGE, CREAM, smoothstep(-0.45, 0.1, down)), ORANGE, smoothstep(0.25, 0.0, s) * 0.5)


def ear_pattern(s: Float32, _down: Float32) -> Float32:
    return mix(np.broadcast_to(ORANGE, (len(s), 3)), SOOT, smoothstep(0.30, 0.62, s))


def tail_pattern(s: Float32, down: Float32) -> Float32:
    middle = mix(np.broadcast_to(ORANGE, (len(s), 3)), RUST, smoothstep(-0.2, -0.9, down) * 0.8 + 0.1)
    dusky = mix(middle, SOOT, smoothstep(0.55, 0.74, s) * 0.45)
    return mix(dusky, CREAM, smoothstep(0.76, 0.84, s))


def thigh_pattern(s: Float32, _down: Float32) -> Float32:
    return mix(np.broadcast_to(ORANGE, (len(s), 3)), RUST, smoothstep(0.45, 1.0, s) * 0.6)


def stocking_pattern(s: Float32, _down: Float32) -> Float32:
    return mix(np.broadcast_to(RUST, (len(s), 3)), SOOT, smoothstep(0.02, 0.40, s))


def sock_pattern(s: Float32, _down: Float32) -> Float32:
    return np.asarray(np.broadcast_to(SOOT, (len(s), 3)), np.float32)


def face(canvas: Float32, place: Callable[[float, float], tuple[int, int]], unit: float) -> None:
    """Eye, nose, mouth and whiskers, over the fur of the head."""
    size = max(1, int(unit))
    eye = [place(197.0, -233.0), place(203.0, -238.5), place(210.0, -238.0), place(215.0, -231.5), place(206.0, -231.0)]
    cv2.fillPoly(canvas, [np.array(eye, np.int32)], (0.006, 0.005, 0.004, 1.0))
    cv2.ellipse(
        canvas, place(206.5, -234.7), (int(4.1 * unit), int(3.2 * unit)), -8, 0, 360, (0.34, 0.16, 0.03, 1.0), -1
    )
    cv2.ellipse(
        canvas, place(207.2, -234.8), (int(1.5 * unit), int(2.9 * unit)), 0, 0, 360, (0.003, 0.003, 0.003, 1.0), -1
    )
    cv2.circle(canvas, place(208.8, -236.6), max(1, int(1.05 * unit)), (14.0, 11.0, 8.5, 1.0), -1)
    cv2.ellipse(
        canvas, place(267.5, -217.0), (int(7.0 * unit), int(6.0 * unit)), 20, 0, 360, (0.008, 0.007, 0.007, 1.0), -1
    )
    cv2.ellipse(canvas, place(268.5, -220.5), (int(3.4 * unit), int(1.3 * unit)), 15, 0, 360, (1.5, 1.2, 1.0, 1.0), -1)
    mouth = [place(264.0, -209.5), place(250.0, -206.0), place(236.0, -206.5), place(226.0, -209.5)]
    cv2.polylines(canvas, [np.array(mouth, np.int32)], False, (0.02, 0.014, 0.012, 1.0), 2 * size // 2 + 1)
    for start, end in (
        ((254, -213), (214, -186)),
        ((251, -211), (222, -176)),
        ((256, -212), (240, -172)),
        ((256, -216), (206, -200)),
    ):
        bow = [place(*start), place((start[0] + end[0]) / 2 + 4, (start[1] + end[1]) / 2 - 3), place(*end)]
        cv2.polylines(canvas, [np.array(bow, np.int32)], False, (0.75, 0.62, 0.5, 1.0), 1)


def shoulder_fade(canvas: Float32, place: Callable[[float, float], tuple[int, int]], _unit: float) -> None:
    """Let the top of an upper leg melt into the body it grows out of."""
    rows = np.arange(canvas.shape[0], dtype=np.float32)
    canvas *= smoothstep(float(place(0.0, -52.0)[1]), float(place(0.0, 16.0)[1]), rows)[:, None, None]


@dataclass(frozen=True, slots=True)
class Joints:
    """Where the parts of one leg are: turn of each bone (radians, 0 hangs straight down) and its upper end."""

    places: tuple[tuple[float, float], ...]
    turns: tuple[float, ...]


def paw_path(phase: float, duty: float) -> tuple[float, float, float]:
    """(forward, lift, curl) of a paw: on the ground it moves back as fast as the fox goes forward."""
    half = STRIDE * duty / 2
    phase %= 1.0
    if phase < duty:
        return half - STRIDE * phase, 0.0, 0.0
    part = (phase - duty) / (1 - duty)
    ease = part - np.sin(2 * np.pi * part) / (2 * np.pi) * 0.8
    return -half + 2 * half * float(ease), 38.0 * float(np.sin(np.pi * part) ** 1.3), float(np.sin(np.pi * part))


def leg(
    joint: tuple[float, float],
    bones: tuple[float, float, float],
    paw: tuple[float, float, float],
    stance_x: float,
    bend: float,
    slant: float,
) -> Joints:
    """Two bones from the joint to the ankle by the law of cosines, and the foot below it."""
    forward, lift, curl = paw
    reach = forward / 90.0
    foot_turn = slant + 0.28 * reach + curl * (0.85 if bend > 0 else 0.75)
    toe = np.array([stance_x + forward, -6.0 - lift])
    ankle = toe - bones[2] * np.array([-np.sin(foot_turn), np.cos(foot_turn)])
    gap = ankle - np.array(joint)
    distance = float(np.clip(np.hypot(*gap), abs(bones[0] - bones[1]) + 4.0, (bones[0] + bones[1]) * 0.995))
    heading = np.arctan2(-gap[0], gap[1])
    inner = np.arccos(np.clip((bones[0] ** 2 + distance**2 - bones[1] ** 2) / (2 * bones[0] * distance), -1, 1))
    upper = heading + bend * inner
    knee = np.array(joint) + bones[0] * np.array([-np.sin(upper), np.cos(upper)])
    shin = ankle - knee
    lower = np.arctan2(-shin[0], shin[1])
    return Joints(
        (joint, (float(knee[0]), float(knee[1])), (float(ankle[0]), float(ankle[1]))),
        (float(upper), float(lower), float(foot_turn)),
    )


FRONT_BONES = (66.0, 66.0, 22.0)
HIND_BONES = (72.0, 66.0, 48.0)


def softened(part: Sprite, sigma_px: float) -> Sprite:
    """A sprite that is never still: finer detail than the steps of the open shutter would show as a pattern."""
    return replace(part, rgba=np.asarray(cv2.GaussianBlur(part.rgba, (0, 0), sigma_px), np.float32))


class Fox:
    """The sprites of one fox and where they go at a moment. Made once; `parts` may be called from several threads."""

    def __init__(self, seed: int, density: float) -> None:
        rng = generator(seed, 21)
        torso = [
            Limb(
                ((-152, -150), (-128, -156), (-70, -158), (0, -152), (64, -148), (104, -158), (128, -186)),
                (26, 39, 41, 43, 47, 45, 34),
                17000,
                (22, 19, 15, 15, 18, 24, 24),
                body_pattern,
                flow=-1,
                lean=0.45,
                droop=0.22,
            ),
        ]
        brush = [
            Limb(
                ((0, 0), (-50, 0), (-110, 0), (-165, 0), (-205, 0), (-232, 0)),
                (11, 19, 27, 28, 20, 6),
                11000,
                (16, 28, 36, 38, 36, 26),
                tail_pattern,
                flow=1,
                lean=0.55,
                droop=0.05,
            )
        ]
        far_ear = Limb(
            ((196, -252), (207, -284), (213, -308)),
            (12.5, 10, 2.5),
            700,
            (6, 6, 5),
            ear_pattern,
            lean=0.2,
            droop=0.0,
            shade=0.55,
        )
        head = [
            far_ear,
            Limb(
                ((118, -190), (140, -206), (160, -222)),
                (36, 36, 30),
                4200,
                (22, 22, 16),
                body_pattern,
                flow=-1,
                lean=0.4,
                droop=0.2,
            ),
            Limb(
                ((160, -226), (184, -232), (208, -229), (232, -220), (252, -215), (267, -214)),
                (27, 31, 26, 15.5, 11, 6.5),
                7200,
                (13, 10, 7, 4, 3, 2),
                head_pattern,
                flow=-1,
                lean=0.35,
                droop=0.05,
            ),
            Limb(
                ((150, -202), (172, -208), (194, -214), (212, -215)),
                (20, 19, 14, 8),
                2600,
                (24, 22, 15, 6),
                ruff_pattern,
                flow=-1,
                lean=0.7,
                droop=0.55,
            ),
            Limb(
                ((172, -248), (171, -284), (168, -314)),
                (16.5, 13, 2.5),
                1300,
                (8, 7, 5),
                ear_pattern,
                lean=0.25,
                droop=0.0,
            ),
        ]
        self.torso = sprite(torso, density, rng)
        self.tail = softened(sprite(brush, density, rng), 0.55 * density)
        self.head = sprite(head, density, rng, face)
        self.near = [self._bones(rng, density, hind, 1.0) for hind in (False, True)]
        self.far = [self._bones(rng, density, hind, 0.42) for hind in (False, True)]

    @staticmethod
    def _bones(rng: np.random.Generator, density: float, hind: bool, shade: float) -> tuple[Sprite, Sprite, Sprite]:
        """Upper, lower and foot, each hanging from (0, 0)."""
        upper, lower, foot = HIND_BONES if hind else FRONT_BONES
        widths = (36, 31, 20, 15) if hind else (30, 24, 17, 13)
        thigh = Limb(
            ((0, -14), (2, 10), (0, upper * 0.7), (0, upper)),
            widths,
            3200,
            (15, 15, 12, 9),
            thigh_pattern,
            lean=0.35,
            droop=0.2,
            shade=shade,
            rim=0.45,
        )
        shin = Limb(
            ((0, 0), (0, lower * 0.5), (0, lower)),
            (14, 9.5, 7.5) if hind else (13, 9.5, 8),
            1900,
            (9, 6, 5),
            thigh_pattern if hind else stocking_pattern,
            lean=0.3,
            droop=0.1,
            shade=shade,
        )
        pad = [
            Limb(
                ((0, 0), (0, foot * 0.55), (1, foot - 2)),
                (7.5, 7, 7.5),
                1200,
                (5, 4, 4),
                stocking_pattern if hind else sock_pattern,
                lean=0.3,
                droop=0.0,
                shade=shade,
            ),
            Limb(
                ((1, foot - 2), (9, foot + 1), (17, foot + 3)),
                (7, 7, 5),
                500,
                (4, 4, 3),
                sock_pattern,
                lean=0.2,
                droop=0.0,
                shade=shade,
            ),
        ]
        return sprite([thigh], density, rng, shoulder_fade), sprite([shin], density, rng), sprite(pad, density, rng)

    def parts(self, time: float, at: tuple[float, float], scale: float) -> list[tuple[Sprite, Float32]]:
        """Sprites with their (2, 3) placement, farthest first, without the tail (see `tail_bend`).

        Args:
            time: in frames.
            at: the picture's x, y of rest coordinates (0, 0).
            scale: picture pixels per rest unit.
        """
        phase = time / CYCLE
        bob = 4.0 * np.sin(4 * np.pi * phase + 0.6)
        pitch = 0.014 * np.sin(4 * np.pi * phase + 2.0)

        def put(
            part: Sprite, pivot: tuple[float, float], angle: float, to: tuple[float, float]
        ) -> tuple[Sprite, Float32]:
            return part, part.affine(pivot, angle, (at[0] + to[0] * scale, at[1] + to[1] * scale), scale)

        def limb(
            bones: tuple[Sprite, Sprite, Sprite], hind: bool, offset: float, dx: float, dy: float
        ) -> list[tuple[Sprite, Float32]]:
            joint = (HIP[0] + dx, HIP[1] + bob + dy) if hind else (SHOULDER[0] + dx, SHOULDER[1] + bob + dy)
            path = paw_path(phase + offset, 0.50)
            sizes = HIND_BONES if hind else FRONT_BONES
            found = leg(
                joint, sizes, path, joint[0] - (16.0 if hind else -6.0), -1.0 if hind else 1.0, 0.42 if hind else -0.1
            )
            path_parts = [put(bones[i], (0.0, 0.0), found.turns[i], found.places[i]) for i in range(3)]
            return [path_parts[2], path_parts[1], path_parts[0]]

        nod = 0.03 * np.sin(4 * np.pi * phase + 1.1) + 0.02
        body = put(self.torso, (0.0, -150.0), pitch, (0.0, -150.0 + bob))
        neck = (NECK[0], NECK[1] + bob - 2.0 * np.sin(4 * np.pi * phase + 1.7))
        return [
            *limb(self.far[1], True, 0.52, 10.0, 2.0),
            *limb(self.far[0], False, 0.0, 8.0, 2.0),
            body,
            *limb(self.near[1], True, 0.02, -2.0, 0.0),
            *limb(self.near[0], False, 0.50, -4.0, 0.0),
            put(self.head, NECK, nod, neck),
        ]

    def tail_bend(self, time: float) -> tuple[tuple[float, float], float, float]:
        """(rest place of its base, heading in radians, curvature per rest unit) at a moment."""
        phase = time / CYCLE
        bob = 4.0 * np.sin(4 * np.pi * phase + 0.6)
        heading = -0.40 + 0.045 * np.sin(4 * np.pi * phase - 0.9)
        curve = 0.0019 + 0.0007 * np.sin(4 * np.pi * phase - 2.2)
        return (TAIL[0], TAIL[1] + bob), float(heading), float(curve)


def bent(
    part: Sprite,
    base: tuple[float, float],
    heading: float,
    curve: float,
    window: tuple[int, int, int, int],
    scale: float,
    at: tuple[float, float],
) -> Float32:
    """The tail's sprite along an arc of constant curvature, over `window` (x0, y0, x1, y1): (H, W, 4).

    The arc has an exact inverse: angle about its centre gives the place along the tail, distance gives the offset.
    """
    x0, y0, x1, y1 = window
    x, y = np.meshgrid(np.arange(x0, x1, dtype=np.float32) + 0.5, np.arange(y0, y1, dtype=np.float32) + 0.5)
    x = (x - at[0]) / scale - base[0]
    y = (y - at[1]) / scale - base[1]
    c, s = np.cos(heading), np.sin(heading)
    along, aside = -(x * c + y * s), -x * s + y * c
    radius = 1.0 / curve if abs(curve) > 1e-5 else 1e5
    angle = np.arctan2(along, radius - aside * -1.0)
    place = angle * radius
    offset = np.hypot(along, radius + aside) - radius
    map_x = ((-place - part.origin[0]) * part.density - 0.5).astype(np.float32)
    map_y = ((offset - part.origin[1]) * part.density - 0.5).astype(np.float32)
    return np.asarray(cv2.remap(part.rgba, map_x, map_y, cv2.INTER_LINEAR), np.float32)
