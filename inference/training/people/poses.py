"""How somebody stands, walks, sits or lies: stored poses, and some made here of angles; mixed, mirrored, unsteady.

Turns are quaternions x, y, z, w in the frame of the world at rest: x to the person's left, y up, z forward.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.arrays import Float32
from core.noise import Rng

Pose = dict[str, Float32]
_LEGS = ("upperleg", "lowerleg", "foot", "toe", "pelvis")
_ARMS = ("clavicle", "shoulder", "upperarm", "lowerarm", "wrist", "finger", "metacarpal")
_ELBOW = (-0.77, -0.63, 0.0)
"""The axis of the left elbow at rest; the right one's is mirrored."""
_UNSTEADY = {
    "spine": 3.0,
    "neck": 5.0,
    "head": 7.0,
    "clavicle": 4.0,
    "upperarm01": 12.0,
    "lowerarm01": 9.0,
    "wrist": 10.0,
    "upperleg01": 5.0,
    "lowerleg01": 3.0,
    "foot": 5.0,
    "finger": 7.0,
}
"""Degrees of noise, by the beginning of a bone's name."""


def turn(axis: tuple[float, float, float], degrees: float) -> Float32:
    direction = np.asarray(axis, np.float64) / np.linalg.norm(axis)
    half = np.radians(degrees) / 2
    return np.asarray([*(direction * np.sin(half)), np.cos(half)], np.float32)


def after(first: Float32, second: Float32) -> Float32:
    """Turned by `first`, then by `second`."""
    x1, y1, z1, w1 = second
    x2, y2, z2, w2 = first
    return np.array(
        [
            w1 * x2 + x1 * w2 + y1 * z2 - z1 * y2,
            w1 * y2 - x1 * z2 + y1 * w2 + z1 * x2,
            w1 * z2 + x1 * y2 - y1 * x2 + z1 * w2,
            w1 * w2 - x1 * x2 - y1 * y2 - z1 * z2,
        ],
        np.float32,
    )


def mirrored(pose: Pose) -> Pose:
    """Left and right exchanged."""
    swapped: Pose = {}
    for name, (x, y, z, w) in pose.items():
        other = name[:-1] + {"L": "R", "R": "L"}[name[-1]] if name.endswith((".L", ".R")) else name
        swapped[other] = np.array([x, -y, -z, w], np.float32)
    return swapped


def random_pose(stored: dict[str, Pose], rng: Rng) -> tuple[Pose, bool]:
    """A plausible pose, and whether whoever has it lies down."""
    chance = rng.uniform()
    lies = chance > 0.94
    if chance < 0.5 and stored:
        pose = dict(_any(stored, rng))
        if rng.uniform() < 0.4:
            pose = _of(_any(stored, rng), _ARMS) | _of(pose, _LEGS) | _rest_of(pose)
    else:
        made = _LYING if lies else _MADE
        pose = made[int(rng.integers(len(made)))](rng)
        if stored and rng.uniform() < 0.25:
            pose |= _of(_any(stored, rng), _ARMS)
    if rng.uniform() < 0.5:
        pose = mirrored(pose)
    strength = float(rng.uniform(0.8, 1.08))
    return _unsteady({name: _scaled(quaternion, strength) for name, quaternion in pose.items()}, rng), lies


def _any(stored: dict[str, Pose], rng: Rng) -> Pose:
    """Standing twice as often as fighting, and flying seldom."""
    names = sorted(stored)
    weights = np.array(
        [2.0 if name.startswith("standing") else 0.3 if name.startswith(("fly", "gym")) else 1.0 for name in names]
    )
    return stored[names[int(rng.choice(len(names), p=weights / weights.sum()))]]


def _of(pose: Pose, parts: tuple[str, ...]) -> Pose:
    return {name: quaternion for name, quaternion in pose.items() if name.startswith(parts)}


def _rest_of(pose: Pose) -> Pose:
    return {name: quaternion for name, quaternion in pose.items() if not name.startswith(_ARMS + _LEGS)}


def _scaled(quaternion: Float32, strength: float) -> Float32:
    """The same turn, so much of it."""
    sine = float(np.linalg.norm(quaternion[:3]))
    if sine < 1e-6:
        return quaternion
    half = np.arctan2(sine, float(quaternion[3])) * strength
    return np.asarray([*(quaternion[:3] / sine * np.sin(half)), np.cos(half)], np.float32)


def _unsteady(pose: Pose, rng: Rng) -> Pose:
    sides = (".L", ".R")
    names = [f"spine0{number}" for number in range(1, 6)] + ["neck01", "neck02", "head"]
    names += [f"{name}{side}" for name in ("clavicle", "upperarm01", "lowerarm01", "wrist") for side in sides]
    names += [f"{name}{side}" for name in ("upperleg01", "lowerleg01", "foot") for side in sides]
    curl = {side: float(rng.uniform(-5, 45)) for side in sides}
    for finger in range(2, 6):
        names += [f"finger{finger}-{joint}{side}" for joint in range(1, 4) for side in sides]
    out = dict(pose)
    for name in names:
        degrees = next(value for start, value in _UNSTEADY.items() if name.startswith(start))
        noise = turn(tuple(rng.normal(0, 1, 3) + 1e-6), float(rng.normal(0, degrees)))
        own = out.get(name, np.array([0, 0, 0, 1], np.float32))
        if name.startswith("finger") and name not in pose:
            side = name[-2:]
            own = turn((0.55, 0.45 if side == ".L" else -0.45, 0.7 if side == ".L" else -0.7), curl[side] * 0.7)
        out[name] = after(own, noise)
    return out


