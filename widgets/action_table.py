"""The one table of all the artist can ask for: id, words, keys, group. Menus, toolbars and the key sheet read it.

Data only: what an action does is bound by the window (`widgets/actions.py`). Keys are Nuke's; where two of them met,
docs/decisions/0008-keys-that-met.md says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action.

    Args:
        id: `group.name`; what the window binds to and what the settings store.
        text: what the menu says; a trailing … means a dialog follows.
        keys: in the order they are shown; the first is named in the tooltip. All are active.
        group: heading in the key sheet and, for most, the menu.
        tip: one sentence.
        icon: name in `resources/icons`, or empty.
        checkable: a state that is on or off.
        repeats: whether holding the key repeats it.
    """

    id: str
    text: str
    keys: tuple[str, ...] = ()
    group: str = ""
    tip: str = ""
    icon: str = ""
    checkable: bool = False
    repeats: bool = False


def _group(group: str, *specs: ActionSpec) -> tuple[ActionSpec, ...]:
    return tuple(ActionSpec(s.id, s.text, s.keys, group, s.tip, s.icon, s.checkable, s.repeats) for s in specs)


A = ActionSpec
ACTIONS: tuple[ActionSpec, ...] = (
    *_group(
        "File",
        A("file.open", "Open…", ("Ctrl+O",), tip="Open a plate or a project.", icon="open"),
        A("file.open_folder", "Open folder…", ("Ctrl+Alt+O",), tip="Open the sequence in a folder."),
        A("file.open_sample", "Open sample shot", tip="Open the shot that comes with Penumbra."),
        A(
            "file.add_reference",
            "Add reference plate…",
            ("Ctrl+Shift+A",),
            tip="Another version, a clean plate or a background, to compare with.",
            icon="plate",
        ),
        A("file.save", "Save", ("Ctrl+S",), tip="Save the project.", icon="save"),
        A("file.save_as", "Save as…", ("Ctrl+Shift+S",), tip="Save the project under another name."),
        A("file.export", "Export…", ("Ctrl+E",), tip="Write mattes as EXR.", icon="export"),
        A(
            "file.export_review",
            "Export review…",
            ("Ctrl+Shift+E",),
            tip="Notes and statuses as a list, a movie, pictures or a contact sheet.",
            icon="review-export",
        ),
        A("file.quit", "Quit", ("Ctrl+Q",), tip="Close Penumbra."),
    ),
    *_group(
        "Edit",
        A("edit.undo", "Undo", ("Ctrl+Z",), tip="Take back the last step.", icon="undo", repeats=True),
        A("edit.redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), tip="Do it again.", icon="redo", repeats=True),
    ),
    *_group(
        "Tools",
        A(
            "tool.click",
            "Click",
            ("Q",),
            tip="Left adds, right subtracts; hold Shift for a preview, with Alt of a right click.",
            icon="click",
            checkable=True,
        ),
        A(
            "tool.box",
            "Box",
            ("X",),
            tip="Drag a box around the subject; Shift square, Alt from its middle. Over an earlier box: in its place.",
            icon="box",
            checkable=True,
        ),
        A(
            "tool.scribble",
            "Scribble",
            ("S",),
            tip="A line says what belongs to the layer, right button what does not; the model answers.",
            icon="scribble",
            checkable=True,
        ),
        A(
            "tool.brush",
            "Brush",
            ("D",),
            tip="Paint on the matte; right button or eraser takes away.",
            icon="brush",
            checkable=True,
        ),
        A(
            "tool.trimap",
            "Trimap",
            ("E",),
            tip="Paint where the edge is unknown, inside or outside: refine works there. Right button: outside.",
            icon="trimap",
            checkable=True,
        ),
        A(
            "tool.draw",
            "Draw",
            ("T",),
            tip="Draw a note on the picture; right button or eraser takes lines away.",
            icon="draw",
            checkable=True,
        ),
        A(
            "tool.roto",
            "Shape",
            ("U",),
            tip="Draw and edit roto shapes: garbage, core, add and subtract, with key frames.",
            icon="roto",
            checkable=True,
        ),
        A("tool.pan", "Pan", ("H",), tip="Drag the picture.", icon="pan", checkable=True),
        A("tool.pick", "Pick", ("P",), tip="Read pixel values.", icon="pick", checkable=True),
        A("brush.smaller", "Smaller brush", ("[",), tip="Shift-drag does both.", icon="minus", repeats=True),
        A("brush.larger", "Larger brush", ("]",), tip="Shift-drag does both.", icon="plus", repeats=True),
    ),
    *_group(
        "View",
        A("view.fit", "Fit", ("F",), tip="Show the whole picture.", icon="fit"),
        A("view.one_to_one", "1:1", ("Ctrl+1",), tip="One plate pixel is one screen pixel.", icon="one-to-one"),
        A("view.zoom_in", "Zoom in", ("+", "="), tip="The wheel zooms at the cursor.", repeats=True),
        A("view.zoom_out", "Zoom out", ("-",), tip="The wheel zooms at the cursor.", repeats=True),
        A("view.red", "Red", ("R",), tip="Red channel; again for color.", checkable=True),
        A("view.green", "Green", ("G",), tip="Green channel; again for color.", checkable=True),
        A("view.blue", "Blue", ("B",), tip="Blue channel; again for color.", checkable=True),
        A("view.alpha", "Alpha", ("A",), tip="Alpha of the picture; again for color.", checkable=True),
        A("view.luminance", "Luminance", ("Y",), tip="Luminance; again for color.", checkable=True),
        A(
            "view.overlay",
            "Matte overlay",
            ("M",),
            tip="Lay the matte's color over the plate.",
            icon="overlay",
            checkable=True,
        ),
        A(
            "view.edge_only",
            "Edge only",
            ("Ctrl+M",),
            tip="Of the overlay only where the matte is soft, and the line at half.",
            icon="edge",
            checkable=True,
        ),
        A(
            "view.onion",
            "Onion skin",
            ("Alt+M",),
            tip="The edge of the matte one frame before (amber) and after (blue).",
            icon="onion",
            checkable=True,
        ),
        A(
            "view.plate_colors",
            "Comps with the plate's colors",
            ("Alt+P",),
            tip="Show comps without what the layer's foreground does, to compare.",
            checkable=True,
        ),
        A(
            "view.guides",
            "Guides",
            ("Shift+O",),
            tip="Clicks, boxes and windows over the picture.",
            icon="guides",
            checkable=True,
        ),
        A(
            "view.drawings",
            "Review drawings",
            ("Ctrl+Shift+D",),
            tip="Drawings and notes of the review over the picture.",
            icon="drawings",
            checkable=True,
        ),
        A("view.wipe", "Wipe", ("W",), tip="Compare A and B across a line.", icon="wipe", checkable=True),
        A(
            "view.side_by_side",
            "Side by side",
            ("Shift+W",),
            tip="A left, B right.",
            icon="side-by-side",
            checkable=True,
        ),
        A(
            "view.stacked",
            "Stacked",
            ("Ctrl+Shift+W",),
            tip="A above, B below.",
            icon="stacked",
            checkable=True,
        ),
        A(
            "view.dissolve",
            "Dissolve",
            ("Alt+W",),
            tip="B over A, as strong as the slider says.",
            icon="dissolve",
            checkable=True,
        ),
        A(
            "view.difference",
            "Difference",
            ("Shift+D",),
            tip="Brighter where A and B differ more.",
            icon="difference",
            checkable=True,
        ),
        A(
            "view.matte_difference",
            "Matte difference",
            ("Shift+M",),
            tip="Green where B's matte has more than A's, red where it has less.",
            icon="matte-difference",
            checkable=True,
        ),
        A(
            "view.blend",
            "Blend",
            ("Shift+B",),
            tip="A and B added, screened, multiplied, or in red and cyan.",
            icon="blend",
            checkable=True,
        ),
        A("view.flip", "Flip to B", ("Z",), tip="B alone instead of A; again for A.", icon="flip", checkable=True),
        A("view.swap", "Swap A and B", ("Return", "Enter"), tip="Exchange the two sides.", icon="swap"),
        A("view.exposure_up", "Exposure up", ("Alt+Up",), tip="A quarter stop; the viewer only.", repeats=True),
        A("view.exposure_down", "Exposure down", ("Alt+Down",), tip="A quarter stop; the viewer only.", repeats=True),
        A("view.reset", "Reset exposure and gamma", ("Ctrl+Alt+0",), tip="Back to 0 stops and gamma 1."),
        A("view.full_screen", "Full screen", ("F11",), tip="The window fills the screen.", checkable=True),
        A(
            "view.picture_only",
            "Picture only",
            ("Ctrl+U",),
            tip="Panels and bars away; Escape returns.",
            checkable=True,
        ),
    ),
    *_group(
        "Picture",
        A(
            "view.layer_next",
            "Next layer of the plate",
            ("PgDown",),
            tip="Look at the next layer of its files; what is matted stays.",
            repeats=True,
        ),
        A(
            "view.layer_previous",
            "Previous layer of the plate",
            ("PgUp",),
            tip="Look at the layer before it; what is matted stays.",
            repeats=True,
        ),
        A("view.next_view", "The other eye", ("V",), tip="The next view of a stereo plate."),
        A("view.matte_layer", "Matte the layer that is looked at", tip="Read the plate so from now on; can be undone."),
        A(
            "view.overscan",
            "Overscan",
            ("Ctrl+Shift+O",),
            tip="Show pixels outside the display window.",
            checkable=True,
        ),
        A("view.proxy", "Proxy", ("Ctrl+P",), tip="1:1, 1:2, 1:4: lighter to show; values and mattes stay whole."),
        A("view.warnings", "Warnings", ("Ctrl+G",), tip="Paint pixels that something is wrong with.", checkable=True),
    ),
    *_group(
        "Draw with",
        A("view.draw_auto", "Automatic", tip="The GPU where there is a real one.", checkable=True),
        A("view.draw_raster", "Raster", tip="Draw the picture without a GPU.", checkable=True),
        A("view.draw_gpu", "GPU", tip="Draw the picture with OpenGL, whatever there is.", checkable=True),
    ),
    *_group(
        "Playback",
        A("play.toggle", "Play or stop", ("Space",), tip="At the plate's rate.", icon="play"),
        A("play.back", "Play backward", ("J",), tip="Again for twice the speed.", icon="play-back"),
        A("play.stop", "Stop", ("K",), tip="Stop playing.", icon="stop"),
        A("play.forward", "Play forward", ("L",), tip="Again for twice the speed.", icon="play"),
        A("play.loop", "Loop", ("Ctrl+L",), tip="Begin again at the end.", icon="loop", checkable=True),
        A(
            "play.ping_pong",
            "Ping-pong",
            ("Ctrl+Shift+L",),
            tip="Turn round at the ends.",
            icon="ping-pong",
            checkable=True,
        ),
        A("play.once", "Once", tip="Stop at the end.", icon="once", checkable=True),
        A(
            "play.every_frame",
            "Every frame",
            ("Ctrl+Alt+L",),
            tip="Skip none, however long it takes; else frames that are late are dropped.",
            icon="every-frame",
            checkable=True,
        ),
        A("play.memory", "Memory for pictures…", tip="How much of it pictures may take, read and ready to play."),
        A("play.step_back", "Previous frame", ("Left", ","), tip="One frame back.", icon="step-back", repeats=True),
        A("play.step_forward", "Next frame", ("Right", "."), tip="One frame on.", icon="step-forward", repeats=True),
        A(
            "play.jump_back",
            "Back by increment",
            ("Shift+Left",),
            tip="The increment stands beside the rate.",
            repeats=True,
        ),
        A(
            "play.jump_forward",
            "Forward by increment",
            ("Shift+Right",),
            tip="The increment stands beside the rate.",
            repeats=True,
        ),
        A(
            "play.key_back",
            "Previous key frame",
            ("Ctrl+Left",),
            tip="Of the chosen layer.",
            icon="key-previous",
            repeats=True,
        ),
        A(
            "play.key_forward",
            "Next key frame",
            ("Ctrl+Right",),
            tip="Of the chosen layer.",
            icon="key-next",
            repeats=True,
        ),
        A("play.first", "First frame", ("Home",), tip="Of the range.", icon="first"),
        A("play.last", "Last frame", ("End",), tip="Of the range.", icon="last"),
        A("play.go_to", "Go to frame", ("Alt+G",), tip="Type a frame number."),
        A("range.in", "Set in point", ("I",), tip="The range begins here.", icon="in"),
        A("range.out", "Set out point", ("O",), tip="The range ends here.", icon="out"),
        A("range.clear", "Clear in and out", ("Shift+I",), tip="Work on the whole plate."),
    ),
    *_group(
        "Look",
        A(
            "look.next",
            "Next frame to look at",
            ("N",),
            tip="The frame most likely wrong, with the reason.",
            icon="look-next",
        ),
        A(
            "look.previous",
            "Previous frame looked at",
            ("Shift+N",),
            tip="Back through the frames that were offered.",
            icon="look-previous",
        ),
        A(
            "look.correct_next",
            "Frame to correct next",
            ("Alt+N",),
            tip="The frame whose correction is likely to help most, with the reason.",
            icon="correct-next",
        ),
        A(
            "look.sheet",
            "Sheet of the worst frames…",
            ("Ctrl+Alt+N",),
            tip="Pictures of the frames most likely wrong; a click goes there.",
            icon="sheet",
        ),
        A(
            "view.chatter",
            "Chatter heat map",
            ("Ctrl+H",),
            tip="Where the matte's edge moves against the picture.",
            icon="chatter",
            checkable=True,
        ),
    ),
    *_group(
        "Layer",
        A("layer.add", "Add layer", ("Ctrl+Shift+N",), tip="One layer for each thing being matted.", icon="plus"),
        A(
            "layer.key_screen",
            "Add screen key layer",
            ("Ctrl+Alt+G",),
            tip="A layer that is keyed from a green or blue screen: click on the screen, then propagate.",
        ),
        A("layer.remove", "Remove layer", ("Ctrl+Shift+Delete",), tip="With all that was painted in it.", icon="trash"),
        A("layer.up", "Move layer up", ("Ctrl+Shift+Up",), tip="Toward the top of the list.", icon="chevron-up"),
        A(
            "layer.down",
            "Move layer down",
            ("Ctrl+Shift+Down",),
            tip="Toward the end of the list.",
            icon="chevron-down",
        ),
        A(
            "layer.clear_key",
            "Clear key frame",
            ("Shift+Delete",),
            tip="Forget what was authored on this frame; its matte is propagated again.",
        ),
        A(
            "layer.keep_take",
            "Keep take",
            ("Ctrl+K",),
            tip="Keep these mattes to compare with later ones.",
            icon="take",
        ),
        A(
            "layer.put_back",
            "Put back take",
            ("Ctrl+Shift+K",),
            tip="The layer as it was in the take that is chosen, or shown on side A; can be undone.",
            icon="put-back",
        ),
        A(
            "layer.import_matte",
            "Import matte…",
            ("Ctrl+Shift+I",),
            tip="A sequence made elsewhere, as a take of this layer to compare with and to put back.",
            icon="import",
        ),
        A(
            "layer.split",
            "Split into pieces",
            ("Ctrl+Shift+J",),
            tip="A layer for each separate piece of this frame's matte, on all frames.",
            icon="split",
        ),
        A(
            "layer.lift",
            "Piece under the pointer becomes a layer",
            ("Ctrl+Alt+J",),
            tip="On all frames; the rest stays in this layer.",
        ),
        A(
            "layer.join",
            "Join with the layer below",
            ("Ctrl+J",),
            tip="This layer gets what both have, on all frames.",
            icon="join",
        ),
        *(A(f"layer.{number}", f"Layer {number}", (str(number),), tip="Choose this layer.") for number in range(1, 10)),
    ),
    *_group(
        "Matte",
        A(
            "matte.propagate",
            "Propagate",
            ("Ctrl+T",),
            tip="Renew stale frames, from the playhead outward.",
            icon="propagate",
        ),
        A(
            "matte.propagate_back",
            "Propagate one frame back",
            ("Shift+,", "<"),
            tip="And step there.",
            icon="propagate-back",
            repeats=True,
        ),
        A(
            "matte.propagate_forward",
            "Propagate one frame on",
            ("Shift+.", ">"),
            tip="And step there.",
            icon="propagate-forward",
            repeats=True,
        ),
        A("matte.teach", "Teach", ("Ctrl+Shift+T",), tip="Learn from the corrections of this layer.", icon="teach"),
        A(
            "matte.teach_live",
            "Teach live",
            ("Alt+T",),
            tip="Go on by itself after each correction; mattes are renewed as it learns. One undo goes back.",
            icon="teach-live",
            checkable=True,
        ),
        A("matte.teach_pause", "Pause Teach", ("Alt+Shift+T",), tip="Stop within a step; again goes on.", icon="pause"),
        A(
            "matte.teach_sheet",
            "Contact sheet of Teach…",
            tip="Key frames as you left them, and as taught models make them.",
            icon="sheet",
        ),
        A("matte.refine", "Refine", ("Ctrl+R",), tip="A better edge on the frames of the range.", icon="refine"),
        A(
            "matte.trimap",
            "Show trimap",
            ("Ctrl+Shift+R",),
            tip="Where refine looks for the edge: inside light, unknown amber, outside dark.",
            icon="trimap",
            checkable=True,
        ),
        A("matte.trimap_mark", "Next trimap mark", ("Shift+E",), tip="The brush paints unknown, inside or outside."),
        A("matte.trimap_clear", "Clear trimap here", ("Ctrl+Alt+R",), tip="Forget what was painted on this frame."),
        A(
            "matte.grow",
            "Grow",
            ("Ctrl+=", "Ctrl++"),
            tip="Half a pixel more on every frame; the amount stands under Finish in the Inspector.",
            icon="grow",
            repeats=True,
        ),
        A("matte.shrink", "Shrink", ("Ctrl+-",), tip="Half a pixel less on every frame.", icon="shrink", repeats=True),
        A(
            "matte.invert",
            "Invert",
            ("Ctrl+I",),
            tip="What is in is out, on every frame.",
            icon="invert",
            checkable=True,
        ),
        A(
            "matte.fill_holes",
            "Fill holes of this frame",
            ("Ctrl+Shift+F",),
            tip="Small holes and grey stains; a correction like a stroke.",
            icon="fill-holes",
        ),
        A(
            "matte.remove_specks",
            "Remove specks of this frame",
            ("Ctrl+Shift+X",),
            tip="Small pieces beside the largest; a correction like a stroke.",
            icon="remove-specks",
        ),
        A(
            "matte.foreground",
            "Estimate foreground",
            ("Ctrl+Alt+F",),
            tip="Take the background out of the edge's colors, in the comp and its export; the matte stays.",
            checkable=True,
        ),
        A("matte.grow_frame", "Grow this frame", ("Alt+=",), tip="By half a pixel, as a correction.", repeats=True),
        A("matte.shrink_frame", "Shrink this frame", ("Alt+-",), tip="By half a pixel, as a correction.", repeats=True),
        A("matte.invert_frame", "Invert this frame", ("Alt+I",), tip="As a correction of this frame alone."),
        A(
            "matte.like",
            "Select like this on all frames",
            ("Ctrl+Alt+S",),
            tip="Looks for what is selected here on every frame without a key frame; proposes a take, changes nothing.",
            icon="like",
        ),
        A(
            "matte.alternative_next",
            "Part, as is, whole",
            ("C",),
            tip="The next way to understand a first click; offered in the picture's corner where it is ambiguous.",
            icon="alternatives",
        ),
        A("matte.alternative_previous", "Whole, as is, part", ("Shift+C",), tip="The same, the other way round."),
        A("matte.models", "Look for new models", tip="A model folder added meanwhile appears, without a restart."),
    ),
    *_group(
        "Point with keys",
        *(
            A(
                f"pointer.{way}",
                f"Crosshair {way}",
                (f"Ctrl+Alt+{way.title()}", f"Num+{digit}"),
                tip="A crosshair over the picture that keys move; every tool works with it.",
                repeats=True,
            )
            for way, digit in (("left", 4), ("right", 6), ("up", 8), ("down", 2))
        ),
        *(
            A(
                f"pointer.fine_{way}",
                f"Crosshair a little {way}",
                (f"Ctrl+Alt+Shift+{way.title()}",),
                tip="One point of the screen; zoom in for less.",
                repeats=True,
            )
            for way in ("left", "right", "up", "down")
        ),
        A("pointer.middle", "Crosshair to the middle", ("Ctrl+Alt+Home",), tip="Of the viewport."),
        A("pointer.add", "Click at the crosshair", ("Ins", "Num+5"), tip="The left button: adds."),
        A(
            "pointer.subtract",
            "Right-click at the crosshair",
            ("Shift+Ins", "Num+0"),
            tip="The right button: subtracts.",
        ),
        A(
            "pointer.hold",
            "Press or let go at the crosshair",
            ("Ctrl+Ins",),
            tip="Strokes and boxes: press, move, press.",
        ),
        A("pointer.hold_subtract", "The same with the right button", ("Ctrl+Shift+Ins",), tip="A stroke that erases."),
    ),
    *_group(
        "Review",
        A(
            "review.todo",
            "To do",
            ("Alt+1",),
            tip="Mark this frame as to do; again takes it back.",
            icon="to-do",
            checkable=True,
        ),
        A(
            "review.fix",
            "Fix",
            ("Alt+2",),
            tip="Mark this frame as to fix; again takes it back.",
            icon="fix",
            checkable=True,
        ),
        A(
            "review.approved",
            "Approved",
            ("Alt+3",),
            tip="Approve this frame; again takes it back. A matte that changes afterwards is told.",
            icon="approved",
            checkable=True,
        ),
        A("review.note", "Note", ("Ctrl+Return",), tip="Write a note on this frame; Escape goes back.", icon="note"),
        A(
            "review.whole",
            "About the whole frame",
            tip="Status, note and drawing are about the picture, not the chosen layer.",
            checkable=True,
        ),
        A("review.clear_drawing", "Clear drawing", tip="Take all lines of this note away.", icon="eraser"),
        A(
            "review.previous",
            "Previous mark",
            ("Alt+Left",),
            tip="Of those that pass the panel's filter.",
            icon="mark-previous",
            repeats=True,
        ),
        A(
            "review.next",
            "Next mark",
            ("Alt+Right",),
            tip="Of those that pass the panel's filter.",
            icon="mark-next",
            repeats=True,
        ),
    ),
    *_group(
        "Help",
        A(
            "help.palette",
            "Command palette…",
            ("Ctrl+Shift+P",),
            tip="Find what to do by typing a word.",
            icon="search",
        ),
        A("help.keys", "Keys…", ("F1", "?"), tip="Every key, searchable; change them here.", icon="help"),
    ),
)
"""Every action there is."""

SPECS: Mapping[str, ActionSpec] = {spec.id: spec for spec in ACTIONS}
