"""What a delivery is: plan, names, channels, attributes. The conventions that compositing packages expect.

One matte is `A`; several in one file are `<layer>.A`, the same set in every frame; a comp is premultiplied RGBA.
Original numbers, the plate's display window, pixel aspect and unknown attributes. Knows pictures and mattes as
values; writes nothing (`app/exporting.py` does).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.arrays import AnyFloat, Float32
from core.errors import ExportError
from core.frames import FrameNumber, FrameRange
from core.geometry import Format, Window
from core.layer import Layer, LayerId
from core.matte import Matte
from core.picture import Picture
from core.plate import Plate
from core.sequence import frame_text
from core.shot import Shot

KINDS = ("matte", "layers", "comp")
PIXEL_TYPES = ("half", "float")
COMPRESSIONS = ("zip", "zips", "piz", "none")
DATA_WINDOWS = ("plate", "matte")
_TOKEN = re.compile(r"\{(shot|layer|version|frame)(?::0?(\d+))?\}")
_FRAME_PLACE = re.compile(r"#+|%0?(\d*)d|\{frame(?::0?(\d+))?\}")
_LARGEST_HALF = 65504.0


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """The export dialog's answer.

    Args:
        path: `/out/{shot}_{layer}_v001.####.exr`, or with `%04d` or `{frame}`; `{version}` is `version`.
        kind: `matte` (a layer as A; several layers are several sequences, told apart by `{layer}`), `layers`
            (`<layer>.A` in one file), `comp` (premultiplied RGBA).
        pixel_type: `half` or `float`.  compression: `zip`, `zips`, `piz`, `none`.
        data_window: `plate` or `matte`.
        overwrite: replace files of these names; never the plate's own.
        resume: keep frames of an earlier export to this place that are whole and still true.
    """

    path: str
    layers: tuple[LayerId, ...]
    frames: FrameRange
    kind: str = "matte"
    pixel_type: str = "half"
    compression: str = "zip"
    data_window: str = "plate"
    overwrite: bool = False
    resume: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class Delivery:
    """One sequence of files to write.

    Args:
        directory, head, tail, padding: name = head + frame number + tail; padding 0 for a single file without one.
        layers: the layers in it, in their order.
        channels: each layer's channel prefix: empty for `A`, else the layer's name made legal.
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
    def manifest(self) -> Path:
        """The JSON beside the frames."""
        return self.directory / f"{self.head.rstrip('._-') or 'export'}.manifest.json"

    @property
    def pattern(self) -> str:
        """`hero_v001.####.exr`, for a sentence."""
        return f"{self.head}{'#' * self.padding}{self.tail}"


