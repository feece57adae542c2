"""RepViT, EdgeTAM's eye, for machines without `timm`: that package wants torchvision, which this project does without.

Written from the paper (Wang et al., "RepViT: Revisiting Mobile CNN From ViT Perspective", 2023) in its first form,
with the names that EdgeTAM's published weights have. `register` makes it known to transformers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

KIND = "penumbra_repvit"
WIDTHS = (48, 96, 192, 384)
DEPTHS = (2, 2, 14, 2)
"""RepViT-M1."""


def normed(inside: int, outside: int, size: int = 1, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A convolution without bias, and its batch norm."""
    block = nn.Sequential()
    block.add_module("c", nn.Conv2d(inside, outside, size, stride, (size - 1) // 2, groups=groups, bias=False))
    block.add_module("bn", nn.BatchNorm2d(outside))
    return block


class TokenMixer(nn.Module):
    """Each channel with its neighbourhood: 3 x 3, 1 x 1 and as it is, added."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = normed(width, width, 3, groups=width)
        self.conv1 = normed(width, width, groups=width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self.conv(x) + self.conv1(x) + x)


class SqueezeExcite(nn.Module):
    """Channels weighed by the whole picture."""

    def __init__(self, width: int) -> None:
        super().__init__()
        narrow = max(8, (width // 4 + 4) // 8 * 8)
        self.fc1 = nn.Conv2d(width, narrow, 1)
        self.fc2 = nn.Conv2d(narrow, width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = self.fc2(torch.relu(self.fc1(x.mean((2, 3), keepdim=True))))
        return x * torch.sigmoid(weights)


class ChannelMixer(nn.Module):
    """Channels with each other, twice as many in between."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = normed(width, 2 * width)
        self.conv2 = normed(2 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self.conv2(nn.functional.gelu(self.conv1(x))))


class Block(nn.Module):
    def __init__(self, width: int, *, weighed: bool) -> None:
        super().__init__()
        self.token_mixer = TokenMixer(width)
        self.se = SqueezeExcite(width) if weighed else nn.Identity()
        self.channel_mixer = ChannelMixer(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.se(self.token_mixer(x))
        return torch.as_tensor(x + self.channel_mixer(x))


class Downsample(nn.Module):
    """Half the size, other channels."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.pre_block = Block(inside, weighed=False)
        self.spatial_downsample = normed(inside, inside, 3, stride=2, groups=inside)
        self.channel_downsample = normed(inside, outside)
        self.ffn = ChannelMixer(outside)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.channel_downsample(self.spatial_downsample(self.pre_block(x)))
        return torch.as_tensor(x + self.ffn(x))


class Stem(nn.Module):
    """A quarter of the size."""

    def __init__(self, outside: int) -> None:
        super().__init__()
        self.conv1 = normed(3, outside // 2, 3, stride=2)
        self.conv2 = normed(outside // 2, outside, 3, stride=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self.conv2(nn.functional.gelu(self.conv1(x))))


class Stage(nn.Module):
    def __init__(self, inside: int, outside: int, depth: int) -> None:
        super().__init__()
        self.downsample = nn.Identity() if inside == outside else Downsample(inside, outside)
        self.blocks = nn.Sequential(*(Block(outside, weighed=place % 2 == 0) for place in range(depth)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self.blocks(self.downsample(x)))


class RepVit(nn.Module):
    """The features of every stage, finest first: strides 4, 8, 16, 32."""

    def __init__(self, widths: Sequence[int], depths: Sequence[int]) -> None:
        super().__init__()
        self.stem = Stem(widths[0])
        self._count = len(widths)
        before = (widths[0], *widths)
        for place, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            self.add_module(f"stages_{place}", Stage(before[place], width, depth))

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        x = self.stem(x)
        found = []
        for place in range(self._count):
            x = self.get_submodule(f"stages_{place}")(x)
            found.append(x)
        return found


def without_timm(told: dict[str, Any]) -> dict[str, Any]:
    """A config's JSON with our RepViT-M1 in the place of timm's; as it is where it has another eye."""
    vision = told["vision_config"]
    backbone = vision.get("backbone_config") or {}
    name = str(backbone.get("architecture", "repvit_m1")).rpartition("/")[2].partition(".")[0]
    if name != "repvit_m1":
        return told
    given = backbone.get("model_args") or {}
    ours = {
        "model_type": KIND,
        "widths": list(given.get("embed_dim", WIDTHS)),
        "depths": list(given.get("depth", DEPTHS)),
    }
    return {**told, "vision_config": {**vision, "backbone_config": ours}}


def register(transformers: Any) -> None:
    """Tell transformers about `KIND`; once is enough."""
    if KIND in transformers.models.auto.configuration_auto.CONFIG_MAPPING:
        return

    class RepVitConfig(transformers.PreTrainedConfig):  # type: ignore[misc] # transformers is not typed here
        model_type = KIND

        def __init__(self, widths: Sequence[int] = WIDTHS, depths: Sequence[int] = DEPTHS, **rest: Any) -> None:
            self.widths, self.depths = list(widths), list(depths)
            super().__init__(**rest)

    class RepVitModel(transformers.PreTrainedModel):  # type: ignore[misc] # transformers is not typed here
        """As transformers' wrapper of a timm model answers: `last_hidden_state` is a list of features."""

        config_class = RepVitConfig
        main_input_name = "pixel_values"

        def __init__(self, config: Any) -> None:
            super().__init__(config)
            self.timm_model = RepVit(config.widths, config.depths)
            self.post_init()

        def _init_weights(self, module: nn.Module) -> None:
            """Layers have begun with torch's own random numbers."""

        def forward(self, pixel_values: torch.Tensor, **_rest: Any) -> Any:
            features = self.timm_model(pixel_values)
            return transformers.modeling_outputs.BaseModelOutput(last_hidden_state=features)

    transformers.AutoConfig.register(KIND, RepVitConfig)
    transformers.AutoModel.register(RepVitConfig, RepVitModel)
