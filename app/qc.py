"""Quality control: every matte of a shot and every delivered file looked at, and all that is wrong as one report.

Given the shot, its mattes by key and a reader of pictures; knows neither Qt nor the engine and computes no matte. Runs
on a worker. What counts as wrong is `core/quality.py`, the page is `app/qc_page.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from app.export_manifest import tool_version
from app.frame_link import FrameLink
from app.measuring import Case, Measuring
from app.qc_delivery import find_delivered, look_over
from core.delivered_keys import delivered_key
from core.errors import Cancelled, ExportError, FrameError
from core.exr import read_header
from core.exr_header import check_chunks, read_layout
from core.frame_motion import work_size
from core.frames import FrameNumber, FrameRange
from core.layer import EMPTY_MATTE, Layer, LayerId, MatteKey
from core.matte import Matte
from core.picture import Picture
from core.plate import Plate
from core.quality import Concern, Finding, Severity, by_urgency, in_short, of_one_matte, over_time, runs
from core.review import ReviewStatus
from core.review_list import counts, rows_of
from core.shot import Shot

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Material:
    """What is looked at, as it was when the report began.

    Args:
        project: for the links; None where it has no place yet.
        layers: whose mattes, and which frames.
        stale: frames of each layer without a current matte.
        matte: by key; None where it is not in the store.
        picture: a frame of the plate; raises FrameError.
        path: the file of a frame.
        missing: gives the frames of the plate that have no file; looks at the disk.
        delivered: folders of exports, or manifests, to be looked over.
    """

    shot: Shot
    project: Path | None
    layers: tuple[LayerId, ...]
    frames: FrameRange
    stale: Mapping[LayerId, list[FrameNumber]]
    matte: Callable[[MatteKey], Matte | None]
    picture: Callable[[FrameNumber], Picture]
    path: Callable[[FrameNumber], Path]
    missing: Callable[[], frozenset[FrameNumber]]
    delivered: tuple[Path, ...] = ()

    @property
    def plate(self) -> Plate:
        if self.shot.plate is None:
            raise ExportError("QC", why="there is no plate", hint="Open a plate first.")
        return self.shot.plate

    def key(self, layer: Layer, frame: FrameNumber) -> MatteKey:
        """What the layer delivers there now."""
        return delivered_key(self.shot, layer, frame)

    def matte_of(self, layer_id: LayerId, frame: FrameNumber) -> Matte | None:
        return self.matte(self.key(self.shot.layer(layer_id), frame))

    def picture_or_none(self, frame: FrameNumber) -> Picture | None:
        try:
            return self.picture(frame)
        except FrameError:
            return None


@dataclass(frozen=True, slots=True)
class LayerState:
    """How one layer stands.

    Args:
        with_matte: frames of the range that have a current matte.
        review: what the review says, in short.
        chatter_px: the usual movement of its edge against the picture; None where nothing was measured.
    """

    name: str
    with_matte: int
    review: str
    chatter_px: float | None


@dataclass(frozen=True, slots=True)
class QcReport:
    """All that was found.

    Args:
        findings: the most urgent first.
        files: how many delivered files were read back and compared.
    """

    project: Path | None
    shot: str
    plate: str
    frames: FrameRange
    layers: tuple[LayerState, ...]
    findings: tuple[Finding, ...]
    files: int = 0
    delivered: tuple[str, ...] = ()
    made: str = field(default_factory=lambda: datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"))

    @property
    def short(self) -> str:
        """`2 × holes, 1 × chatter`; empty where nothing is to be looked at."""
        return in_short(self.findings)

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    def link(self, finding: Finding) -> FrameLink | None:
        """What opens the frame of a finding; of a file, the first of its layers."""
        if self.project is None:
            return None
        return FrameLink(self.project, finding.frame, finding.opens)

    def as_dict(self) -> dict[str, Any]:
        """For the JSON file and `--json`."""
        return {
            "report": 1,
            "tool": f"penumbra {tool_version()}",
            "made": self.made,
            "project": str(self.project) if self.project is not None else "",
            "shot": self.shot,
            "plate": self.plate,
            "frames": [self.frames.first, self.frames.last],
            "layers": [
                {
                    "name": layer.name,
                    "with_matte": layer.with_matte,
                    "review": layer.review,
                    "chatter_px": layer.chatter_px,
                }
                for layer in self.layers
            ],
            "delivered": list(self.delivered),
            "files_compared": self.files,
            "counts": {severity.value: self.count(severity) for severity in Severity},
            "findings": [self._told(finding) for finding in self.findings],
        }

    def _told(self, finding: Finding) -> dict[str, Any]:
        link, place = self.link(finding), finding.place
        return {
            "severity": finding.severity.value,
            "concern": finding.concern.value,
            "layer": finding.layer,
            "frame": finding.frame,
            "last": finding.last,
            "reason": finding.reason,
            "next_step": finding.next_step,
            "file": finding.file,
            "place": [place.x0, place.y0, place.x1, place.y1] if place is not None else None,
            "link": link.url if link is not None else "",
            "command": link.command if link is not None else "",
        }


def inspect(material: Material, progress: Progress, cancelled: Callable[[], bool], *, motion: bool = True) -> QcReport:
    """Look at everything.

    Args:
        progress: (0-1, a short phrase).
        motion: also measure chatter and jumps, which reads every frame of the plate.

    Raises:
        ExportError: there is no plate, or no export where one was named.
        Cancelled: nothing was written.
    """
    return _Inspection(material, progress, cancelled, motion).report()


class _Inspection:
    """One report under way."""

    def __init__(self, material: Material, progress: Progress, cancelled: Callable[[], bool], motion: bool) -> None:
        self._material = material
        self._progress, self._cancelled, self._motion = progress, cancelled, motion
        self._plate, self._frames = material.plate, material.frames
        self._layers = [material.shot.layer(layer_id) for layer_id in material.layers]
        self._delivered, self._wrong = find_delivered(material.delivered, material.shot)
        files = sum(len(each.frames) for each in self._delivered)
        self._steps = max(1, len(self._layers) * len(self._frames) + files)
        self._done = 0
        self._files = 0

    def report(self) -> QcReport:
        material = self._material
        findings = [*self._wrong, *self._of_the_plate(), *self._of_the_review()]
        states = []
        for layer in self._layers:
            state, found = self._of_a_layer(layer)
            states.append(state)
            findings += found
        for each in self._delivered:
            findings += look_over(
                each,
                self._plate,
                material.key,
                material.matte_of,
                material.picture_or_none,
                self._frames,
                self._file_step,
            )
        return QcReport(
            material.project,
            material.project.stem if material.project is not None else self._plate.name,
            str(self._plate.path),
            self._frames,
            tuple(states),
            tuple(by_urgency(findings)),
            self._files,
            tuple(each.name for each in self._delivered),
        )

    def _step(self, said: str) -> None:
        if self._cancelled():
            raise Cancelled("QC", "was cancelled", "No report was written.")
        self._progress(self._done / self._steps, said)
        self._done += 1

    def _file_step(self, frame: FrameNumber) -> None:
        self._files += 1
        self._step(f"file of frame {frame}")

    def _of_the_plate(self) -> list[Finding]:
        """Missing frames, and frames that lie elsewhere than the first."""
        findings, missing = [], self._material.missing()
        for first, last in runs(missing & set(self._frames)):
            why, step = (
                "there is no file",
                "Ask for the frames, or say that the gap is meant. Mattes are still written.",
            )
            findings.append(Finding(Concern.NO_PICTURE, "", first, last, why, step))
        if self._plate.path.suffix.lower() != ".exr":
            return findings
        odd: dict[str, list[FrameNumber]] = {}
        for frame in sorted(set(self._frames) - missing):
            try:
                path = self._material.path(frame)
                header = read_header(path)
                check_chunks(path, read_layout(path))
                part = header.part(self._plate.part) if self._plate.part else header.parts[0]
            except FrameError as error:
                findings.append(Finding(Concern.NO_PICTURE, "", frame, frame, error.why, "Copy or render it again."))
                continue
            if part.format.display != self._plate.format.display:
                why = f"display window {part.format.display.words}, not {self._plate.format.display.words}"
                odd.setdefault(why, []).append(frame)
            elif part.format.pixel_aspect != self._plate.format.pixel_aspect:
                why = f"pixel aspect {part.format.pixel_aspect:g}, not {self._plate.format.pixel_aspect:g}"
                odd.setdefault(why, []).append(frame)
            elif part.data_window != self._plate.data_window:
                why = f"data window {part.data_window.words}, not {self._plate.data_window.words}"
                odd.setdefault(why, []).append(frame)
        for why, frames in odd.items():
            step = "Mattes follow each frame's own window. Ask whether the render is meant so."
            findings += [Finding(Concern.WINDOW, "", first, last, why, step) for first, last in runs(frames)]
        return findings

    def _of_the_review(self) -> list[Finding]:
        """Frames nobody approved, and what the review asks for."""
        shot, findings = self._material.shot, []
        rows = {(row.mark.layer_id, row.mark.frame): row for row in rows_of(shot)}
        for layer in self._layers:
            without = []
            for frame in self._frames:
                row = rows.get((layer.id, frame)) or rows.get(("", frame))
                status = row.mark.status if row is not None else ReviewStatus.NONE
                if row is not None and row.changed_since:
                    why, step = "the matte was changed after it was approved", "Look at it again and approve it."
                    findings.append(Finding(Concern.CHANGED_SINCE, layer.name, frame, frame, why, step))
                elif row is not None and status in (ReviewStatus.FIX, ReviewStatus.TO_DO):
                    note = f": {row.mark.note}" if row.mark.note else ""
                    why, step = f"the review says {status.value}{note}", "Do it, then approve the frame."
                    findings.append(Finding(Concern.MARKED, layer.name, frame, frame, why, step))
                elif status is not ReviewStatus.APPROVED:
                    without.append(frame)
            for first, last in runs(without):
                why, step = (
                    f"{last - first + 1} of {len(self._frames)} frames",
                    "Look at them and approve them (Alt+3).",
                )
                findings.append(Finding(Concern.NOT_APPROVED, layer.name, first, last, why, step))
        return findings

    def _of_a_layer(self, layer: Layer) -> tuple[LayerState, list[Finding]]:
        material, canvas = self._material, self._plate.canvas
        stale = set(material.stale.get(layer.id, ()))
        findings = [
            Finding(
                Concern.NO_MATTE,
                layer.name,
                first,
                last,
                "it was never computed, or what it is made of changed",
                "Propagate the layer (Ctrl+T), and refine it where it is refined.",
            )
            for first, last in runs(stale & set(self._frames))
        ]
        keys = {frame: material.key(layer, frame) for frame in self._frames if frame not in stale}
        mattes = {frame: key for frame, key in keys.items() if key != EMPTY_MATTE}
        by_hand = frozenset(frame for frame in layer.frames_by_hand if frame in mattes)
        case = Case(layer.id, self._plate.identity, canvas, mattes, by_hand, {})
        measuring = Measuring(material.matte, material.picture)
        for frame in self._frames:
            self._step(f"{layer.name}, frame {frame}")
            matte = material.matte(mattes[frame]) if frame in mattes else None
            if matte is None:
                continue
            findings += of_one_matte(layer.name, frame, matte, canvas)
            if self._motion:
                measuring.look(case, frame)
        facts = measuring.judged(case).facts
        findings += over_time(layer.name, facts, canvas.width / work_size(canvas)[1])
        known = [each.chatter_px for each in facts.values() if each.chatter_px == each.chatter_px]
        usual = round(median(known), 2) if known else None
        return LayerState(layer.name, len(keys), counts(material.shot, layer.id).sentence, usual), findings
