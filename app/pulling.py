"""A public model's weights, from the hub to this machine: listed, fetched with resume, verified, recorded.

Talks plain HTTP to a hub (huggingface.co, or a studio's mirror). Knows no network classes and no engine. Config comes
last: until then the engine does not take the folder for a model.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from fnmatch import fnmatch
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import quote, urlsplit

from core.disk import write_whole
from core.errors import EngineError
from inference.public_models import RECORD, PublicModel

HUB: Final = "https://huggingface.co"
WANTED: Final = ("model*.safetensors", "LICENSE*", "README.md", "*processor_config.json", "config.json")
"""What is fetched of a repository, in this order."""
CHUNK: Final = 1 << 20
WAIT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository. `sha256` of a large one; `blob` is git's own hash of a small one."""

    name: str
    bytes: int
    sha256: str = ""
    blob: str = ""


@dataclass(frozen=True, slots=True)
class Hub:
    """Where models are fetched from. `token` is for gated ones; it is sent to this address only."""

    address: str = HUB
    token: str = ""

    def files(self, model: PublicModel, into: Path) -> tuple[str, list[HubFile]]:
        """The newest commit, and what is wanted of it. Raises EngineError."""
        try:
            at = f"/revision/{quote(model.revision, safe='')}" if model.revision else ""
            with self._open(f"/api/models/{model.repo}{at}?blobs=true") as answer:
                told = json.loads(answer.read())
            siblings = [_hub_file(each) for each in told["siblings"]]
            commit = str(told["sha"])
        except urllib.error.HTTPError as error:
            raise _refused(model, error) from error
        except (OSError, HTTPException) as error:
            raise unreachable(model, into, self.address, error) from error
        except (ValueError, KeyError, TypeError) as error:
            why = "answered something that is no list of files"
            raise EngineError(self.address, why, "Is it a hub? Give --hub its address.") from error
        found = [file for pattern in WANTED for file in siblings if fnmatch(file.name, pattern)]
        found = list(dict.fromkeys(found))
        if not any(file.name.endswith(".safetensors") for file in found) or found[-1].name != "config.json":
            raise EngineError(model.repo, "has no config.json with .safetensors beside it", f"See {model.page}.")
        return commit, found

    def open_file(self, model: PublicModel, commit: str, name: str, offset: int) -> IO[bytes]:
        """The bytes of a file from `offset` on, or from the start where the hub knows no other way (status 200)."""
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        answer: IO[bytes] = self._open(f"/{model.repo}/resolve/{quote(commit)}/{quote(name)}", headers)
        return answer

    def _open(self, path: str, headers: Mapping[str, str] | None = None) -> Any:
        if urlsplit(self.address).scheme not in ("http", "https"):
            raise EngineError(self.address, "is no address of a hub", f"Write for example {HUB}.")
        request = urllib.request.Request(self.address.rstrip("/") + path, headers=dict(headers or {}))  # noqa: S310 - checked
        request.add_header("User-Agent", "penumbra")
        if self.token:
            request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        return urllib.request.build_opener(_KeepRange()).open(request, timeout=WAIT_S)


class _KeepRange(urllib.request.HTTPRedirectHandler):
    """Hubs keep large files elsewhere. The token stays behind; the range goes along."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        again = super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type] # as typeshed has it
        same = urlsplit(newurl).netloc == urlsplit(req.full_url).netloc
        if again is not None and same and (token := req.unredirected_hdrs.get("Authorization")):
            again.add_unredirected_header("Authorization", token)
        return again


def pull(model: PublicModel, hub: Hub, into: Path, progress: Callable[[str, int, int], None]) -> Path:
    """Fetch and verify what is missing; returns the model's folder.

    What was received stays when it is interrupted, and the next call goes on from there.

    Args:
        into: the folder of all pulled models.
        progress: called with a file's name, the bytes that are here and its size.

    Raises:
        EngineError: the hub cannot be reached or refuses, the disk is full, or what came is not what was announced.
    """
    folder = into / model.id
    commit, files = hub.files(model, folder)
    missing = [file for file in files if not _is_here(folder / file.name, file)]
    needed = sum(file.bytes - _size(_part(folder, file)) for file in missing)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _check_room(folder, needed)
        for file in missing:
            _fetch(model, hub, commit, file, folder, progress)
        _record(model, commit, files, folder)
    except EngineError:
        raise
    except urllib.error.HTTPError as error:
        raise _refused(model, error) from error
    except (urllib.error.URLError, TimeoutError, ConnectionError, HTTPException) as error:
        raise unreachable(model, folder, hub.address, error) from error
    except OSError as error:
        raise EngineError(folder, f"cannot be written ({error.strerror or error})", "Give --into another.") from error
    return folder


def unreachable(model: PublicModel, folder: Path, address: str, error: Exception) -> EngineError:
    """What to do by hand where the hub is out of reach; what has arrived is kept."""
    reason = getattr(error, "reason", None) or error
    hint = (
        f"Type the same again to go on. Without a network: on another machine open {model.page}/tree/main, download "
        f"config.json, model.safetensors and preprocessor_config.json, and copy them into {folder}."
    )
    return EngineError(address, f"cannot be reached, or was lost on the way ({reason})", hint, reason="UNAVAILABLE")


def sha256_of(path: Path) -> str:
    """Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        why = f"needs {needed / 1e6:.0f} MB, and {free / 1e6:.0f} MB are free"
        raise EngineError(folder, why, "Make room, or give --into another folder.")


