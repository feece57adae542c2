"""Pulling a public model from a hub: a small server on this machine that lays a repository out as the real one does."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.cli.main import main
from app.pulling import Hub, pull
from core.errors import EngineError
from inference.public_models import RECORD, manifest_of, public_models, recorded_sha256

TINY = next(model for model in public_models() if model.id == "sam2.1-tiny")
WEIGHTS = bytes(range(256)) * 1000
CONFIG = b'{"model_type": "sam2_video"}'
COMMIT = "0123456789abcdef"


@dataclass
class Repository:
    """What the server has, and how it behaves."""

    files: dict[str, bytes] = field(
        default_factory=lambda: {
            "README.md": b"# SAM 2.1\n",
            "config.json": CONFIG,
            "model.safetensors": WEIGHTS,
            "sam2.1_hiera_tiny.pt": b"never fetched",
            "preprocessor_config.json": b"{}",
        }
    )
    announced: bytes = WEIGHTS
    ends_after: int = 0
    """Bytes of the weights after which the line breaks; 0: never."""
    knows_ranges: bool = True
    status: int = 200
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Path, range and token of every request."""


class Server(ThreadingHTTPServer):
    repository: Repository
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is what some of these tests are about."""


class Answers(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        repository = self.server.repository
        wanted = self.headers.get("Range", "")
        repository.asked.append((self.path, wanted, self.headers.get("Authorization", "")))
        if repository.status != 200:
            self.send_error(repository.status)
        elif self.path.startswith("/api/models/"):
            self._send(json.dumps({"sha": COMMIT, "siblings": [self._sibling(name) for name in repository.files]}))
        elif self.path.endswith("model.safetensors") and "/stored/" not in self.path:
            self.send_response(302)  # large files lie on another host
            self.send_header("Location", f"http://localhost:{self.server.server_port}/stored/model.safetensors")
            self.end_headers()
        else:
            self._send_file(repository.files[self.path.rpartition("/")[2]], wanted)

    def _sibling(self, name: str) -> dict[str, object]:
        content = self.server.repository.files[name]
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        if not name.endswith(".safetensors"):
            return {"rfilename": name, "size": len(content), "blobId": blob}
        announced = self.server.repository.announced
        large = {"sha256": hashlib.sha256(announced).hexdigest(), "size": len(announced)}
        return {"rfilename": name, "size": len(announced), "blobId": blob, "lfs": large}

    def _send_file(self, content: bytes, wanted: str) -> None:
        repository = self.server.repository
        begin = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and repository.knows_ranges else 0
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        whole = content[begin:]
        if repository.ends_after and content is repository.files["model.safetensors"]:
            whole = whole[: repository.ends_after]
        self.wfile.write(whole)

    def _send(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Silent."""


@pytest.fixture
def server() -> Iterator[Server]:
    serving = Server(("127.0.0.1", 0), Answers)
    serving.repository = Repository()
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    yield serving
    serving.shutdown()
    thread.join()
    serving.server_close()


@pytest.fixture
def hub(server: Server) -> Hub:
    return Hub(f"http://127.0.0.1:{server.server_port}", token="secret")


def silent(name: str, here: int, size: int) -> None:
    """No progress bar."""


def test_what_is_needed_is_fetched_verified_and_recorded(server: Server, hub: Hub, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []

    folder = pull(TINY, hub, tmp_path, lambda *step: seen.append(step))

    assert folder == tmp_path / "sam2.1-tiny"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["README.md", "config.json", "model.safetensors", "preprocessor_config.json", RECORD]
    )
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert recorded_sha256(folder / "model.safetensors") == hashlib.sha256(WEIGHTS).hexdigest()
    assert seen[0][0] == "model.safetensors"
    assert ("model.safetensors", len(WEIGHTS), len(WEIGHTS)) in seen
    found = manifest_of(folder)
    assert found is not None
    assert (found["id"], found["label"], found["license"]) == ("sam2.1-tiny", "SAM 2.1 tiny", "Apache-2.0")


def test_weights_that_wait_as_a_proposal_are_asked_for_there(server: Server, hub: Hub, tmp_path: Path) -> None:
    """Some repositories have their safetensors in a revision of their own only; what comes is of one commit."""
    waiting = next(model for model in public_models() if model.revision)
    server.repository.files["config.json"] = b'{"model_type": "vitmatte"}'

    found = manifest_of(pull(waiting, hub, tmp_path, silent))

    asked = [path for path, _, _ in server.repository.asked]
    assert asked[0] == f"/api/models/{waiting.repo}/revision/refs%2Fpr%2F3?blobs=true"
    assert f"/{waiting.repo}/resolve/{COMMIT}/config.json" in asked
    assert found is not None
    assert (found["label"], found["tasks"]) == (waiting.label, ["refine"])


