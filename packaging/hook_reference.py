"""Write docs/hooks.md, the reference of hooks and types, from the code itself.

python packaging/hook_reference.py
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import medview.api
from api_surface import CHOICES
from docstrings import Entry, parse
from medview.host.loader import HOOKS
from medview.host.spec import API, ModelHooks

PAGE = Path(__file__).resolve().parents[1] / "docs" / "hooks.md"

_CHAPTERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "The card",
        "What `describe` returns, and `medview_card.json` says without running anything.",
        ("ModelCard", "InputSpec", "WeightsFile", "Evaluation", "DeviceNeeds", "read_card"),
    ),
    (
        "Parameters",
        "Fields of a frozen dataclass named `Params`: `bool`, `int`, `float`, `str`, or a "
        "`Literal` of strings for a choice.\n"
        "Each needs a default; limits are inclusive, units are UCUM's.",
        ("param",),
    ),
    (
        "What `applicable` sees and returns",
        "No pixels, no identifiers.",
        ("SourceInfo", "Verdict", "Intensity", "Notice"),
    ),
    (
        "What `run` receives",
        "Arrays are read-only and `[k, j, i]`; places are DICOM LPS in millimetres.",
        ("Volume", "Image2D", "Slide", "SlideLevel", "Grid", "resample", "RunContext"),
    ),
    (
        "What `run` returns",
        "A closed set of kinds, each checked before it is drawn or saved.",
        (
            "Findings",
            "LabelMap",
            "Label",
            "Code",
            "Heatmap",
            "Detections",
            "Detection",
            "Grades",
            "Grade",
            "TileScores",
            "Measurements",
            "Quantity",
        ),
    ),
    (
        "What may be raised",
        "Any other exception is reported as a fault of the model. Let `Cancelled` and "
        "`MemoryError` pass: medview waits for them.",
        ("Cancelled", "UnfitError", "ModelError", "WeightsError", "GeometryError"),
    ),
)
_NAMES_ALONE = frozenset(("API", "hookimpl"))
"""Told in the introduction."""


def page() -> str:
    """The whole page; imports torch, whose toolkit it describes.

    Raises
    ------
    LookupError
        If a promised name has no chapter.
    """
    told = {name for _, _, names in _CHAPTERS for name in names} | _NAMES_ALONE
    if missing := sorted(set(medview.api.__all__) ^ told):
        raise LookupError(f"Give {', '.join(missing)} a chapter in {Path(__file__).name}.")
    parts = [
        "# Hooks and types of a model\n",
        "<!-- Written by packaging/hook_reference.py from the code; do not edit. -->\n",
        "A model is a module with three functions marked `@hookimpl`, found by its entry point in "
        f"the group `{API}`\n(the constant `API`). Everything below is imported from "
        "`medview.api`; nothing else of medview is for models.\n"
        "How to begin: [first_model.md](first_model.md). "
        "What stays as it is: [plugin_api.md](plugin_api.md).\n",
        "## Hooks\n",
        f"{_words(parse(ModelHooks).text)}\n",
    ]
    for name in HOOKS:
        parts += _function(name, getattr(ModelHooks, name))
    for title, about, names in _CHAPTERS:
        parts += [f"## {title}\n", f"{about}\n"]
        for name in names:
            parts += _thing(name, getattr(medview.api, name))
    parts += ["## Words\n", "The words that a field of such a type may have.\n"]
    rows = [
        (f"`{name}`", ", ".join(f"`{choice}`" for choice in get_args(words)))
        for name, words in CHOICES.items()
    ]
    parts += _table(("type", "words"), rows)
    toolkit = medview.api.inference
    parts += ["## The torch toolkit: `medview.api.inference`\n"]
    parts += ["Import it inside `run`: it brings torch. `inference.torch` is torch itself.\n"]
    for name in toolkit.__all__:
        if name != "torch":
            parts += _thing(name, getattr(toolkit, name))
    return "\n".join(parts)


def _thing(name: str, value: Any) -> Iterator[str]:
    if not inspect.isclass(value):
        yield from _function(name, value)
        return
    doc = parse(value)
    yield f"### `{name}`\n"
    yield f"{_words(doc.text)}\n"
    if issubclass(value, Enum):
        yield from _table(("value", "of"), [(f"`{m.value}`", f"`{name}.{m.name}`") for m in value])
    elif dataclasses.is_dataclass(value) and not vars(value)["__dataclass_params__"].init:
        # It is not made from its fields, so that a table of them would mislead.
        made = _signature(value.__init__).rpartition(" -> ")[0]
        yield f"```python\n{name}{made}\n```\n"
        yield from _sections({k: v for k, v in doc.sections.items() if k == "Parameters"})
    elif dataclasses.is_dataclass(value):
        meanings = {**doc.meanings("Parameters"), **doc.meanings("Attributes")}
        fields = [
            (f"`{f.name}`", _code(str(f.type)), _default(f), _words(meanings.get(f.name, "")))
            for f in dataclasses.fields(value)
        ]
        yield from _table(("field", "type", "default", "meaning"), fields)
    elif "Attributes" in doc.sections:
        rows = [(f"`{e.name}`", _code(e.type), _words(e.text)) for e in doc.sections["Attributes"]]
        yield from _table(("attribute", "type", "meaning"), rows)
    yield from _sections({k: v for k, v in doc.sections.items() if k == "Raises"})
    yield from _members(value, {e.name for e in doc.sections.get("Attributes", ())})


def _members(kind: type, told: set[str]) -> Iterator[str]:
    if issubclass(kind, BaseException) or "Module" in {b.__name__ for b in kind.__mro__}:
        return
    lines = []
    for name, member in vars(kind).items():
        if name.startswith("_") or name in told:
            continue
        if isinstance(member, property) or type(member).__name__ == "cached_property":
            call: Any = member.fget if isinstance(member, property) else member.func
            returns = call.__annotations__.get("return", "Any")
            lines.append(f"- `.{name}`: `{returns}`. {_words(parse(call).summary)}")
        elif isinstance(member, classmethod) or inspect.isfunction(member):
            bound = getattr(kind, name)
            lines.append(f"- `.{name}{_signature(bound)}`. {_words(parse(bound).summary)}")
    if lines:
        yield "\n".join(lines) + "\n"


def _function(name: str, call: Any) -> Iterator[str]:
    doc = parse(call)
    yield f"### `{name}`\n"
    yield f"```python\n{name}{_signature(call)}\n```\n"
    yield f"{_words(doc.text)}\n"
    yield from _sections(doc.sections)


def _sections(sections: dict[str, tuple[Entry, ...]]) -> Iterator[str]:
    for title, entries in sections.items():
        lines = []
        for entry in entries:
            kind = f" ({_words(entry.type)})" if entry.type else ""
            name = _words(entry.name) if "`" in entry.name else f"`{entry.name}`"
            lines.append(f"- {name}{kind}: {_words(entry.text)}".rstrip(" :"))
        yield f"{title}:\n"
        yield "\n".join(lines) + "\n"


def _signature(call: Any) -> str:
    signature = inspect.signature(call)
    written: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not any(w.startswith("*") for w in written):
            written.append("*")
        star = "*" if parameter.kind is parameter.VAR_POSITIONAL else ""
        default = parameter.default
        shown = getattr(default, "__name__", repr(default))
        end = "" if default is parameter.empty else f" = {shown}"
        written.append(f"{star}{parameter.name}: {parameter.annotation}{end}")
    return f"({', '.join(written)}) -> {signature.return_annotation}"


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default is not dataclasses.MISSING:
        value = field.default
        return f"`{value.value!r}`" if isinstance(value, Enum) else f"`{value!r}`"
    if field.default_factory is not dataclasses.MISSING:
        return f"`{getattr(field.default_factory, '__name__', 'made anew')}()`".replace(
            "`<lambda>()`", "made anew"
        )
    return "needed"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    lines = [" | ".join(row) for row in (head, tuple("---" for _ in head), *rows)]
    yield "\n".join(f"| {line} |" for line in lines) + "\n"


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|") if text else ""


def _words(text: str) -> str:
    return text.replace("``", "`")


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
