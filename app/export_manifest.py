"""The JSON beside delivered frames: what was ordered, and per frame the file's hash and the keys of its mattes.

A later run goes on from it, and a QC report checks the files against it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from core.delivery import Delivery, ExportPlan
from core.disk import cause, remedy, write_whole
from core.errors import ExportError
from core.frames import FrameNumber
from core.layer import MatteKey

MANIFEST_VERSION = 1
ENDING = ".manifest.json"


@dataclass
class Manifest:
    """What is known of one sequence's files.

    Args:
        order: what was asked for; another order is another delivery.
        frames: by frame number as text: `file`, `sha256`, `keys`; of a movie all frames have the same file, and the
            first has its hash.
    """

    path: Path
    order: dict[str, Any]
    frames: dict[str, dict[str, Any]]
    complete: bool = False

    @classmethod
    def of(cls, delivery: Delivery, plan: ExportPlan) -> Manifest:
        """The manifest of an earlier run with the same order; an empty one when there is none."""
        order = {
            "kind": plan.kind,
            "layers": [layer.name for layer in delivery.layers],
            "channels": list(delivery.channels),
            "pixel_type": plan.pixel_type,
            "compression": plan.compression,
            "data_window": plan.data_window,
            "core_and_edge": plan.core_and_edge,
            "sidecar": plan.sidecar,
        }
        if plan.foreground:
            order["foreground"] = True
        earlier = cls.read(delivery.manifest)
        same = earlier is not None and earlier.order == order
        return earlier if earlier is not None and same else cls(delivery.manifest, order, {})

    @classmethod
    def read(cls, path: Path) -> Manifest | None:
        """The manifest at a path; None where there is none that can be read."""
        try:
            raw = json.loads(path.read_bytes())
        except (OSError, ValueError):
            return None
        if not isinstance(raw, dict) or raw.get("manifest") != MANIFEST_VERSION:
            return None
        order, frames = raw.get("order"), raw.get("frames")
        if not isinstance(order, dict) or not isinstance(frames, dict):
            return None
        sound = all(isinstance(order.get(name), list) for name in ("layers", "channels")) and all(
            re.fullmatch("-?[0-9]{1,9}", number)
            and isinstance(entry, dict)
            and isinstance(entry.get("file"), str)
            and isinstance(entry.get("keys"), list)
            for number, entry in frames.items()
        )
        return cls(path, order, frames, bool(raw.get("complete"))) if sound else None

    def write(self, complete: bool) -> None:
        """Raises ExportError when the disk refuses; what was there before is still there then."""
        self.complete = complete
        raw = {
            "manifest": MANIFEST_VERSION,
            "tool": f"penumbra {tool_version()}",
            "complete": complete,
            "order": self.order,
            "frames": dict(sorted(self.frames.items(), key=lambda entry: int(entry[0]))),
        }
        try:
            write_whole(self.path, json.dumps(raw, indent=1).encode(), sync=complete)
        except OSError as error:
            hint = f"{remedy(error)} Then export again with resume."
            raise ExportError(self.path, why=cause(error), hint=hint) from error

    def enter(self, frame: FrameNumber, path: Path, staged: Path, keys: list[MatteKey]) -> None:
        """A frame that is about to get its name. Raises ExportError where it cannot be read back."""
        try:
            written = file_hash(staged)
        except OSError as error:
            raise ExportError(path, why=f"it cannot be read back, {cause(error)}", hint=remedy(error)) from error
        self.frames[str(frame)] = {"file": path.name, "sha256": written, "keys": keys}

    def still_true(self, frame: FrameNumber, path: Path, keys: list[MatteKey]) -> bool:
        """Whether the file is there as it was written, and made of these mattes."""
        entry: Mapping[str, Any] | None = self.frames.get(str(frame))
        if entry is None or entry["keys"] != keys or not path.is_file():
            return False
        try:
            return bool(entry.get("sha256") == file_hash(path))
        except OSError:
            return False  # it is written again, and that says what is wrong


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tool_version() -> str:
    """The program's version; written into every file."""
    try:
        return metadata.version("penumbra")
    except metadata.PackageNotFoundError:
        return "unknown"