def test_the_token_is_for_the_hub_alone(server: Server, hub: Hub, tmp_path: Path) -> None:
    """The large file's own host hears the range, not who asks."""
    pull(TINY, hub, tmp_path, silent)

    tokens = {path: token for path, _, token in server.repository.asked}
    assert tokens[f"/{TINY.repo}/resolve/{COMMIT}/model.safetensors"] == "Bearer secret"
    assert tokens["/stored/model.safetensors"] == ""


def test_a_broken_line_is_gone_on_with(server: Server, hub: Hub, tmp_path: Path) -> None:
    """What came stays; it is no model yet; the next call asks for the rest only."""
    server.repository.ends_after = 100_000
    with pytest.raises(EngineError, match="lost on the way"):
        pull(TINY, hub, tmp_path, silent)
    assert manifest_of(tmp_path / "sam2.1-tiny") is None
    server.repository.ends_after = 0

    folder = pull(TINY, hub, tmp_path, silent)

    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert ("/stored/model.safetensors", "bytes=100000-") in [asked[:2] for asked in server.repository.asked]
    assert not list(folder.glob("*.part"))


def test_a_hub_without_ranges_begins_again(server: Server, hub: Hub, tmp_path: Path) -> None:
    server.repository.ends_after = 100_000
    with pytest.raises(EngineError):
        pull(TINY, hub, tmp_path, silent)
    server.repository.ends_after, server.repository.knows_ranges = 0, False

    folder = pull(TINY, hub, tmp_path, silent)

    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_what_is_here_is_not_fetched_again(server: Server, hub: Hub, tmp_path: Path) -> None:
    pull(TINY, hub, tmp_path, silent)
    server.repository.asked.clear()

    pull(TINY, hub, tmp_path, silent)

    assert [path for path, _, _ in server.repository.asked] == [f"/api/models/{TINY.repo}?blobs=true"]


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_what_is_not_what_was_announced_is_deleted(server: Server, hub: Hub, tmp_path: Path, name: str) -> None:
    """A large file by its SHA-256, a small one by git's hash."""
    original = server.repository.files[name]
    if name == "model.safetensors":
        server.repository.announced = bytes(len(WEIGHTS))
    else:
        pull(TINY, hub, tmp_path, silent)
        (tmp_path / "sam2.1-tiny" / name).write_bytes(b"?" * len(original))
        pull(TINY, hub, tmp_path, silent)
        assert (tmp_path / "sam2.1-tiny" / name).read_bytes() == original, "a damaged file is fetched again"
        return

    with pytest.raises(EngineError, match="hash is another"):
        pull(TINY, hub, tmp_path, silent)

    assert not list((tmp_path / "sam2.1-tiny").iterdir())


def test_a_changed_file_loses_its_recorded_hash(server: Server, hub: Hub, tmp_path: Path) -> None:
    folder = pull(TINY, hub, tmp_path, silent)
    (folder / "model.safetensors").write_bytes(b"other numbers")

    assert recorded_sha256(folder / "model.safetensors") == ""


@pytest.mark.parametrize(("status", "says"), [(401, "asked its owner"), (404, "not at this hub"), (500, "500")])
def test_a_refusal_is_a_sentence(server: Server, hub: Hub, tmp_path: Path, status: int, says: str) -> None:
    server.repository.status = status

    with pytest.raises(EngineError, match=says):
        pull(TINY, hub, tmp_path, silent)


def test_without_a_network_it_says_what_to_copy_where(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.socket.close()

    code = main(["models", "pull", "sam2.1-tiny", "--accept-licence", "--hub", address, "--into", str(tmp_path)])

    said = capsys.readouterr().err
    assert code == 1
    assert f"{TINY.page}/tree/main" in said
    assert "config.json, model.safetensors" in said
    assert str(tmp_path / "sam2.1-tiny") in said


def test_the_command_wants_the_licence_accepted(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not accepted and nobody to ask: nothing is fetched. Accepted: pulled, and where it is is said."""
    monkeypatch.setattr("sys.stdin", io.StringIO())
    words = [
        "models",
        "pull",
        "sam2.1-tiny",
        "--hub",
        f"http://127.0.0.1:{server.server_port}",
        "--into",
        str(tmp_path),
    ]

    refused = main(words)
    asked = len(server.repository.asked)
    accepted = main([*words, "--accept-licence"])

    told = capsys.readouterr()
    assert (refused, asked, accepted) == (1, 0, 0)
    assert "Apache-2.0" in told.err
    assert "--accept-licence" in told.err
    assert str(tmp_path / "sam2.1-tiny") in told.out


def test_an_unknown_name_is_answered_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "pull", "sam9"]) == 1

    assert "sam2.1-tiny" in capsys.readouterr().err
