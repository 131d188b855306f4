"""`medview info`: what is at a path."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.options import AsJson, SourcePath

_MOST_SKIPPED = 10


def info(context: typer.Context, path: SourcePath, json: AsJson = False) -> int:
    """Show studies, series, geometry and warnings at PATH."""
    from medview.app.controllers.open_source import require_readable, scan_paths
    from medview.core.errors import InputError
    from medview.io.info import info_document

    environment: Environment = context.obj
    environment.keep_out_of_log([path])
    with console.working("Reading") as progress:
        found = scan_paths([path], progress=progress)
    environment.keep_out_of_log([], found)
    told = info_document(found)
    if json:
        console.document(told)
    else:
        console.result("\n".join(lines_of(told)))
    try:
        require_readable(found)
    except InputError as error:
        console.remark(error.message)
        return exit_codes.UNREADABLE
    return exit_codes.DONE


def lines_of(document: dict[str, Any]) -> list[str]:
    """The document of ``--json`` in lines for people."""
    lines: list[str] = []
    for study in document["studies"]:
        patient = study["patient"]
        about = (patient["name"], patient["id"], study["date"], study["description"])
        lines.append("  ".join(str(part) for part in about if part) or "Study without a name")
        for series in study["series"]:
            lines += [f"  {line}" for line in _series_lines(series)]
    skipped = document["skipped"]
    if skipped:
        lines.append(f"Skipped {len(skipped)} file{'s' if len(skipped) > 1 else ''}:")
        lines += [f"  {_skipped_line(item)}" for item in skipped[:_MOST_SKIPPED]]
        if len(skipped) > _MOST_SKIPPED:
            lines.append(f"  and {len(skipped) - _MOST_SKIPPED} more (--json lists all)")
    return lines


def _skipped_line(item: dict[str, str]) -> str:
    name = PurePath(item["path"]).name
    return item["message"] if name in item["message"] else f"{name}: {item['message']}"


def _series_lines(series: dict[str, Any]) -> list[str]:
    number = "" if series["number"] is None else f"#{series['number']} "
    title = series["description"] or "without a description"
    head = f"{number}{title} ({series['modality'] or 'no modality'}, {series['kind']})"
    facts = [_size(series), series.get("orientation") or ""]
    if series["kind"] != "document":
        facts.append(str(series["intensity"]))
    files = series["files"]
    facts.append(f"{files} file{'s' if files != 1 else ''}")
    lines = [head, f"  {series['uid']}", f"  {', '.join(fact for fact in facts if fact)}"]
    lines += [f"  repaired: {notice['message']}" for notice in series["repairs"]]
    lines += [f"  warning: {notice['message']}" for notice in series["warnings"]]
    return lines


def _size(series: dict[str, Any]) -> str:
    if not series["shape"]:
        return ""
    size = " x ".join(str(n) for n in series["shape"])
    if series["times"] > 1:
        size += f" x {series['times']} times"
    if series["spacing_mm"]:
        size += f" of {' x '.join(f'{s:.4g}' for s in series['spacing_mm'])} mm"
    return size
