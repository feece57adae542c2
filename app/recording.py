"""What the recorded artist of `penumbra demo` does on the sample shot, as data. All in plate pixels."""

from __future__ import annotations

from dataclasses import dataclass

from core.frames import FrameNumber
from core.prompts import Click, Prompt, Stroke, StrokePoint


@dataclass(frozen=True, slots=True)
class Recording:
    """A few minutes of an artist's work.

    Args:
        prompts: given on `clicked`, in order.
        strokes: the correction, painted on `corrected` after the first propagation.
    """

    clicked: FrameNumber
    prompts: tuple[Prompt, ...]
    corrected: FrameNumber
    strokes: tuple[Stroke, ...]


def line(radius_px: float, *points: tuple[float, float], adds: bool = True) -> Stroke:
    """A stroke of a mouse: full pressure, a mostly hard brush."""
    return Stroke(tuple(StrokePoint(x, y) for x, y in points), radius_px, adds, hardness=0.85)


CLICKS: tuple[Prompt, ...] = (
    # As one sees the fox: the body, the white tip of the tail, the head, the white throat,
    Click(468, 448),
    Click(112, 478),
    Click(660, 395),
    Click(632, 445),
    # not what lies under the belly, but the dark legs,
    Click(505, 565, adds=False),
    Click(640, 562),
    Click(340, 585),
    Click(575, 590),
    Click(460, 560),
    # not what lies between the hind ones, and what is still lacking: an ear, the tail's dark underside.
    Click(436, 545, adds=False),
    Click(696, 332),
    Click(135, 505),
)

CORRECTION = (
    # First away with all that is wrong around it, with a large brush.
    line(34, (30, 420), (10, 470), (55, 480), (20, 520), (60, 540), (20, 580), (60, 580), adds=False),
    line(11, (108, 434), (98, 470), (100, 512), (116, 532), (150, 548), adds=False),
    line(22, (120, 416), (230, 420), (310, 416), adds=False),
    line(12, (320, 424), (362, 412), adds=False),
    line(10, (395, 406), (500, 410), (570, 406), adds=False),
    line(17, (110, 562), (160, 566), (230, 560), (310, 548), (352, 538), adds=False),
    line(24, (20, 620), (60, 600), (200, 608), (330, 592), (345, 630), (30, 660), adds=False),
    line(13, (375, 620), (398, 608), (408, 590), adds=False),
    line(7, (385, 546), (360, 555), (350, 580), adds=False),
    line(26, (470, 610), (500, 580), (545, 566), adds=False),
    line(12, (415, 610), (420, 585), (440, 570), adds=False),
    line(16, (405, 388), (480, 392), (570, 392), adds=False),
    line(24, (560, 290), (590, 330), (570, 360), (650, 338), (660, 310), adds=False),
    line(9, (540, 418), (575, 415), adds=False),
    line(6, (716, 330), (716, 350), adds=False),
    # The tail, the body, the chest beyond the stem, the head.
    line(27, (132, 490), (150, 490)),
    line(42, (172, 492), (222, 488)),
    line(32, (260, 488), (300, 480)),
    line(30, (300, 478), (350, 478)),
    line(44, (388, 470), (450, 468), (520, 466)),
    line(22, (400, 505), (445, 535)),
    line(24, (462, 512), (505, 505)),
    line(14, (540, 470), (548, 510)),
    line(20, (604, 425), (604, 525)),
    line(34, (628, 455), (636, 485)),
    line(24, (606, 530), (618, 535)),
    line(12, (636, 515), (650, 505)),
    line(29, (636, 425), (684, 400)),
    line(19, (705, 412), (684, 450), (668, 488)),
    line(24, (692, 382), (716, 386)),
    line(19, (730, 392), (744, 398)),
    line(13, (752, 404), (770, 408)),
    line(9, (775, 409), (792, 411)),
    line(13, (698, 370), (699, 342)),
    line(6, (697, 328), (696, 312)),
    line(10, (729, 360), (736, 338)),
    line(4, (739, 326), (741, 314)),
    # Legs, from the hind ones.
    line(12, (412, 552), (378, 570)),
    line(9, (372, 582), (366, 588)),
    line(17, (452, 540), (460, 545)),
    line(11, (453, 562), (448, 580)),
    line(9, (440, 598), (430, 615)),
    line(8, (430, 622), (440, 626)),
    line(13, (612, 558), (624, 575)),
    line(11, (632, 585), (646, 600)),
    line(9, (645, 613), (660, 617)),
    line(9, (596, 578), (600, 592)),
    # The stem that passes before it.
    line(8, (592, 370), (583, 420), (576, 460), (567, 510), (562, 560), (565, 640), adds=False),
)

RECORDING = Recording(clicked=1006, prompts=CLICKS, corrected=1026, strokes=CORRECTION)
