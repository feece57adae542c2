"""Cryptomatte 1.2.0: many mattes in one picture, each found by the hash of its name.

A pixel holds pairs of (id, coverage), the largest coverage first: `name00.r/.g` is the first pair, `name00.b/.a` the
second, `name01.r/.g` the third. An id is a name's MurmurHash3 whose bits are read as a float. Knows arrays and header
attributes; opens no files but the manifest that lies beside one.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.arrays import Float32
from core.errors import ExportError, FrameError
from core.exr import ExrPart

HASH = "MurmurHash3_32"
CONVERSION = "uint32_to_float32"
LEAST_RANKS = 6
"""What every reader expects; more are written where more mattes may lie in one pixel."""
BAND_LINES = 128
_SPELLED = {"r": "r", "g": "g", "b": "b", "a": "a", "red": "r", "green": "g", "blue": "b", "alpha": "a"}
_LEVEL = re.compile(r"(?P<name>.+?)(?P<level>\d\d)\.(?P<place>[A-Za-z]+)")


def murmur3(data: bytes, seed: int = 0) -> int:
    """MurmurHash3_x86_32, unsigned."""
    state = seed
    whole = len(data) & ~3
    for (word,) in struct.iter_unpack("<I", data[:whole]):
        state ^= _scrambled(word)
        state = (((state << 13) | (state >> 19)) * 5 + 0xE6546B64) & 0xFFFFFFFF
    state ^= _scrambled(int.from_bytes(data[whole:], "little"))
    state ^= len(data)
    state = ((state ^ (state >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    state = ((state ^ (state >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return state ^ (state >> 16)


def _scrambled(word: int) -> int:
    word = (word * 0xCC9E2D51) & 0xFFFFFFFF
    return (((word << 15) | (word >> 17)) * 0x1B873593) & 0xFFFFFFFF


def name_id(name: str) -> int:
    """The id of a matte's name: its hash, with one bit of the exponent turned where the float would be no number."""
    found = murmur3(name.encode())
    return found ^ (1 << 23) if found >> 23 & 255 in (0, 255) else found


def layer_key(name: str) -> str:
    """The seven hexadecimal digits under which a Cryptomatte's attributes stand in the header."""
    return f"{murmur3(name.encode()):08x}"[:7]


def ranks_for(mattes: int) -> int:
    """How many ranks hold so many mattes without loss: at least six, two to a level."""
    return max(LEAST_RANKS, mattes + mattes % 2)


