"""From a request's messages to a model's arrays and back. Runs on the executor's threads; knows no sockets.

The only place where plate pixels become array pixels: the canvas's origin is subtracted from prompts, and mattes are
laid over the canvas.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from core.arrays import Float32
from core.digest import digest
from core.errors import Cancelled, EngineError, FrameError, PenumbraError
from core.geometry import Window
from core.matte import Matte, Provenance
from core.prompts import Box, Click, Prompt, Stroke, StrokePoint
from inference import wire
from inference.blobs import BlobKey, BlobStore
from inference.contract import penumbra_pb2 as pb
from inference.executor import Poll
from inference.faults import NeedBlobsError
from inference.frames import PictureLibrary, Pictures
from inference.held_pictures import HeldPictures
from inference.kept_encodings import KeptEncodings
from inference.model import Lesson, Options
from inference.registry import InstalledModel, Registry
from inference.sessions import EncodingCache
from inference.steadying import Steadying

INLINE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Step:
    """What a job's generator brings: at most one matte, figures, bytes to keep as the job's output, a sentence."""

    frame: int | None = None
    matte: Matte | None = None
    progress: float = 0.0
    metrics: dict[str, float] | None = None
    output: bytes = b""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Computing:
    """The engine's parts, as the lanes use them."""

    registry: Registry
    library: PictureLibrary
    blobs: BlobStore
    encodings: EncodingCache
    kept: KeptEncodings
    boot_id: str

    # --- one frame --------------------------------------------------------------------------------------------------

    def predict(
        self, owner: str, request: pb.PredictRequest, prompts: tuple[Prompt, ...], poll: Poll
    ) -> pb.PredictResponse:
        """All prompts of one frame → its matte."""
        began, processor = time.perf_counter(), time.thread_time()
        model = self.registry.find(request.model, "segment")
        options = model.options(wire.options_from(request.options_json))
        pictures = self.library.pictures(owner, request.plate, [request.frame])
        previous = self._coverage(owner, request.prev[0], pictures.canvas) if request.prev else None
        encoded, hit = self._encode(model, pictures, request.frame.frame, options, poll)
        encoded_at = time.perf_counter()
        if poll():
            raise Cancelled
        moved = [_moved(prompt, pictures.canvas) for prompt in prompts]
        with _blaming(model), model.use() as network:
            coverage, confidence = network.segment(encoded, moved, previous, options, poll)
        segmented_at = time.perf_counter()
        matte = self._matte(model, pictures.canvas, coverage, confidence, "segment")
        mask = self.shrink(owner, wire.mask_from_matte(matte, request.frame.frame))
        packed_at = time.perf_counter()
        return pb.PredictResponse(
            seq=request.seq,
            masks=[mask],
            embedding_hit=hit,
            model_version=model.info.version,
            timings_ms={
                "encode": (encoded_at - began) * 1000,
                "segment": (segmented_at - encoded_at) * 1000,
                "pack": (packed_at - segmented_at) * 1000,
                "cpu": (time.thread_time() - processor) * 1000,
            },
        )

    def prefetch(self, owner: str, request: pb.PrefetchRequest, poll: Poll) -> Iterator[pb.PrefetchEvent]:
        """Encode frames ahead, `keep`: on disk too; a frame that cannot be read is said and skipped."""
        model = self.registry.find(request.model, "segment")
        options = model.options(wire.options_from(request.options_json))
        if request.keep:
            self._check_keeping(model)
        for ref in request.frames:
            try:
                pictures = self.library.pictures(owner, request.plate, [ref])
                if request.keep:
                    yield self._keep(model, pictures, ref.frame, options, poll)
                    continue
                self._encode(model, pictures, ref.frame, options, poll)
            except NeedBlobsError as error:
                yield pb.PrefetchEvent(frame=ref.frame, need=error.ids)
            except PenumbraError as error:
                if isinstance(error, Cancelled):
                    raise
                yield pb.PrefetchEvent(frame=ref.frame, error=pb.Error(message=error.sentence))
            else:
                yield pb.PrefetchEvent(frame=ref.frame, cached=True)

    # --- jobs -------------------------------------------------------------------------------------------------------

    def propagate(self, owner: str, request: pb.StartJobRequest, done: frozenset[int], poll: Poll) -> Iterator[Step]:
        """Key frames → the frames that are not `done` yet."""
        spec = request.propagate
        model = self.registry.find(request.model, "propagate")
        options = model.options(wire.options_from(request.options_json))
        found = self.library.pictures(owner, request.plate, [*spec.frames, *spec.context])
        pictures = HeldPictures(found, [ref.frame for ref in spec.frames])
        keys = {mask.frame: self._coverage(owner, mask, pictures.canvas) for mask in spec.keys}
        adapter = self._bytes(owner, spec.adapter) if spec.HasField("adapter") else b""
        adapter_name = BlobKey.from_id(spec.adapter).hex if adapter else ""
        wanted = [ref.frame for ref in spec.frames if ref.frame not in done and ref.frame not in keys]
        total, made = len(spec.frames), len(done)
        allowed = set(wanted)
        for answer in _steps(model, lambda network: network.propagate(pictures, keys, wanted, adapter, options, poll)):
            if answer is None:
                yield Step(progress=made / max(total, 1), message=pictures.note())
                continue
            if answer.frame not in allowed:
                continue
            allowed.discard(answer.frame)
            made += 1
            matte = self._matte(model, pictures.canvas, answer.coverage, answer.confidence, "propagate", adapter_name)
            yield Step(answer.frame, matte, made / max(total, 1), message=pictures.note())
        if allowed:
            why = f"gave no matte for {len(allowed)} of {total} frames (the first is {min(allowed)})"
            raise EngineError(f"The model {model.info.id}", why, reason="MODEL_BROKEN")

    def refine(self, owner: str, request: pb.StartJobRequest, done: frozenset[int], poll: Poll) -> Iterator[Step]:
        """Mattes → the same with a better edge, a frame a step; as they are where there is no picture to look at."""
        spec = request.process
        model = self.registry.find(request.model, "refine")
        options = model.options(wire.options_from(request.options_json))
        found = self.library.pictures(owner, request.plate, spec.frames)
        pictures = HeldPictures(found, [mask.frame for mask in spec.mattes])
        fixed = {mask.frame: mask for mask in spec.fixed}

        def alone(rgb: Float32, coverage: Float32, fixed: Float32 | None, options: Options) -> Float32:
            with _blaming(model), model.use() as network:
                return cast(Float32, network.refine(rgb, coverage, fixed, options, poll))

        steadying = Steadying(found, options, alone)
        for position, mask in enumerate(spec.mattes, start=1):
            if mask.frame in done:
                continue
            coverage = self._coverage(owner, mask, pictures.canvas)
            solid = self._coverage(owner, fixed[mask.frame], pictures.canvas) if mask.frame in fixed else None
            try:
                rgb = pictures.rgb(mask.frame)
            except FrameError:  # no frame of the job can be read: the matte is delivered as it is
                refined = coverage
            else:
                refined = steadying.refined(mask.frame, rgb, coverage, solid)
            if solid is not None:  # corrections are law, whatever a model thinks
                refined = np.where(solid >= 1.0, coverage, refined)
            matte = self._matte(model, pictures.canvas, refined, mask.score, "refine")
            yield Step(mask.frame, matte, position / len(spec.mattes), message=pictures.note())

    def teach(self, owner: str, request: pb.StartJobRequest, checkpoint: bytes, poll: Poll) -> Iterator[Step]:
        """Corrected frames → adapter; `checkpoint` is the newest of before a restart, or empty.

        A corrected frame without a picture teaches nothing and is left out, unless there is no other.
        """
        spec = request.train
        model = self.registry.find(request.model, "teach")
        options = model.options(wire.options_from(request.options_json))
        refs = {ref.frame: ref for ref in [*spec.context, *(example.frame for example in spec.examples)]}
        pictures = self.library.pictures(owner, request.plate, refs.values())
        held = HeldPictures(pictures, [example.frame.frame for example in spec.examples])
        examples = [example for example in spec.examples if held.readable(example.frame.frame)]
        if left_out := held.note("nothing is learned there"):
            yield Step(message=left_out)
        lessons = [
            Lesson(
                frame=example.frame.frame,
                coverage=self._coverage(owner, example.mask, pictures.canvas),
                decided=self._coverage(owner, example.decided, pictures.canvas)
                if example.HasField("decided")
                else None,
                weight=example.weight,
                held_out=example.held_out,
                approved=example.approved,
            )
            for example in examples or spec.examples
        ]
        start = checkpoint or (self._bytes(owner, spec.resume_from) if spec.HasField("resume_from") else b"")
        adapter = b""
        for step in _steps(model, lambda network: network.teach(pictures, lessons, start, options, poll)):
            if step is None:
                continue
            for frame, coverage in step.previews.items():
                yield Step(frame, self._matte(model, pictures.canvas, coverage, float("nan"), "propagate"))
            adapter = step.adapter or adapter
            metrics = {"step": float(step.step), **{name: float(value) for name, value in step.metrics.items()}}
            yield Step(progress=step.progress, metrics=metrics, output=step.adapter)
        if not adapter and not checkpoint:
            raise EngineError(f"The model {model.info.id}", "ended without an adapter", reason="MODEL_BROKEN")

    # --- parts ------------------------------------------------------------------------------------------------------

    def shrink(self, owner: str, mask: pb.Mask) -> pb.Mask:
        """A mask too large for a message becomes the name of a blob."""
        if len(mask.data) > INLINE_BYTES:
            mask.blob.CopyFrom(self.blobs.put(owner, mask.data).id)
        return mask

    def _encode(
        self, model: InstalledModel, pictures: Pictures, frame: int, options: dict[str, Any], poll: Poll
    ) -> tuple[object, bool]:
        key = digest(model.fingerprint, pictures.identity(frame), model.encode_options(options))
        encoded = self.encodings.get(key)
        if encoded is not None:
            return encoded, True
        rgb = pictures.rgb(frame)
        if poll():
            raise Cancelled
        packed = self.kept.get(model, self._kept_key(model, pictures, frame, options))
        with _blaming(model), model.use() as network:
            encoded = self.encodings.get(key)  # another lane may have been faster
            if encoded is None:
                known = packed is not None and hasattr(network, "unpack")
                encoded = network.unpack(rgb, packed, options) if known else network.encode(rgb, options)
                self.encodings.put(key, encoded)
                return encoded, known
        return encoded, False

    def _keep(
        self, model: InstalledModel, pictures: Pictures, frame: int, options: dict[str, Any], poll: Poll
    ) -> pb.PrefetchEvent:
        """One frame's encoding, on disk."""
        key = self._kept_key(model, pictures, frame, options)
        if size := self.kept.size(model, key):
            return pb.PrefetchEvent(frame=frame, cached=True, kept_bytes=size, found=True)
        encoded, _ = self._encode(model, pictures, frame, options, poll)
        with _blaming(model), model.use() as network:
            packed = network.pack(encoded)
        return pb.PrefetchEvent(frame=frame, cached=True, kept_bytes=self.kept.put(model, key, packed))

    @staticmethod
    def _check_keeping(model: InstalledModel) -> None:
        """Raises EngineError where the model's encodings are of no use another day."""
        with _blaming(model), model.use() as network:
            if not (hasattr(network, "pack") and hasattr(network, "unpack")):
                why = "keeps no encodings: it makes them quickly"
                raise EngineError(f"The model {model.info.id}", why, "Choose a public model.", reason="BAD_REQUEST")

    def _kept_key(self, model: InstalledModel, pictures: Pictures, frame: int, options: dict[str, Any]) -> str:
        return self.kept.key(model, pictures.identity(frame), model.encode_options(options))

    def _bytes(self, owner: str, blob: pb.BlobId) -> bytes:
        key = BlobKey.from_id(blob)
        if not self.blobs.has(owner, key):
            raise NeedBlobsError([blob])
        return self.blobs.read(owner, key)

    def _coverage(self, owner: str, mask: pb.Mask, canvas: Window) -> Float32:
        """(H, W) float32 over the canvas."""
        body = self._bytes(owner, mask.blob) if mask.WhichOneof("body") == "blob" else None
        return wire.matte_from_mask(mask, body).over(canvas)

    def _matte(
        self,
        model: InstalledModel,
        canvas: Window,
        coverage: Float32,
        confidence: float,
        made_by: str,
        adapter: str = "",
    ) -> Matte:
        """A model's answer as a matte of the plate; what is not coverage is refused here."""
        coverage = np.asarray(coverage, np.float32)
        if coverage.shape != canvas.shape or not np.isfinite(coverage).all():
            why = f"answered {coverage.shape} with NaN or of a size other than {canvas.shape}"
            raise EngineError(f"The model {model.info.id}", why, reason="MODEL_BROKEN")
        info = model.info
        made = Provenance(made_by, info.id, info.version, info.weights_sha256, adapter, self.boot_id)
        return Matte(canvas, coverage, float(confidence), made)