# --- one file ---------------------------------------------------------------------------------------------------------


def _fetch(
    model: PublicModel, hub: Hub, commit: str, file: HubFile, folder: Path, progress: Callable[[str, int, int], None]
) -> None:
    part = _part(folder, file)
    if _size(part) < file.bytes or file.bytes == 0:
        _receive(model, hub, commit, file, part, progress)
    if _size(part) < file.bytes:
        raise ConnectionError(f"{file.name} ended after {_size(part)} of {file.bytes} bytes")
    if not _is_whole(part, file):
        part.unlink()
        why = "is not what the hub announced: its hash is another"
        raise EngineError(file.name, why, "It was deleted. Type the same again; if that does not help, ask the hub.")
    part.replace(folder / file.name)


def _receive(
    model: PublicModel, hub: Hub, commit: str, file: HubFile, part: Path, progress: Callable[[str, int, int], None]
) -> None:
    """On from what `part` holds, or from the start where the hub does not go on in the middle."""
    with hub.open_file(model, commit, file.name, _size(part)) as answer:
        goes_on = getattr(answer, "status", 200) == 206
        with part.open("ab" if goes_on else "wb") as stream:
            progress(file.name, stream.tell(), file.bytes)
            while piece := answer.read(CHUNK):
                stream.write(piece)
                progress(file.name, stream.tell(), file.bytes)
                if stream.tell() > file.bytes:
                    break


def _part(folder: Path, file: HubFile) -> Path:
    """Named by what it will be, so that a half of an older version is never gone on with."""
    return folder / f"{file.name}.{(file.sha256 or file.blob)[:16]}.part"


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _is_here(path: Path, file: HubFile) -> bool:
    return path.is_file() and _is_whole(path, file)


def _is_whole(path: Path, file: HubFile) -> bool:
    """The announced size and hash; a hub that announces no hash is believed the size."""
    if path.stat().st_size != file.bytes:
        return False
    if file.sha256:
        return sha256_of(path) == file.sha256
    if file.blob:
        content = path.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == file.blob
    return True


def _hub_file(told: Mapping[str, Any]) -> HubFile:
    large = told.get("lfs") or {}
    size = int(large.get("size") or told.get("size") or 0)
    return HubFile(str(told["rfilename"]), size, str(large.get("sha256") or ""), str(told.get("blobId") or ""))


def _record(model: PublicModel, commit: str, files: list[HubFile], folder: Path) -> None:
    """What came from where, under which licence; and the hashes, so that they need not be computed at every start."""
    kept = {}
    for file in files:
        state = (folder / file.name).stat()
        digest = file.sha256 or sha256_of(folder / file.name)
        kept[file.name] = {"sha256": digest, "bytes": state.st_size, "mtime_ns": state.st_mtime_ns}
    said = {
        "model": model.id,
        "repo": model.repo,
        "commit": commit,
        "license": model.license,
        "accepted": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "files": kept,
    }
    write_whole(folder / RECORD, json.dumps(said, indent=1).encode())


def _refused(model: PublicModel, error: urllib.error.HTTPError) -> EngineError:
    if error.code in (401, 403):
        why = "is given only to those who have asked its owner"
        hint = f"Ask at {model.page}, then type: hf auth login (or set HF_TOKEN), and pull again."
        return EngineError(model.repo, why, hint, reason="UNAUTHENTICATED")
    if error.code == 404:
        return EngineError(model.repo, "is not at this hub", f"See {model.page}.", reason="NOT_FOUND")
    return EngineError(model.repo, f"was refused by the hub ({error.code} {error.reason})", "Try again later.")
