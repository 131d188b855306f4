"""File: open, save, close, quit."""

from __future__ import annotations

from collections.abc import Callable

from medview.view.command_item import CommandItem

_MENU = ("File",)
Act = Callable[[], None]


def file_commands(
    *,
    open_folder: Act,
    open_files: Act,
    open_sample: Act,
    save_findings: Act,
    save_picture: Act,
    close_all: Act,
    leave: Act,
) -> tuple[CommandItem, ...]:
    """The commands of the File menu."""
    return (
        CommandItem(
            "file.open-folder",
            "Open folder…",
            open_folder,
            _MENU,
            ("Ctrl+O",),
            "open",
            "Open a folder with images",
            in_tool_bar=True,
        ),
        CommandItem(
            "file.open-files", "Open files…", open_files, _MENU, ("Ctrl+Shift+O",), "open-file"
        ),
        CommandItem("file.sample", "Open sample study", open_sample, _MENU, (), "sample"),
        CommandItem(
            "file.save-findings",
            "Save findings…",
            save_findings,
            _MENU,
            ("Ctrl+S",),
            "save",
            separator_before=True,
        ),
        CommandItem(
            "file.save-picture",
            "Save picture…",
            save_picture,
            _MENU,
            ("Ctrl+Shift+S",),
            "snapshot",
            "Save what the views show as a picture",
        ),
        CommandItem(
            "file.close", "Close all", close_all, _MENU, ("Ctrl+W",), "close", separator_before=True
        ),
        CommandItem("file.quit", "Quit", leave, _MENU, ("Ctrl+Q",), "quit"),
    )
