"""The pictures of a plate on the engine's side: found, checked, read, reduced and kept while there is room.

A picture is named by a path below an allowed root, or by a blob. Nothing a client says becomes a file name. Knows
the plate reader and color; knows neither sockets nor models.
"""

from __future__ import annotations

import shutil
import stat
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.arrays import Float32
from core.color import ColorConfig
from core.digest import digest
from core.errors import EngineError, FrameError, PenumbraError
from core.frames import FrameNumber
from core.geometry import Window
from core.picture import Picture
from core.plate import Plate
from core.plate_reader import PlateReader
from core.sequence import MOVIE_SUFFIXES, PICTURE_SUFFIXES, FileSequence, find_sequence
from inference import wire
from inference.blobs import BlobKey, BlobStore
from inference.contract import penumbra_pb2 as pb
from inference.faults import NeedBlobsError

LOCAL = "local"
"""The name of the root that is the whole of this machine; only an engine of this machine's own artist has it."""


@dataclass(frozen=True, slots=True)
class Roots:
    """Folders that paths of requests must stay under, by name."""

    folders: Mapping[str, Path]

    def resolve(self, root_path: str) -> tuple[Path, Path]:
        """`name:/path` → (real path, real root). Raises EngineError PATH_DENIED for anything outside."""
        name, colon, rest = root_path.partition(":")
        root = self.folders.get(name)
        if not colon or root is None or "\0" in rest:
            raise denied(root_path, f"does not begin with a root of this engine ({', '.join(self.folders) or 'none'})")
        real_root = root.resolve()
        path = Path(rest) if name == LOCAL else real_root / rest.lstrip("/\\")
        real = path.parent.resolve() / path.name
        if path.name in ("", "..", ".") or not real.is_relative_to(real_root):
            raise denied(root_path, "leaves its root")
        return real, real_root


def denied(path: str | Path, why: str) -> EngineError:
    return EngineError(str(path)[:300], why, "Use a path below a root the engine announces.", reason="PATH_DENIED")


@dataclass(frozen=True, slots=True)
class Source:
    """Where one frame's pixels are. `identity` changes with the file."""

    file: Path
    plate: Plate
    identity: str


class PictureLibrary:
    """Readers and pictures of all plates, within one budget of bytes. Thread-safe."""

    def __init__(self, roots: Roots, blobs: BlobStore, links: Path, budget_bytes: int = 700_000_000) -> None:
        self.roots, self._blobs, self._links = roots, blobs, links
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, int], tuple[Picture | Float32, int]] = OrderedDict()
        self._bytes = 0
        self._budget = budget_bytes
        self._readers: OrderedDict[tuple[Plate, str], PlateReader] = OrderedDict()
        self._colors: dict[str, ColorConfig] = {}
        self._sequences: dict[Path, tuple[int, FileSequence]] = {}

    def pictures(self, owner: str, plate: pb.PlateRef, refs: Iterable[pb.FrameRef]) -> Pictures:
        """The frames of a request as a source for models. Raises NeedBlobsError or EngineError before any is read."""
        refs = list(refs)
        ids = [ref.blob for ref in refs if ref.WhichOneof("src") == "blob"]
        if plate.HasField("color_config_blob"):
            ids.append(plate.color_config_blob)
        missing = [each for each in ids if not self._blobs.has(owner, BlobKey.from_id(each))]
        if missing:
            raise NeedBlobsError(missing)
        color = self._color(owner, plate)
        how = digest(*(getattr(plate, name) for name in ("part", "layer", "view", "color_space")), color.name)
        sources: dict[FrameNumber, Source | FrameError] = {}
        sequences: dict[str, tuple[FileSequence, Path]] = {}
        for ref in refs:
            if ref.WhichOneof("src") == "blob":
                sources[ref.frame] = self._blob_source(owner, plate, ref, how)
                continue
            if ref.WhichOneof("src") is None:
                sources[ref.frame] = FrameError(f"Frame {ref.frame}", "is missing", "Choose a frame that exists.")
                continue
            if ref.root_path not in sequences:
                path, root = self.roots.resolve(ref.root_path)
                sequences[ref.root_path] = (self._sequence(path), root)
            sequence, root = sequences[ref.root_path]
            try:
                sources[ref.frame] = self._path_source(plate, sequence, root, ref.frame, how)
            except FrameError as error:  # a missing frame is only in the way of whoever looks at it
                sources[ref.frame] = error
        return Pictures(self, sources, color, wire.window_from(plate.canvas))

    def picture(self, frame: FrameNumber, source: Source, color: ColorConfig) -> Picture:
        """One frame, from the cache or the disk."""
        kept = self._find((source.identity, 0))
        if isinstance(kept, Picture):
            return kept
        reader_key = (source.plate, color.name)
        with self._lock:
            reader = self._readers.get(reader_key)
        if reader is None:
            reader = PlateReader(source.plate, color)
            with self._lock:
                self._readers[reader_key] = reader
                while len(self._readers) > 64:
                    self._readers.popitem(last=False)
        picture = reader.read(frame)
        self._keep((source.identity, 0), picture)
        return picture

    def reduced(self, identity: str, long_edge_px: int) -> Float32 | None:
        kept = self._find((identity, long_edge_px))
        return kept if isinstance(kept, np.ndarray) else None

    def keep_reduced(self, identity: str, long_edge_px: int, rgb: Float32) -> None:
        rgb.setflags(write=False)
        self._keep((identity, long_edge_px), rgb)

    def _find(self, key: tuple[str, int]) -> Picture | Float32 | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def _keep(self, key: tuple[str, int], value: Picture | Float32) -> None:
        with self._lock:
            old = self._kept.pop(key, None)
            self._kept[key] = (value, value.nbytes)
            self._bytes += value.nbytes - (old[1] if old else 0)
            while self._bytes > self._budget and len(self._kept) > 1:
                _, (_, size) = self._kept.popitem(last=False)
                self._bytes -= size

    def _sequence(self, path: Path) -> FileSequence:
        """The sequence at a path; a folder is only listed again when something in it came or went."""
        try:
            changed_ns = path.parent.stat().st_mtime_ns
        except OSError:
            changed_ns = -1
        with self._lock:
            kept = self._sequences.get(path)
        if kept is not None and kept[0] == changed_ns:
            return kept[1]
        found = find_sequence(path)
        with self._lock:
            if len(self._sequences) > 256:
                self._sequences.clear()
            self._sequences[path] = (changed_ns, found)
        return found

    def _color(self, owner: str, plate: pb.PlateRef) -> ColorConfig:
        name = plate.color_config
        if plate.HasField("color_config_blob"):
            key = BlobKey.from_id(plate.color_config_blob)
            name = str(self._link(owner, key, "config" + (".ocioz" if name.endswith(".ocioz") else ".ocio")))
        elif name and not name.startswith("ocio://") and LOCAL not in self.roots.folders:
            raise denied(name, "is a color config on another machine")
        if name not in self._colors:
            self._colors[name] = ColorConfig.load(name)
        return self._colors[name]

    def _blob_source(self, owner: str, plate: pb.PlateRef, ref: pb.FrameRef, how: str) -> Source:
        suffix = ref.suffix.lower()
        if suffix not in PICTURE_SUFFIXES | MOVIE_SUFFIXES:
            raise EngineError("A picture", f"has the suffix {suffix[:16]!r}", "Send EXR.", reason="BAD_IMAGE")
        key = BlobKey.from_id(ref.blob)
        if suffix in MOVIE_SUFFIXES:
            path = file = self._link(owner, key, f"plate{suffix}")
        else:
            file = self._link(owner, key, f"plate.{ref.frame:04d}{suffix}" if ref.frame >= 0 else f"plate{suffix}")
            path = file.with_name(f"plate.####{suffix}") if ref.frame >= 0 else file
        return Source(file, wire.plate_from(plate, path), digest(how, key.hex, ref.frame))

    def _path_source(
        self, plate: pb.PlateRef, sequence: FileSequence, root: Path, frame: FrameNumber, how: str
    ) -> Source:
        file = sequence.path(frame)
        try:
            state = file.stat()
        except OSError as error:
            raise FrameError(file, f"frame {frame} cannot be read ({error.strerror})", "Check the file.") from error
        if not stat.S_ISREG(state.st_mode):
            raise denied(file, "is not a file")
        if not file.resolve().is_relative_to(root):
            raise denied(file, "leaves its root by a link")
        identity = digest(how, file, frame, state.st_mtime_ns, state.st_size)
        return Source(file, wire.plate_from(plate, sequence.pattern), identity)

    def _link(self, owner: str, key: BlobKey, name: str) -> Path:
        """A blob under a name that says what kind of file it is, as picture readers want it."""
        link = self._links / digest(owner, key.hex) / name
        if not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            try:
                link.symlink_to(self._blobs.path(owner, key).absolute())
            except FileExistsError:  # another lane was faster
                return link
            except OSError:  # a system where links need a privilege
                shutil.copyfile(self._blobs.path(owner, key), link)
        return link


