"""`CommandItem`: one thing that the reader can do, as menus, tool bar and palette show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class CommandItem:
    """A command as data.

    Attributes
    ----------
    id : str
        Stable, e.g. ``"view.fit"``.
    title : str
        As in the menu, without mnemonic and ellipsis rules beyond the platform's.
    callback : callable
        Called without arguments when the reader chooses it.
    menu : tuple of str
        Path of menus, e.g. ``("View", "Layout")``; empty for the palette and keys only.
    shortcuts : tuple of str
        Portable key sequences, the first one is shown.
    icon : str
        Name known to `medview.view.icons`, or empty.
    tooltip : str
        One sentence; the title is taken where empty. The first key is appended.
    checkable, checked : bool
    group : str
        Checkable commands of one group exclude each other.
    in_tool_bar : bool
    tool_menu : str
        Id of the tool-bar command whose drop-down also offers this one.
    separator_before : bool
        A line above it in the menu, and before it in the tool bar.
    enabled : bool
    """

    id: str
    title: str
    callback: Callable[[], None]
    menu: tuple[str, ...] = ()
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    tooltip: str = ""
    checkable: bool = False
    checked: bool = False
    group: str = ""
    in_tool_bar: bool = False
    tool_menu: str = ""
    separator_before: bool = False
    enabled: bool = True
