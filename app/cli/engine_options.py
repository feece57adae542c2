"""Which engine a command works with: a child process of its own, or a server."""

from __future__ import annotations

import argparse
from pathlib import Path

import platformdirs

from core.errors import EngineError
from inference.client import EngineClient
from inference.public_models import pulled_folder


def add_engine_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("engine")
    group.add_argument(
        "--server", metavar="HOST:PORT", default="", help="a running `penumbra serve` instead of this machine"
    )
    group.add_argument("--token-file", type=Path, help="the bearer token of the server")
    group.add_argument("--ca", type=Path, metavar="FILE", help="certificate authority of the server's certificate")
    group.add_argument(
        "--models",
        "--model-dir",
        type=Path,
        action="append",
        default=[],
        dest="models_dir",
        metavar="DIR",
        help="a folder with models of your own, or with the weights of a public one",
    )


def start_engine(arguments: argparse.Namespace) -> EngineClient:
    """Raises EngineError when a server was named that cannot be used."""
    if not arguments.server:
        return local_engine(tuple(arguments.models_dir))
    address = arguments.server.removeprefix("penumbra://").removeprefix("https://").removeprefix("grpcs://")
    if ":" not in address:
        raise EngineError(address, why="has no port", hint="Write HOST:PORT.")
    if arguments.token_file is None:
        raise EngineError(address, why="a server wants a token", hint="Give --token-file, as its owner told you.")
    return EngineClient.remote(address, token_file=arguments.token_file, ca_file=arguments.ca)


def local_engine(models_dirs: tuple[Path, ...] = ()) -> EngineClient:
    """The engine as a child process on loopback; its data lies in the user's cache folder."""
    data = Path(platformdirs.user_cache_dir("penumbra")) / "engine"
    own = Path(platformdirs.user_config_dir("penumbra")) / "models"
    kept = Path(platformdirs.user_data_dir("penumbra")) / "encodings"
    return EngineClient.local(
        data, model_dirs=(pulled_folder(), own, *models_dirs), arguments=("--encodings", str(kept))
    )
