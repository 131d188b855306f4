"""Badges that say how a package did in the conformance kit: as SVG, or for a badge service."""

from __future__ import annotations

import json
from pathlib import Path
from xml.sax.saxutils import escape

from medview import __version__
from medview.app.controllers.output import new_file
from medview.app.controllers.packages.checking import ModelReport, Outcome
from medview.core.errors import UsageError

LABEL = "medview conformance"
_COLOURS: dict[Outcome, tuple[str, str]] = {
    "conformant": ("brightgreen", "#2f7d32"),
    "failing": ("red", "#b3261e"),
    "incomplete": ("lightgrey", "#6b6b6b"),
}
_WORDS: dict[Outcome, str] = {
    "conformant": "conformant",
    "failing": "failing",
    "incomplete": "not fully checked",
}
_HEIGHT, _PAD = 20, 7
_LETTER = 6.4
"""Mean width of a letter of the sans-serif fonts named below, at 11 pixels."""


def outcome_of(reports: list[ModelReport]) -> Outcome:
    """That of the package: it is as good as the worst of its models."""
    outcomes = {report.outcome for report in reports}
    if "failing" in outcomes:
        return "failing"
    return "incomplete" if "incomplete" in outcomes or not outcomes else "conformant"


def message_of(reports: list[ModelReport]) -> str:
    """The right half: ``conformant, 15 of 15, medview 0.3.0``."""
    passed, made = sum(r.passed for r in reports), sum(r.made for r in reports)
    return f"{_WORDS[outcome_of(reports)]}, {passed} of {made}, medview {__version__}"


def write_badge(path: Path, reports: list[ModelReport]) -> None:
    """Write a badge; a badge of before is replaced.

    Parameters
    ----------
    path : Path
        ``.svg`` for a picture, ``.json`` for the endpoint schema of shields.io.
    reports : list of ModelReport

    Raises
    ------
    UsageError
        If the name ends otherwise, or the place cannot be written.
    """
    require_badge_name(path)
    text = _svg(reports) if path.suffix.lower() == ".svg" else _endpoint(reports)
    with new_file(path, overwrite=True) as file:
        file.write_text(text, "utf-8")


def require_badge_name(path: Path) -> None:
    """Raise `UsageError` unless a badge can be written in the format that a name asks for."""
    if path.suffix.lower() not in (".svg", ".json"):
        raise UsageError("A badge is written as .svg or .json.")


def _endpoint(reports: list[ModelReport]) -> str:
    data = {
        "schemaVersion": 1,
        "label": LABEL,
        "message": message_of(reports),
        "color": _COLOURS[outcome_of(reports)][0],
        "isError": outcome_of(reports) == "failing",
    }
    return json.dumps(data, indent=2) + "\n"


def _svg(reports: list[ModelReport]) -> str:
    message, colour = message_of(reports), _COLOURS[outcome_of(reports)][1]
    left, right = (round(len(text) * _LETTER) + 2 * _PAD for text in (LABEL, message))
    title = escape(f"{LABEL}: {message}", {'"': "&quot;"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" '
        f'role="img" aria-label="{title}">\n'
        f"  <title>{title}</title>\n"
        f'  <clipPath id="round"><rect width="{left + right}" height="{_HEIGHT}" rx="3"/>'
        "</clipPath>\n"
        '  <g clip-path="url(#round)">\n'
        f'    <rect width="{left}" height="{_HEIGHT}" fill="#3c4043"/>\n'
        f'    <rect x="{left}" width="{right}" height="{_HEIGHT}" fill="{colour}"/>\n'
        "  </g>\n"
        '  <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" '
        'text-anchor="middle">\n'
        f'    <text x="{left / 2:g}" y="14" textLength="{left - 2 * _PAD}">{escape(LABEL)}</text>\n'
        f'    <text x="{left + right / 2:g}" y="14" textLength="{right - 2 * _PAD}">'
        f"{escape(message)}</text>\n"
        "  </g>\n"
        "</svg>\n"
    )
