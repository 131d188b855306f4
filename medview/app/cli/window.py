"""`medview [PATH ...]`: open the window."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated

import typer

from medview.app.controllers.named import require_there


def window_app(commands: frozenset[str]) -> typer.Typer:
    """The application for arguments that name no command.

    Parameters
    ----------
    commands : frozenset of str
        Names of commands, to help with a misspelt one.
    """
    app = typer.Typer(name="medview", add_completion=False, pretty_exceptions_enable=False)

    @app.command(context_settings={"help_option_names": ["-h", "--help"]})
    def window(
        paths: Annotated[
            list[Path] | None,
            typer.Argument(metavar="[PATH ...]", help="Files, folders, DICOMDIR or zip to open."),
        ] = None,
        sample: Annotated[bool, typer.Option(help="Open the embedded sample study.")] = False,
        safe_mode: Annotated[
            bool, typer.Option("--safe-mode", help="Start without any model.")
        ] = False,
    ) -> int:
        """Open the window, with PATH loaded."""
        chosen = paths or []
        for path in chosen:
            require_path(path, commands)
        from medview.app.main import run

        return int(run(chosen, sample=sample, safe_mode=safe_mode) or 0)

    return app


def require_path(path: Path, commands: frozenset[str] = frozenset()) -> None:
    """Raise `UsageError` if nothing is there; a misspelt command is recognised."""
    near = difflib.get_close_matches(str(path), sorted(commands), 1)
    hint = f" Did you mean the command '{near[0]}'?" if near else ""
    require_there(path, hint)
