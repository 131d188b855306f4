"""What `medview.api` promises, as one line for each fact; recorded in docs/medview.model.v1.txt.

python packaging/api_surface.py     record what is new; refuses where a recorded line is gone
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import medview.api
from medview.core.data.source import SourceKind
from medview.core.findings.detections import Review
from medview.core.runctx import Memory, Precision
from medview.host.card import FindingName
from medview.host.loader import HOOKS
from medview.host.spec import API, ModelHooks
from medview.host.verdict import Fit

RECORD = Path(__file__).resolve().parents[1] / "docs" / f"{API}.txt"
_HEAD = (
    f"# The promise of {API}: lines may be added, never changed or removed.\n"
    "# Written by packaging/api_surface.py; docs/plugin_api.md says what it means.\n"
)


_REQUIRED = " required"

CHOICES = {
    "FindingName": FindingName,
    "Fit": Fit,
    "Memory": Memory,
    "Precision": Precision,
    "Review": Review,
    "SourceKind": SourceKind,
}
"""Words that annotations stand for."""


def facts() -> list[str]:
    """Every fact of the surface, sorted; the torch toolkit's included, so torch is imported."""
    found = [f"constant API = {API!r}"]
    for name in HOOKS:
        found += _callable(f"hook {name}", getattr(ModelHooks, name))
    for name in medview.api.__all__:
        found += _thing(name, getattr(medview.api, name))
    for name, choices in CHOICES.items():
        found += [f"choice {name}: {choice}" for choice in get_args(choices)]
    toolkit = medview.api.inference
    for name in toolkit.__all__:
        if name == "torch":
            found.append("module inference.torch")
        else:
            found += _thing(f"inference.{name}", getattr(toolkit, name))
    return sorted(set(found))


def recorded() -> list[str]:
    """The facts that were promised."""
    lines = RECORD.read_text(encoding="utf-8").splitlines() if RECORD.is_file() else []
    return [line for line in lines if line and not line.startswith("#")]


def broken(before: list[str], now: list[str]) -> list[str]:
    """What takes something away from a package that is already written, one sentence each.

    An argument that need not be given any more breaks nobody; a new one that must be, everybody.
    """
    have, had = set(now), set(before)
    known = {line.split(" takes ")[0].split(" returns ")[0] for line in before}
    lost = [
        f"Gone or changed: {line}"
        for line in before
        if line not in have and line.removesuffix(_REQUIRED) not in have
    ]
    return lost + [
        f"One more argument that must be given: {line}"
        for line in now
        if line.endswith(_REQUIRED) and line not in had and line.split(" takes ")[0] in known
    ]


def _thing(name: str, value: Any) -> Iterator[str]:
    if inspect.isclass(value):
        yield from _class(name, value)
    elif inspect.isfunction(value):
        yield from _callable(f"function {name}", value)
    else:
        yield f"value {name}"


def _class(name: str, kind: type) -> Iterator[str]:
    yield f"class {name}"
    if issubclass(kind, BaseException):
        yield from (f"class {name} is a {base.__name__}" for base in kind.__mro__[1:-1])
    elif issubclass(kind, Enum):
        yield from (f"member {name}.{member.name} = {member.value!r}" for member in kind)
    elif not getattr(kind, "_is_protocol", False):
        yield from _arguments(f"class {name}", kind)
    if dataclasses.is_dataclass(kind):
        for field in dataclasses.fields(kind):
            yield f"field {name}.{field.name}: {field.type}"
    for member_name, member in vars(kind).items():
        where = f"{name}.{member_name}"
        if member_name.startswith("_") or getattr(member, "__module__", "") == "enum":
            continue
        if isinstance(member, property) or type(member).__name__ == "cached_property":
            getter: Any = member.fget if isinstance(member, property) else member.func
            yield f"property {where}: {getter.__annotations__.get('return', 'Any')}"
        elif isinstance(member, classmethod | staticmethod):
            yield from _callable(f"method {where}", getattr(kind, member_name))
        elif inspect.isfunction(member):
            yield from _callable(f"method {where}", member)


def _callable(owner: str, call: Any) -> Iterator[str]:
    yield from _arguments(owner, call)
    yield f"{owner} returns {_annotation(inspect.signature(call).return_annotation)}"


def _arguments(owner: str, call: Any) -> Iterator[str]:
    asked = [p for p in inspect.signature(call).parameters.values() if p.name != "self"]
    for place, parameter in enumerate(asked):
        how = "by name" if parameter.kind is parameter.KEYWORD_ONLY else f"at {place}"
        star = "*" if parameter.kind is parameter.VAR_POSITIONAL else ""
        optional = star or parameter.default is not parameter.empty
        yield (
            f"{owner} takes {how} {star}{parameter.name}: {_annotation(parameter.annotation)}"
            f"{'' if optional else _REQUIRED}"
        )
        if optional and not star:
            yield f"{owner} takes {parameter.name} = {_default(parameter.default)} unless told"


def _default(value: Any) -> str:
    """A default as text that is the same in every process."""
    return (
        str(value.__name__) if inspect.isroutine(value) or inspect.isclass(value) else repr(value)
    )


def _annotation(annotation: Any) -> str:
    if annotation is inspect.Signature.empty:
        return "nothing stated"
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "Any")


def main() -> int:
    """Record what is new."""
    before, now = recorded(), facts()
    if lost := broken(before, now):
        print("\n".join(lost), file=sys.stderr)
        print(f"{API} does not allow this; see docs/plugin_api.md.", file=sys.stderr)
        return 1
    RECORD.write_text(_HEAD + "\n".join(now) + "\n", encoding="utf-8", newline="\n")
    print(f"{len(now) - len(before)} lines are new in {RECORD.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
