"""Values to protobuf and back, for both ends of the wire. Everything that arrives is taken for hostile.

Knows the messages and the core's values; knows neither sockets nor files nor models. A matte crosses as half float
under zstd: 0, 0.5 and 1 are exact, and its decompressed size is known before a byte of it is unpacked.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import zstandard

from core.arrays import AnyFloat, Float16
from core.errors import EngineError, PromptError
from core.frames import FrameRange
from core.geometry import Format, Window
from core.halves import to_half
from core.matte import Matte, Provenance
from core.model_info import ModelInfo
from core.plate import Plate
from core.prompts import Box, Click, Prompt, Stroke, StrokePoint
from inference.contract import penumbra_pb2 as pb

ENCODING = "zstd-f16"
MAX_PIXELS = 16384 * 16384
ONE = 0x3C00
"""The bits of 1.0 as half; non-negative halves are ordered like their bits, so one maximum checks a whole matte."""


def bad_request(subject: str, why: str, hint: str = "", reason: str = "BAD_REQUEST") -> EngineError:
    """A request that can never succeed as it is."""
    return EngineError(subject, why, hint, reason=reason)


# --- mattes ----------------------------------------------------------------------------------------------------------


def pack_coverage(coverage: AnyFloat) -> bytes:
    """(H, W) coverage as compressed little-endian half, clipped to 0-1. Raises ValueError on NaN."""
    half = np.ascontiguousarray(to_half(coverage), dtype="<f2")
    if half.size and int(half.view(np.uint16).max()) > ONE:
        if not np.isfinite(coverage).all():
            raise ValueError("coverage holds NaN or infinity")
        half = np.ascontiguousarray(np.maximum(coverage.astype(np.float32), 0.0) + 0.0, dtype="<f2")
        np.minimum(half.view(np.uint16), ONE, out=half.view(np.uint16))
    return zstandard.ZstdCompressor(level=1).compress(half.data)


def unpack_coverage(data: bytes, shape: tuple[int, int]) -> Float16:
    """(H, W) half, read-only. Refuses whatever does not unpack to exactly this shape and to values of 0-1."""
    height, width = shape
    size = height * width * 2
    try:
        announced = zstandard.get_frame_parameters(data).content_size
        if announced != size:
            raise bad_request("A matte", f"unpacks to {announced} bytes where {width} x {height} pixels need {size}")
        raw = zstandard.ZstdDecompressor().decompress(data, max_output_size=size)
    except zstandard.ZstdError as error:
        raise bad_request("A matte", f"is not zstd data ({error})") from error
    half = np.frombuffer(raw, "<f2")
    if len(half) != height * width:
        raise bad_request("A matte", "ends too early")
    if half.size and int(half.view(np.uint16).max()) > ONE:
        raise bad_request("A matte", "holds values outside 0-1")
    return half.reshape(shape)


def mask_from_matte(matte: Matte, frame: int = 0) -> pb.Mask:
    """A matte with its body inline. Only the rectangle that is not zero is packed: what makes clicks quick."""
    made = matte.provenance
    inside = _reach(matte)
    return pb.Mask(
        frame=frame,
        width=matte.window.width,
        height=matte.window.height,
        encoding=ENCODING,
        data=pack_coverage(matte.coverage[inside.within(matte.window)]),
        score=matte.confidence,
        window=window_to(matte.window),
        inside=window_to(inside),
        made=pb.Provenance(
            made_by=made.made_by,
            model=made.model,
            model_version=made.model_version,
            weights_sha256=made.weights_sha256,
            adapter=made.adapter,
            engine=made.engine,
        ),
    )


def _reach(matte: Matte) -> Window:
    """The smallest window of at least one pixel that holds everything above zero. NaN counts as something."""
    values = matte.coverage.view(np.uint16) if matte.coverage.dtype == np.float16 else matte.coverage
    rows = np.flatnonzero(~(values.max(axis=1) <= 0))
    if not len(rows):
        return Window(matte.window.x0, matte.window.y0, matte.window.x0 + 1, matte.window.y0 + 1)
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(~(values[top:bottom].max(axis=0) <= 0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    return Window(left, top, right, bottom).move(matte.window.x0, matte.window.y0)


def matte_from_mask(mask: pb.Mask, body: bytes | None = None) -> Matte:
    """The matte of a message; `body` where the message only names a blob. Raises EngineError on lies."""
    window = window_from(mask.window)
    inside = window_from(mask.inside) if mask.HasField("inside") else window
    if mask.encoding != ENCODING:
        raise bad_request("A matte", f"has the encoding {mask.encoding!r}", f"Send {ENCODING}.")
    if window.empty or window.pixels > MAX_PIXELS:
        raise bad_request("A matte", f"has a window of {window.width} x {window.height} pixels", reason="LIMIT")
    if inside.empty or inside.intersect(window) != inside:
        raise bad_request("A matte", "has a body that is not inside its window")
    coverage = unpack_coverage(mask.data if body is None else body, inside.shape)
    if inside != window:
        whole = np.zeros(window.shape, np.float16)
        whole[inside.within(window)] = coverage
        coverage = whole
    made = mask.made
    return Matte(
        window,
        coverage,
        confidence=mask.score,
        provenance=Provenance(
            made.made_by, made.model, made.model_version, made.weights_sha256, made.adapter, made.engine
        ),
    )


# --- geometry and plates ---------------------------------------------------------------------------------------------


def window_to(window: Window) -> pb.Window:
    return pb.Window(x0=window.x0, y0=window.y0, x1=window.x1, y1=window.y1)


def window_from(message: pb.Window) -> Window:
    return Window(message.x0, message.y0, message.x1, message.y1)


def plate_to(plate: Plate, color_config: str) -> pb.PlateRef:
    """How a plate is read; where its pictures are is said by FrameRefs."""
    return pb.PlateRef(
        identity=plate.identity,
        part=plate.part,
        layer=plate.layer,
        view=plate.view,
        color_space=plate.color_space,
        color_config=color_config,
        canvas=window_to(plate.canvas),
        display=window_to(plate.format.display),
        data_window=window_to(plate.data_window),
        pixel_aspect=plate.format.pixel_aspect,
        first=plate.frames.first,
        last=plate.frames.last,
    )


def plate_from(message: pb.PlateRef, path: Path) -> Plate:
    """A plate at `path` on this machine, read as `message` says. Raises EngineError on an impossible one."""
    display, data_window = window_from(message.display), window_from(message.data_window)
    if message.last < message.first:
        raise bad_request("The plate", "has a last frame before its first")
    if not math.isfinite(message.pixel_aspect) or message.pixel_aspect <= 0:
        raise bad_request("The plate", f"has a pixel aspect of {message.pixel_aspect}")
    if display.union(data_window) != window_from(message.canvas) or window_from(message.canvas).empty:
        raise bad_request("The plate", "has a canvas that is not its display and data window together")
    return Plate(
        id=message.identity,
        name="plate",
        path=path,
        frames=FrameRange(message.first, message.last),
        format=Format(display, message.pixel_aspect),
        data_window=data_window,
        color_space=message.color_space,
        part=message.part,
        layer=message.layer,
        view=message.view,
        rate=Fraction(24),
    )


# --- prompts and options ---------------------------------------------------------------------------------------------


def prompt_to(prompt: Prompt) -> pb.Prompt:
    match prompt:
        case Click():
            return pb.Prompt(click=pb.Click(x=prompt.x, y=prompt.y, positive=prompt.adds))
        case Box():
            return pb.Prompt(box=pb.Box(x0=prompt.x0, y0=prompt.y0, x1=prompt.x1, y1=prompt.y1))
        case Stroke():
            xyp = [value for point in prompt.points for value in (point.x, point.y, point.pressure)]
            return pb.Prompt(
                stroke=pb.Stroke(
                    xyp=xyp,
                    radius=prompt.radius_px,
                    positive=prompt.adds,
                    hardness=prompt.hardness,
                    opacity=prompt.opacity,
                )
            )


def prompts_from(request: pb.PredictRequest) -> tuple[Prompt, ...]:
    """The prompts in the artist's order, in plate pixels. Raises PromptError where a number is not one."""
    if request.prompts:
        return tuple(_prompt_from(message) for message in request.prompts)
    loose: list[Prompt] = [_box_from(box) for box in request.boxes]
    loose += [_stroke_from(stroke) for stroke in request.strokes]
    loose += [_click_from(click) for click in request.clicks]
    return tuple(loose)


