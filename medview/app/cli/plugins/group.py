"""The commands on installed model packages; importing them imports none of their work."""

from __future__ import annotations

import typer


def plugins_app() -> typer.Typer:
    """The group of commands on model packages."""
    return typer.Typer(
        name="plugins",
        help="Install, look after, write and check packages that bring models.",
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
