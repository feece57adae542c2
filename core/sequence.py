"""Numbered files on disk: from whatever the artist points at to one file sequence.

Knows names and folders; opens no picture. Numbering and padding are kept as they are; missing frames stay missing.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import PlateError
from core.frames import FrameNumber, FrameRange

EXR_SUFFIXES = frozenset({".exr", ".sxr"})
STILL_SUFFIXES = frozenset({".png", ".tif", ".tiff", ".jpg", ".jpeg"})
MOVIE_SUFFIXES = frozenset({".mov", ".mp4", ".m4v", ".mkv", ".avi", ".mxf", ".webm"})
PICTURE_SUFFIXES = EXR_SUFFIXES | STILL_SUFFIXES

_PLACEHOLDER = re.compile(r"#+|%(?:0(\d+))?d")
_NUMBER = re.compile(r"(?P<head>.*?)(?P<number>(?:(?<=[._])-)?\d+)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FileSequence:
    """Numbered files that differ in their number only, or one still.

    Args:
        directory: the folder they lie in.
        head: the name before the number; of a still, all of its name.
        tail: the name after the number, with the suffix.
        padding: how many digits the number has at least; 0 for a still.
        frames: the numbers that exist, ascending; (1,) for a still.
    """

    directory: Path
    head: str
    tail: str
    padding: int
    frames: tuple[FrameNumber, ...]

    @property
    def still(self) -> bool:
        """Whether it is one file without a number; it is then the same at every frame."""
        return self.padding == 0

    def path(self, frame: FrameNumber) -> Path:
        """Where this frame is or would be."""
        if self.still:
            return self.directory / self.head
        return self.directory / f"{self.head}{frame_text(frame, self.padding)}{self.tail}"

    @property
    def pattern(self) -> Path:
        """`plate.####.exr`; a still's own path."""
        return self.directory / (self.head if self.still else f"{self.head}{'#' * self.padding}{self.tail}")

    @property
    def name(self) -> str:
        """What the artist reads: the head without its separator."""
        text = Path(self.head).stem if self.still else self.head.rstrip("._- ")
        return text or self.directory.name or "plate"

    @property
    def range(self) -> FrameRange:
        """The first and the last number that exist."""
        return FrameRange(self.frames[0], self.frames[-1])

    @property
    def missing(self) -> frozenset[FrameNumber]:
        """Numbers between the first and the last that do not exist."""
        return frozenset(self.range).difference(self.frames)


def frame_text(frame: FrameNumber, padding: int) -> str:
    """A frame number as a file name has it: `0007`; the minus sign of a negative one is not counted as a digit."""
    return f"-{-frame:0{padding}d}" if frame < 0 else f"{frame:0{padding}d}"


def find_sequence(path: str | os.PathLike[str]) -> FileSequence:
    """The sequence the artist means.

    Args:
        path: `plate.####.exr`, `plate.%04d.exr`, a folder with one sequence, one file of a sequence, or a still.

    Raises:
        PlateError: nothing is there, or a folder holds several sequences.
    """
    wanted = Path(path).expanduser()
    if wanted.is_dir():
        return _in_folder(wanted)
    if wanted.is_file():
        return _around(wanted, _names(wanted.parent))
    if placeholder := list(_PLACEHOLDER.finditer(wanted.name)):
        return _matching(wanted, placeholder[-1])
    if not wanted.parent.is_dir():
        raise PlateError(wanted, why=f"the folder {wanted.parent} does not exist", hint="Check the path.")
    raise PlateError(wanted, why="there is no such file", hint="Check the path, or choose the sequence again.")


def _matching(wanted: Path, placeholder: re.Match[str]) -> FileSequence:
    head, tail = wanted.name[: placeholder.start()], wanted.name[placeholder.end() :]
    text = placeholder[0]
    padding = len(text) if text.startswith("#") else int(placeholder[1] or 1)
    frames = _numbers(_names(wanted.parent), head, tail, padding)
    if not frames:
        raise PlateError(
            wanted, why="no file in the folder has a name of this pattern", hint="Check the name and its padding."
        )
    return FileSequence(wanted.parent, head, tail, padding, frames)


