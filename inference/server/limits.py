"""What the engine refuses before it does any work. One place for every number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import EngineError, PromptError
from core.geometry import Window
from core.prompts import Click, Prompt, Stroke
from inference.blobs import CHUNK_BYTES
from inference.contract import penumbra_pb2 as pb

MESSAGE_BYTES = 8 * 1024 * 1024
MARGIN_PX = 100_000.0
"""How far beside the plate a stroke or box may still reach."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Announced by GetServerInfo. The defaults are a server's; a local engine is given more room."""

    max_blob_bytes: int = 4 * 1024**3
    user_blob_quota_bytes: int = 200 * 1024**3
    max_width: int = 16384
    max_height: int = 16384
    max_frames_per_job: int = 10_000
    max_queued_jobs_per_user: int = 32
    max_prompts: int = 4096
    max_stroke_points: int = 200_000

    def message(self) -> pb.Limits:
        return pb.Limits(
            max_blob_bytes=self.max_blob_bytes,
            max_chunk_bytes=CHUNK_BYTES,
            max_width=self.max_width,
            max_height=self.max_height,
            max_frames_per_job=self.max_frames_per_job,
            max_queued_jobs_per_user=self.max_queued_jobs_per_user,
            user_blob_quota_bytes=self.user_blob_quota_bytes,
            max_prompts=self.max_prompts,
        )

    def check_canvas(self, canvas: Window) -> None:
        if canvas.empty or canvas.width > self.max_width or canvas.height > self.max_height:
            why = f"is {canvas.width} x {canvas.height} pixels, the engine takes {self.max_width} x {self.max_height}"
            raise EngineError("The plate", why, reason="LIMIT")

    def check_count(self, request: pb.PredictRequest) -> None:
        """Before anything is unpacked."""
        counts = len(request.prompts) + len(request.clicks) + len(request.strokes) + len(request.boxes)
        strokes = [*request.strokes, *(prompt.stroke for prompt in request.prompts if prompt.HasField("stroke"))]
        if counts > self.max_prompts or sum(len(stroke.xyp) for stroke in strokes) > 3 * self.max_stroke_points:
            why = f"are more than the {self.max_prompts} prompts or {self.max_stroke_points} points the engine takes"
            raise EngineError("The prompts", why, reason="LIMIT")
        if len(request.prev) > 1:
            raise EngineError("The request", "holds more than one previous matte", reason="LIMIT")

    def check_prompts(self, prompts: Sequence[Prompt], canvas: Window) -> None:
        """Whether they can mean anything on this canvas. Raises PromptError."""
        if not prompts:
            raise PromptError("The request", "has no prompts", "Click on the subject.")
        reach = canvas.grow(int(MARGIN_PX))
        for prompt in prompts:
            if isinstance(prompt, Click):
                if not canvas.contains(prompt.x, prompt.y):
                    where = f"A click at {prompt.x:.1f}, {prompt.y:.1f}"
                    raise PromptError(where, "lies outside the plate", "Click on the picture.")
                continue
            if isinstance(prompt, Stroke):
                corners = [(point.x, point.y) for point in prompt.points]
                if prompt.radius_px > MARGIN_PX:
                    raise PromptError("A stroke", f"has a radius of {prompt.radius_px:.0f} pixels")
            else:
                corners = [(prompt.x0, prompt.y0), (prompt.x1, prompt.y1)]
            if not all(reach.contains(x, y) for x, y in corners):
                raise PromptError("A prompt", "lies far outside the plate", "Draw it on the picture.")
