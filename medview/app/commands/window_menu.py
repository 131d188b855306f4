"""Window and Help: docks, full screen, search, keys, about."""

from __future__ import annotations

from collections.abc import Callable

from medview.view.command_item import CommandItem
from medview.view.main_window import MainWindow

_WINDOW = ("Window",)
_HELP = ("Help",)


def window_commands(
    window: MainWindow, *, show_keys: Callable[[], None], show_about: Callable[[], None]
) -> tuple[CommandItem, ...]:
    """The commands of the Window and Help menus."""
    return (
        CommandItem("window.left", "Studies", window.toggle_left, _WINDOW, ("F9",), "panel"),
        CommandItem(
            "window.right", "Models and results", window.toggle_right, _WINDOW, ("F10",), "panel"
        ),
        CommandItem("window.log", "Log", window.toggle_log, _WINDOW, (), "log"),
        CommandItem("window.reset", "Arrange panels as at first", window.reset_layout, _WINDOW),
        CommandItem(
            "window.full-screen",
            "Full screen",
            window.toggle_full_screen,
            _WINDOW,
            ("F11",),
            "full-screen",
            separator_before=True,
        ),
        CommandItem(
            "window.search",
            "Search everything",
            window.open_palette,
            _WINDOW,
            ("Ctrl+K",),
            "search",
        ),
        CommandItem("help.keys", "Mouse and keys", show_keys, _HELP, ("F1",), "keyboard"),
        CommandItem("help.about", "About medview", show_about, _HELP, (), "about"),
    )
