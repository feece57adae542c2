"""Which channels of an EXR make the picture: part, layer and view by name, or a sensible default.

Knows names and no pixels. `diffuse.R` is channel R of layer `diffuse`; in a multi-view part `right.R` and
`diffuse.right.R` belong to the view `right`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import FrameError
from core.exr import ExrFile, ExrPart
from core.exr_header import ExrChannel

_ROLES = {
    **{name: name for name in ("R", "G", "B", "A", "Y", "RY", "BY")},
    **{name.lower(): name for name in ("R", "G", "B", "A", "Y")},
    **{word: word[0].upper() for word in ("red", "green", "blue", "alpha", "Red", "Green", "Blue", "Alpha")},
}


@dataclass(frozen=True, slots=True)
class ChannelChoice:
    """The channels that are read as R, G, B and A.

    Args:
        part: the part's index.
        layer, view: what was chosen; empty for the unnamed layer and the default view.
        kind: `rgb`; `luma` for luminance alone; `luma-chroma` for Y, RY, BY; `data` for any other channel alone, under
            the role `Y` and shown as grey.
        names: role (`R`, `G`, `B`, `A`, `Y`, `RY`, `BY`) → full channel name.
    """

    part: int
    layer: str
    view: str
    kind: str
    names: dict[str, str]

    @property
    def is_data(self) -> bool:
        """Whether it is one channel that is no luminance: depth, ids, a mask, a motion vector."""
        return self.kind == "data"


def split_channel(name: str, views: tuple[str, ...]) -> tuple[str, str, str]:
    """(layer, view, channel) of a full name in a part with these views; view is empty for the default one."""
    *prefix, channel = name.split(".")
    if len(views) > 1 and prefix and prefix[-1] in views:
        view = prefix.pop()
        return ".".join(prefix), "" if view == views[0] else view, channel
    return ".".join(prefix), "", channel


def layers_of(part: ExrPart, view: str = "") -> dict[str, tuple[ExrChannel, ...]]:
    """Layer → its channels, for one view of a part (empty for the default); the unnamed layer is first."""
    found: dict[str, list[ExrChannel]] = {}
    views = part.views
    wanted = "" if views and view == views[0] else view
    for channel in part.channels:
        layer, of_view, _ = split_channel(channel.name, views)
        if of_view == wanted or len(views) < 2:
            found.setdefault(layer, []).append(channel)
    return {layer: tuple(found[layer]) for layer in sorted(found)}


def views_of(file: ExrFile) -> tuple[str, ...]:
    """Every view of a file, the default one first."""
    return tuple(dict.fromkeys(view for part in file.parts for view in part.views))


def choose_channels(file: ExrFile, part: str = "", layer: str = "", view: str = "") -> ChannelChoice:
    """What to read; empty strings leave the choice open.

    The default is the first flat part with R, G, B, in the unnamed layer if it has them, else in the first layer that
    does; else luminance; else the first channel as grey.

    Raises:
        FrameError: a name the file does not have (the hint lists those it has), or only deep data.
    """
    if view and view not in views_of(file):
        known = ", ".join(views_of(file)) or "none"
        raise FrameError(file.path, why=f"there is no view {view!r}", hint=f"Its views are: {known}.")
    candidates = [file.part(part)] if part else [each for each in file.parts if not view or view in each.views]
    if part and view and candidates[0].views and view not in candidates[0].views:
        raise FrameError(file.path, why=f"part {part!r} is not of the view {view!r}", hint="Choose one of the two.")
    flat = [each for each in candidates if not each.deep]
    if not flat:
        raise FrameError(
            file.path,
            why="it holds deep data, which Penumbra does not read",
            hint="Flatten it in the compositor first.",
        )
    choices = [choice for each in flat for choice in _choices(each, layer, view)]
    if not choices:
        known = ", ".join(sorted({name or "(unnamed)" for each in flat for name in layers_of(each, view)}))
        raise FrameError(file.path, why=f"there is no layer {layer!r}", hint=f"Its layers are: {known}.")
    return min(choices, key=lambda ranked: ranked[0])[1]


def _choices(part: ExrPart, wanted: str, view: str) -> Iterable[tuple[int, ChannelChoice]]:
    """Every layer of a part that can be shown, with a rank; the lowest is the best, and equal ones keep the order."""
    for layer, channels in layers_of(part, view).items():
        if wanted and layer != wanted:
            continue
        roles: dict[str, str] = {}
        for channel in channels:
            role = _ROLES.get(split_channel(channel.name, part.views)[2])
            if role and role not in roles:
                roles[role] = channel.name
        alpha = {"A": roles["A"]} if "A" in roles else {}
        if {"R", "G", "B"} <= roles.keys():
            names = {role: roles[role] for role in "RGB"} | alpha
            yield (0 if not layer else 1), ChannelChoice(part.index, layer, view, "rgb", names)
        elif {"Y", "RY", "BY"} <= roles.keys():
            names = {role: roles[role] for role in ("Y", "RY", "BY")} | alpha
            yield (0 if not layer else 1), ChannelChoice(part.index, layer, view, "luma-chroma", names)
        elif "Y" in roles:
            yield (2 if not layer else 3), ChannelChoice(part.index, layer, view, "luma", {"Y": roles["Y"]} | alpha)
        else:
            yield 4, ChannelChoice(part.index, layer, view, "data", {"Y": channels[0].name})


def choose_one(file: ExrFile, channel: str, part: str = "") -> ChannelChoice:
    """One channel alone, by its full name, of a part by name or of the first part that has it.

    Raises:
        FrameError: there is no such channel (the hint lists some), or it is deep.
    """
    candidates = [file.part(part)] if part else list(file.parts)
    for each in candidates:
        if channel in (one.name for one in each.channels):
            if each.deep:
                raise FrameError(
                    file.path,
                    why=f"{channel} is deep data, which Penumbra does not read",
                    hint="Flatten it in the compositor first.",
                )
            return ChannelChoice(each.index, "", "", "data", {"Y": channel})
    known = [one.name for each in candidates for one in each.channels]
    more = f" and {len(known) - 12} more" if len(known) > 12 else ""
    hint = f"Its channels are: {', '.join(known[:12])}{more}."
    raise FrameError(file.path, why=f"there is no channel {channel!r}", hint=hint)