def _around(file: Path, names: list[str]) -> FileSequence:
    """The sequence one file belongs to, or the file alone where its name has no frame number."""
    still = FileSequence(file.parent, file.name, "", 0, (1,))
    if file.suffix.lower() in MOVIE_SUFFIXES:
        return still
    split = split_number(file.name)
    if split is None:
        return still
    head, number, tail = split
    relatives = [text for text in _digits(names, head, tail) if _fits(text, _padding([number, text]))]
    padding = _padding([number, *relatives])
    frames = _numbers(names, head, tail, padding)
    separated = not head or head[-1] in "._- "
    if len(frames) < 2 and not separated:
        return still
    return FileSequence(file.parent, head, tail, padding, frames)


def _in_folder(folder: Path) -> FileSequence:
    names = [name for name in _names(folder) if Path(name).suffix.lower() in PICTURE_SUFFIXES]
    if not names:
        raise PlateError(
            folder, why="the folder holds no EXR, PNG, TIFF or JPEG file", hint="Choose a folder of pictures."
        )
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in names:
        split = split_number(name)
        groups[(split[0], split[2]) if split else (name, "")].append(name)
    found = [_around(folder / members[0], members) for members in groups.values()]
    for candidates in (
        [each for each in found if len(each.frames) > 1 and each.pattern.suffix.lower() in EXR_SUFFIXES],
        [each for each in found if len(each.frames) > 1],
        found,
    ):
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            listed = ", ".join(sorted(each.pattern.name for each in candidates)[:5])
            more = f" and {len(candidates) - 5} more" if len(candidates) > 5 else ""
            raise PlateError(
                folder, why=f"the folder holds {len(candidates)} sequences", hint=f"Choose one: {listed}{more}."
            )
    raise AssertionError("a folder with names has candidates")


def split_number(name: str) -> tuple[str, str, str] | None:
    """`plate.1001.exr` → (`plate.`, `1001`, `.exr`); None where the name has no frame number.

    The number stands right before the suffix. `v002` is a version and no frame; digits that follow a letter count
    only from three up (`img0001`), so that `Rec709` next to nothing else stays a still.
    """
    suffix = Path(name).suffix
    if not re.fullmatch(r"\.[A-Za-z]\w{0,7}", suffix):  # `plate.1001` without a suffix
        suffix = ""
    found = _NUMBER.fullmatch(name[: len(name) - len(suffix)])
    if not found:
        return None
    head, number = found["head"], found["number"]
    if head and head[-1] not in "._- ":
        version = re.search(r"(?:^|[._-])v$", head, re.IGNORECASE)
        if version or len(number) < 3:
            return None
    return head, number, suffix


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if not entry.name.startswith("."))
    except FileNotFoundError as error:
        raise PlateError(folder, why="there is no such folder", hint="Mount its disk, or bring it back.") from error
    except OSError as error:
        raise PlateError(
            folder, why=f"the folder cannot be read ({error.strerror})", hint="Check its rights."
        ) from error


def _digits(names: Iterable[str], head: str, tail: str) -> list[str]:
    """The numbers, as written, of all names that are `head` + number + `tail`."""
    signed = r"-?" if head[-1:] in (".", "_") else ""
    pattern = re.compile(rf"{re.escape(head)}({signed}\d+){re.escape(tail)}")
    return [found[1] for name in names if (found := pattern.fullmatch(name))]


def _padding(numbers: Iterable[str]) -> int:
    """The digits of those with leading zeros; else of the shortest."""
    digits = [number.lstrip("-") for number in numbers]
    padded = [len(number) for number in digits if len(number) > 1 and number.startswith("0")]
    return max(padded) if padded else min(len(number) for number in digits)


def _fits(number: str, padding: int) -> bool:
    """Whether a number of this padding would be written so."""
    return frame_text(int(number), padding) == number


def _numbers(names: Iterable[str], head: str, tail: str, padding: int) -> tuple[FrameNumber, ...]:
    return tuple(sorted(int(number) for number in _digits(names, head, tail) if _fits(number, padding)))
