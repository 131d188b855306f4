"""Models: run each of them on the series on screen, and cancel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from medview.view.command_item import CommandItem
from medview.view.panels.model_rows import ModelRow

_MENU = ("Models",)


def model_commands(
    rows: Sequence[ModelRow],
    *,
    run: Callable[[str], None],
    cancel: Callable[[], None],
) -> tuple[CommandItem, ...]:
    """The commands of the Models menu; those that do not fit are there and not available."""
    runs = tuple(
        CommandItem(
            f"model.run.{row.id}",
            f"Run {row.title[:1].lower()}{row.title[1:]}",
            partial(run, row.id),
            _MENU,
            (f"Ctrl+Shift+{number}",) if number <= 9 else (),
            "run",
            tooltip=row.summary,
            enabled=row.fit in ("fit", "doubtful") and not row.running,
        )
        for number, row in enumerate((r for r in rows if r.state in ("ready", "found")), start=1)
    )
    stop = CommandItem(
        "model.cancel",
        "Cancel what runs",
        cancel,
        _MENU,
        ("Ctrl+.",),
        "cancel",
        separator_before=bool(runs),
    )
    return (*runs, stop)
