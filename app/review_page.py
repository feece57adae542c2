"""One frame of a review as it is handed on: before and after, the drawing, and burnt in who said what of it.

Display values only come out of here; scene-linear pictures go in, through the same transform as the viewer's. Every
page of a review has the same size. Knows no files and no jobs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.lettering import BOLD, BRIGHT, DIM, PLAIN, Ink, Letters
from core.arrays import Float32, UInt8
from core.color import DisplayTransform
from core.delivery.colors import comp_over
from core.frames import FrameNumber
from core.geometry import Window
from core.layer import Layer
from core.matte import Matte
from core.picture import Picture
from core.plate import Plate
from core.review import DrawnLine, ReviewStatus
from core.review_list import ReviewRow

Float64 = npt.NDArray[np.float64]
GROUND = (22, 22, 22)
EMPTY = (12, 12, 12)
AMBER: Ink = (217, 178, 61)
STATUS_INKS: dict[ReviewStatus, Ink] = {
    ReviewStatus.NONE: DIM,
    ReviewStatus.TO_DO: AMBER,
    ReviewStatus.FIX: (224, 92, 80),
    ReviewStatus.APPROVED: (111, 175, 111),
}
GAP_PX = 4
SHADE = 0.42
"""How much the thin shade under a drawn line takes from the picture."""
SUBPIXEL_BITS = 4
FINER = 4
"""Drawn lines are made so many times larger, then reduced."""
FARTHEST_PX = 1e6
"""Where a point of a damaged file may lie at most: OpenCV counts in whole numbers."""
THICKEST_PX = 8000.0
NOTE_LINES = 2
FULL_SIZE_PX = 1920
"""How wide a page is for which the letters' sizes are given."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What stands at one side of a page.

    Args:
        title: written small in the corner.
        style: `plate`, `overlay`, `matte` or `comp`.
        mattes: the layers and their mattes at this frame, None where a layer has none.
        older: names of layers whose matte here is not the current one.
        lines: drawn over it.
    """

    title: str
    style: str
    mattes: tuple[tuple[Layer, Matte | None], ...] = ()
    older: tuple[str, ...] = ()
    lines: tuple[DrawnLine, ...] = ()


class PageMaker:
    """Makes pages.

    Args:
        plate: whose display window is shown; its pixel aspect is applied.
        transform: of the viewer.
        layout: `side by side`, `stacked` or `after only`.
        width_px: the most a page is across.
        notes: whether a strip below is kept free for notes.
        title: of the shot, beside the frame number.
        comp_color, opacity: as in `core.review_plan.ReviewPlan`.
        exposure_stops, gamma: for a matte seen alone, which has no display transform.
    """

    def __init__(
        self,
        plate: Plate,
        transform: DisplayTransform,
        layout: str,
        width_px: int,
        *,
        notes: bool,
        title: str,
        comp_color: tuple[float, float, float],
        opacity: float,
        exposure_stops: float = 0.0,
        gamma: float = 1.0,
    ) -> None:
        self._window: Window = plate.format.display
        self._aspect = plate.format.pixel_aspect
        self._transform = transform
        self._title = title
        self._comp_color = np.array(comp_color, np.float32)
        self._opacity = opacity
        ramp = np.clip(np.arange(256) / 255.0 * 2.0**exposure_stops, 0, 1) ** (1.0 / max(gamma, 1e-3))
        self._grey: UInt8 = np.rint(ramp * 255).astype(np.uint8)
        self._across = 2 if layout == "side by side" else 1
        self._down = 2 if layout == "stacked" else 1
        natural = max(2, round(self._window.width * self._aspect))
        room = (width_px - GAP_PX * (self._across - 1)) // self._across
        self._panel_width = min(natural, max(160, room))
        self._panel_height = max(2, round(self._window.height * self._panel_width / natural))
        self.width = self._across * self._panel_width + GAP_PX * (self._across - 1)
        scale = min(2.0, max(0.5, self.width / FULL_SIZE_PX))
        self._number = Letters(round(30 * scale), BOLD)
        self._text = Letters(max(12, round(19 * scale)))
        self._strong = Letters(self._text.size_px, BOLD)
        self._small = Letters(max(10, round(15 * scale)))
        self._line_px = round(self._text.size_px * 1.4)
        self._head_px = round(self._number.size_px * 1.6)
        self._foot_px = NOTE_LINES * self._line_px + round(self._line_px * 0.6) if notes else 0
        panels = self._down * self._panel_height + GAP_PX * (self._down - 1)
        self.height = self._head_px + panels + self._foot_px

    def page(
        self,
        frame: FrameNumber,
        picture: Picture | None,
        panels: Sequence[Panel],
        rows: Sequence[ReviewRow],
        corner: str = "",
    ) -> UInt8:
        """(height, width, 3) uint8.

        Args:
            picture: the plate's frame; None where there is none, which the page says.
            panels: one, or two for the layouts that show two.
            rows: what was said of this frame.
            corner: a few words at the right of the head.
        """
        page: UInt8 = np.empty((self.height, self.width, 3), np.uint8)
        page[:] = GROUND
        rgba = self._rgba(picture)
        plate = self._displayed(rgba) if picture is not None else None
        for place, panel in enumerate(panels):
            left = place % self._across * (self._panel_width + GAP_PX)
            top = self._head_px + place // self._across * (self._panel_height + GAP_PX)
            made = self._panel(panel, picture, plate)
            page[top : top + self._panel_height, left : left + self._panel_width] = made
        self._write_head(page, frame, rows, corner)
        if self._foot_px:
            self._write_foot(page, rows)
        return page

    # --- panels -------------------------------------------------------------------------------------------------

    def _rgba(self, picture: Picture | None) -> Float32:
        """(H, W, 4) float32 over the display window, premultiplied as the file; black and clear where nothing is."""
        result = np.zeros((*self._window.shape, 4), np.float32)
        if picture is not None:
            shared = self._window.intersect(picture.data_window)
            if not shared.empty:
                result[shared.within(self._window)] = picture.rgba[shared.within(picture.data_window)]
        return result

    def _panel(self, panel: Panel, picture: Picture | None, plate: UInt8 | None) -> UInt8:
        """(H, W, 3) of a panel's size. `plate` is the frame as the viewer shows it, of that size already."""
        coverages = [(layer, matte.over(self._window)) for layer, matte in panel.mattes if matte is not None]
        if panel.style == "matte":
            levels = np.rint(self._reduced(_most(coverages, self._window)) * 255).astype(np.uint8)
            shown: UInt8 = np.ascontiguousarray(self._grey[levels][..., None].repeat(3, axis=2))
        elif plate is None:
            shown = np.empty((self._panel_height, self._panel_width, 3), np.uint8)
            shown[:] = EMPTY
        elif panel.style == "comp":
            kept = self._comp(panel, picture)
            kept[..., :3] += (1.0 - kept[..., 3:]) * self._comp_color
            shown = self._displayed(kept)
        else:
            shown = plate.copy()
        if panel.style == "overlay":
            for layer, coverage in coverages:
                self._tint(shown, layer, coverage)
        for line in panel.lines:
            self._draw(shown, line)
        self._write_titles(shown, panel, missing=plate is None)
        return shown

    def _comp(self, panel: Panel, picture: Picture | None) -> Float32:
        """(H, W, 4) float32 over the display window, premultiplied: as delivered, with each layer's foreground."""
        there = [(layer, matte) for layer, matte in panel.mattes if matte is not None]
        if not there:
            return np.zeros((*self._window.shape, 4), np.float32)
        layers, mattes = [layer for layer, _ in there], [matte for _, matte in there]
        coverages = [np.clip(np.nan_to_num(matte.over(self._window)), 0, 1) for matte in mattes]
        return comp_over(picture, self._window, layers, mattes, coverages)

    def _displayed(self, rgba: Float32) -> UInt8:
        """(H, W, 3) display values, of a panel's size. Reduced first: light is averaged as light, and it is quicker."""
        return np.ascontiguousarray(self._transform.apply(self._reduced(rgba))[..., :3])

    def _reduced(self, picture: Float32) -> Float32:
        """The same, of a panel's size."""
        size = (self._panel_width, self._panel_height)
        if picture.shape[1::-1] == size:
            return picture
        how = cv2.INTER_AREA if self._panel_width < self._window.width else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(picture, size, interpolation=how), np.float32)

    def _tint(self, shown: UInt8, layer: Layer, coverage: Float32) -> None:
        """Lay a layer's color over a panel, in place, where it covers anything."""
        part = self._reduced(np.clip(np.nan_to_num(coverage), 0, 1))
        rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
        if not len(rows):
            return
        place = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        weight = part[place][..., None] * np.float32(self._opacity)
        tint = np.array(layer.color, np.float32) * 255
        shown[place] = np.rint(shown[place] * (1 - weight) + tint * weight).astype(np.uint8)

    def _draw(self, panel: UInt8, line: DrawnLine) -> None:
        """A drawn line over its thin shade, in place."""
        across = self._panel_width / max(1, self._window.width)
        down = self._panel_height / max(1, self._window.height)
        path = (np.array(line.points, np.float64) - (self._window.x0, self._window.y0)) * (across, down)
        path = np.clip(np.nan_to_num(path), -FARTHEST_PX, FARTHEST_PX)
        width = min(max(1.5, line.width_px * down), THICKEST_PX)
        reach = width / 2 + 3
        low, high = np.floor(path.min(axis=0) - reach), np.ceil(path.max(axis=0) + reach)
        x0, y0 = (max(0, int(edge)) for edge in low)
        x1, y1 = min(self._panel_width, int(high[0])), min(self._panel_height, int(high[1]))
        if x1 <= x0 or y1 <= y0:
            return
        piece = panel[y0:y1, x0:x1]
        under, over = (_stroke(path - (x0, y0), (x1 - x0, y1 - y0), across) for across in (width + 2, width))
        ink = np.array(line.color, np.float32) * 255
        shaded = piece * (1 - SHADE * under)[..., None]
        piece[...] = np.rint(shaded + (ink - shaded) * over[..., None]).astype(np.uint8)

    def _write_titles(self, panel: UInt8, panel_of: Panel, *, missing: bool) -> None:
        texts: list[tuple[str, Ink]] = [(panel_of.title, PLAIN)]
        if missing:
            texts.append(("no picture at this frame", STATUS_INKS[ReviewStatus.FIX]))
        texts += [(f"{name}: matte of an earlier state", AMBER) for name in panel_of.older]
        texts += [(f"{layer.name}: no matte", AMBER) for layer, matte in panel_of.mattes if matte is None]
        size, y = self._small.size_px, round(self._small.size_px * 1.5)
        for text, ink in texts:
            fitted = self._small.fitting(text, panel.shape[1] - 2 * size)
            strip = panel[
                max(0, y - round(size * 1.1)) : y + round(size * 0.45), 4 : self._small.width(fitted) + size + 4
            ]
            strip //= 3
            self._small.write(panel, fitted, 4 + size // 2, y, ink)
            y += round(size * 1.7)

    # --- what is burnt in ---------------------------------------------------------------------------------------

    def _write_head(self, page: UInt8, frame: FrameNumber, rows: Sequence[ReviewRow], corner: str) -> None:
        """Number, shot, then each layer with its status; the corner's words at the right."""
        base = round(self._head_px * 0.68)
        gap = self._text.size_px
        x = self._number.write(page, str(frame), gap // 2, base, BRIGHT) + gap
        corner = self._small.fitting(corner, self.width // 4)
        end = self.width - gap // 2 - self._small.width(corner)
        self._small.write(page, corner, end, base, DIM)
        x = self._text.write(page, self._text.fitting(self._title, max(0, (end - x) // 3)), x, base, DIM) + gap
        for row in rows:
            room = end - x - 3 * gap - self._strong.width(row.words)
            name = self._text.fitting(row.layer, room)
            if not name:
                self._text.write(page, "…", x, base, DIM)
                break
            x = self._text.write(page, name, x, base, PLAIN) + gap // 2
            x = self._strong.write(page, row.words, x, base, _ink(row)) + round(gap * 1.4)

    def _write_foot(self, page: UInt8, rows: Sequence[ReviewRow]) -> None:
        """The notes: one row may take both lines, two rows have a line each."""
        said = [row for row in rows if row.mark.note]
        gap, y = self._text.size_px, self.height - self._foot_px + round(self._line_px * 1.05)
        most = NOTE_LINES if len(said) == 1 else 1
        for place, row in enumerate(said[:NOTE_LINES]):
            note = " ".join(row.mark.note.split())
            if place == NOTE_LINES - 1 and len(said) > NOTE_LINES:
                note = f"{note}   (and {len(said) - NOTE_LINES} more)"
            who = f"{row.layer}, {row.mark.author}: " if row.mark.author else f"{row.layer}: "
            for line, text in enumerate(self._text.lines(who + note, self.width - gap, most)):
                x = self._text.write(page, who, gap // 2, y, DIM) if line == 0 and text.startswith(who) else gap // 2
                self._text.write(page, text.removeprefix(who) if line == 0 else text, x, y, PLAIN)
                y += self._line_px


def _stroke(path: Float64, size: tuple[int, int], width: float) -> Float32:
    """Coverage 0-1, (H, W), of a line `width` pixels wide through (N, 2) places; one place is a dot.

    Drawn larger and reduced: OpenCV's own smooth lines come out wider than they are asked for.
    """
    unit = FINER << SUBPIXEL_BITS
    # a pixel's centre is at i + 0.5 for us and at i for OpenCV
    places = np.rint(path * unit - (1 << SUBPIXEL_BITS) / 2).astype(np.int32)
    if len(places) == 1:
        places = np.concatenate([places, places])
    large = np.zeros((size[1] * FINER, size[0] * FINER), np.uint8)
    cv2.polylines(large, [places], False, (255,), max(1, round(width * FINER)), cv2.LINE_8, SUBPIXEL_BITS)
    small = cv2.resize(large, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)


def _most(coverages: Sequence[tuple[Layer, Float32]], window: Window) -> Float32:
    """(H, W) float32, 0-1: at every place the coverage of the layer that covers most; NaN counts as none."""
    most = np.zeros(window.shape, np.float32)
    for _layer, coverage in coverages:
        np.fmax(most, coverage, out=most)
    return np.clip(most, 0, 1)


def _ink(row: ReviewRow) -> Ink:
    return AMBER if row.changed_since else STATUS_INKS[row.mark.status]
