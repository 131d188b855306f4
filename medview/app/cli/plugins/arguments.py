"""Arguments that the commands on packages share, and how a person agrees."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from medview.app.cli.environment import Environment
from medview.core.errors import UsageError
from medview.core.progress import Cancelled

if TYPE_CHECKING:
    from medview.app.controllers.packages.manage import Installed

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="A model's id, a distribution's name, or DISTRIBUTION/MODEL."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Agree beforehand.")]


def all_installed(environment: Environment) -> tuple[Installed, ...]:
    """Every distribution that brings models; imports none of them."""
    from medview.app.controllers.packages.manage import installed_packages
    from medview.host.discovery import discover

    index = environment.packages.index()
    return installed_packages(discover(can_isolate=True), index, environment.switched_off)


def agree(question: str, *, yes: bool, otherwise: str = "Nothing was installed") -> None:
    """Ask on a terminal; `otherwise` says what comes of no answer.

    Raises
    ------
    UsageError
        Without a terminal, unless `yes`.
    Cancelled
        If the person does not agree.
    """
    if yes:
        return
    if not on_terminal():
        raise UsageError(f"{otherwise}: agree with --yes, or run this on a terminal.")
    if not confirmed(question):
        raise Cancelled


def on_terminal() -> bool:
    """Whether there is somebody who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirmed(question: str) -> bool:
    """Ask on a terminal; no is the answer where nothing, or nobody, answers."""
    if not on_terminal():
        return False
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
