"""A body: MakeHuman's base mesh shaped by targets, and moved by its bones.

Knows points and bones; nothing of clothes, light or pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from core.arrays import Float32
from core.noise import Rng
from inference.training.people.assets import Library, Mesh, Skeleton

_AGES = ((0.0, "baby"), (0.1875, "child"), (0.5, "young"), (1.0, "old"))
_SPANS = ((0.0, "min"), (0.5, "average"), (1.0, "max"))


@dataclass(frozen=True, slots=True)
class Build:
    """What somebody is like.

    Args:
        gender: `male` or `female`.
        age: 0 a baby, 0.19 a child, 0.5 young, 1 old.
        descent: parts of `african`, `asian` and `caucasian`, summing to 1.
        weight: 0-1, 0.5 the average; so are `muscle` and `height`.
    """

    gender: str
    age: float
    descent: tuple[tuple[str, float], ...]
    weight: float = 0.5
    muscle: float = 0.5
    height: float = 0.5

    @classmethod
    def random(cls, rng: Rng) -> Build:
        names = ("african", "asian", "caucasian")
        first = str(rng.choice(names))
        second = str(rng.choice(names))
        part = float(rng.uniform(0.5, 1.0)) if rng.uniform() < 0.3 and second != first else 1.0
        descent = ((first, part), (second, 1 - part)) if part < 1 else ((first, 1.0),)
        age = float(rng.uniform(0.15, 0.3)) if rng.uniform() < 0.14 else float(rng.uniform(0.4, 1.0))
        return cls(
            str(rng.choice(["male", "female"])),
            age,
            descent,
            weight=float(np.clip(rng.normal(0.5, 0.2), 0, 1)),
            muscle=float(np.clip(rng.normal(0.5, 0.17), 0, 1)),
            height=float(np.clip(rng.normal(0.5, 0.17), 0, 1)),
        )

    def targets(self) -> dict[str, float]:
        """How much of each target makes this build."""
        ages = _between(self.age, _AGES)
        weights, muscles = _between(self.weight, _SPANS), _between(self.muscle, _SPANS)
        wanted: dict[str, float] = {}
        for (descent, part), (age, share) in product(self.descent, ages.items()):
            wanted[f"{descent}-{self.gender}-{age}"] = part * share
        tall = abs(self.height - 0.5) * 2
        extreme = "max" if self.height > 0.5 else "min"
        for (age, a), (muscle, m), (weight, w) in product(ages.items(), muscles.items(), weights.items()):
            built = f"{self.gender}-{age}-{muscle}muscle-{weight}weight"
            wanted[f"universal-{built}"] = a * m * w
            wanted[f"height/{built}-{extreme}height"] = a * m * w * tall
        return {name: share for name, share in wanted.items() if share > 0.01}


def _between(value: float, marks: tuple[tuple[float, str], ...]) -> dict[str, float]:
    """The two names a value lies between, and how near it is to each."""
    for (low, below), (high, above) in pairwise(marks):
        if value <= high:
            share = (value - low) / (high - low)
            return {below: 1 - share, above: share}
    return {marks[-1][1]: 1.0}


def shaped(library: Library, build: Build) -> Float32:
    """(V, 3) points of the body at rest, decimetres."""
    points = library.body.points.copy()
    for name, share in build.targets().items():
        target = library.target(name)
        if target is not None:
            places, moves = target
            np.add.at(points, places, np.float32(share) * moves)
    return points


def bone_moves(skeleton: Skeleton, points: Float32, turns: dict[str, Float32]) -> tuple[Float32, Float32]:
    """(B, 3, 3) turns and (B, 3) shifts that take points at rest to where each bone carries them.

    Args:
        turns: quaternion x, y, z, w by name of bone, in the frame of the world at rest.
    """
    count = len(skeleton.names)
    rotations = np.tile(np.eye(3, dtype=np.float32), (count, 1, 1))
    heads = np.zeros((count, 3), np.float32)
    places = np.zeros((count, 3), np.float32)
    for bone, (name, parent, joint) in enumerate(zip(skeleton.names, skeleton.parents, skeleton.joints, strict=True)):
        heads[bone] = points[list(joint)].mean(axis=0) if joint else heads[parent]
        turn = turns.get(name.removesuffix("____head")) if name.endswith("____head") else None
        own = matrix(turn) if turn is not None else np.eye(3, dtype=np.float32)
        if parent < 0:
            rotations[bone], places[bone] = own, heads[bone]
        else:
            rotations[bone] = rotations[parent] @ own
            places[bone] = places[parent] + rotations[parent] @ (heads[bone] - heads[parent])
    shifts = places - np.einsum("bij,bj->bi", rotations, heads)
    return rotations, np.asarray(shifts, np.float32)


def moved(mesh: Mesh, points: Float32, moves: tuple[Float32, Float32]) -> Float32:
    """(V, 3) `points` of the mesh where its bones carry them."""
    rotations, shifts = moves
    out = np.zeros_like(points)
    for place in range(mesh.bones.shape[1]):
        bone, weight = mesh.bones[:, place], mesh.weights[:, place, None]
        out += weight * (np.einsum("vij,vj->vi", rotations[bone], points) + shifts[bone])
    return out


def matrix(turn: Float32) -> Float32:
    """(3, 3) of a quaternion x, y, z, w."""
    x, y, z, w = (float(value) for value in turn / max(float(np.linalg.norm(turn)), 1e-9))
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ],
        np.float32,
    )
