"""The list of commands; importing it imports none of what they need to do their work."""

from __future__ import annotations

from typing import Annotated

import typer

from medview import __version__
from medview.app.cli import console, convert, evaluate, info, models, run, sample, snapshot, weights
from medview.app.cli.plugins.group import plugins_app

_HELP = """Viewer for medical images that hosts models. Not cleared for diagnosis.

Without a command, medview opens its window, with PATH (file, folder, DICOMDIR, zip) loaded.
A file that is named like a command is opened as ./NAME.
"""


def commands_app() -> typer.Typer:
    """The group of all commands."""
    app = typer.Typer(
        name="medview",
        help=_HELP,
        add_completion=False,
        pretty_exceptions_enable=False,
        subcommand_metavar="[PATH ...] | COMMAND [ARGS] ...",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    app.command("info")(info.info)
    app.command("convert")(convert.convert)
    app.command("models")(models.models)
    app.command("run")(run.run)
    app.command("snapshot")(snapshot.snapshot)
    app.command("sample")(sample.sample)
    app.add_typer(evaluate.evaluate_app())
    app.add_typer(weights.weights_app())
    app.add_typer(plugins_app())
    return app


def command_names(app: typer.Typer) -> frozenset[str]:
    """Names of the commands of a group, and of the groups in it."""
    groups = [group.typer_instance for group in app.registered_groups]
    names = [command.name for command in app.registered_commands]
    names += [str(group.info.name) for group in groups if group is not None]
    return frozenset(name for name in names if name)


def _tell_version(wanted: bool) -> None:
    if wanted:
        console.result(f"medview {__version__}")
        raise typer.Exit


def _root(
    sample: Annotated[
        bool, typer.Option("--sample", help="Open the window on the embedded sample study.")
    ] = False,
    safe_mode: Annotated[
        bool, typer.Option("--safe-mode", help="Open the window without any model.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_tell_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    """Hold the options of the window, so that the help shows them; `window` acts on them."""
