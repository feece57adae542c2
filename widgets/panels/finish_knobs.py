"""What the panel says of each kind of finish step: its name, a sentence, its knobs, and how one begins. Data only."""

from __future__ import annotations

from collections.abc import Mapping
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
from widgets.panels.step_row import StepKind, choice, number

KINDS: Mapping[type[Step], StepKind] = {
    Grow: StepKind(
        "Grow",
        "Every edge moves out; negative shrinks. Soft stays soft.",
        Grow(1.0),
        {"by_px": number("Grow, px", "How far, in pixels of the plate; any part of one.", -20.0, 20.0, 0.0)},
    ),
    Feather: StepKind(
        "Feather",
        "A soft edge on one side of the old one; what lies further stays as it is.",
        Feather(4.0),
        {
            "width_px": number("Width, px", "How wide the soft edge is.", 0.0, 100.0, 0.0),
            "side": choice(
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
        {"size_px": number("Size, px", "The standard deviation; about a third of how far it reaches.", 0, 50, 0.0)},
    ),
    MotionBlur: StepKind(
        "Motion blur",
        "Blurs along the picture's own motion, for a matte that is sharper than its plate.",
        MotionBlur(0.5),
        {"shutter": number("Shutter", "The part of a frame it is open; 0.5 is 180 degrees.", 0.0, 2.0, 0.5)},
    ),
    Streak: StepKind(
        "Blur along an angle",
        "Blurs in one direction only.",
        Streak(12.0),
        {
            "length_px": number("Length, px", "From end to end.", 0.0, 200.0, 0.0),
            "angle": number("Angle, °", "0 is across, 90 up and down, 45 rises to the right.", -90, 90, 0.0),
        },
    ),
    Smooth: StepKind(
        "Smooth",
        "Takes wobbles and steps out of the outline; soft stays as soft as it was.",
        Smooth(3.0),
        {
            "size_px": number("Size, px", "What is smaller than this goes.", 0.0, 30.0, 0.0),
            "corners": number("Keep corners", "0 rounds them, 1 keeps all but the bluntest.", 0.0, 1.0, 0.5),
        },
    ),
    FillHoles: StepKind(
        "Fill holes",
        "Small holes and grey stains in solid matte.",
        FillHoles(400),
        {"most_px2": number("At most, px²", "Larger holes stay.", 0, 4000, 0)},
    ),
    RemoveSpecks: StepKind(
        "Remove specks",
        "Small pieces; the largest piece always stays.",
        RemoveSpecks(400),
        {"most_px2": number("At most, px²", "Larger pieces stay.", 0, 4000, 0)},
    ),
    Levels: StepKind(
        "Levels",
        "Clips faint coverage to nothing and nearly full coverage to full.",
        Levels(0.05, 0.95),
        {
            "black": number("Black", "From here down it is nothing.", 0.0, 1.0, 0.0),
            "white": number("White", "From here up it is full.", 0.0, 1.0, 1.0),
            "gamma": number("Gamma", "More makes what lies between fuller.", 0.1, 4.0, 1.0),
        },
    ),
    Combine: StepKind(
        "Combine with a layer",
        "With what another layer delivers on the same frame; it follows every change of that layer.",
        Combine(),
        {
            "how": choice(
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
        knobs = {"layer_id": choice("Layer", "Whose matte it is combined with.", known), **knobs}
    return {"type": "object", "properties": knobs}
