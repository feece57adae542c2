"""`penumbra serve`: the engine for others. The options are the server's own (`inference/serve.py`)."""

from __future__ import annotations

import argparse

from inference.serve import describe as describe_server
from inference.serve import run as run_server


def describe(parser: argparse.ArgumentParser) -> None:
    describe_server(parser)


def run(arguments: argparse.Namespace) -> int:
    return run_server(arguments)
