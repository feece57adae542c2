"""What artists have today: a U-Net taught from scratch on whole painted frames, as CopyCat does it.

Random crops of 512 pixels at plate resolution, three at a time, every pixel alike, nothing held out, no augmentation,
no motion, no warm start; each frame is then answered for itself. The rate (1e-3 instead of 1e-4), the width (16
channels first) and the loss (cross-entropy) were chosen so that it gets as far as it can in a minute, not in hours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from safetensors.torch import load, save
from torch import Tensor, nn

from core.arrays import Float32
from core.errors import Cancelled, EngineError, FrameError
from core.frames import FrameNumber
from inference.model import Cancelled as Poll
from inference.model import FrameSource, Lesson, Options, Propagated, TeachStep
from inference.motion.flow import exposure_gain
from inference.training.adam import Adam
from inference.training.clock import CLOCKS
from inference.training.precision import quick
from inference.training.taught import graded
from inference.training.threads import Threads

CROP_PX: Final = 512
BATCH: Final = 3
WIDTHS: Final = (16, 32, 64, 128)
RATE: Final = 1e-3
MULTIPLE: Final = 2 ** (len(WIDTHS) - 1)


class UNet(nn.Module):
    """(B, 3, H, W) → logits (B, 1, H, W); H and W multiples of `MULTIPLE`."""

    def __init__(self) -> None:
        super().__init__()
        inward = 3
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        for width in WIDTHS:
            self.down.append(_pair(inward, width))
            inward = width
        for width in reversed(WIDTHS[:-1]):
            self.up.append(_pair(inward + width, width))
            inward = width
        self.head = nn.Conv2d(inward, 1, 1)

    def forward(self, planes_bchw: Tensor) -> Tensor:
        inner, kept = planes_bchw, []
        for level, pair in enumerate(self.down):
            inner = pair(F.max_pool2d(inner, 2) if level else inner)
            kept.append(inner)
        kept.pop()
        for pair in self.up:
            beside = kept.pop()
            inner = pair(torch.cat([F.interpolate(inner, size=beside.shape[-2:]), beside], dim=1))
        logits: Tensor = self.head(inner).float()
        return logits


def _pair(inward: int, outward: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in (inward, outward):
        layers += [nn.Conv2d(width, outward, 3, padding=1, bias=False), nn.BatchNorm2d(outward), nn.ReLU()]
    return nn.Sequential(*layers)


class CopyCat:
    """Implements `PropagateModel` and `TeachModel`."""

    def teach(
        self,
        source: FrameSource,
        lessons: Sequence[Lesson],
        resume_from: bytes,
        options: Options,
        cancelled: Poll,
    ) -> Iterator[TeachStep]:
        """One report at the end, with the adapter. Whether a lesson is held out is not asked."""
        clock, seconds = CLOCKS[str(options["clock"])], float(options["seconds"])
        began = clock()
        torch.manual_seed(int(options["seed"]))
        random = np.random.default_rng(int(options["seed"]))
        gain = exposure_gain(source.rgb(lessons[0].frame))
        color = [graded(source.rgb(lesson.frame), gain) for lesson in lessons]
        network = UNet().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if resume_from:
            network.load_state_dict({name: value for name, value in load(resume_from).items() if name != "gain"})
        adam, threads = Adam(network.parameters()), Threads()
        step = 0
        while step == 0 or clock() - began < seconds:
            if cancelled():
                raise Cancelled
            color_bchw, coverage_bhw = _batch(color, [lesson.coverage for lesson in lessons], random)
            with threads.step():
                with quick():
                    logits_bhw = network(color_bchw)[:, 0]
                loss = F.binary_cross_entropy_with_logits(logits_bhw, coverage_bhw)
                if not math.isfinite(loss.item()):
                    raise EngineError("Teaching", f"the loss is not a finite number at step {step + 1}")
                adam.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                adam.step(RATE)
            step += 1
        numbers = {name: value.detach().contiguous() for name, value in network.state_dict().items()}
        adapter = save({**numbers, "gain": torch.tensor(gain)})
        yield TeachStep(step, 1.0, {"seconds": clock() - began}, adapter)

    def propagate(
        self,
        source: FrameSource,
        keys: Mapping[FrameNumber, Float32],
        frames: Sequence[FrameNumber],
        adapter: bytes,
        options: Options,  # noqa: ARG002
        cancelled: Poll,
    ) -> Iterator[Propagated]:
        """Every frame for itself; `adapter` must have been taught."""
        numbers = load(adapter)
        gain = float(numbers.pop("gain"))
        network = UNet().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        network.load_state_dict(numbers)
        network.eval()
        for frame in frames:
            if cancelled():
                raise Cancelled
            if frame in keys:
                continue
            try:
                rgb = source.rgb(frame)
            except FrameError:
                continue
            coverage = _answer(network, graded(rgb, gain))
            yield Propagated(frame, coverage, float(np.abs(2.0 * coverage - 1.0).mean()))


def _batch(color: Sequence[Float32], mattes: Sequence[Float32], random: np.random.Generator) -> tuple[Tensor, Tensor]:
    height, width = color[0].shape[:2]
    rows, columns = (min(CROP_PX, side) // MULTIPLE * MULTIPLE for side in (height, width))
    colors, coverages = [], []
    for _ in range(BATCH):
        which = int(random.integers(len(color)))
        y, x = int(random.integers(height - rows + 1)), int(random.integers(width - columns + 1))
        place = (slice(y, y + rows), slice(x, x + columns))
        colors.append(color[which][place])
        coverages.append(mattes[which][place])
    return torch.from_numpy(np.stack(colors)).permute(0, 3, 1, 2), torch.from_numpy(np.stack(coverages))


def _answer(network: UNet, color: Float32) -> Float32:
    height, width = color.shape[:2]
    color_bchw = torch.from_numpy(np.ascontiguousarray(color))[None].permute(0, 3, 1, 2)
    color_bchw = F.pad(color_bchw, (0, -width % MULTIPLE, 0, -height % MULTIPLE), mode="replicate")
    with torch.inference_mode(), quick():
        logits_bchw = network(color_bchw)
    return np.asarray(torch.sigmoid(logits_bchw[0, 0, :height, :width]).numpy(), np.float32)


def create(folder: Path) -> CopyCat:  # noqa: ARG001 - the network is taught, not loaded
    return CopyCat()
