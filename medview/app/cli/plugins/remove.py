"""`medview plugins remove`: take a package away."""

from __future__ import annotations

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.plugins.arguments import Name, all_installed


def remove(context: typer.Context, name: Name) -> int:
    """Remove an installed package, all its generations and what its pack brought; consents end.

    Weights that were installed on their own stay: see 'medview weights'.
    """
    from medview.app.controllers.packages import manage
    from medview.app.controllers.packages.network import without_consents_of
    from medview.config.store import load_settings, save_settings

    environment: Environment = context.obj
    package = manage.own_package(all_installed(environment), name)
    gone = manage.remove(environment.packages, package)
    file = environment.folders.settings_file
    settings = load_settings(file).settings
    kept = without_consents_of(settings, package.name)
    if kept != settings:
        save_settings(file, kept)
    console.remark(f"Removed {package.name} {package.current.version}.")
    if not gone:
        console.remark(
            "A model of it runs: its files stay until it has ended, and go with the next change."
        )
    return exit_codes.DONE
