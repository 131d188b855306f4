"""Tools: what the left button does, and windows by name and number key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from medview.app.controllers.window.windowing import WindowPresets
from medview.render.presets import WindowPreset
from medview.view.command_item import CommandItem
from medview.view.panes.gestures import Tool

_MENU = ("Tools",)
_WINDOWS = ("Tools", "Window")
_HOST = "tool.window"
_FIRST_KEY, _LAST_KEY = 2, 9

_TOOLS = (
    (Tool.WINDOW, "Window / level", "W", "window-level"),
    (Tool.SCROLL, "Scroll", "S", "scroll"),
    (Tool.PAN, "Pan", "T", "pan"),
    (Tool.ZOOM, "Zoom", "Z", "zoom"),
    (Tool.PROBE, "Crosshair", "H", "probe"),
)


def tool_commands(
    choose: Callable[[Tool], None],
    current: Tool,
    presets: WindowPresets,
    offered: Sequence[WindowPreset],
) -> tuple[CommandItem, ...]:
    """The commands of the Tools menu.

    Parameters
    ----------
    choose : callable
    current : Tool
    presets : WindowPresets
    offered : sequence of WindowPreset
        The first eight get the keys 2 to 9.
    """
    tools = tuple(
        CommandItem(
            f"tool.{tool.value}",
            title,
            partial(choose, tool),
            _MENU,
            (key,),
            icon,
            checkable=True,
            checked=tool is current,
            group="tool",
            in_tool_bar=True,
            separator_before=tool is Tool.WINDOW,
        )
        for tool, title, key, icon in _TOOLS
    )
    windows = (
        CommandItem(
            "window.auto",
            "From the values",
            presets.take_auto,
            _WINDOWS,
            ("0",),
            tool_menu=_HOST,
        ),
        CommandItem(
            "window.file",
            "As in the file",
            presets.take_first,
            _WINDOWS,
            ("1",),
            tool_menu=_HOST,
        ),
    )
    named = tuple(
        CommandItem(
            f"window.preset.{number}",
            f"{preset.name}   {preset.window.width:g} / {preset.window.level:g}",
            partial(presets.take, number),
            _WINDOWS,
            _key(number),
            separator_before=number == 0,
            tool_menu=_HOST,
        )
        for number, preset in enumerate(offered)
    )
    return (*tools, *windows, *named)


def _key(number: int) -> tuple[str, ...]:
    key = _FIRST_KEY + number
    return (str(key),) if key <= _LAST_KEY else ()