def channel_names(name: str, ranks: int) -> tuple[tuple[str, str], ...]:
    """(id channel, coverage channel) of every rank."""
    levels = [f"{name}{level:02d}" for level in range((ranks + 1) // 2)]
    return tuple((f"{level}.{i}", f"{level}.{c}") for level in levels for i, c in (("r", "g"), ("b", "a")))[:ranks]


def manifest_of(names: Sequence[str]) -> dict[str, str]:
    """Name → its id in eight hexadecimal digits. Raises ExportError when two names cannot be told apart."""
    manifest: dict[str, str] = {}
    for name in names:
        found = f"{name_id(name):08x}"
        twin = next((known for known, other in manifest.items() if other == found), None)
        if twin is not None:
            why = "two layers have this name" if twin == name else f"{twin} has the same Cryptomatte id"
            raise ExportError(name, why=why, hint="Rename one of the two layers.")
        manifest[name] = found
    return manifest


def attributes_of(name: str, manifest: Mapping[str, str], sidecar: str = "") -> dict[str, str]:
    """The header's attributes; with `sidecar`, a file name, the manifest is said to lie there."""
    prefix = f"cryptomatte/{layer_key(name)}/"
    said = {"name": name, "hash": HASH, "conversion": CONVERSION}
    said |= {"manif_file": sidecar} if sidecar else {"manifest": manifest_text(manifest)}
    return {prefix + key: value for key, value in said.items()}


def manifest_text(manifest: Mapping[str, str]) -> str:
    """The manifest as it is written, one JSON object."""
    return json.dumps(dict(manifest), ensure_ascii=False, separators=(",", ":"))


def encode(mattes: Mapping[str, Float32], name: str, ranks: int) -> dict[str, Float32]:
    """The channels of a Cryptomatte.

    Each matte keeps its own coverage to the last bit, also where several overlap and their sum is above 1.

    Args:
        mattes: by name, (H, W) float32 0-1, all of one shape; at least one.
        name: of the Cryptomatte.
        ranks: at most so many mattes in one pixel are kept, those with most coverage.

    Returns:
        Full channel name → (H, W) float32. Pairs by falling coverage; of equal ones the first in `mattes` is first.
        Where nothing is left, id and coverage are 0.
    """
    ids = np.array([name_id(each) for each in mattes], np.uint32).view(np.float32)
    planes = list(mattes.values())
    shape = planes[0].shape
    made = {channel: np.zeros(shape, np.float32) for pair in channel_names(name, ranks) for channel in pair}
    for top in range(0, shape[0], BAND_LINES):
        lines = slice(top, top + BAND_LINES)
        band = np.stack([plane[lines] for plane in planes])
        rows, columns = np.nonzero((band > 0).any(axis=0))
        if not len(rows):
            continue
        covered = band[:, rows, columns]
        order = np.argsort(-covered, axis=0, kind="stable")[:ranks]
        sorted_coverage = np.take_along_axis(covered, order, axis=0)
        sorted_ids = np.where(sorted_coverage > 0, ids[order], np.float32(0))
        pairs = zip(channel_names(name, ranks), sorted_ids, sorted_coverage, strict=False)
        for (id_channel, coverage_channel), of_rank, coverage in pairs:
            made[id_channel][lines][rows, columns] = of_rank
            made[coverage_channel][lines][rows, columns] = np.maximum(coverage, 0)
    return made


@dataclass(frozen=True, slots=True)
class Cryptomatte:
    """A Cryptomatte as a header announces it.

    Args:
        manifest: name → id; empty where the file brings none.
        ranks: (id channel, coverage channel), the largest coverage first.
        trouble: why the manifest could not be read; empty where it could.
    """

    name: str
    manifest: Mapping[str, int]
    ranks: tuple[tuple[str, str], ...]
    trouble: str = ""

    def id_of(self, matte: str) -> int:
        """The id of a name, or of eight hexadecimal digits in `<>`. Raises FrameError where the manifest lacks it."""
        if matte in self.manifest:
            return self.manifest[matte]
        if re.fullmatch(r"<[0-9a-fA-F]{8}>", matte):
            return int(matte[1:-1], 16)
        known = ", ".join(list(self.manifest)[:12]) or "none"
        raise FrameError(self.name, why=f"there is no matte {matte!r}", hint=f"Its mattes are: {known}.")

    def ids(self, channels: Mapping[str, npt.NDArray[Any]]) -> frozenset[int]:
        """Every id that has coverage anywhere."""
        found: set[int] = set()
        for id_channel, coverage_channel in self.ranks:
            there = _bits(channels[id_channel])[channels[coverage_channel] > 0]
            found.update(int(each) for each in np.unique(there))
        return frozenset(found - {0})

    def coverage(self, channels: Mapping[str, npt.NDArray[Any]], matte: str | int) -> Float32:
        """(H, W) float32: the coverage of one matte, by its name or id. `channels` as `core.exr.read_channels`."""
        wanted = np.uint32(self.id_of(matte) if isinstance(matte, str) else matte)
        total: Float32 = np.zeros(channels[self.ranks[0][0]].shape, np.float32)
        for id_channel, coverage_channel in self.ranks:
            here = _bits(channels[id_channel]) == wanted
            total[here] += channels[coverage_channel][here]
        return total


def _bits(ids: npt.NDArray[Any]) -> npt.NDArray[np.uint32]:
    return np.ascontiguousarray(ids, np.float32).view(np.uint32)


def cryptomattes(part: ExrPart, folder: Path | None = None) -> tuple[Cryptomatte, ...]:
    """The Cryptomattes of a part of an EXR, by name.

    Args:
        folder: where a manifest beside the file is looked for; none is read where None.
    """
    found = []
    for attribute, value in part.attributes.items():
        said = re.fullmatch(r"cryptomatte/([0-9a-fA-F]+)/name", attribute)
        if not said or not (ranks := _ranks(str(value), [channel.name for channel in part.channels])):
            continue
        about = {
            key: str(part.attributes.get(f"cryptomatte/{said[1]}/{key}", "")) for key in ("manifest", "manif_file")
        }
        manifest, trouble = _manifest(about["manifest"], about["manif_file"], folder)
        found.append(Cryptomatte(str(value), manifest, ranks, trouble))
    return tuple(sorted(found, key=lambda each: each.name))


def _ranks(name: str, channels: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """However the places are spelled: r, R or red. Levels are taken while they are whole."""
    levels: dict[int, dict[str, str]] = {}
    for channel in channels:
        spelled = _LEVEL.fullmatch(channel)
        if spelled and spelled["name"] == name and (place := _SPELLED.get(spelled["place"].lower())):
            levels.setdefault(int(spelled["level"]), {})[place] = channel
    ranks: list[tuple[str, str]] = []
    for level in sorted(levels):
        places = levels[level]
        ranks += [(places[i], places[c]) for i, c in (("r", "g"), ("b", "a")) if i in places and c in places]
    return tuple(ranks)


def _manifest(text: str, file: str, folder: Path | None) -> tuple[dict[str, int], str]:
    """(name → id, why there is none)."""
    try:
        if not text and file and folder is not None:
            if Path(file).name != file:
                return {}, f"the manifest {file} would lie in another folder"
            text = (folder / file).read_text("utf-8")
        if not text:
            return {}, "the file brings no manifest"
        manifest = {str(name): int(str(value), 16) for name, value in json.loads(text).items()}
    except OSError as error:
        return {}, f"the manifest {file} cannot be read ({error.strerror})"
    except (ValueError, AttributeError):
        return {}, "the manifest is no JSON of names and ids"
    if any(not 0 <= each < 1 << 32 for each in manifest.values()):
        return {}, "the manifest has an id of more than 32 bits"
    return manifest, ""
