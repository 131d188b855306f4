"""`medview plugins new`: a small complete package to begin a model with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.core.errors import UsageError

_KINDS = "segmentation|detection|grading|tiles|heatmap"


def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as liver-segmentation.")],
    kind: Annotated[str, typer.Option("--kind", metavar=_KINDS, help="What it returns.")],
    output: Annotated[
        Path, typer.Option("-o", "--out", metavar="DIR", help="Where the folder NAME is made.")
    ] = Path(),
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="For the card.")] = "",
    publisher: Annotated[
        str, typer.Option("--publisher", metavar="TEXT", help="For the card.")
    ] = "",
) -> int:
    """Write a package with a model that works, to put one's own into."""
    from medview.host.template import KINDS, write_package

    environment: Environment = context.obj
    environment.keep_out_of_log([output])
    known = next((each for each in KINDS if each == kind), None)
    if known is None:
        raise UsageError(f"'{kind}' is no kind of model: {', '.join(KINDS)}.")
    ids = frozenset(handle.id for handle in environment.catalogue.models)
    folder = write_package(name, known, output, title=title, publisher=publisher, taken=ids)
    console.result(f"Wrote {folder.name}: hooks, card, tests, README. Next:")
    console.result(f"  medview plugins check {folder}")
    console.result(f"  medview plugins install {folder}")
    return exit_codes.DONE
