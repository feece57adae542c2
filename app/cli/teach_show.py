"""`penumbra teach-show`: learn a show's model from its corrections. The options are `inference/teach_show.py`'s."""

from __future__ import annotations

import argparse

from app.remembering import needed_store
from inference.teach_show import describe as describe_learning
from inference.teach_show import run as run_learning


def describe(parser: argparse.ArgumentParser) -> None:
    describe_learning(parser)


def run(arguments: argparse.Namespace) -> int:
    arguments.store = needed_store(arguments.store).path
    return run_learning(arguments)
