"""Edit: undo and redo, named by what they take back; preferences."""

from __future__ import annotations

from collections.abc import Callable

from medview.core.undo.stack import UndoStack
from medview.view.command_item import CommandItem

_MENU = ("Edit",)


def edit_commands(
    undo: UndoStack,
    *,
    removed: str,
    undo_removal: Callable[[], None],
    show_preferences: Callable[[], None],
) -> tuple[CommandItem, ...]:
    """The commands of the Edit menu.

    The removal of a package is no act on images, so it is not among theirs: Ctrl+Z would
    install something while a reader corrects a layer.
    """
    back, forth = undo.undo_text, undo.redo_text
    removal = CommandItem(
        "edit.undo-removal",
        f"Undo removing {removed}",
        undo_removal,
        _MENU,
        (),
        "undo",
        tooltip="Puts back the package of models that was removed last",
    )
    return (
        CommandItem(
            "edit.undo",
            f"Undo {_inside(back)}" if back else "Undo",
            undo.undo,
            _MENU,
            ("Ctrl+Z",),
            "undo",
            enabled=back is not None,
        ),
        CommandItem(
            "edit.redo",
            f"Redo {_inside(forth)}" if forth else "Redo",
            undo.redo,
            _MENU,
            ("Ctrl+Y", "Ctrl+Shift+Z"),
            "redo",
            enabled=forth is not None,
        ),
        *((removal,) if removed else ()),
        CommandItem(
            "edit.preferences",
            "Preferences…",
            show_preferences,
            _MENU,
            ("Ctrl+,",),
            "settings",
            separator_before=True,
        ),
    )


def _inside(text: str) -> str:
    return text[:1].lower() + text[1:]
