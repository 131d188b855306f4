"""`medview plugins show`: all that is known of one installed package."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.options import AsJson
from medview.app.cli.plugins.arguments import Name, all_installed
from medview.app.cli.plugins.list_packages import handles_of, row_of

SCHEMA = "medview.plugin/1"


def show(context: typer.Context, name: Name, json: AsJson = False) -> int:
    """Show a package: its models, licences, environment, locked versions and generations."""
    document = document_of(context.obj, name)
    if json:
        console.document(document)
    else:
        console.result(_in_words(document))
    return exit_codes.DONE


def document_of(environment: Environment, name: str) -> dict[str, Any]:
    """One package as ``--json`` shows it."""
    from medview.app.controllers.packages.manage import named
    from medview.host.input_words import limits_in_words

    each = named(all_installed(environment), name)
    row = row_of(environment, each)
    handles = handles_of(environment, each)
    for model in row["models"]:
        handle = handles.get(model["id"])
        card = handle.card if handle is not None else None
        model["isolation"] = handle.isolation or None if handle is not None else None
        model["card"] = None
        if card is not None:
            model["card"] = {
                "summary": card.summary,
                "intended_use": card.intended_use,
                "input": asdict(card.input),
                "limits": limits_in_words(card.input),
                "publisher": card.publisher,
                "code_licence": card.code_licence,
                "weights_licence": card.weights_licence,
                "weights": [asdict(weights) for weights in card.weights],
                "network": card.network,
            }
    generations = each.package.generations if each.package is not None else ()
    active = each.package.active if each.package is not None else None
    return {
        "schema": SCHEMA,
        **row,
        "generations": [{**asdict(g), "in_use": g.id == active} for g in generations],
    }


def _in_words(document: dict[str, Any]) -> str:
    lines = [f"{document['distribution']} {document['version']}", f"  {document['installed']}"]
    for model in document["models"]:
        reason = f": {model['reason']}" if model["reason"] else ""
        lines += [
            "",
            f"{model['title']} ({model['id']})",
            f"  state:           {model['state']}{reason}",
        ]
        card = model["card"]
        if card is not None:
            lines += [
                f"  intended use:    {card['intended_use']}",
                f"  takes:           {card['input']['text'] or card['input']['kind']}",
                f"  limits:          {card['limits'] or 'none'}",
                f"  publisher:       {card['publisher'] or 'not stated'}",
                f"  code licence:    {card['code_licence']}",
                f"  weights licence: {card['weights_licence']}",
            ]
            if card["network"]:
                lines.append("  network:         it asks for it")
            lines += [f"  weights:         {w['name']}  {w['sha256']}" for w in card["weights"]]
        if model["isolation"]:
            lines.append(f"  runs in:         {model['isolation']}")
    for generation in document["generations"]:
        mark = "in use" if generation["in_use"] else "kept"
        lines += ["", f"{generation['version']}, installed {generation['installed']} ({mark})"]
        lines += [
            f"  {item['name']} {item['version']}  {item['sha256'][:16]}  {item['origin']}"
            for item in generation["locked"]
        ]
        if generation["shared"]:
            lines.append(f"  of the application: {', '.join(generation['shared'])}")
    return "\n".join(lines)