class Pictures:
    """The frames of one request: what `inference.model.FrameSource` asks for. Missing frames raise FrameError."""

    def __init__(
        self,
        library: PictureLibrary,
        sources: Mapping[FrameNumber, Source | FrameError],
        color: ColorConfig,
        canvas: Window,
    ) -> None:
        self._library, self._sources, self._color = library, sources, color
        self.canvas = canvas

    def rgb(self, frame: FrameNumber, long_edge_px: int | None = None) -> Float32:
        """(H, W, 3) float32, scene-linear, over the canvas; area-averaged so that the longer edge fits. Read-only
        where it is reduced. Raises FrameError."""
        height, width = self.canvas.shape
        scale = 1.0 if long_edge_px is None else min(1.0, long_edge_px / max(height, width))
        if scale == 1.0:
            return self._full(frame)
        identity = self.identity(frame)
        kept = self._library.reduced(identity, long_edge_px or 0)
        if kept is not None:
            return kept
        size = max(1, round(width * scale)), max(1, round(height * scale))
        rgb = np.asarray(cv2.resize(self._full(frame), size, interpolation=cv2.INTER_AREA), np.float32)
        self._library.keep_reduced(identity, long_edge_px or 0, rgb)
        return rgb

    def shape(self) -> tuple[int, int]:
        """(H, W) of the canvas."""
        return self.canvas.shape

    @property
    def frames(self) -> frozenset[FrameNumber]:
        """The frames of the request, those without a file too."""
        return frozenset(self._sources)

    def unavailable(self) -> frozenset[FrameNumber]:
        """Frames known to have no file, without reading any."""
        return frozenset(frame for frame, source in self._sources.items() if isinstance(source, FrameError))

    def identity(self, frame: FrameNumber) -> str:
        """Changes with the pixels of the frame and the canvas they are laid on."""
        return digest(self._source(frame).identity, self.canvas)

    def _full(self, frame: FrameNumber) -> Float32:
        try:
            return self._library.picture(frame, self._source(frame), self._color).rgb_over(self.canvas)
        except FrameError:
            raise
        except PenumbraError as error:
            raise FrameError(error.subject, error.why, error.hint) from error

    def _source(self, frame: FrameNumber) -> Source:
        source = self._sources.get(frame)
        if source is None:
            raise FrameError(f"Frame {frame}", "is not there", "Choose a frame that exists.")
        if isinstance(source, FrameError):
            raise source
        return source
