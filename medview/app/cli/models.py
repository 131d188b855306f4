"""`medview models`: which models are installed, and whether they can be used."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.options import AsJson

if TYPE_CHECKING:
    from medview.host.handle import ModelHandle

SCHEMA = "medview.models/1"


def models(context: typer.Context, json: AsJson = False) -> int:
    """List installed models: id, title, version, state and reason, input, device needs."""
    environment: Environment = context.obj
    with console.working("Loading models"):
        handles = environment.catalogue.models
        for handle in handles:
            handle.ensure_ready()
    rows = [row_of(handle) for handle in handles]
    if json:
        console.document({"schema": SCHEMA, "models": rows})
    elif rows:
        console.result("\n\n".join(_in_words(row) for row in rows))
    else:
        console.remark("No model is installed.")
    return exit_codes.DONE


def row_of(handle: ModelHandle) -> dict[str, Any]:
    """One model as ``--json`` shows it; input and device are null where it is not ready."""
    card = handle.card
    return {
        "id": handle.id,
        "title": handle.title,
        "version": handle.version,
        "distribution": handle.distribution,
        "state": handle.state,
        "reason": handle.reason or None,
        "input": None if card is None else asdict(card.input),
        "device": None if card is None else asdict(card.device),
    }


def _in_words(row: dict[str, Any]) -> str:
    lines = [
        f"{row['id']}  {row['state']}",
        f"  {row['title']} ({row['distribution']} {row['version']})",
    ]
    if row["reason"]:
        lines.append(f"  {row['reason']}")
    if row["input"]:
        text = row["input"]["text"] or " ".join((*row["input"]["modalities"], row["input"]["kind"]))
        lines.append(f"  takes: {text}")
    if row["device"]:
        lines.append(f"  runs on: {'GPU or CPU' if row['device']['uses_gpu'] else 'CPU'}")
    return "\n".join(lines)
