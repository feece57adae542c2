"""What the panel says of each kind of finish step: its name, a sentence, its knobs, and how one begins. Data only."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.finish_steps import (
    Blur,
    Combine,
    Feather,
    FillHoles,
    Grow,
    Invert,
    Levels,
    MotionBlur,
    RemoveSpecks,
    Smooth,
    Step,
    Streak,
)

Knob = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StepKind:
    """Args: `begins` is the step that the menu adds, `knobs` the schema of each of its fields but `on`."""

    name: str
    tip: str
    begins: Step
    knobs: Mapping[str, Knob]


def _number(title: str, tip: str, low: float, high: float, default: float, **more: Any) -> Knob:
    knob = {"title": title, "description": tip, "type": "number", "minimum": low, "maximum": high, "default": default}
    return {**knob, **more}


def _choice(title: str, tip: str, choices: Mapping[str, str]) -> Knob:
    names = list(choices)
    labels = {"labels": dict(choices)}
    return {"title": title, "description": tip, "enum": names, "default": names[0], "x-ui": labels}


KINDS: Mapping[type[Step], StepKind] = {
    Grow: StepKind(
        "Grow",
        "Every edge moves out; negative shrinks. Soft stays soft.",
        Grow(1.0),
        {"by_px": _number("Grow, px", "How far, in pixels of the plate; any part of one.", -20.0, 20.0, 0.0)},
    ),
    Feather: StepKind(
        "Feather",
        "A soft edge on one side of the old one; what lies further stays as it is.",
        Feather(4.0),
        {
            "width_px": _number("Width, px", "How wide the soft edge is.", 0.0, 100.0, 0.0),
            "side": _choice(
                "Side",
                "Outward takes no coverage away, inward gives none.",
                {"out": "Outward", "in": "Inward", "both": "Both ways"},
            ),
        },
    ),
    Blur: StepKind(
        "Blur",
        "A Gaussian blur.",
        Blur(2.0),
        {"size_px": _number("Size, px", "The standard deviation; about a third of how far it reaches.", 0, 50, 0.0)},
    ),
    MotionBlur: StepKind(
        "Motion blur",
        "Blurs along the picture's own motion, for a matte that is sharper than its plate.",
        MotionBlur(0.5),
        {"shutter": _number("Shutter", "The part of a frame it is open; 0.5 is 180 degrees.", 0.0, 2.0, 0.5)},
    ),
    Streak: StepKind(
        "Blur along an angle",
        "Blurs in one direction only.",
        Streak(12.0),
        {
            "length_px": _number("Length, px", "From end to end.", 0.0, 200.0, 0.0),
            "angle": _number("Angle, °", "0 is across, 90 up and down, 45 rises to the right.", -90, 90, 0.0),
        },
    ),
    Smooth: StepKind(
        "Smooth",
        "Takes wobbles and steps out of the outline; soft stays as soft as it was.",
        Smooth(3.0),
        {
            "size_px": _number("Size, px", "What is smaller than this goes.", 0.0, 30.0, 0.0),
            "corners": _number("Keep corners", "0 rounds them, 1 keeps all but the bluntest.", 0.0, 1.0, 0.5),
        },
    ),
    FillHoles: StepKind(
        "Fill holes",
        "Small holes and grey stains in solid matte.",
        FillHoles(400),
        {"most_px2": _number("At most, px²", "Larger holes stay.", 0, 4000, 0)},
    ),
    RemoveSpecks: StepKind(
        "Remove specks",
        "Small pieces; the largest piece always stays.",
        RemoveSpecks(400),
        {"most_px2": _number("At most, px²", "Larger pieces stay.", 0, 4000, 0)},
    ),
    Levels: StepKind(
        "Levels",
        "Clips faint coverage to nothing and nearly full coverage to full.",
        Levels(0.05, 0.95),
        {
            "black": _number("Black", "From here down it is nothing.", 0.0, 1.0, 0.0),
            "white": _number("White", "From here up it is full.", 0.0, 1.0, 1.0),
            "gamma": _number("Gamma", "More makes what lies between fuller.", 0.1, 4.0, 1.0),
        },
    ),
    Combine: StepKind(
        "Combine with a layer",
        "With what another layer delivers on the same frame; it follows every change of that layer.",
        Combine(),
        {
            "how": _choice(
                "How",
                "Subtract for layers that share an edge, hold out for something in front.",
                {"add": "Add", "subtract": "Subtract", "intersect": "Intersect", "hold out": "Hold out"},
            )
        },
    ),
    Invert: StepKind("Invert", "What is in is out, and the other way round.", Invert(), {}),
}
"""In the order of the menu."""


def schema(step: Step, layers: Mapping[str, str]) -> dict[str, Any]:
    """The knobs of a step.

    Args:
        layers: those it may be combined with, id and name.
    """
    knobs = dict(KINDS[type(step)].knobs)
    if isinstance(step, Combine):
        known = {"": "No layer", **layers}
        if step.layer_id not in known:
            known[step.layer_id] = "A layer that is not there"
        knobs = {"layer_id": _choice("Layer", "Whose matte it is combined with.", known), **knobs}
    return {"type": "object", "properties": knobs}


def shown(step: Step) -> dict[str, Any]:
    """What the knobs show: of amounts that they have not, the nearest that they have."""
    values = {name: value for name, value in dataclasses.asdict(step).items() if name != "on"}
    for name, knob in KINDS[type(step)].knobs.items():
        if "minimum" in knob:
            values[name] = min(max(values[name], knob["minimum"]), knob["maximum"])
    return values


def turned(step: Step, values: Mapping[str, Any]) -> Step:
    """The step with what its knobs say; an amount that no knob was turned away from stays what it is."""
    before = shown(step)
    changed = {name: value for name, value in values.items() if value != before.get(name)}
    whole = {name: round(value) for name, value in changed.items() if name == "most_px2"}
    return dataclasses.replace(step, **{**changed, **whole})
