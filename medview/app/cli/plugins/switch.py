"""`medview plugins enable` and `disable`: switch a package or one model on or off."""

from __future__ import annotations

from dataclasses import replace

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.plugins.arguments import Name, all_installed


def enable(context: typer.Context, name: Name) -> int:
    """Switch a package, or one model of it, on again."""
    from medview.config.store import load_settings, save_settings

    environment: Environment = context.obj
    names = _switch(environment, name, on=True)
    file = environment.folders.settings_file
    settings = load_settings(file).settings
    kept = tuple(each for each in settings.models.disabled if each not in names)
    if kept != settings.models.disabled:
        save_settings(file, replace(settings, models=replace(settings.models, disabled=kept)))
    console.remark(f"Switched on {name}.")
    return exit_codes.DONE


def disable(context: typer.Context, name: Name) -> int:
    """Switch a package, or one model of it, off; it stays installed."""
    _switch(context.obj, name, on=False)
    console.remark(f"Switched off {name}.")
    return exit_codes.DONE


def _switch(environment: Environment, name: str, *, on: bool) -> frozenset[str]:
    from medview.app.controllers.packages import manage
    from medview.host.discovery import whole

    each = manage.named(all_installed(environment), name)
    model = manage.model_named(each, name)
    names = frozenset({f"{each.name}/{model}" if model else whole(each.name)})
    if on:
        # Whichever way it was switched off.
        models = (model,) if model else each.models
        names |= {each.name, whole(each.name), *models, *(f"{each.name}/{m}" for m in models)}
    manage.switch(environment.packages, names, on=on)
    return names