def _prompt_from(message: pb.Prompt) -> Prompt:
    kind = message.WhichOneof("kind")
    if kind == "click":
        return _click_from(message.click)
    if kind == "box":
        return _box_from(message.box)
    if kind == "stroke":
        return _stroke_from(message.stroke)
    raise PromptError("A prompt", "is neither a click nor a box nor a stroke")


def _finite(what: str, values: Iterable[float]) -> None:
    if not all(math.isfinite(value) for value in values):
        raise PromptError(what, "has a coordinate that is not a number")


def _click_from(message: pb.Click) -> Click:
    _finite("A click", (message.x, message.y))
    return Click(message.x, message.y, message.positive)


def _box_from(message: pb.Box) -> Box:
    _finite("A box", (message.x0, message.y0, message.x1, message.y1))
    box = Box(message.x0, message.y0, message.x1, message.y1)
    if box.empty:
        raise PromptError("A box", "is empty", "Drag it open.")
    return box


def _stroke_from(message: pb.Stroke) -> Stroke:
    numbers = list(message.xyp)
    _finite("A stroke", (*numbers, message.radius, message.hardness, message.opacity))
    if not numbers or len(numbers) % 3 or message.radius <= 0:
        raise PromptError("A stroke", "has no points or no radius")
    points = tuple(StrokePoint(*numbers[start : start + 3]) for start in range(0, len(numbers), 3))
    return Stroke(points, message.radius, message.positive, message.hardness, message.opacity)


