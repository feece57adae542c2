"""A QC report of a project on disk, without an engine and without a window; and of one that is open, as it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from app.export_manifest import ENDING
from app.exporting import ExportReport
from app.fresh_mattes import not_delivered
from app.mattes import Mattes
from app.qc import Material, Progress, QcReport, inspect
from app.qc_page import pictures_of, write_report
from core.color import ColorConfig
from core.delivery import legal_name
from core.errors import Cancelled, ExportError
from core.frames import FrameNumber, FrameRange
from core.layer import LayerId
from core.picture import Picture
from core.plate_reader import PlateReader
from core.project_file import Project

LOOKED_AT = 0.9
"""Where the bar stands when all is looked at and the pictures begin."""


def gather(
    mattes: Mattes,
    project: Path | None,
    color: ColorConfig,
    layers: tuple[LayerId, ...],
    frames: FrameRange,
    delivered: tuple[Path, ...] = (),
    picture: Callable[[FrameNumber], Picture] | None = None,
) -> Material:
    """Everything a report looks at, held fast: what the artist does meanwhile does not change it. Opens no file.

    Args:
        layers: whose mattes; every visible one where empty.
        picture: reads the plate's frames, where somebody has a reader already.
    """
    shot = mattes.document.shot
    if shot.plate is None:
        raise ExportError("QC", why="there is no plate", hint="Open a plate first.")
    plate = shot.plate
    reader = cache(lambda: PlateReader(plate, color))
    chosen = layers or tuple(layer.id for layer in shot.layers if layer.visible)
    return Material(
        shot,
        project,
        chosen,
        frames,
        {layer_id: not_delivered(mattes, shot.layer(layer_id), frames) for layer_id in chosen},
        mattes.known,
        picture or (lambda frame: reader().read(frame)),
        lambda frame: reader().path(frame),
        lambda: reader().missing_frames(),
        delivered,
    )


def write_qc(
    material: Material,
    color: ColorConfig,
    folder: Path,
    name: str,
    progress: Progress,
    cancelled: Callable[[], bool],
    *,
    motion: bool = True,
) -> tuple[QcReport, Path, Path]:
    """Look at everything and write the report: (report, HTML, JSON).

    Raises:
        ExportError: the disk refuses, or no export lies where one was named.
        Cancelled: nothing was written.
    """
    report = inspect(material, lambda done, said: progress(LOOKED_AT * done, said), cancelled, motion=motion)
    transform = color.display(color.default_display, color.default_view)

    def step(said: str) -> None:
        if cancelled():
            raise Cancelled("QC", "was cancelled", "No report was written.")
        progress(LOOKED_AT, said)

    pictures = pictures_of(report, material, transform, step)
    html, told = write_report(report, pictures, folder, name)
    return report, html, told


def look_after(
    report: ExportReport, material: Material, color: ColorConfig, progress: Progress, cancelled: Callable[[], bool]
) -> ExportReport:
    """The report of an export with that of a QC beside its first files. What was exported stays, whatever happens."""
    manifests = tuple(Path(manifest) for manifest in report.manifests)
    name = manifests[0].name.removesuffix(ENDING)
    with_files = replace(material, delivered=manifests)
    try:
        found, html, _told = write_qc(with_files, color, manifests[0].parent, name, progress, cancelled)
    except (Cancelled, ExportError) as error:
        return replace(report, problems=f"no report was written, {error.why}")
    return replace(report, qc=str(html), problems=found.short)


def qc_project(
    project: Project,
    folder: Path,
    layers: tuple[LayerId, ...],
    frames: FrameRange,
    delivered: tuple[Path, ...],
    progress: Progress,
    *,
    motion: bool = True,
) -> tuple[QcReport, Path, Path]:
    """The report of a project that was opened from disk."""
    mattes = Mattes.of(project)
    color = ColorConfig.load(project.shot.color_config)
    material = gather(mattes, project.path, color, layers, frames, delivered)
    name = legal_name(project.path.stem)
    return write_qc(material, color, folder, name, progress, lambda: False, motion=motion)
