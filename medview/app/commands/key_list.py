"""The list of mouse and keys, made from the commands themselves, so it is never out of date."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QKeySequence

from medview.view.command_item import CommandItem
from medview.view.dialogs.keys import Section

_MOUSE = (
    ("Left drag", "what the tool says; window and level at first"),
    ("Middle drag", "pan; Shift + left drag does the same"),
    ("Right drag", "zoom; Ctrl + wheel does the same"),
    ("Wheel", "go through the slices"),
    ("Shift + move", "crosshair"),
    ("Double click", "one view, or all"),
    ("Tab", "next view"),
    ("Left drag in 3D", "turn"),
    ("Ctrl + drag", "faster"),
)


def key_sections(items: Iterable[CommandItem]) -> tuple[Section, ...]:
    """The mouse first, then one section for each menu whose commands have keys."""
    by_menu: dict[str, list[tuple[str, str]]] = {}
    for item in items:
        if item.shortcuts and item.menu:
            keys = " or ".join(_native(key) for key in item.shortcuts)
            by_menu.setdefault(item.menu[0], []).append((keys, item.title.removesuffix("…")))
    return (("Mouse", _MOUSE), *by_menu.items())


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
