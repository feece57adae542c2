"""`penumbra serve`: the engine for others. The options are the server's own (`inference/serve.py`)."""

from __future__ import annotations

import argparse

from inference import serve


def describe(parser: argparse.ArgumentParser) -> None:
    serve.describe(parser)


def run(arguments: argparse.Namespace) -> int:
    return serve.run(arguments)
