"""`penumbra matte`: the main job without a window: segment, propagate, teach, refine, export."""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path

from app.cli.engine_options import add_engine_options, start_engine
from app.console import Progress, say, say_json
from app.headless import Headless
from core.color import ColorConfig
from core.delivery import ExportPlan
from core.errors import PromptError
from core.finish import Finish
from core.frames import FrameNumber, FrameRange
from core.layer import SEGMENTER
from core.plate import Plate
from core.plate_reader import open_plate
from core.prompts import Box, Click, Prompt


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plate", type=Path, help="plate.####.exr, a folder, one file of a sequence, a still or a movie")
    parser.add_argument("-o", "--output", required=True, metavar="OUT/name.####.exr", help="where the mattes go")
    parser.add_argument(
        "--click", action="append", default=[], metavar="FRAME:X,Y[,-]", help="plate pixels, y down; ,- subtracts"
    )
    parser.add_argument("--box", action="append", default=[], metavar="FRAME:X0,Y0,X1,Y1")
    parser.add_argument(
        "--correct", action="append", default=[], metavar="FRAME:mask.exr", help="a painted matte for a frame"
    )
    parser.add_argument("--frames", type=FrameRange.parse, metavar="A-B", help="work on and export these frames only")
    parser.add_argument(
        "--model", default=SEGMENTER, metavar="NAME", help="the model that answers clicks (%(default)s)"
    )
    parser.add_argument(
        "--propagate-model", default="propagate", metavar="NAME", help="the model that carries mattes to other frames"
    )
    parser.add_argument(
        "--teach", action="store_true", help="fine-tune on the key frames, and use it if it is no worse"
    )
    parser.add_argument("--teach-seconds", type=float, default=None, help="how long to teach at most")
    parser.add_argument("--refine", action="store_true", help="a better edge on every frame")
    parser.add_argument("--refine-model", default="", metavar="NAME", help="refine, with this model (refine)")
    parser.add_argument("--name", default="matte", help="the layer's name")
    parser.add_argument("--project", type=Path, metavar="FILE", help="keep everything as a .penumbra project")
    plate = parser.add_argument_group("how the plate is read")
    plate.add_argument("--part", default="", help="part of a multi-part EXR")
    plate.add_argument("--layer", default="", help="layer of the EXR whose R, G, B are used")
    plate.add_argument("--view", default="", help="view of a stereo EXR")
    plate.add_argument("--color-space", help="input color space; must be given for PNG, TIFF, JPEG and movies")
    plate.add_argument("--config", default="", help="OCIO config: a file or an ocio:// name")
    finish = parser.add_argument_group("what is done to every matte, last")
    finish.add_argument("--fill-holes", type=_pixels, default=0, metavar="PIXELS", help="fill holes of at most so many")
    finish.add_argument("--remove-specks", type=_pixels, default=0, metavar="PIXELS", help="never the largest")
    finish.add_argument("--grow", type=_amount, default=0.0, metavar="PIXELS", help="any part of one; -0.5 shrinks")
    finish.add_argument("--invert", action="store_true", help="what is in is out")
    out = parser.add_argument_group("how the mattes are written")
    out.add_argument("--kind", choices=("matte", "layers", "comp"), default="matte")
    out.add_argument("--pixel-type", choices=("half", "float"), default="half")
    out.add_argument("--compression", choices=("zip", "zips", "piz", "none"), default="zip")
    out.add_argument("--data-window", choices=("plate", "matte"), default="plate")
    out.add_argument("--overwrite", action="store_true", help="replace files that are there")
    out.add_argument("--resume", action="store_true", help="keep frames of an earlier export that are still true")
    parser.add_argument("--json", action="store_true", help="one JSON object about what was done")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    add_engine_options(parser)


