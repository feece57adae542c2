"""What Teach says: figures as words and numbers. Nothing is claimed that was not measured."""

from __future__ import annotations

import math
from collections.abc import Iterable

from core.frames import FrameNumber
from core.jobs import JobState, JobStatus
from core.layer import Adapter, Layer
from core.words import counted
from widgets.studio import TeachResult
from widgets.teaching import Live, LiveRound

AS_IT_CAME = "As it came"
ARROW = "\u2192"


def percent(error: float) -> str:
    """A mean absolute error 0-1 as `1.84 %`; a dash where it was not measured."""
    return f"{error * 100:.2f} %" if math.isfinite(error) else "\u2013"


def change(before: float, after: float) -> str:
    """`6.12 % → 1.84 %`; empty where nothing was measured."""
    return f"{percent(before)} {ARROW} {percent(after)}" if math.isfinite(after) else ""


def frames_words(frames: Iterable[FrameNumber], most: int = 4) -> str:
    """`1001, 1004 and 1010`; how many, where there are more than `most`."""
    listed = [str(frame) for frame in sorted(frames)]
    if len(listed) > most:
        return f"{len(listed)} frames, {listed[0]}-{listed[-1]}"
    return " and ".join(part for part in (", ".join(listed[:-1]), listed[-1] if listed else "") if part)


def time_words(seconds: float) -> str:
    """`45 s`, `3 min`; empty for none."""
    if seconds <= 0:
        return ""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def verdict(result: TeachResult) -> str:
    """What the figures say of an offer."""
    name, before, after = result.name, result.held_out_before, result.held_out_after
    if not result.improved and math.isfinite(after) and after <= before and math.isfinite(result.approved_after):
        return f"{name} makes frames worse that you approved. The previous model is kept unless you choose it."
    if not result.improved and math.isfinite(before) and after <= before:
        return f"{name} has not learnt its own frames yet. The previous model is kept unless you choose it."
    if not result.improved:
        return f"{name} is not better on what it has not seen. The previous model is kept unless you choose it."
    if math.isfinite(before):
        return f"{name} does better on what it has not seen."
    return f"{name} has learnt its frames. There was nothing to compare it with: look before you keep it."


def job_words(status: JobStatus) -> str:
    """A lesson that runs or has ended: `Paused, step 120, 14 s, held-out error 1.84 %`."""
    said = [
        "Paused"
        if status.paused
        else status.message.capitalize()
        if status.message
        else "Learning"
        if status.state is JobState.RUNNING
        else status.state.value.capitalize()
    ]
    metrics = status.metrics
    if "step" in metrics:
        said.append(f"step {int(metrics['step'])}")
    if "seconds" in metrics:
        said.append(f"{metrics['seconds']:.0f} s")
    if "held_out_error" in metrics:
        said.append(f"held-out error {percent(metrics['held_out_error'])}")
    return ", ".join(said)


def live_words(layer: Layer, said: LiveRound) -> str:
    """What live teaching does, and what its newest round was worth."""
    if said.state is Live.OFF:
        return "Off. Teaching begins when you ask for it."
    if not layer.frames_by_hand:
        return "On. It begins with the first click or stroke."
    figures = f"error {change(said.before, said.after)}" if change(said.before, said.after) else ""
    if said.round and figures:
        figures += ", in use" if said.used else ", no better: not used"
    what = {
        Live.WAITS: "Waits until your hand rests",
        Live.LEARNS: f"Learns, round {said.round}" if said.round else "Learns",
        Live.RESTS: f"Rests after round {said.round}, until you correct again"
        if said.round
        else "Rests until you correct a frame",
    }[said.state]
    return f"{what}; {figures}." if figures else f"{what}."


def about(adapter: Adapter) -> str:
    """The second line of an adapter in the list: what it learnt from, how long, and what that was worth."""
    count = len(adapter.taught_on)
    parts = [
        counted(count, "frame") if count else "",
        time_words(adapter.seconds),
        change(adapter.held_out_before, adapter.held_out_after),
    ]
    return " · ".join(part for part in parts if part)


def details(adapter: Adapter) -> str:
    """Everything that is known of it, a line each."""
    lines = [adapter.name]
    if adapter.live:
        lines.append("Made by live teaching: the next round takes its place. Rename it to keep it.")
    if adapter.taught_on:
        lines.append(f"Taught on {frames_words(adapter.taught_on)}")
    spent = " in ".join(
        part for part in (f"{adapter.steps} steps" if adapter.steps else "", time_words(adapter.seconds))
    )
    if spent.strip(" in"):
        lines.append(spent)
    held_out = f"Held out {frames_words(adapter.held_out)}" if adapter.held_out else "Held out a part of a frame"
    if figures := change(adapter.held_out_before, adapter.held_out_after):
        lines.append(f"{held_out}: error {figures}")
    if figures := change(adapter.approved_before, adapter.approved_after):
        lines.append(f"Approved {frames_words(adapter.approved)}: error {figures}")
    lines.append(f"For the model {adapter.model}")
    return "\n".join(lines)
