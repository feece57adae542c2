"""How the pictures of a plate are named to an engine: a path where it sees the same disk, else the file's own bytes.

Files are never re-encoded: a blob is the file as it lies on disk, named by its hash, and sent only if it is missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import FrameError
from core.frames import FrameNumber
from core.plate import Plate
from core.sequence import MOVIE_SUFFIXES, FileSequence, find_sequence
from inference import wire
from inference.blobs import BlobKey
from inference.contract import penumbra_pb2 as pb


@dataclass(slots=True)
class NamedFrames:
    """References for a request, and the files behind those that are blobs."""

    plate: pb.PlateRef
    refs: list[pb.FrameRef] = field(default_factory=list)
    files: dict[BlobKey, bytes | Path] = field(default_factory=dict)


class FrameNamer:
    """Names frames for one engine; remembers the hashes of files. Called from a worker thread, one call at a time."""

    def __init__(self) -> None:
        self._hashes: dict[tuple[Path, int, int], BlobKey] = {}

    def name(
        self, plate: Plate, color_config: str, frames: Iterable[FrameNumber], roots: Iterable[pb.PathRoot]
    ) -> NamedFrames:
        """Raises PlateError when the plate is gone. Missing frames of a plate that is sent as blobs are left out."""
        named = NamedFrames(wire.plate_to(plate, color_config))
        by_path = root_path(plate.path, roots)
        if by_path:
            named.refs = [pb.FrameRef(root_path=by_path, frame=frame) for frame in frames]
            return named
        self._name_config(named, color_config)
        sequence = find_sequence(plate.path)
        for frame in frames:
            path = sequence.path(frame)
            if self._outside(sequence, plate, frame):
                continue
            try:
                key = self._hash(path)
            except OSError:
                continue
            named.files[key] = path
            named.refs.append(pb.FrameRef(blob=key.id, frame=frame, suffix=path.suffix.lower()))
        return named

    def one(self, plate: Plate, color_config: str, frame: FrameNumber, roots: Iterable[pb.PathRoot]) -> NamedFrames:
        """The single frame of a segment request. Raises FrameError when it is missing."""
        named = self.name(plate, color_config, (frame,), roots)
        if not named.refs:
            raise FrameError(plate.path, f"frame {frame} cannot be read", "Choose a frame that exists.")
        return named

    def _name_config(self, named: NamedFrames, color_config: str) -> None:
        """A config file goes along; the other machine's own is never meant."""
        config = color_config or os.environ.get("OCIO", "")
        if not config or config.startswith("ocio://"):
            named.plate.color_config = config
            return
        path = Path(config).expanduser()
        key = self._hash(path)
        named.plate.color_config = path.name
        named.plate.color_config_blob.CopyFrom(key.id)
        named.files[key] = path

    def _outside(self, sequence: FileSequence, plate: Plate, frame: FrameNumber) -> bool:
        if plate.path.suffix.lower() in MOVIE_SUFFIXES:
            return frame not in plate.frames
        return not sequence.still and frame not in sequence.frames

    def _hash(self, path: Path) -> BlobKey:
        state = path.stat()
        key = (path, state.st_mtime_ns, state.st_size)
        if key not in self._hashes:
            self._hashes[key] = BlobKey.of_file(path)
        return self._hashes[key]


def root_path(path: Path, roots: Iterable[pb.PathRoot]) -> str:
    """`name:/rest` under the first announced root that holds the path; empty where none does."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - links stay as the artist sees them
    for root in roots:
        folder = Path(root.folder)
        if root.folder and absolute.is_relative_to(folder):
            inside = absolute.as_posix() if root.name == "local" else "/" + absolute.relative_to(folder).as_posix()
            return f"{root.name}:{inside}"
    return ""
