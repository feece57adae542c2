"""`penumbra models [list|info NAME]`: what the engine can do, and under which licence."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from app.cli.engine_options import add_engine_options, start_engine
from app.console import say, say_json, table
from core.errors import EngineError
from core.model_info import ModelInfo


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=("list", "info"), default="list")
    parser.add_argument("name", nargs="?", default="", help="the model, for info")
    parser.add_argument("--json", action="store_true", help="for programs")
    add_engine_options(parser)


def run(arguments: argparse.Namespace) -> int:
    engine = start_engine(arguments)
    try:
        models = engine.models().result(timeout=60)
    finally:
        engine.close()
    if arguments.what == "info":
        models = tuple(model for model in models if model.id == arguments.name)
        if not models:
            raise EngineError(arguments.name or "penumbra models info", why="no model of that name is there")
    if arguments.json:
        say_json([asdict(model) for model in models], indent=1)
    elif arguments.what == "info":
        _say_one(models[0])
    else:
        say(table([_row(model) for model in models]))
    return 0


def _row(model: ModelInfo) -> dict[str, object]:
    return {
        "name": model.id,
        "version": model.version,
        "tasks": ", ".join(model.tasks),
        "licence": model.license,
        "teachable": "yes" if model.trainable else "",
        "about": model.label,
    }


def _say_one(model: ModelInfo) -> None:
    say(f"{model.id} {model.version}: {model.label}")
    say(model.description)
    say(f"tasks: {', '.join(model.tasks)}   licence: {model.license}")
    if model.weights_sha256:
        say(f"weights: {model.weights_sha256}")
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
