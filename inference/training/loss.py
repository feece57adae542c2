"""How wrong an answer is: entropy and overlap together. Knows tensors only."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor


def matte_loss(logits_bhw: Tensor, coverage_bhw: Tensor, weight_bhw: Tensor) -> Tensor:
    """Cross-entropy that takes soft mattes, and overlap, which keeps small subjects from being ignored."""
    entropy = F.binary_cross_entropy_with_logits(logits_bhw, coverage_bhw, reduction="none")
    weighed = (entropy * weight_bhw).sum() / weight_bhw.sum().clamp_min(1.0)
    answer_bhw = torch.sigmoid(logits_bhw) * weight_bhw
    shared = (answer_bhw * coverage_bhw).sum()
    either = answer_bhw.sum() + (coverage_bhw * weight_bhw).sum()
    return weighed + 0.3 * (1.0 - (2.0 * shared + 1000.0) / (either + 1000.0))