class _blaming:  # noqa: N801 - reads as a word at its uses
    """Turns whatever a model raises into a sentence that names the model."""

    def __init__(self, model: InstalledModel) -> None:
        self._model = model

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None or isinstance(error, PenumbraError | StopIteration) or not isinstance(error, Exception):
            return
        text = str(error).splitlines()[0] if str(error) else "no reason given"
        why = f"failed with {type(error).__name__}: {text}"
        raise EngineError(f"The model {self._model.info.id}", why, "Try other options.") from error


def _steps(model: InstalledModel, begin: Any) -> Iterator[Any]:
    """A model's generator, with the model held only during each step. First an empty step: loading is one too."""
    with _blaming(model), model.use() as network:
        steps = iter(begin(network))
    yield None
    try:
        while True:
            with _blaming(model), model.use():
                step = next(steps, _END)
            if step is _END:
                return
            yield step
    finally:
        close = getattr(steps, "close", None)
        if close is not None:
            close()


_END = object()


def _moved(prompt: Prompt, canvas: Window) -> Prompt:
    """From plate pixels to pixels of the canvas's array."""
    dx, dy = -canvas.x0, -canvas.y0
    match prompt:
        case Click():
            return replace(prompt, x=prompt.x + dx, y=prompt.y + dy)
        case Box():
            return Box(prompt.x0 + dx, prompt.y0 + dy, prompt.x1 + dx, prompt.y1 + dy)
        case Stroke():
            points = tuple(StrokePoint(point.x + dx, point.y + dy, point.pressure) for point in prompt.points)
            return replace(prompt, points=points)
