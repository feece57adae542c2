"""`penumbra models [list|info NAME|pull NAME]`: what the engine can do, under which licence, and what it could do."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from app.cli.engine_options import add_engine_options, start_engine
from app.console import complain, say, say_json, table
from app.pulling import HUB, Hub, pull
from core.errors import EngineError
from core.model_info import ModelInfo
from inference.public_models import PublicModel, public_models, pulled_folder


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=("list", "info", "pull"), default="list")
    parser.add_argument("name", nargs="?", default="", help="the model, for info and pull")
    parser.add_argument("--json", action="store_true", help="for programs")
    fetching = parser.add_argument_group("pull")
    fetching.add_argument("--accept-licence", action="store_true", help="you have read the model's licence and accept")
    fetching.add_argument("--into", type=Path, metavar="DIR", help="where models are kept instead of your data folder")
    fetching.add_argument(
        "--hub", default=os.environ.get("HF_ENDPOINT") or HUB, metavar="URL", help="a mirror instead of huggingface.co"
    )
    add_engine_options(parser)


def run(arguments: argparse.Namespace) -> int:
    if arguments.what == "pull":
        return _pull(arguments)
    engine = start_engine(arguments)
    try:
        models = engine.models().result(timeout=60)
    finally:
        engine.close()
    if arguments.what == "info":
        return _info(arguments, models)
    missing = [model for model in public_models() if model.id not in {known.id for known in models}]
    if arguments.json:
        there = [{**asdict(model), "pulled": True} for model in models]
        say_json([*there, *({**asdict(model), "pulled": False, "page": model.page} for model in missing)], indent=1)
        return 0
    where = f"not on {arguments.server}" if arguments.server else "not pulled"
    say(table([*map(_row, models), *(_missing_row(model, where) for model in missing)]))
    if missing and not arguments.server:
        say(f"\nTo pull one: penumbra models pull {missing[0].id}")
    return 0


def _info(arguments: argparse.Namespace, models: tuple[ModelInfo, ...]) -> int:
    found = next((model for model in models if model.id == arguments.name), None)
    if found is None:
        public = next((model for model in public_models() if model.id == arguments.name), None)
        why = "no model of that name is there" if public is None else "it is not pulled"
        hint = "" if public is None else f"Type: penumbra models pull {public.id}"
        raise EngineError(arguments.name or "penumbra models info", why, hint)
    if arguments.json:
        say_json([asdict(found)], indent=1)
    else:
        _say_one(found)
    return 0


def _row(model: ModelInfo) -> dict[str, object]:
    return {
        "name": model.id,
        "version": model.version,
        "tasks": ", ".join(model.tasks),
        "licence": model.license,
        "size": _size(model.weights_bytes),
        "device": model.device,
        "state": "ready",
        "teachable": "yes" if model.trainable else "",
        "about": model.label,
    }


def _missing_row(model: PublicModel, where: str) -> dict[str, object]:
    return {
        "name": model.id,
        "tasks": ", ".join(model.tasks),
        "licence": model.license,
        "size": _size(model.bytes),
        "state": where,
        "about": model.label,
    }


def _size(count: int) -> str:
    return f"{count / 1e6:.0f} MB" if count >= 500_000 else ""


def _say_one(model: ModelInfo) -> None:
    say(f"{model.id} {model.version}: {model.label}")
    say(model.description)
    say(f"tasks: {', '.join(model.tasks)}   licence: {model.license}   device: {model.device or 'its own choice'}")
    if model.weights_sha256:
        say(f"weights: {model.weights_sha256} ({_size(model.weights_bytes) or f'{model.weights_bytes} bytes'})")
    knobs = model.options_schema.get("properties", {})
    if knobs:
        say()
        say(table([_knob(name, knob) for name, knob in knobs.items()]))


def _knob(name: str, knob: dict[str, Any]) -> dict[str, object]:
    choices = ", ".join(str(choice) for choice in knob.get("enum", ()))
    return {
        "option": name,
        "default": knob.get("default"),
        "allowed": choices or (f"{knob['minimum']} to {knob['maximum']}" if "maximum" in knob else ""),
        "meaning": knob.get("description", ""),
    }


# --- pull -------------------------------------------------------------------------------------------------------------


def _pull(arguments: argparse.Namespace) -> int:
    model = next((model for model in public_models() if model.id == arguments.name), None)
    if model is None:
        names = ", ".join(model.id for model in public_models())
        raise EngineError(arguments.name or "penumbra models pull", "is no public model", f"There are: {names}.")
    complain(f"{model.label}, about {_size(model.bytes)}. Licence: {model.license}, to be read at {model.page}")
    if not arguments.accept_licence and not _accepts():
        hint = f"Read it at {model.page}, then add --accept-licence."
        raise EngineError(model.label, "is fetched only when its licence is accepted", hint)
    bars: dict[str, tqdm[Any]] = {}

    def show(name: str, here: int, size: int) -> None:
        if name not in bars:
            bars[name] = tqdm(desc=name, total=size, initial=here, unit="B", unit_scale=True, file=sys.stderr)
        bars[name].update(here - bars[name].n)

    try:
        folder = pull(model, Hub(arguments.hub, _token()), arguments.into or pulled_folder(), show)
    finally:
        for bar in bars.values():
            bar.close()
    say(f"{model.label} is in {folder}; every file's hash is as announced.")
    if arguments.into:
        say(f"Penumbra finds it with --model-dir {arguments.into}")
    return 0


def _accepts() -> bool:
    """Asks where somebody can answer."""
    if not sys.stdin.isatty():
        return False
    complain("Do you accept it? Type yes:")
    return sys.stdin.readline().strip().lower() == "yes"


def _token() -> str:
    """The token the artist has logged in with, for models whose owners ask; empty without one."""
    try:
        return str(importlib.import_module("huggingface_hub").get_token() or "")
    except ImportError:
        return os.environ.get("HF_TOKEN", "")
