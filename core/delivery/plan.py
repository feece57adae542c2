"""What is ordered of an export, the presets an artist chooses from, and every order that is refused, in words.

One matte is `A`; several in one file are `<layer>.A`, the same set in every frame; a comp is premultiplied RGBA; a
matte is data and is never color-managed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import ExportError
from core.frames import FrameRange
from core.layer import LayerId

EXR: tuple[str, ...] = (".exr",)
STILLS = (".png", ".tif", ".tiff")
MOVIES = (".mov", ".mp4")
KINDS: dict[str, tuple[str, ...]] = {
    "matte": EXR + STILLS,
    "layers": EXR,
    "rgb": EXR + STILLS,
    "comp": EXR,
    "cryptomatte": EXR,
    "prores": (".mov",),
    "h264": (".mp4", ".mov"),
}
"""What is in a file → the endings it may have."""
PIXEL_TYPES = ("half", "float")
COMPRESSIONS = ("zip", "zips", "piz", "none")
DATA_WINDOWS = ("plate", "matte")
_FORMATS = {".exr": "OpenEXR", ".png": "PNG", ".tif": "TIFF", ".tiff": "TIFF", ".mov": "a movie", ".mp4": "a movie"}
_SUBJECTS = {
    "matte": "A matte is",
    "layers": "Named layers in one file are",
    "rgb": "Mattes as R, G and B are",
    "comp": "A comp is scene-linear and premultiplied, and is",
    "cryptomatte": "A Cryptomatte is",
    "prores": "ProRes 4444 is",
    "h264": "H.264 is",
}


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """The export dialog's answer.

    Args:
        path: `/out/{shot}_{layer}_v001.####.exr`, or with `%04d` or `{frame}`; `{version}` is `version`, `{set}` counts
            the files that several layers are spread over. A movie's name has no place for a number. Its ending says
            the format.
        kind: `matte` (a layer as A; several layers are several sequences, told apart by `{layer}`), `layers`
            (`<layer>.A` in one file), `rgb` (three layers to a file), `comp` (premultiplied RGBA), `cryptomatte`,
            `prores` (the plate in display colors, not premultiplied, the matte as alpha), `h264` (to look at: the
            matte beside the comp).
        pixel_type: `half` or `float`, of an EXR; PNG and TIFF hold 16-bit whole numbers.
        compression: `zip`, `zips`, `piz`, `none`, of an EXR.
        data_window: `plate` or `matte`, of an EXR; everything else shows the display window.
        overwrite: replace files of these names; never the plate's own.
        resume: keep frames of an earlier export to this place that are whole and still true; write the others.
        version_up: where files of these names exist, the next version that has none is written.
        core_and_edge: also what is solid and what is soft, as channels of their own: together they are the matte.
        foreground: also the subject's own color, as `foreground.R`, `.G`, `.B` beside the matte, not multiplied by it.
        use_alpha: `rgb` takes four layers to a file, the fourth as A.
        sidecar: a Cryptomatte's manifest lies in a file beside the frames instead of in every header.
        display, view: of a movie; empty for the config's own.
        report: look over everything when it is written, and put a QC report beside it.
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
    version_up: bool = False
    core_and_edge: bool = False
    foreground: bool = False
    use_alpha: bool = False
    sidecar: bool = False
    display: str = ""
    view: str = ""
    report: bool = False

    @property
    def suffix(self) -> str:
        """`.exr`, in small letters."""
        return Path(self.path).suffix.lower()

    @property
    def is_movie(self) -> bool:
        return self.kind in ("prores", "h264")


@dataclass(frozen=True, slots=True)
class Preset:
    """One choice of the dialog's list and of `--preset`.

    Args:
        id: what the command line says.
        text, tip: what the list says, and one sentence more.
        name: the file name that is proposed.
    """

    id: str
    text: str
    tip: str
    kind: str
    name: str
    pixel_type: str = "half"
    foreground: bool = False


PRESETS = (
    Preset("matte", "Matte", "One layer as channel A, a sequence for each.", "matte", "{shot}_{layer}_v001.####.exr"),
    Preset(
        "foreground",
        "Matte and foreground",
        "One layer as A, and the subject's own color as foreground.R, .G, .B: despilled and extended as the layer says,"
        " not yet multiplied by A.",
        "matte",
        "{shot}_{layer}_foreground_v001.####.exr",
        foreground=True,
    ),
    Preset(
        "layers",
        "Layers in one EXR",
        "Every layer as <layer>.A, the same channels in every frame.",
        "layers",
        "{shot}_mattes_v001.####.exr",
    ),
    Preset(
        "rgb",
        "Multi-matte RGB",
        "Three layers to a file: the first as R, the second as G, the third as B.",
        "rgb",
        "{shot}_rgb{set}_v001.####.exr",
    ),
    Preset(
        "cryptomatte",
        "Cryptomatte",
        "Version 1.2.0: all layers by name, 32 bit, for the compositor to pick from.",
        "cryptomatte",
        "{shot}_crypto_v001.####.exr",
        "float",
    ),
    Preset(
        "comp",
        "Comp RGBA",
        "The layers' foregrounds times their mattes, premultiplied.",
        "comp",
        "{shot}_comp_v001.####.exr",
    ),
    Preset("png16", "PNG, 16 bit", "One layer as grey, the display window.", "matte", "{shot}_{layer}_v001.####.png"),
    Preset("tiff16", "TIFF, 16 bit", "One layer as grey, the display window.", "matte", "{shot}_{layer}_v001.####.tif"),
    Preset(
        "prores4444",
        "ProRes 4444",
        "The plate in display colors, straight (not premultiplied), with the matte as alpha.",
        "prores",
        "{shot}_{layer}_straight_v001.mov",
    ),
    Preset(
        "h264",
        "H.264 review",
        "To look at: the matte beside the comp, frame numbers burnt in.",
        "h264",
        "{shot}_{layer}_review_v001.mp4",
    ),
)


