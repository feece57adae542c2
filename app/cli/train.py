"""`penumbra train`: the embedded networks and their data, from nothing. The options are `inference/train.py`'s."""

from __future__ import annotations

import argparse

from inference.train import describe as describe_training
from inference.train import run as run_training


def describe(parser: argparse.ArgumentParser) -> None:
    describe_training(parser)


def run(arguments: argparse.Namespace) -> int:
    return run_training(arguments)
