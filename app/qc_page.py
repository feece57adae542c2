"""A QC report as files: one HTML page that needs nothing beside it, and the same as JSON.

Knows the report and the pictures of its findings; looks at nothing itself.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path

from app.export_manifest import tool_version
from app.qc import Material, QcReport
from app.qc_pictures import thumbnail
from core.color import DisplayTransform
from core.disk import cause, remedy, write_whole
from core.errors import ExportError
from core.quality import Concern, Finding, Severity

MOST_PICTURES = 150
"""Of the most urgent findings; a page of some 3 MB."""
PICTURED = frozenset(
    {Concern.HOLE, Concern.SPECK, Concern.CHATTER, Concern.JUMP, Concern.VANISHES, Concern.CLIPPED, Concern.MARKED}
    | {Concern.CHANGED_SINCE, Concern.FILE_OLD, Concern.FILE_WRONG, Concern.WINDOW}
)
INKS = {Severity.MUST: "#e05c50", Severity.LOOK: "#d9b23d", Severity.NOTE: "#8a8a8a"}
STYLE = """
:root { color-scheme: dark }
body { background: #262626; color: #cecece; font: 14px/1.45 system-ui, sans-serif; margin: 0 }
main { max-width: 1180px; margin: 0 auto; padding: 28px 24px 60px }
h1 { font-size: 22px; color: #ececec; margin: 0 0 2px; font-weight: 600 }
h2 { font-size: 16px; color: #ececec; margin: 34px 0 8px; font-weight: 600 }
p { margin: 4px 0 } .dim { color: #969696 } code { font-size: 12px; color: #aaa; user-select: all }
.counts { display: flex; gap: 10px; margin: 18px 0 }
.counts div { background: #303030; padding: 10px 16px; border-left: 3px solid var(--ink); min-width: 150px }
.counts b { font-size: 24px; color: #ececec; display: block; font-weight: 600 }
table { border-collapse: collapse; width: 100% }
th { text-align: left; font-weight: 400; color: #969696; padding: 4px 12px 4px 0 }
td { padding: 8px 12px 8px 0; border-top: 1px solid #363636; vertical-align: top }
td.frame { white-space: nowrap; font-variant-numeric: tabular-nums }
td.frame { border-left: 3px solid var(--ink); padding-left: 12px; width: 84px }
td.picture { width: 452px; padding-right: 0 } img { display: block; width: 442px; height: 140px }
a { color: #ececec } b { color: #ececec; font-weight: 600 }
:target { background: #333 }
@media (max-width: 900px) { td.picture, img { width: 300px; height: auto } }
@page { size: A4 landscape; margin: 12mm 12mm 14mm }
@media print {
  :root { color-scheme: light }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact }
  body { background: #fff; color: #222; font-size: 9.5pt; line-height: 1.35 }
  main { max-width: none; padding: 0 }
  h1, h2, b, a, .counts b { color: #000 } h1 { font-size: 16pt } h2 { font-size: 12pt; margin: 16pt 0 4pt }
  p { margin: 1.5pt 0 } .dim, th { color: #555 } code { color: #555; font-size: 7.5pt; overflow-wrap: anywhere }
  .counts { margin: 8pt 0 } .counts div { background: #f2f2f2; padding: 5pt 10pt } .counts b { font-size: 15pt }
  td { border-top-color: #ccc; padding: 5pt 9pt 5pt 0 } td.picture { width: 78mm; padding-right: 0 }
  img { width: 78mm; height: auto }
  h2 { break-after: avoid } tr, .counts, img { break-inside: avoid } h2 + table tr:first-child { break-before: avoid }
  a { text-decoration: none } .screen { display: none }
}
"""


def pictures_of(
    report: QcReport, material: Material, transform: DisplayTransform, step: Callable[[str], None]
) -> dict[int, bytes]:
    """The JPEG of each finding that a picture helps with, by its place in the report; the most urgent first."""
    by_name = {layer.name: layer.id for layer in material.shot.layers}
    made: dict[int, bytes] = {}
    for number, finding in enumerate(report.findings):
        if len(made) == MOST_PICTURES:
            break
        if finding.concern not in PICTURED:
            continue
        step(f"picture of frame {finding.frame}")
        layer_id = by_name.get(finding.opens, "")
        matte = material.matte_of(layer_id, finding.frame) if layer_id else None
        picture = material.picture_or_none(finding.frame)
        made[number] = thumbnail(picture, matte, finding.place, material.plate.canvas, transform)
    return made


def page(report: QcReport, pictures: Mapping[int, bytes]) -> str:
    """The whole page; pictures lie inside it."""
    name = escape(report.shot)
    about = escape(f"{report.plate} · frames {report.frames} · {report.made} · penumbra {tool_version()}")
    parts = [
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>QC {name}</title>',
        f"<style>{STYLE}</style></head><body><main><h1>QC of {name}</h1>",
        f'<p class="dim">{about}</p>',
        '<div class="counts">',
    ]
    for severity in Severity:
        ink, count = INKS[severity], report.count(severity)
        parts.append(f'<div style="--ink:{ink}"><b>{count}</b>{escape(severity.value)}</div>')
    parts += ["</div>", _layers(report), _files(report)]
    for severity in Severity:
        rows = [(number, each) for number, each in enumerate(report.findings) if each.severity is severity]
        if rows:
            parts += [f"<h2>{escape(severity.value.capitalize())}</h2>", "<table>"]
            parts += [_row(report, number, finding, pictures.get(number)) for number, finding in rows]
            parts.append("</table>")
    if not report.findings:
        parts.append("<h2>Nothing found</h2><p>Every frame has its matte, and nothing stands out.</p>")
    if report.project is not None:
        parts.append(
            '<p class="dim screen" style="margin-top:34px">A frame number is a link that opens the frame in Penumbra'
            " where the system knows penumbra: links; the line under it does the same in a terminal.</p>"
        )
    return "\n".join([*parts, "</main></body></html>\n"])


def write_report(report: QcReport, pictures: Mapping[int, bytes], folder: Path, name: str) -> tuple[Path, Path]:
    """`NAME.qc.html` and `NAME.qc.json`, each whole or as it was before. Raises ExportError."""
    html, told = folder / f"{name}.qc.html", folder / f"{name}.qc.json"
    text = json.dumps(report.as_dict(), indent=1, ensure_ascii=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(html, page(report, pictures).encode("utf-8", "replace"))
        write_whole(told, text.encode("utf-8", "replace"))
    except OSError as error:
        raise ExportError(folder, why=f"the report cannot be written, {cause(error)}", hint=remedy(error)) from error
    return html, told


def _layers(report: QcReport) -> str:
    head = "<table><tr><th>layer</th><th>frames with a matte</th><th>review</th><th>usual edge movement</th></tr>"
    rows = []
    for layer in report.layers:
        moved = "not measured" if layer.chatter_px is None else f"{layer.chatter_px:.2f} px"
        rows.append(
            f"<tr><td><b>{escape(layer.name)}</b></td><td>{layer.with_matte} of {len(report.frames)}</td>"
            f"<td>{escape(layer.review)}</td><td>{moved}</td></tr>"
        )
    return head + "".join(rows) + "</table>"


def _files(report: QcReport) -> str:
    if not report.delivered:
        return ""
    names = ", ".join(escape(name) for name in report.delivered)
    return f"<p>Delivered: {names}; {report.files} files read back and compared value by value.</p>"


def _begun(reason: str) -> str:
    """With a capital where a word begins it; names of files and channels stay as they are."""
    first = reason.split(" ", 1)[0]
    return reason if "_" in first or "." in first else reason[:1].upper() + reason[1:]


def _row(report: QcReport, number: int, finding: Finding, picture: bytes | None) -> str:
    link, anchor = report.link(finding), f"finding-{number}"
    frames = escape(finding.frames)
    command = ""
    if link is not None:
        frames = f'<a href="{escape(link.url)}">{frames}</a>'
        command = f"<p><code>{escape(link.command)}</code></p>"
    image = ""
    if picture:
        data = base64.b64encode(picture).decode()
        said = escape(f"{finding.layer} frame {finding.frame}: {finding.concern.value}")
        image = f'<img src="data:image/jpeg;base64,{data}" alt="{said}">'
    file = f'<p class="dim">{escape(finding.file)}</p>' if finding.file else ""
    return (
        f'<tr id="{anchor}" style="--ink:{INKS[finding.severity]}"><td class="frame">{frames}</td>'
        f"<td><b>{escape(finding.concern.value.capitalize())}</b> {escape(finding.layer)}"
        f"<p>{escape(_begun(finding.reason))}.</p>{file}"
        f'<p class="dim">{escape(finding.next_step)}</p>{command}</td><td class="picture">{image}</td></tr>'
    )