def preset(preset_id: str) -> Preset:
    """Raises ExportError with the names there are."""
    for each in PRESETS:
        if each.id == preset_id:
            return each
    raise ExportError(preset_id, why="is no preset", hint=f"Choose {', '.join(each.id for each in PRESETS)}.")


def check_choices(plan: ExportPlan) -> None:
    """Raises ExportError for an order that no file could hold."""
    if plan.compression.lower() in ("dwaa", "dwab"):
        raise ExportError(
            plan.path,
            why=f"{plan.compression.upper()} loses detail in channels that end in R, G, B or Y, and a matte is data",
            hint="Choose zip, zips, piz or none.",
        )
    for name, value, choices in (
        ("kind", plan.kind, tuple(KINDS)),
        ("pixel type", plan.pixel_type, PIXEL_TYPES),
        ("compression", plan.compression, COMPRESSIONS),
        ("data window", plan.data_window, DATA_WINDOWS),
    ):
        if value not in choices:
            raise ExportError(plan.path, why=f"{value!r} is no {name}", hint=f"Choose {', '.join(choices)}.")
    if plan.version < 0:
        raise ExportError(plan.path, why=f"{plan.version} is no version", hint="Choose 1 or more.")
    if not plan.layers:
        raise ExportError(plan.path, why="no layer was chosen", hint="Choose at least one layer.")
    _check_ending(plan)
    _check_contents(plan)


def _check_ending(plan: ExportPlan) -> None:
    endings = KINDS[plan.kind]
    if plan.suffix not in endings:
        formats = _either(dict.fromkeys(_FORMATS[ending] for ending in endings))
        said = _either(ending for ending in endings if ending != ".tiff")
        raise ExportError(
            plan.path, why=f"the name does not end in {said}", hint=f"{_SUBJECTS[plan.kind]} written as {formats}."
        )
    if plan.suffix in EXR:
        return
    format_ = _FORMATS[plan.suffix]
    if plan.data_window == "matte":
        raise ExportError(
            plan.path, why=f"{format_} has no data window of its own", hint="Choose the plate's, or write an EXR."
        )
    if plan.pixel_type == "float":
        bits = "8 or 10" if plan.is_movie else "16"
        raise ExportError(plan.path, why=f"{format_} holds {bits} bits, no floats", hint="Write an EXR for floats.")


def _either(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def _check_contents(plan: ExportPlan) -> None:
    if plan.kind == "cryptomatte" and plan.pixel_type != "float":
        raise ExportError(
            plan.path, why="the ids of a Cryptomatte are 32-bit numbers, which half breaks", hint="Choose float."
        )
    if plan.core_and_edge and (plan.kind not in ("matte", "layers") or plan.suffix not in EXR):
        raise ExportError(
            plan.path,
            why="core and edge are channels beside a matte's own",
            hint="Write a matte, or layers in one EXR.",
        )
    if plan.foreground and (plan.kind not in ("matte", "layers") or plan.suffix not in EXR):
        raise ExportError(
            plan.path,
            why="a foreground is a layer beside a matte's own",
            hint="Write a matte, or layers in one EXR.",
        )
    if plan.use_alpha and plan.kind != "rgb":
        raise ExportError(
            plan.path,
            why="a fourth layer as A is for files with three layers as R, G, B",
            hint="Write those, or leave it out.",
        )
    if plan.use_alpha and plan.suffix == ".png":
        raise ExportError(
            plan.path,
            why="a PNG's fourth channel is an alpha, which readers multiply into the other three",
            hint="Take three layers to a file, or write EXR or TIFF.",
        )
    if plan.sidecar and plan.kind != "cryptomatte":
        raise ExportError(plan.path, why="only a Cryptomatte has a manifest to put beside it", hint="Leave it out.")
    if plan.is_movie and plan.resume:
        raise ExportError(
            plan.path, why="a movie is written whole, nothing of it can be kept", hint="Replace it, or number it anew."
        )
    if sum((plan.overwrite, plan.resume, plan.version_up)) > 1:
        raise ExportError(
            plan.path, why="what is to happen to files that exist was said in two ways", hint="Choose one of them."
        )