def legal_name(name: str) -> str:
    """A name in the characters every tool reads: `a-z A-Z 0-9 . _ -`, no dot at its ends."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._") or "layer"


def next_version(path: str) -> str:
    """The same name with the next version number: `_v001` → `_v002`; `_v002` is added where there was none."""
    folder, slash, name = path.rpartition("/")
    found = list(re.finditer(r"(?<=[_.])v(\d+)(?=[_.])", name))
    if found:
        last = found[-1]
        number = f"{int(last[1]) + 1:0{len(last[1])}d}"
        return f"{folder}{slash}{name[: last.start(1)]}{number}{name[last.end(1) :]}"
    place = _FRAME_PLACE.search(name)
    end = place.start() if place else name.rfind(".")
    end = len(name) if end < 0 else end
    stem = name[:end].rstrip("._")
    return f"{folder}{slash}{stem}_v002{name[len(stem) :]}"


def deliveries(plan: ExportPlan, shot: Shot) -> tuple[Delivery, ...]:
    """The sequences a plan asks for, with every name checked.

    Raises:
        ExportError: an unknown choice, no layer, an illegal name, two layers of one name, or the plate's own files.
    """
    plate = shot.plate
    if plate is None:
        raise ExportError("Export", why="there is no plate", hint="Open a plate first.")
    _check_choices(plan)
    layers = tuple(shot.layer(layer_id) for layer_id in plan.layers)
    if plan.kind == "matte":
        planned = tuple(_delivery(plan, plate, (layer,), ("",)) for layer in layers)
        names = [delivery.pattern for delivery in planned]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ExportError(
                plan.path,
                why=f"two layers would both be written to {twice}",
                hint="Put {layer} into the name, give the layers different names, or export layers in one EXR.",
            )
        return planned
    channels = tuple(legal_name(layer.name) for layer in layers) if plan.kind == "layers" else ("",) * len(layers)
    clashes = {name for name in channels if name and channels.count(name) > 1}
    if clashes:
        raise ExportError(plan.path, why=f"two layers are both called {min(clashes)}", hint="Rename one of them.")
    return (_delivery(plan, plate, layers, channels),)


def _check_choices(plan: ExportPlan) -> None:
    if plan.compression.lower() in ("dwaa", "dwab"):
        raise ExportError(
            plan.path,
            why=f"{plan.compression.upper()} loses detail in channels that end in R, G, B or Y, and a matte is data",
            hint="Choose zip, zips, piz or none.",
        )
    for name, value, choices in (
        ("kind", plan.kind, KINDS),
        ("pixel type", plan.pixel_type, PIXEL_TYPES),
        ("compression", plan.compression, COMPRESSIONS),
        ("data window", plan.data_window, DATA_WINDOWS),
    ):
        if value not in choices:
            raise ExportError(plan.path, why=f"{value!r} is no {name}", hint=f"Choose {', '.join(choices)}.")
    if not plan.layers:
        raise ExportError(plan.path, why="no layer was chosen", hint="Choose at least one layer.")


def _delivery(plan: ExportPlan, plate: Plate, layers: tuple[Layer, ...], channels: tuple[str, ...]) -> Delivery:
    plate_padding = _padding(plate.path.name)
    values = {
        "shot": legal_name(plate.name),
        "layer": legal_name("_".join(layer.name for layer in layers)),
    }

    def fill(token: re.Match[str]) -> str:
        if token[1] == "version":
            return f"{plan.version:0{int(token[2] or 3)}d}"
        if token[1] == "frame":
            return "#" * int(token[2] or plate_padding or 4)
        return values[token[1]]

    filled = _TOKEN.sub(fill, plan.path)
    path = Path(filled).expanduser()
    name = path.name
    if path.suffix.lower() != ".exr":
        raise ExportError(plan.path, why="the name does not end in .exr", hint="Mattes are written as OpenEXR.")
    places = list(_FRAME_PLACE.finditer(name))
    if len(places) > 1:
        raise ExportError(plan.path, why="the name has two places for the frame number", hint="Keep one ####.")
    if not places and len(plan.frames) > 1:
        raise ExportError(plan.path, why="the name has no place for the frame number", hint="Write name.####.exr.")
    head, tail = (name[: places[0].start()], name[places[0].end() :]) if places else (name[:-4], name[-4:])
    wrong = sorted(set(re.findall(r"[^A-Za-z0-9._-]", head + tail)))
    if wrong:
        raise ExportError(
            plan.path,
            why=f"the name holds {' '.join(map(repr, wrong))}, which not every tool reads",
            hint=f"Write {legal_name(head) if head else ''}{places[0][0] if places else ''}{tail} instead.",
        )
    padding = _padding(places[0][0]) if places else 0
    made = Delivery(path.parent, head, tail, padding, layers, channels)
    for frame in plan.frames:
        if made.path(frame).resolve() == _plate_file(plate, frame).resolve():
            raise ExportError(made.path(frame), why="this is the plate itself", hint="Choose another name.")
    return made


def _padding(name: str) -> int:
    """How many digits `####`, `%04d` or `%d` ask for; 0 where there is no place for a number."""
    found = re.search(r"#+|%0?(\d*)d", name)
    if not found:
        return 0
    return len(found[0]) if found[0][0] == "#" else int(found[1] or 1)


def _plate_file(plate: Plate, frame: FrameNumber) -> Path:
    number = frame_text(frame, max(1, _padding(plate.path.name)))
    return plate.path.with_name(re.sub(r"#+|%0?\d*d", number, plate.path.name))


@dataclass(frozen=True, slots=True)
class DeliveredFrame:
    """One file's content, ready for `write_exr`."""

    channels: Mapping[str, AnyFloat]
    data_window: Window
    format: Format
    attributes: Mapping[str, Any]


