"""Models: run each of them on the series on screen, cancel, install more, examine them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from medview.app.wording import in_sentence
from medview.view.command_item import CommandItem
from medview.view.panels.model_rows import ModelRow

_MENU = ("Models",)


def model_commands(
    rows: Sequence[ModelRow],
    *,
    run: Callable[[str], None],
    cancel: Callable[[], None],
    install: Callable[[], None],
    examine: Callable[[], None],
) -> tuple[CommandItem, ...]:
    """The commands of the Models menu; those that do not fit are there and not available."""
    runs = tuple(
        CommandItem(
            f"model.run.{row.id}",
            f"Run {in_sentence(row.title)}",
            partial(run, row.id),
            _MENU,
            (f"Ctrl+Shift+{row.key}",) if row.key else (),
            "run",
            tooltip=row.summary,
            enabled=row.fit in ("fit", "doubtful") and not row.running,
        )
        for row in sorted(rows, key=_by_key)
        if row.state in ("ready", "found")
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
    more = CommandItem(
        "model.install",
        "Install a model\N{HORIZONTAL ELLIPSIS}",
        install,
        _MENU,
        ("Ctrl+Shift+I",),
        "install",
        tooltip="From a file, a folder, an offline pack or the package index",
        separator_before=True,
    )
    doctor = CommandItem(
        "model.doctor",
        "Doctor\N{HORIZONTAL ELLIPSIS}",
        examine,
        _MENU,
        (),
        "doctor",
        tooltip="Examines the installed models: what is wrong with them, and repair",
    )
    return (*runs, stop, more, doctor)


def _by_key(row: ModelRow) -> tuple[bool, int]:
    # Those with keys keep their places; the others come behind them as in the panel.
    return not row.key, row.key
