"""`penumbra serve`: who may listen where, TLS, and a client that shares no disk with it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.errors import EngineError
from core.layer import ModelChoice
from core.matte import Matte
from core.plate import Plate
from core.prompts import Click
from inference.address import is_loopback
from inference.client import EngineClient
from inference.connection import Patience, There
from inference.engine import EngineCondition
from inference.messages import Example, JobEvent, PropagateRequest, SegmentRequest, TeachRequest
from inference.serve import main
from tests.inference.conftest import write_fake

Until = Callable[[Callable[[], object]], None]
TOKEN = "a-token-of-more-than-sixteen"


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    return write_token(tmp_path)


def write_token(folder: Path) -> Path:
    path = folder / "token"
    path.write_text(f"# who may\nanna {TOKEN}\n")
    path.chmod(0o600)
    return path


@contextmanager
def server(home: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A served engine of its own process, and its port."""
    command = [sys.executable, "-m", "inference.serve", "--data", str(home / "server"), *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert process.stderr is not None
    said = ""
    while "listening" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    found = re.search(r"port (\d+)", said)
    assert found
    try:
        yield process, int(found[1])
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


@dataclass(frozen=True)
class Served:
    home: Path
    port: int
    token_file: Path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, plate: Plate) -> Iterator[Served]:
    """One server for the tests that leave it as it was; it announces the folder the plate lies in."""
    home = tmp_path_factory.mktemp("served")
    token_file = write_token(home)
    arguments = ("--models", str(write_fake(home)), "--root", f"show={plate.path.parent}")
    with server(home, "--listen", "127.0.0.1:0", "--token-file", str(token_file), *arguments) as (_, port):
        yield Served(home, port, token_file)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [(host, True) for host in ("127.0.0.1", "127.1.2.3", "localhost", "[::1]")]
    + [(host, False) for host in ("0.0.0.0", "10.0.0.1", "render1", "", "[::]", "127.0.0.1.evil.example")],
)
def test_loopback_is_known(host: str, loopback: bool) -> None:
    """Names are other machines unless they are localhost."""
    assert is_loopback(host) is loopback


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "render1:7077", "[::]:7077"])
def test_others_need_tls_and_a_token(tmp_path: Path, token_file: Path, listen: str) -> None:
    """Neither alone is enough for an address that other machines can reach; the refusal says what to give."""
    (tmp_path / "pem").write_text("x")
    pem = str(tmp_path / "pem")
    for given in ([], ["--token-file", str(token_file)], ["--cert", pem, "--key", pem]):
        with pytest.raises(EngineError, match="TLS and a token"):
            main(["--listen", listen, "--data", str(tmp_path / "d"), *given])


def test_token_files_others_may_read_are_refused(tmp_path: Path, token_file: Path) -> None:
    """And so are short tokens."""
    token_file.chmod(0o644)
    with pytest.raises(EngineError, match="chmod 600"):
        main(["--token-file", str(token_file), "--data", str(tmp_path / "d")])
    token_file.chmod(0o600)
    token_file.write_text("short\n")
    with pytest.raises(EngineError, match="16 characters"):
        main(["--token-file", str(token_file), "--data", str(tmp_path / "d")])


@pytest.mark.parametrize("arguments", [["--listen", "7077"], ["--cert", "x"], ["--root", "a=/no/such/folder"]])
def test_bad_arguments_are_sentences(tmp_path: Path, arguments: list[str]) -> None:
    with pytest.raises(EngineError):
        main([*arguments, "--data", str(tmp_path / "d")])


def test_client_sends_no_token_in_the_clear(token_file: Path) -> None:
    """TLS for any host but this machine, whether asked for or not."""
    assert There.of("render1.example:7077", token_file, None).tls
    assert There.of("grpcs://127.0.0.1:7077", token_file, None).tls
    assert not There.of("127.0.0.1:7077", token_file, None).tls
    for url in ("render1", "127.evil.example:x"):
        with pytest.raises(EngineError, match="HOST:PORT"):
            There.of(url, token_file, None)
    assert There.of("127.evil.example:7077", token_file, None).tls


