"""Read docstrings in numpy's convention: text first, then sections of named entries."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field
from typing import Any

_SECTION = re.compile(r"^([A-Z][a-z]+)\n-{3,}$", re.MULTILINE)
_KEPT = ("Parameters", "Attributes", "Returns", "Yields", "Raises")


@dataclass(frozen=True)
class Entry:
    """One named thing of a section: its type as written, and what is said of it."""

    name: str
    type: str
    text: str


@dataclass(frozen=True)
class Docstring:
    """A docstring in parts; examples and other sections are left out."""

    text: str
    sections: dict[str, tuple[Entry, ...]] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """Its first paragraph, on one line."""
        return " ".join(self.text.split("\n\n")[0].split())

    def meanings(self, section: str) -> dict[str, str]:
        """What is said of each name; entries of several names share their text."""
        return {
            name.strip().lstrip("*"): entry.text
            for entry in self.sections.get(section, ())
            for name in entry.name.split(",")
        }


def parse(thing: Any) -> Docstring:
    """The docstring of a class or function, in parts."""
    parts = _SECTION.split(inspect.getdoc(thing) or "")
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return Docstring(
        parts[0].strip(), {title: _entries(body) for title, body in pairs if title in _KEPT}
    )


def _entries(body: str) -> tuple[Entry, ...]:
    found: list[Entry] = []
    for line in body.strip("\n").splitlines():
        if line and not line.startswith(" "):
            name, _, kind = line.partition(" : ")
            found.append(Entry(name, kind, ""))
        elif line.strip() and found:
            last = found[-1]
            found[-1] = Entry(last.name, last.type, f"{last.text} {line.strip()}".strip())
    return tuple(found)
