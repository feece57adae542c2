"""Every tool there is, one of each, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from widgets.tools.box import BoxTool
from widgets.tools.brush import BrushTool
from widgets.tools.click import ClickTool
from widgets.tools.draw import DrawTool
from widgets.tools.pan import PanTool
from widgets.tools.pick import PickTool
from widgets.tools.roto import RotoTool
from widgets.tools.scribble import ScribbleTool
from widgets.tools.tool import Tool
from widgets.tools.trimap import TrimapTool


def toolbox() -> Mapping[str, Tool]:
    """New tools in the order of the tool bar."""
    tools: tuple[Tool, ...] = (
        ClickTool(),
        BoxTool(),
        ScribbleTool(),
        BrushTool(),
        TrimapTool(),
        DrawTool(),
        RotoTool(),
        PanTool(),
        PickTool(),
    )
    return MappingProxyType({tool.name: tool for tool in tools})