def test_remote_engine_by_blobs_and_across_a_kill(
    tmp_path: Path, model_dir: Path, token_file: Path, plate: Plate, key_matte: Matte, patience: Patience
) -> None:
    """No shared disk: frames are sent, each once. A server killed in a job comes back and goes on."""
    common = ("--models", str(model_dir), "--token-file", str(token_file), "--heartbeat", "0.3")
    with server(tmp_path, "--listen", "127.0.0.1:0", *common) as (process, port):
        engine = EngineClient.remote(f"127.0.0.1:{port}", token_file, patience=patience)
        try:
            asked = SegmentRequest("a", plate, "", 1001, (Click(20.5, 10.5),), ModelChoice("fake"))
            assert engine.segment(asked).result(30).matte.coverage[10, 22] == 0.5
            assert blobs(tmp_path) == 1

            at_once = [
                engine.segment(replace(asked, slot=str(slot), frame=1002, prompts=(Click(slot + 0.5, 5.5),)))
                for slot in range(4)
            ]
            assert all(future.result(30).matte.coverage.any() for future in at_once)
            assert blobs(tmp_path) == 2

            events: list[JobEvent] = []

            def note(event: JobEvent) -> None:
                events.append(event)
                if event.frame == 1006:
                    process.kill()

            wanted = tuple(range(1002, 1021))
            job = engine.start(
                PropagateRequest(plate, "", {1001: key_matte}, wanted, ModelChoice("fake", {"step_s": 0.05})), note
            )
            process.wait(30)
            with server(tmp_path, "--listen", f"127.0.0.1:{port}", *common):
                job.done.result(60)
                teach = TeachRequest(
                    plate, "", (Example(1001, key_matte), Example(1004, key_matte)), ModelChoice("fake")
                )
                engine.start(teach, events.append).done.result(60)
            mattes = Counter(event.frame for event in events if event.matte)
            assert [mattes[frame] for frame in wanted] == [1] * len(wanted)
            assert events[-1].adapter == b"20"
        finally:
            engine.close()


def blobs(home: Path) -> int:
    return sum(path.is_file() for path in (home / "server" / "blobs").rglob("*"))


def test_announced_root_is_used(served: Served, plate: Plate, patience: Patience) -> None:
    """Where the server announces the folder the plate lies in, no picture is sent."""
    engine = EngineClient.remote(f"127.0.0.1:{served.port}", served.token_file, patience=patience)
    asked = SegmentRequest("a", plate, "", 1001, (Click(20.5, 10.5),), ModelChoice("fake"))
    try:
        assert engine.segment(asked).result(30).matte.coverage[10, 22] == 0.5
    finally:
        engine.close()

    assert blobs(served.home) == 0


def test_wrong_token_fails_for_good(tmp_path: Path, model_dir: Path, token_file: Path, until: Until) -> None:
    """It is said, and nothing waits for ever. Without a token file a token of one's own is made."""
    with server(tmp_path, "--listen", "127.0.0.1:0", "--models", str(model_dir)) as (_, port):
        own = tmp_path / "server" / "token"
        engine = EngineClient.remote(f"127.0.0.1:{port}", token_file)
        friend = EngineClient.remote(f"127.0.0.1:{port}", own)
        try:
            until(lambda: engine.now.condition is EngineCondition.FAILED)
            assert "token" in engine.now.sentence
            with pytest.raises(EngineError, match="token"):
                engine.models().result(5)
            assert "fake" in [info.id for info in friend.models().result(20)]
        finally:
            engine.close()
            friend.close()

    assert os.name != "posix" or own.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
def test_tls(tmp_path: Path, model_dir: Path, token_file: Path, patience: Patience, until: Until) -> None:
    """With the server's certificate the client gets through; without it, it does not."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    arguments = ("--cert", str(cert), "--key", str(key), "--token-file", str(token_file), "--models", str(model_dir))
    with server(tmp_path, "--listen", "127.0.0.1:0", *arguments) as (_, port):
        engine = EngineClient.remote(f"grpcs://127.0.0.1:{port}", token_file, cert, patience=patience)
        stranger = EngineClient.remote(
            f"grpcs://127.0.0.1:{port}", token_file, patience=Patience(first_hello=1.0, back_off=(0.0,))
        )
        try:
            assert "fake" in [info.id for info in engine.models().result(20)]
            until(lambda: stranger.now.condition is EngineCondition.LOST)
        finally:
            engine.close()
            stranger.close()


def test_one_engine_to_a_data_folder(served: Served) -> None:
    """A second server on the same folder would do every job twice."""
    arguments = ("--listen", "127.0.0.1:0", "--token-file", str(served.token_file))
    with pytest.raises(EngineError, match="in use"):
        main([*arguments, "--data", str(served.home / "server")])


def test_child_needs_its_token(tmp_path: Path) -> None:
    """A child whose parent says nothing ends; it says its port as one line of JSON to one that does."""
    command = [sys.executable, "-m", "inference.serve", "--child", "--data", str(tmp_path)]
    silent = subprocess.run(command, input="", capture_output=True, text=True, timeout=60, check=False)
    spoken = subprocess.run(command, input=TOKEN + "\n", capture_output=True, text=True, timeout=60, check=False)

    assert silent.returncode == 2
    assert spoken.stdout == "" or json.loads(spoken.stdout)["port"] > 0
