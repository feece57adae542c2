"""`penumbra precompute PLATE --model NAME`: encode a plate overnight; each first click is quick the next day."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.engine_options import add_engine_options, start_engine
from app.console import say, say_json
from app.precomputing import Precomputed, precompute
from core.color import ColorConfig
from core.errors import EngineError
from core.frames import FrameRange
from core.layer import ModelChoice
from core.plate_reader import open_plate


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plate", type=Path, help="plate.####.exr, a folder, one file of a sequence, a still or a movie")
    parser.add_argument("--model", required=True, metavar="NAME", help="a public model; see penumbra models list")
    parser.add_argument("--frames", type=FrameRange.parse, metavar="A-B", help="these frames only")
    parser.add_argument("--part", default="", help="part of a multi-part EXR")
    parser.add_argument("--layer", default="", help="layer of the EXR whose R, G, B are used")
    parser.add_argument("--view", default="", help="view of a stereo EXR")
    parser.add_argument("--color-space", help="input color space; must be given for PNG, TIFF, JPEG and movies")
    parser.add_argument("--config", default="", help="OCIO config: a file or an ocio:// name")
    parser.add_argument("--json", action="store_true", help="one JSON object about what was done")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    add_engine_options(parser)


def run(arguments: argparse.Namespace) -> int:
    plate = open_plate(
        arguments.plate,
        ColorConfig.load(arguments.config),
        color_space=arguments.color_space,
        part=arguments.part,
        layer=arguments.layer,
        view=arguments.view,
    )
    frames = arguments.frames or plate.frames
    engine = start_engine(arguments)
    try:
        models = engine.models().result(timeout=60)
        if arguments.model not in [model.id for model in models if "segment" in model.tasks]:
            hint = f"If it is a public one, type: penumbra models pull {arguments.model}"
            raise EngineError(arguments.model, "is no model the engine has", hint)
        choice = ModelChoice(arguments.model)
        done = precompute(engine, plate, arguments.config, tuple(frames), choice, quiet=arguments.quiet)
    finally:
        engine.close()
    if arguments.json:
        say_json(done.as_dict())
    else:
        say(_sentence(done))
        for frame, why in done.failed.items():
            say(f"Frame {frame}: {why}")
    return 1 if done.failed else 0


def _sentence(done: Precomputed) -> str:
    """What was done and what it takes."""
    size = f"{done.bytes / 1e6:.1f} MB on disk" if done.bytes < 1e9 else f"{done.bytes / 1e9:.2f} GB on disk"
    before = f", {done.found} {'was' if done.found == 1 else 'were'} there before" if done.found else ""
    return f"{done.made} frame{'' if done.made == 1 else 's'} encoded{before}: {size}."
