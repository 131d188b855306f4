"""`medview plugins list`: installed packages of models, and whether they can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.options import AsJson
from medview.app.cli.plugins.arguments import all_installed

if TYPE_CHECKING:
    from medview.app.controllers.packages.manage import Installed
    from medview.host.handle import ModelHandle

SCHEMA = "medview.plugins/1"


def list_packages(context: typer.Context, json: AsJson = False) -> int:
    """List installed packages, their models and the state of each."""
    environment: Environment = context.obj
    rows = [row_of(environment, each) for each in all_installed(environment)]
    if json:
        console.document({"schema": SCHEMA, "packages": rows})
    elif rows:
        console.result("\n\n".join(map(_in_words, rows)))
    else:
        console.remark("No package of models is installed.")
    return exit_codes.DONE


def row_of(environment: Environment, each: Installed) -> dict[str, Any]:
    """One package as ``--json`` shows it."""
    states = handles_of(environment, each)
    for handle in states.values():
        handle.ensure_ready()
    current = each.package.current if each.package is not None else None
    former = each.package.former if each.package is not None else None
    return {
        "distribution": each.name,
        "version": each.version,
        "installed": "apart" if each.package is not None else "with the application",
        "environment": None
        if current is None
        else ("complete" if current.complete else "shared with the application"),
        "former_version": former.version if former is not None else None,
        "disabled": each.is_disabled,
        "models": [
            {
                "id": model,
                "title": states[model].title if model in states else model,
                "state": states[model].state if model in states else "incompatible",
                "reason": (states[model].reason or None)
                if model in states
                else "Another package brings this id.",
            }
            for model in each.models
        ],
    }


def handles_of(environment: Environment, each: Installed) -> dict[str, ModelHandle]:
    """The models of just that installation, by id: one may be installed in two places."""
    handles: dict[str, ModelHandle] = {}
    for handle in environment.catalogue.models:
        is_there = bool(handle.found.site) == (each.package is not None)
        if handle.distribution == each.name and is_there and handle.id in each.models:
            handles.setdefault(handle.id, handle)
    return handles


def _in_words(row: dict[str, Any]) -> str:
    where = row["installed"] + (f", {row['environment']}" if row["environment"] else "")
    lines = [f"{row['distribution']} {row['version']}  ({where})"]
    if row["former_version"]:
        lines.append(f"  can be rolled back to {row['former_version']}")
    for model in row["models"]:
        reason = f": {model['reason']}" if model["reason"] else ""
        lines.append(f"  {model['id']}  {model['state']}{reason}")
    return "\n".join(lines)