def delivered_frame(
    plan: ExportPlan,
    delivery: Delivery,
    plate: Plate,
    picture: Picture | None,
    mattes: Sequence[Matte],
    keys: Sequence[str],
    tool_version: str,
) -> DeliveredFrame:
    """The channels and header of one frame.

    Args:
        picture: the plate's frame; None where it is missing: the file is still written, in the plate's format.
        mattes, keys: in the order of `delivery.layers`.
    """
    picture_format = picture.format if picture else plate.format
    window = picture.data_window if picture else plate.data_window
    if plan.data_window == "matte":
        window = _bounds(mattes, plate.canvas)
    coverages = [np.clip(matte.over(window), 0.0, 1.0) for matte in mattes]
    if plan.kind == "comp":
        channels = _comp(picture, window, coverages)
    else:
        channels = {
            f"{name}.A" if name else "A": coverage for name, coverage in zip(delivery.channels, coverages, strict=True)
        }
    stored = {name: _stored(array, plan.pixel_type) for name, array in channels.items()}
    attributes = carried(plan, plate, picture) | provenance(plan, delivery, mattes, keys, tool_version)
    return DeliveredFrame(stored, window, picture_format, attributes)


def _bounds(mattes: Sequence[Matte], canvas: Window) -> Window:
    """All that is not zero; one pixel of the canvas when everything is, since an EXR cannot be empty."""
    bounds = Window(canvas.x0, canvas.y0, canvas.x0, canvas.y0)
    for matte in mattes:
        bounds = bounds.union(matte.bounds().intersect(canvas))
    return Window(canvas.x0, canvas.y0, canvas.x0 + 1, canvas.y0 + 1) if bounds.empty else bounds


def _comp(picture: Picture | None, window: Window, coverages: Sequence[Float32]) -> dict[str, Float32]:
    """Plate × mattes, premultiplied, in the working space. Layers are laid over each other; black where no plate."""
    uncovered = np.ones(window.shape, np.float32)
    for coverage in coverages:
        uncovered *= 1.0 - coverage
    covered = 1.0 - uncovered
    rgba = np.zeros((*window.shape, 4), np.float32)
    if picture is not None:
        shared = window.intersect(picture.data_window)
        if not shared.empty:
            rgba[shared.within(window)] = picture.rgba[shared.within(picture.data_window)]
    rgba *= covered[..., None]
    return {name: rgba[..., position] for position, name in enumerate("RGBA")}


def _stored(array: Float32, pixel_type: str) -> AnyFloat:
    if pixel_type == "float":
        return np.ascontiguousarray(array, dtype=np.float32)
    return np.ascontiguousarray(np.clip(array, -_LARGEST_HALF, _LARGEST_HALF), dtype=np.float16)


def carried(plan: ExportPlan, plate: Plate, picture: Picture | None) -> dict[str, Any]:
    """The plate's own attributes: time code, camera and all that is unknown. `write_exr` drops those of storage.

    A comp is in the working space, so what names the plate's colors is left out of it.
    """
    if picture is None:
        return {"framesPerSecond": plate.rate}
    attributes = dict(picture.attributes)
    if plan.kind == "comp":
        for name in ("chromaticities", "whiteLuminance", "adoptedNeutral", "colorInteropID", "acesImageContainerFlag"):
            attributes.pop(name, None)
    return attributes


def provenance(
    plan: ExportPlan, delivery: Delivery, mattes: Sequence[Matte], keys: Sequence[str], tool_version: str
) -> dict[str, str]:
    """Where each matte came from, as text attributes. A single matte says it plainly, several as one JSON list."""
    entries = []
    for layer, matte, key in zip(delivery.layers, mattes, keys, strict=True):
        source = matte.provenance
        entries.append(
            {
                "layer": layer.name,
                "model": source.model,
                "modelVersion": source.model_version,
                "weights": source.weights_sha256,
                "adapter": source.adapter,
                "madeBy": source.made_by,
                "matteKey": key,
            }
        )
    attributes = {"penumbra/version": tool_version, "penumbra/kind": plan.kind}
    if len(entries) == 1:
        return attributes | {f"penumbra/{name}": value for name, value in entries[0].items() if value}
    return attributes | {"penumbra/layers": json.dumps(entries, ensure_ascii=True)}
