"""Letters on pictures, without Qt: OpenCV's own typeface, which has every script a note may be written in.

Knows uint8 pictures only. Sizes are in pixels of the picture.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import cv2

from core.arrays import UInt8

Ink = tuple[int, int, int]
BRIGHT: Ink = (236, 236, 236)
PLAIN: Ink = (206, 206, 206)
DIM: Ink = (150, 150, 150)
REGULAR, BOLD = 400, 600

_faces = threading.local()


@dataclass(frozen=True, slots=True)
class Letters:
    """A size and weight. `size_px` is about the height of a capital letter plus what reaches below the line."""

    size_px: int
    weight: int = REGULAR

    def width(self, text: str) -> int:
        """How far the text reaches, in pixels."""
        if not text:
            return 0
        _x, _y, width, _height = cv2.getTextSize((0, 0), plain(text), (0, 0), _face(), self.size_px, self.weight)
        return int(width)

    def write(self, picture: UInt8, text: str, x: int, y: int, ink: Ink = PLAIN) -> int:
        """Write on (H, W, 3) uint8 RGB in place, base line at `y`; where the next letter would begin."""
        if text:
            cv2.putText(picture, plain(text), (x, y), ink, _face(), self.size_px, self.weight)
        return x + self.width(text)

    def fitting(self, text: str, width_px: int) -> str:
        """The text, cut short with … where it does not fit."""
        if self.width(text) <= width_px:
            return text
        fits, too_many = 0, len(text)
        while too_many - fits > 1:
            middle = (fits + too_many) // 2
            fits, too_many = (middle, too_many) if self.width(f"{text[:middle]}…") <= width_px else (fits, middle)
        return text[:fits].rstrip() + "…" if fits else ""

    def lines(self, text: str, width_px: int, most: int) -> list[str]:
        """The text broken at spaces into lines that fit; the last of `most` lines is cut short where it must be."""
        words, lines = text.split(), list[str]()
        while words and len(lines) < most:
            line = words.pop(0)
            while words and self.width(f"{line} {words[0]}") <= width_px:
                line = f"{line} {words.pop(0)}"
            if words and len(lines) == most - 1:
                line = f"{line} {' '.join(words)}"
            lines.append(self.fitting(line, width_px))
        return lines


def plain(text: str) -> str:
    """The text with a ? for what is no character. Half of a pair, as file names in old encodings have it, ends OpenCV
    and with it the program."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _face() -> cv2.FontFace:
    """One face for each thread: OpenCV does not say that a face may be shared."""
    if not hasattr(_faces, "sans"):
        _faces.sans = cv2.FontFace("sans")
    face: cv2.FontFace = _faces.sans
    return face