def options_to(options: Mapping[str, Any]) -> str:
    return json.dumps(dict(options), allow_nan=False)


def options_from(text: str) -> dict[str, Any]:
    """The options of a request; an empty text is no options. Raises EngineError when it is not a JSON object."""
    try:
        options = json.loads(text) if text else {}
    except ValueError as error:
        raise bad_request("The options", f"are not JSON ({error})", reason="OPTION_INVALID") from error
    if not isinstance(options, dict):
        raise bad_request("The options", "are not a JSON object", reason="OPTION_INVALID")
    return options


# --- models ----------------------------------------------------------------------------------------------------------


def model_to(info: ModelInfo) -> pb.ModelInfo:
    return pb.ModelInfo(
        id=info.id,
        version=info.version,
        label=info.label,
        tasks=info.tasks,
        options_schema=json.dumps(info.options_schema),
        encoding=info.encoding,
        weights_sha256=info.weights_sha256,
        license=info.license,
        trainable=info.trainable,
        parent_id=info.parent_id,
        description=info.description,
        device=info.device,
        weights_bytes=info.weights_bytes,
    )


def model_from(message: pb.ModelInfo) -> ModelInfo:
    return ModelInfo(
        id=message.id,
        version=message.version,
        label=message.label,
        tasks=tuple(message.tasks),
        options_schema=options_from(message.options_schema),
        encoding=message.encoding,
        weights_sha256=message.weights_sha256,
        license=message.license,
        trainable=message.trainable,
        parent_id=message.parent_id,
        description=message.description,
        device=message.device,
        weights_bytes=message.weights_bytes,
    )
