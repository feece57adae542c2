"""The engine as a process: behind a port for others (`penumbra serve`), or as the child of a window.

A child binds a free port of 127.0.0.1, reads its one-time token from standard input, reports its port as one line of
JSON on standard output, and ends when standard input does: that is when the window is gone. A server for others
needs a token file, and TLS for any address that is not this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import grpc

from core.corrections.store import CorrectionStore
from core.errors import EngineError, PenumbraError
from inference.address import is_loopback
from inference.contract import penumbra_pb2_grpc as pb_grpc
from inference.data_lock import DataLock
from inference.frames import LOCAL
from inference.public_models import pulled_folder
from inference.server.auth import Authenticate, Tokens, new_token
from inference.server.limits import MESSAGE_BYTES, Limits
from inference.server.service import Service, Setup
from inference.server.show_schedule import ShowSchedule

CHANNEL_OPTIONS = [
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    ("grpc.so_reuseport", 0),
    ("grpc.max_concurrent_streams", 256),
]
log = logging.getLogger(__name__)


async def open_server(
    service: Service, address: str, tokens: Tokens, credentials: grpc.ServerCredentials | None = None
) -> tuple[grpc.aio.Server, int]:
    """A started server and its port. Raises EngineError when the address cannot be used."""
    server = grpc.aio.server(interceptors=[Authenticate(tokens)], options=CHANNEL_OPTIONS, maximum_concurrent_rpcs=256)
    pb_grpc.add_PenumbraServicer_to_server(service, server)  # type: ignore[no-untyped-call] # generated
    try:
        if credentials is None:
            port = server.add_insecure_port(address)
        else:
            port = server.add_secure_port(address, credentials)
    except RuntimeError as error:
        raise EngineError(address, "cannot be listened on", "Choose another port.") from error
    await server.start()
    return server, port


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m inference.serve`, and with `--child` a window's engine. Returns an exit code; raises PenumbraError."""
    parser = argparse.ArgumentParser(
        prog="penumbra serve", description="Run the engine for others.", allow_abbrev=False
    )
    describe(parser)
    return run(parser.parse_args(arguments))


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop, as `describe`'s options say. Returns an exit code; raises PenumbraError."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if options.child:
        return _child(options)
    return _for_others(options)


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the server's options; `penumbra serve` and this module's own command line share them."""
    parser.add_argument("--listen", metavar="HOST:PORT", default="127.0.0.1:7077")
    parser.add_argument("--token-file", type=Path, help="lines of TOKEN or NAME TOKEN, readable by you only")
    parser.add_argument("--cert", type=Path, help="TLS certificate chain (PEM)")
    parser.add_argument("--key", type=Path, help="its private key (PEM)")
    parser.add_argument("--root", action="append", default=[], metavar="NAME=DIR", help="pictures readable by path")
    parser.add_argument("--models", action="append", default=[], type=Path, metavar="DIR", help="your own models")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where blobs and jobs are kept")
    parser.add_argument("--encodings", type=Path, metavar="DIR", help="where precomputed encodings are kept")
    parser.add_argument("--show-store", type=Path, metavar="DIR", help="corrections of a show to learn from by itself")
    parser.add_argument("--show-every", type=float, default=24.0, metavar="HOURS", help="how often (24)")
    parser.add_argument("--embedded", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--heartbeat", type=float, default=2.0, help=argparse.SUPPRESS)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--resume", action="store_true", help=argparse.SUPPRESS)


# --- for others -----------------------------------------------------------------------------------------------------


def _for_others(options: argparse.Namespace) -> int:
    host, _, port = options.listen.rpartition(":")
    if not host or not port.isdecimal():
        raise EngineError(options.listen, "is not HOST:PORT", "Write for example 127.0.0.1:7077.")
    if bool(options.cert) != bool(options.key):
        raise EngineError("TLS", "needs a certificate and its key", "Give both --cert and --key.")
    if not is_loopback(host) and not (options.cert and options.token_file):
        raise EngineError(
            options.listen,
            "can be reached by other machines, so it needs TLS and a token",
            "Give --cert, --key and --token-file, or listen on 127.0.0.1.",
        )
    data = options.data or _default_data()
    os.environ.pop("OCIO", None)  # a client says which config it means; this machine's would be silent
    tokens = Tokens.from_file(options.token_file or _own_token(data))
    credentials = None
    if options.cert:
        try:
            pair = (options.key.read_bytes(), options.cert.read_bytes())
        except OSError as error:
            raise EngineError(error.filename, f"cannot be read ({error.strerror})") from error
        credentials = grpc.ssl_server_credentials([pair])
    setup = Setup(
        data,
        (pulled_folder(), *options.models),
        dict(map(_root, options.root)),
        heartbeat_s=options.heartbeat,
        embedded=options.embedded,
        encodings=options.encodings,
    )
    schedule = _schedule(options)
    lock = DataLock.take(data)
    if lock is None:
        raise EngineError(data, "is in use by another engine", "Give --data another folder.")
    try:
        asyncio.run(_serve(setup, options.listen, tokens, credentials, schedule))
    finally:
        lock.release()
    return 0


def _root(text: str) -> tuple[str, Path]:
    name, _, folder = text.partition("=")
    path = Path(folder).expanduser()
    if not name.isidentifier() or name == LOCAL or not path.is_dir():
        raise EngineError(f"--root {text}", "is not NAME=DIR with an existing folder")
    return name, path.resolve()


def _schedule(options: argparse.Namespace) -> ShowSchedule | None:
    if options.show_store is None:
        return None
    if options.show_every <= 0.0:
        raise EngineError("--show-every", "is no time to wait", "Give hours, such as 24.")
    return ShowSchedule(CorrectionStore.open(options.show_store).path.resolve(), options.show_every * 3600.0)


def _default_data() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("penumbra")) / "server"


def _own_token(data: Path) -> Path:
    """On this machine a token is made when none is given; other users of the machine cannot read it."""
    path = data / "token"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(new_token() + "\n")
    return path


async def _serve(
    setup: Setup,
    address: str,
    tokens: Tokens,
    credentials: grpc.ServerCredentials | None,
    schedule: ShowSchedule | None = None,
) -> None:
    service = Service(setup)
    server, port = await open_server(service, address, tokens, credentials)
    log.info("listening on %s (port %d), %s", address, port, "TLS" if credentials else "this machine only")
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C ends the loop as an exception instead
            loop.add_signal_handler(number, ended.set)
    learning = asyncio.create_task(schedule.run()) if schedule is not None else None
    await ended.wait()
    if learning is not None:
        learning.cancel()
        await asyncio.wait([learning])
    await server.stop(grace=1.0)
    await service.close()


# --- a window's child -----------------------------------------------------------------------------------------------


def _child(options: argparse.Namespace) -> int:
    token = sys.stdin.readline().strip()
    if not token:
        return 2
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    limits = Limits(user_blob_quota_bytes=50 * 1024**3, max_queued_jobs_per_user=1000)
    root = Path(Path.cwd().anchor)
    setup = Setup(
        options.data,
        tuple(options.models),
        {LOCAL: root},
        limits,
        resume=options.resume,
        heartbeat_s=options.heartbeat,
        embedded=options.embedded,
        encodings=options.encodings,
    )
    asyncio.run(_serve_parent(setup, token))
    return 0


def _end_with_parent() -> None:
    """Nothing is sent after the token; the pipe's end is the parent's end. Unfinished jobs are in the log."""
    while sys.stdin.read(1):
        pass
    os._exit(0)


async def _serve_parent(setup: Setup, token: str) -> None:
    service = Service(setup)
    server, port = await open_server(service, "127.0.0.1:0", Tokens({token: "artist"}))
    sys.stdout.write(json.dumps({"port": port, "boot_id": service.boot_id}) + "\n")
    sys.stdout.flush()
    await server.wait_for_termination()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PenumbraError as error:
        sys.stderr.write(f"{error.sentence}\n")
        sys.exit(2)
