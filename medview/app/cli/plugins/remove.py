"""`medview plugins remove`: take a package away."""

from __future__ import annotations

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.plugins.arguments import Name, Yes, all_installed, confirmed, on_terminal
from medview.core.progress import Cancelled


def remove(context: typer.Context, name: Name, yes: Yes = False) -> int:
    """Remove an installed package, all its generations and what its pack brought; consents end.

    On a terminal it asks first, unless --yes. Weights that were installed on their own stay: see
    'medview weights'.
    """
    from medview.app.controllers.packages import manage
    from medview.app.controllers.packages.network import without_consents_of
    from medview.config.store import load_settings, save_settings

    environment: Environment = context.obj
    everything = all_installed(environment)
    package = manage.own_package(everything, name)
    kept = len(package.generations)
    what = f"{package.name} {package.current.version}"
    what += f" and its {kept - 1} earlier installation{'s' * (kept > 2)}" if kept > 1 else ""
    # Scripts, which have no terminal, rely on it that nothing is asked there.
    if not yes and on_terminal() and not confirmed(f"Remove {what}? There is no way back."):
        raise Cancelled
    gone = manage.remove(environment.packages, package)
    manage.forget_failures(environment.failures, package, everything)
    file = environment.folders.settings_file
    settings = load_settings(file).settings
    without = without_consents_of(settings, package.name)
    if without != settings:
        save_settings(file, without)
    console.remark(f"Removed {package.name} {package.current.version}.")
    if not gone:
        console.remark(
            "A model of it runs: its files stay until it has ended, and go with the next change."
        )
    return exit_codes.DONE
