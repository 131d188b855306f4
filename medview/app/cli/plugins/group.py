"""The commands on model packages; importing them imports none of their work."""

from __future__ import annotations

import typer

from medview.app.cli.plugins import (
    check,
    doctor,
    install,
    list_packages,
    network,
    new,
    pack,
    remove,
    rollback,
    show,
    switch,
)


def plugins_app() -> typer.Typer:
    """The group of commands on model packages."""
    app = typer.Typer(
        name="plugins",
        help="Install, look after, write and check packages that bring models.",
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command("list")(list_packages.list_packages)
    app.command("show")(show.show)
    app.command("new")(new.new)
    app.command("install")(install.install)
    app.command("remove")(remove.remove)
    app.command("enable")(switch.enable)
    app.command("disable")(switch.disable)
    app.command("check")(check.check)
    app.command("pack")(pack.pack)
    app.command("doctor")(doctor.doctor)
    app.command("network")(network.network)
    app.command("rollback")(rollback.rollback)
    return app