# --- poses made of angles -------------------------------------------------------------------------------------------


def _arm(side: str, lowered: float, forward: float, elbow: float) -> Pose:
    """An arm: how far lowered from rest, then swung forward; the elbow bent. Degrees."""
    left = 1.0 if side == "L" else -1.0
    across = turn((0, 0, 1), -lowered * left)
    swing = turn((1, 0, 0), -forward)
    bend = turn((_ELBOW[0], _ELBOW[1] * left, 0.0), elbow)
    return {f"upperarm01.{side}": after(across, swing), f"lowerarm01.{side}": bend}


def _leg(side: str, forward: float, knee: float, outward: float = 0.0, foot: float = 0.0) -> Pose:
    left = 1.0 if side == "L" else -1.0
    lifted = after(turn((0, 0, 1), outward * left), turn((1, 0, 0), -forward))
    return {
        f"upperleg01.{side}": lifted,
        f"lowerleg01.{side}": turn((1, 0, 0), knee),
        f"foot.{side}": turn((1, 0, 0), foot),
    }


def _bent(degrees: float) -> Pose:
    """The back, forward."""
    return {f"spine0{number}": turn((1, 0, 0), degrees / 4) for number in range(1, 5)}


def _standing(rng: Rng) -> Pose:
    pose = _bent(float(rng.normal(2, 4)))
    for side in "LR":
        pose |= _arm(side, float(rng.uniform(15, 34)), float(rng.normal(0, 8)), float(rng.uniform(-12, 40)))
        pose |= _leg(side, float(rng.normal(2, 3)), float(rng.uniform(0, 6)), float(rng.uniform(-3, 7)))
    return pose


def _walking(rng: Rng, stride: tuple[float, float] = (12, 34)) -> Pose:
    step = float(rng.uniform(*stride))
    pose = _bent(float(rng.uniform(0, step * 0.4)))
    pose |= _leg("L", step, float(rng.uniform(2, step)), foot=float(rng.uniform(-10, 5)))
    pose |= _leg("R", -step * 0.7, float(rng.uniform(10, step * 1.8)), foot=float(rng.uniform(5, 25)))
    bend = float(rng.uniform(0, 20) + max(0.0, step - 25) * 1.6)
    swing = step * float(rng.uniform(0.7, 1.2))
    pose |= _arm("L", float(rng.uniform(22, 34)), -swing, bend) | _arm("R", float(rng.uniform(22, 34)), swing, bend)
    return pose


def _running(rng: Rng) -> Pose:
    return _walking(rng, (38, 60))


def _seated(rng: Rng) -> Pose:
    pose = _bent(float(rng.normal(5, 12)))
    apart = float(rng.uniform(-6, 18))
    for side in "LR":
        pose |= _leg(side, float(rng.uniform(75, 98)), float(rng.uniform(60, 105)), apart + float(rng.normal(0, 4)))
        pose |= _arm(side, float(rng.uniform(5, 30)), float(rng.uniform(0, 50)), float(rng.uniform(-10, 60)))
    return pose


def _crouched(rng: Rng) -> Pose:
    deep = float(rng.uniform(50, 120))
    pose = _bent(float(rng.uniform(10, 45)))
    for side in "LR":
        own = deep + float(rng.normal(0, 8))
        pose |= _leg(side, own, own * float(rng.uniform(1.0, 1.25)), float(rng.uniform(0, 20)), -own * 0.3)
        pose |= _arm(side, float(rng.uniform(0, 25)), float(rng.uniform(10, 70)), float(rng.uniform(-10, 60)))
    return pose


def _arms_raised(rng: Rng) -> Pose:
    pose = _standing(rng) if rng.uniform() < 0.6 else _walking(rng)
    for side in "LR" if rng.uniform() < 0.6 else "L":
        pose |= _arm(side, -float(rng.uniform(20, 120)), float(rng.uniform(-10, 60)), float(rng.uniform(-20, 60)))
    return pose


def _reaching(rng: Rng) -> Pose:
    pose = _standing(rng) | _bent(float(rng.uniform(0, 60)))
    for side in "LR" if rng.uniform() < 0.6 else "R":
        pose |= _arm(side, float(rng.uniform(-10, 30)), float(rng.uniform(40, 100)), float(rng.uniform(-20, 70)))
    return pose


def _lying(rng: Rng) -> Pose:
    pose = _bent(float(rng.normal(0, 8)))
    for side in "LR":
        pose |= _arm(side, float(rng.uniform(-60, 30)), float(rng.uniform(-5, 40)), float(rng.uniform(-20, 70)))
        bent = float(rng.uniform(0, 60)) if rng.uniform() < 0.4 else float(rng.uniform(0, 10))
        pose |= _leg(side, bent, bent * 1.5, float(rng.uniform(-4, 15)))
    return pose


_MADE: tuple[Callable[[Rng], Pose], ...] = (
    *(_standing, _standing, _walking, _walking, _walking, _running),
    *(_seated, _seated, _crouched, _arms_raised, _reaching),
)
_LYING: tuple[Callable[[Rng], Pose], ...] = (_lying, _seated)
