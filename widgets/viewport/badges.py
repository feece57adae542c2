"""The badges in a pane's corner: which side it is, what an older matte is shown of, what the colors mean, numbers."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from widgets.theme import color
from widgets.view_state import Blend, Compare, Look
from widgets.viewport.compare import Placed
from widgets.viewport.pane import Pane
from widgets.viewport.scene import Scene

GROUND = QColor(20, 20, 20, 225)
HIGH, STEP, MARGIN, PADDING = 19.0, 22.0, 8.0, 7.0
"""Points: of one badge, from one to the next, to the pane's edge, around the words."""
BLENDS = {Blend.ADD: "A + B", Blend.SCREEN: "A screen B", Blend.MULTIPLY: "A × B", Blend.RED_CYAN: "A red, B cyan"}
REACH = 40.0
"""Points from the corner of a badge to the place that decides whose picture it stands on."""
DOT = 7.0
"""Points across, of the dot that shows a color the picture is painted with."""
Line = tuple[str, QColor, QColor | None]
"""The words, their ink, and the color they explain."""


def draw_badges(painter: QPainter, scene: Scene, pane: Pane, place: Placed) -> None:
    """One under the other, in the upper left corner; B's in the upper right one where it lies on A.

    Across a turned wipe in another corner: a badge never stands on the other side's picture.
    """
    lines = badge_lines(pane, scene.look)
    if not lines or scene.plate is None:
        return
    font = QFont(painter.font())
    font.setPixelSize(11)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    rect = place.rect
    both = scene.look.compare in (Compare.WIPE, Compare.DISSOLVE)
    right, low = corner_of(place, right_first=both and pane.side == "B")
    top = rect.bottom() - MARGIN - len(lines) * STEP - HIGH if low else rect.top() + MARGIN
    room = rect.width() / (2 if both else 1) - 2 * MARGIN
    for number, (text, ink, meant) in enumerate(lines):
        before = 0.0 if meant is None else DOT + PADDING
        words = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room - 2 * PADDING - before)
        width = metrics.horizontalAdvance(words) + 2 * PADDING + before
        left = rect.right() - width - MARGIN if right else rect.left() + MARGIN
        badge = QRectF(left, top + number * STEP, width, HIGH)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(GROUND)
        painter.drawRoundedRect(badge, 3, 3)
        if meant is not None:
            painter.setBrush(meant)
            painter.drawEllipse(QRectF(left + PADDING, badge.center().y() - DOT / 2, DOT, DOT))
        painter.setPen(ink)
        painter.drawText(badge.adjusted(before, 0, 0, 0), Qt.AlignmentFlag.AlignCenter, words)


def corner_of(place: Placed, *, right_first: bool) -> tuple[bool, bool]:
    """(right, low): the first corner whose badges lie in what the place shows; the upper ones before the lower."""
    corners = [(right, low) for low in (False, True) for right in (right_first, not right_first)]
    rect, across, down = place.rect, MARGIN + REACH, MARGIN + HIGH
    for right, low in corners if place.clip is not None else ():
        x = rect.right() - across if right else rect.left() + across
        y = rect.bottom() - down if low else rect.top() + down
        if place.clip is not None and place.clip.contains(QPointF(x, y)):
            return right, low
    return corners[0]


def badge_lines(pane: Pane, look: Look) -> list[Line]:
    """What the badges say. A note in a color of its own explains that color: a dot has it, the words stay readable."""
    lines: list[Line] = []
    if pane.side and pane.label:
        lines.append((f"{_what(pane, look)}  {pane.label}{_how_much(pane, look)}", color("text_bright"), None))
    lines += [(f"{name}: matte of an earlier state", color("warn"), None) for name in pane.stale]
    for text, ink in pane.notes:
        lines.append((text, color("text"), QColor(ink)) if ink.startswith("#") else (text, color(ink), None))
    return lines


def _what(pane: Pane, look: Look) -> str:
    if pane.side != "A B":
        return pane.side
    if look.compare is Compare.BLEND:
        return BLENDS[look.blend]
    return "|A − B|" if look.compare is Compare.DIFFERENCE else "B − A"


def _how_much(pane: Pane, look: Look) -> str:
    if look.compare is Compare.DISSOLVE and pane.side == "B":
        return f"  {look.mix:.0%}"
    differs = look.compare in (Compare.DIFFERENCE, Compare.MATTE_DIFFERENCE)
    return f"  × {look.difference_gain:g}" if differs and look.difference_gain != 1.0 and not pane.sentence else ""
