"""The sequences of files a plan makes: who is in which, and where each frame goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.cryptomatte import manifest_of
from core.delivery.names import LONGEST, legal_name, padding_of, resolved, with_number
from core.delivery.plan import ExportPlan, check_choices
from core.errors import ExportError
from core.frames import FrameNumber, FrameRange
from core.layer import Layer
from core.plate import Plate
from core.sequence import frame_text
from core.shot import Shot

CORE, EDGE, FOREGROUND = "core", "edge", "foreground"
"""What a channel of a layer is called that is not the matte itself."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One sequence of files to write.

    Args:
        directory, head, tail, padding: name = head + frame number + tail; padding 0 for a single file without one.
        layers: the layers in it, in their order.
        channels: the full name of each layer's channel; in a Cryptomatte the layer's own name; empty where a layer
            has no channel of its own.
    """

    directory: Path
    head: str
    tail: str
    padding: int
    layers: tuple[Layer, ...]
    channels: tuple[str, ...]

    def path(self, frame: FrameNumber) -> Path:
        if self.padding == 0:
            return self.directory / (self.head + self.tail)
        return self.directory / f"{self.head}{frame_text(frame, self.padding)}{self.tail}"

    @property
    def stem(self) -> str:
        """What the files beside the frames are called after."""
        return self.head.rstrip("._-") or "export"

    @property
    def manifest(self) -> Path:
        """The JSON beside the frames; of other formats than EXR with their ending, for they may lie beside."""
        suffix = Path(self.tail).suffix or self.tail
        return self.directory / f"{self.stem}{'' if suffix == '.exr' else suffix}.manifest.json"

    @property
    def sidecar(self) -> Path:
        """The names of a Cryptomatte, where they are kept beside the frames."""
        return self.directory / f"{self.stem}.crypto.json"

    @property
    def pattern(self) -> str:
        """`hero_v001.####.exr`, for a sentence."""
        return f"{self.head}{'#' * self.padding}{self.tail}"


def deliveries(plan: ExportPlan, shot: Shot) -> tuple[Delivery, ...]:
    """The sequences a plan asks for, with every name checked.

    Raises:
        ExportError: an unknown choice, no layer, an illegal name, two layers of one name, or the plate's own files.
    """
    plate = shot.plate
    if plate is None:
        raise ExportError("Export", why="there is no plate", hint="Open a plate first.")
    check_choices(plan)
    layers = tuple(shot.layer(layer_id) for layer_id in plan.layers)
    groups = _groups(plan, layers)
    planned = tuple(
        _delivery(plan, plate, group, _channels(plan, group), str(place)) for place, group in enumerate(groups, 1)
    )
    names = [delivery.directory / delivery.pattern for delivery in planned]
    same = [str(name).casefold() for name in names]  # many disks do not tell Hero from hero
    twice = next((name for name, as_found in zip(names, same, strict=True) if same.count(as_found) > 1), None)
    if twice is not None:
        one = "layer" if plan.kind != "rgb" else "file"
        hint = (
            "Put {layer} into the name, give the layers different names, or export layers in one EXR."
            if plan.kind != "rgb"
            else "Put {set} into the name."
        )
        raise ExportError(plan.path, why=f"two {one}s would both be written to {twice.name}", hint=hint)
    return planned


def check_frames(frames: FrameRange, plate: Plate) -> None:
    """Raises ExportError where the plate has not all of these frames between its first and its last."""
    if frames.first not in plate.frames or frames.last not in plate.frames:
        raise ExportError(
            f"Frames {frames}", why=f"lie outside the plate ({plate.frames})", hint="Choose frames of the plate."
        )


def _groups(plan: ExportPlan, layers: tuple[Layer, ...]) -> tuple[tuple[Layer, ...], ...]:
    """Which layers share a file."""
    if plan.kind == "matte":
        return tuple((layer,) for layer in layers)
    if plan.kind == "rgb":
        most = 4 if plan.use_alpha else 3
        return tuple(layers[first : first + most] for first in range(0, len(layers), most))
    return (layers,)


def _channels(plan: ExportPlan, layers: Sequence[Layer]) -> tuple[str, ...]:
    if plan.kind == "matte":
        return ("A",)
    if plan.kind == "rgb":
        return tuple("RGBA"[: len(layers)])
    if plan.kind == "cryptomatte":
        return tuple(manifest_of([layer.name for layer in layers]))
    if plan.kind != "layers":
        return ("",) * len(layers)
    names = [legal_name(layer.name) for layer in layers]
    long = next((name for name in names if len(name) > LONGEST), None)
    if long is not None:
        raise ExportError(plan.path, why=f"the name {long[:40]}… is too long for a channel", hint="Rename the layer.")
    parts = [*((CORE, EDGE) if plan.core_and_edge else ()), *((FOREGROUND,) if plan.foreground else ())]
    more = [f"{name}_{part}" for name in names for part in parts]
    clashes = {name for name in names if [*names, *more].count(name) > 1}
    if clashes:
        raise ExportError(plan.path, why=f"two layers are both called {min(clashes)}", hint="Rename one of them.")
    return tuple(f"{name}.A" for name in names)


def _delivery(
    plan: ExportPlan, plate: Plate, layers: tuple[Layer, ...], channels: tuple[str, ...], place: str
) -> Delivery:
    words = {
        "shot": legal_name(plate.name),
        "layer": legal_name("_".join(layer.name for layer in layers)),
        "set": place,
    }
    name = resolved(
        plan.path,
        words,
        plan.version,
        plate_padding=padding_of(plate.path.name),
        movie=plan.is_movie,
        many=len(plan.frames) > 1,
    )
    made = Delivery(name.directory, name.head, name.tail, name.padding, layers, channels)
    if made.directory.resolve() == plate.path.parent.resolve():
        for frame in plan.frames:
            if made.path(frame).name == plate_file(plate, frame).name:
                raise ExportError(made.path(frame), why="this is the plate itself", hint="Choose another name.")
    return made


def plate_file(plate: Plate, frame: FrameNumber) -> Path:
    """The file of a frame of the plate, by its name; it may not be there."""
    number = frame_text(frame, max(1, padding_of(plate.path.name)))
    return plate.path.with_name(with_number(plate.path.name, number))
