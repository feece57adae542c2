"""What a stored pair says of itself, and the marks that are put on it later. Both are small, immutable JSON files.

A file's name is the hash of its bytes: a torn one is found out, and two writers can never mean different things by
one name. Knows how older versions are read; knows no folder.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Literal

from core.digest import digest
from core.frames import FrameNumber
from core.geometry import Window

PairId = str
"""32 hex digits."""
Place = tuple[str, str, FrameNumber]
"""(plate, layer id, frame): what is corrected again there is a newer version of the same pair."""
Split = Literal["train", "validation"]

VERSION = 2
"""Of the format. Raise it when an older program would misread what is written; then teach `_UPGRADES` the step."""
VALIDATION_PART = 0.2
"""About how many of many shots are never trained on."""
PIXELS = ("picture", "before", "after", "decided", "authored")
"""The blobs every pair has; `thumbnail` may be missing."""


class NewerFormat(ValueError):
    """A file was written by a newer program."""


@dataclass(frozen=True, slots=True)
class About:
    """Everything that is known of a pair beside its pixels.

    Args:
        shot: the name that decides whether it is trained on (`split_of`).
        plate: `Plate.identity`.
        plate_name, layer: as the artist read them.
        artist: who decided.
        window: what was cut out, in plate pixels; before and after are zero outside it.
        canvas: the whole of the plate.
        encoding: of the picture, a name of `core/encoding.py`.
        color_config: in whose working space the picture is; empty for the program's own.
        made_by, model, model_version, weights_sha256, adapter: of the matte before, see `core.matte.Provenance`.
        prompts, strokes: how many there are; they themselves are in `PairPixels.authored`.
        key: of the matte after, by which it is known without its pixels; empty where nobody says.
    """

    shot: str
    plate: str
    layer_id: str
    frame: FrameNumber
    window: Window
    canvas: Window
    plate_name: str = ""
    layer: str = ""
    artist: str = ""
    pixel_aspect: float = 1.0
    encoding: str = "log"
    color_config: str = ""
    made_by: str = ""
    model: str = ""
    model_version: str = ""
    weights_sha256: str = ""
    adapter: str = ""
    prompts: int = 0
    strokes: int = 0
    key: str = ""

    @property
    def place(self) -> Place:
        return self.plate, self.layer_id, self.frame

    @property
    def split(self) -> Split:
        return split_of(self.shot)


@dataclass(frozen=True, slots=True)
class PairRecord:
    """One version of a pair.

    Args:
        made: ISO 8601, UTC, microseconds: sorts as text.
        blobs: by the names of `PIXELS` and `thumbnail`.
        id: of the file; empty until it is written.
    """

    about: About
    made: str
    blobs: Mapping[str, str]
    id: PairId = field(default="", compare=False)

    @property
    def place(self) -> Place:
        return self.about.place

    @property
    def content(self) -> str:
        """Alike for two versions that say the same, whoever made them and whenever."""
        pixels = {name: self.blobs[name] for name in PIXELS}
        return digest("pair", dataclasses.replace(self.about, artist=""), pixels)

    def as_file(self) -> tuple[PairId, bytes]:
        """Its name and its bytes."""
        about = dataclasses.asdict(self.about)
        about["window"], about["canvas"] = _corners(self.about.window), _corners(self.about.canvas)
        return _named({"version": VERSION, "made": self.made, "about": about, "blobs": dict(self.blobs)})


class MarkKind(Enum):
    """What is said of a pair later; the value is the word in the file."""

    EXCLUDED = "excluded"
    INCLUDED = "included"
    DELETED = "deleted"
    """Never shown and never learnt from again; its pixels may be removed."""
    WITHDRAWN = "withdrawn"
    """The artist took the correction itself back."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing said of one pair. Of `excluded` and `included` the newest counts; the others are for good."""

    pair: PairId
    kind: MarkKind
    artist: str
    made: str

    def as_file(self) -> tuple[str, bytes]:
        """Its name and its bytes."""
        said = {"pair": self.pair, "kind": self.kind.value, "artist": self.artist, "made": self.made}
        return _named({"version": VERSION, **said})


def split_of(shot: str) -> Split:
    """Whether a shot's pairs are trained on: by a hash of its name, so that it is the same today, tomorrow and on
    every machine, and neither the first nor the easiest shots are held out."""
    place = int(hashlib.sha256(f"penumbra/split/{shot}".encode()).hexdigest()[:8], 16) / (1 << 32)
    return "validation" if place < VALIDATION_PART else "train"


def now() -> str:
    """The time as records write it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def file_id(data: bytes) -> str:
    """The name a record's or a mark's file must have."""
    return hashlib.sha256(data).hexdigest()[:32]


def read_pair(data: bytes) -> PairRecord:
    """A record from the bytes of its file.

    Raises:
        NewerFormat: a newer program wrote it.
        ValueError: it is no record.
    """
    raw = _upgraded(data)
    try:
        about = dict(raw["about"])
        about["window"], about["canvas"] = Window(*map(int, about["window"])), Window(*map(int, about["canvas"]))
        blobs = {str(name): str(key) for name, key in raw["blobs"].items()}
        record = PairRecord(About(**about), str(raw["made"]), blobs, file_id(data))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it is no record of a pair") from error
    if missing := [name for name in PIXELS if name not in blobs]:
        raise ValueError(f"it names no {missing[0]}")
    return record


def read_mark(data: bytes) -> Mark:
    """A mark from the bytes of its file. Raises as `read_pair` does."""
    raw = _upgraded(data)
    try:
        return Mark(str(raw["pair"]), MarkKind(raw["kind"]), str(raw["artist"]), str(raw["made"]))
    except (KeyError, TypeError) as error:
        raise ValueError("it is no mark") from error


def _named(raw: dict[str, Any]) -> tuple[str, bytes]:
    data = json.dumps(raw, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    return file_id(data), data


def _corners(window: Window) -> list[int]:
    return [window.x0, window.y0, window.x1, window.y1]


def _upgraded(data: bytes) -> dict[str, Any]:
    raw: Any = json.loads(data)
    if not isinstance(raw, dict):
        raise ValueError("it is no record")  # noqa: TRY004 - what was read is data, not an argument
    version = int(raw.get("version", 0))
    if version > VERSION:
        raise NewerFormat(f"it is in format {version}, and this program knows {VERSION}")
    while version < VERSION:
        if version not in _UPGRADES:
            raise ValueError("it is in no format that was ever written")
        raw, version = _UPGRADES[version](raw), version + 1
    return dict(raw)


def _from_version_1(raw: dict[str, Any]) -> dict[str, Any]:
    """The draft: a number for the time, `name` for the layer, no canvas, and nothing said of the weights."""
    try:
        about = dict(raw["about"])
        about["layer"] = about.pop("name", "")
        about.setdefault("canvas", about["window"])
        made = datetime.fromtimestamp(float(raw["time"]), UTC).isoformat(timespec="microseconds")
        return {"version": 2, "made": made, "about": about, "blobs": raw["blobs"]}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it is no record of a pair") from error


_UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_version_1}
"""From a version to the next; files stay as they were written and are read so for ever."""
