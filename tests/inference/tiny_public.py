"""Public networks in small: the real classes with random numbers, saved as `save_pretrained` does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SIDE = 64
"""The square they see."""
HIDDEN = 128
"""Twice what is remembered of a frame, as in the real ones: the classes want it larger."""


def tiny_sam2(folder: Path, *, video: bool = True) -> Path:
    """A folder with a SAM 2.1 of a million random numbers; the test is skipped without `transformers`."""
    pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers", reason="public models need transformers (extra hub)")
    hiera = {
        "model_type": "sam2_hiera_det_model",
        "hidden_size": 8,
        "image_size": [SIDE, SIDE],
        "blocks_per_stage": [1, 1, 2, 1],
        "embed_dim_per_stage": [8, 16, 32, 64],
        "num_attention_heads_per_stage": [1, 1, 2, 2],
        "window_size_per_stage": [8, 4, 4, 2],
        "window_positional_embedding_background_size": [2, 2],
        "global_attention_blocks": [3],
    }
    vision = {
        "model_type": "sam2_vision_model",
        "backbone_config": hiera,
        "backbone_channel_list": [64, 32, 16, 8],
        "backbone_feature_sizes": [[SIDE // 4] * 2, [SIDE // 8] * 2, [SIDE // 16] * 2],
        "fpn_hidden_size": HIDDEN,
    }
    if video:
        config = transformers.Sam2VideoConfig(vision_config=vision, **_heads(), **_memory())
        return _save(transformers.Sam2VideoModel, config, folder)
    return _save(transformers.Sam2Model, transformers.Sam2Config(vision_config=vision, **_heads()), folder)


def tiny_edgetam(folder: Path) -> Path:
    """A folder with an EdgeTAM; its config names timm's backbone, as the published one does."""
    pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers", reason="public models need transformers (extra hub)")
    from inference.models.promptable.repvit import register, without_timm

    backbone = {
        "model_type": "timm_wrapper",
        "architecture": "repvit_m1.dist_in1k",
        "model_args": {"in_chans": 3, "features_only": True, "embed_dim": [8, 16, 32, 64], "depth": [1, 1, 2, 1]},
    }
    vision = {
        "model_type": "edgetam_vision_model",
        "backbone_config": backbone,
        "backbone_channel_list": [64, 32, 16, 8],
        "backbone_feature_sizes": [[SIDE // 4] * 2, [SIDE // 8] * 2, [SIDE // 16] * 2],
        "fpn_hidden_size": HIDDEN,
    }
    told = {
        "model_type": "edgetam_video",
        "vision_config": vision,
        **_heads(),
        **_memory(),
        "memory_attention_rope_k_sizes": [2, 2],
        "perceiver_resampler_num_latents": 4,
        "perceiver_resampler_num_latents_2d": 4,
    }
    register(transformers)
    config = transformers.EdgeTamVideoConfig.from_dict(without_timm(told))
    _save(transformers.EdgeTamVideoModel, config, folder)
    saved = json.loads((folder / "config.json").read_text())
    saved["vision_config"]["backbone_config"] = backbone
    (folder / "config.json").write_text(json.dumps(saved))
    return folder


def tiny_sam3(folder: Path) -> Path:
    """A folder with what SAM 3 answers clicks and follows with."""
    pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers", reason="public models need transformers (extra hub)")
    side = 56  # four patches of 14
    vit = {
        "model_type": "sam3_vit_model",
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "image_size": side,
        "pretrain_image_size": side,
        "window_size": 2,
        "global_attn_indexes": [1],
    }
    vision = {
        "model_type": "sam3_vision_model",
        "backbone_config": vit,
        "backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]],
        "fpn_hidden_size": HIDDEN,
    }
    heads = _heads()
    heads["prompt_encoder_config"] = {"hidden_size": HIDDEN, "image_size": side, "mask_input_channels": 8}
    memory = {**_memory(), "image_size": side, "memory_attention_rope_feat_sizes": [4, 4]}
    config = transformers.Sam3TrackerVideoConfig(vision_config=vision, **heads, **memory)
    return _save(transformers.Sam3TrackerVideoModel, config, folder)


def tiny_vitmatte(folder: Path) -> Path:
    """A folder with a ViTMatte of ten thousand random numbers, whose answer runs from 0 to 1."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers", reason="public models need transformers (extra hub)")
    eye = transformers.VitDetConfig(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_channels=4,
        image_size=64,
        pretrain_image_size=32,
        window_size=2,
        window_block_indices=[0],
        residual_block_indices=[1],
        use_relative_position_embeddings=True,
        out_features=["stage2"],
    )
    config = transformers.VitMatteConfig(
        backbone_config=eye, hidden_size=16, convstream_hidden_sizes=[8, 8, 8], fusion_hidden_sizes=[16, 8, 8, 8]
    )
    with torch.random.fork_rng():
        torch.manual_seed(3)
        network = transformers.VitMatteForImageMatting(config).eval()
        with torch.no_grad():
            for weight in network.decoder.parameters():
                weight.mul_(20.0) if weight.ndim > 1 else weight.add_(0.1)
            network.decoder.matting_head.matting_convs[-1].weight.mul_(10.0)
    network.save_pretrained(folder)
    return folder


def _heads() -> dict[str, object]:
    return {
        "prompt_encoder_config": {"hidden_size": HIDDEN, "image_size": SIDE, "mask_input_channels": 8},
        "mask_decoder_config": {
            "hidden_size": HIDDEN,
            "num_hidden_layers": 1,
            "mlp_dim": 32,
            "num_attention_heads": 2,
            "iou_head_hidden_dim": 16,
        },
        "initializer_range": 0.2,
    }


def _memory() -> dict[str, object]:
    return {
        "image_size": SIDE,
        "memory_attention_hidden_size": HIDDEN,
        "memory_attention_num_layers": 1,
        "memory_attention_rope_feat_sizes": [SIDE // 16, SIDE // 16],
        "memory_encoder_hidden_size": HIDDEN,
        "memory_encoder_output_channels": HIDDEN // 2,
        "mask_downsampler_embed_dim": HIDDEN,
        "memory_fuser_embed_dim": HIDDEN,
        "memory_fuser_intermediate_dim": 32,
    }


def _save(network_class: object, config: object, folder: Path) -> Path:
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(3)
        network = network_class(config).eval()  # type: ignore[operator] # a class of transformers
    # A random network believes that nothing is there; this one is sure of the opposite.
    with torch.no_grad():
        network.mask_decoder.pred_obj_score_head.proj_out.bias.add_(100.0)
    network.save_pretrained(folder)
    return folder
