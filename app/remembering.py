"""Corrections as the document holds them → pairs in a store: which frames there are to remember, and one of them cut.

`gather` is quick and for the interface's thread; a `Memory` is then kept by a worker, whatever the artist does
meanwhile. Knows mattes, plates and stores; knows no Qt and no engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.loading import Loader
from app.mattes import Mattes
from core.corrections.cutting import cut
from core.corrections.record import About, MarkKind, Place
from core.corrections.store import CorrectionStore, Entry, is_store
from core.errors import FrameError, ProjectError
from core.frames import FrameNumber
from core.geometry import Window
from core.layer import EMPTY_MATTE, Layer, LayerId
from core.matte import Matte
from core.model_info import ModelInfo
from core.plate import Plate
from core.project_file import Project
from core.project_values import ValueReader

FOLDER = "corrections"
"""Where a project's own store lies inside the project's folder."""
_VERSION = re.compile(r"[._-]?v\d+$", re.IGNORECASE)
ENCODING = "log"
"""For the picture, where the model that answered is not known to say what it likes."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What there is to remember of a shot, held fast.

    Args:
        store: the folder of the store; made when there is a pair to put in.
        layers: with what was authored.
        encodings: by model.
    """

    store: Path
    shot: str
    artist: str
    plate: Plate
    color_config: str
    layers: tuple[Layer, ...]
    encodings: Mapping[str, str]
    mattes: Mattes
    loader: Loader

    @property
    def places(self) -> tuple[tuple[Layer, FrameNumber], ...]:
        """Every layer and frame with a correction."""
        return tuple(
            (layer, frame)
            for layer in self.layers
            for frame, kept in layer.key_frames.items()
            if not kept.correction.empty
        )


def gather(
    project: Project, mattes: Mattes, loader: Loader | None, models: Iterable[ModelInfo], artist: str
) -> Memory | None:
    """What there is to remember of the open shot; None without a plate. Touches no pixel."""
    shot = mattes.document.shot
    if shot.plate is None or loader is None:
        return None
    return Memory(
        project.path / FOLDER,
        shot.plate.name if project.is_scratch else shot_name(project.path),
        artist,
        shot.plate,
        shot.color_config,
        shot.layers,
        {model.id: model.encoding for model in models},
        mattes,
        loader,
    )


def keep(memory: Memory, opened: Callable[[Path], CorrectionStore]) -> int:
    """Store every correction that the store does not have in this state, and withdraw those that were taken back.

    Args:
        opened: the store in a folder, begun if need be.

    Returns:
        How many were stored or withdrawn. A frame whose matte is still being made is left for the next time.

    Raises:
        ProjectError: the disk refused, or a painted matte is gone; what was stored until then stays.
        FrameError: a frame of the plate cannot be read.
    """
    if not memory.store.parent.is_dir() or not (memory.places or is_store(memory.store)):
        return 0  # the project was thrown away meanwhile, or there is nothing
    store = opened(memory.store)
    store.refresh()
    stored, unreadable = 0, list[FrameError]()
    for layer, frame in memory.places:
        try:
            stored += _keep_one(memory, store, layer, frame)
        except FrameError as error:  # the other frames are no worse for it
            unreadable.append(error)
    stored += _withdraw(memory, store)
    if unreadable:
        raise unreadable[0]
    return stored


def _keep_one(memory: Memory, store: CorrectionStore, layer: Layer, frame: FrameNumber) -> bool:
    mattes, plate = memory.mattes, memory.plate
    key = layer.matte_key(plate.identity, frame)
    known = store.at((plate.identity, layer.id, frame))
    if known is not None and known.record.about.key == key and _settled(memory, store, known):
        return False
    before = _known(mattes, layer.base_key(plate.identity, frame), plate.canvas)
    if before is None or mattes.plate is None or mattes.plate.identity != plate.identity:
        return False
    after, decided = mattes.current(layer, frame), mattes.fixed(layer, frame)
    if after is None:
        return False
    kept, made = layer.key_frame(frame), before.provenance
    model = made.model or layer.propagate.name
    about = About(
        shot=memory.shot,
        plate=plate.identity,
        layer_id=layer.id,
        frame=frame,
        window=plate.canvas,
        canvas=plate.canvas,
        plate_name=plate.name,
        layer=layer.name,
        artist=memory.artist,
        pixel_aspect=plate.format.pixel_aspect,
        encoding=memory.encodings.get(model, ENCODING),
        color_config=memory.color_config,
        made_by=made.made_by,
        model=made.model,
        model_version=made.model_version,
        weights_sha256=made.weights_sha256,
        adapter=made.adapter,
        prompts=len(kept.prompts),
        strokes=len(kept.correction.strokes),
        key=key,
    )
    authored = ValueReader(memory.store.parent).write_key_frame(kept)
    store.put(*cut(about, memory.loader.read(frame), before, after, decided, authored))
    return True


def _settled(memory: Memory, store: CorrectionStore, known: Entry) -> bool:
    """Whether there is nothing to do for what is known, as long as it says the same. What was kept before the session
    had a name is kept again under it."""
    nameless = known.record.about.shot == memory.plate.name != memory.shot
    return not known.withdrawn and (known.deleted or (not nameless and store.has_pixels(known.record)))


def shot_name(project: Path) -> str:
    """A project's name without its version: `sh010_roto_v02.penumbra` and `_v03` are one shot."""
    return _VERSION.sub("", project.stem) or project.stem


def _withdraw(memory: Memory, store: CorrectionStore) -> int:
    """What this store holds of these layers, and is not in them any more. A layer that was removed keeps its pairs:
    what was painted in it was right."""
    there: set[Place] = {(memory.plate.identity, layer.id, frame) for layer, frame in memory.places}
    ours: set[tuple[str, LayerId]] = {(memory.plate.identity, layer.id) for layer in memory.layers}
    gone = [
        entry.record.id
        for entry in store.entries()
        if entry.record.place[:2] in ours and entry.record.place not in there
    ]
    if gone:
        store.mark(gone, MarkKind.WITHDRAWN, memory.artist)
    return len(gone)


def _known(mattes: Mattes, key: str, canvas: Window) -> Matte | None:
    return Matte.empty(canvas) if key == EMPTY_MATTE else mattes.store.get(key)


def opened_store(path: Path) -> CorrectionStore | None:
    """The store in a folder, or in a project's; None where there is none. Raises ProjectError."""
    inside = path / FOLDER
    found = inside if is_store(inside) else path
    return CorrectionStore.open(found) if is_store(found) else None


def needed_store(path: Path) -> CorrectionStore:
    """As `opened_store`. Raises ProjectError also where there is none."""
    store = opened_store(path)
    if store is None:
        why = "there are no corrections in it" if path.exists() else "there is nothing of that name"
        hint = "Name a project, or the folder of a store of corrections."
        raise ProjectError(path, why=why, hint=hint)
    return store
