"""`medview plugins rollback`: go back to the installation before."""

from __future__ import annotations

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.plugins.arguments import Name, all_installed


def rollback(context: typer.Context, name: Name) -> int:
    """Go back to what was installed before the last upgrade."""
    from medview.app.controllers.packages import manage

    environment: Environment = context.obj
    package = manage.own_package(all_installed(environment), name)
    now = manage.roll_back(environment.packages, package)
    # Of one version there may be several installations.
    when = now.installed.replace("T", " ").removesuffix("+00:00")
    console.result(f"{now.distribution} {now.version}  in use again, as installed {when} UTC")
    return exit_codes.DONE
