"""The table of `bench clicks`, in markdown: sets, methods, figures, and whether a model is as good as was wanted.

Wanted of a model on each set: at most half the clicks of the best classical method to 90 % IoU where that one needs
more than `FEW` clicks, never more clicks than it, and a better IoU than every classical method after 1 and 3 clicks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.bench.baselines import BASELINES
from app.bench.protocol import GOALS, REPORTED

FEW = 6.0
WANTED_IOU = ("iou_1", "iou_3")


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """The means among `rows` (case "mean"), set by set. The verdict of baselines is empty."""
    goals = " / ".join(f"{goal} %" for goal in GOALS)
    counts = ", ".join(str(count) for count in REPORTED)
    lines = [
        f"| set (cases) | method | clicks to {goals} | IoU after {counts} | boundary F | first, next ms | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    found = [row for row in rows if row["case"] == "mean"]
    for name in dict.fromkeys(row["set"] for row in found):
        inside = [row for row in found if row["set"] == name]
        for row in inside:
            clicks = " / ".join(f"{row[f'noc{goal}']:.2f}" for goal in GOALS)
            overlaps = " ".join(_part(row[f"iou_{count}"]) for count in REPORTED)
            cells = (
                f"{name} ({row['cases']})",
                row["method"],
                clicks,
                overlaps,
                _part(row["boundary_f"]),
                f"{row['ms_first']:.0f}, {row['ms_per_click']:.0f}",
                verdict(row, inside),
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def verdict(row: Mapping[str, Any], beside: Sequence[Mapping[str, Any]]) -> str:
    """Whether `row` meets what is wanted, beside the baselines of its set; empty for a baseline or without one."""
    baselines = [other for other in beside if other["method"] in BASELINES]
    if row["method"] in BASELINES or not baselines:
        return ""
    if {other["cases"] for other in baselines} != {row["cases"]}:
        return "not the same cases"
    best = min(float(other["noc90"]) for other in baselines)
    most = best / 2 if best > FEW else best
    parts = [(row["noc90"] <= most, f"{row['noc90']:.2f} clicks, wanted {most:.2f}")]
    for figure in WANTED_IOU:
        highest = max(float(other[figure]) for other in baselines)
        parts.append((row[figure] > highest, f"{figure} {_part(row[figure])}, wanted over {_part(highest)}"))
    missed = [said for good, said in parts if not good]
    return f"missed: {'; '.join(missed)}" if missed else "met"


def _part(value: float) -> str:
    """A part of one with three digits and no zero before the point."""
    return f"{value:.3f}".removeprefix("0")