def run(arguments: argparse.Namespace) -> int:
    prompts = [*map(_click, arguments.click), *map(_box, arguments.box)]
    paintings = [_painting(text) for text in arguments.correct]
    if not prompts and not paintings:
        raise PromptError(
            "penumbra matte", why="nothing says what to matte", hint="Give a --click, --box or --correct."
        )
    color = ColorConfig.load(arguments.config)
    plate = open_plate(
        arguments.plate,
        color,
        color_space=arguments.color_space,
        part=arguments.part,
        layer=arguments.layer,
        view=arguments.view,
    )
    frames = arguments.frames or plate.frames
    for frame, prompt in prompts:
        _on_plate(plate, frame, prompt)
    progress = Progress(quiet=arguments.quiet)
    with Headless(start_engine(arguments), plate, arguments.config, frames, arguments.name, progress) as work:
        work.choose_models(arguments.model, arguments.propagate_model, arguments.refine_model)
        for frame, prompt in prompts:
            work.prompt(frame, prompt)
        for frame, file in paintings:
            work.paint(frame, file)
        work.propagate()
        taught = None
        if arguments.teach:
            options = {} if arguments.teach_seconds is None else {"seconds": arguments.teach_seconds}
            taught = work.teach(options)
            work.propagate()
        if arguments.refine or arguments.refine_model:
            work.refine()
        work.finish(Finish.of(arguments.fill_holes, arguments.remove_specks, arguments.grow, arguments.invert))
        plan = ExportPlan(
            path=arguments.output,
            layers=(work.layer_id,),
            frames=frames,
            kind=arguments.kind,
            pixel_type=arguments.pixel_type,
            compression=arguments.compression,
            data_window=arguments.data_window,
            overwrite=arguments.overwrite,
            resume=arguments.resume,
        )
        report = work.export(plan)
        if arguments.project:
            work.save_as(arguments.project)
    progress.close()
    if arguments.json:
        done = {"plate": plate.name, "frames": str(frames), "export": report.as_dict(), "teach": taught}
        say_json({**done, "answers": work.answers})
    else:
        say(report.sentence)
    return 0


def _pixels(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than nothing")
    return number


def _amount(text: str) -> float:
    """Through Fraction, which knows no "nan" and no "inf"."""
    return float(Fraction(text))


def _click(text: str) -> tuple[FrameNumber, Prompt]:
    frame, _, rest = text.partition(":")
    parts = rest.split(",")
    subtracts = len(parts) == 3 and parts[2].strip() == "-"
    if len(parts) != 2 and not subtracts:
        raise PromptError(f"--click {text}", why="is not FRAME:X,Y or FRAME:X,Y,-")
    x, y = _numbers(f"--click {text}", parts[:2])
    return _frame(f"--click {text}", frame), Click(x, y, adds=not subtracts)


def _box(text: str) -> tuple[FrameNumber, Prompt]:
    frame, _, rest = text.partition(":")
    parts = rest.split(",")
    if len(parts) != 4:
        raise PromptError(f"--box {text}", why="is not FRAME:X0,Y0,X1,Y1")
    x0, y0, x1, y1 = _numbers(f"--box {text}", parts)
    box = Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    if box.empty:
        raise PromptError(f"--box {text}", why="the box is empty")
    return _frame(f"--box {text}", frame), box


def _painting(text: str) -> tuple[FrameNumber, Path]:
    frame, _, file = text.partition(":")
    if not file:
        raise PromptError(f"--correct {text}", why="is not FRAME:FILE")
    return _frame(f"--correct {text}", frame), Path(file)


def _frame(subject: str, text: str) -> FrameNumber:
    try:
        return int(text)
    except ValueError:
        raise PromptError(subject, why=f"{text!r} is not a frame number") from None


def _numbers(subject: str, texts: list[str]) -> list[float]:
    try:
        # Through Fraction, which knows no "nan" and no "inf".
        return [float(Fraction(text.strip())) for text in texts]
    except (ValueError, ZeroDivisionError):
        raise PromptError(subject, why="a coordinate is not a number") from None


def _on_plate(plate: Plate, frame: FrameNumber, prompt: Prompt) -> None:
    if frame not in plate.frames:
        raise PromptError(f"Frame {frame}", why=f"lies outside the plate ({plate.frames})")
    if isinstance(prompt, Click) and not plate.canvas.contains(prompt.x, prompt.y):
        window = plate.canvas
        raise PromptError(
            f"The click at {prompt.x:g},{prompt.y:g}",
            why=f"lies outside the picture, which covers x {window.x0}-{window.x1}, y {window.y0}-{window.y1}",
        )
