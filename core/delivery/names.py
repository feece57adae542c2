"""Names of delivered files: tokens, places for the frame number, versions, and what every tool can read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import ExportError

_TOKEN = re.compile(r"\{(shot|layer|set|version|frame)(?::0?(\d+))?\}")
TOKENS = "{shot}, {layer}, {set}, {version} and {frame} or ####"
LONGEST = 200
"""Characters of a file's name: disks take 255, and while it is written it has a longer one."""
MOST_DIGITS = 12
_FRAME_PLACE = re.compile(r"#+|%0?(\d*)d|\{frame(?::0?(\d+))?\}")


@dataclass(frozen=True, slots=True)
class Name:
    """A checked name: head + frame number + tail in a folder; padding 0 where it has no place for a number."""

    directory: Path
    head: str
    tail: str
    padding: int


def legal_name(name: str) -> str:
    """A name in the characters every tool reads: `a-z A-Z 0-9 . _ -`, no dot at its ends."""
    return legal(name).strip("._") or "layer"


def legal(text: str) -> str:
    """A part of a name; what not every tool reads becomes `_`."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text)


def next_version(path: str) -> str:
    """The same name with the next version number: `_v001` → `_v002`; `_v002` is added where there was none."""
    folder, slash, name = path.rpartition("/")
    found = list(re.finditer(r"(?<=[_.])v(\d+)(?=[_.])", name))
    if found:
        last = found[-1]
        number = f"{int(last[1]) + 1:0{len(last[1])}d}"
        return f"{folder}{slash}{name[: last.start(1)]}{number}{name[last.end(1) :]}"
    place = _FRAME_PLACE.search(name)
    end = place.start() if place else name.rfind(".")
    end = len(name) if end < 0 else end
    stem = name[:end].rstrip("._")
    return f"{folder}{slash}{stem}_v002{name[len(stem) :]}"


def resolved(path: str, words: Mapping[str, str], version: int, *, plate_padding: int, movie: bool, many: bool) -> Name:
    """A path with its tokens filled, taken apart at the frame number.

    Args:
        words: what stands for `{shot}`, `{layer}` and `{set}`.
        plate_padding: digits of a bare `{frame}`.
        movie: the name stands for one file.
        many: there is more than one frame, so the name needs a place for the number.

    Raises:
        ExportError: an unknown token, a character not every tool reads, none or two places for the number.
    """

    def fill(token: re.Match[str]) -> str:
        if token[1] == "version":
            return f"{version:0{int(token[2] or 3)}d}"
        if token[1] == "frame":
            return "#" * int(token[2] or plate_padding or 4)
        return words[token[1]]

    folder = path.rpartition("/")[0]
    if re.search(r"##|%0\d*d|\{frame", folder):
        raise ExportError(
            path, why="the folder has a place for the frame number", hint="Only the name of the file may have one."
        )
    if any(int(token[2] or 0) > MOST_DIGITS for token in _TOKEN.finditer(path)):
        raise ExportError(path, why="a number has too many digits", hint="Four are usual: {version:04}.")
    said = _TOKEN.sub(fill, path)
    unknown = re.search(r"\{[^{}/]*\}", said)
    if unknown is not None:
        raise ExportError(path, why=f"{unknown[0]} is nothing that is filled in", hint=f"There are {TOKENS}.")
    try:
        filled = Path(said).expanduser()
    except RuntimeError as error:
        raise ExportError(path, why="there is no such user", hint="Write the whole path.") from error
    name = filled.name
    places = list(_FRAME_PLACE.finditer(name))
    if len(places) > 1:
        raise ExportError(path, why="the name has two places for the frame number", hint="Keep one ####.")
    if places and movie:
        raise ExportError(path, why="a movie is one file and its name has no frame number", hint="Leave out the ####.")
    if not places and many and not movie:
        hint = f"Write name.####{filled.suffix}."
        raise ExportError(path, why="the name has no place for the frame number", hint=hint)
    ending = len(filled.suffix)
    head, tail = (name[: places[0].start()], name[places[0].end() :]) if places else (name[:-ending], name[-ending:])
    wrong = sorted(set(re.findall(r"[^A-Za-z0-9._-]", head + tail)))
    if wrong:
        raise ExportError(
            path,
            why=f"the name holds {' '.join(map(repr, wrong))}, which not every tool reads",
            hint=f"Write {legal(head)}{places[0][0] if places else ''}{legal(tail)} instead.",
        )
    padding = padding_of(places[0][0]) if places else 0
    long = len(head) + padding + len(tail)
    if long > LONGEST:
        raise ExportError(
            f"{head[:40]}…{tail[-40:]}",
            why=f"the name has {long} characters, which not every disk takes",
            hint=f"Choose one of {LONGEST} or fewer.",
        )
    return Name(filled.parent, head, tail, padding)


def padding_of(name: str) -> int:
    """How many digits `####`, `%04d` or `%d` ask for; 0 where there is no place for a number."""
    found = re.search(r"#+|%0?(\d*)d", name)
    if not found:
        return 0
    return len(found[0]) if found[0][0] == "#" else int(found[1] or 1)


def with_number(name: str, number: str) -> str:
    """A pattern's name with the frame number, as text, in its place."""
    return re.sub(r"#+|%0?\d*d", number, name)
